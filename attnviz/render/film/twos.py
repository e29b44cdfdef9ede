"""Frames that are shown twice, "on twos" as animators say: where hardly anything changes from one to the next.

Much of what moves in a lecture moves slowly: what fades, what settles, a line that grows, a play that takes its time
while somebody speaks. At 60 frames a second, two frames of it differ by less than anybody sees; to draw and to encode
every second one is enough. Who looks for it sees it in single frames only, never in what moves across the picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnviz.render.accelerate import wanted

if TYPE_CHECKING:
    from attnviz.render.film.format import FilmFormat

FAST = 50  # frames a second: at fewer, half of them would be seen to be missing
FEW = 30  # of a million pixels: no more may change clearly from one drawn frame to the next


class Twos:
    """Tells frame by frame whether the last one can be shown once more; `can_skip`: whether frames may be left out."""

    def __init__(self, film_format: FilmFormat, *, can_skip: bool) -> None:
        self._wanted = can_skip and are_wanted(film_format)
        self._few = FEW * film_format.width * film_format.height / 1_000_000
        self._again = False

    def shows_again(self) -> bool:
        """Tell whether the next frame is to be the last one again: at most once in a row."""
        again, self._again = self._again, False
        return again

    def saw(self, changed: int | None) -> None:
        """Be told how many pixels the frame that was just drawn showed clearly different from the one drawn before."""
        self._again = self._wanted and changed is not None and changed <= self._few


def are_wanted(film_format: FilmFormat) -> bool:
    """Tell whether frames are shown twice in a film."""
    return film_format.fps >= FAST and wanted().twos
