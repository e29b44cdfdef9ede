"""Opening a storyboard for a command: the storyboard room, wired with what the model room knows (no torch)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from attnviz.model.arrays import ARRAYS, EXPERIMENT_LABELS, EXPERIMENTS
from attnviz.model.blackboard_file import BlackboardSpec, read_blackboard, tokens_of
from attnviz.model.catalog import find_model
from attnviz.model.contents import arrays_of, as_text, labels_of
from attnviz.storyboard import Board, Storyboard, load


def open_storyboard(path: Path) -> Storyboard:
    """Return a checked storyboard; raise `ProblemsFound` with everything that is wrong with it and its models."""
    return load(path, vocabulary=board_of)


def board_of(model: str, near: Path, text: str | None, words: tuple[str, ...] | None) -> Board:
    """Return what can be named with a model and a sentence (without both: with the model alone)."""
    spec = _spec(find_model(model, near))
    axes, maps = tuple(spec.axes), tuple(spec.maps)
    measured = as_text(EXPERIMENT_LABELS)
    if text is None and words is None:
        return Board(axes=axes, maps=maps, labels=measured, experiments=_experiments())
    tokens = tokens_of(spec, text, words)
    return Board(
        tokens=tuple(token.label for token in tokens),
        axes=axes,
        maps=maps,
        arrays=arrays_of(spec),
        labels=as_text(labels_of(spec, tokens)) | measured,
        experiments=_experiments(),
    )


def _experiments() -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the arrays of every experiment with their dimensions."""
    return {experiment: {name: ARRAYS[name].dims for name in names} for experiment, names in EXPERIMENTS.items()}


@lru_cache(maxsize=64)
def _spec(path: Path) -> BlackboardSpec:
    return read_blackboard(path)
