"""The layout of a stage at rest: which text is where, and what a picky viewer would object to."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace

from manim import Mobject

from attnviz.stage import frame, outlines, theme
from attnviz.stage.outlines import ConvexPolygon
from attnviz.stage.ownership import FARTHEST, Anchors, owners_among
from attnviz.stage.receipts import Box, box_of, is_visible
from attnviz.stage.typesetting import NumberMark, Writing

MARGIN = 0.012
FLOOR = 950 / frame.PIXELS
"""Below this fraction of the frame stand captions."""
SMALLEST_DIGIT = 23.5 / frame.PIXELS
OVERLAP = 0.12
SLACK = frame.px(1)


@dataclass(frozen=True)
class Placed:
    """A piece of text on stage: its content, its bounding box in fractions of the frame, and its font size.

    A number on its own has no font size (None); `lettered` tells letters from digits and signs alone. `outline` is only
    set for text whose box overlaps another's: slanted words may lie side by side although their boxes overlap.
    `digits` is the height of the lowest number within a piece of writing, such as an exponent, as a fraction of the
    frame's.
    """

    text: str
    box: Box
    size: float | None
    outline: ConvexPolygon | None = None
    lettered: bool = True
    digits: float = math.inf

    @property
    def shape(self) -> ConvexPolygon:
        """The outline, if it is set, or else the corners of the box."""
        x0, y0, x1, y1 = self.box
        return self.outline or ((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def placed(family: Iterable[Mobject]) -> list[Placed]:
    """Return all visible text of a stage: whole pieces of writing, and numbers on their own."""
    found = texts_among(family)
    boxes = [text.box for _, text in found]
    crowded = [sum(_meet(text.box, box) for box in boxes) > 1 for _, text in found]  # every box meets itself
    shaped = [outlined(*each) if near else each[1] for each, near in zip(found, crowded, strict=True)]
    return [replace(text, digits=_lowest(mobject)) for (mobject, _), text in zip(found, shaped, strict=True)]


def texts_among(family: Iterable[Mobject]) -> list[tuple[Mobject, Placed]]:
    """Return all visible text of a stage with the mobjects that draw it, without outlines."""
    inside = set[int]()  # what draws a piece of writing comes after it, as parts do in a family
    found: list[tuple[Mobject, Placed]] = []
    for mobject in family:
        if id(mobject) in inside or not isinstance(mobject, (Writing, NumberMark)):
            continue
        if isinstance(mobject, Writing):
            inside.update(map(id, mobject.get_family()))
        if not is_visible(mobject):
            continue
        if isinstance(mobject, Writing):
            found.append((mobject, Placed(mobject.source, box_of(mobject), mobject.type_size, None, mobject.lettered)))
        else:
            found.append((mobject, Placed(mobject.number.text, box_of(mobject), None)))
    return found


def outlined(mobject: Mobject, text: Placed) -> Placed:
    """Return a text with its convex outline, which takes time to find."""
    return replace(text, outline=_outline(mobject))


def faults(texts: Sequence[Placed]) -> list[str]:
    """Return messages about the faults of a layout: text outside the frame, too small, or covering other text."""
    found = []
    for text in texts:
        x0, y0, x1, y1 = text.box
        if x0 < MARGIN or y0 < MARGIN or x1 > 1 - MARGIN or y1 > 1 - MARGIN:
            found.append(f"{text.text!r} reaches out of the frame: {text.box}")
        elif y1 > FLOOR:
            found.append(f"{text.text!r} stands where captions do: it ends at {y1 * frame.PIXELS:.0f} px")
        smallest = theme.SMALLEST if text.lettered else theme.SMALLEST_DIGITS
        if text.size is not None and text.size < smallest - 0.5:
            found.append(f"{text.text!r} is set too small: {text.size:.1f}")
        if text.size is None and y1 - y0 < SMALLEST_DIGIT and any(c.isdigit() for c in text.text):
            found.append(f"{text.text!r} is set too small: {(y1 - y0) * frame.PIXELS:.0f} pixels at 1080p")
        if text.size is not None and text.digits < SMALLEST_DIGIT:
            found.append(f"a number in {text.text!r} is too small: {text.digits * frame.PIXELS:.0f} pixels at 1080p")
    for i, one in enumerate(texts):
        for other in texts[i + 1 :]:
            share = share_covered(one, other)
            if share > OVERLAP:
                found.append(f"{one.text!r} covers {other.text!r} ({share:.0%})")
    return found


def share_covered(one: Placed, other: Placed) -> float:
    """Return the fraction of the smaller of two texts that they have in common."""
    if not _meet(one.box, other.box):
        return 0.0
    least = max(min(outlines.area(text.shape) for text in (one, other)), 1e-9)
    return outlines.common(one.shape, other.shape) / least


def strays(family: Iterable[Mobject]) -> list[str]:
    """Return messages about visible labels that stand too far from what they belong to, without a leader line."""
    return list(stray_labels(family).values())


def stray_labels(
    family: Iterable[Mobject], farthest: float = FARTHEST, among: Container[int] | None = None
) -> dict[int, str]:
    """Return the same messages by the identities of the labels: all, or those `among`; `farthest` is in frame units."""
    found, anchors = {}, Anchors()
    for owner in owners_among(family):
        for label, anchor in owner.owned():
            if (among is not None and id(label) not in among) or not is_visible(label):
                continue
            far = anchors.gap(label, anchor)
            if far > farthest + SLACK:
                found[id(label)] = f"{_named(label)} stands {far * frame.PIXELS / frame.HEIGHT:.0f} px from its anchor"
    return found


def _lowest(text: Mobject) -> float:
    """Return the height of the lowest number with digits in a text, as a fraction of the frame's."""
    marks = [part for part in text.get_family() if isinstance(part, NumberMark) and is_visible(part)]
    return min((m.height / frame.HEIGHT for m in marks if any(c.isdigit() for c in m.number.text)), default=math.inf)


def _named(label: Mobject) -> str:
    """Return what a label is called in a message: its text, or what kind of thing it is."""
    family = label.get_family()
    texts = [part.source for part in family if isinstance(part, Writing)]
    texts += [part.number.text for part in family if isinstance(part, NumberMark)]
    return repr(texts[0]) if texts else f"a label ({type(label).__name__.strip('_')})"


def _outline(mobject: Mobject) -> ConvexPolygon:
    """Return the convex outline of text in the coordinates of a `Box`: fractions of the frame from its top left."""
    points = mobject.get_all_points()[:, :2] / (frame.WIDTH, -frame.HEIGHT) + 0.5
    return outlines.hull((float(x), float(y)) for x, y in points)


def _meet(a: Box, b: Box) -> bool:
    return min(a[2], b[2]) > max(a[0], b[0]) and min(a[3], b[3]) > max(a[1], b[1])
