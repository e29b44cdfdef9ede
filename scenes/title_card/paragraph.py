"""A user's text on several lines, as large as the available room allows."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
from manim import LEFT, ORIGIN, RIGHT, VGroup

from attnviz.stage import Writing, is_right_to_left, prose, theme

LEADING = 1.32  # from baseline to baseline, in units of the type size
POINTS_A_UNIT = 96  # type of this size has an em of one frame unit


class Paragraph(VGroup):
    """Lines of text that end at an `edge`, or share their middle; `size` is the type size that was chosen for them."""

    def __init__(self, lines: list[Writing], size: float, *, edge: np.ndarray) -> None:
        super().__init__(*lines)
        self.size = size
        for k, line in enumerate(lines):
            line.move_to(ORIGIN, aligned_edge=edge).seat(-k * LEADING * size / POINTS_A_UNIT)
        self.move_to(ORIGIN)


def paragraph(
    text: str,
    *,
    width: float,
    size: float = theme.WORD,
    smallest: float = theme.NOTE,
    lines: int = 2,
    color: Any = None,
    bold: bool = False,
    centred: bool = False,
) -> Paragraph | None:
    """Set a user's text on at most `lines` lines of at most `width` (frame units), about equally long.

    The type shrinks from `size` down to `smallest` as needed; returns None if the text does not fit even then.
    """
    words, edge = text.split(), RIGHT if is_right_to_left(text) else LEFT
    whole = prose(" ".join(words), size=size, color=color, bold=bold, own=True).width
    trial = size
    while True:
        needed = max(1, math.ceil(whole * trial / size / width))
        for count in range(needed, min(lines, len(words)) + 1):
            set_lines = [
                prose(line, size=trial, color=color, bold=bold, own=True, part_of=text) for line in split(words, count)
            ]
            if max(line.width for line in set_lines) <= width:
                return Paragraph(set_lines, trial, edge=ORIGIN if centred else edge)
        if trial <= smallest:
            return None
        trial = max(smallest, 0.88 * trial)


def evenly_apart(texts: VGroup) -> None:
    """Move paragraphs under one another so that as much is free from the last line of each to the next, by baselines.

    Together they stay as high as they are.
    """
    gaps = [float(above[-1].baseline - below[0].baseline) for above, below in itertools.pairwise(texts)]
    lower = 0.0
    for text, gap in zip(texts[1:], gaps, strict=True):
        lower += gap - float(np.mean(gaps))
        text.shift([0, lower, 0])


def split(words: list[str], count: int) -> list[str]:
    """Split words into `count` lines, the longest as short as possible (in letters), by dynamic programming."""
    starts = np.cumsum([0] + [len(word) + 1 for word in words])
    none: tuple[float, list[int]] = (math.inf, [])
    best = [(0.0, none[1]), *[none] * len(words)]
    for _ in range(count):
        best = [
            min(
                ((max(best[cut][0], float(starts[end] - starts[cut])), [*best[cut][1], cut]) for cut in range(end)),
                default=none,
                key=lambda way: way[0],
            )
            for end in range(len(words) + 1)
        ]
    cuts = [*best[-1][1], len(words)]
    return [" ".join(words[a:b]) for a, b in itertools.pairwise(cuts)]
