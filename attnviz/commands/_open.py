"""Opening a storyboard for a command: the storyboard room, wired with what the model room knows (no torch)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from attnviz.model.arrays import ARRAYS, EXPERIMENT_ARRAYS, MAP_ARRAYS
from attnviz.model.blackboard_file import BlackboardSpec, read_blackboard, tokens_of
from attnviz.model.catalog import find_model
from attnviz.storyboard import Board, Storyboard, load


def open_storyboard(path: Path) -> Storyboard:
    """Return a checked storyboard; raise `ProblemsFound` with everything that is wrong with it and its models."""
    return load(path, vocabulary=board_of)


def board_of(model: str, near: Path, text: str | None, words: tuple[str, ...] | None) -> Board:
    """Return what can be named with a model and a sentence (without both: with the model alone)."""
    spec = _spec(find_model(model, near))
    axes, maps = tuple(spec.axes), tuple(spec.maps)
    if text is None and words is None:
        return Board(axes=axes, maps=maps)
    tokens = tuple(token.label for token in tokens_of(spec, text, words))
    heads = tuple(head.name for head in spec.heads) or ("1",)
    labels = dict.fromkeys(("token", "query", "key"), tokens) | dict.fromkeys(("d_model", "d_model_key"), axes)
    labels |= dict.fromkeys(("plane", "plane_in"), axes[:2]) | {"head": heads, "map": maps}
    return Board(
        tokens=tokens,
        axes=axes,
        maps=maps,
        arrays={name: info.dims for name, info in ARRAYS.items() if _has(spec, name)},
        labels=labels,
        experiment_arrays={name: info.dims for name, info in EXPERIMENT_ARRAYS.items()},
    )


@lru_cache(maxsize=64)
def _spec(path: Path) -> BlackboardSpec:
    return read_blackboard(path)


def _has(spec: BlackboardSpec, array: str) -> bool:
    """Tell whether the trace of a model has an array."""
    if array in EXPERIMENT_ARRAYS:
        return False
    if array in MAP_ARRAYS:
        return bool(spec.maps)
    if array == "W_O":
        return spec.W_O is not None
    return bool(spec.heads) or not (array.startswith("W_") or array == "bilinear")
