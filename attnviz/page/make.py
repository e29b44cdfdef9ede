"""From a storyboard to the folder of its page: the film, what is known of it, and the scripts that show it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.whole_files import check_writable, replacing_all
from attnviz.page.data import page_data
from attnviz.page.heat import HEAT, heat_css
from attnviz.page.html import page_html
from attnviz.page.numbers_csv import numbers_csv
from attnviz.page.own import MODELS, own_models
from attnviz.page.packing import lean, packed
from attnviz.page.seen import seen_in_shots
from attnviz.page.thumbnails import kept_sprite
from attnviz.publish.lecture import film_files, make_lecture
from attnviz.render.cache.products import Products
from attnviz.render.cache.store import Store
from attnviz.render.run import SILENT

if TYPE_CHECKING:
    from attnviz.publish.lecture import LectureFiles, Made
    from attnviz.render.run import Progress, Wish
    from attnviz.storyboard.types import Storyboard

INDEX, DATA, THUMBNAILS = "index.html", "data.js", "shots.avif"
FIRST = ("page.js", "lecture.js", "cards.js", "workings.js", "transcript.js")
STATIC = Path(__file__).parent / "static"
PLAYED = ("mp4", "webm")
"""Kinds of films that browsers play."""


@dataclass(frozen=True)
class MadePage:
    """A page, and the film that it shows, as it was made."""

    page: Path
    files: tuple[Path, ...]
    film: Made


def page_folder(film: Path) -> Path:
    """Return the folder of the page that is made beside a film."""
    return film.with_suffix(".page")


def make_page(
    storyboard: Storyboard,
    wish: Wish,
    files: LectureFiles,
    folder: Path,
    progress: Progress = SILENT,
    more: Mapping[str, bytes] = MappingProxyType({}),
) -> MadePage:
    """Make the film of a storyboard, and its page in a folder, in which the film stands, too, with `more` files.

    Raises `ProblemsFound` for everything that the user can fix.
    """
    check_page(wish, files)
    check_writable([folder / INDEX])
    made = make_lecture(storyboard, replace(wish, wanted=replace(files.wanted, picture=True)), files, progress)
    return MadePage(folder / INDEX, tuple(write_page(storyboard, wish, made, folder, more)), made)


def check_page(wish: Wish, files: LectureFiles) -> None:
    """Raise `ProblemsFound` if a page cannot show what is wanted."""
    if files.film is None:
        raise ProblemsFound(Problem("a page shows a film", hint="leave out -s and --stills"))
    if wish.format.kind not in PLAYED:
        hint = f"expected one of {', '.join(PLAYED)}"
        raise ProblemsFound(Problem(f"--format {wish.format.kind}: browsers do not play it on a page", hint=hint))


def write_page(
    storyboard: Storyboard,
    wish: Wish,
    made: Made,
    folder: Path,
    more: Mapping[str, bytes] = MappingProxyType({}),
) -> list[Path]:
    """Write all files of a page whose film is made, and return them, the film first.

    Older ones stay until the new ones are complete. Of `more` files, by name, scripts become parts of the page.
    """
    film = made.files[0]
    numbers, *_, vtt, srt, _ = film_files(film)
    csv = film.with_suffix(".numbers.csv").name
    sprite = kept_sprite(Store(wish.cache), _pictures(made, wish))
    data = page_data(storyboard, wish.format.in_theme(storyboard.theme), made.shots) | {
        "about": made.about,
        "film": film.name,
        "files": {"captions": vtt.name, "srt": srt.name, "json": numbers.name, "csv": csv},
        "thumbnails": {"file": THUMBNAILS, "size": list(sprite.size), "columns": sprite.columns},
    }
    for shot, seen in zip(data["shots"], seen_in_shots(made.shots, wish.format.fps), strict=True):
        shot |= seen
    contents = {path.name: lean(path.read_text(encoding="utf-8")).encode() for path in sorted(STATIC.iterdir())}
    contents |= more
    own = own_models(storyboard)
    data["own"] = {"missing": own.missing}
    contents |= {HEAT: heat_css().encode()} | ({MODELS: own.script.encode()} if own.script else {})
    contents |= {
        THUMBNAILS: sprite.data,
        DATA: packed(data).encode(),
        csv: numbers_csv(numbers.read_text(encoding="utf-8")).encode(),
        INDEX: page_html(data, in_order(name for name in contents if name.endswith(".js"))).encode(),
    }
    _write_all(folder, contents)
    *beside, brought = _bring(film, folder)
    return [brought, *beside, *(folder / name for name in contents)]


def in_order(scripts: Iterable[str]) -> list[str]:
    """Return the names of scripts in the order in which they run: first those that others call as they begin."""
    return sorted(scripts, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name))


def _pictures(made: Made, wish: Wish) -> list[bytes]:
    products = Products(Store(wish.cache))
    found = [products.picture(shot.shot) for shot in made.shots]
    if None in found:
        raise ProblemsFound(Problem(f"the cache '{wish.cache}' has lost a picture", hint="run this again"))
    return [picture for picture in found if picture is not None]


def _write_all(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write files, except for those that are there already as they should be."""
    changed = {folder / name: data for name, data in contents.items() if not _is(folder / name, data)}
    with replacing_all(list(changed)) as new:
        for path, data in zip(new, changed.values(), strict=True):
            path.write_bytes(data)


def _is(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:
        return False


def _bring(film: Path, folder: Path) -> list[Path]:
    """Have a film, and the files beside it, in a folder, too: as links where the disk allows it."""
    sources: Sequence[Path] = film_files(film)
    if film.parent.resolve() == folder.resolve():
        return list(sources)
    targets = [folder / path.name for path in sources]
    with replacing_all(targets) as new:
        for source, target in zip(sources, new, strict=True):
            try:
                os.link(source, target)
            except OSError:
                shutil.copyfile(source, target)
    return targets
