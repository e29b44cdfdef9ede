"""When the plays of a shot start, so that the picture keeps step with the words.

A mark starts a play as its word is spoken. A play that brings a number which is said comes in time for it. All others
are spread over the clauses of what is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attnviz.render.shots.beats import Beat
    from attnviz.render.shots.said import Said
    from attnviz.storyboard.cues import NumberNamed

OUTLASTS = 1.0  # seconds by which motion may outlast what is said
LEISURELY = 2.0  # times as long as it asks for a play takes, while nothing else is to come
SLOWEST, IDLE = 2.6, 0.8  # and at most, so that it is not followed by a rest that is shorter than so many seconds
HURRIED = 0.7  # the share of its time that a play takes at least, however little is said
READABLE = 0.2  # seconds after its word began by which a number should be there
AT_ONCE = 1.3  # seconds: of a longer play, what it brings comes one after the other
LATE, EARLY = 0.3, 1.0  # seconds by which a number may come after its word, or before it


def pace_of(said: Said, beats: Sequence[Beat]) -> float:
    """Return how much faster the plays must be so that they do not outlast by far what is said: 1.0 is as they are."""
    moved = beats[-1].ends
    if not said.words or moved <= said.seconds + OUTLASTS:
        return 1.0
    return round(max(HURRIED, said.seconds / moved), 2)


def schedule(said: Said, beats: Sequence[Beat], lingers: float = 0.0) -> list[tuple[float, float]]:
    """Return for each play before when it does not start, in seconds since the shot began, and its pace.

    No play starts before the one before it is over. A play with a pace of 1.0 takes as long as its verb asks for;
    while somebody speaks, it takes its time, unless it brings a number that is waited for; the last one `lingers` for
    so many seconds when all is said.
    """
    pace = pace_of(said, beats)
    lengths = [pace * beat.seconds for beat in beats]
    fixed, numbers = _marked(said, beats), _with_numbers(said, beats, lengths)
    for play, start in numbers.items():
        before = max((fixed[each] for each in fixed if each < play), default=-1.0)
        after = min((fixed[each] for each in fixed if each > play), default=said.seconds)
        if before < start < after:
            fixed.setdefault(play, start)
    hurried = _hurried(beats, fixed, pace)
    lengths = [share * beat.seconds for share, beat in zip(hurried, beats, strict=True)]
    starts = _filled(said, lengths, fixed, beats[0].begins)
    if pace < 1 or not said.aloud:
        return list(zip(starts, hurried, strict=True))
    leisurely = _leisurely(starts, beats, said.seconds + lingers)
    paces = [slow if slow > 1 and play not in numbers else hurried[play] for play, slow in enumerate(leisurely)]
    return list(zip(starts, paces, strict=True))


def _hurried(beats: Sequence[Beat], fixed: Mapping[int, float], pace: float) -> list[float]:
    """Return the paces at which plays are over when the next one has to start that is fixed, as far as they can be."""
    paces = [pace] * len(beats)
    for here, there in pairwise([0, *sorted(each for each in fixed if each)]):
        since = fixed.get(here, beats[0].begins)
        asked = sum(beat.seconds for beat in beats[here:there])
        share = max(HURRIED, min(pace, (fixed[there] - since) / asked))
        paces[here:there] = [round(share - 0.005, 2) if share < pace else pace] * (there - here)
    return [max(HURRIED, each) for each in paces]


def _leisurely(starts: Sequence[float], beats: Sequence[Beat], end: float) -> list[float]:
    """Return the paces of plays that may go on until the next one starts, or all is said."""
    rooms = [until - start for start, until in pairwise([*starts, max(end, starts[-1])])]
    return [_filling(room, beat.seconds) for room, beat in zip(rooms, beats, strict=True)]


def _filling(room: float, seconds: float) -> float:
    """Return the pace of a play of so many seconds that has more room."""
    share = room / seconds
    return round(share if share <= SLOWEST and room - LEISURELY * seconds < IDLE else min(share, LEISURELY), 2)


def _marked(said: Said, beats: Sequence[Beat]) -> dict[int, float]:
    """Return when plays start that a mark names; one without a name starts the play after the last one marked."""
    starts: dict[int, float] = {}
    last = -1
    for mark, when in said.plays_marked():
        name = mark.mark.name
        later = [place for place in range(last + 1, len(beats)) if name is None or beats[place].name == name]
        if later:
            last = later[0]
            starts[last] = when
    return starts


def _with_numbers(said: Said, beats: Sequence[Beat], lengths: Sequence[float]) -> dict[int, float]:
    """Return when plays should start so that the numbers are there that are said.

    Of several that one play brings none should come too early for its word, as far as none comes too late.
    """
    heard: list[NumberNamed | None] = []
    words: dict[int, list[tuple[float, float]]] = {}
    for number, begins, ends in said.numbers():
        play = play_bringing(number.named, beats)
        if play is not None and number.named not in heard:
            heard.append(number.named)
            words.setdefault(play, []).append((begins, ends))
    starts: dict[int, float] = {}
    for play, spoken in words.items():
        earliest = max(begins for begins, _ in spoken) + READABLE - EARLY
        there = max(spoken[0][0] + READABLE, min(earliest, spoken[0][1]))
        starts[play] = max(0.0, there - readable_after(lengths[play]))
    return starts


def play_bringing(number: NumberNamed | None, beats: Sequence[Beat]) -> int | None:
    """Return which play brings a number; None if none does: it was there before, or is only said."""
    if number is None:
        return None
    for place, beat in enumerate(beats):
        if any(same_number(number, each) for each in beat.numbers):
            return place
    return None


def same_number(one: NumberNamed, other: NumberNamed) -> bool:
    """Tell whether two names are of one number: what one leaves out there is only one of."""
    both = one.coords.keys() & other.coords.keys()
    return (one.array, one.sentence) == (other.array, other.sentence) and all(
        one.coords[each] == other.coords[each] for each in both
    )


def readable_after(seconds: float) -> float:
    """Return how long after the start of a play what it brings can be read."""
    return seconds if seconds <= AT_ONCE else seconds / 2


def _filled(said: Said, lengths: Sequence[float], fixed: Mapping[int, float], first: float) -> list[float]:
    """Return the starts of all plays: those between two that are fixed are spread over the clauses between them."""
    starts: list[float] = []
    now = first
    for here, there in pairwise([-1, *sorted(fixed), len(lengths)]):
        if here >= 0:
            starts.append(max(now, fixed[here]))
            now = starts[-1] + lengths[here]
        until = fixed.get(there, said.seconds)
        for start, length in zip(
            _spread(said, now, until, lengths[here + 1 : there]), lengths[here + 1 : there], strict=True
        ):
            starts.append(max(now, start))
            now = starts[-1] + length
    return starts


def _spread(said: Said, since: float, until: float, lengths: Sequence[float]) -> list[float]:
    """Return when each of some plays should start: with a clause, or evenly if there are more plays than clauses.

    All should be over at the end.
    """
    clauses = [since, *(start for start in said.clauses if since < start < until)]
    count = len(lengths)
    latest = [until - sum(lengths[place:]) for place in range(count)]
    if count <= len(clauses):
        wished = [clauses[place * len(clauses) // count] for place in range(count)]
    else:
        wished = [since + (until - since) * place / count for place in range(count)]
    return [min(pair) for pair in zip(wished, latest, strict=True)]


def out_of_step(
    said: Said, beats: Sequence[Beat], starts: Sequence[float], paces: Sequence[float]
) -> list[tuple[str, float]]:
    """Return the numbers that come too late or too early for their word: each with by how many seconds it is off.

    What is said once more need not come once more.
    """
    found = []
    heard: list[NumberNamed | None] = []
    for number, begins, ends in said.numbers():
        play = play_bringing(number.named, beats)
        if play is None or play >= len(starts) or number.named in heard:
            continue
        heard.append(number.named)
        there = starts[play] + readable_after(paces[play] * beats[play].seconds)
        off = there - ends if there > ends + LATE else there - begins if there < begins - EARLY else 0.0
        if off:
            found.append((number.insert.source, round(off, 2)))
    return found
