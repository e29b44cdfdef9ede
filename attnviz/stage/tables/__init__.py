"""Tables of numbers, and how they change."""
