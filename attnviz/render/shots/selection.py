"""Names for shots (`chapter/scene/shot`), and the choice of some of them by `--only`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from attnviz.input.problems import Problem, ProblemsFound, did_you_mean

if TYPE_CHECKING:
    from attnviz.storyboard.types import Chapter, SceneSpec, Shot, Storyboard

LONGEST = 60  # characters of a title in a name


@dataclass(frozen=True)
class PlannedShot:
    """A shot with its full name; one that is not wanted is replayed undrawn when a later one of its scene is."""

    name: str
    shot: Shot
    wanted: bool


@dataclass(frozen=True)
class PlannedScene:
    """A scene with its place in the storyboard, and its shots up to the last that is wanted.

    `after` is the name of the scene before it on its board, from which it takes over what stands there; `resumes` is
    the last one there on whose stage it goes on. Both are empty where there is none.
    """

    name: str
    chapter: Chapter
    spec: SceneSpec
    shots: tuple[PlannedShot, ...]
    after: str = ""
    resumes: str = ""

    def wanting(self, chosen: Callable[[PlannedShot], bool]) -> Self:
        """Return the scene with only those of its wanted shots that are chosen."""
        return replace(self, shots=tuple(replace(shot, wanted=shot.wanted and chosen(shot)) for shot in self.shots))

    @property
    def heading(self) -> str:
        """What stands over the scene: its chapter, and its own title if it has one."""
        chapter, title = self.chapter.title, self.spec.title
        return chapter if title == chapter else f"{chapter} · {title}"


def select(storyboard: Storyboard, only: Sequence[str] = ()) -> list[PlannedScene]:
    """Return the scenes that have to be played for the shots chosen by `only` (all, if nothing is chosen).

    Those before them on the same board are among them, with all their shots, whether these are wanted or not.

    Raises `ProblemsFound` for choices that name nothing.
    """
    scenes = _named(storyboard)
    wanted = {shot.name for scene in scenes for shot in scene.shots}
    if only:
        wanted = set().union(*_all_chosen(scenes, only))
    chosen: list[PlannedScene] = []
    in_full = set[str]()
    for scene in reversed(scenes):
        shortened = _shorten(scene, wanted, in_full=scene.name in in_full)
        if shortened.shots:
            chosen.append(shortened)
            in_full.add(scene.after)
    return chosen[::-1]


def slug(text: str) -> str:
    """Return a title as it is written in names: `One word, two meanings` → `one-word-two-meanings`."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    kept = (c if c == "_" or c.isalnum() or unicodedata.category(c)[0] == "M" else "-" for c in plain)
    name = re.sub("-+", "-", "".join(kept)).strip("-_")
    short = name[:LONGEST].encode()[: 2 * LONGEST].decode(errors="ignore")  # names of files are limited in bytes
    return short.strip("-_") or "untitled"


def _named(storyboard: Storyboard) -> list[PlannedScene]:
    chapters = _distinct(slug(chapter.title) for chapter in storyboard.chapters)
    scenes: list[PlannedScene] = []
    for chapter_name, chapter in zip(chapters, storyboard.chapters, strict=True):
        names = _distinct(spec.scene for spec in chapter.scenes)
        for scene_name, spec in zip(names, chapter.scenes, strict=True):
            name = f"{chapter_name}/{scene_name}"
            shots = tuple(PlannedShot(f"{name}/{shot.id}", shot, True) for shot in spec.shots)
            on_board = [each for each in scenes if spec.board is not None and each.spec.board == spec.board]
            alike = [each.name for each in on_board if spec.goes_on_from(each.spec)]
            after, resumes = on_board[-1].name if on_board else "", alike[-1] if alike else ""
            scenes.append(PlannedScene(name, chapter, spec, shots, after, resumes))
    return scenes


def _distinct(names: Iterable[str]) -> list[str]:
    """Number names that are repeated: `table`, `table-2`."""
    given: list[str] = []
    for name in names:
        candidate, number = name, 1
        while candidate in given:
            number += 1
            candidate = f"{name}-{number}"
        given.append(candidate)
    return given


def _all_chosen(scenes: Sequence[PlannedScene], only: Sequence[str]) -> list[set[str]]:
    chosen, problems = [], []
    for choice in only:
        try:
            chosen.append(_chosen(scenes, choice))
        except ProblemsFound as found:
            problems += found.problems
    if problems:
        raise ProblemsFound(problems)
    return chosen


def _chosen(scenes: Sequence[PlannedScene], choice: str) -> set[str]:
    """Return the names of the shots that `CHAPTER[/SCENE[/SHOT]]` means; each part a name or a number from 1."""
    parts = choice.strip("/").split("/")
    if len(parts) > 3:
        raise ProblemsFound(Problem(f"--only {choice}: too many parts", hint="expected CHAPTER[/SCENE[/SHOT]]"))
    names = [tuple(shot.name.split("/")) for scene in scenes for shot in scene.shots]
    for depth, (part, what) in enumerate(zip(parts, ("chapter", "scene", "shot"), strict=False)):
        options = list(dict.fromkeys(name[depth] for name in names))
        picked = part if part in options else _by_number(part, options)
        if picked is None:
            where = f"--only {choice}: there is no {what} '{part}'"
            hint = did_you_mean(part, options, f"one of (or 1 … {len(options)})")
            raise ProblemsFound(Problem(where, hint=hint))
        names = [name for name in names if name[depth] == picked]
    return {"/".join(name) for name in names}


def _by_number(part: str, options: Sequence[str]) -> str | None:
    if not (part.isascii() and part.isdigit()):
        return None
    return options[int(part) - 1] if 1 <= int(part) <= len(options) else None


def _shorten(scene: PlannedScene, wanted: set[str], *, in_full: bool) -> PlannedScene:
    """Leave out what comes after the last wanted shot, unless a later scene takes over what the last one leaves."""
    last = max((index for index, shot in enumerate(scene.shots) if in_full or shot.name in wanted), default=-1)
    shots = tuple(replace(shot, wanted=shot.name in wanted) for shot in scene.shots[: last + 1])
    return replace(scene, shots=shots)
