"""What is to be seen in every shot, as a page tells it to those who cannot see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from attnviz.page.receipts import milliseconds
from attnviz.publish.descriptions import cues_of, descriptions_of

if TYPE_CHECKING:
    from attnviz.publish.shown import ShownShot


def seen_in_shots(shots: Sequence[ShownShot], fps: int) -> list[dict[str, Any]]:
    """Return for every shot its sentences (`seen`: [start, end, sentence], in ms), and a text for its still (`alt`)."""
    return [
        {
            "alt": told.alt,
            "seen": [[milliseconds(cue.start), milliseconds(cue.end), *cue.lines] for cue in cues_of([told])],
        }
        for told in descriptions_of(shots, fps)
    ]
