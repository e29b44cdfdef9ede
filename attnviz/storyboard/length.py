"""The approximate length of a lecture before anything is computed: the time to read its narration, and pauses."""

from __future__ import annotations

from attnviz.storyboard.reading import reading_seconds
from attnviz.storyboard.told import fill
from attnviz.storyboard.types import Storyboard

PAUSE = 0.6  # seconds of stillness at the end of every shot
SPOKEN_PAUSE, CHAPTER_PAUSE = 0.3, 1.0  # and where somebody speaks: at the end of a shot, and of a chapter
SILENT_SHOT = 2.0  # seconds that a shot takes at least, however little is said
TYPICAL = 0.43  # stands for numbers still to be computed: it takes about as long to say


def about_seconds(storyboard: Storyboard) -> float:
    """Return the approximate length of the whole lecture, in seconds."""
    total = 0.0
    for shot in storyboard.shots():
        said = fill(shot.narration, lambda insert: TYPICAL, storyboard.decimals)
        total += max(SILENT_SHOT, reading_seconds(said, storyboard.words_per_minute)) + PAUSE + shot.hold
    return total
