"""Speech, made where threads may run: in another process.

The process that plays scenes forks for every shot, and must have no threads; engines have some. So a helper process
imports the engine at once, opens the voice when it is first asked, and speaks.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from attnviz.input.answering import AnsweringProcess, ProcessEnded
from attnviz.input.problems import Problem, ProblemsFound
from attnviz.storyboard.voices import VoiceSettings
from attnviz.voice.engines import check_voice
from attnviz.voice.speech import Speech

HELPER = "attnviz.voice.helper"
# Shots are drawn meanwhile: a thread that waits for another must not keep a core busy with it.
WAITING = {"OMP_WAIT_POLICY": "PASSIVE", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

Answer = Speech | tuple[Problem, ...]
"""A text as it was spoken, or why it could not be."""


@dataclass(frozen=True)
class Order:
    """Texts to be spoken, and by which voice."""

    settings: VoiceSettings
    language: str
    near: Path
    texts: tuple[str, ...]


class Speakers:
    """The helper process, with a voice; see `speakers`."""

    def __init__(self, process: AnsweringProcess, settings: VoiceSettings, language: str, near: Path) -> None:
        self._process = process
        self._settings, self._language, self._near = settings, language, near

    def answers(self, texts: Sequence[str]) -> list[Answer]:
        """Return for each text how it was spoken, or what is wrong with it (without a place).

        Raises `ProblemsFound` where nothing can be spoken: the voice cannot be opened, or the process ended.
        """
        order = Order(self._settings, self._language, self._near, tuple(texts))
        try:
            answered = self._process.ask(order)
        except ProcessEnded as ended:
            raise ProblemsFound(Problem(f"speaking failed ({ended})")) from ended
        if isinstance(answered, tuple):
            raise ProblemsFound(answered)
        assert isinstance(answered, list)
        return answered

    def speak(self, texts: Sequence[str]) -> list[Speech]:
        """Return the texts as they were spoken; raises `ProblemsFound` with all that cannot be."""
        answered = self.answers(texts)
        problems = [problem for answer in answered if isinstance(answer, tuple) for problem in answer]
        if problems:
            raise ProblemsFound(dict.fromkeys(problems))
        return [answer for answer in answered if isinstance(answer, Speech)]


@contextlib.contextmanager
def speakers(settings: VoiceSettings, language: str, near: Path) -> Iterator[Speakers]:
    """Start the helper process now, and have it speak until the block ends; the engine must not be `none`.

    Raises `NotInstalled` and `ProblemsFound` as `engines.check_voice` does, before anything is started.
    """
    check_voice(settings, language, near)
    process = AnsweringProcess(HELPER, settings.engine, environment=WAITING)
    try:
        yield Speakers(process, settings, language, near)
    finally:
        process.end()
