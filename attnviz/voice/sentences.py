"""A text as the sentences that are spoken one by one, so that long ones need little memory and times stay exact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from attnviz.voice.joining import PARAGRAPH, SENTENCE
from attnviz.voice.saying import Saying, ends_sentence


@dataclass(frozen=True)
class Sentence:
    """The sayings of a sentence, and how long the voice rests after it at its own pace, in seconds."""

    sayings: tuple[Saying, ...]
    rest: float

    @property
    def spoken(self) -> str:
        """What the engine is to say: the words that are not silent, with spaces between them."""
        return " ".join(saying.spoken for saying in self.sayings if saying.spoken)


def sentences(sayings: tuple[Saying, ...], text: str) -> Iterator[Sentence]:
    """Yield the sentences of a text; an empty line between two words ends one, too."""
    first = 0
    for place, saying in enumerate(sayings):
        next_start = sayings[place + 1].start if place + 1 < len(sayings) else len(text)
        is_paragraph = text.count("\n", saying.end, next_start) > 1
        if is_paragraph or place + 1 == len(sayings) or ends_sentence(sayings, place, text):
            yield Sentence(sayings[first : place + 1], PARAGRAPH if is_paragraph else SENTENCE)
            first = place + 1
