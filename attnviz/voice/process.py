"""Speech, made where threads may run: in another process.

The process that plays scenes forks for every shot, and must have no threads; engines have some. So a helper process
imports the engine at once, opens the voice when it is first asked, and speaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from attnviz.input.answering import AnsweringProcess, Keeping, ProcessEnded
from attnviz.input.problems import Problem, ProblemsFound
from attnviz.storyboard.reading import SpokenWord
from attnviz.storyboard.voices import VoiceSettings
from attnviz.voice.recorded import Recording

HELPER = "attnviz.voice.helper"
# Shots are drawn meanwhile: a thread that waits for another must not keep a core busy with it.
WAITING = {"OMP_WAIT_POLICY": "PASSIVE", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_KEEPING = Keeping("speakers")
speakers_kept = _KEEPING.block
FULL_SCALE = 32767.0
"""What is loudest in the files of sound: their samples are whole numbers of 16 bits, in one channel."""


@dataclass(frozen=True)
class Text:
    """A text to be spoken; where there is a recording of it, that is heard."""

    text: str
    recording: Recording | None = None


@dataclass(frozen=True)
class Heard:
    """A text as it is heard: its length in seconds, its words, and the file of its sound, `rate` samples a second."""

    seconds: float
    words: tuple[SpokenWord, ...]
    sound: Path
    rate: int


Answer = Heard | tuple[Problem, ...]
"""A text as it is heard, or why it cannot be."""


@dataclass(frozen=True)
class Order:
    """Texts to be spoken, by which voice, and the folder for their sound."""

    settings: VoiceSettings
    language: str
    near: Path
    folder: Path
    texts: tuple[Text, ...]


class Speakers:
    """The helper process, which starts now and speaks until it is ended. The files of sound are the caller's.

    Within `speakers_kept` one process speaks for all that come after one another.
    """

    def __init__(self, settings: VoiceSettings, language: str, near: Path, folder: Path) -> None:
        self._settings, self._language, self._near, self._folder = settings, language, near, folder
        self._is_own = not _KEEPING.is_kept
        self._process = _KEEPING.process(lambda: AnsweringProcess(HELPER, settings.engine, environment=WAITING))

    def order(self, texts: Sequence[Text]) -> None:
        """Have texts spoken, while the caller does something else; not many orders may wait."""
        try:
            self._process.order(Order(self._settings, self._language, self._near, self._folder, tuple(texts)))
        except ProcessEnded as ended:
            raise _failed(ended) from ended

    def hear(self) -> list[Answer]:
        """Wait for the answers to the first order without any: for each of its texts how it is heard, or why it is not.

        Raises `ProblemsFound` where nothing can be spoken: the voice cannot be opened, or the process ended.
        """
        try:
            answered = self._process.hear()
        except ProcessEnded as ended:
            raise _failed(ended) from ended
        if isinstance(answered, tuple):
            raise ProblemsFound(answered)
        assert isinstance(answered, list)
        return answered

    def end(self) -> None:
        """End the process, unless it is kept."""
        if self._is_own:
            self._process.end()


def _failed(ended: ProcessEnded) -> ProblemsFound:
    return ProblemsFound(Problem(f"speaking failed ({ended})"))
