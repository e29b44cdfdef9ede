"""Opening a storyboard: the storyboard room, wired with what the model room knows (no torch)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from attnviz.model.arrays import ARRAYS, EXPERIMENT_LABELS, EXPERIMENTS
from attnviz.model.blackboard.contents import as_text
from attnviz.model.door import opened_model
from attnviz.model.interface import Contents, View
from attnviz.storyboard import Storyboard, load


def open_storyboard(path: Path) -> Storyboard:
    """Return a checked storyboard; raise `ProblemsFound` with everything that is wrong with it and its models."""
    opened_model.cache_clear()  # their files may have changed since another storyboard was opened
    return load(path, vocabulary=contents_of)


def contents_of(
    model: str, near: Path, text: str | None, words: tuple[str, ...] | None, view: View | None = None
) -> Contents:
    """Return what can be named with a model and a sentence (without both: with the model alone)."""
    opened = opened_model(model, near)
    tokens = None if text is None and words is None else opened.tokens(text, words)
    found = opened.contents(tokens, view or View())
    return replace(
        found,
        tokens=tuple(token.label for token in tokens or ()),
        labels=as_text(found.labels) | as_text(EXPERIMENT_LABELS),
        experiments=_experiments(),
    )


def _experiments() -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the arrays of every experiment with their dimensions."""
    return {experiment: {name: ARRAYS[name].dims for name in names} for experiment, names in EXPERIMENTS.items()}
