"""Manim's renderer with another play loop: one that draws and encodes, or jumps from play to play.

Manim draws a play frame by frame, and pipes every frame to an encoder. Here a play becomes a segment of film: drawn and
encoded at once, or by a forked child while the scene jumps to the play's end. Where no segments are wanted, nothing is
drawn at all: durations, receipts and layout follow from playing alone, exactly as they will be on film.
"""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import numpy as np
from manim.renderer.cairo_renderer import CairoRenderer
from PIL import Image

from attnviz.render.accelerate.layers import rows_changed
from attnviz.render.accelerate.rows import NO_ROW
from attnviz.render.film.encoder import FilmFormat, Pixels, Segment, SegmentEncoder
from attnviz.render.film.segment import StillPackets, join
from attnviz.render.film.transparent import over
from attnviz.render.film.twos import Twos
from attnviz.render.shots.children import Children, Line, WorkError
from attnviz.render.shots.manim_setup import scratch_folder
from attnviz.stage import theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from manim import Scene


_WATCHED = (0.4, 0.6)  # of a play's time


class NoWriter:
    """Stands where Manim expects the writer of its own video files; writes nothing."""

    def __init__(self, settings: Any) -> None:
        self.subcaptions: list[Any] = []

    def next_section(self, *args: Any, **kwargs: Any) -> None:
        """Ignore Manim's sections: a storyboard has chapters."""

    def add_sound(self, *args: Any, **kwargs: Any) -> None:
        """Ignore sounds of a scene."""


class ShotSegments:
    """What is drawn of one shot: the encoded segments of its plays.

    With one job the plays are drawn in this process. With more, forked children draw them while this process plays on;
    their segments come back through files. The bytes are the same.
    """

    def __init__(
        self, still_packets: StillPackets | None, beat: Callable[[], None] = lambda: None, jobs: int = 1
    ) -> None:
        self.still_packets, self.beat = still_packets, beat
        self._jobs = jobs
        self._segments: list[Segment | Path] = []
        self._children = Children(jobs, on_beat=beat)
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def add(self, draw: Callable[[], Segment]) -> bool:
        """Have a play drawn; return whether that was done here, so that the scene stands at its end."""
        if self._jobs == 1:
            self._segments.append(draw())
            return True
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="segments-", dir=scratch_folder())
        path = Path(self._folder.name) / f"{len(self._segments):06}.segment"
        self._segments.append(path)
        self._children.start(path.name, lambda line: self._draw_to(path, draw, line))
        self.beat()
        return False

    def joined(self) -> Segment:
        """Return the whole shot as one segment; raises WorkError if a part could not be drawn."""
        try:
            self._children.finish()
            for failure in self._children.failures:
                raise WorkError(failure.reason, failure.problems)
            return join(part if isinstance(part, Segment) else Segment.load(part) for part in self._segments)
        finally:
            self._children.kill()
            if self._folder is not None:
                self._folder.cleanup()

    def _draw_to(self, path: Path, draw: Callable[[], Segment], line: Line) -> None:
        self.beat = line.beat
        draw().save(path)


class StageRenderer(CairoRenderer):
    """Plays one scene: time advances by whole frames, and what is played is drawn and added to `segments`, if not None.

    They may be changed between plays: a shot that is only replayed has none. `watch`, if there is one, is called with
    the scene at moments in the middle of plays that are not drawn. Plays take `pace` times as long as they ask for.
    """

    def __init__(self, film_format: FilmFormat, segments: ShotSegments | None = None) -> None:
        super().__init__(file_writer_class=NoWriter)
        self.format = film_format
        self.segments = segments
        self.watch: Callable[[Scene], None] | None = None
        self.pace = 1.0
        self.frames = 0

    def play(self, scene: Scene, *args: Any, **kwargs: Any) -> None:
        """Play animations: have them drawn, here or by a forked child, and bring the scene to their end."""
        scene.compile_animation_data(*args, **kwargs)
        if scene.stop_condition is not None:
            raise ValueError("a wait must have a duration; wait_until cannot be filmed")
        scene.begin_animations()
        frames = self.paced(self.frames_of(scene.duration))
        drawn_here = self.segments is not None and self.segments.add(lambda: self._draw(scene, frames))
        if not drawn_here:
            self._jump(scene, frames)
        self._finish(scene)
        self.frames += frames
        self.time = float(Fraction(self.frames, self.format.fps))
        self.num_plays += 1

    @property
    def pixels(self) -> Pixels:
        """The picture drawn last; the next one is drawn over it."""
        return cast("Pixels", self.camera.pixel_array)

    def restart_clock(self) -> None:
        """Count frames and seconds from here."""
        self.frames, self.time = 0, 0.0

    def frames_of(self, seconds: float) -> int:
        """Return how many frames a duration takes: the nearest whole number, at least one."""
        return max(1, round(seconds * self.format.fps))

    def paced(self, frames: int, pace: float | None = None) -> int:
        """Return how many frames a play takes that asks for so many."""
        return max(1, round(frames * (self.pace if pace is None else pace)))

    def save_frame(self, scene: Scene, file: Path | IO[bytes]) -> None:
        """Draw the scene as it stands to a PNG file."""
        self._draw_all(scene)
        pixels = over(theme.GROUND, self.pixels) if self.format.transparent else self.pixels[..., :3]
        Image.fromarray(np.ascontiguousarray(pixels)).save(file, "PNG", compress_level=1)

    def _draw(self, scene: Scene, frames: int) -> Segment:
        """Draw and encode the frames of the play that has begun (in a child)."""
        assert self.segments is not None
        encoder = SegmentEncoder(self.format, self.segments.still_packets)
        if scene.is_current_animation_frozen_frame():
            self._draw_all(scene)
            encoder.hold(self.pixels, frames)
            return encoder.finish()
        self.save_static_frame_data(scene, scene.static_mobjects)
        twos = Twos(self.format, can_skip=not keeps_time(scene))
        for frame in range(frames):
            if twos.shows_again():
                encoder.again()
                continue
            scene.update_to_time(frame / self.format.fps / self.pace)
            self._draw_moving(scene)
            rows = rows_changed(self)
            if frame and rows == NO_ROW:
                encoder.again()
            else:
                encoder.add(self.pixels, rows)
                twos.saw(encoder.pixels_changed)
            self.segments.beat()
        return encoder.finish()

    def _draw_all(self, scene: Scene) -> None:
        self.static_image = None
        self.update_frame(scene)

    def _draw_moving(self, scene: Scene) -> None:
        if scene.moving_mobjects or self.static_image is None:
            self.update_frame(scene, scene.moving_mobjects)

    def _jump(self, scene: Scene, frames: int) -> None:
        """Bring a scene that is not drawn to the end of the play's time."""
        if scene.is_current_animation_frozen_frame():
            return
        if keeps_time(scene):
            for frame in range(frames):
                scene.update_to_time(frame / self.format.fps)
            return
        if self.watch is not None:
            for share in _WATCHED:
                scene.update_to_time(share * scene.duration)
                self.watch(scene)
        scene.update_to_time(scene.duration)

    def _finish(self, scene: Scene) -> None:
        """Bring the scene to the state in which the play leaves it."""
        if scene.is_current_animation_frozen_frame():
            return
        for animation in scene.animations or []:
            animation.finish()
            animation.clean_up_from_scene(scene)
        scene.update_mobjects(0)
        self.static_image = None


def keeps_time(scene: Scene) -> bool:
    """Tell whether something in the scene moves by the seconds that pass, so that no frame may be left out."""
    return bool(scene.updaters) or any(
        mobject.has_time_based_updater() for mobject in scene.get_mobject_family_members()
    )
