"""Which rows of a picture may have changed: what lies outside of them need not be done again."""

from __future__ import annotations

import sys

Rows = tuple[int, int]  # the first, and the one behind the last; the picture may have fewer
EVERY_ROW: Rows = (0, sys.maxsize)
NO_ROW: Rows = (0, 0)


def both(some: Rows, others: Rows) -> Rows:
    """Return the rows from the first of either to the last of either."""
    if NO_ROW in (some, others):
        return some if others == NO_ROW else others
    return min(some[0], others[0]), max(some[1], others[1])
