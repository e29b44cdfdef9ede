"""The shapes of models that are measured, and our own model of each. Needs no other library than attnviz's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor

    from attnviz.model.transformer import Transformer


@dataclass(frozen=True)
class Shape:
    """How large a model is, and how long its texts are, in tokens."""

    layers: int
    heads: int
    d_model: int
    vocabulary: int
    tokens: int
    trained: int  # texts in a batch in training

    @property
    def d_head(self) -> int:
        """How many coordinates each head has."""
        return self.d_model // self.heads


class Task(NamedTuple):
    """What all contenders do: with a model of which shape, on how many texts, and how it is measured.

    `clock` is `wall`, or `cpu` for the processor time of all threads, which other programs hardly disturb.
    `kept`: freed memory is kept for the next pass (`attnviz.model.malloc`), in all contenders alike.
    `turn`: for how many seconds at least passes are repeated, each time that it is a contender's turn.
    """

    shape: str
    batch: int
    device: str
    threads: int
    clock: str
    kept: bool
    turn: float


SHAPES = {
    "tiny": Shape(2, 2, 16, 50, 8, 4),  # shows that all works, measures little
    "small": Shape(4, 4, 256, 1000, 64, 32),
    "gpt2": Shape(12, 12, 768, 50257, 256, 4),
}


def our_model(shape: Shape) -> Transformer:
    """Return our transformer of GPT-2's kind, its parameters random and the same each time."""
    import torch

    from attnviz.model.transformer import Transformer
    from attnviz.model.transformer_config import TransformerConfig

    torch.manual_seed(0)
    sizes = {"layers": shape.layers, "heads": shape.heads, "d_model": shape.d_model, "vocabulary": shape.vocabulary}
    return Transformer(TransformerConfig(architecture="decoder", context=shape.tokens, bias=True, **sizes))


def random_tokens(shape: Shape, batch: int) -> Tensor:
    """Return texts of random tokens, the same each time (text token)."""
    import torch

    generator = torch.Generator().manual_seed(1)
    return torch.randint(shape.vocabulary, (batch, shape.tokens), generator=generator)
