"""The shots of a storyboard: chosen, followed, planned, played and drawn."""
