"""A lecture as slides: one a shot, which plays, stands still at its end, and waits for a key."""
