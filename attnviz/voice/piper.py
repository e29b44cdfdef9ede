"""piper: neural voices of many languages, each a file; their program is under the GPL, and runs in its own process.

attnviz does not import it: `piper_process.py` does, as a program of its own that is given sentences and gives sound.
Noise is off, so that the same text gives the same sound, and the network runs in one thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from attnviz.input.answering import AnsweringProcess, ProcessEnded
from attnviz.input.problems import Problem, ProblemsFound
from attnviz.voice.joining import Piece, joined
from attnviz.voice.saying import said_as
from attnviz.voice.sentences import Sentence, sentences
from attnviz.voice.speech import Samples, Speech, SpokenWord

PROGRAM = "attnviz.voice.piper_process"


@dataclass(frozen=True)
class Wanted:
    """A sentence to be spoken: what is spoken for each of its words, and how much slower than the voice's own pace."""

    words: tuple[str, ...]
    slower: float


@dataclass(frozen=True)
class Sounded:
    """A sentence that was spoken, and when each word begins and ends, in seconds."""

    samples: Samples
    rate: int
    times: tuple[tuple[float, float], ...]


class PiperVoice:
    """A voice of piper, by its file; raises `ProblemsFound` if the file is none. See `Voice`."""

    def __init__(
        self, model: Path, language: str, speed: float, pronunciations: Mapping[str, str], key: Mapping[str, str]
    ) -> None:
        self._model, self._language, self._speed = model, language, speed
        self._pronunciations, self.key = pronunciations, key
        self._process = AnsweringProcess(PROGRAM, str(model))
        self._rate = self._ask(Wanted((), 1.0)).rate

    def speak(self, text: str) -> Speech:
        """Speak a text; raises `ProblemsFound` (without a place) for words that it cannot say."""
        found = sentences(said_as(text, self._pronunciations, self._language), text)
        return joined((self._piece(sentence) for sentence in found), self._rate)

    def __del__(self) -> None:
        if hasattr(self, "_process"):
            self._process.end()

    def _piece(self, sentence: Sentence) -> Piece:
        heard = self._ask(Wanted(tuple(saying.spoken for saying in sentence.sayings), 1 / self._speed))
        words = tuple(
            SpokenWord(saying.start, saying.end, begins, ends)
            for saying, (begins, ends) in zip(sentence.sayings, heard.times, strict=True)
        )
        return Piece(heard.samples, words, sentence.rest / self._speed)

    def _ask(self, wanted: Wanted) -> Sounded:
        try:
            answer = self._process.ask(wanted)
        except ProcessEnded as ended:
            raise ProblemsFound(Problem(f"piper failed with the voice '{self._model}' ({ended})")) from ended
        if isinstance(answer, str):
            raise ProblemsFound(Problem(f"'{self._model}' is no voice of piper: {answer}"))
        assert isinstance(answer, Sounded)
        return answer


def boundaries(alone: Sequence[str], together: Sequence[str]) -> list[int]:
    """Return for each word where it begins in the phonemes of a sentence, and where the last one ends.

    `alone` are the phonemes of each word, spoken by itself. In a sentence they change and run together ("of the" is one
    word to espeak), so that the two are laid beside each other with as few changes as possible (Wagner and Fischer, The
    string-to-string correction problem, 1974).
    """
    line = "".join(alone)
    matched = _matched(line, together)
    places, length = [0], 0
    for word in alone:
        length += len(word)
        places.append(matched[length])
    return [*places[:-1], len(together)]


def _matched(line: str, together: Sequence[str]) -> list[int]:
    """Return for each place in `line` the place in `together` that lies beside it."""
    costs = np.zeros((len(line) + 1, len(together) + 1), np.int32)
    costs[:, 0], costs[0] = np.arange(len(line) + 1), np.arange(len(together) + 1)
    steps = np.arange(len(together) + 1)
    for row, phoneme in enumerate(line, 1):
        other = np.array([each != phoneme for each in together], np.int32)
        best = np.minimum(costs[row - 1, 1:] + 1, costs[row - 1, :-1] + 2 * other)
        costs[row, 1:] = best
        costs[row] = np.minimum.accumulate(costs[row] - steps) + steps
    row, column = len(line), len(together)
    places = [0] * (len(line) + 1)
    places[row] = column
    while row:
        changed = costs[row - 1, column - 1] + 2 * (line[row - 1] != together[column - 1]) if column else -1
        if costs[row, column] == changed:
            row, column = row - 1, column - 1
            places[row] = column
        elif costs[row, column] == costs[row - 1, column] + 1:
            row -= 1
            places[row] = column
        else:
            column -= 1
            places[row] = column
    return places
