"""Pieces of speech, one after the other: how long a voice rests between them, and that no joint is heard.

A piece begins and ends where it is heard, whatever silence its engine put around it. The rests are those of somebody
who reads calmly: 0.4 s between sentences, 0.7 s between paragraphs, 0.15 s where a long sentence had to be parted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attnviz.voice.speech import Samples, Speech, SpokenWord

WITHIN, SENTENCE, PARAGRAPH = 0.15, 0.4, 0.7  # seconds
_HEARD = 10 ** (-60 / 20)  # 60 dB below the loudest that there can be
_KEPT = 0.03  # seconds of near silence that stay around what is heard
_FADE = 0.005  # seconds


@dataclass(frozen=True)
class Piece:
    """A part of a speech; `words` have times from its own beginning, `rest` is the silence after it, in seconds."""

    samples: Samples
    words: tuple[SpokenWord, ...]
    rest: float


def joined(pieces: Sequence[Piece], rate: int) -> Speech:
    """Return the pieces one after the other, without the silence at both ends of each; the last one has no rest."""
    sounds: list[Samples] = []
    words: list[SpokenWord] = []
    length = 0  # in samples
    for number, piece in enumerate(pieces):
        start, end = _heard(piece.samples, rate)
        sound = _faded(piece.samples[start:end], rate)
        moved = (length - start) / rate
        within = length / rate, (length + len(sound)) / rate
        words += [_moved(word, moved, within) for word in piece.words]
        rest = 0 if number + 1 == len(pieces) else round(piece.rest * rate)
        sounds += [sound, np.zeros(rest, np.float32)]
        length += len(sound) + rest
    samples = np.concatenate(sounds) if sounds else np.zeros(0, np.float32)
    return Speech(length / rate, tuple(words), samples, rate)


def _heard(samples: Samples, rate: int) -> tuple[int, int]:
    """Return the first sample and the one after the last that belong to what is heard; two zeros for silence."""
    loud = np.flatnonzero(np.abs(samples) > _HEARD)
    if not len(loud):
        return 0, 0
    kept = round(_KEPT * rate)
    return max(int(loud[0]) - kept, 0), min(int(loud[-1]) + 1 + kept, len(samples))


def _faded(samples: Samples, rate: int) -> Samples:
    """Return the samples, rising from silence and falling to it."""
    length = min(round(_FADE * rate), len(samples) // 2)
    slope = np.linspace(0, 1, length, dtype=np.float32)
    faded = samples.copy()
    faded[:length] *= slope
    faded[len(faded) - length :] *= slope[::-1]
    return faded


def _moved(word: SpokenWord, by: float, within: tuple[float, float]) -> SpokenWord:
    first, last = within
    return SpokenWord(
        word.start, word.end, min(max(word.begins + by, first), last), min(max(word.ends + by, first), last)
    )
