"""Verbs played for tests of scenes: without faults of the layout, and what is then written on stage."""

from __future__ import annotations

from typing import Any

from attnviz.stage import Stage
from attnviz.testing import PlayedShot, play


def done(stage: Stage, verb: str, **arguments: Any) -> PlayedShot:
    """Play a verb; fail if there is anything in it to which a picky viewer would object."""
    shot = play(stage, verb, **arguments)
    assert shot.faults == [], (verb, shot.faults)
    return shot


def written(shot: PlayedShot) -> str:
    """Return all text at rest, without quotation marks."""
    return " | ".join(text.text.replace('"', "") for text in shot.layout)
