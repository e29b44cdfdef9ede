"""Mutated inputs for the command line."""
