"""All frames of a film, undamaged, in a file: drawn once by Manim, read again as often as they are needed.

Of each frame only the pixels are kept that differ from the one before; so a minute of film fits on a disk, and reading
a frame costs a small part of what encoding it does.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
from manim.renderer.cairo_renderer import CairoRenderer
from manim.scene.scene_file_writer import SceneFileWriter

from attnviz.render.film.format import FilmFormat
from attnviz.render.shots.manim_setup import manim_setup
from bench.plain import plain_scene

Pixels = npt.NDArray[np.uint8]  # height × width × RGBA

_HEAD = struct.Struct("<II")  # for how many frames a picture stands, and how many of its pixels are new


@dataclass(frozen=True)
class SpooledPlay:
    """Where the frames of a play are in the file, how many pictures they are, and how many frames."""

    offset: int
    pictures: int
    frames: int


@dataclass(frozen=True)
class Spool:
    """The frames of a film, play by play."""

    path: Path
    format: FilmFormat
    ground: int  # the colour of most pixels, with which every play begins
    plays: tuple[SpooledPlay, ...]

    def pictures(self, play: SpooledPlay) -> Iterator[tuple[Pixels, int]]:
        """Yield the pictures of a play, each with the number of frames for which it stands.

        The array is always the same one, and changes from picture to picture.
        """
        words = np.full(self.format.height * self.format.width, self.ground, np.uint32)
        pixels = words.view(np.uint8).reshape(self.format.height, self.format.width, 4)
        with self.path.open("rb") as file:
            file.seek(play.offset)
            for _ in range(play.pictures):
                frames, new = _HEAD.unpack(file.read(_HEAD.size))
                places = np.frombuffer(file.read(4 * new), np.uint32)
                words[places] = np.frombuffer(file.read(4 * new), np.uint32)
                yield pixels, frames


def spool_of(score: Path, scenes: int, film_format: FilmFormat, path: Path) -> Spool:
    """Have Manim draw the scenes of a score, without any acceleration, and keep what it draws."""
    with manim_setup(film_format, accelerated=False), path.open("wb") as file:
        recorder = _Recorder(file)
        for number in range(scenes):
            renderer = CairoRenderer(file_writer_class=recorder.writer)
            plain_scene(score, number)(renderer=renderer).render()  # type: ignore[call-arg]
    return Spool(path, film_format, recorder.ground, tuple(recorder.plays))


class _Recorder:
    """Writes the frames of plays."""

    def __init__(self, file: IO[bytes]) -> None:
        self.plays: list[SpooledPlay] = []
        self.ground = 0
        self._file = file
        self._before: npt.NDArray[np.uint32] | None = None

    def begin(self) -> None:
        """Begin a play; it can be read without those before it."""
        self.plays.append(SpooledPlay(self._file.tell(), 0, 0))
        self._before = None

    def add(self, pixels: Pixels, frames: int) -> None:
        """Add a picture that stands for some frames."""
        words = np.ascontiguousarray(pixels).reshape(-1).view(np.uint32)
        if self._file.tell() == 0:
            self.ground = int(words[0])
        before = np.uint32(self.ground) if self._before is None else self._before
        places = np.flatnonzero(words != before).astype(np.uint32)
        self._file.write(_HEAD.pack(frames, len(places)) + places.tobytes() + words[places].tobytes())
        self._before = words
        play = self.plays[-1]
        self.plays[-1] = SpooledPlay(play.offset, play.pictures + 1, play.frames + frames)

    def writer(self, settings: Any) -> SceneFileWriter:
        """Return what stands in the place of Manim's writer of films."""
        recorder = self

        class Writer(SceneFileWriter):  # type: ignore[misc]
            def begin_animation(self, allow_write: bool = False, **settings: Any) -> None:
                if allow_write:
                    recorder.begin()

            def end_animation(self, allow_write: bool = False) -> None:
                pass

            def finish(self) -> None:
                pass

            def write_frame(self, pixels: Pixels, *, repeat: int = 1) -> None:
                recorder.add(pixels, repeat)

        return Writer(settings)
