"""The range of the cosine as a scale, from opposite to same direction."""

from __future__ import annotations

from manim import DOWN, UP, Dot, Line, VGroup

from attnviz.stage import Array, Number, number_marks, prose, theme


class CosineScale(VGroup):
    """A line from the lowest to the highest cosine, with their meanings written below; `dot` marks a value.

    The notes are centred on their ticks, and extend from `left` to `right` (frame units).
    """

    def __init__(self, *, left: float, right: float, y: float) -> None:
        super().__init__()
        notes = [
            prose(text, size=theme.SMALLEST + 2, color=theme.DIM)
            for text in ("opposite", "perpendicular", "same direction")
        ]
        self.left, self.right, self.y = left + notes[0].width / 2, right - notes[-1].width / 2, y
        self.line = Line([self.left, y, 0], [self.right, y, 0], color=theme.AXIS, stroke_width=3)
        ends = [Number(float(v), str(v), formula="tick of the cosine's scale") for v in (-1, 0, 1)]
        for mark, note in zip(number_marks(ends, size=theme.NOTE, color=theme.DIM), notes, strict=True):
            at = self.place(mark.number.value)
            tick = Line(at + 0.1 * UP, at + 0.1 * DOWN, color=theme.AXIS, stroke_width=3)
            self.add(tick, mark.next_to(at, DOWN, buff=0.22), note.move_to(at).seat(y - 0.78))
        self.add(self.line)

    def place(self, value: float) -> Array:
        """Return the point on screen of a cosine on the scale."""
        return self.line.point_from_proportion((value + 1) / 2)

    def dot(self, value: float) -> Dot:
        """Return a dot that marks a cosine on the scale."""
        return Dot(self.place(value), radius=0.13, color=theme.WEIGHT).set_z_index(2)
