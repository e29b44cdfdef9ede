"""Where words' names stand on a plane: below their points if they can; words that have merged share one tag."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from attnviz.stage.placement import Array, Rect, around, costs_of, doubt, together
from attnviz.stage.planes.marker import WordMarker

MERGED = 0.4
"""Words whose points are closer than this (frame units) stand in one place: their names are stacked."""
ROW = 0.56
"""The height of a row of stacked names."""
GUTTER = 0.3
"""The space between two columns of them."""
SIDES = ((0, -1), (0, 1), (1, 0), (-1, 0), (1, -1), (-1, -1), (1, 1), (-1, 1))
NEAR, FAR, APART = 0.1, 0.24, 0.5
"""How far names stand from their points: commonly, where it is crowded, and those of merged words."""
STAYS = 0.9
"""The cost of a change of side."""


@dataclass
class _Block:
    """The names of words that stand in one place, as one rectangle."""

    words: list[WordMarker]
    goal: Array
    size: tuple[float, float]
    half: float

    def centers(self) -> list[tuple[Array, float]]:
        """Return the centres at which the block may stand, with the costs of being there, the best first."""
        (w, h), found = self.size, []
        gaps = (APART, APART + 0.5, APART + 1.0) if len(self.words) > 1 else (NEAR, FAR)
        for ring, gap in enumerate(gaps):
            for rank, (x, y) in enumerate(SIDES):
                reach = (self.half + gap) * (0.72 if x and y else 1.0)
                offset = np.array([x * (reach + w / 2), y * (reach + h / 2), 0.0])
                found.append((self.goal + offset, 0.02 * rank + 0.15 * ring))
        return found


def name_offsets(
    goals: Mapping[WordMarker, Array], *, avoid: Sequence[Rect], bounds: Rect, standing: Mapping[WordMarker, Array]
) -> tuple[dict[WordMarker, Array], list[list[WordMarker]]]:
    """Return the offset of each word's name from its goal, and the groups of words that then stand in one place.

    `goals` are the points on screen where words will be; `standing` the offsets of those that have a place already,
    which they keep where they can.
    """
    groups = _groups(goals)
    blocks = [_block(words, goals) for words in groups]
    bodies = [around(goal, (2 * word.half, 2 * word.half)) for word, goal in goals.items()]
    choices, costs = [], []
    for block in blocks:
        spots = block.centers()
        rects = [around(center, block.size) for center, _ in spots]
        if len(block.words) > 1:  # a leader line leads to them, wherever they stand
            rects = [_moved_into(rect, bounds) for rect in rects]
        else:
            rects = [_aside(rect, block.goal, bounds) for rect in rects]
        strangers = [g for w, g in goals.items() if w not in block.words and np.linalg.norm(g - block.goal) > MERGED]
        doubts = [doubt(rect, block.goal, strangers) for rect in rects]
        cost = costs_of(rects, [*avoid, *bodies], bounds) + doubts
        first = block.words[0]
        own = standing.get(first) if len(block.words) == 1 else first.offset if first.leads else None
        moved = [
            own is not None and float(np.linalg.norm(_spot(block, rect, 0) - goals[first] - own)) > 0.3
            for rect in rects
        ]
        costs.append([a + b + STAYS * m for a, (_, b), m in zip(cost, spots, moved, strict=True)])
        choices.append(rects)
    chosen = _chosen(costs, choices)
    offsets: dict[WordMarker, Array] = {}
    for block, rect in zip(blocks, chosen, strict=True):
        for row, word in enumerate(block.words):
            offsets[word] = _spot(block, rect, row) - goals[word]
    return offsets, [group for group in groups if len(group) > 1]


def _moved_into(rect: Rect, bounds: Rect) -> Rect:
    """Return a rectangle, moved so that none of it is out of bounds, if it is not larger than these."""
    x = min(0.0, bounds[2] - rect[2]) if rect[2] > bounds[2] else max(0.0, bounds[0] - rect[0])
    y = min(0.0, bounds[3] - rect[3]) if rect[3] > bounds[3] else max(0.0, bounds[1] - rect[1])
    return rect[0] + x, rect[1] + y, rect[2] + x, rect[3] + y


def _aside(rect: Rect, goal: Array, bounds: Rect) -> Rect:
    """Return the rectangle of a name below or above its point, moved sideways into bounds as far as it stays there."""
    moved = _moved_into((rect[0], bounds[1], rect[2], bounds[3]), bounds)
    stays = rect[0] <= goal[0] <= rect[2] and moved[0] <= goal[0] <= moved[2]
    return (moved[0], rect[1], moved[2], rect[3]) if stays else rect


def _spot(block: _Block, rect: Rect, row: int) -> Array:
    """Return the centre of a name in the rectangle of its block; stacked ones have rows of one height, and one edge."""
    if len(block.words) == 1:
        return np.array([(rect[0] + rect[2]) / 2, (rect[1] + rect[3]) / 2, 0.0])
    label, deep = block.words[row].label, _depth(len(block.words))
    column, row = divmod(row, deep)
    left = rect[0] + sum(_widths(block.words)[:column]) + column * GUTTER
    base = rect[3] - 0.42 - row * ROW
    return np.array([left + label.width / 2, base + float(label.get_center()[1]) - label.baseline, 0.0])


def _chosen(costs: list[list[float]], choices: list[list[Rect]]) -> list[Rect]:
    most = max(map(len, choices), default=0)
    for cost, rects in zip(costs, choices, strict=True):  # all have as many places: the last is repeated, at a price
        rects += [rects[-1]] * (most - len(rects))
        cost += [1e6] * (most - len(cost))
    if not choices:
        return []
    return [rects[k] for rects, k in zip(choices, together(np.array(costs), choices), strict=True)]


def _block(words: list[WordMarker], goals: Mapping[WordMarker, Array]) -> _Block:
    middle = np.mean([goals[word] for word in words], axis=0)
    spread = max(float(np.abs(goals[word] - middle).max()) for word in words)
    widths = _widths(words)
    width = sum(widths) + GUTTER * (len(widths) - 1)
    height = words[0].label.height if len(words) == 1 else ROW * _depth(len(words))
    return _Block(words, middle, (width, height), max(word.half for word in words) + spread)


def _depth(count: int) -> int:
    """Return how many rows the names of so many words take: more than three stand in two columns, or three."""
    return count if count <= 3 else math.ceil(count / 2) if count <= 8 else math.ceil(count / 3)


def _widths(words: Sequence[WordMarker]) -> list[float]:
    """Return the widths of the columns of words' names."""
    deep = _depth(len(words))
    return [max(word.label.width for word in words[k : k + deep]) for k in range(0, len(words), deep)]


def _groups(goals: Mapping[WordMarker, Array]) -> list[list[WordMarker]]:
    """Return the words in groups of those that stand in one place, directly or by way of others."""
    groups: list[list[WordMarker]] = []
    for word, goal in goals.items():
        near = [g for g in groups if any(float(np.linalg.norm(goals[other] - goal)) < MERGED for other in g)]
        merged = [*[other for g in near for other in g], word]
        groups = [g for g in groups if g not in near] + [merged]
    return groups
