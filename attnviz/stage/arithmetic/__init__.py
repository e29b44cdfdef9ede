"""Sums and products, written out with honest signs."""
