"""Narration to captions: at most two lines of 42 columns, timed by their share of what is said, never overlapping.

A column is the width of a letter; Chinese and Japanese characters take two.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from attnviz.publish.line_breaks import breakable_parts, width
from attnviz.storyboard.reading import spoken_words

LINE_WIDTH = 42
LINES = 2

_CLOSING = "'\"’”»)』」）】》"
_SENTENCE_END = re.compile(rf"[.!?…。！？｡؟۔।][{_CLOSING}]*$")
_CLAUSE_END = re.compile(rf"[.!?…:;,–—。！？｡：；，、؟۔؛،।][{_CLOSING}]*$")
_MARK = re.compile(r"[<{\\]|&(?=#?\w+;)|--(?=>)")


@dataclass(frozen=True)
class Caption:
    """Text that is on screen from `start` to `end`, in seconds since the film began."""

    start: Fraction
    end: Fraction
    lines: tuple[str, ...]


def captions_of(narration: str, start: Fraction, end: Fraction, language: str = "en") -> list[Caption]:
    """Split what is said in one shot into captions that fill the time from `start` to `end`."""
    texts = split_captions(narration, language)
    weights = [Fraction(spoken_words("".join(parts))).limit_denominator(1000) or Fraction(1, 4) for parts in texts]
    captions, now = [], start
    for index, parts in enumerate(texts):
        until = start + (end - start) * sum(weights[: index + 1]) / sum(weights)
        until = Fraction(round(until * 1000), 1000)
        captions.append(Caption(now, until, tuple(wrap(parts))))
        now = until
    return captions


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
    for end in (_SENTENCE_END, _CLAUSE_END):
        ends = [count for count in range(1, most + 1) if end.search(parts[count - 1].rstrip())]
        if ends and ends[-1] * 3 >= most:
            return ends[-1]
    return most


def _most_that_fit(parts: Sequence[str]) -> int:
    """Return how many parts can be set in the lines of one caption."""
    lines, line = 1, ""
    for index, part in enumerate(parts):
        if line and width(f"{line}{part.rstrip()}") > LINE_WIDTH:
            lines, line = lines + 1, ""
        if lines > LINES:
            return index
        line += part
    return len(parts)


def _timestamp(seconds: Fraction, point: str = ",") -> str:
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}{point}{milliseconds % 1000:03}"
