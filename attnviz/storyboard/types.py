"""A checked storyboard as plain frozen data: what is wanted, before anything is computed or drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from attnviz.storyboard.narration import Piece

if TYPE_CHECKING:
    from attnviz.model.interface import Carry, View


@dataclass(frozen=True)
class Board:
    """What can be named once a model and a sentence are chosen: told to this room by its caller.

    `arrays` gives the dimensions of each array of a trace; `labels` the labels along a dimension, where known;
    `experiments` gives, in the same way, the arrays of each experiment that a scene can ask for. `head_labels`,
    `absent` and `exact_only` are those of the model room's `Contents`.
    """

    tokens: tuple[str, ...] = ()
    axes: tuple[str, ...] = ()
    maps: tuple[str, ...] = ()
    arrays: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    experiments: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    head_labels: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    exact_only: bool = False


class Vocabulary(Protocol):
    """Asks the model room what a model says about a sentence; raises `ProblemsFound` (a place is added)."""

    def __call__(self, model: str, near: Path, text: str | None, words: tuple[str, ...] | None, view: View) -> Board:
        """Return what can be named; `near` is the storyboard's folder."""


@dataclass(frozen=True)
class SentenceSpec:
    """A sentence that a scene attends over: its text, or only these of its tokens, or tokens alone."""

    name: str
    text: str | None
    words: tuple[str, ...] | None
    line: int


@dataclass(frozen=True)
class Figure:
    """A moment of a shot that is wanted as a picture on paper: after so many plays, or (None) at the shot's end."""

    name: str
    after: int | None


@dataclass(frozen=True)
class Shot:
    """One verb of a scene with its checked arguments, and what is said meanwhile."""

    id: str
    verb: str
    arguments: Mapping[str, Any]
    narration: tuple[Piece, ...]
    hold: float
    line: int
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class SceneSpec:
    """One unbroken stage: the scene's file, what it attends over, and its shots."""

    scene: str
    file: Path
    class_name: str
    title: str
    model: str
    carry: Carry
    sentences: tuple[SentenceSpec, ...]
    focus: str | None
    shots: tuple[Shot, ...]
    experiments: tuple[str, ...]
    line: int
    view: View

    @property
    def sentence(self) -> SentenceSpec | None:
        """The default sentence: the first (a scene such as a title card may have none)."""
        return self.sentences[0] if self.sentences else None


@dataclass(frozen=True)
class Chapter:
    """What a viewer navigates by."""

    title: str
    scenes: tuple[SceneSpec, ...]
    line: int


@dataclass(frozen=True)
class Storyboard:
    """A whole lecture."""

    path: Path
    title: str
    model: str
    carry: Carry
    decimals: int
    words_per_minute: int
    chapters: tuple[Chapter, ...]

    def scenes(self) -> Iterator[SceneSpec]:
        """Yield every scene in order."""
        for chapter in self.chapters:
            yield from chapter.scenes

    def shots(self) -> Iterator[Shot]:
        """Yield every shot in order."""
        for scene in self.scenes():
            yield from scene.shots
