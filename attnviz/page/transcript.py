"""What is said in a shot, sentence by sentence: when each is heard, and which of its words are numbers of a trace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attnviz.storyboard.reading import ends_sentence

if TYPE_CHECKING:
    from attnviz.render.shots.said import Said
    from attnviz.storyboard.cues import NumberNamed


@dataclass(frozen=True)
class SaidNumber:
    """A number in a sentence, from one character up to another, and what it is called in a trace."""

    start: int
    end: int
    named: NumberNamed


@dataclass(frozen=True)
class Sentence:
    """A sentence, and from when to when it is heard, in seconds since its shot began."""

    text: str
    begins: float
    ends: float
    numbers: tuple[SaidNumber, ...]


def sentences_of(said: Said) -> Iterator[Sentence]:
    """Yield the sentences of a narration in order; what is read and not heard has the times of a reader."""
    text, words = said.told.text, list(said.words)
    while words:
        count = next((n for n, word in enumerate(words, 1) if ends_sentence(text[word.start : word.end])), len(words))
        first, last = words[0], words[count - 1]
        numbers = tuple(
            SaidNumber(each.start - first.start, each.end - first.start, each.named)
            for each in said.told.numbers
            if each.named is not None and first.start <= each.start and each.end <= last.end
        )
        yield Sentence(text[first.start : last.end], first.begins, last.ends, numbers)
        words = words[count:]
