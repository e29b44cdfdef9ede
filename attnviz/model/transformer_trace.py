"""From texts through a transformer to traces: one padded pass for all of them, one labelled dataset for each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
import xarray as xr

from attnviz.input.in_words import counted
from attnviz.input.problems import Problem, ProblemsFound, did_you_mean, gathered
from attnviz.model import attention
from attnviz.model.chosen import check_part
from attnviz.model.interface import WHOLE, Part
from attnviz.model.one_text import Wanted
from attnviz.model.recording import ForwardOptions
from attnviz.model.transformer_arrays import (
    CROSS,
    ENCODER,
    PARTS,
    arrays_of,
    labels_of,
    labels_of_text,
    parameters_of,
    split,
)
from attnviz.model.transformer_config import fingerprint_of
from attnviz.model.without import altered_arrays, altered_facts

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn

    from attnviz.model.arrays import ArrayInfo, LabelsByDim
    from attnviz.model.transformer import Transformer
    from attnviz.model.transformer_config import TransformerConfig

Ids = Sequence[int]
_OF_FEED_FORWARD = ("W_in", "W_gate", "W_out", "b_in", "b_gate", "b_out")


class _Draft(NamedTuple):
    """The arrays, words and labels of one text, as far as they are known."""

    words: tuple[str, ...]
    labels: LabelsByDim
    arrays: dict[str, np.ndarray[Any, Any]]


@torch.no_grad()  # type: ignore[untyped-decorator,unused-ignore]
def trace_texts(
    model: Transformer,
    texts: Sequence[Ids],
    sources: Sequence[Ids] | None = None,
    *,
    vocabulary: Sequence[str] | None = None,
    part: Part = WHOLE,
    without: tuple[str, ...] = (),
) -> list[xr.Dataset]:
    """Run a transformer once over texts (numbers of tokens), and return the arrays of each text, labelled.

    An encoder–decoder reads one source for each text. `vocabulary` has a word for every token. `part` chooses
    what is kept in memory and returned (default: everything); parameters are the same memory in all datasets. `without`
    is what is taken out of the computation, but for an encoder–decoder's mask. Raises
    `ProblemsFound` for arrays, layers and heads that the model has not, and for texts that it cannot read.
    """
    known = altered_arrays(arrays_of(model.config), without)
    assert model.config.architecture != "encoder_decoder" or "mask" not in without, "its lengths are the sources'"
    _check(model.config, known, texts, sources, vocabulary, part)
    labels = labels_of(model.config, vocabulary)
    wanted = Wanted(part, known, labels)
    recording = wanted.recording()
    device, read = model.embedding.W_E.device, texts if sources is None else sources
    padding = model.encoder or "mask" in without  # else no word sees the padding
    lengths = torch.tensor([len(ids) for ids in read], device=device) if padding else None
    options = ForwardOptions(recording, without=without)
    model(padded(texts, device), None if sources is None else padded(sources, device), lengths, options)

    drafts = []
    for row, ids in enumerate(texts):
        drafts.append(_draft(model.config, ids, None if sources is None else sources[row], labels, vocabulary))
    for name in list(recording.tensors):
        tensors = recording.tensors.pop(name)  # so that only one array at a time exists twice
        prefix, bare = split(name)
        W_O = list(_parameter(model, f"{prefix}W_O")) if bare == "head_outputs" else []
        for row, draft in enumerate(drafts):
            found = wanted.of_text(name, tensors, row, draft.labels, W_O)
            draft.arrays.update((each, _numpy(array)) for each, array in found.items())
    chosen = [name for name in parameters_of(model.config) if name in wanted.names]
    parameters = {name: _numpy(wanted.of_model(name, _parameter(model, name))) for name in chosen}
    return [_dataset(model, draft, parameters, wanted, known).assign_attrs(altered_facts(without)) for draft in drafts]


def padded(texts: Sequence[Ids], device: torch.device | str = "cpu") -> Tensor:
    """Return texts of different lengths as one table (text token); shorter ones end with zeros."""
    rows = [torch.tensor(ids, dtype=torch.long) for ids in texts]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True).to(device)


def fingerprint(model: Transformer) -> str:
    """Return 12 hex digits of a SHA-256 over the model's shape and parameters; the same on every device."""
    parameters = model.state_dict().items()
    return fingerprint_of(model.config, {name: each.detach().cpu().double().numpy() for name, each in parameters})


def _check(
    config: TransformerConfig,
    known: Collection[str],
    texts: Sequence[Ids],
    sources: Sequence[Ids] | None,
    vocabulary: Sequence[str] | None,
    part: Part,
) -> None:
    """Raise `ProblemsFound` with everything that keeps a model with these arrays from reading its texts."""
    problems: list[Problem] = []
    for name in part.arrays or ():
        if name not in known:
            problems.append(Problem(f"this model's trace has no array {name!r}", hint=did_you_mean(name, known)))
    with gathered(problems):
        check_part(part, labels_of(config), f"{config.architecture}")
    if vocabulary is not None and len(vocabulary) != config.vocabulary:
        hint = f"the model has {config.vocabulary} tokens"
        problems.append(Problem(f"the vocabulary has {counted(len(vocabulary), 'word')}", hint=hint))
    both = config.architecture == "encoder_decoder"
    given = sources or ()
    if len(given) != (len(texts) if both else 0):
        hint = "give one for each text" if both else f"this {config.architecture} reads none"
        verb = "is" if len(given) == 1 else "are"
        problems.append(
            Problem(f"there {verb} {counted(len(given), 'source')} for {counted(len(texts), 'text')}", hint=hint)
        )
    if not texts:
        problems.append(Problem("there is no text"))
    for ids in (*texts, *given):
        strange = [number for number in ids if not 0 <= number < config.vocabulary]
        if not 1 <= len(ids) <= config.context:
            problems.append(Problem(f"a text has {counted(len(ids), 'token')}", hint=f"expected 1 … {config.context}"))
        elif strange:
            problems.append(Problem(f"a text has the token {strange[0]}", hint=f"expected 0 … {config.vocabulary - 1}"))
    if problems:
        raise ProblemsFound(problems)


def _draft(
    config: TransformerConfig, ids: Ids, source: Ids | None, labels: LabelsByDim, vocabulary: Sequence[str] | None
) -> _Draft:
    """Return what is known of a text before the forward pass."""
    words: list[list[str]] = []
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    for prefix, each in (("", ids), (ENCODER, source)):
        if each is not None:
            places = torch.arange(len(each))
            words.append([str(number) if vocabulary is None else vocabulary[number] for number in each])
            arrays[f"{prefix}tokens"], arrays[f"{prefix}positions"] = torch.tensor(each).numpy(), places.numpy()
            arrays[f"{prefix}rotation_angles"] = attention.position_angles(places, config.d_head).numpy()
    return _Draft(tuple(words[0]), labels | labels_of_text(*words), arrays)


def _parameter(model: Transformer, name: str) -> Tensor:
    """Return the parameters that an array consists of: of all layers, and of every head."""
    prefix, bare = split(name)
    if bare == "W_U":
        return (model.embedding.W_E.T if model.W_U is None else model.W_U).clone()
    if bare in ("W_E", "W_P"):
        return model.embedding.get_parameter(bare).clone()
    stack = model.encoder if prefix == ENCODER or model.decoder is None else model.decoder
    assert stack is not None
    if bare.startswith("final_norm_"):
        return stack.get_parameter(bare.replace("norm_", "norm.")).clone()
    return torch.stack([_of_layer(model.config, layer, prefix, bare) for layer in stack.layers])


def _of_layer(config: TransformerConfig, layer: nn.Module, prefix: str, bare: str) -> Tensor:
    """Return the parameters of one layer."""
    if bare.startswith("norm_"):
        parts = [part for part in PARTS if getattr(layer, part) is not None]
        return torch.stack([layer.get_parameter(f"{part}_norm.{bare.removeprefix('norm_')}") for part in parts])
    if bare in _OF_FEED_FORWARD:
        return layer.get_parameter(f"feed_forward.{bare}")
    part = layer.get_submodule(f"{prefix if prefix == CROSS else ''}attention")
    if bare == "bilinear":
        return attention.bilinear(*(_of_heads(config, part.get_parameter(each)) for each in ("W_Q", "W_K")))
    array = part.get_parameter(bare)
    return array if bare in ("W_O", "b_O") else _of_heads(config, array)


def _of_heads(config: TransformerConfig, array: Tensor) -> Tensor:
    """Give each head its own columns (head … d_head); heads that share keys have the same."""
    heads = array.view(*array.shape[:-1], -1, config.d_head).movedim(-2, 0)
    return heads.repeat_interleave(config.heads // len(heads), dim=0)


def _numpy(array: Tensor) -> np.ndarray[Any, Any]:
    """Return an array that numpy can hold."""
    narrow = array.dtype in (torch.bfloat16, torch.float16)
    return (array.float() if narrow else array).cpu().numpy()


def _dataset(
    model: Transformer,
    draft: _Draft,
    parameters: dict[str, np.ndarray[Any, Any]],
    wanted: Wanted,
    infos: Mapping[str, ArrayInfo],
) -> xr.Dataset:
    """Put the arrays of one text into one labelled dataset."""
    config, arrays = model.config, draft.arrays | parameters
    used = dict.fromkeys(dim for name in wanted.names for dim in infos[name].dims)
    labels = wanted.labels(draft.labels)
    coords: dict[str, Any] = {dim: list(labels[dim]) for dim in used}
    if "token" in used:
        coords["word"] = ("token", list(draft.words))
    if "head" in used:
        sharing = config.heads // config.key_value_heads
        coords["key_value_head"] = ("head", [str((int(head) - 1) // sharing + 1) for head in labels["head"]])
    trace = xr.Dataset(
        {
            name: (infos[name].dims, arrays[name], {"description": infos[name].meaning, "formula": infos[name].formula})
            for name in wanted.names
        },
        coords=coords,
    )
    weight = model.embedding.W_E
    trace.attrs = {
        "architecture": config.architecture,
        "similarity": "scaled_dot",
        "weights": "softmax",
        "carry": "exact",
        "device": weight.device.type,
        "dtype": str(weight.dtype).removeprefix("torch."),
    }
    return trace
