"""What is pointed at while a stage stands still, and when: chosen from what is said, and from what is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from attnviz.stage.pointing import Sights
from attnviz.stage.spots import Spot
from attnviz.storyboard.cues import Cue

SHORTEST = 0.7
"""For how long, in seconds, something is pointed at, at least; in a shorter rest nothing is."""
EVERY, NUMBERS = 1.5, 1.0
"""How long after one thing that is pointed at the next can be, that is said; and how long if it is a number."""
PATIENCE, LONGEST = 0.4, 1.1
"""After how long a stillness what is new is pointed at; and how long a stillness may be, so that it is not."""
SWEEP, EACH, WHOLE, LAZY = 0.5, 0.25, 2.4, 1.6
"""How long a sweep over new things takes: for itself, for each of them, in all at most; and how many times as long, at
most, where nothing else is to come."""
MOST = 12
"""A sweep is over so many things at most."""
INEXACT = 1e-6
"""By how much times in seconds may be off."""
LATE, SOON = 1.5, 0.3
"""How late a mark's gesture can be, whose word was spoken while things moved; and how late one at another word can."""


@dataclass(frozen=True)
class Pointing:
    """Spots that are pointed at together, from when to when (in seconds since the shot began), and by which gesture."""

    begins: float
    ends: float
    gesture: str
    spots: tuple[Spot, ...]


def pointings(
    cues: Sequence[Cue], begins: float, ends: float, sights: Sights, shown: Sequence[Cue] = ()
) -> list[Pointing]:
    """Return what is pointed at in a rest (from when to when, in seconds since the shot began), one after the other.

    What marks ask for comes first, unless it was `shown` before; then what is said, as its word is spoken. While
    anything is said, there is no longer stillness than `LONGEST`, if there is anything to point at.
    """
    if ends - begins < SHORTEST or not cues:
        return []
    found = _chosen([cue for cue in cues if cue.gesture and cue not in shown], begins, ends, sights)
    said = sorted((cue for cue in cues if not cue.gesture), key=lambda cue: (cue.number is None, cue.begins))
    for cue in said:
        found = _with_said(cue, found, begins, ends, sights)
    return _without_gaps(found, begins, min(ends, max(cue.ends for cue in cues)), sights)


def _chosen(cues: Sequence[Cue], begins: float, ends: float, sights: Sights) -> list[Pointing]:
    """Return the gestures of marks; one ends where the next begins."""
    found = list[Pointing]()
    for (since, gesture), alike in groupby(
        sorted(cues, key=lambda cue: (cue.begins, cue.gesture)), key=lambda cue: (cue.begins, cue.gesture)
    ):
        targets = list(alike)
        start, until = max(begins, since), max(cue.ends for cue in targets)
        overdue = begins - since > LATE and until < begins + SHORTEST
        if start > ends - SHORTEST or overdue:
            continue
        spots = _aimed_at(targets, sights)
        if found and start < found[-1].ends:
            found[-1] = replace(found[-1], ends=start)
        if spots:
            found.append(Pointing(start, min(ends, max(until, start + SHORTEST)), gesture, tuple(spots)))
    return [each for each in found if each.ends - each.begins >= SHORTEST - INEXACT]


def _aimed_at(targets: Sequence[Cue], sights: Sights) -> list[Spot]:
    if len(targets) == 2 and targets[0].gesture == "trace" and (way := sights.between(*targets)):
        return way
    return list(dict.fromkeys(spot for cue in targets for spot in sights.of(cue)))


def _with_said(cue: Cue, found: list[Pointing], begins: float, ends: float, sights: Sights) -> list[Pointing]:
    """Return what is pointed at, with the thing that is said, if it is on stage and there is time for it."""
    before = [each for each in found if each.begins <= cue.begins]
    after = [each for each in found if each.begins > cue.begins]
    apart = EVERY if cue.number is None else NUMBERS
    free = begins if not before else max(before[-1].ends, before[-1].begins + apart)
    start = begins if begins - SOON < cue.begins < begins else cue.begins
    until = min(ends, max(cue.ends, start + SHORTEST), *(each.begins for each in after))
    crowded = bool(after) and after[0].begins < start + apart
    if start < free or crowded or until - start < SHORTEST - INEXACT or not (spots := sights.of(cue)):
        return found
    return [*before, Pointing(start, until, "indicate", tuple(spots)), *after]


def _without_gaps(found: list[Pointing], begins: float, ends: float, sights: Sights) -> list[Pointing]:
    """Return what is pointed at, with sweeps over what is new wherever nothing would be pointed at for too long."""
    bounds = [begins, *(time for each in found for time in (each.begins, each.ends)), ends]
    sweeps = list[Pointing]()
    for start, end in list(pairwise(bounds))[::2]:
        while end - start > LONGEST and sights.recent:
            spots = tuple(sights.recent[len(sweeps) % len(sights.recent)][:MOST])
            first = start + PATIENCE
            start = first + _sweeping(end - first, len(spots))
            sweeps.append(Pointing(first, start, "sweep", spots))
    return sorted([*found, *sweeps], key=lambda each: each.begins)


def _sweeping(room: float, count: int) -> float:
    """Return for how long a sweep passes over so many things, if there is so much time until something else comes."""
    length = min(room, WHOLE, max(2 * SHORTEST, SWEEP + EACH * count))
    return min(room, LAZY * length) if room - LAZY * length <= LONGEST else length
