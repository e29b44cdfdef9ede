"""Light on some things, and less on others: what a shot is not about stands back, and comes forth again later."""

from __future__ import annotations

from typing import Any

from manim import Animation, Mobject, VMobject

BACK = 0.16
"""How much of its opacity a thing keeps that stands back."""


class Light(Animation):
    """Take a thing from one level of light to another; strokes and fills keep their proportions."""

    def __init__(self, mobject: Mobject, now: float, level: float, **kwargs: Any) -> None:
        self.now, self.goal = now, level
        super().__init__(mobject, **kwargs)
        self.own = [
            (part, part.get_fill_opacity() / self.now, part.get_stroke_opacity() / self.now,
             part.get_stroke_opacity(background=True) / self.now)
            for part in mobject.get_family() if isinstance(part, VMobject)
        ]  # fmt: skip

    def interpolate_mobject(self, alpha: float) -> None:
        """Show the light at a share of the way."""
        level = self.now + self.rate_func(alpha) * (self.goal - self.now)
        for part, fill, stroke, behind in self.own:
            part.set_fill(opacity=fill * level, family=False)
            part.set_stroke(opacity=stroke * level, family=False)
            part.set_stroke(opacity=behind * level, family=False, background=True)
