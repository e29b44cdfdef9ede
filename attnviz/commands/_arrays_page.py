"""The generated page of all arrays: a blackboard's, a transformer's, a published model's, and what a scene sees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from attnviz.model import transformer_arrays
from attnviz.model.arrays import ARRAYS, ArrayInfo
from attnviz.model.blackboard.contents import LACKS
from attnviz.model.published import arrays as pretrained_arrays
from attnviz.model.published.spec import PretrainedSpec
from attnviz.model.transformer_config import Architecture, TransformerConfig
from attnviz.model.views.arrays import ONE_HEAD_ARRAYS, too_large, view_arrays
from attnviz.model.views.learning import LEARNING_ARRAYS

Arrays = Mapping[str, ArrayInfo]

INTRODUCTION = """\
`attnviz trace SENTENCE --model NAME --array all` prints the arrays of one model. In narration, and in a scene, an entry
is named by its labels along the dimensions, in this order; a dimension with one entry can be left out."""
BLACKBOARDS = """\
`attnviz trace` says why a model lacks an array; of a blackboard:
"""
TRANSFORMER = """\
The names are a blackboard's, with `layer` in front. Layers, heads and coordinates are called `1`, `2`, …; `stage` is
`input`, or the part (`attention`, `feed_forward`) after which the stream is seen. `queries` and `keys` are those that
are multiplied: with RoPE (rotary position embedding), after the rotation."""
BOTH = """\
The words that the encoder reads are counted by `source`, `source_query` and `source_key`. Formulas leave the prefix
out."""
PUBLISHED = """\
The same names; `stage` is `input` where the stream enters a layer, and `feed_forward` where it leaves it."""
SEEN = """\
The `model:` of a storyboard chooses one layer of a transformer, one head or `all`, and a plane for the words. What
scenes are written for has then the names that it has on a blackboard, and `similarity` holds the scores of the chosen
head. `axis` has the names of the plane's axes; `depth` counts the layers that a word has passed, from `0`."""

OF_TRAININGS = """\
Of a model that `attnviz train` has left with its steps. `training_step` and `update` say how many steps had been
taken; the loss is known of more of them."""

SMALLEST = {"vocabulary": 1, "context": 1, "layers": 1, "d_model": 2, "heads": 1}
FULLEST = {"bias": True, "feed_forward": "swiglu"}
PLAINEST = {"architecture": "decoder", "positions": "none", "norm": "rms", "norm_position": "after"}

NO_MODEL = PretrainedSpec(
    name="",
    folder=Path(),
    cache=Path(),
    model_type="",
    made_for="",
    both=False,
    guesses=True,
    vocabulary=1,
    context=1,
    layers=1,
    heads=1,
    key_value_heads=1,
    d_head=1,
    d_model=1,
    padding=0,
    start=0,
    end=None,
    quantised=None,
)


def arrays_page(note: str) -> str:
    """Return the Markdown page of the arrays of all kinds of traces; the note says that it is generated."""
    own, published = _transformer("decoder"), _published()
    parts = ["# Arrays of a trace", note, INTRODUCTION, "## Blackboards", _table(ARRAYS), _of_some_blackboards()]
    parts += ["## Transformers", TRANSFORMER, _table(own), _of_some(own)]
    parts += ["### What an encoder–decoder adds", BOTH, _table(_without(_transformer("encoder_decoder"), own))]
    parts += ["## Published models", PUBLISHED, _table(published), _left_out(own, published)]
    parts += ["## What a scene sees of a transformer", SEEN, _table(_without(view_arrays(own, maps=True), own))]
    parts += [_of_the_trace(own), "### What `steps` adds", OF_TRAININGS, _table(LEARNING_ARRAYS)]
    return "\n\n".join(parts) + "\n"


def _of_some_blackboards() -> str:
    lines = [f"* {_names(lack.names)}: {lack.why}" for lack in LACKS]
    return "\n".join([BLACKBOARDS, "", *lines])


def _of_some(own: Arrays) -> str:
    plain = transformer_arrays.arrays_of(TransformerConfig.model_validate(SMALLEST | PLAINEST))
    return f"Only some transformers have {_names(_without(own, plain))}."


def _left_out(own: Arrays, published: Arrays) -> str:
    silent, both, biased = _published(guesses=False), _published(both=True), _published(biased=True)
    return (
        f"{_names(_without(published, silent))} are there if the model guesses words. Left out are the parameters, and "
        f"what only some architectures have: {_names(_without(own, published))}. An encoder–decoder adds "
        f"{_names(_without(both, published))}. Models that change scores by the distance of words, such as T5, have "
        f"{_names(_without(biased, published))}."
    )


def _of_the_trace(own: Arrays) -> str:
    of_maps = _without(view_arrays(own, maps=True), view_arrays(own, maps=False))
    too_many = [name for name, info in own.items() if too_large(info)]
    return (
        f"{_names(of_maps)} need `W_V` and `W_O`, which the traces of published models leave out. All arrays of the "
        f"trace itself can be read, too, of the chosen layer and head; {_names(too_many)} are too large.\n\n"
        f"With `head: all` the arrays of the trace have the dimension `head` with all its labels, and "
        f"{_names(ONE_HEAD_ARRAYS)} are not there: they are of one head."
    )


def _transformer(architecture: Architecture) -> Arrays:
    """Return all arrays that a transformer can have."""
    of_rotary, of_others = (
        transformer_arrays.arrays_of(
            TransformerConfig.model_validate(
                SMALLEST | FULLEST | {"architecture": architecture, "positions": positions}
            )
        )
        for positions in ("rotary", "learned")
    )
    return of_rotary | of_others


def _published(*, both: bool = False, guesses: bool = True, biased: bool = False) -> Arrays:
    """Return all arrays that a published model can have."""
    return pretrained_arrays.arrays_of(replace(NO_MODEL, both=both, guesses=guesses, biased=biased))


def _without(arrays: Arrays, others: Arrays) -> dict[str, ArrayInfo]:
    return {name: info for name, info in arrays.items() if name not in others}


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(arrays: Arrays) -> str:
    lines = ["| array | dimensions | meaning | formula |", "|---|---|---|---|"]
    for name, info in arrays.items():
        formula = info.formula.replace("|", "\\|")
        lines.append(f"| `{name}` | {' '.join(info.dims)} | {info.meaning} | {formula} |")
    return "\n".join(lines)
