"""Sound at another rate."""

from __future__ import annotations

import numpy as np

from attnviz.voice.speech import Samples

FILM_RATE = 48_000  # Hz, of the sound in films


def resampled(samples: Samples, rate: int, to: int = FILM_RATE) -> Samples:
    """Return samples of `rate` (Hz) at the rate `to`, every moment where it was.

    There are round(len(samples) · to / rate) of them; at the same rate they are the ones that were given.
    """
    if rate == to or not len(samples):
        return samples
    from av.audio.frame import AudioFrame
    from av.audio.resampler import AudioResampler

    frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples[None], np.float32), format="flt", layout="mono")
    frame.sample_rate = rate
    resampler = AudioResampler("flt", "mono", to)
    parts = [each.to_ndarray()[0] for each in (*resampler.resample(frame), *resampler.resample(None))]
    found = np.concatenate([*parts, np.zeros(0, np.float32)])
    wanted = round(len(samples) * to / rate)
    return np.pad(found[:wanted], (0, max(0, wanted - len(found)))).astype(np.float32)
