"""Speech: engines behind one small interface, with the times of their words."""
