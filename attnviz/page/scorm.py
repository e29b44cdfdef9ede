"""A page as a lesson for learning management systems: a SCORM 1.2 package, which is a zip with a manifest."""

from __future__ import annotations

import hashlib
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.input.scratch import ScratchFolder
from attnviz.input.web_pages import templates
from attnviz.input.whole_files import check_writable, replacing
from attnviz.page.make import INDEX, make_page
from attnviz.render.run import SILENT

if TYPE_CHECKING:
    from attnviz.publish.lecture import LectureFiles, Made
    from attnviz.render.run import Progress, Wish
    from attnviz.storyboard.types import Storyboard

PACKAGED = Path(__file__).parent / "packaged"
MANIFEST, SCRIPT = "imsmanifest.xml", "scorm.js"
_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can tell: the same lesson is the same bytes on every day
_COMPRESSED = {".mp4", ".webm", ".avif"}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def make_package(
    storyboard: Storyboard, wish: Wish, files: LectureFiles, package: Path, progress: Progress = SILENT
) -> Made:
    """Make the page of a storyboard as a SCORM 1.2 package; return what was made, with the package as its file.

    The film gets the name that it has in `files`; where that would be does not matter. Raises `ProblemsFound` for
    everything that the user can fix.
    """
    check_writable([package])
    assert files.film is not None
    with ScratchFolder("package") as scratch:
        folder = Path(scratch) / "page"
        inside = replace(files, film=folder / files.film.name)
        more = {SCRIPT: (PACKAGED / SCRIPT).read_bytes()}
        made = make_page(storyboard, wish, inside, folder, progress, more)
        names = sorted(path.relative_to(folder).as_posix() for path in made.files)
        written = _write_zip(package, folder, names, manifest(storyboard.title, names))
    return replace(made.film, files=(package,), written=written)


def manifest(title: str, names: list[str]) -> str:
    """Return the manifest of a lesson, whose page is the one thing that is launched; `names` are those of its files.

    Its identifier follows from the title, so that a new version takes the place of an older one.
    """
    identifier = f"attnviz-{hashlib.sha256(title.encode()).hexdigest()[:16]}"
    plain = _NOT_XML.sub("\ufffd", title)  # which XML cannot hold, however it is escaped
    template = templates(PACKAGED).get_template(MANIFEST)
    return template.render(identifier=identifier, title=plain, launched=INDEX, names=names) + "\n"


def _write_zip(package: Path, folder: Path, names: list[str], manifest_text: str) -> bool:
    """Write a package, whose bytes follow from its content alone; tell whether it differs from the one before."""
    with replacing(package) as new:
        with zipfile.ZipFile(new, "w") as archive:
            archive.writestr(_entry(MANIFEST), manifest_text)
            for name in names:
                with archive.open(_entry(name), "w", force_zip64=False) as entry:
                    entry.write((folder / name).read_bytes())
        same = package.is_file() and package.read_bytes() == new.read_bytes()
    return not same


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _TIME)
    entry.create_system, entry.external_attr = 3, 0o644 << 16  # on every system as on Unix: a file that all may read
    stored = Path(name).suffix in _COMPRESSED
    entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    return entry
