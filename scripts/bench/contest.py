"""The programs that are compared: manim as it comes, and attnviz, each making the same film from the same scenes."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.render.film.format import FilmFormat
from attnviz.render.opening import open_storyboard
from attnviz.render.shots.selection import select
from bench import limit
from bench.measured import Measured, run
from bench.plain import write_plain_scenes
from bench.quality import Quality, quality_of
from bench.samples import Sample, lay_out, say_more
from bench.score import Score
from bench.scoring import score_of
from bench.spool import spool_of

STOCK, COLD = "manim", "attnviz, cold"
UNCHANGED, CHANGED = "attnviz, nothing changed", "attnviz, one shot changed"
LIMIT_STOCK, LIMIT = "encode only, manim's settings", "encode only, attnviz's settings"
LIMIT_STILLS = "encode only, attnviz's settings, stills ready-made"
COMPARED_FRAMES = 240
ROOT = Path(__file__).resolve().parents[2]
WITH_BENCH = f"{ROOT / 'scripts'}{os.pathsep}{ROOT}"  # the path of modules for programs of this package
ATTNVIZ = ("-P", "-m", "attnviz")

Round = Mapping[str, Measured]


@dataclass(frozen=True)
class Made:
    """A film that was made for comparison: its files, and how good it is."""

    bytes: int
    quality: Quality


class Contest:
    """One sample: prepared once, then measured round by round, all in a folder of its own."""

    def __init__(self, sample: Sample, film_format: FilmFormat, jobs: int, folder: Path) -> None:
        self.sample, self.format, self.jobs, self._folder = sample, film_format, jobs, folder
        self._environment = os.environ | {"PYTHONPATH": str(ROOT)}
        open_storyboard(sample.storyboard)  # what is wrong with it is told with the places in the person's own file
        self._storyboard = lay_out(sample, folder / "lecture")
        self.score: Score = score_of(self._storyboard, sample.only, film_format, folder / "scoring")
        self._scenes, self._classes = write_plain_scenes(self.score, folder)
        self._films: dict[str, list[Path]] = {}

    def prepare(self) -> None:
        """Have all text set that both programs keep from run to run, and all frames drawn that are compared."""
        self.warm()
        self._spool = spool_of(self._folder / "score.pickle", len(self._classes), self.format, self._folder / "spool")
        drawn = sum(play.frames for play in self._spool.plays)
        if drawn != self.score.frames:
            raise ProblemsFound(Problem(f"manim draws {drawn} frames, attnviz {self.score.frames}"))

    def warm(self) -> None:
        """Have manim skip to the end of the scenes and save a picture: what it keeps of texts stays for later runs."""
        self._manim("warm", "-s")

    def stock(self) -> Measured:
        """Measure manim."""
        measured = self._manim("stock", "--disable_caching")
        made = [path for path in self._media.rglob("*.mp4") if "partial_movie_files" not in path.parts]
        self._films[STOCK] = sorted(made)
        return measured

    def round(self, tell: Callable[[str], None]) -> Round:
        """Measure everything once, one after the other."""
        measured: dict[str, Measured] = {}

        def measure(name: str, work: Callable[[], Measured]) -> None:
            tell(name)
            measured[name] = work()

        shutil.rmtree(self._folder / "cache", ignore_errors=True)
        measure(STOCK, self.stock)
        measure(COLD, self._attnviz)
        if COLD not in self._films:
            self._films[COLD] = [Path(shutil.copy(self._folder / "film.mp4", self._folder / "cold.mp4"))]
        measure(UNCHANGED, self._attnviz)
        measure(CHANGED, self._changed)
        spool = self._spool
        measure(LIMIT_STOCK, lambda: limit.limit(spool, limit.as_manim(spool), self.jobs))
        measure(LIMIT, lambda: limit.limit(spool, limit.as_attnviz(spool, ready_made=False), self.jobs))
        measure(LIMIT_STILLS, lambda: limit.limit(spool, limit.as_attnviz(spool, ready_made=True), self.jobs))
        return measured

    def cold(self, program: Sequence[str]) -> Measured:
        """Measure attnviz with nothing in its cache, run by another program of this package."""
        return self._attnviz(program, os.environ | {"PYTHONPATH": WITH_BENCH})

    def judge(self) -> dict[str, Made]:
        """Compare the films with the frames as they were drawn."""
        every = max(1, self.score.frames // COMPARED_FRAMES) | 1  # odd, so that all kinds of frames come in turn
        return {
            name: Made(sum(file.stat().st_size for file in files), quality_of(files, self._spool, every))
            for name, files in self._films.items()
        }

    def _manim(self, log: str, *options: str) -> Measured:
        film = self.format
        size = (
            () if film == FilmFormat(1920, 1080, 60) else ("-r", f"{film.width},{film.height}", "--fps", f"{film.fps}")
        )
        quiet = ("--progress_bar", "none", "-v", "WARNING", "--media_dir", str(self._media))
        command = [sys.executable, "-P", "-m", "manim", "render", "-qh", *size, *options, *quiet]
        return run([*command, str(self._scenes), *self._classes], self._folder / f"{log}.log", self._environment)

    @property
    def _media(self) -> Path:
        return self._folder / "media"

    def _attnviz(self, program: Sequence[str] = ATTNVIZ, environment: Mapping[str, str] | None = None) -> Measured:
        only = [option for choice in self.sample.only for option in ("--only", choice)]
        size = ["-r", f"{self.format.width},{self.format.height}", "--fps", f"{self.format.fps}"]
        files = ["--cache", str(self._folder / "cache"), "-o", str(self._folder / "film.mp4")]
        command = [sys.executable, *program, "render", str(self._storyboard), *only, *size, *files]
        log = self._folder / "attnviz.log"
        return run([*command, "--jobs", f"{self.jobs}"], log, environment or self._environment)

    def _changed(self) -> Measured:
        """Lengthen what is said in one shot, and render again."""
        names = [shot.name for scene in select(open_storyboard(self._storyboard)) for shot in scene.shots]
        before = self._storyboard.read_bytes()
        say_more(self._storyboard, names.index(self.score.typical.name))
        try:
            return self._attnviz()
        finally:
            self._storyboard.write_bytes(before)
