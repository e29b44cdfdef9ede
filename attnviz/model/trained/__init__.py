"""Models that `attnviz train` wrote."""
