"""Planes transformed by a matrix."""
