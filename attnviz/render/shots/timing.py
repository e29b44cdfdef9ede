"""How long a shot lasts: its motion, the stillness between its plays, and the rest of what is said."""

from __future__ import annotations

from dataclasses import dataclass

from attnviz.storyboard.length import PAUSE
from attnviz.storyboard.narration import reading_seconds

LONGEST_BREATH = 1.2  # seconds of stillness between two plays of a shot
SPREAD = 0.6  # the share of the time left by a shot's motion that goes between its plays


@dataclass(frozen=True)
class Timing:
    """The time that a shot takes besides its motion, in seconds.

    Its narration is read for `reading`; after each but the last of its `plays` it stands still for `breath`; at its end
    until all is read, and then for `pause`.
    """

    reading: float
    breath: float
    plays: int
    pause: float


@dataclass(frozen=True)
class Rest:
    """What decides how long a shot stands still at its end, in seconds: how long it is read for, and its pause."""

    reading: float = 0.0
    pause: float = 0.0

    def after(self, moved: float) -> float:
        """Return for how long a shot stands still that has moved for so long, without a break."""
        return max(0.0, self.reading - moved) + self.pause


def rest_of(narration: str, words_per_minute: float, hold: float) -> Rest:
    """Return how long a shot is read for, and for how long it pauses then; `hold` is asked for by the storyboard."""
    return Rest(round(reading_seconds(narration, words_per_minute), 6), PAUSE + hold)


def timing_of(rest: Rest, moved: float, plays: int, *, timed: bool) -> Timing:
    """Spread over a shot's plays what its narration takes longer than its motion (`moved` seconds).

    So the picture does not run ahead of what is said, only to stand still for the rest of it. Where things move by the
    clock (`timed`) nothing is inserted.
    """
    spare = SPREAD * max(0.0, rest.reading - moved) / max(1, plays - 1)
    return Timing(rest.reading, 0.0 if timed else min(LONGEST_BREATH, spare), plays, rest.pause)
