"""The shots of a film in order, put together from what is in the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from attnviz.publish.captions import Caption, captions_of
from attnviz.publish.sound import Piece
from attnviz.voice.process import FULL_SCALE

if TYPE_CHECKING:
    from attnviz.input.questions import Traces
    from attnviz.render.cache.products import Report
    from attnviz.render.shots.walk import WalkedShot
    from attnviz.render.shots.work import SceneWork, Work
    from attnviz.storyboard.types import ModelChoice


@dataclass(frozen=True)
class ShownShot:
    """A shot in its place in the film; `start` is in frames."""

    shot: WalkedShot
    scene: SceneWork
    report: Report
    start: int

    @property
    def name(self) -> str:
        """The shot's full name: chapter/scene/shot."""
        return self.shot.name

    @property
    def frames(self) -> int:
        """How many frames the shot has."""
        return self.report.frames

    @property
    def traces(self) -> Traces:
        """What the shot could read."""
        return self.scene.traces.load()

    def seconds(self, fps: int) -> tuple[Fraction, Fraction]:
        """Return when the shot begins and ends in the film."""
        return Fraction(self.start, fps), Fraction(self.start + self.frames, fps)


def shown_shots(work: Work) -> list[ShownShot] | None:
    """Return the wanted shots in the order of the film; None if anything is missing."""
    shown: list[ShownShot] = []
    frames = 0
    for scene in work.scenes:
        if not scene.is_known:
            return None
        for shot in scene.known:
            if not shot.planned.wanted:
                continue
            report = work.products.report(shot)
            if report is None:
                return None
            shown.append(ShownShot(shot, scene, report, frames))
            frames += report.frames
    return shown


def choices_shown(shots: Sequence[ShownShot]) -> list[ModelChoice]:
    """Return of which models those were taken whose numbers are in the film, each choice once."""
    specs = [shot.scene.spec for shot in shots]
    return list(dict.fromkeys(spec.choice for spec in specs if spec.choice and (spec.sentences or spec.experiments)))


def captions_shown(shots: Sequence[ShownShot], fps: int, language: str) -> list[Caption]:
    """Return the captions of the film, whose lines are broken as its language asks for.

    They change with the words that a voice speaks.
    """
    return [
        caption
        for shot in shots
        for caption in captions_of(
            shot.shot.narration,
            *shot.seconds(fps),
            language,
            words=shot.shot.said.words if shot.shot.said.aloud else (),
        )
    ]


class GoneError(Exception):
    """Something that was in the store has been deleted or damaged."""


def sound_shown(work: Work, shots: Sequence[ShownShot]) -> Iterator[Piece]:
    """Yield what is heard in the film; raises `GoneError` for what is no longer kept, and has it spoken again."""
    for shot in shots:
        said = shot.shot.said
        if said.sound is None:
            continue
        sound = work.store.get(said.sound)
        if sound is None:
            work.speeches.forget(said.told, shot.name)
            raise GoneError(shot.name)
        samples = np.frombuffer(sound, "<i2").astype(np.float32) / FULL_SCALE
        yield Piece(Fraction(shot.start, work.format.fps), samples, said.rate)
