"""Outlines of what stands on screen, as convex polygons: slanted text fills only a part of its box."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Point = tuple[float, float]
Outline = tuple[Point, ...]
"""The corners of a convex polygon, counterclockwise."""


def hull(points: Iterable[Point]) -> Outline:
    """Return the convex hull of points (Andrew's monotone chain)."""
    ordered = sorted(set(points))
    return (*_half(ordered)[:-1], *_half(ordered[::-1])[:-1])


def _half(points: Sequence[Point]) -> list[Point]:
    chain: list[Point] = []
    for point in points:
        while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain


def area(outline: Outline) -> float:
    """Return the area of a polygon."""
    pairs = zip(outline, outline[1:] + outline[:1], strict=True)
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs) / 2


def common(one: Outline, other: Outline) -> float:
    """Return the area that two polygons have in common (Sutherland and Hodgman's clipping)."""
    rest = list(one)
    for start, end in zip(other, other[1:] + other[:1], strict=True):
        kept: list[Point] = []
        for a, b in zip(rest, rest[1:] + rest[:1], strict=True):
            left, right = _turn(start, end, a), _turn(start, end, b)
            if left >= 0:
                kept.append(a)
            if left * right < 0:
                share = left / (left - right)
                kept.append((a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])))
        rest = kept
    return area(tuple(rest))


def _turn(a: Point, b: Point, c: Point) -> float:
    """Return more than zero if the way from a over b to c turns left."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
