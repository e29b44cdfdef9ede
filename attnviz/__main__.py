"""`python -m attnviz` is the command line."""

import sys

if not sys.flags.safe_path:  # Python would look for modules in the current folder first, where a person's files lie
    del sys.path[0]

from attnviz.cli import main

main()
