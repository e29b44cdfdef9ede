"""Planes with words as points."""
