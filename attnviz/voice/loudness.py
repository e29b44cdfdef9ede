"""How loud speech is, and speech of one loudness: what every voice says, and every recording, is brought to it once.

Loudness (LUFS) and true peak are those of ITU-R BS.1770-5, loudness gated as EBU R 128 has it. They are computed here,
with numpy alone, as the same samples must give the same bytes in every process.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from attnviz.voice.speech import Samples

LOUDNESS = -16.0  # LUFS, of speech for the web
PEAK = -2.0  # dB, below the -1 of a film: coding to AAC or Opus moves peaks by some tenths of a dB
SILENCE = -70.0  # LUFS, below which nothing counts as heard

_BLOCK, _HOP = 0.4, 0.1  # seconds over which loudness is measured, and from one measurement to the next
_BELOW_MEAN = 10.0  # dB by which what is still counted may be softer than the rest
_FADE = 0.005  # seconds
_REACH = 0.002  # seconds before and after a peak within which it is made softer: less than a period of the voice
_CLOSE, _ROUNDS = 0.05, 8  # dB; making peaks softer costs loudness, which is then made up for

_Float = NDArray[np.float64]


def levelled(samples: Samples, rate: int) -> Samples:
    """Return speech at `LOUDNESS`, its true peak at `PEAK` at most, faded in and out within 5 ms.

    It has as many samples as before, of any rate (Hz). Silence stays silence. What consists of nothing but sharp peaks
    stays softer than `LOUDNESS`.
    """
    sound = _faded(samples.astype(np.float64), rate)
    found = loudness(sound, rate)
    if found <= SILENCE:
        return np.zeros(len(samples), np.float32)
    gain, made = 0.0, sound
    for _ in range(_ROUNDS):
        gain = round(gain + LOUDNESS - found, 2)
        made = _limited(sound * 10 ** (gain / 20), rate)
        found = loudness(made, rate)
        if abs(LOUDNESS - found) < _CLOSE:
            break
    return made.astype(np.float32)


def loudness(samples: NDArray[np.floating], rate: int) -> float:
    """Return the integrated loudness in LUFS; -inf for silence.

    What is shorter than a block (0.4 s) is measured as a whole, where the standard has no answer.
    """
    if not len(samples) or not np.any(samples):
        return -math.inf
    power: _Float = _block_powers(_weighted(samples.astype(np.float64), rate), rate)
    power = power[power > _power(SILENCE)]
    if not len(power):
        return -math.inf
    return _lufs(float(power[power > power.mean() * 10 ** (-_BELOW_MEAN / 10)].mean()))


def true_peak(samples: NDArray[np.floating]) -> float:
    """Return the highest level, between samples, too, in dB of full scale; -inf for silence."""
    highest = float(_peaks(samples.astype(np.float64)).max(initial=0.0))
    return 20 * math.log10(highest) if highest else -math.inf


def _faded(sound: _Float, rate: int) -> _Float:
    """Return a sound that begins and ends at 0, without the constant offset that cheap sound cards add."""
    if not len(sound):
        return sound
    count = min(round(_FADE * rate), len(sound) // 2)
    ramp = np.sin(np.linspace(0, np.pi / 2, count, endpoint=False)) ** 2
    faded: _Float = sound - sound.mean()
    faded[:count] *= ramp
    faded[len(faded) - count :] *= ramp[::-1]
    return faded


def _limited(sound: _Float, rate: int) -> _Float:
    """Return a sound whose peaks are made softer, with the few milliseconds around them, as far as needed."""
    ceiling = 10 ** (PEAK / 20)
    peaks = _peaks(sound)
    if peaks.max(initial=0.0) <= ceiling:
        return sound
    reach = max(1, round(_REACH * rate))
    needed = np.minimum(1.0, ceiling / np.maximum(peaks, ceiling))
    # The lowest gain within reach, averaged over as much: nowhere above what is needed, and without a corner.
    lowest = _lowest_around(needed, 2 * reach)
    return sound * _mean_around(_mean_around(lowest, reach), reach)


def _lowest_around(values: _Float, reach: int) -> _Float:
    """Return for each place the least of the values up to `reach` places before and after it."""
    size = 2 * reach + 1
    blocks = -(-(len(values) + 2 * reach) // size)
    padded = np.ones(blocks * size)
    padded[reach : reach + len(values)] = values
    rows = padded.reshape(blocks, size)
    until = np.minimum.accumulate(rows, axis=1).ravel()
    since = np.minimum.accumulate(rows[:, ::-1], axis=1)[:, ::-1].ravel()
    return np.minimum(since[: len(values)], until[size - 1 : size - 1 + len(values)])


def _mean_around(values: _Float, reach: int) -> _Float:
    """Return for each place the mean of the values up to `reach` places before and after it."""
    sums = np.concatenate([[0.0], np.cumsum(np.pad(values, reach, mode="edge"))])
    size = 2 * reach + 1
    means: _Float = (sums[size:] - sums[:-size]) / size
    return means


@lru_cache
def _between(phase: int, phases: int = 4, reach: int = 16) -> _Float:
    """Return the filter that gives what lies `phase` of `phases` parts of the way from one sample to the next."""
    places = np.arange(-reach + 1, reach + 1) - phase / phases
    window = np.cos(np.pi * places / (2 * reach)) ** 2
    taps: _Float = (np.sinc(places) * window)[::-1]
    whole: _Float = taps / taps.sum()
    return whole


def _peaks(sound: _Float, phases: int = 4) -> _Float:
    """Return the highest level at each sample, and up to the next one."""
    highest = np.abs(sound)
    for phase in range(1, phases):
        taps = _between(phase, phases)
        after = np.abs(np.convolve(sound, taps)[len(taps) // 2 - 1 :][: len(sound)])
        highest = np.maximum(highest, after)
        highest[1:] = np.maximum(highest[1:], after[:-1])
    return highest


def _weighted(sound: _Float, rate: int) -> _Float:
    """Return a sound as the ear weights it: two filters, given by their response at every frequency."""
    size = 1 << (len(sound) + rate // 2).bit_length()  # the filters have died away after half a second
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    spectrum = np.fft.rfft(sound, size)
    for above, below in _weighting(rate):
        spectrum *= np.polyval(above[::-1], z) / np.polyval(below[::-1], z)
    weighted: _Float = np.fft.irfft(spectrum, size)[: len(sound)]
    return weighted


def _weighting(rate: int) -> tuple[tuple[list[float], list[float]], tuple[list[float], list[float]]]:
    """Return the filters of BS.1770 at any rate: their analogue models, by the bilinear transform."""
    k, q = math.tan(math.pi * 1681.974450955533 / rate), 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    shelf = (
        [high + band * k / q + k * k, 2 * (k * k - high), high - band * k / q + k * k],
        [1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k],
    )
    k, q = math.tan(math.pi * 38.13547087602444 / rate), 0.5003270373238773
    whole = 1 + k / q + k * k
    low_cut = ([1.0, -2.0, 1.0], [1.0, 2 * (k * k - 1) / whole, (1 - k / q + k * k) / whole])
    return shelf, low_cut


def _block_powers(sound: _Float, rate: int) -> _Float:
    """Return the mean power of all blocks, or of a sound that is shorter than one."""
    block, hop = round(_BLOCK * rate), round(_HOP * rate)
    if len(sound) < block:
        return np.array([np.mean(sound**2)])
    sums = np.concatenate([[0.0], np.cumsum(sound**2)])
    starts = np.arange(0, len(sound) - block + 1, hop)
    powers: _Float = (sums[starts + block] - sums[starts]) / block
    return powers


def _lufs(power: float) -> float:
    return -0.691 + 10 * math.log10(power)


def _power(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))
