"""Vectors as rows, and as columns: the same numbers with the same labels, and every table transposed on screen."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from manim import Mobject

from attnviz.model.blackboard.run import run
from attnviz.model.blackboard.tensors import load_blackboard
from attnviz.stage import Slice, Stage, matrix_of
from attnviz.stage.names import name_markup
from attnviz.stage.receipts import Receipt
from attnviz.stage.tables.table import Table
from attnviz.stage.typesetting import NumberMark, Writing
from attnviz.testing import PlayedShot, open_stage, play, traces_of
from tests.labels_on_screen import labels_watched

MODELS = Path(__file__).parents[2] / "storyboards" / "models"
CONVENTIONS = ("row", "column")
WORDS = ["orange", "apple", "phone"]
Shots = list[tuple[str, dict[str, Any]]]
HEAD: Shots = [
    ("transform", {"to": "queries", "head": "so-so", "words": ["apple"]}),
    ("work_out", {"word": "apple", "column": 1}),
    ("transform", {"to": "keys", "head": "so-so"}),
    ("score", {"head": "so-so"}),
    ("divide", {}),
    ("softmax", {}),
    ("mix", {"head": "so-so"}),
    ("work_out", {"word": "phone", "column": 2}),
    ("merge_maps", {"head": "so-so"}),
    ("compare_through", {"word": "apple", "other": "phone", "head": "so-so"}),
    ("compare_query_and_key", {}),
]
HEADS: Shots = [(verb, {}) for verb in ("show_weights", "show_outputs", "concatenate", "bring_back")]
HEADS += [("work_out", {"word": "apple", "column": 2})]
GRAPH: Shots = [("show_graph", {"head": "so-so"}), ("follow", {"parts": ["queries"]})]
VALUES: Shots = [
    ("show_planes", {}),
    ("show_words", {"words": ["orange", "apple"]}),
    ("show_values", {"words": ["orange", "apple"]}),
]
VALUES += [("make_values", {}), ("multiply_row", {"word": "apple"}), ("multiply_all", {})]
MAPS: Shots = [
    ("show_words", {"words": ["tech-apple", "fruit-apple"]}),
    ("show_basis", {}),
    ("follow", {"word": "tech-apple"}),
    ("show_matrix", {"map": "good"}),
    ("apply_map", {"map": "good"}),
    ("compare_maps", {"first": "tech-apple", "second": "fruit-apple"}),
]
PLAYED = [
    ("head_arithmetic", "three_heads", WORDS, HEAD),
    ("heads", "three_heads", WORDS, HEADS),
    ("attention_graph", "three_heads", WORDS, GRAPH),
    ("value_planes", "value_plane", ["orange", "apple", "and", "an"], VALUES),
    ("linear_map", "three_maps", ["orange", "tech-apple", "fruit-apple"], MAPS),
]


def trace_of(model: str, words: list[str], convention: str) -> xr.Dataset:
    return run(load_blackboard(MODELS / f"{model}.yaml"), None, words=words).assign_attrs(convention=convention)


def told(receipt: Receipt) -> tuple[Any, ...]:
    """Return what a receipt says of a number, but for the sizes of tables: these are told of tables as they stand."""
    return receipt.text, receipt.array, tuple(receipt.coords.items()), receipt.formula


def shapes(receipts: list[Receipt]) -> Counter[tuple[str, str]]:
    return Counter((each.formula, each.text) for each in receipts if str(each.formula).startswith("number of "))


def swapped(sizes: Counter[tuple[str, str]]) -> Counter[tuple[str, str]]:
    other = {"number of rows": "number of columns", "number of columns": "number of rows"}
    turned: Counter[tuple[str, str]] = Counter()
    for (formula, text), count in sizes.items():
        what = next((each for each in other if formula.startswith(f"{each} of ")), "")
        turned[formula.replace(what, other[what], 1) if what else formula, text] += count
    return turned


def on_stage(stage: Stage) -> list[Mobject]:
    return list(stage.get_mobject_family_members())


def tables(stage: Stage) -> dict[frozenset[str], Table]:
    """Return the tables on stage, by what stands in them."""
    found = [each for each in on_stage(stage) if isinstance(each, Table)]
    return {frozenset(mark.number.name for mark in table.marks): table for table in found}


def places(table: Table) -> dict[str, tuple[int, int]]:
    """Return in which line from above, and where in it from the left, each number of a table is seen."""
    centers = {mark.number.name: mark.get_center() for mark in table.marks}
    cells = [cell.get_center() for cell in table.cells]
    ys = sorted({round(float(y), 2) for _, y, _ in cells}, reverse=True)
    xs = sorted({round(float(x), 2) for x, _, _ in cells})

    def nearest(values: list[float], value: float) -> int:
        return min(range(len(values)), key=lambda k: abs(values[k] - value))

    return {name: (nearest(ys, y), nearest(xs, x)) for name, (x, y, _) in centers.items()}


@pytest.mark.slow
@pytest.mark.parametrize(("scene", "model", "words", "shots"), PLAYED, ids=[each[0] for each in PLAYED])
def test_the_same_numbers_stand_there_transposed(scene: str, model: str, words: list[str], shots: Shots) -> None:
    stages = [open_stage(scene, {"s": trace_of(model, words, each)}, focus="apple") for each in CONVENTIONS]
    for verb, arguments in shots:
        played, compared = [], []
        for stage in stages:
            with labels_watched() as labels:
                played.append(play(stage, verb, **arguments))
            assert not labels.wrong, verb
            compared.append(bool(labels.compared["table"]))
        assert compared[0] == compared[1] == any(isinstance(each, Table) for each in on_stage(stages[0])), verb
        row, column = played
        assert [shot.faults for shot in played] == [[], []], verb
        assert same_numbers(row, column), verb
        seen = [tables(stage) for stage in stages]
        assert seen[0].keys() == seen[1].keys(), verb
        for entries, table in seen[0].items():
            turned = {name: (x, y) for name, (y, x) in places(table).items()}
            assert places(seen[1][entries]) == turned, verb


def same_numbers(row: PlayedShot, column: PlayedShot) -> bool:
    """Tell whether two shots have shown the same numbers, and leave each as often on stage, and sizes exchanged."""
    sizes = [shapes(list(shot.receipts)) for shot in (row, column)]
    ever, last = (
        [[told(each) for each in shot if not str(each.formula).startswith("number of ")] for shot in shots]
        for shots in ((row.receipts, column.receipts), (row.at_rest, column.at_rest))
    )
    return set(ever[0]) == set(ever[1]) and Counter(last[0]) == Counter(last[1]) and swapped(sizes[0]) == sizes[1]


def written(stage: Stage) -> list[str]:
    """Return what is written on stage in formulas, without blanks."""
    found = [each for each in on_stage(stage) if isinstance(each, Writing)]
    return [each.source.replace(" ", "") for each in found]


@pytest.mark.parametrize(
    ("convention", "names"),
    [
        ("row", ["Q", "K^T", "Q K^T"]),
        ("column", ["Q", "K^T", "K^T Q"]),
    ],
)
def test_products_and_formulas_name_their_factors_in_order(convention: str, names: list[str]) -> None:
    stage = open_stage("head_arithmetic", {"s": trace_of("three_heads", WORDS, convention)})
    play(stage, "score", head="bad")
    for name, expected in zip(stage.product.names, names, strict=True):
        assert name_markup(expected) in name.typst_code
    left, right = stage.product.left, stage.product.right
    assert (left.get_center()[0] < right.get_center()[0]) == (convention == "row")
    play(stage, "merge_maps", head="bad")
    (law,) = [text for text in written(stage) if text.count("=") == 2]
    assert (
        law
        == {
            "row": "(xW_Q)(yW_K)^T=x(W_QW_K^T)y^T=xBy^T",
            "column": "(W_Ky)^T(W_Qx)=y^T(W_K^TW_Q)x=y^TBx",
        }[convention]
    )


def test_the_law_is_true_of_the_matrices_as_they_are_drawn() -> None:
    trace = trace_of("three_heads", WORDS, "column")
    x, y = (trace["embeddings"].sel(token=word).values[:, None] for word in ("apple", "phone"))
    W_Q, W_K = (trace[name].sel(head="so-so").values.T for name in ("W_Q", "W_K"))  # drawn transposed, as B is
    B = trace["bilinear"].sel(head="so-so").values.T
    dot = trace["query_key_dot"].sel(head="so-so", query="apple", key="phone").item()
    for product in ((W_K @ y).T @ (W_Q @ x), y.T @ (W_K.T @ W_Q) @ x, y.T @ B @ x):
        assert product.item() == pytest.approx(dot)


def digits(thing: Writing) -> list[str]:
    """Return the numbers of a matrix as they are seen, line by line."""
    marks = [mark for mark in thing.get_family() if isinstance(mark, NumberMark)]
    ys = sorted({round(float(mark.get_center()[1]), 1) for mark in marks}, reverse=True)
    lines = [[mark for mark in marks if abs(mark.get_center()[1] - y) < 0.1] for y in ys]
    return [mark.number.text for line in lines for mark in sorted(line, key=lambda mark: mark.get_center()[0])]


def test_the_columns_of_a_map_are_where_the_basis_vectors_go() -> None:
    texts = []
    for convention in CONVENTIONS:
        model = {"kind": "blackboard", "axes": ["x", "y"], "words": {"a": [1, 2]}, "similarity": "dot"}
        model |= {"weights": "softmax", "maps": {"skew": [[1, 0.5], [0.25, 1.5]]}}
        trace = traces_of(model, {"s": {"words": ["a"]}})["s"].assign_attrs(convention=convention)
        stage = open_stage("linear_map", {"s": trace})
        play(stage, "show_words", words=["a"])
        play(stage, "apply_map", map="skew")
        matrix = next(part for part in stage.panel["matrix"].get_family() if getattr(part, "marks", None))
        crosswise = stage.panel["area"][2]
        texts.append((digits(matrix), [mark.number.text for mark in crosswise.marks.values()], crosswise.source))
        np.testing.assert_allclose(stage.plane.words["a"].vector, [1 * 1 + 2 * 0.25, 1 * 0.5 + 2 * 1.5])
    assert [text[0] for text in texts] == [["1", "0.5", "0.25", "1.5"], ["1", "0.25", "0.5", "1.5"]]
    assert [text[1] for text in texts] == 2 * [["1", "0.5", "0.25", "1.5"]]
    assert texts[0][2] != texts[1][2]


def test_a_matrix_in_a_line_is_transposed_too() -> None:
    seen = []
    for convention in CONVENTIONS:
        stage = open_stage("heads", {"s": trace_of("three_heads", WORDS, convention)})
        seen.append(digits(matrix_of(stage, "W_K^1", Slice("W_K", head="so-so"))))
    assert seen == [["0.5", "0", "0.5", "0.5"], ["0.5", "0.5", "0", "0.5"]]
