"""Lines that say what a word takes: an exact sum of the digits that are shown, or ≈."""

from __future__ import annotations

import pytest

from attnviz.stage import Stage, row_line
from attnviz.stage.numbers import Number
from attnviz.testing import open_stage, traces_of

WORDS = ("first", "last", "apple")
"""Two signs that a model adds, and a word."""


@pytest.fixture(scope="module")
def stage(manim_set_up: None) -> Stage:
    board = {"kind": "blackboard", "axes": ["x", "y"], "similarity": "dot", "weights": "softmax"}
    traces = traces_of(board | {"words": {word: [1, 0] for word in WORDS}}, {"s": {"words": [*WORDS]}})
    traces = {name: trace.assign_attrs(added="first last") for name, trace in traces.items()}
    return open_stage("one_sentence", traces)


def share(value: float, key: str) -> Number:
    return Number(value, "", "weights", {"query": "apple", "key": key})


@pytest.mark.parametrize(
    ("first", "last", "is_exact"),
    [(0.3, 0.12, True), (0.126, 0.126, False), (0.124, 0.124, False), (0.5, 0.254, True)],
)
def test_what_sinks_get_together_is_about_that_where_their_digits_add_up_to_something_else(
    stage: Stage, first: float, last: float, is_exact: bool
) -> None:
    weights = {key: share(value, key) for key, value in zip(WORDS, (first, last, 1 - first - last), strict=True)}
    line = row_line(stage, "apple", weights, share(first + last, "sinks"))
    assert ("≈" not in line.source and "approx" not in line.source) == is_exact
    assert {mark.number.text for mark in line.marks.values()} >= {f"{100 * (first + last):.0f}"}
