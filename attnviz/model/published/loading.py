"""Loading a pretrained model for tracing, and making sure that what is recorded is what the model computes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
import transformers
from torch import nn

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.model.chosen import NO_MASK, not_without
from attnviz.model.published.recorder import NAME, Recorder, layers_of
from attnviz.model.recording import Recording
from attnviz.model.trained.folder import check_numbers, check_whole, first_of, size_of
from attnviz.model.transformer_arrays import CROSS, ENCODER

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedConfig, PreTrainedModel

    from attnviz.model.published.spec import PretrainedSpec
    from attnviz.model.transformer_config import Architecture

TRIED = 8  # tokens with which a model is tried
AGAIN = "copy it again, or download it again"
CLOSE = 1e-4  # how far results may be apart, compared with the greatest number in them


class Loaded(NamedTuple):
    """A model that is ready to be traced, the modules that are its layers, and what its masks make of it.

    A model of one stack is an encoder if any word sees a later one in any layer, otherwise a decoder. `scales` are what
    its dot products are multiplied by.
    """

    model: PreTrainedModel
    layers: list[nn.Module]
    architecture: Architecture
    scales: frozenset[float]


def load(spec: PretrainedSpec, device: str, dtype: str) -> Loaded:
    """Return the model on a device; the one that was used last is kept.

    Raises `ProblemsFound` if transformers cannot load it, if weights are missing, or if the model computes attention in
    a way that cannot be recorded: a few tokens are run with transformers' own attention and with ours.
    """
    files = (spec.folder / "config.json", *spec.weight_files)
    changed = tuple((path.name, path.stat().st_mtime_ns) for path in files)
    return _load(spec, changed, device, dtype)


def check_there(spec: PretrainedSpec, loaded: Loaded, without: Sequence[str]) -> None:
    """Raise `ProblemsFound` for what is to be taken out of a model and is not in it, as only the loaded one tells."""
    fixed = {}
    if loaded.architecture == "encoder":
        fixed["mask"] = NO_MASK
    if loaded.scales == {1.0}:
        fixed["sqrt_d"] = "it takes dot products as they are"
    problems = [not_without(part, why, spec.name) for part, why in fixed.items() if part in without]
    if problems:
        raise ProblemsFound(problems)


def inputs(
    spec: PretrainedSpec,
    texts: list[list[int]],
    targets: list[list[int]],
    device: str,
    types: list[list[int]] | None = None,
) -> dict[str, Tensor]:
    """Return what the model is called with: texts as one padded table (text token), and which tokens are padding.

    `types` are the token types of the texts; a model to which they are not given takes them for 0.
    """
    ids, words = _padded(texts, spec.padding, device)
    given: dict[str, Any] = {"input_ids": ids, "attention_mask": words}
    if types and any(map(any, types)):
        given["token_type_ids"], _ = _padded(types, 0, device)
    if spec.both:
        given["decoder_input_ids"], given["decoder_attention_mask"] = _padded(targets, spec.padding, device)
    return given


@lru_cache(maxsize=1)
def _load(spec: PretrainedSpec, changed: object, device: str, dtype: str) -> Loaded:
    for path in spec.weight_files:
        check_whole(path, AGAIN)
    with its_own_failures(spec, "load"):
        model, info = _from_files(spec, getattr(torch, dtype))
    _check_weights(spec, model, info)
    ids = [[number % spec.vocabulary for number in range(7, 7 + min(TRIED, spec.context))]]
    with its_own_failures(spec, "run"), torch.no_grad():
        given = inputs(spec, ids, ids, device)
        model = model.to(device).eval()  # type: ignore[arg-type]
        return _checked(spec, model, given)


@contextmanager
def its_own_failures(spec: PretrainedSpec, what: str) -> Iterator[None]:
    """Tell of whatever goes wrong inside transformers, which raises all kinds of errors."""
    try:
        yield
    except ProblemsFound:
        raise
    except Exception as error:
        why = str(error).strip().split("\n")[0] or type(error).__name__
        raise ProblemsFound(Problem(f"transformers cannot {what} this model: {why}", spec.folder)) from error


def _from_files(spec: PretrainedSpec, dtype: torch.dtype) -> tuple[PreTrainedModel, dict[str, Any]]:
    """Load the weights, from this folder only, no pickle, no code that comes with the model; tell which do not fit."""
    talk: Any = transformers.utils.logging
    talk.set_verbosity_error()
    talk.disable_progress_bar()
    safe = {"local_files_only": True, "trust_remote_code": False}
    told = {"output_loading_info": True, "ignore_mismatched_sizes": True}  # sizes are told below, in one line
    if spec.model_type not in transformers.CONFIG_MAPPING:
        what = f"version {transformers.__version__} does not know the type {spec.model_type!r}"
        hint = "a later version may; code that comes with a model is never run"
        raise ProblemsFound(Problem(f"transformers cannot load this model: {what}", spec.folder, hint=hint))
    config: Any = transformers.AutoConfig.from_pretrained(spec.folder, **safe)
    config._attn_implementation = "eager"  # whatever the file asks for, which may not be installed
    config._experts_implementation = "eager"  # other ways of running experts do not take float64
    config.use_cache = False  # a text is read at once
    kind = _kind(spec, config)
    model, info = kind.from_pretrained(spec.folder, config=config, dtype=dtype, use_safetensors=True, **told, **safe)
    return model, info


def _kind(spec: PretrainedSpec, config: PreTrainedConfig) -> Any:
    """Return the family of classes that the model's own belongs to; of others only the stack of layers is loaded."""
    if not spec.guesses:
        alone = spec.made_for.endswith("EncoderModel")  # the encoder of an encoder–decoder, such as T5EncoderModel
        return transformers.AutoModelForTextEncoding if alone else transformers.AutoModel
    if spec.both:
        return transformers.AutoModelForSeq2SeqLM
    families: list[Any] = [transformers.AutoModelForCausalLM, transformers.AutoModelForMaskedLM]
    known = {family: family._model_mapping.get(type(config), None) for family in families}
    there = [family for family, found in known.items() if found is not None]
    own = [family for family in there if known[family].__name__ == spec.made_for]
    return (own or there[::-1] or families)[0]  # BertForPreTraining has the map of BertForMaskedLM, and one more


def _check_weights(spec: PretrainedSpec, model: PreTrainedModel, info: dict[str, Any]) -> None:
    """Raise `ProblemsFound` if a weight is missing, of another size than config.json says, or not finite."""
    files, hint = spec.weight_files, "does config.json belong to these weights?"
    place = files[0] if len(files) == 1 else spec.folder
    missing = sorted(name for name in info["missing_keys"] if "pooler" not in name)  # a pooler is not used
    if missing:
        why = f"the weights {missing[0]!r} are missing ({len(missing)} in all)"
        raise ProblemsFound(Problem(why, spec.folder, hint=hint))
    sizes = [
        f"{name!r} is {size_of(found)}, but by config.json it is {size_of(wanted)}"
        for name, found, wanted in sorted(info["mismatched_keys"])
    ]
    if sizes:
        raise ProblemsFound(Problem(first_of(sizes), place, hint=hint))
    check_numbers(model.named_parameters(), place, AGAIN)


def _checked(spec: PretrainedSpec, model: PreTrainedModel, given: dict[str, Any]) -> Loaded:
    """Return the model, tried; raise `ProblemsFound` if a trace would not be what it computes."""
    model.set_attn_implementation(NAME)
    recorder = Recorder(model)
    with recorder.watching():
        ours = model(**given)[0]
    _check_attentions(spec, recorder)

    layers = layers_of(model, [module for _, module in recorder.attentions])
    stream = Recording({"residual"})
    model.set_attn_implementation("eager")
    with Recorder(model, layers, stream).watching():
        theirs = model(**given)[0]
    model.set_attn_implementation(NAME)
    if len(stream.tensors.get("residual", ())) != 2 * spec.layers:
        raise _not_recorded(spec, "its layers do not follow one another")
    if not torch.allclose(ours, theirs, rtol=0, atol=CLOSE * float(theirs.abs().max())):
        raise _not_recorded(spec, "it is not softmax(scores) · values")
    one: Architecture = "encoder" if recorder.sees_ahead else "decoder"
    return Loaded(model, layers, "encoder_decoder" if spec.both else one, frozenset(recorder.scales))


def _check_attentions(spec: PretrainedSpec, recorder: Recorder) -> None:
    """Raise `ProblemsFound` unless the attentions that were seen are those that config.json promises."""
    expected = dict.fromkeys((ENCODER, "", CROSS) if spec.both else ("",), spec.layers)
    seen = Counter(prefix for prefix, _ in recorder.attentions)
    if not seen:
        raise _not_recorded(spec, "transformers does not let another function compute it")
    for prefix in expected:
        if seen[prefix] != spec.layers:
            stack = {ENCODER: "its encoder's", CROSS: "its decoder's"}.get(prefix, "its")
            count = f"{seen[prefix]} {'cross-' if prefix == CROSS else ''}attention{'s' * (seen[prefix] != 1)}"
            raise _not_recorded(spec, f"{count} seen in {stack} {spec.layers} layers, not one in each")
    if recorder.astray:
        what = " and ".join(sorted(recorder.astray))
        raise _not_recorded(spec, f"the {what} of its cross-attention are not made of what its encoder gives")
    promised = (spec.heads, spec.key_value_heads, spec.d_head, spec.d_head)
    if recorder.shapes != {promised}:
        seen_as = " and ".join(map(str, sorted(recorder.shapes)))
        why = f"(heads, key-value heads, d_head, d_value) are {seen_as}, by config.json {promised}"
        raise _not_recorded(spec, why)
    if {prefix: len(found) for prefix, found in recorder.output_matrices.items()} != expected:
        raise _not_recorded(spec, "the heads' outputs do not go straight into a linear map")


def _not_recorded(spec: PretrainedSpec, why: str) -> ProblemsFound:
    what = f"the attention of this architecture ({spec.model_type}) cannot be recorded: {why}"
    hint = "docs/pretrained.md tells which architectures can be"
    return ProblemsFound(Problem(what, spec.folder, hint=hint))


def _padded(texts: list[list[int]], padding: int, device: str) -> tuple[Tensor, Tensor]:
    rows = [torch.tensor(ids, device=device) for ids in texts]
    words = [torch.ones_like(row) for row in rows]
    pad = torch.nn.utils.rnn.pad_sequence
    return pad(rows, batch_first=True, padding_value=padding), pad(words, batch_first=True)
