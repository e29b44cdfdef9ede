"""Where the names of a plane's axes stand: at the end of their axis, or as near to it as arrows and ticks allow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np

from attnviz.stage import frame
from attnviz.stage.arrows.geometry import angle_points, right_angle
from attnviz.stage.arrows.pose import FAR, Pose, on_axis, seen
from attnviz.stage.placement import Array, Rect, around, overlap, overlaps, rects_on_way, squares

if TYPE_CHECKING:
    from attnviz.stage.arrows.field import Field

APART = frame.px(20)
"""The distance between an axis and its name."""
ROOM, ASIDE = 0.62, 0.53
"""The side of the square where an icon is, and how far it is beside the end of its arrow, on either side."""


AT_ITS_START = 20.0
"""By how much farther in a name seems to stand if it is on the side of an axis where numbers are negative."""


def name_spots(field: Field, pose: Pose, labels: Sequence[Rect] = ()) -> list[Array]:
    """Return the middles of the names of the axes on screen, in a pose of the field, clear of `labels`."""
    taken, labelled = _obstacles(field, pose)
    texts, spots = [*labels], list[Array]()
    for axis, name in enumerate(field.names):
        size = (float(name.width), float(name.height))
        spots.append(_best(size, [*_candidates(field, pose, axis, size)], pose, texts, taken, labelled))
        texts.append(around(spots[-1], size))
    return spots


def _obstacles(field: Field, pose: Pose) -> tuple[list[Rect], list[Rect]]:
    """Return what names must keep clear of, and where the labels of arrows are likely to be."""
    lengths = np.linalg.norm(field.vectors, axis=1, keepdims=True)
    units = field.vectors / np.maximum(lengths, 1e-9)
    # The ends on the unit circle are seen in its own pose, or, if there is none, in this one
    vectors = units if pose.near else np.vstack([field.vectors, units]) if field.turned else field.vectors
    room = (2.9, 2.2) if field.turned else (0.9, 1.4)  # where a label may be: three coordinates are long
    taken, labelled, start = list[Rect](), list[Rect](), seen(pose, np.zeros(2))
    for vector in vectors:
        tip = seen(pose, vector)
        along = (tip - start) / max(float(np.linalg.norm(tip - start)), 1e-9)
        across = ASIDE * np.array([-along[1], along[0], 0.0])
        taken += [around(tip + side, (ROOM, ROOM)) for side in (across, -across)]
        taken += squares(np.linspace(start, tip, 40), 0.07)
        labelled += [around(tip + side, room) for side in (across, -across)]
    for k in range(len(field.axis_lines)):
        ends = [seen(pose, on_axis(k, t / pose.unit)) for t in (-FAR, FAR)]
        taken += squares(np.linspace(ends[0], ends[1], 800), 0.03)
    if pose.near:
        taken += squares([seen(pose, (np.cos(t), np.sin(t))) for t in np.linspace(0, 2 * np.pi, 150)], 0.05)
    taken += _measured(vectors, pose)
    for axis, value, far, close in field.tick_places:
        if close if pose.near else far:
            outwards = 0.25 * (pose.near * np.sign(value) * on_axis(axis, 1.0) - on_axis(1 - axis, 1.0))
            taken.append(around(seen(pose, on_axis(axis, value)) + outwards, (0.4, 0.32)))
    return [rect for rect in taken if overlap(rect, frame.FULL)], labelled


def _measured(vectors: Array, pose: Pose) -> list[Rect]:
    """Return where arrows may cast shadows on each other's lines, and where the arcs of their angles may be."""
    found, start = list[Rect](), seen(pose, np.zeros(2))
    for one, other in permutations(vectors[vectors.any(axis=1)], 2):
        tip, foot = seen(pose, one), seen(pose, (one @ other) / (other @ other) * other)
        for line in ([tip, foot], right_angle(tip, foot, start), angle_points(one, other, pose)):
            found += rects_on_way(line)
    return found


def _candidates(field: Field, pose: Pose, axis: int, size: tuple[float, float]) -> Iterator[tuple[float, Array]]:
    """Yield places beside an axis, each with how far out it is; also one beyond the third axis."""
    (w, h), start = (size[0] / 2, size[1] / 2), seen(pose, np.zeros(2))
    along = seen(pose, on_axis(axis, 1.0)) - start
    length = float(np.linalg.norm(along))
    along = along / max(length, 1e-9)
    flat = abs(along[0]) >= abs(along[1])
    side = np.array([0.0, h + APART, 0.0]) if flat else np.array([-w - APART, 0.0, 0.0])
    slant = abs(along[1] / along[0]) * w if flat else abs(along[0] / along[1]) * h
    side = side * (1 + slant / float(np.abs(side).max()))
    ways = np.arange(14.0, -7.0, -0.05)
    if axis >= len("xy"):
        reach = (field.third + 0.6 / pose.unit) * length
        ways = np.arange(max(0.05, reach - w * abs(along[0])), 0.0, -0.05)
        off = min((w + APART) / max(abs(along[0]), 1e-9), (h + APART) / max(abs(along[1]), 1e-9))
        yield reach, start + (reach + off) * along
    for t in ways:
        out = float(t) - (AT_ITS_START if t < 0 else 0.0)
        yield out, start + t * along + side
        yield out - 2.0, start + t * along - side


def _best(
    size: tuple[float, float],
    spots: Sequence[tuple[float, Array]],
    pose: Pose,
    texts: Sequence[Rect],
    taken: Sequence[Rect],
    labelled: Sequence[Rect],
) -> Array:
    """Return the place that covers least, of texts above all, as far out as that allows."""
    right = min(pose.right - 0.15, frame.CONTENT.right)
    room = (frame.LABELS.left, frame.CONTENT.bottom, right, frame.CONTENT.top)
    rects = [around(center, size) for _, center in spots]
    outside = size[0] * size[1] - overlaps(rects, [room])[0]
    costs = 40 * outside - 0.03 * np.array([out for out, _ in spots])
    for others, weight in ((texts, 200), (taken, 20), (labelled, 0.6)):
        costs += weight * overlaps(rects, others).sum(axis=0)
    costs[outside > size[0] * size[1] / 4] = np.inf
    return spots[int(costs.argmin())][1]
