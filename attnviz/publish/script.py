"""The sheet to read a lecture from: what is said in each shot, its marks, and how long it takes; text or Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from attnviz.input.in_words import counted, duration
from attnviz.input.problems import visible
from attnviz.storyboard.length import TYPICAL
from attnviz.storyboard.narration import Insert, Mark, Spoken, Text
from attnviz.storyboard.reading import reading_seconds
from attnviz.storyboard.told import Told, fill, told

SheetFormat = Literal["text", "markdown"]
SILENT = "(nothing is said)"

_MARKUP = re.compile(r"[\\`*_{}\[\]<>#|~$&!]")
_LIKE_LISTS = re.compile(r"^(\s*)([-+=>]|\d+(?=[.)]))")


@dataclass(frozen=True)
class ScriptShot:
    """What is said in a shot; where a number is not known yet it stands as in the storyboard.

    `name` is the shot's full name, `chapter` a title; it takes so many `seconds` to read, with `unknown` numbers.
    """

    name: str
    chapter: str
    told: Told
    seconds: float
    unknown: int


def script_shot(
    name: str,
    chapter: str,
    narration: Sequence[Spoken],
    value: Callable[[Insert], float] | None,
    *,
    decimals: int,
    words_per_minute: float,
) -> ScriptShot:
    """Return what is said in a shot, its numbers given by `value`, or left as they are written without it."""
    known = value or (lambda insert: TYPICAL)
    seconds = reading_seconds(fill(narration, known, decimals), words_per_minute)
    inserts = [piece for piece in narration if isinstance(piece, Insert)]
    if value is None:
        narration = [Text(piece.source) if isinstance(piece, Insert) else piece for piece in narration]
    return ScriptShot(name, chapter, told(narration, known, decimals), seconds, 0 if value else len(inserts))


def script_sheet(
    title: str, shots: Sequence[ScriptShot], form: SheetFormat, *, dim: Callable[[str], str] = lambda text: text
) -> str:
    """Return the sheet; as text, what is not to be read aloud is passed through `dim`."""
    lines = list(_markdown(title, shots) if form == "markdown" else _text(title, shots, dim))
    return "\n".join(lines).rstrip("\n") + "\n"


def _text(title: str, shots: Sequence[ScriptShot], dim: Callable[[str], str]) -> Iterator[str]:
    yield from (_shown(title), dim(_about(shots)), "")
    for chapter, group in groupby(shots, key=lambda shot: (shot.name.split("/")[0], shot.chapter)):
        yield from (_shown(chapter[1]).upper(), "")
        for shot in group:
            yield dim(f"{_shown(shot.name)} · {duration(shot.seconds)}")
            said = _with_marks(shot.told, _shown, lambda mark: dim(_shown(mark.source)))
            yield from (said or dim(SILENT), "")


def _markdown(title: str, shots: Sequence[ScriptShot]) -> Iterator[str]:
    yield from (f"# {_escaped(title)}", "", _escaped(_about(shots)), "")
    for chapter, group in groupby(shots, key=lambda shot: (shot.name.split("/")[0], shot.chapter)):
        yield from (f"## {_escaped(chapter[1])}", "")
        for shot in group:
            yield from (f"`{_shown(shot.name)}` · {duration(shot.seconds)}", "")
            said = _with_marks(shot.told, _escaped, lambda mark: f"<small>{_escaped(mark.source)}</small>")
            yield from (_not_a_list(said) or f"*{SILENT}*", "")


def _about(shots: Sequence[ScriptShot]) -> str:
    spoken = [shot for shot in shots if shot.told.text.strip()]
    seconds = duration(sum(shot.seconds for shot in spoken))
    number = counted(len(spoken), "shot")
    return f"{number} to be spoken, about {seconds}; as a file, shot a/b/c is called a--b--c.wav"


def _with_marks(said: Told, show: Callable[[str], str], mark: Callable[[Mark], str]) -> str:
    """Return what is told on one line, with every mark before the word that it is about."""
    parts, place = [], 0
    for each in said.marks:
        parts += [show(said.text[place : each.at]), f"{mark(each.mark)} "]
        place = each.at
    return " ".join("".join([*parts, show(said.text[place:])]).split())


def _shown(text: str) -> str:
    """Return a text on one line, its control characters escaped."""
    return visible(re.sub(r"\s", " ", text))


def _escaped(text: str) -> str:
    """Return a text as Markdown that shows it as it is."""
    return _MARKUP.sub(lambda found: f"\\{found[0]}", _shown(text))


def _not_a_list(line: str) -> str:
    """Return a line of Markdown that begins no list or quotation."""
    return _LIKE_LISTS.sub(lambda found: found[1] + (found[2] + "\\" if found[2].isdigit() else "\\" + found[2]), line)
