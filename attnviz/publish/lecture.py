"""From a storyboard to the files that people use: film, captions, numbers, contact sheet, stills."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.problems import Problem, ProblemsFound
from attnviz.publish.captions import Caption, captions_of, srt
from attnviz.publish.film import FilmChapter, write_film
from attnviz.publish.numbers import numbers_json
from attnviz.publish.sheet import write_sheets
from attnviz.render.perform import PerformedShot, perform
from attnviz.render.reel import Reel
from attnviz.render.selection import PlannedScene, plan
from attnviz.render.studio import studio
from attnviz.render.trace_process import Device, DType, TraceProcess, Traces, order
from attnviz.whole_files import check_writable, replacing, replacing_all

if TYPE_CHECKING:
    from attnviz.render.encoder import FilmFormat
    from attnviz.storyboard.types import Storyboard


@dataclass(frozen=True)
class Wish:
    """What to make of a storyboard, and where; a path that is None is not written."""

    format: FilmFormat
    film: Path | None
    last_frame: Path | None = None
    sheet: Path | None = None
    stills: Path | None = None  # a folder for the last frame of every shot
    only: tuple[str, ...] = ()
    jobs: int = 1
    device: Device = "auto"
    dtype: DType = "float64"
    words_per_minute: float | None = None

    def files(self, shots: Iterable[str]) -> list[Path]:
        """Return the files that are written for these shots (of a long contact sheet the first)."""
        film = () if self.film is None else _film_files(self.film)
        stills = () if self.stills is None else (_still(self.stills, shot) for shot in shots)
        return [*film, *stills, *(path for path in (self.last_frame, self.sheet) if path is not None)]


@dataclass(frozen=True)
class Made:
    """What was made."""

    files: tuple[Path, ...]
    shots: tuple[PerformedShot, ...]
    seconds: float


Progress = Callable[[int, PerformedShot], None]  # how many shots there will be, and one that was played


def make_lecture(storyboard: Storyboard, wish: Wish, progress: Progress = lambda total, shot: None) -> Made:
    """Perform a storyboard and write what is wished for; older files stay until the new ones are complete.

    Raises `ProblemsFound` for everything that a person can mend.
    """
    scenes = plan(storyboard, wish.only)
    if scenes and wish.last_frame and not (wish.film or wish.sheet or wish.stills):
        scenes = plan(storyboard, [scenes[-1].shots[-1].name])
    names = [shot.name for scene in scenes for shot in scene.shots if shot.wanted]
    if not names:
        raise ProblemsFound(Problem("there are no shots to render", storyboard.path))
    check_writable(wish.files(names))
    wanted = order(storyboard, [scene.spec for scene in scenes], wish.device, wish.dtype)
    pictures = bool(wish.last_frame or wish.sheet or wish.stills)
    with (
        TraceProcess(wanted) as helper,
        studio(wish.format),
        Reel(wish.format, wish.jobs, film=wish.film is not None, pictures=pictures) as reel,
    ):
        traces = helper.traces()
        shots = perform(
            storyboard,
            scenes,
            traces,
            wish.format,
            reel,
            words_per_minute=wish.words_per_minute,
            on_shot=lambda shot: progress(len(names), shot),
        )
        files = _write_pictures(wish, shots)
        if wish.film is not None:
            files = [*_write_film(wish.film, storyboard.title, wish.format, shots, scenes, traces, reel), *files]
    seconds = sum(shot.frames for shot in shots) / wish.format.fps
    return Made(tuple(files), tuple(shots), seconds)


def _write_film(
    path: Path,
    title: str,
    film_format: FilmFormat,
    shots: Sequence[PerformedShot],
    scenes: Sequence[PlannedScene],
    traces: Sequence[Traces],
    reel: Reel,
) -> list[Path]:
    captions = [caption for shot in shots for caption in _captions(shot, film_format)]
    numbers = numbers_json(path.name, film_format, shots, traces)
    with replacing_all(_film_files(path)) as [new_numbers, new_srt, new_film]:
        write_film(
            new_film,
            film_format,
            reel.segments(),
            title=title,
            chapters=_chapters(shots, scenes, film_format),
            captions=captions,
        )
        new_srt.write_text(srt(captions), encoding="utf-8")
        new_numbers.write_text(numbers, encoding="utf-8")
    return _film_files(path)[::-1]


def _film_files(film: Path) -> list[Path]:
    """Return the film with its neighbours; it comes last, as it is put in its place when they are."""
    return [film.with_suffix(".numbers.json"), film.with_suffix(".srt"), film]


def _still(folder: Path, shot: str) -> Path:
    return folder / (shot.replace("/", "--") + ".png")


def _captions(shot: PerformedShot, film_format: FilmFormat) -> list[Caption]:
    start = Fraction(shot.film_start, film_format.fps)
    return captions_of(shot.narration, start, start + Fraction(shot.frames, film_format.fps))


def _chapters(
    shots: Sequence[PerformedShot], scenes: Sequence[PlannedScene], film_format: FilmFormat
) -> list[FilmChapter]:
    """Return the chapters that have shots in the film, without gaps between them."""
    titles = {scene.name.split("/")[0]: scene.chapter.title for scene in scenes}
    frames: dict[str, list[int]] = {}
    for shot in shots:
        frames.setdefault(shot.name.split("/")[0], []).extend([shot.film_start, shot.film_start + shot.frames])
    return [
        FilmChapter(titles[name], Fraction(min(times), film_format.fps), Fraction(max(times), film_format.fps))
        for name, times in frames.items()
    ]


def _write_pictures(wish: Wish, shots: Sequence[PerformedShot]) -> list[Path]:
    pictures = [(shot.name, shot.picture) for shot in shots if shot.picture is not None]
    files: list[Path] = []
    if wish.last_frame is not None:
        with replacing(wish.last_frame) as new:
            shutil.copyfile(pictures[-1][1], new)
        files.append(wish.last_frame)
    if wish.stills is not None:
        for name, picture in pictures:
            still = _still(wish.stills, name)
            with replacing(still) as new:
                shutil.copyfile(picture, new)
            files.append(still)
    if wish.sheet is not None:
        files += write_sheets(wish.sheet, pictures)
    return files
