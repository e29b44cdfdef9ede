"""Convex outlines of what is on screen; slanted text, for instance, fills only a part of its bounding box."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Point = tuple[float, float]
ConvexPolygon = tuple[Point, ...]
"""The vertices of a convex polygon, counterclockwise."""


def hull(points: Iterable[Point]) -> ConvexPolygon:
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


def area(outline: ConvexPolygon) -> float:
    """Return the area of a polygon (shoelace formula); negative if its vertices run clockwise."""
    pairs = zip(outline, outline[1:] + outline[:1], strict=True)
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs) / 2


def common(one: ConvexPolygon, other: ConvexPolygon) -> float:
    """Return the area of the intersection of two convex polygons (Sutherland–Hodgman clipping)."""
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
    """Return the cross product of ab and ac, which is positive if the path a, b, c turns left."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
