"""Pieces of speech, one after the other: how long a voice rests between them, and that no joint is heard.

A piece begins and ends where it is heard, whatever silence its engine put around it. The rests are those of somebody
who reads calmly: 0.4 s between sentences, 0.7 s between paragraphs, 0.15 s where a long sentence had to be parted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

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


def joined(pieces: Iterable[Piece], rate: int) -> Speech:
    """Return the pieces one after the other, without the silence at both ends of each; the last one has no rest.

    A word of which several pieces have a part begins with the first of them and ends with the last.
    """
    sounds: list[Samples] = []
    words: list[SpokenWord] = []
    length = resting = 0  # in samples
    for piece in pieces:
        start, end = _heard(piece.samples, rate)
        sounds += [np.zeros(resting, np.float32), _faded(piece.samples[start:end], rate)]
        length += resting
        within = length / rate, (length + end - start) / rate
        for word in (_moved(word, (length - start) / rate, within) for word in piece.words):
            if words and words[-1].start == word.start:
                words[-1] = replace(words[-1], ends=word.ends)
            else:
                words.append(word)
        length += end - start
        resting = round(piece.rest * rate) if end else 0
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
