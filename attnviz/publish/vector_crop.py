"""A page, cut down to what is drawn on it, and as wide on paper as it is asked to be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from attnviz.publish.vector_page import Page, Paint, Picture, Points, Shape, Text, corners_of, curves_of, is_on_page

MARGIN = 24.0
"""What is free around what is drawn, in units of the whole page, which is 1920 wide."""

_T = np.linspace(0, 1, 17)[:, None]
_ON_CURVE = np.hstack([(1 - _T) ** 3, 3 * _T * (1 - _T) ** 2, 3 * _T**2 * (1 - _T), _T**3])
"""What the four points of a cubic curve count (time, point) along it: its handles lie outside it."""


def cropped(page: Page, width: float) -> Page:
    """Return what is drawn on a page, with a margin, on a page of its own that is `width` points wide on paper.

    What runs to the edges of the page, as the grid of a plane does, is cut off where the rest ends. A page on which
    nothing is drawn is left whole. (Letters must be outlines still.)
    """
    drawn = [mark for mark in page.marks if not isinstance(mark, Text)]
    lower, upper = _around(drawn, np.array([page.width, page.height]))
    across, down = (upper - lower).tolist()
    moved = [_moved_picture(mark, -lower) if isinstance(mark, Picture) else _moved(mark, -lower) for mark in drawn]
    marks = tuple(mark for mark in moved if is_on_page(mark, (across, down)))
    ground = _moved_picture(page.ground, -lower) if isinstance(page.ground, Picture) else page.ground
    return replace(page, width=across, height=down, ground=ground, marks=marks, points_per_unit=width / across)


def _around(marks: Iterable[Shape | Picture], size: Points) -> tuple[Points, Points]:
    """Return the corners (x, y), upper left and lower right, of what is drawn inside a page, with its margin."""
    inside = [(lower, upper) for lower, upper in map(_painted, marks) if (lower > 0).all() and (upper < size).all()]
    if not inside:
        return np.zeros(2), size
    lowest, highest = (np.array(corners) for corners in zip(*inside, strict=True))
    return np.maximum(lowest.min(axis=0) - MARGIN, 0), np.minimum(highest.max(axis=0) + MARGIN, size)


def _painted(mark: Shape | Picture) -> tuple[Points, Points]:
    """Return the least and the largest x and y of what is painted of a mark; its halo is the ground's."""
    if isinstance(mark, Picture):
        points, reach = corners_of(mark), 0.0
    else:
        points = np.einsum("tk,ckd->tcd", _ON_CURVE, curves_of(mark)).reshape(-1, 2)
        reach = 0.0 if mark.stroke is None else mark.stroke.width / 2
    return points.min(axis=0) - reach, points.max(axis=0) + reach


def _moved_picture(picture: Picture, by: Points) -> Picture:
    return replace(picture, corners=picture.corners + by)


def _moved(mark: Shape, by: Points) -> Shape:
    outlines = tuple(replace(outline, curves=outline.curves + by) for outline in mark.outlines)
    halo, stroke = (each and replace(each, paint=_shifted(each.paint, by)) for each in (mark.halo, mark.stroke))
    return Shape(outlines, halo, mark.fill and _shifted(mark.fill, by), stroke)


def _shifted(paint: Paint, by: Points) -> Paint:
    if len(paint.colors) == 1:
        return paint
    start, end = ((float(x + by[0]), float(y + by[1])) for x, y in (paint.start, paint.end))
    return replace(paint, start=start, end=end)
