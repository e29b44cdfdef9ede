"""What is compared: two clips, one after the other, and the film of the first drawn by manim as it comes."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from attnviz.render.film.format import FilmFormat
from bench import counters
from bench.contest import WITH_BENCH, Contest
from bench.measured import Measured, run
from bench.samples import Sample

FIRST, SECOND, MANIM = "first sentence", "second sentence", "plain manim, the first one's film"


@dataclass(frozen=True)
class ClipMade:
    """One clip as it was made: what it took in all, and where the time went, by part."""

    measured: Measured
    cpu: Mapping[str, float]
    wall: Mapping[str, float]  # in the process that plays


@dataclass(frozen=True)
class ClipRound:
    """Everything, measured once."""

    clips: Mapping[str, ClipMade]
    manim: Measured


class ClipContest:
    """Two sentences with one model: prepared once, then measured round by round, all in a folder of its own."""

    def __init__(
        self,
        model: str,
        sentences: Sequence[str],
        template: str,
        film_format: FilmFormat,
        jobs: int,
        folder: Path,
    ) -> None:
        self.model, self.sentences, self.format, self.jobs = model, sentences, film_format, jobs
        self._template, self._folder = template, folder

    def prepare(self) -> None:
        """Make the first clip once, and have manim prepared for the same film: all text is set that both keep."""
        self._clip(self.sentences[0], "prepared")
        sample = Sample("clip", self._folder / "prepared" / "clip.yaml", ())
        (self._folder / "manim").mkdir()
        self.plain = Contest(sample, self.format, self.jobs, self._folder / "manim")
        self.plain.warm()

    def round(self) -> ClipRound:
        """Measure both clips and manim, one after the other; what the first clip leaves is there for the second."""
        shutil.rmtree(self._folder / "cache", ignore_errors=True)
        first, second = (self._clip(sentence, name) for sentence, name in zip(self.sentences, "ab", strict=True))
        return ClipRound({FIRST: first, SECOND: second}, self.plain.stock())

    def _clip(self, sentence: str, name: str) -> ClipMade:
        folder, clocks = self._folder / name, self._folder / f"{name}.clocks"
        shutil.rmtree(folder, ignore_errors=True)
        clocks.unlink(missing_ok=True)
        size = ["-r", f"{self.format.width},{self.format.height}", "--fps", f"{self.format.fps}"]
        where = ["--cache", str(self._folder / "cache"), "-o", str(folder / "clip.mp4"), "--jobs", f"{self.jobs}"]
        asked = [sentence, "--model", self.model, "--template", self._template]
        command = [sys.executable, "-P", "-m", "bench.counters", str(clocks), "clip", *asked, *size, *where]
        measured = run(command, self._folder / f"{name}.log", os.environ | {"PYTHONPATH": WITH_BENCH})
        return ClipMade(measured, counters.read(clocks), counters.read(clocks, "wall"))
