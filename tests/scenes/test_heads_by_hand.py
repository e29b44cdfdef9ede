"""One head by hand, and several beside one another, played without drawing: the numbers are those of the matrices."""

import math
from pathlib import Path

import numpy as np
import pytest
import yaml

from attnviz.input.problems import ProblemsFound
from attnviz.model.blackboard.run import run
from attnviz.model.blackboard.tensors import load_blackboard
from attnviz.model.door import open_model
from attnviz.model.interface import Settings
from attnviz.stage.layout import faults, placed, strays
from attnviz.stage.tables.table import Table
from attnviz.testing import open_stage, play, traces_of

MODEL = Path(__file__).parents[2] / "storyboards" / "models" / "three_heads.yaml"
WORDS = ["orange", "apple", "phone"]
SPEC = yaml.safe_load(MODEL.read_text())
X = np.array([SPEC["words"][word] for word in WORDS], dtype=float)
HEADS = {
    head["name"]: {name: np.array(head[name], dtype=float) for name in ("W_Q", "W_K", "W_V")} for head in SPEC["heads"]
}
W_O = np.array(SPEC["W_O"], dtype=float)
HALF = 0.005
"""Half of the last place that is shown."""


def stage(scene, model=MODEL, words=WORDS, **settings):
    return open_stage(scene, {"s": run(load_blackboard(model), None, words=words, **settings)})


def weights(head):
    scores = (X @ HEADS[head]["W_Q"]) @ (X @ HEADS[head]["W_K"]).T / np.sqrt(2)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def outputs(head):
    return weights(head) @ X @ HEADS[head]["W_V"]


def read(table: Table):
    shown = np.array([float(mark.number.text.replace("−", "-")) for mark in table.marks])
    return shown.reshape(len(table.row_labels), len(table.column_labels))


def looks_well(scene):
    family = scene.get_mobject_family_members()
    return [*faults(tuple(placed(family))), *strays(family)] == []


@pytest.mark.parametrize("head", HEADS)
def test_one_head_by_hand(head):
    scene = stage("head_arithmetic")
    for to, matrix in (("queries", "W_Q"), ("keys", "W_K"), ("values", "W_V")):
        play(scene, "transform", to=to, head=head)
        assert np.abs(read(scene.product.result) - X @ HEADS[head][matrix]).max() <= HALF
    play(scene, "score", head=head)
    dots = (X @ HEADS[head]["W_Q"]) @ (X @ HEADS[head]["W_K"]).T
    assert np.abs(read(scene.product.result) - dots).max() <= HALF
    play(scene, "work_out", word="apple", column=3)
    assert looks_well(scene)
    play(scene, "divide")
    assert np.abs(read(scene.product.result) - dots / np.sqrt(2)).max() <= HALF
    play(scene, "softmax")
    assert np.abs(read(scene.product.result) - weights(head)).max() <= HALF
    assert looks_well(scene)
    play(scene, "mix", head=head)
    assert np.abs(read(scene.product.result) - outputs(head)).max() <= HALF
    play(scene, "merge_maps", head=head)
    assert np.abs(read(scene.product.result) - HEADS[head]["W_Q"] @ HEADS[head]["W_K"].T).max() <= HALF
    assert looks_well(scene)


def test_what_stands_on_the_board_already_goes_on():
    scene = stage("head_arithmetic")
    play(scene, "transform", to="queries", head="good")
    queries = scene.held["queries"]
    play(scene, "score", head="good")
    assert scene.product.left.row_labels == queries.row_labels
    assert queries not in scene.mobjects  # it has become the first table of the product
    assert "=" in scene.product.sign.source
    play(scene, "divide")
    assert "=" not in scene.product.sign.source  # divided, it is no longer the product


def test_heads_side_by_side_are_those_of_torchs_own_concatenation():
    scene = stage("heads")
    play(scene, "show_weights")
    assert [table.row_heads.submobjects != [] for table in scene.tables] == [True, False, False]
    for table, head in zip(scene.tables, HEADS, strict=True):
        assert np.abs(read(table) - weights(head)).max() <= HALF
    play(scene, "show_outputs")
    play(scene, "concatenate")
    side_by_side = np.hstack([outputs(head) for head in HEADS])
    assert np.abs(read(scene.whole) - side_by_side).max() <= HALF
    assert looks_well(scene)
    play(scene, "bring_back")
    assert np.abs(read(scene.product.result) - side_by_side @ W_O).max() <= HALF
    play(scene, "work_out", word="apple", column=2)
    assert looks_well(scene)
    play(scene, "weigh_heads", word="apple")
    assert looks_well(scene)


def test_the_norm_of_each_head_goes_through_its_rows_of_the_output_matrix():
    scene = stage("heads")
    play(scene, "weigh_heads", word="apple")
    norms = [mark.number for mark in marks(scene) if mark.number.array == "contribution_norm"]
    rows = np.split(W_O, len(HEADS))
    for number, head, part in zip(norms, HEADS, rows, strict=True):
        assert number.coords["head"] == head
        assert number.value == pytest.approx(np.linalg.norm(outputs(head)[1] @ part), rel=1e-5)  # six digits are kept


def marks(scene):
    return [m for m in scene.get_mobject_family_members() if hasattr(m, "number")]


@pytest.mark.parametrize(
    ("scene", "verb", "arguments", "why"),
    [
        ("head_arithmetic", "transform", {"to": "queries"}, "3 heads"),
        ("head_arithmetic", "divide", {}, "no dot products"),
        ("head_arithmetic", "work_out", {"word": "apple"}, "no product"),
        ("heads", "concatenate", {}, "outputs are not on the board"),
        ("heads", "bring_back", {}, "not concatenated"),
        ("attention_graph", "show_graph", {}, "3 heads"),
        ("attention_graph", "follow", {"parts": ["weights"]}, "no graph"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_words(scene, verb, arguments, why):
    with pytest.raises(ProblemsFound, match=why):
        play(stage(scene), verb, **arguments)


@pytest.mark.parametrize(
    ("scene", "verbs"),
    [
        ("head_arithmetic", {"transform": {"to": "queries", "head": "good", "words": ["apple"]}}),
        ("heads", {verb: {} for verb in ("show_weights", "show_outputs", "concatenate", "bring_back")}),
    ],
)
def test_an_entry_that_does_not_stand_in_the_product_is_refused(scene, verbs):
    played = stage(scene)
    for verb, arguments in verbs.items():
        play(played, verb, **arguments)
    for word, column in (("apple", 3), ("Android", 1)):
        why = f"the product has no row '{word}' with a column {column}; its rows are .*apple.*, and it has 2 columns"
        with pytest.raises(ProblemsFound, match=why):
            play(played, "work_out", word=word, column=column)


@pytest.mark.parametrize("scene", ["heads", "head_arithmetic", "attention_graph"])
def test_a_model_without_heads_is_refused(scene):
    model = MODEL.with_name("fruit_and_tech.yaml")
    verb = {"heads": "show_weights", "head_arithmetic": "score", "attention_graph": "show_graph"}[scene]
    with pytest.raises(ProblemsFound, match=r"no (heads|matrices)"):
        play(stage(scene, model, ["orange", "apple"]), verb)


def test_a_graph_lights_up_part_by_part():
    scene = stage("attention_graph")
    play(scene, "show_graph", head="good")
    before = [node[0].get_stroke_opacity() for node in scene.nodes.values()]
    play(scene, "follow", parts=["keys", "queries"])
    after = [node[0].get_stroke_opacity() for node in scene.nodes.values()]
    assert [now > then for then, now in zip(before, after, strict=True)] == [False, True, True, *[False] * 5]
    assert looks_well(scene)
    with pytest.raises(ProblemsFound, match="lit already"):
        play(scene, "follow", parts=["queries"])


def by_hand(head, word, other):
    """Return x B, and (x B) yᵀ."""
    B = HEADS[head]["W_Q"] @ HEADS[head]["W_K"].T
    x, y = (X[WORDS.index(each)] for each in (word, other))
    return x @ B, x @ B @ y


@pytest.mark.parametrize("after", [[], ["merge_maps"]])
@pytest.mark.parametrize("head", HEADS)
def test_one_matrix_compares_two_words_as_query_and_key_do(head, after):
    scene = stage("head_arithmetic")
    for verb in after:
        play(scene, verb, head=head)
    shot = play(scene, "compare_through", word="apple", other="phone", head=head)
    through, dot = by_hand(head, "apple", "phone")
    assert shot.faults == []
    assert np.abs(read(scene.product.left)[0] - through).max() <= HALF
    assert abs(read(scene.product.result).item() - dot) <= HALF
    q, k = (X[WORDS.index(word)] @ HEADS[head][name] for word, name in (("apple", "W_Q"), ("phone", "W_K")))
    assert dot == pytest.approx(q @ k)
    found = scene.product.result.marks[0].number.text
    assert shot.texts("query_key_dot") == 2 * [found]  # at the end of its sum, and in the table
    written, entry = (receipt.start for receipt in shot.receipts if receipt.array == "query_key_dot")
    assert abs(written - entry) > 0.1  # it is worked out first
    shapes = [(each.formula, each.text) for each in shot.receipts if str(each.formula).startswith("number of ")]
    expected = {"rows of bilinear": "2", "columns of bilinear": "2", "columns of query_key_dot": "1"}
    assert {(f"number of {what}", text) for what, text in expected.items()} <= set(shapes)
    shot = play(scene, "compare_query_and_key")
    assert shot.faults == []
    assert shot.texts("query_key_dot") == 3 * [found]  # in the table, and two lines
    for array, label in (("queries", "apple"), ("keys", "phone")):
        read_there = {(r.coords["token"], r.coords["head"]) for r in shot.at_rest if r.array == array}
        assert read_there == {(label, head)}


def test_two_words_are_compared_in_three_dimensions_too():
    head = {"name": "one", "W_Q": [[1, 0], [0, 1], [2, 1]], "W_K": [[1, 2], [0, 1], [1, 0]], "W_V": [[1], [1], [1]]}
    model = {
        "kind": "blackboard", "axes": ["x", "y", "z"], "words": {"apple": [1, 2, 0.5], "phone": [3, -1, 1]},
        "similarity": "dot", "weights": "softmax", "heads": [head],
    }  # fmt: skip
    scene = open_stage("head_arithmetic", traces_of(model, {"s": {"words": ["apple", "phone"]}}))
    shot = play(scene, "compare_through", word="apple", other="phone")
    x, y, W_Q, W_K = (np.array(each, dtype=float) for each in ([1, 2, 0.5], [3, -1, 1], head["W_Q"], head["W_K"]))
    assert np.abs(read(scene.product.left)[0] - x @ W_Q @ W_K.T).max() <= HALF
    assert abs(read(scene.product.result).item() - (x @ W_Q) @ (y @ W_K)) <= HALF
    assert shot.faults == []


def test_keys_are_transposed_cell_by_cell():
    scene = stage("head_arithmetic")
    play(scene, "transform", to="keys", head="good")
    keys = scene.held["keys"]
    before = {mark.number.name: mark.number.text for mark in keys.marks}
    shot = play(scene, "score", head="good")
    table = scene.product.right
    assert (table.row_labels, table.column_labels) == (keys.column_labels, keys.row_labels)
    assert {mark.number.name: mark.number.text for mark in table.marks} == before
    moved = [receipt for receipt in shot.receipts if receipt.array == "keys" and receipt.start == 0]
    assert len(moved) == len(before)  # the table that stood there, and no other
    assert scene.product.right in scene.mobjects or scene.product in scene.mobjects
    assert shot.faults == []


def test_the_root_of_the_dimension_stands_in_the_name_as_a_number():
    for words, size in ((WORDS, 2), (["apple", "phone"], 2)):
        scene = stage("head_arithmetic", words=words)
        play(scene, "score", head="good")
        shot = play(scene, "divide")
        (root,) = [each for each in shot.at_rest if str(each.formula) == "number of coordinates of keys[good]"]
        assert root.text == str(size)
        assert "sqrt({d})" in scene.product.names[2].source
        play(scene, "score", head="good")
        shot = play(scene, "divide", word="apple", column=len(words))
        assert shot.faults == []
        assert [each.text for each in shot.at_rest if each.array == "query_key_dot"] == ["4"]  # in the line under it
        scores = [each.text for each in shot.at_rest if each.array == "scores" and each.coords["query"] == "apple"]
        assert scores.count(f"{4 / math.sqrt(size):.2f}") == 2  # there, and in the table
        play(scene, "softmax")
        assert "softmax" in scene.product.names[2].source
        assert "sqrt({d})" in scene.product.names[2].source


def without(scene, *parts):
    model = open_model(str(MODEL)).altered(parts)
    return open_stage(scene, {"s": model.run(None, WORDS, Settings("cpu"))})


def test_a_head_by_hand_without_softmax_is_mixed_by_its_scores():
    scene = without("head_arithmetic", "softmax")
    play(scene, "score", head="good")
    play(scene, "divide")
    scores = (X @ HEADS["good"]["W_Q"]) @ (X @ HEADS["good"]["W_K"]).T / np.sqrt(2)
    with pytest.raises(ProblemsFound, match="its weights are the scores; go on with mix"):
        play(scene, "softmax")
    play(scene, "mix", head="good")
    assert np.abs(read(scene.product.result) - scores @ X @ HEADS["good"]["W_V"]).max() <= HALF
    assert looks_well(scene)


def test_what_was_taken_out_is_not_shown_as_if_it_were_there():
    scene = without("head_arithmetic", "sqrt_d")
    play(scene, "score", head="good")
    with pytest.raises(ProblemsFound, match="does not divide its dot products"):
        play(scene, "divide")
    for part in ("sqrt_d", "softmax"):
        with pytest.raises(ProblemsFound, match="this model computes something else"):
            play(without("attention_graph", part), "show_graph", head="good")
    scene = without("head_arithmetic", "head=good")
    play(scene, "mix", head="bad")
    with pytest.raises(ProblemsFound, match="head_outputs"):
        play(scene, "mix", head="good")


def test_a_head_that_was_taken_out_adds_nothing_to_the_others():
    scene = without("heads", "head=good")
    for verb in ("show_weights", "show_outputs", "concatenate", "bring_back"):
        play(scene, verb)
        assert looks_well(scene)
    rest = [outputs(head) @ W_O[2 * place : 2 * place + 2] for place, head in enumerate(HEADS) if head != "good"]
    assert np.abs(read(scene.product.result) - sum(rest)).max() <= HALF
