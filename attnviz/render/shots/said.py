"""What is said in a shot, and when: its words, its numbers, its marks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from attnviz.storyboard.cues import Cue, NumberNamed
from attnviz.storyboard.narration import Insert
from attnviz.storyboard.plays import GESTURES
from attnviz.storyboard.reading import SpokenWord, ends_clause, ends_sentence
from attnviz.storyboard.told import MarkAt, NumberAt, Told

_AROUND = "'\"“”„‘’«»()[]{}.,;:!?…–—"
BRIEF = 1.0  # seconds for which something is pointed at, at least, where the sentence goes on: "a lemon, a blueberry"


@dataclass(frozen=True)
class Said:
    """A narration with the times of its words, in seconds since its shot began.

    If a voice speaks it, `sound` is where in the store its sound is, with `rate` samples a second.
    """

    told: Told
    seconds: float = 0.0
    words: tuple[SpokenWord, ...] = ()
    sound: str | None = None
    rate: int = 0

    @property
    def aloud(self) -> bool:
        """Whether it is heard."""
        return self.sound is not None

    def when(self, place: int) -> float:
        """Return when the word at, or after, a character is heard; the end if there is none."""
        return next((word.begins for word in self.words if word.end > place), self.seconds)

    @cached_property
    def clauses(self) -> tuple[float, ...]:
        """When its clauses begin."""
        return tuple(self._starts(ends_clause))

    def clause_after(self, seconds: float) -> float:
        """Return when the clause is over that is heard at a time; a very short one goes on to the next comma."""
        starts = [start for start in self.clauses if start > seconds + BRIEF]
        return min(
            [*starts, *(start for start in self._starts(ends_sentence) if start > seconds)], default=self.seconds
        )

    def _starts(self, ends: Callable[[str], bool]) -> Iterator[float]:
        """Yield when what ends so begins: the first word, and each after one that ends it."""
        fresh = True
        for word in self.words:
            if fresh:
                yield word.begins
            fresh = ends(self.told.text[word.start : word.end])

    def plays_marked(self) -> Iterator[tuple[MarkAt, float]]:
        """Yield the marks of plays, with their times."""
        return ((mark, self.when(mark.at)) for mark in self.told.marks if mark.mark.name not in GESTURES)

    def numbers(self) -> Iterator[tuple[NumberAt, float, float]]:
        """Yield the numbers that are said, each with the seconds from when to when it is heard."""
        for number in self.told.numbers:
            heard = [word for word in self.words if word.start < number.end and word.end > number.start]
            if heard:
                yield number, heard[0].begins, heard[-1].ends

    def cues(self) -> tuple[Cue, ...]:
        """Return what can be pointed at: every word and number when it is heard, and what marks ask for."""
        return tuple(sorted([*self._gestures(), *self._spoken()], key=lambda cue: cue.begins))

    def _spoken(self) -> Iterator[Cue]:
        numbers = {number.start: number for number in self.told.numbers}
        for number, begins, ends in self.numbers():
            yield _cue(begins, ends, self.told.text[number.start : number.end], number.named)
        for word in self.words:
            if any(word.start < each.end and word.end > each.start for each in numbers.values()):
                continue
            text = self.told.text[word.start : word.end].strip(_AROUND)
            if any(map(str.isalnum, text)):
                yield _cue(word.begins, word.ends, text)

    def _gestures(self) -> Iterator[Cue]:
        for mark in self.told.marks:
            if mark.mark.name in GESTURES:
                begins = self.when(mark.at)
                for target, named in zip(mark.mark.targets, mark.named or mark.mark.targets, strict=True):
                    number = named if isinstance(named, NumberNamed) else None
                    text = "" if isinstance(target, Insert) else target  # a number may be written in any way
                    yield _cue(begins, self.clause_after(begins), text, number, mark.mark.name or "")


def _cue(begins: float, ends: float, text: str, number: NumberNamed | None = None, gesture: str = "") -> Cue:
    return Cue(round(begins, 3), round(ends, 3), text, number, gesture)
