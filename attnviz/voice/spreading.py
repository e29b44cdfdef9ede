"""The words of a text spread over the stretches of a recording: clauses are matched to its rests.

Between two rests words take as much time as they take to say. How far that can be off grows with the length of a
clause; labels (`labels.py`) mend it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from attnviz.input.writing import parts_no_words
from attnviz.storyboard.reading import ends_clause, ends_sentence, spoken_words
from attnviz.voice.labels import Anchor
from attnviz.voice.speech import SpokenWord
from attnviz.voice.stretches import Stretch

_NO_REST = {
    True: 0.8,
    False: 0.3,
}  # what it costs if no rest follows a sentence, a clause: seconds that words are moved
_REST_WITHIN = 2.0  # what a rest within a clause costs, for each second of it
_LEAST = 0.2  # English words: nothing takes less
_ANY_WORD, _LETTER = 0.1, 0.2  # English words that a word takes, and each of its letters


@dataclass(frozen=True)
class Word:
    """A word of a text, in characters, and how long it takes to say compared to others."""

    start: int
    end: int
    weight: float
    ends_clause: bool
    ends_sentence: bool


def words_of(text: str) -> list[Word]:
    """Return the words of a text: what stands between spaces, unless it is a sign alone."""
    found = [match for match in re.finditer(r"\S+", text) if re.search(r"\w", match[0])]
    return [
        Word(
            match.start(),
            match.end(),
            _weight(match[0]),
            ends_clause(match[0]) or not re.fullmatch(r"\s*", text[match.end() : _next(found, index, text)]),
            ends_sentence(match[0]),
        )
        for index, match in enumerate(found)
    ]


def _weight(word: str) -> float:
    """Return how long a word takes to say, in English words: by its letters if it is written with some, all parted."""
    if any(character.isdigit() or parts_no_words(character) for character in word):
        return max(_LEAST, spoken_words(word))
    return _ANY_WORD + _LETTER * sum(map(str.isalpha, word))


def _next(found: Sequence[re.Match[str]], index: int, text: str) -> int:
    return found[index + 1].start() if index + 1 < len(found) else len(text)


def spread(
    words: Sequence[Word], stretches: Sequence[Stretch], anchors: Sequence[Anchor] = ()
) -> tuple[SpokenWord, ...]:
    """Return when each word is spoken; `anchors` say it of some.

    Of `stretches` there is one at least. An anchor counts for the word at its place, or else the next one.
    """
    spoken: list[SpokenWord] = []
    starts = [0, *(_word_at(words, anchor.at) for anchor in anchors), len(words)]
    times = [stretches[0].begins, *(anchor.seconds for anchor in anchors), stretches[-1].ends]
    for (first, last), (begins, ends) in zip(pairwise(starts), pairwise(times), strict=True):
        if first < last:
            spoken += _between(words[first:last], _within(stretches, begins, max(begins, ends), first > 0))
    return tuple(spoken)


def _word_at(words: Sequence[Word], at: int) -> int:
    return bisect_right([word.end for word in words], at)


def _within(stretches: Sequence[Stretch], begins: float, ends: float, anchored: bool) -> list[Stretch]:
    """Return what is spoken from one moment to another; what is anchored begins just then."""
    cut = [Stretch(max(each.begins, begins), min(each.ends, ends)) for each in stretches]
    kept = [each for each in cut if each.ends > each.begins] or [Stretch(begins, ends)]
    return [Stretch(begins, kept[0].ends), *kept[1:]] if anchored else kept


def _between(words: Sequence[Word], stretches: Sequence[Stretch]) -> list[SpokenWord]:
    """Spread words over stretches, some ends of clauses at rests."""
    spoken: list[SpokenWord] = []
    pairs = _matched(words, stretches)
    for (first, one), (last, other) in pairwise([(0, 0), *pairs, (len(words), len(stretches))]):
        spoken += _evenly(words[first:last], stretches[one:other])
    return spoken


def _matched(words: Sequence[Word], stretches: Sequence[Stretch]) -> list[tuple[int, int]]:
    """Return which word begins with which stretch, after a rest: the choice with the least cost over all."""
    speech = [0.0, *accumulate(each.ends - each.begins for each in stretches)]
    weights = [0.0, *accumulate(word.weight for word in words)]
    clauses = [place for place in range(1, len(words)) if words[place - 1].ends_clause]
    expected = [weights[place] / weights[-1] * speech[-1] for place in clauses]
    skipped = [_NO_REST[words[place - 1].ends_sentence] for place in clauses]
    rests = [one.begins - other.ends for other, one in pairwise(stretches)]
    lost = [_REST_WITHIN * rest for rest in rests]
    # best[i][j]: the first i ends of clauses and j rests are dealt with, at this cost, the last step being this one
    best = [[(0.0, 0)] * (len(rests) + 1) for _ in range(len(clauses) + 1)]
    for i in range(len(clauses) + 1):
        for j in range(len(rests) + 1):
            steps = []
            if i:
                steps.append((best[i - 1][j][0] + skipped[i - 1], 1))
            if j:
                steps.append((best[i][j - 1][0] + lost[j - 1], 2))
            if i and j:
                steps.append((best[i - 1][j - 1][0] + abs(expected[i - 1] - speech[j]), 3))
            if steps:
                best[i][j] = min(steps)
    pairs, i, j = [], len(clauses), len(rests)
    while i or j:
        step = best[i][j][1]
        if step == 3:
            pairs.append((clauses[i - 1], j))
        i, j = i - (step != 2), j - (step != 1)
    return pairs[::-1]


def _evenly(words: Sequence[Word], stretches: Sequence[Stretch]) -> list[SpokenWord]:
    """Spread words over the time in which somebody speaks, each by its weight."""
    speech = [0.0, *accumulate(each.ends - each.begins for each in stretches)]
    weights = [0.0, *accumulate(word.weight for word in words)]

    def when(share: float, *, end: bool) -> float:
        spoken = share * speech[-1]
        index = next(
            (k for k in range(len(stretches)) if spoken < speech[k + 1] or (end and spoken <= speech[k + 1])), -1
        )
        stretch = stretches[index]
        return min(stretch.ends, stretch.begins + spoken - speech[index if index >= 0 else len(stretches) - 1])

    return [
        SpokenWord(
            word.start,
            word.end,
            when(weights[k] / weights[-1], end=False),
            when(weights[k + 1] / weights[-1], end=True),
        )
        for k, word in enumerate(words)
    ]
