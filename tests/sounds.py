"""Sounds for tests: syllables between rests, and what FFmpeg's own meter says of a sound."""

from __future__ import annotations

import gc
import re
from fractions import Fraction

import av
import av.logging
import numpy as np
from av.error import BlockingIOError, EOFError
from av.filter import Graph

SYLLABLE, REST = 0.22, 0.6  # seconds


def syllables(seconds: float, rate: int, level: float = 0.1, pitch: float = 110.0) -> np.ndarray:
    """Return a buzz in syllables, four and a rest, with the harmonics of a voice, whose peaks do not fall together."""
    time = np.arange(round(seconds * rate)) / rate
    turned = [2 * np.pi * pitch * k * time - np.pi * k**2 / 23 for k in range(1, 24) if pitch * k < rate / 2]
    buzz = sum(np.cos(phase) / k for k, phase in enumerate(turned, 1))
    bar = 4 * SYLLABLE + REST
    inside = (time % bar) < 4 * SYLLABLE
    swell = np.sin(np.pi * (time % SYLLABLE) / SYLLABLE) ** 2
    return (level * buzz * swell * inside).astype(np.float32)


def measured(samples: np.ndarray, rate: int) -> tuple[float, float]:
    """Return the integrated loudness (LUFS) and the true peak (dB) as FFmpeg's `ebur128` finds them."""
    av.logging.set_level(av.logging.INFO)
    try:
        with av.logging.Capture(local=True) as logs:
            _run_through_meter(samples, rate)
            gc.collect()  # it reports when it is let go of
    finally:
        av.logging.set_level(None)
    report = "".join(message for *_, message in logs)
    [loudness, peak] = re.findall(r"(?:I|Peak):\s+(-?[\d.]+|-inf)", report)
    return float(loudness), float(peak)


def _run_through_meter(samples: np.ndarray, rate: int) -> None:
    graph = Graph()
    source = graph.add_abuffer(sample_rate=rate, format="flt", layout="mono", time_base=Fraction(1, rate))
    meter, sink = graph.add("ebur128", "peak=true:framelog=quiet"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[None], np.float32), format="flt", layout="mono")
    frame.sample_rate, frame.pts = rate, 0
    source.push(frame)
    source.push(None)
    try:
        while True:
            sink.pull()
    except (BlockingIOError, EOFError):
        pass


def spoken(text: str, rate: int, clause: float = 0.3, before: float = 1.0, noise: float = 0.0005):
    """Return a buzz for each word, a sound of a quiet room around it, and when each word begins, in seconds."""
    parts, begins, now = [np.zeros(round(before * rate), np.float32)], [], before
    for word in text.split():
        seconds = 0.08 + 0.06 * len(word)
        begins.append(now)
        parts.append(syllables(4 * SYLLABLE, rate)[: round(seconds * rate)])
        rest = clause if word[-1] in ",.;:" else 0.03
        parts.append(np.zeros(round(rest * rate), np.float32))
        now += len(parts[-2]) / rate + len(parts[-1]) / rate
    sound = np.concatenate([*parts, np.zeros(rate, np.float32)])
    hiss = noise * np.sin(np.arange(len(sound)) ** 2 % 1000)  # as good as noise, and the same every time
    return (sound + hiss).astype(np.float32), begins


def write_sound(path, samples: np.ndarray, rate: int, codec: str, channels: int = 1) -> None:
    """Write a sound file of the kind that its suffix names."""
    layout = {1: "mono", 2: "stereo"}[channels]
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec, rate=rate)
        stream.layout = layout
        both = np.repeat(samples[None], channels, axis=0).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(both), format="fltp", layout=layout)
        frame.sample_rate, frame.pts = rate, 0
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
