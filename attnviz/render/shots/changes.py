"""What has changed in a shot, in sentences: `weights[apple, orange] 0.427 → 0.391`."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attnviz.input.questions import Answer, Read
from attnviz.render.cache.sources import changes
from attnviz.render.cache.steps import read_of
from attnviz.render.cache.store import canonical

if TYPE_CHECKING:
    from attnviz.render.cache.remembered import Remembered

LEAST = 0.05  # seconds of a difference worth telling


@dataclass(frozen=True)
class ChangedNumber:
    """An entry of the trace that has changed; NaN where there was, or is, none."""

    name: str
    old: float
    new: float

    @property
    def size(self) -> float:
        """How far apart they are; what came or went is the largest change."""
        return math.inf if math.isnan(self.old) != math.isnan(self.new) else abs(self.new - self.old)

    def __str__(self) -> str:
        return f"{self.name} {_shown(self.old)} → {_shown(self.new)}"


def own_changes(before: Remembered, now: Remembered) -> list[str]:
    """Return what has changed in the shot itself, not in the shots before it."""
    return [
        *_surroundings(before.surroundings, now.surroundings),
        *_arguments(before, now),
        *_answers(before.answers, now.answers),
        *_timing(before.timing, now.timing, same_plays=before.verb == now.verb),
    ]


def changed_numbers(before: Sequence[Any], now: Sequence[Any]) -> list[ChangedNumber]:
    """Return the entries whose values differ in two lists of questions and answers, the largest change first."""
    found: dict[str, ChangedNumber] = {}
    for read, old, new in _both(before, now):
        if read.kind == "entries":
            for number in _changed_entries(read, old, new):
                found.setdefault(number.name, number)
    return sorted(found.values(), key=lambda number: -number.size)


def _surroundings(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for tell in (_format, _theme):
        if tell(before["format"]) != tell(now["format"]):
            yield f"{tell(before['format'])} → {tell(now['format'])}"
    if canonical(before["scene"]) != canonical(now["scene"]):
        yield "the scene's title, focus or sentences changed"
    files = changes(before["code"], now["code"])
    for name in files[:3]:
        what = "scene file" if not name.startswith("attnviz/") else "source"
        yield f"{what} {name.removeprefix('scenes/')} changed"
    if len(files) > 3:
        yield f"{len(files) - 3} more source files changed"
    for name in changes(before["libraries"], now["libraries"]):
        yield f"{name} {before['libraries'].get(name, 'none')} → {now['libraries'].get(name, 'none')}"


def _arguments(before: Remembered, now: Remembered) -> Iterator[str]:
    if before.verb != now.verb:
        yield f"{before.verb} → {now.verb}"
        return
    for name in changes(_as_text(before.arguments), _as_text(now.arguments)):
        old, new = (_value(each.arguments.get(name, "not given")) for each in (before, now))
        yield f"{name}: {old} → {new}"


def _answers(before: Sequence[Any], now: Sequence[Any]) -> Iterator[str]:
    numbers = changed_numbers(before, now)
    if numbers:
        more = f" and {len(numbers) - 1} more" if len(numbers) > 1 else ""
        yield f"{numbers[0]}{more}"
        return
    for read, old, new in _both(before, now):
        asked_both_times = old is not None and new is not None
        if asked_both_times and canonical(old) != canonical(new):
            yield f"{read.name or read.kind}: {_value(old)} → {_value(new)}"
            return


def _timing(before: Mapping[str, Any], now: Mapping[str, Any], *, same_plays: bool) -> Iterator[str]:
    """Yield what has changed in a shot's times; that other plays come at other times needs no telling."""
    told = False
    for name, what in (("reading", "narration"), ("pause", "hold")):
        more = now[name] - before[name]
        if more:
            told = True
            amount = f"{abs(more):.1f} s" if abs(more) >= LEAST else "a little"
            yield f"{what} is {amount} {'longer' if more > 0 else 'shorter'}"
    if same_plays and not told and canonical(before) != canonical(now):
        yield "what is said, or pointed at, comes at other times"


def _both(before: Sequence[Any], now: Sequence[Any]) -> Iterator[tuple[Read, Answer, Answer]]:
    """Yield the questions in either list with both answers (None if it was not asked)."""
    old = {read_of(read): answer for read, answer in before}
    new = {read_of(read): answer for read, answer in now}
    for read in old | new:
        yield read, old.get(read), new.get(read)


def _changed_entries(read: Read, old: Answer, new: Answer) -> Iterator[ChangedNumber]:
    values, values_now = _entries(read, old), _entries(read, new)
    if not values or not values_now:
        return  # asked only then, or only now: no number to compare it with
    for name in values | values_now:
        one, other = values.get(name, math.nan), values_now.get(name, math.nan)
        if one != other and not (math.isnan(one) and math.isnan(other)):
            yield ChangedNumber(name, one, other)


def _entries(read: Read, answer: Answer) -> dict[str, float]:
    """Return values by name: `weights[apple, orange]`; dimensions of one label that nobody chose are left out."""
    if answer is None:
        return {}
    dims, values = answer
    chosen = {dim for dim, _ in read.coords}
    names = [""]
    for dim, labels in dims:
        part = [""] if len(labels) == 1 and dim not in chosen else [f", {label}" for label in labels]
        names = [name + each for name in names for each in part]
    sentence = f"{read.sentence}." if read.sentence else ""
    return {
        f"{sentence}{read.name}[{name[2:]}]" if name else f"{sentence}{read.name}": value
        for name, value in zip(names, values, strict=True)
    }


def _format(text: str) -> str:
    fields = json.loads(text)
    return f"{fields['width']}×{fields['height']} at {fields['fps']} {fields['kind']}"


def _theme(text: str) -> str:
    return f"{json.loads(text).get('theme', 'dark')} theme"


def _as_text(arguments: Mapping[str, Any]) -> dict[str, str]:
    return {name: canonical(value) for name, value in arguments.items()}


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else canonical(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _shown(value: float) -> str:
    return "none" if math.isnan(value) else f"{value:.4g}"
