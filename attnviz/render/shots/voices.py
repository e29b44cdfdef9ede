"""Who speaks: the voice that a storyboard asks for, or that a wish puts in its place."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.render.shots.selection import select
from attnviz.render.shots.speeches import ReadAloud, Speeches
from attnviz.render.shots.spoken import SpokenByVoice
from attnviz.storyboard.voices import AUTO, NONE, VoiceSettings, voice_named
from attnviz.voice.engines import can_speak
from attnviz.voice.recordings import Recordings, recordings_in

if TYPE_CHECKING:
    from attnviz.render.cache.store import Store
    from attnviz.storyboard.types import Storyboard

VOICE_VARIABLE = "ATTNVIZ_VOICE"


def speeches_of(
    storyboard: Storyboard,
    store: Store,
    voice: str | None,
    words_per_minute: float | None,
    *,
    speak: bool,
    or_nothing: bool = False,
) -> Speeches:
    """Return how the texts of a storyboard are said, by another voice or at another reading speed than its own if told.

    The voice can be told in the environment, too. Unless it is to `speak`, what was not spoken before is read; so is
    all, where it is to speak everything `or_nothing` and there is a word that it cannot say. Raises `ProblemsFound` if
    the voice is not there.
    """
    voice = voice or os.environ.get(VOICE_VARIABLE)
    settings = storyboard.voice if voice is None else voice_named(voice, Path.cwd(), storyboard.voice)
    read = ReadAloud(words_per_minute or storyboard.words_per_minute)
    settings = settled(settings, storyboard.language)
    if settings.engine == NONE and settings.recordings is None:
        return read
    own = {} if settings.recordings is None else recordings_of(storyboard, settings.recordings).of
    near = storyboard.path.parent
    return SpokenByVoice(store, settings, storyboard.language, near, own, read, speak=speak, or_nothing=or_nothing)


def recordings_of(storyboard: Storyboard, folder: Path) -> Recordings:
    """Return the recordings of a storyboard's shots in a folder; raises `ProblemsFound`."""
    return recordings_in(folder, [shot.name for scene in select(storyboard) for shot in scene.shots])


def settled(settings: VoiceSettings, language: str) -> VoiceSettings:
    """Return a voice's settings with an engine in place of `auto`: hibari where it is there and knows the language."""
    if settings.engine != AUTO:
        return settings
    return replace(settings, engine="hibari" if can_speak("hibari", language) else NONE)
