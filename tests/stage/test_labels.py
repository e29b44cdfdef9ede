"""The check of labels sees what a viewer would: heads that are swapped, words in another order, names of others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import xarray as xr
from manim import DOWN

from attnviz.stage import Stage
from attnviz.stage.arithmetic.equations import weight_bar
from attnviz.stage.tables.table import Table
from attnviz.testing import traces_of
from tests.labels_on_screen import Labels

WORDS = ["orange", "apple", "phone"]
BOARD = {
    "kind": "blackboard",
    "axes": ["technology", "fruitness"],
    "words": {"orange": [0, 3], "apple": [2, 2], "phone": [4, 0]},
    "similarity": "dot",
    "heads": [{"name": "one", "W_Q": [[1, 0], [1, 1]], "W_K": [[0, 1], [1, 0]], "W_V": [[1, 0], [0, 1]]}],
}


@pytest.fixture
def stage(stage_of: Callable[..., Stage]) -> Stage:
    made = stage_of(Stage)
    traces: dict[str, xr.Dataset] = traces_of(BOARD, {"one": " ".join(WORDS)})
    made._door.traces = traces
    return made


def weights(
    stage: Stage, rows: list[str], columns: list[str], *, swapped: bool = False, told: list[str] = WORDS
) -> Table:
    numbers = [
        [stage.number("weights", query=c if swapped else r, key=r if swapped else c, style="percent") for c in columns]
        for r in rows
    ]
    return Table(numbers, told, columns, {}, center=(0, 0))


def looked_at(*things) -> Labels:
    found = Labels()
    found.look([part for thing in things for part in thing.get_family()])
    return found


def test_a_table_whose_words_are_right_passes(stage: Stage) -> None:
    found = looked_at(weights(stage, WORDS, WORDS))
    assert (found.compared["table"], [*found.wrong]) == (18, [])


def test_a_table_whose_axes_are_swapped_is_told(stage: Stage) -> None:
    found = looked_at(weights(stage, WORDS, WORDS, swapped=True))
    assert len(found.wrong) == 12  # twice each entry off the diagonal
    assert any(each.endswith("which is weights[apple, orange]") for each in found.wrong)


def test_a_table_whose_heads_are_in_another_order_is_told(stage: Stage) -> None:
    found = looked_at(weights(stage, WORDS, WORDS, told=["apple", "orange", "phone"]))
    assert len(found.wrong) == 6
    assert any(each.startswith("table: 'apple' stands beside ") for each in found.wrong)


def test_it_is_the_place_of_a_word_that_counts(stage: Stage) -> None:
    table = weights(stage, WORDS, WORDS)
    one, other = table.column_heads[:2]
    middle = one.get_center()[0], other.get_center()[0]
    one.set_x(middle[1])
    other.set_x(middle[0])
    assert len(looked_at(table).wrong) == 6


def test_a_transposed_table_may_be_one_of_words_and_coordinates_only(stage: Stage) -> None:
    columns = stage.labels("keys", "d_head")
    numbers = [[stage.number("keys", token=word, d_head=column) for word in WORDS] for column in columns]
    assert not looked_at(Table(numbers, columns, WORDS, {}, center=(0, 0))).wrong
    assert looked_at(Table(numbers, columns, WORDS[::-1], {}, center=(0, 0))).wrong


def test_a_bar_with_the_name_of_another_is_told(stage: Stage) -> None:
    shares = [stage.number("weights", query="apple", key=word) for word in WORDS]
    right = weight_bar(WORDS, shares, ["#ffffff"] * 3)
    found = looked_at(right)
    assert (found.compared["bar"], [*found.wrong]) == (3, [])
    wrong = looked_at(weight_bar(["orange", "phone", "orange"], shares, ["#ffffff"] * 3).shift(DOWN))
    assert len(wrong.wrong) == 2
