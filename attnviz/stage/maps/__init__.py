"""Planes that a matrix bends."""
