"""The plan: which shots are up to date and which will be drawn, and why, before anything is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from attnviz.render.cache.remembered import Remembered, facts_of, remembered
from attnviz.render.shots.changes import own_changes

if TYPE_CHECKING:
    from attnviz.render.shots.walk import WalkedShot
    from attnviz.render.shots.work import Work


@dataclass(frozen=True)
class PlannedDrawing:
    """One line of the plan: the shot, and why it must be drawn (None: it is up to date)."""

    name: str
    why: str | None
    seconds: float  # about how long the shot is


def plan(work: Work, *, force: bool = False) -> list[PlannedDrawing]:
    """Return what has to be drawn, and why; with `force` that is everything. Every shot must be known."""
    before = remembered(work.store, work.storyboard.path)
    lines: list[PlannedDrawing] = []
    boards: dict[str, tuple[WalkedShot, ...]] = {}
    for scene in work.scenes:
        earlier = boards.get(scene.after, ())
        boards[scene.name] = (*earlier, *scene.known)
        lines += _lines(work, scene.known, earlier, before)
    return [replace(line, why=line.why or "wanted anew") for line in lines] if force else lines


def _lines(
    work: Work, shots: Sequence[WalkedShot], earlier: Sequence[WalkedShot], before: Mapping[str, Remembered]
) -> list[PlannedDrawing]:
    """Return the lines of a scene's shots; `earlier` are those that were played on its board before."""
    lines = []
    for place, shot in enumerate(shots):
        if not shot.planned.wanted:
            continue
        missing = work.missing(shot)
        why = _why(shot, (*earlier, *shots[:place]), before, missing) if missing else None
        lines.append(PlannedDrawing(shot.name, why, max(shot.timing.reading, shot.step.moved) + shot.timing.pause))
    return lines


def _why(
    shot: WalkedShot, earlier: Sequence[WalkedShot], before: Mapping[str, Remembered], missing: Sequence[str]
) -> str:
    if shot.name not in before:
        return "never rendered"
    was, now = before[shot.name], facts_of(shot)
    own = own_changes(was, now)
    if own:
        return "; ".join(own)
    if was.start != now.start:
        return _inherited(earlier, before)
    return f"its {missing[-1]} is not in the cache, or damaged" if len(missing) < 3 else "nothing of it is in the cache"


def _inherited(earlier: Sequence[WalkedShot], before: Mapping[str, Remembered]) -> str:
    """Say what changed in the picture with which a shot begins: the last earlier shot that is not what it was."""
    for shot in reversed(earlier):
        own = own_changes(before[shot.name], facts_of(shot)) if shot.name in before else ["never rendered"]
        if own:
            return f"it begins with what {shot.name.rpartition('/')[2]} leaves: {own[0]}"
    return "the stage on which it begins changed"
