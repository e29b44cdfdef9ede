"""What each shot of a storyboard was when it was last made, so that the plan can say what has changed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attnviz.render.cache.steps import plain_answers
from attnviz.render.cache.store import Store, digest

if TYPE_CHECKING:
    from attnviz.render.shots.walk import WalkedShot
    from attnviz.render.shots.work import Work

_RECORD = "remembered"


@dataclass(frozen=True)
class Remembered:
    """What is remembered of one shot, as plain data."""

    surroundings: Mapping[str, Any]
    verb: str
    arguments: Mapping[str, Any]
    timing: Mapping[str, float]
    answers: list[Any]
    start: str


def facts_of(shot: WalkedShot) -> Remembered:
    """Return what is remembered of a shot."""
    planned = shot.planned.shot
    return Remembered(
        {field.name: getattr(shot.surroundings, field.name) for field in fields(shot.surroundings)},
        planned.verb,
        dict(planned.arguments),
        asdict(shot.timing),
        plain_answers(shot.step),
        shot.start,
    )


def remember(work: Work) -> None:
    """Remember every shot that is made; what is remembered of other shots of the storyboard stays."""
    key = _key(work.storyboard.path)
    record = work.store.read(_RECORD, key) or {"surroundings": {}, "shots": {}}
    before = digest(record)
    for scene in work.scenes:
        for shot in (shot for shot in scene.known if not work.missing(shot)):
            facts = vars(facts_of(shot))
            record["surroundings"][shot.surroundings.key] = facts["surroundings"]
            record["shots"][shot.name] = facts | {"surroundings": shot.surroundings.key}
    used = {facts["surroundings"] for facts in record["shots"].values()}
    record["surroundings"] = {name: each for name, each in record["surroundings"].items() if name in used}
    if digest(record) != before:
        work.store.note(_RECORD, key, record)


def remembered(store: Store, storyboard: Path) -> dict[str, Remembered]:
    """Return the shots of a storyboard as they were when they were last made, by name."""
    record = store.read(_RECORD, _key(storyboard))
    if record is None:
        return {}
    return {
        name: Remembered(**facts | {"surroundings": record["surroundings"][facts["surroundings"]]})
        for name, facts in record["shots"].items()
    }


def _key(storyboard: Path) -> str:
    return digest("remembered", str(storyboard.resolve()))
