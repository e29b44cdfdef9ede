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
from attnviz.render.film.format import PLAYED
from attnviz.render.run import SILENT

if TYPE_CHECKING:
    from attnviz.publish.lecture import LectureFiles, Made
    from attnviz.render.run import Progress, Wish
    from attnviz.storyboard.types import Storyboard

INDEX, DATA, THUMBNAILS, CSV = "index.html", "data.js", "shots.avif", ".numbers.csv"
FIRST = ("page.js", "lecture.js", "cards.js", "workings.js", "transcript.js")
STATIC = Path(__file__).parent / "static"


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
    folder: Path | None = None,
    progress: Progress = SILENT,
    more: Mapping[str, bytes] = MappingProxyType({}),
) -> MadePage:
    """Make the film of a storyboard, and its page in a folder, in which the film stands, too, with `more` files.

    Without a `folder` it is beside the film (`page_folder`). Raises `ProblemsFound` for everything that the user can
    fix.
    """
    film = check_page(wish, files)
    folder = folder or page_folder(film)
    check_writable([folder / name for name in (*_names(film), *more)])
    made = make_lecture(storyboard, replace(wish, wanted=replace(files.wanted, picture=True)), files, progress)
    return MadePage(folder / INDEX, tuple(write_page(storyboard, wish, made, folder, more)), made)


def check_page(wish: Wish, files: LectureFiles) -> Path:
    """Return the film that a page is to show; raises `ProblemsFound` if there is none, or if no browser plays it."""
    if files.film is None:
        raise ProblemsFound(Problem("a page shows a film", hint="leave out -s and --stills"))
    if wish.format.kind not in PLAYED:
        hint = f"expected one of {', '.join(PLAYED)}"
        raise ProblemsFound(Problem(f"--format {wish.format.kind}: browsers do not play it on a page", hint=hint))
    return files.film


def _names(film: Path) -> list[str]:
    """Return the names of all files that a page of a film may have."""
    made = (INDEX, DATA, THUMBNAILS, HEAT, MODELS, film.with_suffix(CSV).name)
    return [*made, *(path.name for path in (*STATIC.iterdir(), *film_files(film)))]


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
    csv = film.with_suffix(CSV).name
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
    brought = [path for path in film_files(film) if path.parent.resolve() != folder.resolve()]
    _write_all(folder, contents, brought)
    *beside, shown = (folder / path.name for path in film_files(film))
    return [shown, *beside, *(folder / name for name in contents)]


def in_order(scripts: Iterable[str]) -> list[str]:
    """Return the names of scripts in the order in which they run: first those that others call as they begin."""
    return sorted(scripts, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name))


def _pictures(made: Made, wish: Wish) -> list[bytes]:
    products = Products(Store(wish.cache))
    found = [products.picture(shot.shot) for shot in made.shots]
    if None in found:
        raise ProblemsFound(Problem(f"the cache '{wish.cache}' has lost a picture", hint="run this again"))
    return [picture for picture in found if picture is not None]


def _write_all(folder: Path, contents: Mapping[str, bytes], brought: Sequence[Path]) -> None:
    """Write files, except for those that are there already as they should be, and have others here, too."""
    changed = {folder / name: data for name, data in contents.items() if not _is(folder / name, data)}
    with replacing_all([*changed, *(folder / source.name for source in brought)]) as new:
        for path, data in zip(new[: len(changed)], changed.values(), strict=True):
            path.write_bytes(data)
        for path, source in zip(new[len(changed) :], brought, strict=True):
            _bring(source, path)


def _is(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:
        return False


def _bring(source: Path, target: Path) -> None:
    """Have a file in another place, too: as a link where the disk allows it, as films are large."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
