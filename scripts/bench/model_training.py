"""What is compared in training: a step of attnviz's own loop, and one of a plain model by nanoGPT's recipe.

The recipe (github.com/karpathy/nanoGPT), in code of our own and without `torch.compile`: torch's fused attention,
queries, keys and values from one matrix, AdamW with decay for matrices alone, gradients clipped at 1, bfloat16 and a
fused AdamW on a GPU.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from attnviz.model.training.config import TrainingSpec
from attnviz.model.training.data import Batch
from attnviz.model.training.loop import Training
from bench.model_shapes import Shape, our_model

if TYPE_CHECKING:
    from torch import Tensor

Step = Callable[[], Any]
MANY = 1_000_000  # more steps than will be measured
LEARNING_RATE = 1e-3


class _OurLoop(Training):
    """attnviz's loop, with a model of the shape that is measured instead of one from a file."""

    def __init__(self, shape: Shape, device: str) -> None:
        self.spec = TrainingSpec(model={}, steps=MANY, learning_rate=LEARNING_RATE)
        self.device = device
        self.model = our_model(shape).train().to(device)
        self.optimizer = self._optimizer()
        self.losses = torch.zeros(self.spec.steps, device=device)
        self.done = 0


def our_step(shape: Shape, tokens: Tensor) -> Step:
    """Return a step of attnviz's own loop; the batch is there beforehand."""
    loop = _OurLoop(shape, tokens.device.type)
    batch = Batch(tokens, _following(tokens), None)
    return lambda: loop._step(batch)


def recipe_step(shape: Shape, tokens: Tensor) -> Step:
    """Return a step by the recipe."""
    on_gpu = tokens.device.type == "cuda"
    model = _Plain(shape).to(tokens.device)
    matrices = [each for each in model.parameters() if each.ndim > 1]
    vectors = [each for each in model.parameters() if each.ndim < 2]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=(0.9, 0.95), fused=on_gpu)
    targets = _following(tokens)

    def step() -> None:
        with torch.autocast("cuda", torch.bfloat16) if on_gpu else contextlib.nullcontext():
            loss = F.cross_entropy(model(tokens).flatten(0, 1), targets.flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return step


def _following(tokens: Tensor) -> Tensor:
    """Return what is to be guessed at each place; the text goes round, so that there is something at the last."""
    return tokens.roll(-1, dims=1)


class _Plain(nn.Module):
    """A decoder of GPT-2's kind, as one writes it for speed."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.words = nn.Embedding(shape.vocabulary, shape.d_model)
        self.places = nn.Embedding(shape.tokens, shape.d_model)
        self.blocks = nn.Sequential(*(_Block(shape) for _ in range(shape.layers)))
        self.norm = nn.LayerNorm(shape.d_model)
        for parameter in self.parameters():
            if parameter.ndim > 1:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.words(tokens) + self.places.weight[: tokens.shape[1]]
        return F.linear(self.norm(self.blocks(x)), self.words.weight)


class _Block(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads, d_model = shape.heads, shape.d_model
        self.norms = nn.ModuleList((nn.LayerNorm(d_model), nn.LayerNorm(d_model)))
        self.maps = nn.ModuleList((nn.Linear(d_model, 3 * d_model), nn.Linear(d_model, d_model)))
        self.network = nn.Sequential(nn.Linear(d_model, 4 * d_model), nn.GELU(), nn.Linear(4 * d_model, d_model))

    def forward(self, x: Tensor) -> Tensor:
        parts = self.maps[0](self.norms[0](x)).unflatten(-1, (3, self.heads, -1))
        queries, keys, values = parts.permute(2, 0, 3, 1, 4)
        outputs = F.scaled_dot_product_attention(queries, keys, values, is_causal=True)
        x = x + self.maps[1](outputs.transpose(1, 2).flatten(2))
        return x + self.network(self.norms[1](x))
