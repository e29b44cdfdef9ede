"""Dimming: what a shot is not about is faded back, and restored later."""

from __future__ import annotations

from typing import Any

from manim import Animation, Mobject, VMobject

BACK = 0.16
"""The fraction of its opacity that something dimmed keeps."""


class Light(Animation):
    """Fade the strokes and fills of a mobject from the level `now` to `level`, both fractions of full opacity."""

    def __init__(self, mobject: Mobject, now: float, level: float, **kwargs: Any) -> None:
        self.now, self.goal = now, level
        super().__init__(mobject, **kwargs)
        self.own = [
            (part, part.get_fill_opacity() / self.now, part.get_stroke_opacity() / self.now,
             part.get_stroke_opacity(background=True) / self.now)
            for part in mobject.get_family() if isinstance(part, VMobject)
        ]  # fmt: skip

    def interpolate_mobject(self, alpha: float) -> None:
        """Set the opacities at the fraction `alpha` of the animation."""
        level = self.now + self.rate_func(alpha) * (self.goal - self.now)
        for part, fill, stroke, behind in self.own:
            part.set_fill(opacity=fill * level, family=False)
            part.set_stroke(opacity=stroke * level, family=False)
            part.set_stroke(opacity=behind * level, family=False, background=True)
