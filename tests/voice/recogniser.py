"""What a recogniser hears in a speech: pocketsphinx, which knows nothing of what was to be said."""

from __future__ import annotations

import difflib
import re
from typing import NamedTuple

import numpy as np
import pytest

from attnviz.voice.speech import Speech

RATE = 16000
FRAMES = 100  # a second


class HeardWord(NamedTuple):
    word: str
    begins: float
    ends: float


def heard(speech: Speech) -> list[HeardWord]:
    """Return the words that are heard, without pauses, with their times in seconds; skips without the recogniser."""
    pocketsphinx = pytest.importorskip("pocketsphinx")
    signal = pytest.importorskip("scipy.signal")
    silence = np.zeros(round(0.3 * RATE))
    sound = np.concatenate([silence, signal.resample_poly(speech.samples, RATE, speech.rate), silence])
    decoder = pocketsphinx.Decoder(samprate=RATE, loglevel="FATAL")
    decoder.start_utt()
    decoder.process_raw((np.clip(sound, -1, 1) * 32767).astype(np.int16).tobytes(), full_utt=True)
    decoder.end_utt()
    words = [
        HeardWord(re.sub(r"\(\d+\)", "", part.word), part.start_frame / FRAMES, (part.end_frame + 1) / FRAMES)
        for part in decoder.seg()
        if part.word[0] not in "<["
    ]
    return [HeardWord(word.word, word.begins - 0.3, word.ends - 0.3) for word in words]


def same(said: list[str], words: list[HeardWord]) -> list[tuple[int, int]]:
    """Return the pairs of places at which the same word is said and heard, in order."""
    matcher = difflib.SequenceMatcher(a=said, b=[word.word for word in words], autojunk=False)
    return [(block.a + i, block.b + i) for block in matcher.get_matching_blocks() for i in range(block.size)]
