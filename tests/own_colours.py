"""Colours that a scene has not chosen: shapes to which it gave none have Manim's, which cannot be seen on every ground."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import cache
from typing import Any
from unittest import mock

import manim
import numpy as np
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
                found.update((type(part).__name__, name) for name in map(_name_of, _seen(part)) if name)
        return family

    with mock.patch.object(Stage, "_checked_family", look):
        yield found


def _seen(part: VMobject) -> Iterator[bytes]:
    yield part.fill_rgbas[0].tobytes()
    yield from (rgbas[0].tobytes() for rgbas, width in _strokes(part) if width > 0)


@cache  # there are few colours, and many parts
def _name_of(rgba: bytes) -> str | None:
    """Return Manim's name of a colour that can be seen."""
    *color, opacity = np.frombuffer(rgba).round(6).tolist()
    return _NAMES.get(tuple(color)) if opacity > 0 else None


def _strokes(part: VMobject) -> list[tuple[Any, float]]:
    return [
        (part.stroke_rgbas, part.get_stroke_width()),
        (part.background_stroke_rgbas, part.get_stroke_width(background=True)),
    ]
