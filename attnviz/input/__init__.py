"""What a person writes, read carefully: problems as data, YAML with lines, checks in words, files written whole."""
