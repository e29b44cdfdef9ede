"""From a storyboard to the files that people use: film, captions, numbers, contact sheet, stills."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.whole_files import check_writable, replacing, replacing_all
from attnviz.model.interface import Device, DType
from attnviz.publish.captions import srt
from attnviz.publish.film_pngs import check_sequence
from attnviz.publish.numbers import numbers_json
from attnviz.publish.outputs import Outputs
from attnviz.publish.shown import ShownShot, captions_shown, shown_shots
from attnviz.render.cache.products import Wanted
from attnviz.render.cache.remembered import remember
from attnviz.render.cache.sources import Sources
from attnviz.render.cache.store import Store, digest
from attnviz.render.film.format import FilmFormat
from attnviz.render.shots.selection import PlannedScene, select
from attnviz.render.shots.work import Work, work_on
from attnviz.render.traces.library import TraceLibrary

if TYPE_CHECKING:
    from attnviz.publish.film import FilmChapter
    from attnviz.render.film.segment import Segment
    from attnviz.storyboard.types import Storyboard

# The code that decides what is in the files, besides what was drawn.
WRITERS = tuple(f"publish/{name}.py" for name in ("captions", "film_kinds", "numbers", "sheet", "shown"))
ATTEMPTS = 3  # what is damaged or pruned by another run while this one works is made again


@dataclass(frozen=True)
class Wish:
    """What to make of a storyboard, and where; a path that is None is not written."""

    format: FilmFormat
    film: Path | None
    cache: Path
    last_frame: Path | None = None
    sheet: Path | None = None
    stills: Path | None = None  # a folder for the last frame of every shot
    only: tuple[str, ...] = ()
    jobs: int = 1
    cluster: str | None = None
    force: bool = False
    device: Device = "auto"
    dtype: DType = "float64"
    words_per_minute: float | None = None

    @property
    def wanted(self) -> Wanted:
        """The products of a shot that are needed."""
        return Wanted(film=self.film is not None, picture=bool(self.last_frame or self.sheet or self.stills))

    def files(self, shots: Iterable[str]) -> list[Path]:
        """Return the files that are written for these shots (of a long contact sheet the first)."""
        film = () if self.film is None else film_files(self.film)[::-1]
        stills = () if self.stills is None else (_still(self.stills, shot) for shot in shots)
        return [*film, *stills, *(path for path in (self.last_frame, self.sheet) if path is not None)]


@dataclass(frozen=True)
class Made:
    """What was made, or was there already: the files, how many shots were drawn, and all that are shown."""

    files: tuple[Path, ...]
    shots: tuple[ShownShot, ...]
    drawn: int
    seconds: float
    written: bool  # False: the files were up to date


class Progress(Protocol):
    """What a caller can learn while a lecture is made."""

    def begin(self, work: Work) -> None:
        """Everything is known that can be known without playing scenes."""

    def advance(self, shot: str) -> None:
        """A shot has been drawn, or need not be."""


class Silent:
    """Takes note of nothing."""

    def begin(self, work: Work) -> None:
        """Do nothing."""

    def advance(self, shot: str) -> None:
        """Do nothing."""


SILENT = Silent()


def open_work(storyboard: Storyboard, wish: Wish, scenes: Sequence[PlannedScene], wanted: Wanted) -> Work:
    """Find or compute the traces of scenes, and put together all that is known of their shots."""
    store = Store(wish.cache)
    sources = Sources(store)
    with TraceLibrary(storyboard, [scene.spec for scene in scenes], store, sources, wish.device, wish.dtype) as library:
        sources.save()  # a cache that cannot be written is told before any work is done
        if library.missing.wanted:
            import attnviz.render.shots.drawing  # noqa: F401  (Manim, while the helper imports torch)
        traces = library.scenes()
    return work_on(storyboard, scenes, traces, wish.format, store, sources, wanted, wish.words_per_minute)


def chosen_scenes(storyboard: Storyboard, wish: Wish) -> list[PlannedScene]:
    """Return the scenes that a wish is about; raises `ProblemsFound` if there are none."""
    scenes = select(storyboard, wish.only)
    if scenes and wish.last_frame and not (wish.film or wish.sheet or wish.stills):
        scenes = select(storyboard, [scenes[-1].shots[-1].name])
    if not any(shot.wanted for scene in scenes for shot in scene.shots):
        raise ProblemsFound(Problem("there are no shots to render", storyboard.path))
    return scenes


def make_lecture(storyboard: Storyboard, wish: Wish, progress: Progress = SILENT) -> Made:
    """Make what is wished for of a storyboard; older files stay until the new ones are complete.

    Raises `ProblemsFound` for everything that a person can mend.
    """
    scenes = chosen_scenes(storyboard, wish)
    names = [shot.name for scene in scenes for shot in scene.shots if shot.wanted]
    check_writable(path for path in wish.files(names) if path != wish.film or wish.format.kind != "png")
    if wish.film is not None and wish.format.kind == "png":
        check_sequence(wish.film)
    work = open_work(storyboard, wish, scenes, wish.wanted)
    if wish.force:
        work.forget()
    progress.begin(work)
    drawn = 0
    for _ in range(ATTEMPTS):
        try:
            more = draw_missing(work, wish.jobs, progress, wish.cluster)
            drawn = min(len(names), drawn + more)  # what was pruned meanwhile is drawn twice
        finally:
            remember(work)  # also what was made before something went wrong
        shots = shown_shots(work)
        if shots is not None and (made := _publish(storyboard, wish, work, shots, drawn)):
            return made
    raise ProblemsFound(
        Problem(f"the cache '{wish.cache}' does not keep what is put there", hint="choose another: --cache")
    )


def draw_missing(work: Work, jobs: int, progress: Progress = SILENT, cluster: str | None = None) -> int:
    """Draw what is missing, here or on a cluster, and return how many shots that were."""
    unmade = work.unmade()
    for name in (shot.name for scene in work.scenes for shot in scene.scene.shots if shot.wanted):
        if name not in unmade:
            progress.advance(name)
    if unmade and cluster is not None:
        from attnviz.render.cluster.cluster import draw_on_cluster

        draw_on_cluster(work, cluster, jobs, progress.advance)
    elif unmade:
        from attnviz.render.shots.drawing import draw

        return draw(work, work.left(), jobs, progress.advance)
    return len(unmade)


def _publish(storyboard: Storyboard, wish: Wish, work: Work, shots: list[ShownShot], drawn: int) -> Made | None:
    """Write the files that are not up to date; None if something has meanwhile gone from the store."""
    files = wish.files(shot.name for shot in shots)
    seconds = sum(shot.frames for shot in shots) / wish.format.fps
    outputs = Outputs(work.store, files, _content_key(storyboard, wish, work, shots))
    if not wish.force and outputs.are_up_to_date():
        return Made(tuple(outputs.files), tuple(shots), drawn, seconds, written=False)
    try:
        written = [*_write_film(storyboard, wish, work, shots), *_write_pictures(wish, work, shots)]
    except _GoneError:
        return None
    outputs.written(written)
    order = [path for path in files if path in written] + [path for path in written if path not in files]
    return Made(tuple(order), tuple(shots), drawn, seconds, written=True)


class _GoneError(Exception):
    """Something that was in the store is no longer there, or damaged."""


def _content_key(storyboard: Storyboard, wish: Wish, work: Work, shots: Sequence[ShownShot]) -> str:
    """Return the digest of everything that is in the files."""
    made = [
        [
            shot.name,
            shot.work.scene.chapter.title,
            shot.shot.key,
            work.products.film_address(shot.shot) if work.wanted.film else None,
            shot.shot.picture_key if work.wanted.picture else None,
            shot.shot.narration,
            shot.work.traces.key,
        ]
        for shot in shots
    ]
    return digest(storyboard.title, asdict(wish.format), made, Sources(work.store).of_package(*WRITERS))


def _write_film(storyboard: Storyboard, wish: Wish, work: Work, shots: Sequence[ShownShot]) -> list[Path]:
    if wish.film is None:
        return []
    from attnviz.publish.film_kinds import write_moving_pictures

    captions = captions_shown(shots, wish.format.fps)
    numbers = numbers_json(wish.film.name, wish.format, shots)
    *beside, film = film_files(wish.film)

    def write(path: Path) -> None:
        write_moving_pictures(
            path,
            wish.format,
            _segments(work, shots),
            title=storyboard.title,
            chapters=_chapters(shots, wish.format.fps),
            captions=captions,
        )

    if wish.format.kind == "png":  # a folder, which is complete or absent by itself
        write(film)
    with replacing_all(beside if wish.format.kind == "png" else [*beside, film]) as [new_numbers, new_srt, *new_film]:
        for path in new_film:
            write(path)
        new_srt.write_text(srt(captions), encoding="utf-8")
        new_numbers.write_text(numbers, encoding="utf-8")
    return [film, *beside[::-1]]


def film_files(film: Path) -> list[Path]:
    """Return the film with its neighbours; it comes last, as it is put in its place when they are."""
    return [film.with_suffix(".numbers.json"), film.with_suffix(".srt"), film]


def _segments(work: Work, shots: Sequence[ShownShot]) -> Iterator[Segment]:
    for shot in shots:
        segment = work.products.film(shot.shot)
        if segment is None:
            raise _GoneError(shot.name)
        yield segment


def _still(folder: Path, shot: str) -> Path:
    return folder / (shot.replace("/", "--") + ".png")


def _chapters(shots: Sequence[ShownShot], fps: int) -> list[FilmChapter]:
    """Return the chapters that have shots in the film, without gaps between them."""
    from attnviz.publish.film import FilmChapter

    chapters: dict[str, FilmChapter] = {}
    for shot in shots:
        name, (start, end) = shot.name.split("/")[0], shot.seconds(fps)
        begun = chapters[name].start if name in chapters else start
        chapters[name] = FilmChapter(shot.work.scene.chapter.title, begun, end)
    return list(chapters.values())


def _write_pictures(wish: Wish, work: Work, shots: Sequence[ShownShot]) -> list[Path]:
    if not work.wanted.picture:
        return []
    from attnviz.publish.sheet import write_sheets

    pictures = [(shot.name, _picture(work, shot)) for shot in shots]
    files: list[Path] = []
    if wish.last_frame is not None:
        with replacing(wish.last_frame) as new:
            new.write_bytes(pictures[-1][1])
        files.append(wish.last_frame)
    if wish.stills is not None:
        for name, picture in pictures:
            still = _still(wish.stills, name)
            with replacing(still) as new:
                new.write_bytes(picture)
            files.append(still)
    if wish.sheet is not None:
        files += write_sheets(wish.sheet, pictures)
    return files


def _picture(work: Work, shot: ShownShot) -> bytes:
    picture = work.products.picture(shot.shot)
    if picture is None:
        raise _GoneError(shot.name)
    return picture
