"""How long a shot lasts: its motion, the stillness between its plays, and the rest of what is said."""

from __future__ import annotations

from dataclasses import dataclass, replace

from attnviz.storyboard.length import PAUSE
from attnviz.storyboard.reading import reading_seconds

LONGEST_BREATH = 1.2  # seconds of stillness between two plays of a shot
SPREAD = 0.6  # the share of the time left by a shot's motion that goes between its plays


@dataclass(frozen=True)
class Timing:
    """The time that a shot takes besides its motion, in seconds.

    Its narration is read for `reading`; after each but the last of its `plays` it stands still for `breath`; at its end
    until all is read, and then for `pause`. Before a shot was played its `plays` are not known, and it has no `breath`.
    """

    reading: float = 0.0
    pause: float = 0.0
    breath: float = 0.0
    plays: int = 0

    def rest_after(self, seconds: float) -> float:
        """Return for how long a shot stands still at its end that has taken so many seconds until then."""
        return max(0.0, self.reading - seconds) + self.pause

    def spread(self, moved: float, plays: int, *, timed: bool) -> Timing:
        """Spread over a shot's plays what its narration takes longer than its motion (`moved` seconds).

        So the picture does not run ahead of what is said, only to stand still for the rest of it. Where things move by
        the clock (`timed`) nothing is inserted.
        """
        spare = SPREAD * max(0.0, self.reading - moved) / max(1, plays - 1)
        return replace(self, breath=0.0 if timed else min(LONGEST_BREATH, spare), plays=plays)


def timing_of(narration: str, words_per_minute: float, hold: float) -> Timing:
    """Return how long a shot is read for, and for how long it pauses then; the storyboard asks for `hold` seconds."""
    return Timing(round(reading_seconds(narration, words_per_minute), 6), PAUSE + hold)
