"""The commands of `attnviz`, one module each; thin: they parse options and call the rooms."""
