"""Loading a pretrained model for tracing, and making sure that what is recorded is what the model computes."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
import transformers
from torch import nn

from attnviz.model.pretrained_recorder import NAME, Recorder, layers_of
from attnviz.model.transformer_arrays import CROSS, ENCODER
from attnviz.problems import Problem, ProblemsFound

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel

    from attnviz.model.pretrained_spec import PretrainedSpec

TRIED = 8  # tokens with which a model is tried
CLOSE = 1e-4  # how far results may be apart, compared with the greatest number in them


class Loaded(NamedTuple):
    """A model that is ready to be traced, and the modules that are its layers."""

    model: PreTrainedModel
    layers: list[nn.Module]


def load(spec: PretrainedSpec, device: str, dtype: str) -> Loaded:
    """Return the model on a device; the one that was used last is kept.

    Raises `ProblemsFound` if transformers cannot load it, if weights are missing, or if the model computes attention in
    a way that cannot be recorded: a few tokens are run with transformers' own attention and with ours.
    """
    changed = tuple((path.name, path.stat().st_mtime_ns) for path in spec.weight_files)
    return _load(spec, changed, device, dtype)


def inputs(spec: PretrainedSpec, texts: list[list[int]], targets: list[list[int]], device: str) -> dict[str, Tensor]:
    """Return what the model is called with: texts as one padded table (text token), and which tokens are padding."""
    ids, words = _padded(texts, spec.padding, device)
    given: dict[str, Any] = {"input_ids": ids, "attention_mask": words}
    if spec.architecture == "encoder_decoder":
        given["decoder_input_ids"], given["decoder_attention_mask"] = _padded(targets, spec.padding, device)
    if spec.architecture != "encoder":
        given["use_cache"] = False
    return given


@lru_cache(maxsize=1)
def _load(spec: PretrainedSpec, changed: object, device: str, dtype: str) -> Loaded:
    model = _from_files(spec, getattr(torch, dtype)).to(device).eval()  # type: ignore[arg-type]
    ids = [[number % spec.vocabulary for number in range(7, 7 + min(TRIED, spec.context))]]
    given = inputs(spec, ids, ids, device)
    with torch.no_grad():
        model.set_attn_implementation("eager")
        expected = model(**given)[0]
        model.set_attn_implementation(NAME)
        recorder = Recorder(model)
        with recorder.watching():
            seen = model(**given)[0]
    _check_shapes(spec, recorder)
    if not torch.allclose(seen, expected, rtol=0, atol=CLOSE * float(expected.abs().max())):
        raise _unknown(spec, "something else than softmax(scores) · values", spec.folder)
    return Loaded(model, layers_of(model, [module for _, module in recorder.attentions]))


def _from_files(spec: PretrainedSpec, dtype: torch.dtype) -> PreTrainedModel:
    """Load the weights: from this folder only, no pickle, no code that comes with the model."""
    kind: Any = transformers.AutoModel
    if spec.guesses:
        kind = {
            "decoder": transformers.AutoModelForCausalLM,
            "encoder": transformers.AutoModelForMaskedLM,
            "encoder_decoder": transformers.AutoModelForSeq2SeqLM,
        }[spec.architecture]
    elif spec.architecture == "encoder":
        kind = transformers.AutoModelForTextEncoding
    talk: Any = transformers.utils.logging
    talk.set_verbosity_error()
    talk.disable_progress_bar()
    safe = {"local_files_only": True, "use_safetensors": True, "trust_remote_code": False}
    try:
        model, info = kind.from_pretrained(spec.folder, dtype=dtype, output_loading_info=True, **safe)
    except Exception as error:  # transformers raises whatever goes wrong inside it
        why = str(error).strip().split("\n")[0] or type(error).__name__
        raise ProblemsFound(Problem(f"transformers cannot load this model: {why}", spec.folder)) from error
    missing = sorted(name for name in info["missing_keys"] if "pooler" not in name)  # a pooler is not used
    if missing:
        raise ProblemsFound(Problem(f"the weights {missing[0]!r} are missing ({len(missing)} in all)", spec.folder))
    return model  # type: ignore[no-any-return]


def _check_shapes(spec: PretrainedSpec, recorder: Recorder) -> None:
    """Raise `ProblemsFound` unless the attentions that were seen are those that config.json promises."""
    both = spec.architecture == "encoder_decoder"
    expected = dict.fromkeys((ENCODER, "", CROSS) if both else ("",), spec.layers)
    seen = {prefix: sum(known == prefix for known, _ in recorder.attentions) for prefix in expected}
    if seen != expected or sum(seen.values()) != len(recorder.attentions):
        raise _unknown(spec, f"{len(recorder.attentions)} attentions were seen in {spec.layers} layers", spec.folder)
    promised = (spec.heads, spec.key_value_heads, spec.d_head, spec.d_head)
    if recorder.shapes != {promised}:
        raise _unknown(spec, f"heads of the shapes {sorted(recorder.shapes)}, not {promised}", spec.folder)
    if {prefix: len(found) for prefix, found in recorder.output_matrices.items()} != expected:
        raise _unknown(spec, "the heads' outputs do not go into a linear map", spec.folder)


def _unknown(spec: PretrainedSpec, what: str, folder: Path) -> ProblemsFound:
    return ProblemsFound(
        Problem(f"the attention of this architecture ({spec.model_type}) cannot be recorded: {what}", folder)
    )


def _padded(texts: list[list[int]], padding: int, device: str) -> tuple[Tensor, Tensor]:
    rows = [torch.tensor(ids, device=device) for ids in texts]
    words = [torch.ones_like(row) for row in rows]
    pad = torch.nn.utils.rnn.pad_sequence
    return pad(rows, batch_first=True, padding_value=padding), pad(words, batch_first=True)
