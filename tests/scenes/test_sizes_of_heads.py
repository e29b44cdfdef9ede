"""Any number of words, heads and sizes: what is too large is a window that says what it leaves out, without faults."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from trained_models import trained

from attnviz.model.door import open_model
from attnviz.model.interface import Settings, View
from attnviz.stage import Stage
from attnviz.testing import PlayedShot, open_stage, traces_of
from tests.played import done

NAMES = ("orange", "apple", "and", "microwave", "phone", "lemon", "Android", "banana")


class Size(NamedTuple):
    words: int
    heads: int
    d_k: int
    d_v: int


SIZES = {
    "one word, one head": Size(1, 1, 2, 2),
    "one head of one": Size(3, 1, 1, 1),
    "eight heads of 16": Size(3, 8, 16, 16),
    "sixteen heads": Size(3, 16, 2, 2),
    "d_k 64, and forty words": Size(40, 3, 64, 64),
}
FEW_HEADS = [name for name in SIZES if name != "sixteen heads"]
SMALL = {"one word, one head", "one head of one"}


def board(size: Size) -> dict[str, Any]:
    """Return a blackboard of random numbers, from a seed: words on two axes, heads, and a W_O back to two."""
    dice = np.random.default_rng(7)

    def matrix(rows: int, columns: int) -> list[list[float]]:
        return dice.normal(0, 0.5, (rows, columns)).round(2).tolist()

    names = [NAMES[k] if k < len(NAMES) else f"word-{k}" for k in range(max(2, size.words))]
    heads = [
        {"name": f"h{k}", "W_Q": matrix(2, size.d_k), "W_K": matrix(2, size.d_k), "W_V": matrix(2, size.d_v)}
        for k in range(size.heads)
    ]
    return {
        "kind": "blackboard", "axes": ["technology", "fruitness"],
        "words": dict(zip(names, matrix(len(names), 2), strict=True)),
        "similarity": "scaled_dot", "weights": "softmax", "heads": heads,
        "W_O": matrix(size.heads * size.d_v, 2),
    }  # fmt: skip


def stage_of(scene: str, size: Size, focus: str) -> Stage:
    model = board(size)
    words = [*model["words"]][: size.words]
    return open_stage(scene, traces_of(model, {"s": {"words": words}}), focus=focus)


def focus_of(size: Size) -> str:
    return "apple" if size.words > 1 else "orange"


def told(shot: PlayedShot) -> dict[str, str]:
    """Return what a note at rest says is left out: of how many words, heads or coordinates."""
    return {
        r.formula.removeprefix("number of "): r.text
        for r in shot.at_rest
        if r.formula in {"number of words", "number of heads", "number of coordinates"}
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", SIZES)
def test_heads_side_by_side(name: str) -> None:
    size = SIZES[name]
    stage, focus = stage_of("heads", size, focus_of(size)), focus_of(size)
    shots = [done(stage, verb) for verb in ("show_weights", "show_outputs", "concatenate", "bring_back")]
    said = told(shots[1])
    assert bool(said) == (name not in SMALL)
    assert said.get("words", "40") == "40"
    assert said.get("heads", str(size.heads)) == str(size.heads)
    if size.words > 8:
        assert "words" in said
    count = [r.text for r in shots[2].at_rest if (r.formula or "").startswith("number of columns")]
    assert count == [str(size.heads * size.d_v)]  # all of them, whatever is shown
    done(stage, "work_out", word=focus)
    done(stage, "weigh_heads", word=focus)


@pytest.mark.slow
def test_64_heads_of_a_transformer(tmp_path: Path) -> None:
    model = open_model(str(trained(tmp_path / "mine", heads=64, d_model=128, layers=1)))
    trace = model.run("an apple and an orange", None, Settings(device="cpu"), View(1, "all", ()))
    stage = open_stage("heads", {"s": trace}, focus="apple")
    assert told(done(stage, "show_weights"))["heads"] == "64"
    done(stage, "show_outputs")
    done(stage, "concatenate")
    shot = done(stage, "weigh_heads", word="apple")
    norms = trace["contribution_norm"].sel(token="apple").values.ravel()
    shown = [r.value for r in shot.at_rest if r.array == "contribution_norm"]
    assert sorted(shown) == pytest.approx(sorted(norms)[-len(shown) :], rel=5e-6)  # the largest of all
    assert len(shown) >= 5


@pytest.mark.slow
@pytest.mark.parametrize("name", FEW_HEADS)
def test_the_arithmetic_of_one_head(name: str) -> None:
    size = SIZES[name]
    stage, focus = stage_of("head_arithmetic", size, focus_of(size)), focus_of(size)
    done(stage, "merge_maps", head="h0")
    for to in ("values", "queries"):
        shot = done(stage, "transform", to=to, head="h0")
    shapes = {r.formula: r.text for r in shot.at_rest if (r.formula or "").startswith("number of ")}
    assert shapes["number of rows of queries"] == str(size.words)  # the true shape, also of a window
    assert shapes["number of columns of queries"] == str(size.d_k)
    for verb in ("score", "divide", "softmax", "mix"):
        done(stage, verb, **({"head": "h0"} if verb in {"score", "mix"} else {}))
    line = done(stage, "work_out", word=focus)
    weights, values = stage.read("weights", head="h0", query=focus), stage.read("values", head="h0", d_value="1")
    told_as_others = [r for r in line.at_rest if (r.formula or "").startswith("head_outputs")]
    assert len(told_as_others) == (size.words > 8)  # what the window leaves out, and the smallest terms
    for rest in told_as_others:
        terms = zip(np.atleast_1d(weights["key"]), weights.values * values.values, strict=True)
        expected = sum(term for key, term in terms if f"weights[h0, {focus}, {key}]" not in str(rest.formula))
        assert rest.value == pytest.approx(expected, abs=1e-5)  # of numbers of six significant digits


@pytest.mark.slow
@pytest.mark.parametrize("name", FEW_HEADS)
def test_the_graph(name: str) -> None:
    size = SIZES[name]
    stage = stage_of("attention_graph", size, focus_of(size))
    shot = done(stage, "show_graph", head="h0")
    assert told(shot) == ({"coordinates": "64"} if size.d_k > 48 else {})
    done(stage, "follow", parts=["queries", "keys", "values"])


@pytest.mark.slow
@pytest.mark.parametrize("name", FEW_HEADS)
def test_weights_times_values(name: str) -> None:
    size = SIZES[name]
    stage, focus = stage_of("value_planes", size, focus_of(size)), focus_of(size)
    done(stage, "make_values", head="h0")
    done(stage, "multiply_row", word=focus, head="h0")
    done(stage, "multiply_all", head="h0")
