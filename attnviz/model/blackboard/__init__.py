"""Models written on a board: words with coordinates and matrices in a YAML file."""
