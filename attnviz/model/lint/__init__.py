"""Whether a trace is what it says it is: weights that are weights, outputs that follow from them."""
