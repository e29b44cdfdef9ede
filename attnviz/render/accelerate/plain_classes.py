"""Which classes of mobjects and cameras draw in Manim's own way, so that drawing in C makes the same picture."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from manim import VMobject
from manim.camera.camera import Camera

# By these methods Manim asks how to draw; a subclass that answers in its own way is left to Manim.
_ANSWERS_OF_MOBJECT = (
    "get_fill_rgbas",
    "get_stroke_rgbas",
    "get_stroke_width",
    "get_background_image",
    "get_subpath_split_indices_from_points",
    "consider_points_equals_2d",
)
_ANSWERS_OF_CAMERA = (
    "display_multiple_vectorized_mobjects",
    "display_multiple_non_background_colored_vmobjects",
    "display_vectorized",
    "set_cairo_context_path",
    "set_cairo_context_color",
    "apply_fill",
    "apply_stroke",
    "get_fill_rgbas",
    "get_stroke_rgbas",
    "transform_points_pre_display",
)


def plain_at_start(mobjects: Sequence[Any], first: int) -> int:
    """Return how many mobjects from `first` on are of classes that leave drawing to Manim."""
    count = 0
    for mobject in mobjects[first:]:
        mobject_class: Any = type(mobject)
        if not leaves_drawing_to_manim(mobject_class):
            break
        count += 1
    return count


@functools.cache
def leaves_drawing_to_manim(mobject_class: Any) -> bool:
    """Tell whether a class of mobjects is drawn as VMobject is."""
    return issubclass(mobject_class, VMobject) and all(
        getattr(mobject_class, name) is getattr(VMobject, name) for name in _ANSWERS_OF_MOBJECT
    )


@functools.cache
def draws_as_manim_does(camera_class: Any) -> bool:
    """Tell whether a class of cameras draws mobjects as Camera does, wherever it looks."""
    return all(getattr(camera_class, name) is getattr(Camera, name) for name in _ANSWERS_OF_CAMERA)
