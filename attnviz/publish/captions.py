"""Narration to captions: at most two lines of 42 characters, timed by their share of the words, never overlapping."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

LINE_LENGTH = 42
LINES = 2

_CLAUSE_END = re.compile(r"[.!?…:;,–—]['\"’”)]*$")
_MARK = re.compile(r"[<{\\]|&(?=#?\w+;)|--(?=>)")


@dataclass(frozen=True)
class Caption:
    """Text that is on screen from `start` to `end`, in seconds since the film began."""

    start: Fraction
    end: Fraction
    lines: tuple[str, ...]


def captions_of(narration: str, start: Fraction, end: Fraction) -> list[Caption]:
    """Split what is said in one shot into captions that fill the time from `start` to `end`."""
    texts = split_captions(narration)
    weights = [len(text.split()) for text in texts]
    captions, now = [], start
    for index, text in enumerate(texts):
        until = start + (end - start) * Fraction(sum(weights[: index + 1]), sum(weights))
        until = Fraction(round(until * 1000), 1000)
        captions.append(Caption(now, until, tuple(wrap(text))))
        now = until
    return captions


def split_captions(narration: str) -> list[str]:
    """Split text into pieces that fit a caption, preferably where a sentence or a clause ends."""
    pieces: list[str] = []
    words = [part for word in narration.split() for part in _chop(word)]
    while words:
        count = _fitting(words)
        pieces.append(" ".join(words[:count]))
        words = words[count:]
    return pieces


def wrap(text: str) -> list[str]:
    """Break a caption that fits into one line, or two of nearly equal length."""
    if len(text) <= LINE_LENGTH:
        return [text]
    breaks = [i for i, letter in enumerate(text) if letter == " "]
    fitting = [i for i in breaks if i <= LINE_LENGTH and len(text) - i - 1 <= LINE_LENGTH]
    middle = min(fitting, key=lambda i: abs(2 * i - len(text)))
    return [text[:middle], text[middle + 1 :]]


def srt(captions: Iterable[Caption]) -> str:
    """Write captions as a SubRip file."""
    blocks = []
    for number, caption in enumerate(captions, 1):
        lines = "\n".join(map(without_marks, caption.lines))
        blocks.append(f"{number}\n{_timestamp(caption.start)} --> {_timestamp(caption.end)}\n{lines}\n")
    return "\n".join(blocks)


def without_marks(line: str) -> str:
    """Keep players from reading parts of a line as marks, which they would obey or leave out.

    SubRip and the caption tracks of films know no escapes. An invisible word joiner after the first character of what
    could be a mark (`<s>`, `{\\an8}`, `\\N`, `&lt;`, `-->`) makes it none, and leaves the line as it is said. FFmpeg's
    own converters do the same.
    """
    return _MARK.sub("\\g<0>\u2060", line)


def _fitting(words: Sequence[str]) -> int:
    """Return how many words the next caption takes."""
    most = max(count for count in range(1, len(words) + 1) if _fits(words[:count])) if words else 0
    if most == len(words):
        return most
    # A caption that stops at a clause is easier to read, unless it would be left very short.
    ends = [count for count in range(1, most + 1) if _CLAUSE_END.search(words[count - 1])]
    sentences = [count for count in ends if words[count - 1][-1] in ".!?…"]
    for candidates in (sentences, ends):
        long_enough = [count for count in candidates if count * 3 >= most]
        if long_enough:
            return long_enough[-1]
    return most


def _fits(words: Sequence[str]) -> bool:
    """Tell whether words can be set in the lines of one caption."""
    lines, room = 1, LINE_LENGTH
    for index, word in enumerate(words):
        needed = len(word) + (0 if room == LINE_LENGTH else 1)
        if index and needed > room:
            lines, room = lines + 1, LINE_LENGTH
            needed = len(word)
        room -= needed
    return lines <= LINES


def _chop(word: str) -> list[str]:
    """Break up a word that is longer than a line."""
    return [word[i : i + LINE_LENGTH] for i in range(0, len(word), LINE_LENGTH)]


def _timestamp(seconds: Fraction) -> str:
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02},{milliseconds % 1000:03}"
