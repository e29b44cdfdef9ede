"""Moments in the middle of plays: what a picky viewer would object to while things move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from manim import Mobject, VMobject

from attnviz.stage import frame
from attnviz.stage.layout import OVERLAP, Placed, placed_with_sources, share_covered, stray_labels
from attnviz.stage.ownership import FARTHEST
from attnviz.stage.receipts import box_of
from attnviz.stage.typesetting import Writing

STANDS = 3 / frame.PIXELS
"""What moves less than this between two moments (a fraction of the frame's height) stands still."""
IN_MOTION = 2.0
"""How many times as far from its anchor a label may be while both move."""
SEEN = 0.3
"""The opacity from which on a text can be read."""


@dataclass(frozen=True)
class Seen:
    """A text at one moment, and its opacity; with the numbers that are written in it, if it is near another text."""

    text: Placed
    opacity: float
    numbers: tuple[Placed, ...]


@dataclass(frozen=True)
class Moment:
    """The text on a stage at one moment, by identity, and the labels that have lost their anchors."""

    texts: dict[int, Seen]
    strays: dict[int, str]


def moment(family: Iterable[Mobject]) -> Moment:
    """Return what stands on a stage now."""
    members = list(family)
    texts = {
        id(mobject): Seen(text, _opacity(mobject), _numbers(mobject) if text.outline else ())
        for mobject, text in placed_with_sources(members)
    }
    return Moment(texts, stray_labels(members, IN_MOTION * FARTHEST))


def passing_faults(moments: Sequence[Moment]) -> list[str]:
    """Return messages about faults that last from one moment of a play to the next.

    Text may fly over other text; what stands still must not cover it, as captions do that fade into one another. Labels
    move with what they belong to.
    """
    found: dict[str, None] = {}
    for before, after in pairwise(moments):
        lost = [fault for key, fault in after.strays.items() if key in before.strays]
        found |= dict.fromkeys(f"in the middle of a play, {fault}" for fault in lost)
        standing = [seen for key, seen in after.texts.items() if seen.opacity > SEEN and _stood(before, key, seen.text)]
        for i, one in enumerate(standing):
            for other in standing[i + 1 :]:
                if share_covered(one.text, other.text) > OVERLAP and not _are_one(one, other):
                    found[f"for a while {one.text.text!r} is seen on top of {other.text.text!r}"] = None
    return list(found)


def _stood(before: Moment, key: int, now: Placed) -> bool:
    """Tell whether a text was seen a moment ago, too, and in the same place."""
    was = before.texts.get(key)
    return was is not None and bool(np.allclose(was.text.box, now.box, atol=STANDS))


def _are_one(one: Seen, other: Seen) -> bool:
    """Tell whether a text is a copy of another, or of a number in it, and is still, or already, exactly there."""
    return any(
        text.text == copy.text and bool(np.allclose(text.box, copy.box, atol=STANDS))
        for text in (one.text, *one.numbers)
        for copy in (other.text, *other.numbers)
    )


def _numbers(text: Mobject) -> tuple[Placed, ...]:
    """Return the numbers that are written in a text."""
    marks = text.marks.values() if isinstance(text, Writing) else ()
    return tuple(Placed(mark.number.text, box_of(mark), None) for mark in marks)


def _opacity(text: Mobject) -> float:
    glyphs = [part for part in text.get_family() if isinstance(part, VMobject) and len(part.points)]
    return max((float(glyph.get_fill_opacity()) for glyph in glyphs), default=0.0)
