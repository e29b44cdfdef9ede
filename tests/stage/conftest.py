"""Stages for tests: played without drawing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import xarray as xr

from attnviz.render.film.encoder import FilmFormat
from attnviz.render.shots.renderer import StageRenderer
from attnviz.stage import Stage
from attnviz.testing import undrawn


@pytest.fixture(autouse=True, scope="module")
def manim_set_up() -> Iterator[None]:
    """Set Manim up as a rehearsal does."""
    with undrawn():
        yield


@pytest.fixture
def trace() -> xr.Dataset:
    """A trace of two words, with an attention weight that has many digits."""
    weights = np.array([[0.57271828, 0.42728172], [0.42728172, 0.57271828]])
    words = ["apple", "orange"]
    return xr.Dataset(
        {
            "weights": (("head", "query", "key"), weights[None]),
            "embeddings": (("token", "d_model"), np.array([[2.0, 2.0], [0.0, 3.0]])),
        },
        coords={"head": ["1"], "query": words, "key": words, "token": words, "d_model": ["technology", "fruitness"]},
        attrs={"sentence": "apple orange", "carry": "exact", "decimals": 2},
    )


@pytest.fixture
def stage_of(trace: xr.Dataset) -> Callable[..., Stage]:
    """Make a stage of a class, reading the trace above."""

    def make(cls: type[Stage] = Stage, title: str = "A title") -> Stage:
        return cls(title=title, traces={"sentence": trace}, renderer=StageRenderer(FilmFormat(1920, 1080, 60)))

    return make
