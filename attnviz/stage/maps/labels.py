"""Labels among lines: kept readable by a halo, and placed so that each is nearest to its own dot."""

from __future__ import annotations

import math
from collections.abc import Sequence

from manim import VGroup, VMobject

from attnviz.stage import theme
from attnviz.stage.placement import Array, Rect, around, find_places, overlap


def clear_places(
    sizes: Sequence[tuple[float, float]], points: Sequence[Array], avoid: Sequence[Rect], bounds: Rect
) -> list[Array]:
    """Return a centre for each label, so that none stands nearer to another's point than to its own, if that can be.

    `find_places` serves labels in turn; other turns are tried until one gives no doubt.
    """
    turns = [list(range(len(points)))]
    turns += [turns[0][::-1]] + [turns[0][k:] + turns[0][:k] for k in range(1, len(points))]
    best: tuple[float, list[Array]] | None = None
    for turn in turns:
        found = find_places([sizes[i] for i in turn], [points[i] for i in turn], avoid=avoid, bounds=bounds)
        centers = [found[turn.index(i)] for i in range(len(points))]
        rects = [around(center, size) for center, size in zip(centers, sizes, strict=True)]
        doubt = _doubt(rects, points)
        covered = sum(overlap(rect, other) for rect in rects for other in avoid)
        if best is None or doubt + 5 * covered < best[0]:
            best = (doubt + 5 * covered, centers)
    return best[1] if best else []


def _doubt(rects: Sequence[Rect], points: Sequence[Array]) -> float:
    """Return for how many labels another point is as near as their own."""
    doubt = 0
    for own, rect in enumerate(rects):
        away = [
            math.hypot(max(rect[0] - p[0], 0, p[0] - rect[2]), max(rect[1] - p[1], 0, p[1] - rect[3])) for p in points
        ]
        doubt += any(away[other] <= away[own] + 0.02 for other in range(len(points)) if other != own)
    return float(doubt)


def halo(text: VMobject) -> VGroup:
    """Return the shadow in the ground's colour that keeps a text readable on top of lines."""
    glyphs = VGroup(*[glyph.copy() for glyph in text.submobjects])
    return glyphs.set_color(theme.GROUND).set_stroke(theme.GROUND, width=8)
