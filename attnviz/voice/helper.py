"""The helper process of `process.py`: reads orders, and writes for each a list of answers, or a tuple of problems."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import numpy as np

from attnviz.input.answering import answer_orders, answers_of_this_process
from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.surroundings import hush_libraries
from attnviz.storyboard.voices import NONE
from attnviz.voice.engines import open_voice, voice_key
from attnviz.voice.loudness import levelled
from attnviz.voice.process import FULL_SCALE, Answer, Heard, Order, Text
from attnviz.voice.speech import Voice

_opened: dict[tuple[tuple[str, str], ...], Voice] = {}  # by their keys; the last one only


def answer(order: Order) -> list[Answer] | tuple[Problem, ...]:
    """Return the texts as they are heard, each or why it cannot be; or why there is no voice."""
    try:
        voice = None if order.settings.engine == NONE else _voice(order)
    except ProblemsFound as found:
        return tuple(found.problems)
    return [_heard(voice, text, order.folder) for text in order.texts]


def _voice(order: Order) -> Voice:
    key = tuple(sorted(voice_key(order.settings, order.language, order.near).items()))
    if key not in _opened:
        _opened.clear()
        _opened[key] = open_voice(order.settings, order.language, order.near)
    return _opened[key]


def _heard(voice: Voice | None, asked: Text, folder: Path) -> Answer:
    """Have a text spoken, or its recording read, at one loudness; its sound goes to a file."""
    try:
        speaker = asked.recording or voice
        assert speaker is not None  # what nobody speaks is not ordered
        speech = speaker.speak(asked.text)
    except ProblemsFound as found:
        return tuple(found.problems)
    number, name = tempfile.mkstemp(dir=folder)
    with os.fdopen(number, "wb") as file:
        sound = speech.samples if asked.recording else levelled(speech.samples, speech.rate)
        file.write(np.rint(sound * FULL_SCALE).astype("<i2").tobytes())
    return Heard(speech.seconds, speech.words, Path(name), speech.rate)


def main() -> None:
    """Answer orders; what takes long to import is imported before the first one is there."""
    orders, answers = answers_of_this_process()
    hush_libraries()
    if sys.argv[2] == "hibari":
        import hibari.g2p  # noqa: F401
        import onnxruntime  # noqa: F401
    answer_orders(answer, orders, answers)


if __name__ == "__main__":
    main()
