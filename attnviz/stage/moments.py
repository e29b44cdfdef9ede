"""Moments in the middle of plays: what a picky viewer would object to while things move."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from manim import Mobject, VMobject

from attnviz.stage import frame
from attnviz.stage.layout import OVERLAP, Placed, outlined, share_covered, stray_labels, texts_among
from attnviz.stage.ownership import FARTHEST
from attnviz.stage.receipts import box_of
from attnviz.stage.typesetting import Writing

STANDS = 3 / frame.PIXELS
"""What moves less than this between two moments (a fraction of the frame's height) stands still."""
IN_MOTION = 2.0
"""How many times as far from its anchor a label may be while both move."""
SEEN = 0.25
"""The opacity from which on a text can be read."""


@dataclass(frozen=True)
class Moment:
    """The text on a stage at one moment, by the mobjects' identities; and the labels that have lost their anchors."""

    texts: dict[int, tuple[Mobject, Placed]]
    strays: dict[int, str]


def moment(family: Iterable[Mobject], before: Moment | None = None) -> Moment:
    """Return what stands on a stage now; of labels that have lost their anchors, those that had `before`, if given."""
    members = list(family)
    texts = {id(mobject): (mobject, text) for mobject, text in texts_among(members)}
    if before is not None and not before.strays:
        return Moment(texts, {})
    return Moment(texts, stray_labels(members, IN_MOTION * FARTHEST, before.strays if before else None))


def passing_faults(before: Moment, now: Moment) -> list[str]:
    """Return messages about faults that have lasted since a moment before; the stage must be as it is `now`.

    Text may fly over other text; what stands still must not cover it, as captions do that fade into one another. Labels
    move with what they belong to.
    """
    lost = [fault for key, fault in now.strays.items() if key in before.strays]
    found = dict.fromkeys(f"in the middle of a play, {fault}" for fault in lost)
    standing = [each for key, each in now.texts.items() if _stood(before, key, each[1])]
    for one, other in combinations(standing, 2):
        if share_covered(one[1], other[1]) > OVERLAP and not _are_one(one, other):
            readable = min(_opacity(one[0]), _opacity(other[0])) > SEEN
            if readable and share_covered(outlined(*one), outlined(*other)) > OVERLAP:
                found[f"for a while {one[1].text!r} is seen on top of {other[1].text!r}"] = None
    return list(found)


def _stood(before: Moment, key: int, now: Placed) -> bool:
    """Tell whether a text was seen a moment ago, too, and in the same place."""
    was = before.texts.get(key)
    return was is not None and _in_place(was[1], now)


def _in_place(one: Placed, other: Placed) -> bool:
    return all(abs(a - b) < STANDS for a, b in zip(one.box, other.box, strict=True))


def _are_one(one: tuple[Mobject, Placed], other: tuple[Mobject, Placed]) -> bool:
    """Tell whether a text is a copy of another, or of a number in it, and is still, or already, exactly there."""
    return any(
        text.text == copy.text and _in_place(text, copy)
        for text in (one[1], *_numbers_in(one[0]))
        for copy in (other[1], *_numbers_in(other[0]))
    )


def _numbers_in(text: Mobject) -> list[Placed]:
    """Return the numbers that are written in a text."""
    marks = text.marks.values() if isinstance(text, Writing) else ()
    return [Placed(mark.number.text, box_of(mark), None) for mark in marks]


def _opacity(text: Mobject) -> float:
    glyphs = [part for part in text.get_family() if isinstance(part, VMobject) and len(part.points)]
    return max((float(glyph.get_fill_opacity()) for glyph in glyphs), default=0.0)
