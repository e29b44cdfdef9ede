"""Which way a text is read: its paragraph's direction by Unicode's bidirectional algorithm."""

from __future__ import annotations

import unicodedata

_ISOLATES, _END_OF_ISOLATE = ("LRI", "RLI", "FSI"), "PDI"
_RIGHT_TO_LEFT = ("R", "AL")


def is_right_to_left(text: str) -> bool:
    """Tell whether a text is read from the right: its first strong character decides (UAX #9, rules P2 and P3).

    What is isolated from the text around it does not count; without a strong character it is read from the left.
    """
    depth = 0
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in _ISOLATES:
            depth += 1
        elif kind == _END_OF_ISOLATE:
            depth = max(0, depth - 1)
        elif depth == 0 and kind in ("L", *_RIGHT_TO_LEFT):
            return kind in _RIGHT_TO_LEFT
    return False
