"""What a shot is recorded on: the segments of its plays, drawn here or by forked children."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from attnviz.render.film.segment import Segment, StillPackets, join
from attnviz.render.shots.children import Children, Line, WorkError
from attnviz.render.shots.manim_setup import scratch_folder


class Reel:
    """Collects what is drawn of one shot, play after play.

    With one job the plays are drawn here. With more, children draw them, while the one who plays goes on; their
    segments come back through files. The bytes are the same.
    """

    def __init__(
        self, still_packets: StillPackets | None, beat: Callable[[], None] = lambda: None, jobs: int = 1
    ) -> None:
        self.still_packets, self.beat = still_packets, beat
        self._jobs = jobs
        self._segments: list[Segment | Path] = []
        self._children = Children(jobs, on_beat=beat)
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def film(self, draw: Callable[[], Segment]) -> bool:
        """Record a play; return whether it was drawn here, so that the scene stands at its end."""
        if self._jobs == 1:
            self._segments.append(draw())
            return True
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="reel-", dir=scratch_folder())
        path = Path(self._folder.name) / f"{len(self._segments):06}.segment"
        self._segments.append(path)
        self._children.start(path.name, lambda line: self._draw_to(path, draw, line))
        self.beat()
        return False

    def whole(self) -> Segment:
        """Return the whole shot; raises WorkError if a part could not be drawn."""
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
