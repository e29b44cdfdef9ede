"""How long a shot lasts: its plays, each from when it is named on, what is said meanwhile, and a pause."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from attnviz.render.shots.schedule import schedule
from attnviz.storyboard.cues import Cue
from attnviz.storyboard.length import CHAPTER_PAUSE, PAUSE, SPOKEN_PAUSE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attnviz.render.shots.beats import Beat
    from attnviz.render.shots.said import Said

LINGERS = 0.4  # seconds of the pause, at most, in which the last motion may come to its end
SETTLED = 0.2  # seconds of stillness at least after the last motion of a shot that is spoken


@dataclass(frozen=True)
class Timing:
    """When things happen in a shot, in seconds since it began.

    What is said takes `reading`; when it is over, the shot goes on for `pause`, and when all has moved it stands still
    for `settled` at least. None of its plays begins before its time in `starts`; each takes as many times as long as
    its verb asks for as `paces` tells. `cues` are what the picture can point at while it waits. Before a shot was
    played, nothing is known of its plays.
    """

    reading: float = 0.0
    pause: float = 0.0
    settled: float = 0.0
    starts: tuple[float, ...] = ()
    paces: tuple[float, ...] = ()
    cues: tuple[Cue, ...] = ()

    def rest_after(self, seconds: float) -> float:
        """Return for how long a shot stands still at its end that has taken so many seconds until then."""
        return max(self.reading + self.pause - seconds, self.settled)

    def in_step(self, said: Said, beats: Sequence[Beat], *, timed: bool) -> Timing:
        """Return the timing of a shot whose plays are known: each comes as it is named.

        Where things move by the clock (`timed`) nothing is inserted, and nothing is hurried.
        """
        if timed or not beats:
            return self
        lingers = min(LINGERS, self.pause - self.settled)
        starts, paces = zip(*schedule(said, beats, lingers), strict=True)
        cues = said.cues() if said.aloud else ()
        return replace(self, starts=tuple(round(start, 3) for start in starts), paces=paces, cues=cues)


def timing_of(said: Said, hold: float, *, ends_chapter: bool = False) -> Timing:
    """Return how long a shot is read for, and for how long it pauses then; the storyboard asks for `hold` seconds."""
    pause = PAUSE if not said.aloud else CHAPTER_PAUSE if ends_chapter else SPOKEN_PAUSE
    settled = min(pause, SETTLED) if said.aloud else pause
    return Timing(round(said.seconds, 6), pause + hold, settled + hold)
