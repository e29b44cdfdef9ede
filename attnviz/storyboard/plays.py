"""The names of what happens in a shot: the plays of its verb, which the verb's docstring lists, and gestures."""

from __future__ import annotations

import re

GESTURES = ("indicate", "trace", "focus")
"""What any shot can do besides its verb's plays: point at something, follow a way, dim all the rest."""
_LISTED = re.compile(r"Plays:\s*(?P<names>.*)", re.DOTALL)
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def plays_in(doc: str) -> tuple[str, ...]:
    """Return the plays that a verb's docstring lists in its last paragraph (`Plays: chips, count.`), in their order.

    A verb without such a paragraph names none. Raises `ValueError` for what is no name, for a gesture's, and for one
    that is listed twice.
    """
    listed = _LISTED.fullmatch(doc.strip().split("\n\n")[-1].strip())
    if listed is None:
        return ()
    names = [" ".join(name.split()) for name in listed["names"].strip().removesuffix(".").split(",")]
    for place, name in enumerate(names):
        if not _NAME.fullmatch(name):
            raise ValueError(f"'{name}' is not the name of a play")
        if name in GESTURES:
            raise ValueError(f"no play can be called '{name}', which is a gesture")
        if name in names[:place]:
            raise ValueError(f"the play '{name}' is listed twice")
    return tuple(names)
