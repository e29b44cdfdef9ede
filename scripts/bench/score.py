"""What is played in a film, in all detail: plain data, from which manim can play the same film, frame for frame."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ScoredPlay:
    """One play: how many frames it has, and whether they are all the same picture."""

    frames: int
    still: bool


@dataclass(frozen=True)
class ScoredShot:
    """A shot: its verb with arguments, when each of its plays starts and at what pace, and the stillness at its end.

    Times are in seconds, those of plays since the shot began.

    One that is not wanted is only played because later ones are.
    """

    name: str
    wanted: bool
    verb: str
    arguments: Mapping[str, Any]
    starts: tuple[float, ...]
    paces: tuple[float, ...]
    hold: float
    recorded: tuple[ScoredPlay, ...]

    @property
    def frames(self) -> int:
        """How many frames the shot has."""
        return sum(play.frames for play in self.recorded)

    @property
    def moving(self) -> int:
        """How many of them move."""
        return sum(play.frames for play in self.recorded if not play.still)


@dataclass(frozen=True)
class ScoredScene:
    """A scene: what its stage is made with (traces as bytes, so that nothing has to be computed), and its shots.

    `before` are the scenes before it on its board; `stages` tells of each of these, and of itself, on which stage it is
    played: scenes that go on where another one left off share one.
    """

    file: Path
    class_name: str
    title: str
    focus: str | None
    traces: Mapping[str, bytes]
    shots: tuple[ScoredShot, ...]
    before: tuple[ScoredScene, ...] = ()
    stages: tuple[str, ...] = ("",)


@dataclass(frozen=True)
class Score:
    """A film: its size and rate, and its scenes."""

    width: int
    height: int
    fps: int
    scenes: tuple[ScoredScene, ...]

    def shots(self) -> Iterator[ScoredShot]:
        """Yield the shots that are on film."""
        for scene in self.scenes:
            yield from (shot for shot in scene.shots if shot.wanted)

    @property
    def frames(self) -> int:
        """How many frames the film has."""
        return sum(shot.frames for shot in self.shots())

    @property
    def moving(self) -> int:
        """How many of them move."""
        return sum(shot.moving for shot in self.shots())

    @property
    def typical(self) -> ScoredShot:
        """The shot with the median number of moving frames."""
        ranked = sorted(self.shots(), key=lambda shot: shot.moving)
        return ranked[len(ranked) // 2]
