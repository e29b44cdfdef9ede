"""Where somebody speaks in a recording, and where they rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attnviz.voice.speech import Samples

_FRAME = 0.01  # seconds
_BREATH = 0.12  # seconds of silence within a word (before a t, say)
_CLICK = 0.04  # seconds: what is shorter is no speech
_BELOW_SPEECH, _ABOVE_NOISE = 30.0, 8.0  # dB
_SOFTEST = -65.0  # dB of full scale


@dataclass(frozen=True)
class Stretch:
    """Speech without a rest; seconds since the recording began."""

    begins: float
    ends: float


def stretches_of(samples: Samples, rate: int) -> list[Stretch]:
    """Return the stretches in which somebody speaks; none if there are none.

    What is heard there is louder than the room, and not much softer than the rest of the speech.
    """
    size = round(_FRAME * rate)
    frames = len(samples) // size
    if not frames:
        return []
    power = np.square(samples[: frames * size].astype(np.float64)).reshape(frames, size).mean(axis=1)
    level = 10 * np.log10(np.maximum(power, 1e-12))
    speech, room = np.percentile(level, 95), np.percentile(level, 5)
    # A room so loud that it could be speech is one: a recording that is cut to the word has no rests
    room = min(room, speech - _BELOW_SPEECH)
    heard = level > max(speech - _BELOW_SPEECH, min(room + _ABOVE_NOISE, speech - 6), _SOFTEST)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], heard, [False]]).astype(np.int8)))
    found: list[Stretch] = []
    for begins, ends in edges.reshape(-1, 2) * _FRAME:
        if found and begins - found[-1].ends < _BREATH:
            found[-1] = Stretch(found[-1].begins, float(ends))
        else:
            found.append(Stretch(float(begins), float(ends)))
    return [stretch for stretch in found if stretch.ends - stretch.begins >= _CLICK]
