"""What a lecturer has recorded, as speech: cut to what is heard, levelled, and with the times of its words."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.storyboard.reading import reading_seconds
from attnviz.storyboard.told import MarkAt
from attnviz.voice.audio_files import read_sound
from attnviz.voice.digests import digest_of
from attnviz.voice.labels import Anchor, anchors_in, labels_of
from attnviz.voice.loudness import SILENCE, levelled, loudness
from attnviz.voice.resampling import FILM_RATE
from attnviz.voice.speech import Samples, Speech, SpokenWord
from attnviz.voice.spreading import spread, words_of
from attnviz.voice.stretches import stretches_of

CALM = 100.0  # English words a minute, of somebody who speaks slowly
TOO_LONG, SHORT_ENOUGH = 5.0, 10.0  # times what a text takes; seconds that any recording may have
TOO_SHORT = 0.15  # of what a text takes at that speed
BEFORE, AFTER = 0.1, 0.2  # seconds that are kept around what is heard

_RULES = "1"  # raised when the same recording would sound otherwise, or its words were placed otherwise


@dataclass(frozen=True)
class Recording:
    """A sound file that is heard for one text, of which `marks` are those that its labels may name.

    It is a `Voice`. Beside it there can be labels (`labels.py`).
    """

    path: Path
    marks: tuple[MarkAt, ...] = ()

    @property
    def key(self) -> Mapping[str, str]:
        """All that its sound and the times of its words depend on besides the text; raises `ProblemsFound`."""
        labels = labels_of(self.path)
        marks = [f"{mark.mark.source}@{mark.at}" for mark in self.marks]
        told = {"labels": _digest(labels), "marks": " ".join(marks)} if labels.is_file() else {}
        av = importlib.metadata.version("av")
        return {"engine": "recorded", "recording": _digest(self.path), "rules": _RULES, "av": av} | told

    def speak(self, text: str) -> Speech:
        """Return the recording as the speech of a text.

        Its silence at both ends is cut off, but for 0.1 s before and 0.2 s after it. Raises `ProblemsFound` (without a
        place in the storyboard) for a file that is empty, silent, no sound, or much longer or shorter than the text
        takes, and for labels that cannot be read.
        """
        takes = reading_seconds(text, CALM)
        samples = read_sound(self.path, max(SHORT_ENOUGH, TOO_LONG * takes))
        stretches = stretches_of(samples, FILM_RATE)
        if not stretches or loudness(samples, FILM_RATE) <= SILENCE:
            hint = "was the microphone on? record it again"
            raise ProblemsFound(Problem(f"the recording '{self.path}' is silent throughout", hint=hint))
        heard = stretches[-1].ends - stretches[0].begins
        if heard < TOO_SHORT * takes:
            message = (
                f"in the recording '{self.path}' somebody speaks for {heard:.1f} s, which is too short for its text"
            )
            raise ProblemsFound(Problem(message, hint="is it the recording of another shot, or was it cut off?"))
        anchors = self._anchors(text, len(samples) / FILM_RATE)
        first, last = _kept(stretches[0].begins, stretches[-1].ends, anchors, len(samples))
        words = [_earlier(word, first / FILM_RATE) for word in spread(words_of(text), stretches, anchors)]
        return _speech(samples[first:last], words)

    def _anchors(self, text: str, seconds: float) -> list[Anchor]:
        labels = labels_of(self.path)
        return anchors_in(labels, text, self.marks, seconds) if labels.is_file() else []


def _kept(begins: float, ends: float, anchors: list[Anchor], length: int) -> tuple[int, int]:
    """Return the samples from the first to the last that are kept; what has a label is."""
    begins = min([begins, *(anchor.seconds for anchor in anchors)]) - BEFORE
    ends = max([ends, *(anchor.seconds for anchor in anchors)]) + AFTER
    return max(0, round(begins * FILM_RATE)), min(length, round(ends * FILM_RATE))


def _earlier(word: SpokenWord, seconds: float) -> SpokenWord:
    return SpokenWord(word.start, word.end, max(0.0, word.begins - seconds), max(0.0, word.ends - seconds))


def _speech(samples: Samples, words: list[SpokenWord]) -> Speech:
    return Speech(len(samples) / FILM_RATE, tuple(words), levelled(samples, FILM_RATE), FILM_RATE)


def _digest(path: Path) -> str:
    try:
        return digest_of(path)
    except OSError as error:
        raise ProblemsFound(Problem(f"'{path}' cannot be read: {error.strerror}")) from error
