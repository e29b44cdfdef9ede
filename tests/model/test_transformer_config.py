"""Every mistake in a transformer's file, as a person sees it; and what follows from what is written."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from attnviz.input.problems import ProblemsFound
from attnviz.model.transformer_config import TransformerConfig, read_transformer

GOOD = """\
kind: transformer
architecture: decoder
vocabulary: 100
context: 32
layers: 2
d_model: 64
heads: 4
"""


def complaints(path):
    with pytest.raises(ProblemsFound) as found:
        read_transformer(path)
    assert all(problem.file == path for problem in found.value.problems)
    return [str(problem).removeprefix(f"{path}:") for problem in found.value.problems]


def test_what_is_not_written_follows(write):
    config = read_transformer(write(GOOD))
    assert (config.d_head, config.key_value_heads, config.d_feed_forward) == (16, 4, 256)
    assert (config.positions, config.norm, config.feed_forward, config.tied) == ("learned", "layer", "gelu", True)
    assert read_transformer(write(GOOD + "feed_forward: swiglu")).d_feed_forward == 170
    assert read_transformer(write(GOOD + "d_head: 5")).d_head == 5
    assert TransformerConfig.model_validate(config.model_dump()) == config


MISTAKES = [
    ("colour: red", ["8: colour: unknown key; expected one of: kind, title, architecture, "]),
    ("layer: 2", ["8: layer: unknown key; did you mean 'layers'?"]),
    ("positions: rotory", ["8: positions: expected 'none', 'sinusoidal', 'learned' or 'rotary', not 'rotory'; did you mean 'rotary'?"]),
    ("norm: batch", ["8: norm: expected 'layer' or 'rms', not 'batch'"]),
    ("norm_position: first", ["8: norm_position: expected 'before' or 'after', not 'first'"]),
    ("norm_epsilon: 0", ["8: norm_epsilon: expected more than 0, not 0"]),
    ("feed_forward: swish", ["8: feed_forward: expected 'relu', 'gelu' or 'swiglu', not 'swish'"]),
    ("tied: 1", ["8: tied: expected true or false, not 1"]),
    ("key_value_heads: 3", ["8: key_value_heads: 4 heads cannot share 3 key-value heads equally; expected one of: 1, 2, 4"]),
    ("key_value_heads: 8", ["8: key_value_heads: 4 heads cannot share 8 key-value heads equally; expected one of: 1, 2, 4"]),
    ("key_value_heads: 0", ["8: key_value_heads: expected 1 or more, not 0"]),
    ("d_head: 0", ["8: d_head: expected 1 or more, not 0"]),
    ("d_head: 16.5", ["8: d_head: expected a whole number, not 16.5"]),
    ("d_head:", ["8: d_head: expected a whole number, not nothing"]),
    ("d_head: 3\npositions: rotary", ["9: positions: 'rotary' takes coordinates in pairs, but d_head is 3; expected an even number"]),
    ("d_feed_forward: 9999999", ["8: d_feed_forward: expected 500000 or less, not 9999999"]),
    ("colour: red\ntied: maybe", ["8: colour: unknown key", "9: tied: expected true or false, not 'maybe'"]),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), MISTAKES)
def test_mistakes(write, line, expected):
    found = complaints(write(GOOD + line + "\n"))
    assert len(found) == len(expected), found
    for one, beginning in zip(found, expected, strict=True):
        assert one.startswith(beginning), one


def test_mistakes_between_lines(write):
    assert complaints(write(GOOD.replace("heads: 4", "heads: 5"))) == [
        "7: heads: 5 heads cannot share the 64 coordinates of d_model equally; change one of them, or write d_head"
    ]
    assert complaints(write(GOOD.replace("d_model: 64", "d_model: 65\nd_head: 16\npositions: sinusoidal"))) == [
        "8: positions: 'sinusoidal' takes coordinates in pairs, but d_model is 65; expected an even number"
    ]
    assert complaints(write(GOOD.replace("architecture: decoder\n", "").replace("layers: 2", "layers: many"))) == [
        "1: architecture: missing",
        "4: layers: expected a whole number, not 'many'",
    ]
    assert complaints(write(GOOD.replace("kind: transformer", "kind: blackboard")))[0].startswith("1: kind: expected")
    assert complaints(write("[1]"))[0].startswith("1: expected a mapping")


def test_a_model_that_no_machine_could_hold(write):
    text = GOOD.replace("d_model: 64", "d_model: 65536").replace("layers: 2", "layers: 1024")
    (complaint,) = complaints(write(text))
    assert complaint.startswith("1: the model would have ")
    assert complaint.endswith(" parameters; at most 2,000,000,000 are allowed")


def test_a_config_cannot_be_changed():
    config = TransformerConfig(architecture="encoder", vocabulary=9, context=8, layers=1, d_model=4, heads=2)
    with pytest.raises(ValidationError):
        config.heads = 3


def test_reading_and_describing_need_no_torch():
    code = (
        "import attnviz.model.transformer_config, attnviz.model.transformer_arrays, sys; print('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
