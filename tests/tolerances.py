"""How far two computations of the same number may be apart, derived from the arithmetic and not from one machine.

A floating-point operation returns its exact result times (1 + δ), |δ| ≤ u, the unit roundoff (2⁻²⁴ in float32, 2⁻⁵³ in
float64). After n of them one behind another the factor differs from 1 by at most γₙ = n·u / (1 − n·u). So a sum of n
products xᵢ·yᵢ, added up in *any* order, is off by at most γₙ · Σ|xᵢ·yᵢ|, and γ's of consecutive steps add up
(N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed. 2002, §3.1, (3.4) and Lemma 3.3; §3.5 for products
of matrices). Two computations that round differently may thus differ by twice that. Libraries choose the order of
summation by processor and by shape: nothing below this bound may be expected of them.

Where steps magnify what comes in (a norm divides by a small spread, a softmax takes exponentials), the error of a result
is bounded by the backward error times the condition of the problem (§1.6): `sensitivity` measures the latter.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from attnviz.model.transformer_config import TransformerConfig

ACTIVATION = 12  # roundings in GELU, SiLU or softmax's exponential, each within a few units in the last place
_STEP = 1e-7  # by how much parameters are changed to see what becomes of it: far above float64's noise, still linear


def unit_roundoff(dtype: Any) -> float:
    """Return u, the largest relative error of one rounding (half the distance from 1 to the next number)."""
    name = str(dtype).removeprefix("torch.")
    return float(torch.finfo(getattr(torch, name)).eps) / 2


def gamma(terms: int, dtype: Any) -> float:
    """Return γₙ = n·u / (1 − n·u)."""
    total = terms * unit_roundoff(dtype)
    assert total < 1, "so many roundings leave nothing of the number"
    return total / (1 - total)


def close(actual: Any, expected: Any, dtype: Any, terms: int, scale: Any = None, what: str = "") -> None:
    """Assert that two computations differ by no more than 2·γ(terms) · scale, entry by entry.

    `terms` bounds the roundings that stand one behind another in either computation. `scale` is the size of what is
    summed, Σ|xᵢ·yᵢ| (a number, or an array that broadcasts); by default the largest of the expected entries. Entries
    that are no finite numbers must be the same in both.
    """
    ours, theirs = _array(actual), _array(expected)
    assert ours.shape == np.broadcast_shapes(ours.shape, theirs.shape), (ours.shape, theirs.shape)
    finite = np.isfinite(theirs)
    if scale is None:
        scale = np.abs(theirs[finite]).max(initial=0.0)
    allowed = 2 * gamma(terms, dtype) * np.broadcast_to(_array(scale), ours.shape)
    np.testing.assert_array_equal(np.where(finite, 0.0, ours), np.where(finite, 0.0, theirs), err_msg=what)
    apart = np.abs(np.subtract(ours, theirs, out=np.zeros_like(ours), where=np.broadcast_to(finite, ours.shape)))
    if not (apart <= allowed).all():
        place = np.unravel_index(np.argmax(apart - allowed), ours.shape)
        raise AssertionError(
            f"{what} {ours[place]!r} and {np.broadcast_to(theirs, ours.shape)[place]!r} at {tuple(map(int, place))} "
            f"are {apart[place]:.3g} apart; {terms} roundings allow {allowed[place]:.3g}"
        )


def sensitivity(model: nn.Module, compute: Callable[[Any], Mapping[str, Any]], draws: int = 2) -> dict[str, float]:
    """Return the scale of each result: how much it changes if every parameter changes by its own size, to first order.

    A rounding in a step does what a small change of the step's matrix does. The parameters of a float64 copy of the
    model are multiplied by 1 ± 10⁻⁷, the signs being random, and the largest change of several draws is taken; at
    least a result's own size is returned, since it is rounded itself.
    """
    exact = copy.deepcopy(model).double()
    before = {name: _array(each) for name, each in compute(exact).items()}
    scales = {name: np.abs(each[np.isfinite(each)]).max(initial=0.0) for name, each in before.items()}
    generator = torch.Generator().manual_seed(0)
    for _ in range(draws):
        changed = copy.deepcopy(exact)
        with torch.no_grad():
            for parameter in changed.parameters():
                parameter *= 1 + _STEP * (2 * torch.randint(2, parameter.shape, generator=generator) - 1)
        for name, each in compute(changed).items():
            both = np.isfinite(before[name])
            change = np.abs(_array(each)[both] - before[name][both]).max(initial=0.0) / _STEP
            scales[name] = max(scales[name], change)
    return {name: float(scale) for name, scale in scales.items()}


def norm_terms(d_model: int) -> int:
    """Return the roundings of a norm: a mean, differences, a mean of squares, a root, a quotient, scale and shift."""
    return 2 * d_model + 6


def attention_terms(d_model: int, d_head: int, heads: int, keys: int) -> int:
    """Return the roundings of attention: projection, RoPE, dot product, softmax, weighted sum, output projection."""
    return (d_model + 1) + 3 + (d_head + 1) + (keys + ACTIVATION) + keys + (heads * d_head + 1)


def feed_forward_terms(d_model: int, wide: int) -> int:
    """Return the roundings of a feed-forward network with an activation, or a gate, between its two maps."""
    return (d_model + 1) + ACTIVATION + 1 + (wide + 1)


def layer_terms(d_model: int, d_head: int, heads: int, keys: int, wide: int, *, cross: bool = False) -> int:
    """Return the roundings of a layer: its parts, a norm and an addition to the residual stream for each."""
    attentions = 2 if cross else 1
    parts = attentions * attention_terms(d_model, d_head, heads, keys) + feed_forward_terms(d_model, wide)
    return parts + (attentions + 1) * (norm_terms(d_model) + 1)


def transformer_terms(shape: TransformerConfig) -> int:
    """Return a bound on the roundings that stand one behind another between a token and its logits."""
    sizes = (shape.d_model, shape.d_head, shape.heads, shape.context, shape.d_feed_forward)
    both = shape.architecture == "encoder_decoder"
    layers = shape.layers * layer_terms(*sizes, cross=both) + (shape.layers * layer_terms(*sizes) if both else 0)
    return layers + 2 * norm_terms(shape.d_model) + shape.d_model + 2 + shape.vocabulary + ACTIVATION


def _array(values: Any) -> np.ndarray:
    if isinstance(values, torch.Tensor):
        values = values.detach().cpu()
        values = values.double().numpy() if values.is_floating_point() else values.numpy()
    return np.asarray(values).astype(np.float64)
