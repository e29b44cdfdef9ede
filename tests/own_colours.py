"""Colours that a scene has not chosen: shapes to which it gave none have Manim's, which cannot be seen on every ground."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any
from unittest import mock

import manim
from manim import VMobject

from attnviz.stage import Stage

MANIMS = {name: getattr(manim, name) for name in ("WHITE", "RED", "BLUE", "YELLOW", "GREEN", "BLACK", "GRAY", "PINK")}
_NAMES = {tuple(color.to_rgb().round(6).tolist()): name for name, color in MANIMS.items()}


@contextlib.contextmanager
def colours_watched() -> Iterator[set[tuple[str, str]]]:
    """Collect what is seen in a colour of Manim's after any play of a stage: the kind of thing, and the colour."""
    found: set[tuple[str, str]] = set()
    checked = Stage._checked_family

    def look(stage: Stage) -> list[Any]:
        family = checked(stage)
        for part in family:
            if isinstance(part, VMobject) and len(part.points):
                found.update((type(part).__name__, _NAMES[color]) for color in _seen(part) if color in _NAMES)
        return family

    with mock.patch.object(Stage, "_checked_family", look):
        yield found


def _seen(part: VMobject) -> Iterator[tuple[float, ...]]:
    colors = [part.fill_rgbas[0]]
    colors += [rgbas[0] for rgbas, width in _strokes(part) if width > 0]
    for color in colors:
        if color[3] > 0:
            yield tuple(color[:3].round(6).tolist())


def _strokes(part: VMobject) -> list[tuple[Any, float]]:
    return [
        (part.stroke_rgbas, part.get_stroke_width()),
        (part.background_stroke_rgbas, part.get_stroke_width(background=True)),
    ]
