"""How long texts take to be said, and where their sound is: spoken by a voice and kept in the store, or only read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from attnviz.render.shots.said import Said
from attnviz.render.shots.selection import select
from attnviz.storyboard.reading import SpokenWord, read_aloud
from attnviz.storyboard.voices import AUTO, NONE, VoiceSettings, voice_named

if TYPE_CHECKING:
    from attnviz.render.cache.store import Store
    from attnviz.storyboard.told import Told
    from attnviz.storyboard.types import Storyboard

VOICE_VARIABLE = "ATTNVIZ_VOICE"


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


def speeches_of(
    storyboard: Storyboard, store: Store, voice: str | None, words_per_minute: float | None, *, speak: bool
) -> Speeches:
    """Return how the texts of a storyboard are said, by another voice or at another reading speed than its own if told.

    The voice can be told in the environment, too. Unless it is to `speak`, what was not spoken before is read. Raises
    `ProblemsFound` if the voice is not there.
    """
    voice = voice or os.environ.get(VOICE_VARIABLE)
    settings = storyboard.voice if voice is None else voice_named(voice, Path.cwd(), storyboard.voice)
    read = ReadAloud(words_per_minute or storyboard.words_per_minute)
    settings = settled(settings, storyboard.language)
    if settings.engine == NONE and settings.recordings is None:
        return read
    from attnviz.render.shots.spoken import SpokenByVoice

    own = {} if settings.recordings is None else recordings_of(storyboard, settings.recordings)
    return SpokenByVoice(store, settings, storyboard.language, storyboard.path.parent, own, read, speak=speak)


def recordings_of(storyboard: Storyboard, folder: Path) -> Mapping[str, Path]:
    """Return the recordings in a folder, by the full names of the shots that they are of; raises `ProblemsFound`."""
    from attnviz.voice.recordings import recordings_in

    return recordings_in(folder, [shot.name for scene in select(storyboard) for shot in scene.shots]).of


def settled(settings: VoiceSettings, language: str) -> VoiceSettings:
    """Return a voice's settings with an engine in place of `auto`: hibari where it is there and knows the language."""
    if settings.engine != AUTO:
        return settings
    from attnviz.voice.engines import can_speak

    return replace(settings, engine="hibari" if can_speak("hibari", language) else NONE)
