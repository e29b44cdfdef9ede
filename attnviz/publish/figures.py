"""Figures for papers and slides: the last frame of every shot, or the moments that the storyboard names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.input.in_words import counted
from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.whole_files import replacing, why_not_writable
from attnviz.publish.descriptions import description_of_stage
from attnviz.publish.png_text import described
from attnviz.render.cache.products import FigureMaker, Wanted, figures_of
from attnviz.render.cache.sources import Sources
from attnviz.render.cache.store import Store, digest
from attnviz.render.run import SILENT, Progress, Wish, chosen_scenes, draw_missing, open_work
from attnviz.render.shots.selection import PlannedScene, slug

if TYPE_CHECKING:
    from attnviz.render.shots.walk import WalkedShot
    from attnviz.render.shots.work import Work
    from attnviz.stage.scene import Stage
    from attnviz.storyboard.types import Figure, Storyboard

SUFFIXES = ("png", "svg", "pdf")
DESCRIBING = ("publish/descriptions.py", "publish/png_text.py")
_RECORD = "exported"


@dataclass(frozen=True)
class Exported:
    """The files that were written, and how many figures were up to date."""

    files: tuple[Path, ...]
    unchanged: int


class Drawn:
    """Makes a figure as PNG, SVG and PDF, the latter two as vectors."""

    def __init__(self, sources: Sources) -> None:
        self.key = digest(sources.of_package("publish/vector.py", *DESCRIBING))

    def __call__(self, stage: Stage, shot: WalkedShot) -> Mapping[str, bytes]:
        """Return the figure by suffix; it carries the shot's name, and what is seen for those who cannot see it."""
        from attnviz.publish.vector import pdf_bytes, svg_bytes

        picture, text = BytesIO(), description_of_stage(stage, shot.planned.shot)
        stage.renderer.save_frame(stage, picture)
        return {
            "png": described(picture.getvalue(), text),
            "svg": svg_bytes(stage, title=shot.name, description=text),
            "pdf": pdf_bytes(stage, title=shot.name, description=text),
        }


def export_figures(
    storyboard: Storyboard,
    wish: Wish,
    folder: Path,
    suffixes: Sequence[str] = SUFFIXES,
    *,
    changed: bool = False,
    progress: Progress = SILENT,
) -> Exported:
    """Write figures to a folder, named by chapter and shot; with `changed`, only those that changed since then.

    If the storyboard names figures, only these are exported. Raises `ProblemsFound`.
    """
    maker = Drawn(Sources(Store(wish.cache)))
    refused = why_not_writable([folder / "figure.png"])
    if refused and not (changed and folder.is_dir()):
        raise refused
    work = open_figures(storyboard, wish, maker)
    if refused and work.unmade():
        raise refused
    work, _ = draw_missing(work, wish, progress)
    key = digest("figures", str(folder.resolve()))
    before = work.store.read(_RECORD, key) or {}
    files, unchanged, now = [], 0, dict(before)
    figures = list(figures_in(work))
    for shot, figure in figures:
        _check(shot, figure, storyboard.path)
    for shot, figure in figures:
        name, content = _name(shot, figure), content_of(work, shot, figure, maker)
        paths = {suffix: folder / f"{name}.{suffix}" for suffix in suffixes}
        now[name] = work.products.figure_key(shot, figure, maker)
        if changed and before.get(name) == now[name] and all(path.is_file() for path in paths.values()):
            unchanged += 1
            continue
        if refused:
            raise refused
        for suffix, path in paths.items():
            with replacing(path) as new:
                new.write_bytes(content[suffix])
            files.append(path)
    work.store.note(_RECORD, key, now)
    return Exported(tuple(files), unchanged)


def open_figures(storyboard: Storyboard, wish: Wish, maker: FigureMaker) -> Work:
    """Open the work on the figures that a wish is about: those that the storyboard names, if there are any."""
    wish = replace(wish, wanted=Wanted(film=False, figures=maker))
    return open_work(storyboard, wish, _with_figures(chosen_scenes(storyboard, wish)))


def _with_figures(scenes: Sequence[PlannedScene]) -> list[PlannedScene]:
    """Want only the shots with named figures, if there are any."""
    if not any(shot.shot.figures for scene in scenes for shot in scene.shots):
        return list(scenes)
    return [scene.wanting(lambda shot: bool(shot.shot.figures)) for scene in scenes]


def figures_in(work: Work) -> Iterator[tuple[WalkedShot, Figure]]:
    """Yield the figures that are wanted, each with its shot."""
    for shot in work.wanted_shots():
        yield from ((shot, figure) for figure in figures_of(shot))


def content_of(work: Work, shot: WalkedShot, figure: Figure, maker: FigureMaker) -> Mapping[str, bytes]:
    """Return the files of a figure that was drawn, by suffix; raises `ProblemsFound` if they are gone."""
    content = work.products.figure(shot, figure, maker)
    if content is None:
        hint = "run this again"
        raise ProblemsFound(Problem(f"the cache '{work.store.folder}' has lost a figure", hint=hint))
    return content


def _name(shot: WalkedShot, figure: Figure) -> str:
    """Return the name of a figure's files: chapter and shot, or chapter and the name that it was given."""
    chapter, *rest = shot.name.split("/")
    return "--".join([chapter, figure.name] if figure.name else [slug(chapter), *rest])


def _check(shot: WalkedShot, figure: Figure, storyboard: Path) -> None:
    plays = shot.step.plays
    if figure.after is not None and figure.after > plays:
        message = f"figure '{figure.name}': the shot has only {counted(plays, 'play')}"
        hint = "count the plays from 1, or write only the name: then the figure is the shot's end"
        raise ProblemsFound(Problem(message, storyboard, shot.planned.shot.line, hint))
