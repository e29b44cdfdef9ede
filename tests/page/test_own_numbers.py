"""What a page computes of a sentence is what torch computes of it: every array, with its labels and its fingerprint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, models

from attnviz.model.door import open_model
from attnviz.model.interface import Carry, Model, Settings
from attnviz.model.trained.folder import CONFIG, MODEL, TOKENIZER
from attnviz.model.transformer_arrays import is_parameter
from attnviz.model.transformer_config import read_transformer
from attnviz.page.own import own_model
from tests.browsers import needs_browser, opened_page
from tests.model.boards import UNEVEN
from tests.page.own_pages import computed, open_own
from tests.trained_models import WORDS, trained

pytestmark = needs_browser
APART = 1e-9
"""Both compute in double precision: far more than what the order of sums may change, far less than anybody sees."""
SHAPES: dict[str, dict[str, Any]] = {
    "learned, rms, gelu": {"norm": "rms"},
    "rotary, grouped, swiglu": {"positions": "rotary", "key_value_heads": 1, "feed_forward": "swiglu", "d_head": 6},
    "sinusoidal, norm after, relu, bias": {
        "positions": "sinusoidal", "norm_position": "after", "feed_forward": "relu", "bias": True,
    },
    "encoder, untied, bias": {"architecture": "encoder", "tied": False, "bias": True, "feed_forward": "swiglu"},
    "encoder without positions": {"architecture": "encoder", "positions": "none", "norm_position": "after"},
    "one layer, one head": {"layers": 1, "heads": 1, "positions": "rotary", "norm": "rms", "bias": True},
}  # fmt: skip
NORMALISED = """\
kind: blackboard
axes: [x, y]
words: {apple: [1, 0.25], orange: [0, 1], and: [0, 0], not: [-1, -0.25]}
similarity: scaled_dot
weights: normalised
"""
SCORES = NORMALISED.replace("normalised", "scores")


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    with opened_page() as opened:
        yield opened


def check(page: Any, model: Model, text: str, words: Sequence[str] | None = None, carry: Carry = "exact") -> None:
    """Hold every array that a page computes to that of a trace; and no array of a transformer is left out."""
    found, trace = computed(page, text, words, carry), model.run(text, words, Settings(carry=carry))
    assert found["fingerprint"] == trace.attrs["fingerprint"]
    for name, array in found["arrays"].items():
        expected = trace[name]
        assert array["dims"] == list(expected.dims), name
        for dim in array["dims"]:
            assert found["labels"][dim] == [str(label) for label in expected[dim].values], (name, dim)
        values = np.array(array["data"], dtype=float).reshape(array["shape"])
        np.testing.assert_allclose(values, expected.values.astype(float), rtol=APART, atol=APART, err_msg=name)
    if "layer" in trace.dims:
        assert {*found["arrays"]} == {name for name in map(str, trace.data_vars) if not is_parameter(name)}


@pytest.mark.parametrize("name", ["small", "small-encoder"])
def test_the_trained_models_that_come_with_attnviz(page: Any, tmp_path: Path, name: str) -> None:
    open_own(page, tmp_path, [model := open_model(name)])
    for text in ("Please buy an apple and an apple.", "<mask>"):
        check(page, model, text)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_that_a_training_can_have(page: Any, tmp_path: Path, shape: str) -> None:
    open_own(page, tmp_path, [model := open_model(str(trained(tmp_path / "model", **SHAPES[shape])))])
    for text in ("an apple and an orange", "phone", "a new phone and the lemon and an apple"):
        check(page, model, text)


@pytest.mark.parametrize("carry", ["exact", "displayed"])
@pytest.mark.parametrize("name", ["fruit_and_tech", "two_heads", "three_heads", "similarity_board", "value_plane"])
def test_the_blackboards_that_come_with_attnviz(page: Any, tmp_path: Path, name: str, carry: Carry) -> None:
    open_own(page, tmp_path, [model := open_model(name)])
    check(page, model, "orange phone orange", carry=carry)
    check(page, model, "Orange, phone!", words=["phone", "orange"], carry=carry)


@pytest.mark.parametrize("carry", ["exact", "displayed"])
@pytest.mark.parametrize("text", [UNEVEN, NORMALISED, SCORES], ids=["heads of two sizes", "normalised", "scores"])
def test_other_blackboards(page: Any, tmp_path: Path, text: str, carry: Carry) -> None:
    (tmp_path / "board.yaml").write_text(text)
    open_own(page, tmp_path / "page", [model := open_model(str(tmp_path / "board.yaml"))])
    check(page, model, "apple orange apple", carry=carry)
    if "and:" in text:
        check(page, model, "and apple not orange", carry=carry)


def test_numbers_are_rounded_as_python_rounds_them(page: Any, tmp_path: Path) -> None:
    open_own(page, tmp_path, [open_model("fruit_and_tech")])
    numbers = [
        0.125,
        0.375,
        -0.125,
        2.5,
        3.5,
        0.5,
        -0.5,
        1.005,
        1e-9,
        -1e-9,
        0.0,
        123456.785,
        1e21,
        0.045,
        99.995,
        1e16,
    ]
    for decimals in range(7):
        shown = page.evaluate(
            "([all, decimals]) => all.map(each => attnviz.attention.shown(each, decimals))", [numbers, decimals]
        )
        assert shown == [float(f"{number:.{decimals}f}") for number in numbers], decimals


def test_a_model_that_no_page_can_compute_with_says_why(tmp_path: Path) -> None:
    assert own_model(open_model("hf:gpt2")) == "“hf:gpt2” is a published model, and too large to run in this page."
    large = trained(tmp_path / "large", d_model=640, heads=8)
    number = read_transformer(large / CONFIG).parameters
    assert own_model(open_model(str(large))) == f"“large” has {number:,} parameters, too many to run in this page."
    pieces = trained(tmp_path / "pieces")
    Tokenizer(models.BPE({word: number for number, word in enumerate(WORDS)}, [])).save(str(pieces / TOKENIZER))
    assert own_model(open_model(str(pieces))) == "“pieces” reads pieces of words, which this page cannot cut."


def test_parameters_that_cannot_be_read_are_told_of(tmp_path: Path) -> None:
    damaged = trained(tmp_path / "damaged")
    (damaged / MODEL).write_bytes((damaged / MODEL).read_bytes()[:-9])
    told = own_model(open_model(str(damaged)))
    assert isinstance(told, str)
    assert told.startswith("“damaged” does not run in this page: the file is cut short")
    other = trained(tmp_path / "other")
    (other / MODEL).write_bytes((trained(tmp_path / "wider", d_model=16) / MODEL).read_bytes())
    number = read_transformer(other / CONFIG).parameters
    told = own_model(open_model(str(other)))
    assert told == f"“other” does not run in this page: the file has not the {number:,} finite numbers of this model."
    half = trained(tmp_path / "half")
    save_file({name: tensor.bfloat16() for name, tensor in load_file(half / MODEL).items()}, half / MODEL)
    told = own_model(open_model(str(half)))
    assert isinstance(told, str)
    assert "cannot be read without torch" in told
