"""One head by hand, and several beside one another, played without drawing: the numbers are those of the matrices."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from attnviz.input.problems import ProblemsFound
from attnviz.model.blackboard.run import run
from attnviz.model.blackboard.tensors import load_blackboard
from attnviz.stage.layout import faults, placed, strays
from attnviz.stage.tables.table import Table
from attnviz.testing import open_stage, play, undrawn

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


@pytest.fixture(autouse=True, scope="module")
def _manim_set_up():
    with undrawn():
        yield


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
    play(scene, "follow", parts=["embeddings", "queries"])
    after = [node[0].get_stroke_opacity() for node in scene.nodes.values()]
    assert [now > then for then, now in zip(before, after, strict=True)] == [True, True, *[False] * 6]
    assert looks_well(scene)
    with pytest.raises(ProblemsFound, match="lit already"):
        play(scene, "follow", parts=["queries"])
