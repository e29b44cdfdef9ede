"""A checked storyboard as plain, frozen data: what is wanted, before anything is computed or drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from attnviz.storyboard.claim_grammar import Claim
from attnviz.storyboard.narration import Spoken
from attnviz.storyboard.voices import VoiceSettings

if TYPE_CHECKING:
    from attnviz.input.convention import Convention
    from attnviz.input.fonts import Font
    from attnviz.input.problems import Problem
    from attnviz.input.theme_names import ThemeName
    from attnviz.model.interface import Carry, Contents, View


class Vocabulary(Protocol):
    """A function that tells what can be named for a model and a sentence.

    It raises `ProblemsFound` if the model rejects the sentence; the place in the storyboard is added by its caller.
    """

    def __call__(self, model: str, near: Path, text: str | None, words: tuple[str, ...] | None, view: View) -> Contents:
        """Return what can be named; `near` is the storyboard's folder."""


@dataclass(frozen=True)
class SentenceSpec:
    """A sentence that a scene attends over: a text, a text with a selection of its words, or words alone."""

    name: str
    text: str | None
    words: tuple[str, ...] | None
    line: int


@dataclass(frozen=True)
class Figure:
    """A moment of a shot to be exported as a figure: `after` so many plays or, if None, at the end of the shot."""

    name: str
    after: int | None


@dataclass(frozen=True)
class Shot:
    """One verb of a scene with its checked arguments, its narration and what this claims; `hold` is in seconds.

    `seen` is the verb's template of what is to be seen ("" without one).
    """

    id: str
    verb: str
    arguments: Mapping[str, Any]
    narration: tuple[Spoken, ...]
    hold: float
    line: int
    figures: tuple[Figure, ...] = ()
    claims: tuple[Claim, ...] = ()
    seen: str = ""


@dataclass(frozen=True)
class ModelChoice:
    """Which model was taken of several: the first that is there. `missing` says of those before it how to get them."""

    taken: str
    of: tuple[str, ...]
    missing: tuple[Problem, ...] = ()

    def __str__(self) -> str:
        """Return "small-encoder, the first that is there of minilm, small-encoder"."""
        return f"{self.taken}, the first that is there of {', '.join(self.of)}"


@dataclass(frozen=True)
class SceneSpec:
    """A scene, one unbroken stage: its file, what it attends over, and its shots.

    `choice` says of which models its model was taken, if the storyboard leaves a choice.
    """

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
    board: str | None = None
    choice: ModelChoice | None = None

    def goes_on_from(self, earlier: SceneSpec) -> bool:
        """Tell whether the scene goes on, with all that stands there, where an earlier one on its board left off.

        A scene of another kind, or about other sentences, makes a stage of its own there.
        """
        mine, others = (each._apart_from_its_place() for each in (self, earlier))
        return self.board is not None and mine == others

    def _apart_from_its_place(self) -> SceneSpec:
        """Return the scene without what a stage does not depend on: title, shots, lines, models that were not taken."""
        sentences = tuple(replace(sentence, line=0) for sentence in self.sentences)
        return replace(self, title="", shots=(), line=0, choice=None, sentences=sentences)

    @property
    def sentence(self) -> SentenceSpec | None:
        """The default sentence, which is the first; None in a scene without sentences, such as a title card."""
        return self.sentences[0] if self.sentences else None


@dataclass(frozen=True)
class Chapter:
    """A chapter, by which viewers navigate."""

    title: str
    scenes: tuple[SceneSpec, ...]
    line: int


@dataclass(frozen=True)
class Storyboard:
    """A checked storyboard of a whole lecture."""

    path: Path
    title: str
    model: str
    carry: Carry
    decimals: int
    language: str
    words_per_minute: int
    chapters: tuple[Chapter, ...]
    fonts: tuple[Font, ...] = ()
    theme: ThemeName = "dark"
    convention: Convention = "row"
    about: str = ""
    voice: VoiceSettings = field(default_factory=VoiceSettings)

    def scenes(self) -> Iterator[SceneSpec]:
        """Yield every scene in order."""
        for chapter in self.chapters:
            yield from chapter.scenes

    def choices(self) -> list[ModelChoice]:
        """Return of which models those of the scenes were taken, each choice once."""
        return list(dict.fromkeys(scene.choice for scene in self.scenes() if scene.choice))

    def shots(self) -> Iterator[Shot]:
        """Yield every shot in order."""
        for scene in self.scenes():
            yield from scene.shots
