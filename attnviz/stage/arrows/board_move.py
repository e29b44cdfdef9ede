"""The motion of a board of arrows: its field slides or comes closer, and its arrows go to other vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from manim import Animation, VGroup, VMobject, smooth, squish_rate_func

from attnviz.stage.arrows.pose import Pose
from attnviz.stage.arrows.word_arrow import WordArrow
from attnviz.stage.motion import FIRST_HALF, SECOND_HALF
from attnviz.stage.placement import Array
from attnviz.stage.typesetting import Writing

if TYPE_CHECKING:
    from attnviz.stage.arrows.word_arrows import ArrowBoard

FIRST_PART, LAST_PART = squish_rate_func(smooth, 0.0, 0.58), squish_rate_func(smooth, 0.62, 1.0)


class BoardMove(Animation):
    """Animate a board to another pose, with arrows to new vectors and their labels to new offsets.

    `swaps` are arrows whose coordinates are new, with the old ones, which go before the new ones come.
    `names` are the new places of the axes' names, if they change.
    """

    def __init__(
        self,
        board: ArrowBoard,
        pose: Pose,
        moves: Sequence[tuple[WordArrow, Array, Array]],
        swaps: Sequence[tuple[WordArrow, Writing]] = (),
        names: Sequence[Array] | None = None,
        **kwargs: Any,
    ) -> None:
        self.board, self.start, self.goal, self.swaps = board, board.field.pose, pose, swaps
        self.moves = [(a, a.vector.copy(), v, a.offset.copy(), o) for a, v, o in moves]
        self.names = None if names is None else (board.field.spots[pose], names)
        for arrow, old in swaps:
            arrow.add(old)
        followers = [each for each in board.followers if isinstance(each, VMobject)]
        super().__init__(VGroup(board.field, *followers, *[a for a, *_ in self.moves]), **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        """Show the board at the fraction `alpha` of the animation: if arrows and circle move, the arrows go first."""
        share = late = self.rate_func(alpha)
        if self.goal.near > self.start.near:
            share, late = FIRST_PART(alpha), LAST_PART(alpha)
        if self.names is not None:
            self.board.field.spots[self.goal] = [a + share * (b - a) for a, b in zip(*self.names, strict=True)]
        self.board.field.put(self.start.towards(self.goal, late))
        for each in self.board.followers:
            each.put(self.board.field)
        for arrow, old, new, before, after in self.moves:
            arrow.vector = old + share * (new - old)
            arrow.offset = before + share * (after - before)
            arrow.put(self.board.field)
        for arrow, gone in self.swaps:
            gone.move_to(arrow.coordinates)
            for text, level in ((gone, 1 - FIRST_HALF(alpha)), (arrow.coordinates, SECOND_HALF(alpha))):
                text.set_fill(opacity=level).set_stroke(opacity=level)

    def finish(self) -> None:
        """Show the end, without what has gone."""
        super().finish()
        for arrow, gone in self.swaps:
            arrow.remove(gone)
