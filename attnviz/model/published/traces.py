"""From texts through a pretrained model to traces: one padded pass for all of them, one labelled dataset for each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
import xarray as xr

from attnviz.input.problems import Problem, ProblemsFound, did_you_mean, gathered
from attnviz.model.chosen import check_part
from attnviz.model.interface import WHOLE, Part
from attnviz.model.one_text import Wanted
from attnviz.model.published.arrays import arrays_of, labels_of
from attnviz.model.published.loading import Loaded, check_there, inputs, its_own_failures, load
from attnviz.model.published.recorder import Recorder
from attnviz.model.published.spec import PretrainedSpec, fingerprint
from attnviz.model.transformer_arrays import ENCODER, split
from attnviz.model.without import altered_arrays, altered_facts

if TYPE_CHECKING:
    import numpy as np

    from attnviz.model.arrays import ArrayInfo, LabelsByDim
    from attnviz.model.tokenizer import Piece

    Array = np.ndarray[Any, Any]


class _Text(NamedTuple):
    """A text in tokens; an encoder–decoder's encoder reads them, and its decoder the targets."""

    sentence: str
    pieces: list[Piece]
    targets: list[Piece]
    types: list[int]
    labels: LabelsByDim


@torch.no_grad()  # type: ignore[untyped-decorator,unused-ignore]
def trace_pretrained(
    spec: PretrainedSpec,
    texts: Sequence[str],
    *,
    targets: Sequence[str] | None = None,
    part: Part = WHOLE,
    device: str = "cpu",
    dtype: str = "float32",
    without: tuple[str, ...] = (),
) -> list[xr.Dataset]:
    """Run a pretrained model once over texts, and return the arrays of each text, labelled.

    `targets` are what an encoder–decoder's decoder has written so far, one for each text (default: nothing but its
    start token). `part` chooses what is recorded (default: everything). `dtype` is float32 or float64. `without` is
    what is taken out of the computation. Raises `ProblemsFound` for texts, arrays, layers, heads and models that cannot
    be read, and for what a model does not have.
    """
    infos = altered_arrays(arrays_of(spec), without)
    _check(spec, infos, texts, targets, part)
    read = [_read(spec, text, targets[row] if targets else None) for row, text in enumerate(texts)]
    loaded = load(spec, device, dtype)
    check_there(spec, loaded, without)
    wanted = Wanted(part, infos, labels_of(spec))
    recording = wanted.recording()
    numbers = [[[piece.number for piece in part] for part in (text.pieces, text.targets)] for text in read]
    sources, written = [source for source, _ in numbers], [target for _, target in numbers]
    given = inputs(spec, sources, written, device, [text.types for text in read])
    words = given["decoder_attention_mask" if spec.both else "attention_mask"]
    recorder = Recorder(loaded.model, loaded.layers, recording, without, words)
    with its_own_failures(spec, "run"), recorder.watching():
        result = loaded.model(**given)
    if spec.guesses:
        recording("logits", result.logits[..., : spec.vocabulary])

    found: list[dict[str, Array]] = [_given(spec, text) for text in read]
    for name in list(recording.tensors):
        tensors = recording.tensors.pop(name)  # so that only one array at a time exists twice
        W_O = recorder.output_matrices.get(split(name)[0], [])
        for row, text in enumerate(read):
            arrays = wanted.of_text(name, tensors, row, text.labels, W_O)
            found[row] |= {each: tensor.cpu().numpy() for each, tensor in arrays.items()}
    attrs = _attributes(spec, loaded, recorder, device, dtype) | altered_facts(without)
    made = _made_of(recorder)
    return [_dataset(infos, spec, text, arrays, wanted, attrs, made) for text, arrays in zip(read, found, strict=True)]


def _check(
    spec: PretrainedSpec, known: Collection[str], texts: Sequence[str], targets: Sequence[str] | None, part: Part
) -> None:
    """Raise `ProblemsFound` with everything that is wrong with what was asked for, except for the texts themselves.

    `known` are the arrays of a trace.
    """
    problems = [
        Problem(f"this model's trace has no array {name!r}", hint=did_you_mean(name, known))
        for name in part.arrays or ()
        if name not in known
    ]
    with gathered(problems):
        check_part(part, labels_of(spec), spec.name)
    if not texts:
        problems.append(Problem("there is no text"))
    if targets is not None and not spec.both:
        problems.append(Problem("this model reads one text only", hint="leave the targets out"))
    elif targets is not None and len(targets) != len(texts):
        problems.append(Problem(f"the texts are {len(texts)}, the targets {len(targets)}", hint="give one for each"))
    if problems:
        raise ProblemsFound(problems)


def _read(spec: PretrainedSpec, text: str, target: str | None) -> _Text:
    pieces = spec.pieces(text)
    targets = spec.target_pieces(target) if spec.both else []
    return _Text(text, pieces, targets, spec.types_of(text), labels_of(spec, pieces, targets))


def _given(spec: PretrainedSpec, text: _Text) -> dict[str, Array]:
    """Return the arrays that are known before the pass."""
    arrays = {}
    for prefix, pieces in (("", text.targets), (ENCODER, text.pieces)) if spec.both else (("", text.pieces),):
        arrays[f"{prefix}tokens"] = torch.tensor([piece.number for piece in pieces]).numpy()
        arrays[f"{prefix}positions"] = torch.arange(len(pieces)).numpy()
    return arrays


def _attributes(spec: PretrainedSpec, loaded: Loaded, recorder: Recorder, device: str, dtype: str) -> dict[str, Any]:
    usual = {spec.d_head**-0.5}
    attrs = {
        "model": spec.name,
        "fingerprint": fingerprint(spec),
        "architecture": loaded.architecture,
        "model_type": spec.model_type,
        "similarity": "scaled_dot" if recorder.scales == usual else "dot",
        "weights": "softmax",
        "carry": "exact",
        "device": device,
        "dtype": dtype,
    }
    return attrs | ({"quantised": spec.quantised} if spec.quantised else {})


def _made_of(recorder: Recorder) -> dict[str, dict[str, list[float]]]:
    """Return how each layer's scores are made of its dot products: by what they are scaled, bent, and what is added.

    A cap of 0 says that there is none; `biased` is 1 where a position bias is added.
    """
    return {
        f"{prefix}scores": {
            "scales": [float(score.scale) for score in scores],
            "caps": [float(score.cap or 0) for score in scores],
            "biased": [float(score.bias is not None and bool(score.bias.any())) for score in scores],
        }
        for prefix, scores in recorder.scores.items()
    }


def _dataset(
    infos: Mapping[str, ArrayInfo],
    spec: PretrainedSpec,
    text: _Text,
    arrays: dict[str, Array],
    wanted: Wanted,
    attrs: dict[str, Any],
    made: dict[str, dict[str, list[float]]],
) -> xr.Dataset:
    """Put the arrays of one text into one labelled dataset."""
    used = dict.fromkeys(dim for name in wanted.names for dim in infos[name].dims)
    labels = wanted.labels(text.labels)
    coords: dict[str, Any] = {dim: list(labels[dim]) for dim in used}
    words = {"token": text.targets or text.pieces, "source": text.pieces}
    for dim, name in (("token", "word"), ("source", "source_word")):
        if dim in used:
            coords[name] = (dim, [piece.word for piece in words[dim]])
    if "head" in used:
        sharing = spec.heads // spec.key_value_heads
        coords["key_value_head"] = ("head", [str((int(head) - 1) // sharing + 1) for head in labels["head"]])
    entries = {
        name: (
            infos[name].dims,
            arrays[name],
            {"description": infos[name].meaning, "formula": infos[name].formula, **made.get(name, {})},
        )
        for name in wanted.names
    }
    return xr.Dataset(entries, coords=coords, attrs={**attrs, "sentence": text.sentence})
