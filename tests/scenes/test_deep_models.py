"""Scenes of models with several layers: the same verbs, with places in a plane and one head's table."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from trained_models import trained

from attnviz.input.problems import ProblemsFound
from attnviz.model.door import open_model
from attnviz.model.interface import Settings, View
from attnviz.render.opening import open_storyboard
from attnviz.stage.layout import faults
from attnviz.stage.numbers import show
from attnviz.testing import RehearsedShot, rehearse

pytestmark = pytest.mark.slow

PLANE = (("fruit", ("orange", "lemon")), ("technology", ("phone", "laptop")))
HEAD = """
title: T
model: {name: ./mine, layer: 2, head: 2, plane: {fruit: [orange, lemon], technology: [phone, laptop]}}
chapters:
  - title: C
    scenes:
"""
SCENE = """      - scene: %s
        focus: apple
        sentences:
          fruit: an orange and an apple
          tech: a new phone and an apple
        shots:
"""


def play(folder: Path, scene: str, *shots: str, text: str = SCENE, **shape: object) -> list[RehearsedShot]:
    trained(folder / "mine", **shape)
    path = folder / "s.yaml"
    path.write_text(HEAD + text % scene + "".join(f"          - {shot}\n" for shot in shots))
    return rehearse(open_storyboard(path))


def seen(folder: Path, sentence: str):
    return open_model(str(folder / "mine")).run(sentence, None, Settings(device="cpu"), View(2, "2", PLANE))


def texts(shot: RehearsedShot) -> list[str]:
    return [receipt.text for receipt in shot.receipts]


def test_places_and_pulls_are_those_of_the_trace(tmp_path):
    shots = play(
        tmp_path,
        "embedding_plane",
        "show_plane: left",
        "show_words: [orange, apple]",
        "show_weights: {word: apple, sentence: fruit}",
        "pull: {word: apple, toward: orange, sentence: fruit}",
    )
    trace = seen(tmp_path, "an orange and an apple")
    weight = trace["weights"].sel(query="apple", key="orange").item()
    assert show(weight, "fixed", 2) in texts(shots[3])
    for value in trace["points"].sel(token="orange").values:
        assert show(value, "short", 2) in texts(shots[3])
    arrays = {receipt.array for shot in shots for receipt in shot.receipts}
    assert arrays == {"weights", "points", "mixed_points", None}
    assert not [fault for shot in shots for fault in faults(shot.layout)]


def test_a_pull_ends_where_the_weights_of_all_words_take_it(tmp_path):
    """Also of those that the scene leaves out: they are the term "others"."""
    head = SCENE.replace(
        "fruit: an orange and an apple", "fruit: {text: an orange and an apple, words: [orange, apple]}"
    )
    shots = ("show_words: [orange, apple]", "pull: {word: apple, toward: orange, sentence: fruit}")
    *_, pull = play(tmp_path, "embedding_plane", *shots, text=head)
    trace = seen(tmp_path, "an orange and an apple")
    goal = trace["weights"].sel(query="apple").values.reshape(-1) @ trace["points"].values
    assert trace["mixed_points"].sel(token="apple").values == pytest.approx(goal)
    for value in goal:
        assert show(value, "fixed", 2) in texts(pull)
    [rest] = {receipt.value for receipt in pull.receipts if (receipt.formula or "").startswith("1 - weights")}
    kept = trace["weights"].sel(query="apple", key=["orange", "apple"]).sum().item()
    assert rest == pytest.approx(1 - kept)


def test_a_word_of_a_real_model_comes_as_two_of_many_numbers(tmp_path):
    _, words = play(tmp_path, "embedding_plane", "show_plane:", "show_words: [orange]")
    trace = seen(tmp_path, "an orange and an apple")
    assert str(trace.sizes["d_model"]) in texts(words)
    assert [show(value, "short", 2) for value in trace["points"].sel(token="orange").values] == texts(words)[:2]


def test_gathering_goes_from_layer_to_layer(tmp_path):
    *_, last = play(tmp_path, "embedding_plane", "show_plane: left", "show_words: [apple]", "gather: 2")
    assert "3" in texts(last)  # the words had passed one layer before
    assert any("layer" in placed.text for placed in last.layout)
    with pytest.raises(ProblemsFound, match="the words have taken all 3 layers"):
        play(tmp_path, "embedding_plane", "show_plane: left", "show_words: [apple]", "gather: 3")


@pytest.mark.parametrize("architecture", ["decoder", "encoder"])
def test_the_table_is_the_scores_of_the_chosen_head(tmp_path, architecture):
    verbs = ("show_sentence: fruit", "show_embeddings:", "show_similarity:", "softmax:", "exponentiate:", "divide:")
    *_, similarity, softmax, _, _ = play(tmp_path, "attention_table", *verbs, architecture=architecture)
    trace = seen(tmp_path, "an orange and an apple")
    chosen = trace.sel(layer="2", head="2")
    written = [receipt for receipt in softmax.receipts if receipt.array == "softmax"]
    for receipt in written:
        assert receipt.text == show(chosen["weights"].sel(receipt.coords).item(), "fixed", 2)
    assert len(written) == 25 + 5  # the row of apple stands there once more, added up
    hidden = [receipt for receipt in similarity.receipts if receipt.text == "-inf"]
    assert len(hidden) == (10 if architecture == "decoder" else 0)
    assert any("layer 2, head 2" in placed.text for placed in similarity.layout)


@pytest.mark.parametrize("verb", ["normalise:", "explode: 2"])
def test_what_a_mask_makes_meaningless_is_refused(tmp_path, verb):
    with pytest.raises(ProblemsFound, match="a causal mask makes some scores −∞"):
        play(tmp_path, "attention_table", "show_sentence: fruit", verb)


DRIFT = ("show_plane:", "show_words: [apple]", "drift: {word: apple, sentence: fruit, like: orange}")


def test_a_way_through_the_layers_ends_where_the_trace_says(tmp_path):
    *_, drift, other, share = play(
        tmp_path,
        "layer_drift",
        *DRIFT,
        "drift: {word: apple, sentence: tech}",
        "show_share: {word: apple, sentence: tech}",
    )
    for shot, sentence in ((drift, "an orange and an apple"), (other, "a new phone and an apple")):
        for value in seen(tmp_path, sentence)["point_steps"].sel(depth="3", token="apple").values:
            assert show(value, "fixed", 2) in texts(shot)
    shown = seen(tmp_path, "a new phone and an apple")["plane_share"].sel(token="apple").item()
    assert show(shown, "percent", 2) in {r.text.removesuffix(" %") for r in share.receipts if r.array == "plane_share"}
    assert not faults(other.layout)


def test_the_word_that_it_becomes_like_moves_too_and_leaves_a_mark(tmp_path, monkeypatch):
    from attnviz.stage import Board, OldPlace

    moved, laid = defaultdict(list), []
    move, lay = Board.move, Board.lay

    def watched(board, vectors, run_time=1.5):
        for token, vector in vectors.items():
            moved[token.partition("#")[0]].append(vector)
        return move(board, vectors, run_time)

    def laying(board, *things):
        laid.extend(thing.vector for thing in things if isinstance(thing, OldPlace))
        lay(board, *things)

    monkeypatch.setattr(Board, "move", watched)
    monkeypatch.setattr(Board, "lay", laying)
    *_, drift = play(tmp_path, "layer_drift", "show_words: [orange, apple]", DRIFT[-1])
    steps = seen(tmp_path, "an orange and an apple")["point_steps"]
    for word in ("orange", "apple"):  # from where they enter the second of three layers
        assert np.allclose(moved[word], steps.sel(token=word, depth=["2", "3"]).values, rtol=1e-5)
    assert np.allclose(laid, [steps.sel(token="orange", depth="1").values], rtol=1e-5)
    assert not faults(drift.layout)


def test_a_plane_opens_with_the_words_that_are_shown_on_it(tmp_path):
    [shot] = play(tmp_path, "layer_drift", "show_words: [orange, apple]")
    assert {"orange", "apple"} <= {each.text for each in shot.layout}
    assert shot.frames <= 3 * 60  # in plays of 2 s at most, and what a shot stands still at its end
    assert not faults(shot.layout)


def test_the_share_of_the_variance_changes_from_layer_to_layer(tmp_path):
    *_, before, drift, again = play(
        tmp_path, "layer_drift", "show_plane:", "show_variance:", DRIFT[-1], "drift: {word: apple, sentence: tech}"
    )
    shown = seen(tmp_path, "an orange and an apple")["variance_shown"]
    by_depth = {depth: f"{show(shown.sel(depth=depth).item(), 'percent', 2)} %" for depth in ("1", "2", "3")}
    [first] = [receipt for receipt in before.receipts if receipt.array == "variance_shown"]
    assert (first.coords, first.text) == ({"depth": "1"}, by_depth["1"])
    for shot in (drift, again):
        told = {r.coords["depth"]: r.text for r in shot.receipts if r.array == "variance_shown"}
        assert told == by_depth
    assert not faults(again.layout)
    with pytest.raises(ProblemsFound, match="the share of the variance is already there"):
        play(tmp_path, "layer_drift", "show_variance:", "show_variance:")


@pytest.mark.parametrize(
    ("shots", "message"),
    [
        (("show_plane:", "show_plane:"), "the plane is already there"),
        ((*DRIFT, "drift: {word: orange, sentence: fruit}"), "'orange' has gone its way in this sentence"),
        ((*DRIFT, DRIFT[-1]), "'apple' has gone its way in this sentence"),
        (("drift: {word: phone, sentence: fruit}",), "unknown word 'phone'"),
        (("show_words: [apple]", "show_words: [apple]"), "these words are already on the plane"),
    ],
)
def test_what_a_drift_refuses(tmp_path, shots, message):
    with pytest.raises(ProblemsFound, match=message):
        play(tmp_path, "layer_drift", *shots)


def test_a_blackboard_drifts_by_steps_of_its_one_layer(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(
        "title: T\nmodel: fruit_and_tech\nchapters:\n  - title: C\n    scenes:\n      - scene: layer_drift\n"
        "        sentence: an apple phone\n        shots: [{drift: apple}]\n"
    )
    [drift] = rehearse(open_storyboard(path))
    assert any("step" in placed.text for placed in drift.layout)
    path.write_text(path.read_text().replace("drift: apple", "show_share: apple"))
    with pytest.raises(ProblemsFound, match="shows all of its vectors"):
        rehearse(open_storyboard(path))


def test_vectors_and_maps_are_drawn_in_the_plane(tmp_path):
    shots = play(tmp_path, "similarity", "show_vectors: [apple, orange]", "multiply: {first: apple, second: orange}")
    trace = seen(tmp_path, "an orange and an apple")
    assert show(trace["dot"].sel(query="apple", key="orange").item(), "short", 2) in texts(shots[1])
    shots = play(tmp_path, "linear_map", "show_plane:", "show_words: [apple, orange]", "show_matrix: head 2")
    for value in trace["maps"].sel(map="head 2").values.ravel():
        assert show(value, "short", 2) in texts(shots[2])


def test_a_row_of_some_words_leaves_the_rest_to_others(tmp_path):
    head = SCENE.replace(
        "fruit: an orange and an apple", "fruit: {text: an orange and an apple, words: [orange, apple]}"
    )
    *_, last = play(
        tmp_path, "attention_table", "show_similarity: fruit", "softmax:", "highlight_row: apple", text=head
    )
    weights = seen(tmp_path, "an orange and an apple")["softmax"].sel(query="apple", key=["orange", "apple"])
    [others] = [receipt for receipt in last.receipts if receipt.formula and receipt.formula.startswith("1 - softmax")]
    assert others.value == pytest.approx(1 - weights.sum().item(), abs=1e-5)
    assert any("{o} thin {others}" in placed.text for placed in last.layout)
    assert "1.00" in texts(last)
    with pytest.raises(ProblemsFound, match="words of the sentence are left out"):
        play(tmp_path, "attention_table", "show_similarity: fruit", "divide:", text=head)


def test_displayed_numbers_are_for_blackboards(tmp_path):
    trained(tmp_path / "mine")
    path = tmp_path / "s.yaml"
    path.write_text(
        HEAD.replace("title: T", "title: T\ncarry: displayed") + SCENE % "layer_drift" + "          - show_plane:\n"
    )
    with pytest.raises(
        ProblemsFound, match=r"s.yaml:3: carry: the model './mine' cannot compute on .*write `carry: exact`"
    ):
        open_storyboard(path)
    path.write_text(path.read_text().replace("focus: apple", "carry: exact"))
    open_storyboard(path)


def test_the_model_is_named(tmp_path):
    _, shot = play(tmp_path, "layer_drift", "show_plane:", "show_model:")
    assert {"mine:", "{layer} layers × {head} heads"} <= {placed.text for placed in shot.layout}
    trace = open_model(str(tmp_path / "mine")).run("an orange", None, Settings(device="cpu"))
    assert texts(shot) == [str(trace.sizes["layer"]), str(trace.sizes["head"])]


def test_a_share_below_one_percent_is_not_shown_as_zero(tmp_path, monkeypatch):
    from attnviz.stage import reading

    read = reading.numbers_of
    monkeypatch.setattr(
        reading,
        "numbers_of",
        lambda *given: [replace(found, value=found.value / 1000).styled("percent", 2) for found in read(*given)],
    )
    *_, share = play(tmp_path, "layer_drift", "show_plane:", "show_share: apple")
    [written] = [r for r in share.receipts if r.array == "plane_share"]
    assert 0 < float(written.text.removesuffix(" %")) < 1


def test_a_word_that_goes_its_way_is_always_on_screen(tmp_path, monkeypatch):
    from attnviz.stage import Stage, Writing

    played, on_screen = Stage.play, defaultdict(list)

    def play_and_look(stage, *args, **given):
        played(stage, *args, **given)
        family = stage.get_mobject_family_members()
        on_screen[id(stage)].append(sum(isinstance(m, Writing) and m.source == "apple" for m in family))

    monkeypatch.setattr(Stage, "play", play_and_look)
    play(tmp_path, "layer_drift", *DRIFT)
    for names in on_screen.values():
        assert names == sorted(names)  # first its label, then its chip as well; neither goes
        assert names[-1] == 2


def test_the_stops_of_a_way_are_numbered(tmp_path):
    *_, drift = play(tmp_path, "layer_drift", *DRIFT)
    passed = [receipt for receipt in drift.receipts if receipt.formula == "layers that the word has passed"]
    assert {"1", "2", "3"} >= {receipt.text for receipt in passed}
    assert "1" in texts(drift)  # the stop where it begins: it has passed the first layer
    assert not faults(drift.layout)


def products_are_right(shot: RehearsedShot) -> None:
    """What is multiplied on screen gives the products on screen, digit by digit as far as these go."""
    receipts = [receipt for receipt in shot.receipts if receipt.array in ("points", "products")]
    factors = {}
    for receipt in receipts:
        if receipt.array == "points":
            factors[receipt.coords["token"], receipt.coords["axis"]] = receipt.value
    for receipt in receipts:
        if receipt.array == "products":
            one, other = (factors[receipt.coords[dim], receipt.coords["axis"]] for dim in ("query", "key"))
            assert receipt.value == pytest.approx(one * other, abs=1e-9)


def test_a_product_is_of_the_vectors_that_are_drawn(tmp_path):
    shots = ("show_vectors: [apple, orange, phone]", "multiply: {first: apple, second: orange}")
    products_are_right(play(tmp_path, "similarity", *shots)[1])
    with pytest.raises(ProblemsFound, match="'apple' is drawn as in another sentence than 'tech'"):
        play(tmp_path, "similarity", shots[0], "multiply: {first: apple, second: phone}")


def test_a_distance_is_of_the_points_that_are_drawn(tmp_path):
    shots = ("show_plane:", "show_words: [apple, orange, phone]")
    play(tmp_path, "linear_map", *shots, "measure: {first: apple, second: orange}")
    with pytest.raises(ProblemsFound, match="'apple' is drawn as in another sentence"):
        play(tmp_path, "linear_map", *shots, "measure: {first: apple, second: phone}")


def test_a_pull_in_another_sentence_starts_where_the_word_stands_there(tmp_path):
    *_, pull = play(
        tmp_path,
        "embedding_plane",
        "show_plane: left",
        "show_words: [apple, orange, phone]",
        "pull: {word: apple, toward: phone, sentence: tech}",
    )
    trace = seen(tmp_path, "a new phone and an apple")
    weight = trace["weights"].sel(query="apple", key="phone").item()
    start, end = (trace["points"].sel(token=token).values for token in ("apple", "phone"))
    assert show(weight, "fixed", 2) in texts(pull)
    for value in trace["mixed_points"].sel(token="apple").values:
        assert show(value, "fixed", 2) in texts(pull)
    written = {(r.coords["token"], r.coords["axis"]): r.value for r in pull.receipts if r.array == "points"}
    assert written["apple", "fruit"] == pytest.approx(start[0])
    assert written["phone", "fruit"] == pytest.approx(end[0])


def test_what_a_bar_does_not_show_is_left_to_others(tmp_path):
    head = SCENE.replace(
        "tech: a new phone and an apple", "tech: {text: a new phone and an apple, words: [phone, apple]}"
    )
    shots = ("show_plane: left", "show_words: [apple, phone]", "show_weights: {word: apple, sentence: tech}")
    *_, bar = play(tmp_path, "embedding_plane", *shots, text=head)
    weights = seen(tmp_path, "a new phone and an apple")["weights"].sel(query="apple")
    kept = [w for w in (weights.sel(key=key).item() for key in ("phone", "apple")) if w >= 0.005]
    [others] = [receipt for receipt in bar.receipts if receipt.formula and receipt.formula.startswith("1 - ")]
    assert others.value == pytest.approx(1 - sum(kept))
