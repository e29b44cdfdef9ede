"""Draws vectorized mobjects in C, on the Cairo context that Manim draws on, with the same calls in the same order.

Manim builds each path with a Python call a curve. What is drawn here is what nearly all of a lecture consists of:
mobjects of one colour. Gradients, pictures as colours, and subclasses of VMobject or Camera that draw in ways of their
own stay with Manim; of those, only the path is built in C. Without a compiler everything does.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from typing import Any

import cairo
import numpy as np
import numpy.typing as npt
from manim import CapStyleType, LineJointType, VMobject
from manim.camera.camera import CAP_STYLE_MAP, LINE_JOIN_MAP, Camera

from attnviz.render.accelerate.compiled import library
from attnviz.render.accelerate.patching import replaced

Marks = npt.NDArray[np.uint8]  # one for each record: 0 or 1

_ATTRIBUTES = (
    "points",
    "background_stroke_rgbas",
    "fill_rgbas",
    "stroke_rgbas",
    "background_stroke_width",
    "stroke_width",
    "tolerance_for_point_equality",
    "n_points_per_cubic_curve",
    "joint_type",
    "cap_style",
    "background_image",
)
_CAIRO_FUNCTIONS = (
    "new_path",
    "new_sub_path",
    "move_to",
    "curve_to",
    "close_path",
    "set_source_rgba",
    "set_line_width",
    "set_line_join",
    "set_line_cap",
    "fill_preserve",
    "stroke_preserve",
)
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
_JOINTS, _CAPS = tuple(LineJointType), tuple(CapStyleType)
_STYLES = 4  # as drawing.c has it
_JOINS_OF_CAIRO = (ctypes.c_int * _STYLES)(*(int(LINE_JOIN_MAP[joint]) for joint in _JOINTS))
_CAPS_OF_CAIRO = (ctypes.c_int * _STYLES)(*(int(CAP_STYLE_MAP[cap]) for cap in _CAPS))


@functools.cache
def drawing_library() -> ctypes.PyDLL | None:
    """Return the compiled library, which knows where Cairo's functions are, or None."""
    found = library("drawing")
    if found is None or len(_JOINTS) != _STYLES or len(_CAPS) != _STYLES:
        return None
    try:
        # What pycairo itself is linked with is found through it, whatever that file is called.
        of_pycairo = ctypes.CDLL(import_module("cairo._cairo").__file__)
        addresses = [ctypes.cast(getattr(of_pycairo, f"cairo_{name}"), ctypes.c_void_p) for name in _CAIRO_FUNCTIONS]
    except (AttributeError, ImportError, OSError):
        return None
    found.use_cairo.restype = None
    found.use_cairo((ctypes.c_void_p * len(addresses))(*addresses))
    _declare(found)
    return found


def _declare(found: ctypes.PyDLL) -> None:
    pointer, size, number, py = ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_double, ctypes.py_object
    found.record.argtypes = [py, size, size, py, py, py, pointer, size, pointer]
    found.record.restype = size
    found.mark_equal.argtypes = [pointer, pointer, pointer, pointer, size, pointer]
    found.mark_equal.restype = None
    found.choose_lower.argtypes = [pointer, pointer, size, number, number, pointer, pointer, pointer]
    found.choose_lower.restype = size
    found.make_path.argtypes = [pointer, pointer, size, size, number]
    found.make_path.restype = None
    found.draw.argtypes = [pointer, pointer, pointer, size, pointer, ctypes.c_int, number, pointer, pointer]
    found.draw.restype = None


def context_address(context: cairo.Context[Any]) -> int:
    """Return the address of the `cairo_t` of a pycairo context: its object's first field, as py3cairo.h lays down."""
    address = ctypes.c_void_p.from_address(id(context) + object.__basicsize__).value
    assert address is not None
    return address


class Records:
    """All that the pictures of some mobjects depend on, as numbers: one record each, up to one drawn otherwise."""

    def __init__(self, found: ctypes.PyDLL) -> None:
        self._library = found
        self._numbers: npt.NDArray[np.float64] = np.empty(1 << 14)
        self._ends: npt.NDArray[np.int64] = np.zeros(1, np.int64)
        self.count = 0

    def take(self, mobjects: list[Any], first: int = 0) -> int:
        """Record the mobjects from `first` on, and return how many were recorded: up to one that cannot be."""
        last = first + _plain_at_start(mobjects, first)
        if len(self._ends) <= last - first:
            self._ends = np.zeros(2 * (last - first) + 1, np.int64)
        while True:
            found = self._library.record(
                mobjects,
                first,
                last,
                _ATTRIBUTES,
                _JOINTS,
                _CAPS,
                self._numbers.ctypes.data,
                self._numbers.size,
                self._ends.ctypes.data,
            )
            if found >= 0:
                self.count = int(found)
                return self.count
            self._numbers = np.empty(2 * self._numbers.size)

    def same_as(self, other: Records) -> Marks:
        """Mark which records are equal to those of another, place by place."""
        marks = np.zeros(self.count, np.uint8)
        self._library.mark_equal(
            self._numbers.ctypes.data,
            self._ends.ctypes.data,
            other._numbers.ctypes.data,
            other._ends.ctypes.data,
            min(self.count, other.count),
            marks.ctypes.data,
        )
        return marks

    def lower(self, camera: Camera, still: Marks, margin: float) -> tuple[Marks, int]:
        """Choose, of the records marked as still, those that may be drawn before all others without changing a pixel.

        Those are the ones that keep a distance of `margin` pixels from whatever else lies below them. Also returns
        how many of them can be seen.
        """
        chosen, boxes = np.empty(self.count, np.uint8), np.empty((self.count, 4))
        visible = self._library.choose_lower(
            self._numbers.ctypes.data,
            self._ends.ctypes.data,
            self.count,
            camera.cairo_line_width_multiple,
            margin / 2 * max(camera.frame_width / camera.pixel_width, camera.frame_height / camera.pixel_height),
            still.ctypes.data,
            chosen.ctypes.data,
            boxes.ctypes.data,
        )
        return chosen, int(visible)

    def draw(self, camera: Camera, pixels: Any, marks: Marks, wanted: int) -> None:
        """Draw the records whose mark is `wanted` on a camera's picture; raises what Cairo has to complain about."""
        if not self.count:
            return
        context = camera.get_cairo_context(pixels)
        self._library.draw(
            context_address(context),
            self._numbers.ctypes.data,
            self._ends.ctypes.data,
            self.count,
            marks.ctypes.data,
            wanted,
            camera.cairo_line_width_multiple,
            _JOINS_OF_CAIRO,
            _CAPS_OF_CAIRO,
        )
        context.new_path()


def _plain_at_start(mobjects: Sequence[Any], first: int) -> int:
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


@contextlib.contextmanager
def drawn_in_c() -> Iterator[None]:
    """Draw vectorized mobjects in C, for as long as the block lasts."""
    found = drawing_library()
    if found is None:
        yield
        return
    records = Records(found)
    stock = Camera.display_multiple_non_background_colored_vmobjects

    def display(self: Camera, vmobjects: Iterable[VMobject], pixel_array: Any) -> None:
        camera_class: Any = type(self)
        if not draws_as_manim_does(camera_class):
            stock(self, vmobjects, pixel_array)
            return
        mobjects = list(vmobjects)
        done = 0
        while done < len(mobjects):
            count = records.take(mobjects, done)
            records.draw(self, pixel_array, np.zeros(count, np.uint8), 0)
            done += count
            if done < len(mobjects):
                stock(self, mobjects[done : done + 1], pixel_array)
                done += 1

    stock_path = Camera.set_cairo_context_path

    def set_path(self: Camera, context: cairo.Context[Any], vmobject: VMobject) -> Camera:
        mobject_class: Any = type(vmobject)
        if not leaves_drawing_to_manim(mobject_class) or vmobject.n_points_per_cubic_curve != 4:
            return stock_path(self, context, vmobject)
        points = self.transform_points_pre_display(vmobject, vmobject.points)
        if len(points):
            points = np.ascontiguousarray(points, dtype=np.float64)
            tolerance = vmobject.tolerance_for_point_equality
            found.make_path(context_address(context), points.ctypes.data, len(points), points.shape[1], tolerance)
        return self

    with replaced(
        (Camera, "display_multiple_non_background_colored_vmobjects", display),
        (Camera, "set_cairo_context_path", set_path),
    ):
        yield
