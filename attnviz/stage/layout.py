"""The layout of a stage at rest: which text is where, and what a picky viewer would object to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from manim import Mobject, VMobject

from attnviz.stage import frame, outlines, theme
from attnviz.stage.outlines import ConvexPolygon
from attnviz.stage.ownership import FARTHEST, Owner, gap
from attnviz.stage.receipts import Box, box_of, is_visible
from attnviz.stage.typesetting import NumberMark, Writing

MARGIN = 0.012
FLOOR = 950 / frame.PIXELS
"""Below this fraction of the frame stand captions."""
SMALLEST_DIGIT = 23.5 / frame.PIXELS
OVERLAP = 0.12
SIGNS = ("dot", "approx", "times")
SLACK = frame.px(1)


@dataclass(frozen=True)
class Placed:
    """A piece of text on stage: its content, its bounding box in fractions of the frame, and its font size.

    A number on its own has no font size (None). `digits` tells a line of digits and signs only. `outline` is only set
    for text whose box overlaps another's: slanted words may lie side by side although their boxes overlap.
    """

    text: str
    box: Box
    size: float | None
    outline: ConvexPolygon | None = None
    digits: bool = False

    @property
    def shape(self) -> ConvexPolygon:
        """The outline, if it is set, or else the corners of the box."""
        x0, y0, x1, y1 = self.box
        return self.outline or ((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def placed(family: Iterable[Mobject]) -> list[Placed]:
    """Return all visible text of a stage: whole pieces of writing, and numbers on their own."""
    members = list(family)
    inside = {id(part) for m in members if isinstance(m, Writing) for part in m.get_family() if part is not m}
    found: list[tuple[Mobject, Placed]] = []
    for mobject in members:
        if id(mobject) in inside or not isinstance(mobject, (Writing, NumberMark)) or not is_visible(mobject):
            continue
        if isinstance(mobject, Writing):
            text = Placed(mobject.source, box_of(mobject), mobject.type_size, digits=_only_digits(mobject))
            found.append((mobject, text))
        else:
            found.append((mobject, Placed(mobject.number.text, box_of(mobject), None)))
    boxes = [text.box for _, text in found]
    crowded = [sum(_meet(text.box, box) for box in boxes) > 1 for _, text in found]  # every box meets itself
    return [
        replace(text, outline=_outline(mobject)) if near else text
        for (mobject, text), near in zip(found, crowded, strict=True)
    ]


def faults(texts: Sequence[Placed]) -> list[str]:
    """Return messages about the faults of a layout: text outside the frame, too small, or covering other text."""
    found = []
    for text in texts:
        x0, y0, x1, y1 = text.box
        if x0 < MARGIN or y0 < MARGIN or x1 > 1 - MARGIN or y1 > 1 - MARGIN:
            found.append(f"{text.text!r} reaches out of the frame: {text.box}")
        elif y1 > FLOOR:
            found.append(f"{text.text!r} stands where captions do: it ends at {y1 * frame.PIXELS:.0f} px")
        lettered = any(c.isalpha() for c in text.text) and not text.digits
        smallest = theme.SMALLEST if lettered else theme.SMALLEST_DIGITS
        if text.size is not None and text.size < smallest - 0.5:
            found.append(f"{text.text!r} is set too small: {text.size:.1f}")
        if text.size is None and y1 - y0 < SMALLEST_DIGIT and any(c.isdigit() for c in text.text):
            found.append(f"{text.text!r} is set too small: {(y1 - y0) * frame.PIXELS:.0f} pixels at 1080p")
    for i, one in enumerate(texts):
        for other in texts[i + 1 :]:
            if not _meet(one.box, other.box):
                continue
            least = max(min(outlines.area(text.shape) for text in (one, other)), 1e-9)
            share = outlines.common(one.shape, other.shape) / least
            if share > OVERLAP:
                found.append(f"{one.text!r} covers {other.text!r} ({share:.0%})")
    return found


def strays(family: Iterable[Mobject]) -> list[str]:
    """Return messages about visible labels that stand too far from what they belong to, without a leader line."""
    found = []
    for owner in [mobject for mobject in family if isinstance(mobject, Owner)]:
        for label, anchor in owner.owned():
            if not any(isinstance(part, VMobject) and is_visible(part) for part in label.get_family()):
                continue
            far = gap(label, anchor)
            if far > FARTHEST + SLACK:
                texts = [part.source for part in label.get_family() if isinstance(part, Writing)]
                texts += [part.number.text for part in label.get_family() if isinstance(part, NumberMark)]
                what = texts[0] if texts else type(label).__name__
                found.append(f"{what!r} stands {far * frame.PIXELS / frame.HEIGHT:.0f} px from its anchor")
    return found


def _only_digits(line: Writing) -> bool:
    """Tell whether a line has numbers, and no letter but those that name them, and signs, in its source."""
    rest = re.sub("|".join([*(rf"\{{{re.escape(name)}\}}" for name in line.marks), *SIGNS]), "", line.source)
    return bool(line.marks) and not any(c.isalpha() for c in rest)


def _outline(mobject: Mobject) -> ConvexPolygon:
    """Return the convex outline of text in the coordinates of a `Box`: fractions of the frame from its top left."""
    points = mobject.get_all_points()[:, :2] / (frame.WIDTH, -frame.HEIGHT) + 0.5
    return outlines.hull((float(x), float(y)) for x, y in points)


def _meet(a: Box, b: Box) -> bool:
    return min(a[2], b[2]) > max(a[0], b[0]) and min(a[3], b[3]) > max(a[1], b[1])
