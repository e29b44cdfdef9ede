"""What is said, sentence by sentence: when each is heard, and which of its words are numbers of a trace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attnviz.page.receipts import Finder, milliseconds
from attnviz.storyboard.reading import SpokenWord, ends_sentence

if TYPE_CHECKING:
    from attnviz.page.tables import KeptArray
    from attnviz.page.workings import Index
    from attnviz.publish.shown import ShownShot
    from attnviz.render.shots.said import Said


@dataclass(frozen=True)
class HeardSentence:
    """A sentence; times are in seconds since the film began.

    `numbers` has, for each number that is said, its first character, the one after its last, and its entry.
    """

    text: str
    begins: float
    ends: float
    numbers: tuple[tuple[int, int, KeptArray, Index], ...]

    def plain(self) -> dict[str, Any]:
        """Return the sentence as the page has it; it must be known which entries are kept."""
        numbers = [[start, end, array.number, array.place(index)] for start, end, array, index in self.numbers]
        times = {"start": milliseconds(self.begins), "end": milliseconds(self.ends)}
        return {**times, "text": self.text, "numbers": numbers}


def heard_in(shot: ShownShot, finder: Finder, fps: int) -> Iterator[HeardSentence]:
    """Yield the sentences of a shot in order; what is not spoken has the times of a reader."""
    began, text = float(shot.seconds(fps)[0]), shot.shot.narration
    for words in sentences_of(shot.shot.said):
        first, last = words[0], words[-1]
        numbers = []
        for number in shot.shot.said.told.numbers:
            if number.named is None or not (first.start <= number.start and number.end <= last.end):
                continue
            entry = finder.named(shot, number.named)
            if entry is not None:
                numbers.append((number.start - first.start, number.end - first.start, *entry))
        said = text[first.start : last.end]
        yield HeardSentence(said, began + first.begins, began + last.ends, tuple(numbers))


def sentences_of(said: Said) -> Iterator[Sequence[SpokenWord]]:
    """Yield the words of a narration, sentence by sentence."""
    sentence: list[SpokenWord] = []
    for word in said.words:
        sentence.append(word)
        if ends_sentence(said.told.text[word.start : word.end]):
            yield sentence
            sentence = []
    if sentence:
        yield sentence
