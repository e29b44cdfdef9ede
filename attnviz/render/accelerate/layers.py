"""Draws again only what lies above the lowest thing that has changed since the last frame.

Manim keeps a picture of what lies below the first mobject of a play that may move, and draws all the rest for every
frame. Most of that rest stands still at any moment: what has arrived, what has not begun. Here the records of what is
to be drawn (`drawing.py`) are compared with those of the last frame; the picture of the mobjects at the bottom that
did not change is kept, and drawing goes on from it. The same calls have led to that picture, so the pixels are the
same. A frame all of whose records are those of the last one is not drawn at all.
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

from attnviz.render.accelerate.drawing import Records, drawing_library
from attnviz.render.accelerate.patching import replaced

WORTH_KEEPING = 8  # mobjects; to copy a picture costs about as much as to draw so many


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


class Layers:
    """What a camera has drawn last, and the picture of as much of it as does not change."""

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        found = drawing_library()
        assert found is not None
        self._now, self._before = Records(found), Records(found)
        self._ground: Any = None
        self._pixels: Any = None
        self._complete = False  # whether the last frame consisted of records only
        self._unchanged = 0  # how many records the last frame shared with the one before
        self._picture: Any = None
        self._depth = 0  # how many records the kept picture shows

    def draw(self, still: Any, mobjects: list[Mobject]) -> None:
        """Draw mobjects over a picture of what stands still, or else over the camera's background."""
        camera, ground = self.camera, self.camera.background if still is None else still
        self._now, self._before = self._before, self._now
        count = self._now.take(mobjects)
        same = self._now.same_as(self._before)
        if ground is not self._ground or camera.pixel_array is not self._pixels:
            self._ground, self._pixels = ground, camera.pixel_array
            self._depth, self._unchanged, self._complete, same = 0, 0, False, 0
        complete = count == len(mobjects)
        if complete and self._complete and same == count == self._before.count:
            self._unchanged = same
            return
        if same < self._depth:
            self._depth = 0
        camera.set_frame_to_background(self._picture if self._depth else ground)
        pixels = camera.pixel_array
        lasting = min(same, self._unchanged)
        if lasting - self._depth >= WORTH_KEEPING:
            self._now.draw(camera, pixels, self._depth, lasting)
            self._keep(pixels, lasting)
        self._now.draw(camera, pixels, self._depth, count)
        self._unchanged, self._complete = same, complete
        if not complete:
            rest = mobjects[count:]
            Camera.capture_mobjects(camera, rest, include_submobjects=False)

    def _keep(self, pixels: Any, depth: int) -> None:
        if self._picture is None or self._picture.shape != pixels.shape:
            self._picture = np.empty_like(pixels)
        np.copyto(self._picture, pixels)
        self._depth = depth
