"""The panel beside a plane: a sentence as chips, a count of steps, and what is written or drawn about them."""

from __future__ import annotations

import numpy as np
from manim import Animation, FadeOut, Mobject

from attnviz.stage import frame
from attnviz.stage.motion import FIRST_HALF

PLACE = frame.BESIDE_PLANE
ROOM = PLACE.height - 0.06
GAP, LEAST_GAP = 0.55, 0.3
ORDER = ("sentence", "block", "count", "fact", "share")


class SidePanel:
    """The space beside a plane. What is in it stands as one group, from its left edge, in the middle of its height."""

    width = PLACE.width
    rows = (1, 2, 3)
    """How many rows of chips a sentence may take: the fewest in which all of it can be read."""

    def __init__(self) -> None:
        self.parts: dict[str, Mobject] = {}

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing beside the plane."""
        return not self.parts

    def room_for_block(self, *without: str) -> float:
        """Return how high (frame units) a block may be beside the other parts, `without` some of them."""
        others = [part for key, part in self.parts.items() if key not in {"block", *without}]
        return ROOM - sum(part.height + LEAST_GAP for part in others)

    def put(self, key: str, part: Mobject) -> list[Animation]:
        """Put a part in its place, and return the animations that take the former one away and make room."""
        gone = self.take(key, close=False)
        self.parts[key] = part
        return gone + self._composed(part)

    def take(self, *keys: str, close: bool = True) -> list[Animation]:
        """Take parts (default: all) away, and return the animations: they fade, and the others close up."""
        chosen = keys or ORDER
        gone: list[Animation] = [
            FadeOut(self.parts.pop(key), rate_func=FIRST_HALF) for key in chosen if key in self.parts
        ]
        return gone + (self._composed() if close and keys else [])

    def _composed(self, fresh: Mobject | None = None) -> list[Animation]:
        """Return the animations that move parts to where they stand in the group; a fresh one is put there at once."""
        parts = [self.parts[key] for key in ORDER if key in self.parts]
        spare = ROOM - sum(part.height for part in parts)
        gap = max(0.12, min(GAP, spare / max(1, len(parts) - 1)))
        y = PLACE.center[1] + (sum(part.height for part in parts) + gap * (len(parts) - 1)) / 2
        moves: list[Animation] = []
        for part in parts:
            goal = np.array([PLACE.left + part.width / 2, y - part.height / 2, 0.0])
            y -= part.height + gap
            if fresh is not None and part is fresh:
                fresh.move_to(goal)
            elif np.linalg.norm(part.get_center() - goal) > 1e-6:
                moves.append(part.animate.move_to(goal).build())
        return moves


def fitted(part: Mobject) -> Mobject:
    """Return a part, made narrower if it is wider than the panel."""
    return part.scale_to_fit_width(PLACE.width) if part.width > PLACE.width else part
