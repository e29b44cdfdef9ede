"""Where what is spoken is cut into captions: at sentences and clauses, each caption long enough to be read.

Captions last 1 to 7 seconds where speech allows it: the cuts are those with the least cost over the whole text.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attnviz.voice.speech import SpokenWord

SHORTEST, LONGEST = 1.0, 7.0  # seconds that a caption is shown
LINGER = 0.6  # seconds that a caption stays after its last word, in a pause
GAP = 0.2  # seconds without a caption that would be no more than a flicker
PAUSE = 0.35  # seconds of silence at which a cut is as good as at a clause

_CAPTION, _AT_CLAUSE, _IN_CLAUSE, _A_SECOND_OFF = 1.0, 1.0, 4.0, 25.0  # costs
_HASTY, _SECONDS_TO_READ = 1.0, 1.6  # the cost of what is shown for less than that


@dataclass(frozen=True)
class Times:
    """When each part of a text is spoken, in seconds: its first letter, and its last."""

    begins: tuple[float, ...]
    ends: tuple[float, ...]

    def begin(self, start: int, end: int, until: float) -> float:
        """Return from when on a caption of the parts from `start` up to `end` is shown; all are over `until`.

        That is a little before its first word where else it would be a flash.
        """
        limit = until if end == len(self.begins) else self.begins[end]
        earliest = self.ends[start - 1] if start else 0.0
        return min(self.begins[start], max(earliest, limit - SHORTEST))

    def end(self, end: int, begin: float, limit: float) -> float:
        """Return until when it is shown if it is from `begin` on, and the next one comes at `limit`."""
        wanted = max(self.ends[end - 1] + LINGER, begin + SHORTEST)
        return limit if limit - wanted < GAP else wanted


def times_of(text: str, parts: Sequence[str], words: Sequence[SpokenWord]) -> Times:
    """Return when parts of a text are spoken, of which they have all but spaces; there is a word at least.

    Within a word time goes on evenly; what no word covers is spoken with the word after it, or else the last.
    """
    before = [0]  # characters that are no spaces, before each place in the text
    for character in text:
        before.append(before[-1] + (not character.isspace()))
    starts = [before[word.start] for word in words]
    stops = [before[word.end] for word in words]
    begins, ends, place = list[float](), list[float](), 0
    for part in parts:
        until = place + sum(not character.isspace() for character in part)
        first = min(bisect_right(stops, place), len(words) - 1)
        last = max(bisect_left(starts, until) - 1, first)
        begin = _within(words[first], starts[first], stops[first], place)
        begins.append(max(begin, begins[-1] if begins else begin))
        ends.append(max(_within(words[last], starts[last], stops[last], until), begins[-1]))
        place = until
    return Times(tuple(begins), tuple(ends))


def _within(word: SpokenWord, start: int, stop: int, place: int) -> float:
    share = (place - start) / (stop - start) if stop > start else 0.0
    return word.begins + (word.ends - word.begins) * min(1.0, max(0.0, share))


def cuts(
    parts: Sequence[str], times: Times, until: float, most: Callable[[int], int], ends_at: Callable[[str], int]
) -> Iterator[tuple[int, int]]:
    """Yield the captions of a text as ranges of its parts.

    `most` says how many parts fit a caption that begins with a part; `ends_at` how a part ends: 2 with a sentence, 1
    with a clause, else 0.
    """
    count = len(parts)
    best = [0.0] * count + [0.0]  # the least cost of all from a part on
    following = [count] * count
    for start in range(count - 1, -1, -1):
        costs = {
            end: _caption_cost(times, start, end, until) + _cut_cost(parts, times, end, ends_at) + best[end]
            for end in range(start + 1, min(count, start + most(start)) + 1)
        }
        following[start] = min(costs, key=lambda end: (costs[end], -end))
        best[start] = costs[following[start]]
    start = 0
    while start < count:
        yield start, following[start]
        start = following[start]


def _caption_cost(times: Times, start: int, end: int, until: float) -> float:
    begin = times.begin(start, end, until)
    seconds = times.end(end, begin, until if end == len(times.begins) else times.begins[end]) - begin
    off = max(0.0, SHORTEST - seconds, seconds - LONGEST)
    return _CAPTION + _A_SECOND_OFF * off + _HASTY * max(0.0, _SECONDS_TO_READ - seconds)


def _cut_cost(parts: Sequence[str], times: Times, end: int, ends_at: Callable[[str], int]) -> float:
    """Return how bad it is to end a caption before a part."""
    if end == len(parts):
        return 0.0
    kind = ends_at(parts[end - 1].rstrip())
    if kind == 2:
        return 0.0
    paused = times.begins[end] - times.ends[end - 1] >= PAUSE
    return _AT_CLAUSE if kind or paused else _IN_CLAUSE
