"""Converts pixels for the encoder: RGBA to the planes of YUV 4:2:0, BT.709, limited range.

In C where a compiler is there, else with numpy; both compute the same whole numbers, so the bytes of a film do not
depend on it. Weights are in units of 1/32768, and each sample is rounded once, to the nearest.
"""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from attnviz.render.accelerate.compiled import library
from attnviz.render.accelerate.rows import EVERY_ROW, Rows

Bytes = npt.NDArray[np.uint8]


class Planes(NamedTuple):
    """One picture as the encoder wants it; the planes of chroma are half as wide and half as high."""

    y: Bytes
    u: Bytes
    v: Bytes


UNIT_BITS = 15
Y_WEIGHTS = (5983, 20127, 2032)  # of red, green and blue
U_WEIGHTS = (-3298, -11094, 14392)
V_WEIGHTS = (14392, -13073, -1319)
Y_SHIFT, UV_SHIFT = UNIT_BITS, UNIT_BITS + 2  # a sample of chroma comes from the sum of four pixels
Y_ZERO = (16 << Y_SHIFT) + (1 << (Y_SHIFT - 1))
UV_ZERO = (128 << UV_SHIFT) + (1 << (UV_SHIFT - 1))
CLEAR = 24  # of the 219 levels of luma: what changes by more from one frame to the next is seen to change
ROWS_AT_ONCE = 16  # so that what is computed on the way stays in the processor's cache

_state = {"in use": False}


@contextlib.contextmanager
def own_conversion() -> Iterator[None]:
    """Let the encoder convert colours by this module, for as long as the block lasts."""
    before = _state["in use"]
    _state["in use"] = True
    library("colours")  # built before any child is forked
    try:
        yield
    finally:
        _state["in use"] = before


def in_use() -> bool:
    """Tell whether the encoder is to convert colours by this module."""
    return _state["in use"]


class Canvas:
    """A frame for the encoder that is filled again and again: only where the next picture differs from the last."""

    def __init__(self, width: int, height: int) -> None:
        self._frame = VideoFrame(width, height, "yuv420p")
        self._frame.colorspace, self._frame.color_range = Colorspace.ITU709, ColorRange.MPEG
        self._frame.color_primaries, self._frame.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        self._planes = Planes(*map(_of_plane, self._frame.planes))
        self._filled = False
        self.pixels_changed: int | None = None

    def show(self, pixels: Bytes, rows: Rows = EVERY_ROW) -> VideoFrame:
        """Return the frame of a picture (height × width × RGBA, both even) that differs in these rows at most.

        `pixels_changed` tells how many pixels are clearly lighter or darker than in the picture before, if any.
        """
        first, last = rows if self._filled else EVERY_ROW
        top, bottom = first // 2 * 2, (min(last, len(pixels)) + 1) // 2 * 2  # two rows share their chroma
        changed = 0
        if top < bottom:
            whole, halves = slice(top, bottom), slice(top // 2, bottom // 2)
            y, u, v = self._planes
            changed = convert(pixels[whole], Planes(y[whole], u[halves], v[halves]))
        self.pixels_changed = changed if self._filled else None
        self._filled = True
        return self._frame


def _of_plane(plane: VideoPlane) -> Bytes:
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return rows[:, : plane.width]


def convert(pixels: Bytes, planes: Planes) -> int:
    """Fill the planes of a picture; return how many samples of luma differ from those before by more than `CLEAR`."""
    found = library("colours")
    return convert_with_numpy(pixels, planes) if found is None else convert_in_c(found, pixels, planes)


def convert_in_c(found: ctypes.PyDLL, pixels: Bytes, planes: Planes) -> int:
    """Fill the planes of a picture by the compiled library; return what `convert` does."""
    height, width = pixels.shape[:2]
    if pixels.strides[1:] != (4, 1):
        pixels = np.ascontiguousarray(pixels)
    arguments: list[Any] = []
    for array in (pixels, *planes):
        arguments += [ctypes.c_void_p(array.ctypes.data), ctypes.c_ssize_t(array.strides[0])]
    found.to_yuv420.restype = ctypes.c_ssize_t
    changed: int = found.to_yuv420(*arguments, ctypes.c_ssize_t(width), ctypes.c_ssize_t(height), ctypes.c_int(CLEAR))
    return changed


def convert_with_numpy(pixels: Bytes, planes: Planes) -> int:
    """Fill the planes of a picture, without a compiled library; return what `convert` does."""
    changed = 0
    height, width = pixels.shape[:2]
    words = np.ascontiguousarray(pixels).view("<u4").reshape(height, width)
    for top in range(0, height, ROWS_AT_ONCE):
        strip = words[top : top + ROWS_AT_ONCE]
        bottom, half, half_bottom = top + len(strip), top // 2, (top + len(strip)) // 2
        red, green, blue = ((strip >> shift & 255).view(np.int32) for shift in (0, 8, 16))
        luma = _weighed((red, green, blue), Y_WEIGHTS, Y_ZERO, Y_SHIFT)
        changed += int(np.count_nonzero(np.abs(luma - planes.y[top:bottom]) > CLEAR))
        planes.y[top:bottom] = luma
        sums = [_sums_of_four(channel) for channel in (red, green, blue)]
        planes.u[half:half_bottom] = _weighed(sums, U_WEIGHTS, UV_ZERO, UV_SHIFT)
        planes.v[half:half_bottom] = _weighed(sums, V_WEIGHTS, UV_ZERO, UV_SHIFT)
    return changed


def _weighed(channels: Any, weights: tuple[int, int, int], zero: int, shift: int) -> npt.NDArray[np.int32]:
    result = channels[0] * np.int32(weights[0])
    result += channels[1] * np.int32(weights[1])
    result += channels[2] * np.int32(weights[2])
    result += np.int32(zero)
    result >>= np.int32(shift)
    return result


def _sums_of_four(channel: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Add up each square of two by two pixels."""
    rows = channel[0::2] + channel[1::2]
    return rows[:, 0::2] + rows[:, 1::2]
