"""Draws again only what has changed since the last frame, and what touches it from above.

Manim keeps a picture of what lies below the first mobject of a play that may move, and draws all the rest for every
frame. Most of that rest stands still at any moment: what has arrived, what has not begun, what only happens to lie
above something that moves. Here the records of what is to be drawn (`drawing.py`) are compared with those of the last
frame, and a picture is kept of all mobjects that did not change and lie nowhere above one that did.

Why the pixels are the same: to draw a mobject changes pixels in its box only. If two boxes do not overlap, it does
not matter which mobject is drawn first; so those kept may be drawn before the others, and in each pixel the same
calls happen in the same order as before. A frame all of whose records are those of the last one is not drawn at all.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from manim import Mobject, Scene
from manim.camera.camera import Camera
from manim.renderer.cairo_renderer import CairoRenderer
from manim.utils.iterables import list_update

from attnviz.render.accelerate.drawing import Marks, Records, drawing_library
from attnviz.render.accelerate.patching import replaced
from attnviz.render.accelerate.rows import EVERY_ROW, NO_ROW, Rows, both

WORTH_KEEPING = 8  # mobjects; to copy a picture costs about as much as to draw so many
APART = 4.0  # pixels between mobjects that do not touch: one for each edge that is softened, and as many to spare
FAR_APART = 40.0  # pixels, when a picture is made: so that what moves does not spoil it in the next frame


@contextlib.contextmanager
def kept_layers() -> Iterator[None]:
    """Keep the picture of what does not change from frame to frame, for as long as the block lasts."""
    if drawing_library() is None:
        yield
        return
    stock = CairoRenderer.update_frame

    def update_frame(
        self: CairoRenderer,
        scene: Scene,
        mobjects: Iterable[Mobject] | None = None,
        include_submobjects: bool = True,
        ignore_skipping: bool = True,
        **kwargs: Any,
    ) -> None:
        if type(self.camera) is not Camera or kwargs or (self.skip_animations and not ignore_skipping):
            self.__dict__.pop("_layers", None)
            stock(self, scene, mobjects, include_submobjects, ignore_skipping, **kwargs)
            return
        shown = list(mobjects or ()) or list_update(scene.mobjects, scene.foreground_mobjects)
        layers = self.__dict__.get("_layers")
        if layers is None or layers.camera is not self.camera:
            layers = self.__dict__["_layers"] = Layers(self.camera)
        layers.draw(self.static_image, self.camera.get_mobjects_to_display(shown, include_submobjects))

    with replaced((CairoRenderer, "update_frame", update_frame)):
        yield


def rows_changed(renderer: CairoRenderer) -> Rows:
    """Return which rows of a renderer's picture may have changed since this was last asked."""
    layers = renderer.__dict__.get("_layers")
    return EVERY_ROW if layers is None else layers.rows_changed()


class Layers:
    """What a camera has drawn last, and the picture of as much of it as does not change."""

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        found = drawing_library()
        assert found is not None
        self._now, self._before = Records(found), Records(found)
        self._ground: Any = None
        self._pixels: Any = None
        self._changed = EVERY_ROW  # where the picture may have changed since anybody asked
        self._complete = False  # whether the last frame consisted of records only
        self._steady: Marks = np.zeros(0, np.uint8)  # which records the last frame shared with the one before
        self._picture: Any = None
        self._kept: Marks = np.zeros(0, np.uint8)  # which records the picture shows
        self._visible = 0  # how many of those can be seen; without any there is no picture

    def draw(self, still: Any, mobjects: list[Mobject]) -> None:
        """Draw mobjects over a picture of what stands still, or else over the camera's background."""
        camera = self.camera
        ground = camera.background if still is None else still
        self._now, self._before = self._before, self._now
        count = self._now.take(mobjects)
        same = self._now.same_as(self._before)
        complete = count == len(mobjects)
        rows = EVERY_ROW
        if ground is not self._ground or camera.pixel_array is not self._pixels:
            self._ground, self._pixels, self._visible = ground, camera.pixel_array, 0
            same[:] = 0
        elif complete and self._complete and count == self._before.count:
            rows = self._now.rows_changed(camera, self._before, same)
        self._changed = both(self._changed, rows)
        if rows != NO_ROW:
            self._draw(ground, same, rows)
        self._steady, self._complete = same, complete
        if not complete:
            camera.capture_mobjects(mobjects[count:], include_submobjects=False)

    def rows_changed(self) -> Rows:
        """Return which rows of the picture may have changed since this was last asked."""
        rows, self._changed = self._changed, NO_ROW
        return rows

    def _draw(self, ground: Any, same: Marks, rows: Rows) -> None:
        """Draw all records; outside of these rows the camera has the right picture already."""
        camera = self.camera
        if self._visible and not self._still_holds(same):
            self._visible = 0
        if self._improve(same):
            rows = EVERY_ROW  # as the new picture was drawn there
        below = self._picture if self._visible else ground
        if rows == EVERY_ROW:
            camera.set_frame_to_background(below)
        else:
            camera.pixel_array[slice(*rows)] = below[slice(*rows)]
        kept = self._kept if self._visible else np.zeros(len(same), np.uint8)
        self._now.draw(camera, camera.pixel_array, kept, 0, rows)

    def _still_holds(self, same: Marks) -> bool:
        """Tell whether the kept picture can be drawn on: all that it shows is as it was, and above nothing else."""
        kept = self._kept
        if len(kept) != len(same) or (kept > same).any():
            return False
        return np.array_equal(self._now.lower(self.camera, kept, APART)[0], kept)

    def _improve(self, same: Marks) -> bool:
        """Make another picture, if it would show enough that the present one does not; tell whether it was made."""
        if len(same) != len(self._steady):
            return False
        chosen, visible = self._now.lower(self.camera, same & self._steady, FAR_APART)
        if visible < self._visible + WORTH_KEEPING:
            return False
        camera = self.camera
        camera.set_frame_to_background(self._ground)
        self._now.draw(camera, camera.pixel_array, chosen, 1)
        if self._picture is None or self._picture.shape != camera.pixel_array.shape:
            self._picture = np.empty_like(camera.pixel_array)
        np.copyto(self._picture, camera.pixel_array)
        self._kept, self._visible = chosen, visible
        return True
