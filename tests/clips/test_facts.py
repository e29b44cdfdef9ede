"""Which word, layer and head are chosen: against the weights and vectors of the whole trace, computed anew."""

from __future__ import annotations

import functools
import math
from pathlib import Path

import pytest
import xarray as xr

from attnviz.clips.facts import facts_of
from attnviz.model.door import opened_model
from attnviz.model.interface import Settings, View
from attnviz.testing import traces_of as traces_of_board

PEELED = "she peeled an orange and an apple"


@functools.cache
def traces_of(model: str, sentence: str) -> tuple[xr.Dataset, xr.Dataset]:
    """Return the view of a sentence, and its whole trace."""
    opened = opened_model(model, Path())
    return opened.run(sentence, None, Settings(), View()), opened.run(sentence, None, Settings())


def above_even(row: list[float], seen: int) -> float:
    return sum(max(0.0, weight - 1 / seen) for weight in row)


@pytest.mark.parametrize("model", ["small", "small-encoder"])
def test_word_layer_and_head_are_those_of_the_stated_measures(model: str) -> None:
    view, whole = traces_of(model, PEELED)
    facts = facts_of(view)
    causal = model == "small"
    tokens = [str(each) for each in whole["token"].values]
    stream = whole["residual"].values  # layer stage token d_model
    moves = {token: math.dist(stream[-1, -1, k].tolist(), stream[0, 0, k].tolist()) for k, token in enumerate(tokens)}
    asked = tokens[2:] if causal else tokens  # "she" is a sink, and "peeled" sees no other word
    assert facts.word == max(asked, key=moves.__getitem__)
    query = tokens.index(facts.word)
    sink = 0 if causal else None
    seen = query + 1 if causal else len(tokens)
    found: dict[int, dict[tuple[int, str], float]] = {2: {}, 1: {}, 0: {}}  # by how far away they look first
    for layer, heads in enumerate(whole["weights"].values.tolist(), 1):
        for head, rows in enumerate(heads, 1):
            row = [0.0 if k == sink else weight for k, weight in enumerate(rows[query])]
            away = min(2, abs(row.index(max(row)) - query)) if max(row) else 0
            found[away][layer, str(head)] = above_even(row, seen)
    best = next(found[away] for away in (2, 1, 0) if found[away])
    assert (facts.layer, facts.head) == max(best, key=best.__getitem__)
    assert facts.beyond == len(found[2])
    row = whole["weights"].values[facts.layer - 1, int(facts.head or 0) - 1, query]
    ranked = sorted((k for k in range(len(tokens)) if k not in (query, sink) and row[k] > 0), key=lambda k: -row[k])
    assert list(facts.partners) == [tokens[k] for k in ranked]
    assert facts.sinks == (("she",) if causal else ())


def test_what_is_given_is_kept() -> None:
    view, _ = traces_of("small", PEELED)
    facts = facts_of(view, word="an#2", layer=2, head="3")
    assert (facts.word, facts.layer, facts.head) == ("an#2", 2, "3")
    values = facts.values()
    assert (values["word"].plain, values["word"].said, values["head"].label) == ("an#2", "an₂", '"3"')
    assert facts_of(view, layer=2).layer == 2
    assert facts_of(view, head="3").head == "3"
    assert facts_of(view, among=["an", "apple"]).word in ("an", "apple")


def test_the_distance_that_all_layers_take_a_word() -> None:
    view, whole = traces_of("small", PEELED)
    stream = whole["residual"].values
    for k, move in enumerate(view["total_move"].values):
        assert move == pytest.approx(math.dist(stream[-1, -1, k], stream[0, 0, k]), rel=1e-12)


@pytest.mark.parametrize(("sentence", "word"), [("apple", "apple"), ("an apple", "apple"), (". .", ".#2")])
def test_a_sentence_with_nothing_to_look_at(sentence: str, word: str) -> None:
    view, _ = traces_of("small", sentence)
    facts = facts_of(view)
    assert facts.word == word
    assert facts.partners == ()
    assert "first" not in facts.values()


def test_a_blackboard_has_no_layers_and_the_word_that_its_attention_moves_farthest() -> None:
    opened = opened_model("fruit_and_tech", Path())
    trace = opened.run("an apple and an orange", None, Settings(), View())
    facts = facts_of(trace)
    moves = [math.dist(*pair) for pair in zip(trace["output"].values, trace["embeddings"].values, strict=True)]
    tokens = [str(each) for each in trace["token"].values]
    assert facts.word == tokens[moves.index(max(moves))]
    assert (facts.layer, facts.head, facts.layers) == (None, None, 1)
    row = dict(zip(tokens, trace["weights"].sel(query=facts.word).values.ravel().tolist(), strict=True))
    del row[facts.word]
    assert facts.partners[0] == max(row, key=row.__getitem__)


def test_what_stands_for_no_word_is_not_chosen_however_often_it_comes() -> None:
    board = {"kind": "blackboard", "axes": ["x", "y"], "similarity": "dot", "weights": "softmax"}
    words = {"a": [1, 0], "[UNK]": [0, 9], "$": [9, 9], "b": [0.5, 0]}
    sentence = ["a", "[UNK]", "[UNK]", "$", "$", "b"]
    trace = traces_of_board(board | {"words": words}, {"s": {"words": sentence}})["s"]
    assert facts_of(trace).word in ("a", "b")


def test_values_of_another_dimension_are_no_place_to_move_to() -> None:
    views = [
        opened_model(name, Path()).run("an apple phone", None, Settings(), View())
        for name in ("value_plane", "fruit_and_tech")
    ]
    assert ["moves" in facts_of(view).values() for view in views] == [False, True]
