"""Makes a tiny model of a published shape, and compares its trace with what its own class computes."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from attnviz.input.problems import ProblemsFound
from attnviz.model.published.spec import PretrainedSpec, read_pretrained
from attnviz.model.published.traces import trace_pretrained
from shapes.published import Shape

TEXT, TARGET = "an apple and an orange", "a new phone"
SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
WORDS = ("a", "an", "and", "apple", "new", "orange", "phone")
IDS = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3}
SPREAD = 0.3  # of the random weights: wide enough that attention is far from even
# What the class's own result calls the arrays of a trace; the first that is there.
THEIRS = {
    "weights": ("decoder_attentions", "attentions"),
    "encoder_weights": ("encoder_attentions",),
    "cross_weights": ("cross_attentions",),
    "logits": ("logits", "prediction_logits"),
}


class Outcome(NamedTuple):
    """What became of a shape: an architecture and how far its arrays are from its class's own, or why it is refused."""

    shape: Shape
    architecture: str = ""
    difference: float = 0.0  # the greatest, compared with the greatest number of its array
    compared: tuple[str, ...] = ()
    refusal: str = ""


def tried(shape: Shape, folder: Path) -> Outcome:
    """Make a model of a shape in an empty folder, trace a sentence, and compare it with eager attention."""
    made(shape, folder)
    try:
        spec = read_pretrained(f"hf:{folder}", cache=folder / "cache")
        trace = trace_pretrained(spec, [TEXT], targets=[TARGET] if spec.both else None)[0]
    except ProblemsFound as found:
        return Outcome(shape, refusal=found.problems[0].message.rpartition(" cannot be recorded: ")[2])
    theirs = computed(shape, spec)
    seen_ahead = bool(np.triu(theirs["weights"], 1).any())
    assert seen_ahead == (trace.architecture == "encoder"), f"{shape.made_for} is no {trace.architecture}"
    apart = {name: _apart(trace[name].values, array) for name, array in theirs.items() if name in trace}
    return Outcome(shape, trace.architecture, max(apart.values(), default=np.inf), tuple(apart))


def made(shape: Shape, folder: Path) -> None:
    """Write a tiny model of a shape with random weights, always the same, and a tokenizer of a few words."""
    kind: Any = getattr(transformers, shape.made_for)
    quiet()
    torch.manual_seed(1)
    model = kind(kind.config_class(**IDS, vocab_size=len(SPECIALS + WORDS), **shape.settings))
    for parameter in model.parameters():
        parameter.data += SPREAD * torch.randn_like(parameter)
    model.save_pretrained(folder)
    tokenizer().save(str(folder / "tokenizer.json"))


def tokenizer() -> Tokenizer:
    """Return a tokenizer of a few words, which puts a text between [CLS] and [SEP]."""
    words = {word: number for number, word in enumerate(SPECIALS + WORDS)}
    inner = Tokenizer(models.WordLevel(words, unk_token=SPECIALS[1]))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    inner.add_special_tokens(list(SPECIALS))
    around = [(each, words[each]) for each in ("[CLS]", "[SEP]")]
    inner.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=around)
    return inner


@torch.no_grad()
def computed(shape: Shape, spec: PretrainedSpec) -> dict[str, np.ndarray[Any, Any]]:
    """Return what the shape's own class computes with eager attention, under the names of a trace's arrays."""
    kind: Any = getattr(transformers, shape.made_for)
    model = kind.from_pretrained(spec.folder, attn_implementation="eager", local_files_only=True).eval()
    given = {"input_ids": torch.tensor([[piece.number for piece in spec.pieces(TEXT)]])}
    if spec.both:
        given["decoder_input_ids"] = torch.tensor([[piece.number for piece in spec.target_pieces(TARGET)]])
    result = model(**given, output_attentions=True)
    found = {}
    for name, names in THEIRS.items():
        theirs = next((result[each] for each in names if result.get(each) is not None), ())
        if isinstance(theirs, tuple):  # of layers
            theirs = torch.stack([each[0] for each in theirs])[None] if theirs else None
        if theirs is not None:
            found[name] = theirs[0].numpy()
    return found


def quiet() -> None:
    """Keep transformers from telling of progress and of what the tiny models lack."""
    talk: Any = transformers.utils.logging
    talk.set_verbosity(logging.CRITICAL)
    talk.disable_progress_bar()


def _apart(ours: np.ndarray[Any, Any], theirs: np.ndarray[Any, Any]) -> float:
    """Return the greatest difference, compared with the greatest number; infinite where the shapes differ."""
    if ours.shape != theirs.shape:
        return np.inf
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())
