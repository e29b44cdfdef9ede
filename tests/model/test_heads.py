"""A view of all heads: arrays keep their heads, what only one head can have is refused, and padding is never read."""

import numpy as np
import pytest
from boards import UNEVEN
from trained_models import trained

from attnviz.input.problems import ProblemsFound
from attnviz.input.questions import Read, ask, entries_of
from attnviz.model.door import open_model
from attnviz.model.interface import ALL_HEADS, Settings, View
from attnviz.model.views.arrays import ONE_HEAD_ARRAYS
from attnviz.render.opening import contents_of, open_storyboard
from attnviz.render.traces.library import from_bytes, to_bytes
from attnviz.stage.reading import Door

CPU = Settings(device="cpu")
SENTENCE = "an apple and an orange"
PER_HEAD = (
    "queries",
    "keys",
    "values",
    "query_key_dot",
    "scores",
    "score_exponentials",
    "score_sum",
    "weights",
    "head_outputs",
    "head_contributions",
    "contribution_norm",
)


def complaint(call, *arguments, **named) -> str:
    with pytest.raises(ProblemsFound) as found:
        call(*arguments, **named)
    return str(found.value)


def same(said, trace) -> None:
    """Compare what is said without torch with what a trace holds."""
    assert dict(said.arrays) == {name: array.dims for name, array in trace.data_vars.items()}
    assert not set(said.absent) & set(said.arrays)
    for array in trace.data_vars.values():
        for dim in array.dims:
            assert tuple(map(str, said.labels[str(dim)])) == tuple(str(label) for label in array[dim].values)


@pytest.mark.parametrize("plane", [(), (("fruit", ("orange", "lemon")), ("technology", ("phone", "laptop")))])
@pytest.mark.parametrize("words", [None, ("orange", "apple")])
def test_all_heads_of_a_layer(tmp_path, words, plane):
    model = open_model(str(trained(tmp_path / "mine", heads=4)))
    view = View(2, ALL_HEADS, plane)
    trace = from_bytes(to_bytes(model.run(SENTENCE, words, CPU, view)))
    same(model.contents(model.tokens(SENTENCE, words), view), trace)
    alone = {head: model.run(SENTENCE, words, CPU, View(2, head, plane)) for head in "1234"}
    for name in (*PER_HEAD, "W_Q", "W_K", "W_V"):
        assert trace[name].sizes["head"] == 4
        for head, one in alone.items():
            assert np.array_equal(trace[name].sel(head=[head]).values, one[name].values)
    assert trace["W_O"].dims == ("layer", "d_concat", "d_output")
    assert trace["head"].values.tolist() == ["1", "2", "3", "4"]
    assert (trace.attrs["layer"], trace.attrs["head"]) == ("2", "all")
    assert {"points", "point_steps", "norm", "dot", "maps"} <= set(trace.data_vars)


def test_arrays_of_one_head_are_refused_with_what_to_write(tmp_path):
    model = open_model(str(trained(tmp_path / "mine")))
    door = Door({"": model.run(SENTENCE, None, CPU, View(2, ALL_HEADS))})
    assert {"similarity", "exponentials", "exponential_sum", "softmax", "normalised"} <= set(ONE_HEAD_ARRAYS)
    for name in ONE_HEAD_ARRAYS:
        assert complaint(door.read, name) == (
            f"there is no array '{name}' here; "
            "it is of one head: write `head: 1` (or another of: 1, 2) instead of `head: all`"
        )
        assert not door.has(name)
    assert door.labels("head", "weights") == ["1", "2"]
    assert door.read("weights", query="apple", key="an").shape == (2,)


def test_all_heads_of_a_blackboard_are_its_whole_trace():
    model = open_model("two_heads")
    words = ["apple", "orange"]
    whole, seen = model.run(None, words, CPU), model.run(None, words, CPU, View(head=ALL_HEADS))
    assert seen.identical(whole)
    tokens = model.tokens(None, words)
    assert model.contents(tokens, View(head=ALL_HEADS)) == model.contents(tokens, View())
    assert seen["similarity"].attrs["formula"] != "q · k / √d"  # of the embeddings, not of a head


@pytest.mark.parametrize("head", [None, ALL_HEADS, "wide", "slim"])
def test_heads_of_different_sizes(write, head):
    model = open_model(str(write(UNEVEN)))
    trace = from_bytes(to_bytes(model.run("apple orange", None, CPU, View(head=head))))
    same(model.contents(model.tokens("apple orange"), View(head=head)), trace)
    if head in ("wide", "slim"):
        assert not any(np.isnan(array.values).any() for array in trace.data_vars.values())


def test_padding_is_refused(write):
    model = open_model(str(write(UNEVEN)))
    traces = {"": from_bytes(to_bytes(model.run("apple orange", None, CPU, View(head=ALL_HEADS))))}
    door = Door(traces)
    assert door.read("queries", head="slim").shape == (2,)  # a row of one coordinate for each of two words
    assert door.read("queries", head="wide").shape == (2, 3)
    assert door.read("W_Q", head=["wide"]).shape == (1, 2, 3)
    assert complaint(door.read, "queries", head="slim", d_head="2") == (
        "head 'slim' has no d_head '2' in 'queries'; it has 1 … 1"
    )
    assert complaint(door.numbers, "queries", None, "fixed", None, {"d_head": "3"}) == (
        "head 'slim' has no d_head '3' in 'queries'; it has 1 … 1"
    )
    assert complaint(door.read, "values", token="apple") == (
        "the heads differ in their d_value (wide: 1, slim: 2); read 'values' of one head at a time"
    )
    assert door.read("values", token="apple", d_value="1").shape == (2,)
    assert ask(traces, Read("entries", name="values")) is None
    assert not np.isnan(entries_of(traces, Read("entries", name="head_outputs", coords=(("head", ("slim",)),)))).any()
    assert door.labels("d_head", "queries") == ["1", "2", "3"]
    assert door.labels("d_head", "queries", head="slim") == ["1"]
    assert door.labels("d_value", "values", head="slim") == ["1", "2"]


def test_check_knows_all_heads_and_their_sizes(write):
    file = write(UNEVEN)
    board = contents_of(str(file), file.parent, "apple orange", None, View(head=ALL_HEADS))
    assert board.head_labels == {
        "d_head": {"wide": ("1", "2", "3"), "slim": ("1",)},
        "d_value": {"wide": ("1",), "slim": ("1", "2")},
    }
    assert board.absent["maps"] == "its file has no maps"
    assert contents_of(str(file), file.parent, "apple orange", None, View(head="slim")).head_labels == {}


def test_no_head_is_called_all(write):
    assert complaint(lambda: open_model(str(write(UNEVEN.replace("slim", "all")))).tokens("apple")).endswith(
        "a head is named 'all'; `head: all` means all heads: choose another name"
    )


def test_a_storyboard_is_told_what_to_write(tmp_path, write):
    board = write(UNEVEN)
    storyboard = tmp_path / "lecture.yaml"
    storyboard.write_text(f"""\
title: All heads
model: {{name: {board}, head: all}}
chapters:
  - title: Heads
    scenes:
      - scene: embedding_plane
        sentence: apple orange
        shots:
          - show_words: [apple]
            say: "{{queries[slim, apple, 2]}} and {{queries[slim, apple, 1]}}, {{determinant[flip]}}"
      - scene: embedding_plane
        sentence: an apple
        model: {{name: small, layer: 2, head: all}}
        shots:
          - show_words: [apple]
            say: "{{weights[3, apple, an]}} and {{softmax[apple, an]}}"
""")
    assert [line.split(".say: ", 1)[1] for line in complaint(open_storyboard, storyboard).splitlines()] == [
        "'{queries[slim, apple, 2]}': head 'slim' has no d_head '2'; it has: 1",
        "'{determinant[flip]}': there is no array 'determinant' here; its file has no maps",
        "'{softmax[apple, an]}': there is no array 'softmax' here; "
        "it is of one head: write `head: 1` (or another of: 1, 2, 3, 4) instead of `head: all`",
    ]
