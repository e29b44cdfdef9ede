"""Measurements on random vectors that a scene can ask for by name; from a fixed seed, always on the CPU."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import torch
import xarray as xr

from attnviz.model.arrays import DIMENSIONS, EXPERIMENT_ARRAYS, EXPERIMENT_LABELS, SAMPLES

PAIRS = 4000
SEED = 20170612


@cache
def dot_growth() -> xr.Dataset:
    """Measure how dot products of standard normal vectors grow with the dimension.

    Returns `dot_growth`, `scaled_dot_growth`, `root_dimension`, `dot_pairs` (dimension),
    `dot_samples` (dimension sample);
    each root mean square is over 4000 pairs, of which the first 60 are kept as samples.
    """
    generator = torch.Generator("cpu").manual_seed(SEED)
    growth, scaled_growth, samples = [], [], []
    for dimension in DIMENSIONS:
        x, y = torch.randn(2, PAIRS, dimension, generator=generator, dtype=torch.float64)
        dots = (x * y).sum(dim=-1)
        growth.append(float(dots.square().mean().sqrt()))
        scaled_growth.append(float((dots / math.sqrt(dimension)).square().mean().sqrt()))
        samples.append(dots[:SAMPLES].tolist())
    measured = {
        "dot_growth": growth,
        "scaled_dot_growth": scaled_growth,
        "root_dimension": [math.sqrt(dimension) for dimension in DIMENSIONS],
        "dot_pairs": [float(PAIRS)] * len(DIMENSIONS),
        "dot_samples": samples,
    }
    return xr.Dataset(
        {name: (EXPERIMENT_ARRAYS[name].dims, data, _describe(name)) for name, data in measured.items()},
        coords={dim: list(labels) for dim, labels in EXPERIMENT_LABELS.items()},
        attrs={"seed": SEED, "pairs": PAIRS},
    )


def _describe(name: str) -> dict[str, str]:
    info = EXPERIMENT_ARRAYS[name]
    return {"description": info.meaning, "formula": info.formula}


EXPERIMENTS: dict[str, Callable[[], xr.Dataset]] = {"dot_growth": dot_growth}
