"""What a performance is recorded on: segments in the order in which they were played, drawn by forked children."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from attnviz.render.children import Children
from attnviz.render.encoder import FilmFormat, Segment, StillPackets, still_packets


class Reel:
    """Collects what children draw, in a temporary folder that goes when the `with` block ends.

    `film` and `pictures` say what is wanted: moving pictures, the last frame of every shot, or both.
    """

    def __init__(self, film_format: FilmFormat, jobs: int, *, film: bool = True, pictures: bool = False) -> None:
        self.format = film_format
        self.films, self.pictures = film, pictures
        self.label = ""  # what is being played, for error messages
        self.frames = 0
        self._children = Children(jobs)
        self._folder = Path()  # made on entering
        self._segments: list[Path] = []
        self.still_packets: StillPackets | None = still_packets(film_format) if film else None

    def film(self, frames: int, draw: Callable[[Path], None]) -> None:
        """Let a child draw the next `frames` frames to a segment file."""
        if not self.films:
            return
        path = self._folder / f"{len(self._segments):06}.segment"
        self._segments.append(path)
        self.frames += frames
        self._children.start(self.label, lambda: draw(path))

    def picture(self, draw: Callable[[Path], None]) -> Path:
        """Let a child draw one picture to a file, and return its path; it is there after `finish`."""
        path = Path(tempfile.mkdtemp(dir=self._folder)) / "frame.png"
        self._children.start(self.label, lambda: draw(path))
        return path

    def finish(self) -> None:
        """Wait until everything is drawn; raises ChildError."""
        self._children.finish()

    def segments(self) -> Iterator[Segment]:
        """Return the segments, in the order in which they were played."""
        return map(Segment.load, self._segments)

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="attnviz-"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._children.kill()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
