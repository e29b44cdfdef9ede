"""`python -m attnviz` is the command line."""

from attnviz.cli import main

main()
