"""Where the names of words stand on a bending plane: below their points, and on one side as long as it is free."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attnviz.stage.placement import Array, Rect, around, overlap

GAP, CLEAR = 0.07, 0.09
"""The gap between a word's point and its name, and how far a name keeps from lines (frame units)."""
PUSHED = 0.57
SIDES = (
    (0.0, -1.0), (0.0, 1.0), (1.0, 0.0), (-1.0, 0.0), (1.0, -1.0), (-1.0, -1.0), (1.0, 1.0), (-1.0, 1.0),
    (PUSHED, -1.0), (-PUSHED, -1.0), (PUSHED, 1.0), (-PUSHED, 1.0),
)  # fmt: skip
"""Right and up, in the order in which they are taken: below, above, beside, at a corner, or below or above but pushed
aside, past what begins at the point."""
HEAVY, WORSE, CHANGE = 8.0, 0.25, 0.5
"""What an area that is covered costs, a later side, and a side other than the present one."""


def name_spots(
    sizes: Sequence[tuple[float, float]],
    bodies: Sequence[Rect],
    now: Sequence[Array],
    *,
    avoid: Sequence[Rect],
    bounds: Rect,
) -> list[Array]:
    """Return the centre (x, y, 0) of each name: close to its own point, where it covers least.

    `sizes` are the names' (width, height), `bodies` the rectangles of their points, `now` the offsets at which the
    names stand from them at present, `avoid` what to keep clear of, and `bounds` where names may be.
    """
    chosen: list[Rect | None] = [None] * len(sizes)
    for _ in range(2):  # the second time, all others have their places
        for own, (size, body, offset) in enumerate(zip(sizes, bodies, now, strict=True)):
            others = [rect for k, rect in enumerate(bodies) if k != own]
            others += [rect for k, rect in enumerate(chosen) if k != own and rect is not None]
            chosen[own] = _best(size, body, offset, [*avoid, *others, *others, *others], bounds)
    return [np.array([(r[0] + r[2]) / 2, (r[1] + r[3]) / 2, 0.0]) for r in chosen if r is not None]


def grown(rect: Rect) -> Rect:
    """Return a rectangle with what names keep clear around it."""
    left, bottom, right, top = rect
    return left - CLEAR, bottom - CLEAR, right + CLEAR, top + CLEAR


def _best(size: tuple[float, float], body: Rect, offset: Array, taken: Sequence[Rect], bounds: Rect) -> Rect:
    """Return the place beside a point where a name covers least."""
    middle = np.array([(body[0] + body[2]) / 2, (body[1] + body[3]) / 2, 0.0])
    half = (body[2] - body[0] + size[0]) / 2, (body[3] - body[1] + size[1]) / 2

    def cost(rank: int) -> float:
        rect = place(rank)
        outside = size[0] * size[1] - overlap(rect, bounds)
        moved = not _same_side(SIDES[rank], offset, half)
        return HEAVY * sum(overlap(rect, other) for other in taken) + 40 * outside + WORSE * rank**0.5 + CHANGE * moved

    def place(rank: int) -> Rect:
        right, up = SIDES[rank]
        corner = 0.75 if abs(right) == abs(up) else 1.0  # at a corner a name comes nearer: the body is round
        shift = np.array([right * corner * (half[0] + GAP), up * corner * (half[1] + GAP), 0.0])
        return around(middle + shift, size)

    return place(min(range(len(SIDES)), key=cost))


def _same_side(side: tuple[float, float], offset: Array, half: tuple[float, float]) -> bool:
    """Tell whether a name at an offset from its point stands on a side."""
    if abs(side[0]) == PUSHED:
        return abs(float(offset[0]) / half[0] - side[0]) < 0.05 and float(offset[1]) * side[1] > 0
    at = [0 if abs(float(offset[k])) < 0.4 * half[k] else (1 if offset[k] > 0 else -1) for k in (0, 1)]
    return tuple(at) == side
