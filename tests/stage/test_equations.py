"""Equations and bars: what a viewer reads below each other and beside each other."""

from __future__ import annotations

from itertools import pairwise

from attnviz.stage import theme
from attnviz.stage.arithmetic.equations import NOTE_GAP, weight_bar
from attnviz.stage.numbers import Number, show


def test_names_under_a_bar_keep_a_gap() -> None:
    shares = {"creditworthiness": 0.36, "shoreline": 0.18, "river": 0.18, "rivers": 0.18, "others": 0.1}
    numbers = [Number(share, show(share, "fixed", 2), "weights", {"key": word}) for word, share in shares.items()]
    for width in (5.4, 5.65, 6.5):
        _, notes = weight_bar([*shares], numbers, [theme.INK] * len(shares), width=width)
        gaps = [float(after.get_left()[0] - before.get_right()[0]) for before, after in pairwise(notes)]
        assert min(gaps) >= NOTE_GAP - 1e-6
