"""Makes the array of one colour and one opacity directly.

Every mobject that is made, and every change of a colour, asks for such an array several times; Manim is prepared for
gradients, and takes lists of colours and opacities to pieces.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from manim import BLACK, ManimColor, VMobject

from attnviz.render.accelerate.patching import replaced

_stock_generate_rgbas_array = VMobject.generate_rgbas_array
_OPACITIES = frozenset({type(None), float, int, np.float64})


def made_directly() -> AbstractContextManager[None]:
    """Make arrays of single colours directly, for as long as the block lasts."""
    return replaced((VMobject, "generate_rgbas_array", _generate_rgbas_array))


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
