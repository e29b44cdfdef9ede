"""Makes the folder of a deck: a clip for every shot, joined of what was drawn and said, and the pages that play it."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.whole_files import check_writable, replacing_all
from attnviz.publish.outputs import Outputs
from attnviz.publish.shown import GoneError, ShownShot, captions_shown, shown_shots, sound_shown
from attnviz.render.cache.products import Wanted
from attnviz.render.cache.sources import Sources
from attnviz.render.cache.store import digest
from attnviz.render.film.format import PLAYED
from attnviz.render.run import SILENT, Progress, Wish, chosen_scenes, made, open_work
from attnviz.render.shots.claims import TriedClaim, with_claims
from attnviz.slides.deck import FOLDER, STATIC, Deck, Slide, data_script, file_names, manim_slides, page

if TYPE_CHECKING:
    from attnviz.render.shots.work import Work
    from attnviz.storyboard.types import Storyboard

STILL_WIDTH, STILL_QUALITY = 480, 80
_OURS = re.compile(r"\d{2,}-.+\.(mp4|webm|webp)")


@dataclass(frozen=True)
class MadeSlides:
    """A deck that was made or was up to date: its files, the page first, and how many of its shots were drawn.

    `silent` tells why nobody speaks in it, although a voice was asked for.
    """

    files: tuple[Path, ...]
    deck: Deck
    shots: tuple[ShownShot, ...]
    drawn: int
    written: bool
    claims: tuple[TriedClaim, ...] = ()
    silent: str = ""


def make_slides(storyboard: Storyboard, wish: Wish, folder: Path, progress: Progress = SILENT) -> MadeSlides:
    """Make the deck of a storyboard in a folder; an older one stays until the new one is complete.

    Raises `ProblemsFound` for everything that the user can fix, claims that do not hold among it.
    """
    if wish.format.kind not in PLAYED:
        raise ProblemsFound(Problem(f"slides cannot be of {wish.format.kind}", hint=f"choose {' or '.join(PLAYED)}"))
    wish = replace(wish, wanted=Wanted(film=True))
    scenes = chosen_scenes(storyboard, wish)
    names = [shot.name for scene in scenes for shot in scene.shots if shot.wanted]
    check_writable(_paths(folder, storyboard, names, wish.format.kind))
    opened = with_claims(open_work(storyboard, wish, scenes, speak=True), wish.claims)
    for work, drawn in made(opened, wish, progress):
        shots = shown_shots(work)
        if shots is not None and (slides := _publish(work, wish, folder, shots, drawn)):
            return slides
    raise AssertionError  # `made` ends with a problem


def _paths(folder: Path, storyboard: Storyboard, names: Sequence[str], kind: str) -> list[Path]:
    """Return the paths of a deck's files, the page first."""
    pages = ["index.html", *STATIC, "data.js", f"slides/{storyboard.path.stem}.json"]
    clips = [path for pair in file_names(names, f".{kind}") for path in pair]
    return [folder / each for each in (*pages, *clips)]


def _publish(work: Work, wish: Wish, folder: Path, shots: list[ShownShot], drawn: int) -> MadeSlides | None:
    """Write the deck unless it is up to date; return None if something in the store is gone."""
    deck = _deck(work, shots)
    paths = _paths(folder, work.storyboard, [shot.name for shot in shots], work.format.kind)
    outputs = Outputs(work.store, paths, _content_key(work, shots, deck))
    written = wish.force or not outputs.are_up_to_date()
    if written:
        try:
            _write(work, shots, deck, paths)
        except GoneError:
            return None
        _remove_older(folder, paths)
        outputs.written(paths)
    silenced = work.speeches.silenced
    silent = "" if silenced is None else f"silent: {replace(silenced, hint=None)}"
    return MadeSlides(tuple(paths), deck, tuple(shots), drawn, written, work.claims, silent)


def _deck(work: Work, shots: Sequence[ShownShot]) -> Deck:
    from attnviz.stage import theme

    files_of = file_names([shot.name for shot in shots], f".{work.format.kind}")
    slides = [
        Slide(
            shot.name,
            shot.scene.chapter.title,
            clip,
            still,
            shot.shot.narration,
            shot.frames / work.format.fps,
            tuple(captions_shown([_alone(shot)], work.format.fps, work.storyboard.language)),
        )
        for shot, (clip, still) in zip(shots, files_of, strict=True)
    ]
    with theme.in_use(work.format.theme):
        ground = str(theme.GROUND).lower()
    storyboard, size = work.storyboard, (work.format.width, work.format.height)
    heard = any(shot.shot.said.sound is not None for shot in shots)
    return Deck(storyboard.title, storyboard.language, size, ground, heard, tuple(slides))


def _alone(shot: ShownShot) -> ShownShot:
    """Return a shot as the film of which it is all."""
    return replace(shot, start=0)


def _content_key(work: Work, shots: Sequence[ShownShot], deck: Deck) -> str:
    """Return the digest of everything that is in the files."""
    content = [[work.products.film_address(shot.shot), shot.shot.said.sound, shot.shot.key] for shot in shots]
    written = [page(deck), data_script(deck), manim_slides(deck), *map(_static, STATIC)]
    code = Sources(work.store).of_package("slides/make.py", "publish/film_kinds.py")
    return digest("slides", asdict(work.format), content, written, code)


def _write(work: Work, shots: Sequence[ShownShot], deck: Deck, paths: Sequence[Path]) -> None:
    texts = [page(deck), *map(_static, STATIC), data_script(deck), manim_slides(deck)]
    with replacing_all(paths) as new:
        for path, text in zip(new, texts, strict=False):
            path.write_text(text, encoding="utf-8")
        clips, stills = new[len(texts) :: 2], new[len(texts) + 1 :: 2]
        for shot, slide, clip, still in zip(shots, deck.slides, clips, stills, strict=True):
            _write_clip(work, shot, slide, clip)
            still.write_bytes(_small(clip))


def _write_clip(work: Work, shot: ShownShot, slide: Slide, path: Path) -> None:
    """Join a shot's picture and what is said in it; nothing is drawn or encoded again but its sound."""
    from attnviz.publish.film_kinds import write_moving_pictures

    segment = work.products.film(shot.shot)
    if segment is None:
        raise GoneError(shot.name)
    write_moving_pictures(
        path,
        work.format,
        [segment],
        title=work.storyboard.title,
        chapters=[],
        captions=slide.captions,
        sound=sound_shown(work, [_alone(shot)]),
        language=work.storyboard.language,
    )


def _small(clip: Path) -> bytes:
    """Return the picture in which a clip ends, small, as WebP."""
    import av

    with av.open(str(clip)) as film:
        film.seek(film.duration or 0)  # to the last frame from which one can decode
        *_, end = film.decode(video=0)
        image = Image.fromarray(end.to_ndarray(format="rgb24"))
    small = io.BytesIO()
    size = STILL_WIDTH, round(STILL_WIDTH * image.height / image.width)
    image.resize(size, Image.Resampling.LANCZOS).save(small, "WEBP", quality=STILL_QUALITY)
    return small.getvalue()


def _static(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _remove_older(folder: Path, paths: Sequence[Path]) -> None:
    """Remove the clips and stills of an older deck in this folder that the new one does not have."""
    kept = set(paths)
    for inside in ("clips", "stills"):
        for path in (folder / inside).iterdir():
            if path not in kept and path.is_file() and _OURS.fullmatch(path.name):
                path.unlink()
