"""User input and files: problems as data, YAML with line numbers, readable validation errors, atomic writes."""
