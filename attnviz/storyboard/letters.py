"""Letters that no font draws, found before anything is rendered: in titles, and in words that scenes are to show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from attnviz.input.fonts import Font, refusal, undrawable
from attnviz.input.validation import Place, value_at
from attnviz.storyboard.problem_list import ProblemList

_OF_CHAPTER, _OF_SCENE = ("title",), ("title", "focus", "words")
_NOT_DRAWN = {"say", "id", "hold", "figure"}  # keys of a shot beside its verb


def report_undrawable(problems: ProblemList, fonts: Sequence[Font], written: Iterable[tuple[Place, str]] = ()) -> None:
    """Report every text that is surely drawn, if there are letters in it that cannot be.

    Titles and words that a storyboard names are drawn; `written` are texts with their places that scenes write besides.
    """
    for at, text in dict.fromkeys((*_drawn(problems), *written)):
        if missing := undrawable(text, fonts):
            problems.add(at, *refusal(missing))


def _drawn(problems: ProblemList) -> Iterator[tuple[Place, str]]:
    """Yield the texts of a storyboard that its pictures show, with their places."""
    for chapter in problems.list_at((), "chapters"):
        yield from _texts_under(problems, chapter, _OF_CHAPTER)
        for scene in problems.list_at(chapter, "scenes"):
            yield from _texts_under(problems, scene, _OF_SCENE)
            for shot in problems.list_at(scene, "shots"):
                yield from _texts_under(problems, shot, None)


def _texts_under(problems: ProblemList, at: Place, keys: Sequence[str] | None) -> Iterator[tuple[Place, str]]:
    """Yield the texts under some keys of the mapping at a place; None: under those that name what a shot does."""
    data = value_at(problems.source.data, at)
    for key, value in data.items() if isinstance(data, dict) else ():
        if key not in _NOT_DRAWN if keys is None else key in keys:
            yield from _texts(value, (*at, key))


def _texts(data: Any, at: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(data, str):
        yield at, data
    elif isinstance(data, (list, dict)):
        for key, value in enumerate(data) if isinstance(data, list) else data.items():
            yield from _texts(value, (*at, key))
