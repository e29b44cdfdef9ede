"""How long texts take to be said, and where their sound is: spoken by a voice and kept in the store, or only read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from attnviz.render.shots.said import Said
from attnviz.storyboard.reading import SpokenWord, read_aloud

if TYPE_CHECKING:
    from attnviz.input.problems import Problem
    from attnviz.storyboard.told import Told


@dataclass(frozen=True)
class Spoken:
    """A text as it is said: its length in seconds, and its words.

    If a voice speaks it, `sound` is where in the store its sound is, with `rate` samples a second.
    """

    seconds: float
    words: tuple[SpokenWord, ...]
    sound: str | None = None
    rate: int = 0


class Speeches(Protocol):
    """Knows how texts are said."""

    @property
    def silenced(self) -> Problem | None:
        """Why nobody speaks, although a voice was asked for."""

    def expect(self, shots: Iterable[tuple[str, Told]]) -> None:
        """Be told which shots will be asked for, by their names, and what is said in them; in the order of the film."""

    def spoken(self, told: Told, shot: str) -> Spoken:
        """Return how a text is said in a shot; raises `ProblemsFound` (without a place) if it cannot be said."""

    def forget(self, told: Told, shot: str) -> None:
        """Let go of a speech whose sound is gone from the store: it has to be spoken again."""


@dataclass(frozen=True)
class ReadAloud:
    """Nobody speaks: texts take as long as to be read, at a speed in English words a minute."""

    words_per_minute: float
    silenced: Problem | None = None

    def expect(self, shots: Iterable[tuple[str, Told]]) -> None:
        """Do nothing."""

    def forget(self, told: Told, shot: str) -> None:
        """Do nothing."""

    def spoken(self, told: Told, shot: str) -> Spoken:
        """Return when the words of a text are read."""
        words = read_aloud(told.text, self.words_per_minute)
        return Spoken(words[-1].ends if words else 0.0, words)


@dataclass(frozen=True)
class SpokenBefore:
    """What is known already, by shot: all that a worker on another machine needs."""

    shots: Mapping[str, Spoken]
    silenced: Problem | None = None

    def expect(self, shots: Iterable[tuple[str, Told]]) -> None:
        """Do nothing."""

    def forget(self, told: Told, shot: str) -> None:
        """Do nothing."""

    def spoken(self, told: Told, shot: str) -> Spoken:
        """Return how the text of a shot is said."""
        return self.shots[shot]


def said(told: Told, spoken: Spoken) -> Said:
    """Return a narration with the times of its words."""
    return Said(told, spoken.seconds, spoken.words, spoken.sound, spoken.rate)
