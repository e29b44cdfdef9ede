"""Shots drawn by workers, here or on other machines."""
