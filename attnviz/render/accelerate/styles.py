"""Makes the array of one colour and one opacity directly, and takes the style at the end of a way from its goal.

Every mobject that is made, and every change of a colour, asks for such an array several times; Manim is prepared for
gradients, and takes lists of colours and opacities to pieces. At its goal a mobject gets a copy of the goal's style:
Manim first works out what it then throws away.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from manim import BLACK, ManimColor, VMobject

from attnviz.render.accelerate.patching import replaced

_stock_generate_rgbas_array = VMobject.generate_rgbas_array
_stock_interpolate_color = VMobject.interpolate_color
STYLE = (
    "fill_rgbas",
    "stroke_rgbas",
    "background_stroke_rgbas",
    "stroke_width",
    "background_stroke_width",
    "sheen_direction",
    "sheen_factor",
)
"""The attributes that Manim interpolates as the colours of a mobject."""
_OPACITIES = frozenset({type(None), float, int, np.float64})


def made_directly() -> AbstractContextManager[None]:
    """Make arrays of single colours and the last style of a way directly, for as long as the block lasts."""
    return replaced(
        (VMobject, "generate_rgbas_array", _generate_rgbas_array),
        (VMobject, "interpolate_color", _interpolate_color),
    )


def _generate_rgbas_array(self: VMobject, color: Any, opacity: Any) -> Any:
    if color is None:
        color = BLACK
    elif type(color) is str:
        color = ManimColor(color)
    if type(color) is not ManimColor or type(opacity) not in _OPACITIES or self.get_sheen_factor() != 0:
        return _stock_generate_rgbas_array(self, color, opacity)
    rgbas = np.empty((1, 4))
    rgbas[0] = color._internal_value
    rgbas[0, 3] = 0.0 if opacity is None else opacity
    return rgbas


def _interpolate_color(self: VMobject, mobject1: VMobject, mobject2: VMobject, alpha: float) -> VMobject:
    if alpha != 1:
        return _stock_interpolate_color(self, mobject1, mobject2, alpha)
    for name in STYLE:
        value = getattr(mobject2, name)
        setattr(self, name, value.copy() if isinstance(value, np.ndarray) else value)
    return self
