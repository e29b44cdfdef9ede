"""Storyboards: YAML → a typed, checked `Storyboard`. No torch, no manim; scene files are parsed, never run."""

from attnviz.storyboard.load import load
from attnviz.storyboard.types import (
    Board,
    Chapter,
    Figure,
    SceneSpec,
    SentenceSpec,
    Shot,
    Storyboard,
    Vocabulary,
)

__all__ = [
    "Board",
    "Chapter",
    "Figure",
    "SceneSpec",
    "SentenceSpec",
    "Shot",
    "Storyboard",
    "Vocabulary",
    "load",
]
