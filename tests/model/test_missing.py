"""Every array that a trace lacks is missing for a reason, and the reason is true."""

from dataclasses import replace

import pytest

from attnviz.commands._arrays_page import NO_MODEL
from attnviz.input.content_paths import builtin_storyboards
from attnviz.model import transformer_arrays
from attnviz.model.arrays import ARRAYS, EXPERIMENT_ARRAYS, MAP_ARRAYS
from attnviz.model.door import open_model
from attnviz.model.published import arrays as published_arrays
from attnviz.model.transformer_config import TransformerConfig

EVERY = {*ARRAYS, *transformer_arrays.every_array()} - set(EXPERIMENT_ARRAYS)
SMALLEST = {"architecture": "decoder", "vocabulary": 1, "context": 1, "layers": 1, "d_model": 2, "heads": 1}
BOARD = "kind: blackboard\naxes: [x, y]\nwords: {apple: [1, 0]}\n"
HEADS = "heads: [{name: a, W_Q: [[1], [1]], W_K: [[1], [1]], W_V: [[1], [1]]}]\n"
NO_MAPS, NO_OUTPUT_MATRIX, NO_HEADS = "its file has no maps", "its file has no W_O", "it has no heads"
ELSEWHERE = "its output does not lie in the space of its embeddings"
MAPS = "maps: {flip: [[0, 1], [1, 0]]}\n"


def complete(there, missing) -> None:
    assert set(there) | set(missing) == EVERY
    assert not set(there) & set(missing)


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        (
            BOARD,
            dict.fromkeys(MAP_ARRAYS, NO_MAPS)
            | dict.fromkeys(("W_O", "head_contributions", "contribution_norm"), NO_OUTPUT_MATRIX)
            | dict.fromkeys(("W_Q", "W_K", "W_V", "bilinear", "bilinear_queries"), NO_HEADS),
        ),
        (
            BOARD + HEADS + MAPS,
            dict.fromkeys(("W_O", "head_contributions", "contribution_norm"), NO_OUTPUT_MATRIX)
            | dict.fromkeys(("repeated", "mapped_output"), ELSEWHERE),
        ),
        (BOARD + HEADS + MAPS + "W_O: [[1, 2]]\n", {}),
        (
            BOARD + HEADS + "W_O: [[1, 2, 3]]\n",
            dict.fromkeys(MAP_ARRAYS, NO_MAPS) | {"repeated": ELSEWHERE},
        ),
    ],
    ids=["plain", "heads and maps", "everything", "another space"],
)
def test_of_a_blackboard(write, text, reasons):
    model = open_model(str(write(text)))
    own = {name: why for name, why in model.missing().items() if why != "only models with layers have it"}
    assert own == reasons
    complete(model.arrays(), model.missing())


@pytest.mark.parametrize("file", sorted((builtin_storyboards() / "models").glob("*.yaml")), ids=lambda file: file.stem)
def test_of_the_built_in_blackboards(file):
    model = open_model(str(file))
    complete(model.arrays(), model.missing())


@pytest.mark.parametrize(
    ("changes", "arrays", "reason"),
    [
        ({"positions": "rotary"}, ("position_vectors",), "it adds no position vectors"),
        ({"positions": "sinusoidal"}, ("W_P",), "its positions are not learned"),
        (
            {"positions": "learned"},
            ("rotation_angles", "unturned_queries", "unturned_keys"),
            "it has no rotary position embeddings (RoPE)",
        ),
        ({"feed_forward": "gelu"}, ("W_gate", "b_gate"), "its feed-forward network has no gate"),
        ({"norm": "rms"}, ("norm_shift", "final_norm_shift"), "its norms (RMSNorm) have no shift"),
        (
            {"norm_position": "after", "norm": "rms"},
            ("final_normed", "final_norm_scale", "final_norm_shift"),
            "its last layer is not followed by a norm of its own",
        ),
        ({"bias": False}, ("b_Q", "b_K", "b_V", "b_O", "b_in", "b_out"), "its linear maps have no bias"),
        ({"architecture": "encoder"}, ("encoder_weights", "cross_weights"), "only encoder–decoders have it"),
        ({}, ("softmax", "maps", "repeated", "plane_distance"), transformer_arrays.SEEN_ONLY),
    ],
    ids=str,
)
def test_of_a_transformer(changes, arrays, reason):
    config = TransformerConfig.model_validate(SMALLEST | changes)
    missing = transformer_arrays.missing_of(config)
    assert {missing[name] for name in arrays} == {reason}
    complete(transformer_arrays.arrays_of(config), missing)


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("guesses", [True, False])
def test_of_a_published_model(both, guesses):
    spec = replace(NO_MODEL, both=both, guesses=guesses)
    missing = published_arrays.missing_of(spec)
    complete(published_arrays.arrays_of(spec), missing)
    assert missing["W_Q"] == missing["b_out"] == "the parameters of published models are not part of their traces"
    assert missing["normed"] == "it is recorded only of models that `attnviz train` has made"
    assert missing.get("logits") == (None if guesses else "it does not guess words")
    assert missing.get("cross_weights") == (None if both else "only encoder–decoders have it")
    assert missing["softmax"] == transformer_arrays.SEEN_ONLY


def test_of_a_trained_model():
    model = open_model("small")
    complete(model.arrays(), model.missing())
