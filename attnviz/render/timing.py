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


def timing_of(narration: str, words_per_minute: float, hold: float, moved: float, plays: int, *, timed: bool) -> Timing:
    """Spread over a shot's plays what its narration takes longer than its motion (`moved` seconds).

    So the picture does not run ahead of what is said, only to stand still for the rest of it. Where things move by the
    clock (`timed`) nothing is inserted.
    """
    reading = round(reading_seconds(narration, words_per_minute), 6)
    spare = SPREAD * max(0.0, reading - moved) / max(1, plays - 1)
    return Timing(reading, 0.0 if timed else min(LONGEST_BREATH, spare), plays, PAUSE + hold)
