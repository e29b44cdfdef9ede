"""Sums and bars: what a viewer reads below each other and beside each other."""

from __future__ import annotations

from itertools import pairwise

import pytest

from attnviz.stage import frame, theme
from attnviz.stage.arithmetic.equations import LONGEST, combination, weight_bar
from attnviz.stage.numbers import Number, show

SHARES = {"creditworthiness": 0.36, "shoreline": 0.18, "river": 0.18, "rivers": 0.18, "others": 0.1}


def number(value: float) -> Number:
    return Number(value, show(value, "fixed", 2), "weights", {})


@pytest.mark.parametrize("width", [5.4, 5.65, 6.5])
def test_a_row_of_weights_is_a_name_a_bar_and_a_number(width: float) -> None:
    numbers = [number(share) for share in SHARES.values()]
    names, (tracks, bars), written = weight_bar([*SHARES], numbers, [theme.INK] * len(SHARES), width=width)
    for name, track, bar, text, share in zip(names, tracks, bars, written, SHARES.values(), strict=True):
        assert name.get_right()[0] < track.get_left()[0]
        assert track.get_right()[0] < text.get_left()[0]
        assert bar.width == pytest.approx(share * track.width, abs=1e-6)  # on a scale from nothing to all
    for above, below in pairwise(names):
        assert above.get_bottom()[1] > below.get_top()[1]
    assert max(text.get_right()[0] for text in written) <= width + 1e-6


@pytest.mark.parametrize("words", [("apple", "orange"), ("unconstitutionally", "creditworthiness"), ("ab", "cd")])
@pytest.mark.parametrize("terms", [2, 3])
def test_a_sum_fits_beside_a_plane(words: tuple[str, str], terms: int) -> None:
    others = [*words, "others"][:terms]
    vectors = [[number(-0.42), number(0.35)] for _ in others]
    weights, result = [number(0.3) for _ in others], [number(-0.4), number(0.35)]
    room = frame.BESIDE_PLANE.width, 4.4
    written = combination(words[0], others, weights, vectors, result, dict.fromkeys(others, theme.INK), room=room)
    assert written.height <= room[1]
    assert all(len(part.source) <= LONGEST + 30 for row in written.names for part in row)
    rows = [*written.names, *written.coordinates, written.result]
    for above, below in pairwise(rows):
        assert above[1].baseline - below[1].baseline > 0.4
    lefts = [row[1].get_left()[0] for row in rows]
    assert max(lefts) - min(lefts) < 0.1
