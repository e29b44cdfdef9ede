"""What a film shows: for every sentence of a model, which of its numbers, first in which shot, and when.

It follows from what playing the shots undrawn has shown; nothing is drawn for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from attnviz.input.in_words import clock
from attnviz.input.problems import ProblemsFound
from attnviz.input.questions import Read, entries_of, told_apart, visible_word
from attnviz.input.significant import significant
from attnviz.worksheet.amounts import Amount, UnworkableError, given

if TYPE_CHECKING:
    import xarray as xr

    from attnviz.render.shots.walk import WalkedShot
    from attnviz.render.shots.work import SceneWork, Work
    from attnviz.storyboard.cues import NumberNamed

ALWAYS_IN_FULL = ("weights", "softmax", "head_outputs", "scores")
"""Arrays whose zeros at the end are written, as on screen."""


@dataclass(frozen=True)
class Moment:
    """A shot by its full name, and a time of the film in seconds."""

    shot: str
    seconds: float

    @property
    def clock(self) -> str:
        """The time as players show it: 1:05."""
        return clock(int(self.seconds))


@dataclass(frozen=True)
class Seen:
    """A number that is on screen: its array, its labels, and when it is there first."""

    array: str
    coords: Mapping[str, str]
    moment: Moment


@dataclass
class Board:
    """One sentence of one model as a film has it: its arrays, and those of its numbers that are `seen`.

    `words` are its tokens' labels; `decimals` and `convention` are the storyboard's.
    """

    trace: xr.Dataset
    decimals: int
    convention: str
    focus: str | None
    seen: list[Seen] = field(default_factory=list)

    @property
    def facts(self) -> Mapping[str, str]:
        """The model, its fingerprint and the sentence."""
        return {key: str(self.trace.attrs.get(key, "")) for key in ("model", "fingerprint", "sentence", "layer")}

    @property
    def words(self) -> list[str]:
        """The labels of the words on the board; none where there is no sentence."""
        return [str(label) for label in self.trace["token"].values] if "token" in self.trace.coords else []

    def written(self, label: str) -> str:
        """Return a label as it is read: a word that comes again is numbered."""
        words = self.words
        return told_apart([label], words)[0] if label in words else visible_word(label)

    def first_seen(self, array: str, **coords: str) -> Moment | None:
        """Return when a number of an array is on screen first that has these labels."""
        found = self.all_seen(array, **coords)
        return found[0].moment if found else None

    def all_seen(self, array: str, **coords: str) -> list[Seen]:
        """Return the numbers of an array on screen that have these labels, in the order in which they come."""
        return [
            each
            for each in self.seen
            if each.array == array and all(each.coords.get(dim, label) == label for dim, label in coords.items())
        ]

    def shows(self, *arrays: str) -> bool:
        """Tell whether numbers of all these arrays are on screen."""
        return {*arrays} <= {each.array for each in self.seen}

    def row(self, array: str, along: str, **coords: str) -> dict[str, float]:
        """Return the entries along a dimension by their labels, to six significant digits.

        Raises `UnworkableError` if there are no such entries, or if other dimensions are left open.
        """
        chosen = tuple((dim, (label,)) for dim, label in coords.items())
        try:
            entries = entries_of({"": self.trace}, Read("entries", "", array, chosen))
        except ProblemsFound as found:
            raise UnworkableError(str(found)) from None
        if along not in entries.dims or entries.size != entries.sizes[along]:
            raise UnworkableError(f"'{array}' has more than one row there")
        labels = [str(label) for label in entries[along].values]
        return dict(zip(labels, map(significant, map(float, entries.values.ravel())), strict=True))

    def value(self, array: str, **coords: str) -> float:
        """Return one entry, to six significant digits; raises `UnworkableError` if that is not one."""
        along = next(iter(coords), "")
        found = self.row(array, along, **coords)
        if len(found) != 1:
            raise UnworkableError(f"'{array}' has more than one entry there")
        return next(iter(found.values()))

    def amounts(self, array: str, along: str, **coords: str) -> dict[str, Amount]:
        """Return entries as they are given on paper."""
        return {label: self.amount(array, value) for label, value in self.row(array, along, **coords).items()}

    def amount(self, array: str, value: float) -> Amount:
        """Return a number of an array as it is given on paper."""
        return given(value, self.decimals, short=array not in ALWAYS_IN_FULL)

    def rows_seen(self, array: str, dim: str) -> list[str]:
        """Return the labels along a dimension of which numbers are on screen, that of the word in focus first."""
        labels = dict.fromkeys(each.coords[dim] for each in self.all_seen(array) if dim in each.coords)
        return sorted(labels, key=lambda label: visible_word(label) != self.focus)

    def heads_seen(self, array: str) -> list[dict[str, str]]:
        """Return the head and the layer of the numbers on screen, each pair once; `{}` where there is one alone."""
        found = [{d: each.coords[d] for d in ("layer", "head") if d in each.coords} for each in self.all_seen(array)]
        return [dict(pairs) for pairs in dict.fromkeys(tuple(each.items()) for each in found)]


def boards_of(work: Work) -> list[Board]:
    """Return what the wanted shots show, all of which must be known, in the order of the film."""
    boards = [board for scene in boards_by_scene(work).values() for board in scene.values()]
    return list({id(board): board for board in boards}.values())


def boards_by_scene(work: Work) -> dict[str, dict[str, Board]]:
    """Return the same for every scene, by the names of its sentences; scenes can have a board in common."""
    boards, by_scene = dict[tuple[object, ...], Board](), dict[str, dict[str, Board]]()
    for scene, shot, start in shots_in_time(work):
        if scene.name not in by_scene:
            by_scene[scene.name] = mine = {}
            for name, trace in scene.traces.load().items():
                new = Board(trace, work.storyboard.decimals, work.storyboard.convention, scene.spec.focus)
                mine[name] = boards.setdefault(_identity(trace), new)
                mine[name].focus = mine[name].focus or scene.spec.focus
        mine = by_scene[scene.name]
        default = next(iter(mine), "")
        for moment, number in _numbers(shot, start):
            if (name := number.sentence or default) in mine:
                mine[name].seen.append(Seen(number.array, dict(number.coords), moment))
    return by_scene


def shots_in_time(work: Work) -> Iterator[tuple[SceneWork, WalkedShot, float]]:
    """Yield the wanted shots with the seconds of the film at which they begin.

    A shot that was drawn is as long as its frames; of others the length follows from their plays and what is said.
    """
    now = 0.0
    for scene in work.scenes:
        for shot in scene.known:
            if shot.planned.wanted:
                yield scene, shot, now
                report = work.products.report(shot)
                now += _seconds(shot) if report is None else report.frames / work.format.fps


def is_timed_by_film(work: Work) -> bool:
    """Tell whether all wanted shots were drawn, so that times are those of the film to the frame."""
    return all(work.products.report(shot) is not None for shot in work.wanted_shots())


def _numbers(shot: WalkedShot, start: float) -> Iterator[tuple[Moment, NumberNamed]]:
    """Yield the numbers that a shot brings, each with the time at which its play is over."""
    for (_, ends), beat in zip(_plays(shot), shot.step.beats, strict=True):
        for number in beat.numbers:
            yield Moment(shot.name, round(start + ends, 2)), number


def _plays(shot: WalkedShot) -> list[tuple[float, float]]:
    """Return from when to when each play of a shot takes, in step with what is said."""
    timing, beats, now = shot.timing, shot.step.beats, 0.0
    starts = timing.starts or tuple(beat.begins for beat in beats)
    paces = timing.paces or (1.0,) * len(beats)
    plays = []
    for start, pace, beat in zip(starts, paces, beats, strict=True):
        begins = max(now, start)
        now = begins + pace * beat.seconds
        plays.append((begins, now))
    return plays


def _seconds(shot: WalkedShot) -> float:
    """Return how long a shot lasts."""
    plays, beats = _plays(shot), shot.step.beats
    moved = plays[-1][1] + shot.step.moved - beats[-1].ends if plays else shot.step.moved
    return moved + shot.timing.rest_after(moved)


def _identity(trace: xr.Dataset) -> tuple[object, ...]:
    """Return what traces of the same sentence, model and view have in common, and others not."""
    tokens: Sequence[object] = trace["token"].values.tolist() if "token" in trace.coords else ()
    return (*tokens, *sorted((key, str(value)) for key, value in trace.attrs.items()), *trace.data_vars)


def finite(values: Mapping[str, float]) -> dict[str, float]:
    """Return the entries that are not −∞: those that no mask hides."""
    return {label: value for label, value in values.items() if not math.isinf(value)}
