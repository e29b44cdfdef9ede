"""Words as arrows, and the angles between them."""
