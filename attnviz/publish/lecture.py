"""From made shots to the files that people use: film, captions, numbers, contact sheet, stills."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.input.whole_files import replacing, replacing_all, why_not_writable
from attnviz.publish.captions import srt, webvtt
from attnviz.publish.descriptions import cues_of, descriptions_of
from attnviz.publish.film_pngs import check_sequence
from attnviz.publish.numbers import numbers_json
from attnviz.publish.outputs import Outputs
from attnviz.publish.png_text import described
from attnviz.publish.shown import GoneError, ShownShot, captions_shown, choices_shown, shown_shots, sound_shown
from attnviz.render.cache.products import Wanted
from attnviz.render.cache.sources import Sources
from attnviz.render.cache.store import digest
from attnviz.render.run import SILENT, Progress, Wish, chosen_scenes, made, open_work
from attnviz.render.shots.claims import TriedClaim, with_claims

if TYPE_CHECKING:
    from attnviz.input.problems import ProblemsFound
    from attnviz.publish.film import FilmChapter
    from attnviz.render.film.segment import Segment
    from attnviz.render.shots.work import Work
    from attnviz.storyboard.types import Storyboard

# The code that decides what is in the files, besides what was drawn.
WRITERS = tuple(
    f"publish/{name}.py"
    for name in ("captions", "descriptions", "film_kinds", "numbers", "png_text", "sheet", "sheet_labels", "shown")
)

BESIDE = (".numbers.json", ".descriptions.vtt", ".descriptions.srt", ".vtt", ".srt")
"""What the files beside a film end in."""


@dataclass(frozen=True)
class LectureFiles:
    """Where the files of a lecture go; a path that is None is not written."""

    film: Path | None = None
    last_frame: Path | None = None
    sheet: Path | None = None
    stills: Path | None = None  # a folder for the last frame of every shot

    @property
    def wanted(self) -> Wanted:
        """The products of every shot that are needed for them."""
        return Wanted(film=self.film is not None, picture=bool(self.last_frame or self.sheet or self.stills))

    @property
    def only_last_frame(self) -> bool:
        """Whether nothing is needed but the last shot."""
        return self.last_frame is not None and not (self.film or self.sheet or self.stills)

    def of(self, shots: Iterable[str]) -> list[Path]:
        """Return the files that are written for these shots (of a long contact sheet the first)."""
        film = () if self.film is None else film_files(self.film)[::-1]
        stills = () if self.stills is None else (_still(self.stills, shot) for shot in shots)
        return [*film, *stills, *(path for path in (self.last_frame, self.sheet) if path is not None)]


@dataclass(frozen=True)
class Made:
    """A lecture that was made or was up to date: its files, its shots, how many of them were drawn, and its claims.

    `silent` tells why nobody speaks in it, although a voice was asked for.
    """

    files: tuple[Path, ...]
    shots: tuple[ShownShot, ...]
    drawn: int
    seconds: float
    written: bool  # False: the files were up to date
    claims: tuple[TriedClaim, ...] = ()
    about: str = ""  # what the film's metadata say of it
    silent: str = ""

    @property
    def fps(self) -> int:
        """How many frames a second has."""
        return round(sum(shot.frames for shot in self.shots) / self.seconds)


def make_lecture(storyboard: Storyboard, wish: Wish, files: LectureFiles, progress: Progress = SILENT) -> Made:
    """Make the files of a storyboard; older ones stay until the new ones are complete.

    A folder that may only be read is refused before anything is drawn, unless its files are up to date; so is a
    storyboard with claims that do not hold, if the wish wants it. Raises `ProblemsFound` for everything that the user
    can fix.
    """
    scenes = chosen_scenes(storyboard, wish)
    names = [shot.name for scene in scenes for shot in scene.shots if shot.wanted]
    paths = [path for path in files.of(names) if path != files.film or wish.format.kind != "png"]
    refused = why_not_writable(paths)
    if refused and (wish.force or not all(path.exists() for path in paths)):
        raise refused
    if files.film is not None and wish.format.kind == "png":
        check_sequence(files.film)
    opened = with_claims(open_work(storyboard, wish, scenes, speak=files.film is not None), wish.claims)
    if refused:
        return _found_up_to_date(opened, files, refused)
    for work, drawn in made(opened, wish, progress):
        shots = shown_shots(work)
        if shots is not None and (lecture := _publish(work, wish, files, shots, drawn)):
            return lecture
    raise AssertionError  # `made` ends with a problem


def _found_up_to_date(work: Work, files: LectureFiles, refused: ProblemsFound) -> Made:
    """Return the files as they are; raise what was refused if any would have to be written."""
    shots = shown_shots(work)
    if shots is None or not (outputs := _outputs(work, files, shots)).are_up_to_date():
        raise refused
    return _made(work, outputs.files, shots, 0, written=False)


def _outputs(work: Work, files: LectureFiles, shots: Sequence[ShownShot]) -> Outputs:
    return Outputs(work.store, files.of(shot.name for shot in shots), _content_key(work, shots))


def _seconds(work: Work, shots: Sequence[ShownShot]) -> float:
    return sum(shot.frames for shot in shots) / work.format.fps


def _publish(work: Work, wish: Wish, files: LectureFiles, shots: list[ShownShot], drawn: int) -> Made | None:
    """Write the files unless they are up to date; return None if something in the store is gone."""
    outputs = _outputs(work, files, shots)
    paths = list(outputs.files)
    if not wish.force and outputs.are_up_to_date():
        return _made(work, outputs.files, shots, drawn, written=False)
    try:
        written = [*_write_film(work, files.film, shots), *_write_pictures(work, files, shots)]
    except GoneError:
        return None
    outputs.written(written)
    order = [path for path in paths if path in written] + [path for path in written if path not in paths]
    return _made(work, order, shots, drawn, written=True)


def _made(work: Work, files: Iterable[Path], shots: Sequence[ShownShot], drawn: int, *, written: bool) -> Made:
    seconds, about, silenced = _seconds(work, shots), _comment(work, shots), work.speeches.silenced
    silent = "" if silenced is None else f"silent: {replace(silenced, hint=None)}"
    return Made(tuple(files), tuple(shots), drawn, seconds, written, work.claims, about, silent)


def _content_key(work: Work, shots: Sequence[ShownShot]) -> str:
    """Return the digest of everything that is in the files."""
    content = [
        [
            shot.name,
            shot.scene.chapter.title,
            shot.shot.key,
            work.products.film_address(shot.shot) if work.wanted.film else None,
            shot.shot.picture_key if work.wanted.picture else None,
            shot.shot.narration,
            shot.shot.planned.shot.seen,
            shot.shot.said.sound,
            shot.scene.traces.key,
        ]
        for shot in shots
    ]
    code = Sources(work.store).of_package(*WRITERS)
    claims = [[each.shot, each.claim.source, vars(each.outcome)] for each in work.claims if work.wanted.film]
    said = work.storyboard.title, work.storyboard.language, _comment(work, shots)
    return digest(*said, asdict(work.format), content, claims, code)


def _write_film(work: Work, path: Path | None, shots: Sequence[ShownShot]) -> list[Path]:
    if path is None:
        return []
    from attnviz.publish.film_kinds import write_moving_pictures

    captions = captions_shown(shots, work.format.fps, work.storyboard.language)
    descriptions = cues_of(descriptions_of(shots, work.format.fps))
    numbers = numbers_json(path.name, work.format, shots, work.claims)
    *beside, film = film_files(path)

    def write(target: Path) -> None:
        write_moving_pictures(
            target,
            work.format,
            _segments(work, shots),
            title=work.storyboard.title,
            chapters=_chapters(shots, work.format.fps),
            captions=captions,
            sound=sound_shown(work, shots),
            language=work.storyboard.language,
            comment=_comment(work, shots),
        )

    if work.format.kind == "png":  # a folder, which is complete or absent by itself
        write(film)
    with replacing_all(beside if work.format.kind == "png" else [*beside, film]) as new:
        new_numbers, *texts, new_vtt, new_srt = new[: len(beside)]
        new_film = new[len(beside) :]
        for each in new_film:
            write(each)
        for path, text in zip(texts, (webvtt(descriptions), srt(descriptions)), strict=True):
            path.write_text(text, encoding="utf-8")
        new_vtt.write_text(webvtt(captions), encoding="utf-8")
        new_srt.write_text(srt(captions), encoding="utf-8")
        new_numbers.write_text(numbers, encoding="utf-8")
    return [film, *beside[::-1]]


def _comment(work: Work, shots: Sequence[ShownShot]) -> str:
    """Return what the film's metadata say: what the storyboard says of it, and of which models one was taken."""
    choices = [f"model: {choice}" for choice in choices_shown(shots)]
    return "; ".join(filter(None, [" ".join(work.storyboard.about.split()), *choices]))


def film_files(film: Path) -> list[Path]:
    """Return the paths of a film and the files beside it; the film comes last, since it is replaced last."""
    return [film.with_suffix(suffix) for suffix in BESIDE] + [film]


def _segments(work: Work, shots: Sequence[ShownShot]) -> Iterator[Segment]:
    for shot in shots:
        segment = work.products.film(shot.shot)
        if segment is None:
            raise GoneError(shot.name)
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
        chapters[name] = FilmChapter(shot.scene.chapter.title, begun, end)
    return list(chapters.values())


def _write_pictures(work: Work, files: LectureFiles, shots: Sequence[ShownShot]) -> list[Path]:
    if not work.wanted.picture:
        return []
    from attnviz.publish.sheet import write_sheets

    pictures = [(shot.name, _picture(work, shot)) for shot in shots]
    alone = {_still(files.stills, name): place for place, (name, _) in enumerate(pictures)} if files.stills else {}
    if files.last_frame is not None:
        alone[files.last_frame] = len(pictures) - 1
    texts = [each.alt for each in descriptions_of(shots, work.format.fps)] if alone else []
    for path, place in alone.items():
        with replacing(path) as new:
            new.write_bytes(described(pictures[place][1], texts[place]))
    written = list(alone)
    if files.sheet is not None:
        written += write_sheets(files.sheet, pictures, fonts=work.storyboard.fonts, colors=work.format.theme)
    return written


def _picture(work: Work, shot: ShownShot) -> bytes:
    picture = work.products.picture(shot.shot)
    if picture is None:
        raise GoneError(shot.name)
    return picture
