"""Narration to captions: at most two lines of 42 columns, timed as it is spoken, never overlapping.

Where nobody speaks, they are timed by their share of what is said. A column is the width of a letter; Chinese and
Japanese characters take two.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from attnviz.publish.caption_cuts import LONGEST, cuts, times_of
from attnviz.publish.line_breaks import breakable_parts, width
from attnviz.storyboard.reading import ends_clause, ends_sentence, spoken_words

if TYPE_CHECKING:
    from attnviz.voice.speech import SpokenWord

LINE_WIDTH = 42
LINES = 2

_MARK = re.compile(r"[<{\\]|&(?=#?\w+;)|--(?=>)")


@dataclass(frozen=True)
class Caption:
    """Text that is on screen from `start` to `end`, in seconds since the film began."""

    start: Fraction
    end: Fraction
    lines: tuple[str, ...]


def captions_of(
    narration: str, start: Fraction, end: Fraction, language: str = "en", words: Sequence[SpokenWord] = ()
) -> list[Caption]:
    """Split what is said in one shot into captions, within the time from `start` to `end`.

    With `words`, whose times are seconds since `start`, captions come and go with what is spoken, each for 1 to 7
    seconds where speech allows it; without, they fill the time.
    """
    if words and narration.strip():
        return _spoken_captions(narration, start, end, language, words)
    texts = split_captions(narration, language)
    weights = [Fraction(spoken_words("".join(parts))).limit_denominator(1000) or Fraction(1, 4) for parts in texts]
    captions, now = [], start
    for index, parts in enumerate(texts):
        until = _to_millisecond(start + (end - start) * sum(weights[: index + 1]) / sum(weights))
        captions.append(Caption(now, until, tuple(wrap(parts))))
        now = until
    return captions


def _spoken_captions(
    narration: str, start: Fraction, end: Fraction, language: str, words: Sequence[SpokenWord]
) -> list[Caption]:
    parts = breakable_parts(" ".join(narration.split()), LINE_WIDTH, language)
    times, length = times_of(narration, parts, words), float(end - start)
    ranges = list(cuts(parts, times, length, lambda place: _most_that_fit(parts, place), _ends_at))
    begins = [times.begin(first, last, length) for first, last in ranges]
    captions: list[Caption] = []
    for (first, last), begin, limit in zip(ranges, begins, [*begins[1:], length], strict=True):
        shown = min(times.end(last, begin, limit), begin + LONGEST)
        begun, ended = (_to_millisecond(start + min(Fraction(time), end - start)) for time in (begin, shown))
        captions.append(Caption(begun, max(begun, ended), tuple(wrap(parts[first:last]))))
    return captions


def _to_millisecond(seconds: Fraction) -> Fraction:
    return Fraction(round(seconds * 1000), 1000)


def _ends_at(part: str) -> int:
    """Return how a part ends: 2 with a sentence, 1 with a clause, else 0."""
    return 2 if ends_sentence(part) else int(ends_clause(part))


def split_captions(narration: str, language: str = "en") -> list[list[str]]:
    """Split text into what fits a caption, preferably where a sentence or a clause ends.

    Each caption is a list of the parts between which its line may be broken.
    """
    pieces: list[list[str]] = []
    parts = breakable_parts(" ".join(narration.split()), LINE_WIDTH, language)
    while parts:
        count = _fitting(parts)
        pieces.append(parts[:count])
        parts = parts[count:]
    return pieces


def wrap(parts: Sequence[str]) -> list[str]:
    """Set a caption that fits in one line, or two of nearly equal width."""
    text = "".join(parts).strip()
    if width(text) <= LINE_WIDTH:
        return [text]
    pairs = [("".join(parts[:count]).strip(), "".join(parts[count:]).strip()) for count in range(1, len(parts))]
    fitting = [(first, second) for first, second in pairs if max(width(first), width(second)) <= LINE_WIDTH]
    first, second = min(fitting, key=lambda pair: abs(2 * width(pair[0]) - width(text)))
    return [first, second]


def srt(captions: Iterable[Caption]) -> str:
    """Write captions as a SubRip file."""
    blocks = []
    for number, caption in enumerate(captions, 1):
        lines = "\n".join(map(without_marks, caption.lines))
        blocks.append(f"{number}\n{_timestamp(caption.start)} --> {_timestamp(caption.end)}\n{lines}\n")
    return "\n".join(blocks)


def webvtt(captions: Iterable[Caption]) -> str:
    """Write captions as a WebVTT file, which web pages show with `<track>`; unlike SubRip it has escapes.

    Its readers take the direction of each line from its letters, as Unicode's bidirectional algorithm does.
    """
    blocks = ["WEBVTT\n"]
    for caption in captions:
        lines = "\n".join(html.escape(line, quote=False) for line in caption.lines)
        blocks.append(f"{_timestamp(caption.start, '.')} --> {_timestamp(caption.end, '.')}\n{lines}\n")
    return "\n".join(blocks)


def without_marks(line: str) -> str:
    """Keep players from reading parts of a line as marks, which they would obey or leave out.

    SubRip and the caption tracks of films know no escapes. An invisible word joiner after the first character of what
    could be a mark (`<s>`, `{\\an8}`, `\\N`, `&lt;`, `-->`) makes it none, and leaves the line as it is said. FFmpeg's
    own converters do the same.
    """
    return _MARK.sub("\\g<0>\u2060", line)


def _fitting(parts: Sequence[str]) -> int:
    """Return how many parts the next caption takes."""
    most = _most_that_fit(parts)
    if most == len(parts):
        return most
    # A caption that stops at a clause is easier to read, unless it would be left very short.
    for ends_one in (ends_sentence, ends_clause):
        ends = [count for count in range(1, most + 1) if ends_one(parts[count - 1].rstrip())]
        if ends and ends[-1] * 3 >= most:
            return ends[-1]
    return most


def _most_that_fit(parts: Sequence[str], start: int = 0) -> int:
    """Return how many parts from a place on can be set in the lines of one caption."""
    lines, used = 1, 0
    for index in range(start, len(parts)):
        if used and used + width(parts[index].rstrip()) > LINE_WIDTH:
            lines, used = lines + 1, 0
        if lines > LINES:
            return index - start
        used += width(parts[index])
    return len(parts) - start


def _timestamp(seconds: Fraction, point: str = ",") -> str:
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}{point}{milliseconds % 1000:03}"
