"""About how long a lecture will be, before anything is computed: the time to read it, and its pauses."""

from __future__ import annotations

from attnviz.storyboard.narration import fill, reading_seconds
from attnviz.storyboard.types import Storyboard

PAUSE = 0.6  # seconds of stillness at the end of every shot
SILENT_SHOT = 2.0  # a verb that plays while nothing is said
TYPICAL = 0.43  # a number of ordinary length, in place of those still to be computed


def about_seconds(storyboard: Storyboard) -> float:
    """Return the approximate length of the whole lecture."""
    total = 0.0
    for shot in storyboard.shots():
        said = fill(shot.narration, lambda insert: TYPICAL, storyboard.decimals)
        total += max(SILENT_SHOT, reading_seconds(said, storyboard.words_per_minute)) + PAUSE + shot.hold
    return total
