"""Storyboards: YAML → a typed, checked `Storyboard`. No torch, no manim; scene files are parsed, never run."""

from attnviz.storyboard.load import load
from attnviz.storyboard.types import (
    Chapter,
    Figure,
    SceneSpec,
    SentenceSpec,
    Shot,
    Storyboard,
    Vocabulary,
)

__all__ = [
    "Chapter",
    "Figure",
    "SceneSpec",
    "SentenceSpec",
    "Shot",
    "Storyboard",
    "Vocabulary",
    "load",
]
