"""Sets Manim up for playing scenes: its settings, a cache of typeset text, and the accelerations."""

from __future__ import annotations

import configparser
import contextlib
import functools
import gc
import hashlib
import os
from collections.abc import Iterator, Sequence
from importlib import resources
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import manim
import typst
from manim.mobject.svg.svg_mobject import SVGMobject
from manim.mobject.text import typst_mobject
from manim.mobject.text.typst_mobject import _TYPST_SVG_STROKE_WIDTH_SCALE, Typst
from manim.utils.typst_file_writing import TYPST_COMPILATION_FONT_SIZE, TYPST_TEMPLATE, typst_to_svg_file
from svgelements import SVG  # type: ignore[import-untyped]

from attnviz.input.fonts import Font, font_rules, typst_fonts
from attnviz.input.scratch import ScratchFolder
from attnviz.input.whole_files import write_whole
from attnviz.render.accelerate import PLAIN, wanted
from attnviz.render.accelerate import accelerated as accelerations
from attnviz.render.accelerate.patching import replaced
from attnviz.render.film.transparent import DRAWN_ON_NOTHING
from attnviz.stage import frame, theme
from attnviz.stage.glyphs import outlines_of

if TYPE_CHECKING:
    from attnviz.render.film.encoder import FilmFormat


COLLECT_AFTER = 10_000  # objects more than there were; by default 700
PIXELS_A_UNIT = 1080 / frame.HEIGHT  # of the size in which pictures are looked at


@contextlib.contextmanager
def manim_setup(film_format: FilmFormat, fonts: Sequence[Font] = (), *, accelerated: bool = True) -> Iterator[None]:
    """Set Manim up for playing scenes in this format, with its colours and these fonts, until the block ends."""
    with (
        ScratchFolder("manim") as folder,
        _rare_collections(),
        theme.in_use(film_format.theme),
        _configured(_manim_settings(film_format, folder)),
        accelerations(wanted() if accelerated else PLAIN),
        typst_fonts(file for font in fonts for file in font.files) as typst_own,
        _kept_text([*_text_folders(), Path(folder)], typst.Compiler(font_paths=typst_own), font_rules(fonts)),
        outlines_of(font_rules(fonts)),
    ):
        yield


@contextlib.contextmanager
def _rare_collections() -> Iterator[None]:
    """Let Python look for garbage in cycles a fourteenth as often: most of what a scene makes stays till its end.

    As often as usual, it takes a tenth of the time in which a lecture is played undrawn. What is there already, such as
    all modules, is not looked through at all.
    """
    before = gc.get_threshold()
    gc.set_threshold(COLLECT_AFTER, *before[1:])
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


def scratch_folder() -> Path:
    """Return the folder for passing files while Manim is set up: it is deleted with the rest, whatever children do."""
    return Path(manim.config.media_dir)


@contextlib.contextmanager
def _configured(settings: dict[str, Any]) -> Iterator[None]:
    """Change Manim's settings from its defaults, which they are not where a program has read a `manim.cfg` before."""
    defaults = _defaults()
    with manim.tempconfig({}):
        if dict(manim.config) != dict(defaults):
            manim.config.update(defaults)
        manim.config.update(settings)
        yield


@functools.cache
def _defaults() -> Any:
    parser = configparser.ConfigParser()
    parser.read_string((resources.files("manim") / "_config" / "default.cfg").read_text("utf-8"))
    return type(manim.config)().digest_parser(parser)


def _manim_settings(film_format: FilmFormat, folder: str) -> dict[str, Any]:
    return {
        "pixel_width": film_format.width,
        "pixel_height": film_format.height,
        "frame_rate": film_format.fps,
        "background_color": theme.GROUND,
        "media_dir": folder,
        "log_dir": folder,
        "verbosity": "ERROR",
        "progress_bar": "none",
        "disable_caching": True,
        **(DRAWN_ON_NOTHING if film_format.transparent else {}),
    }


def _text_folders() -> list[Path]:
    """Return the folder in which set text is kept from run to run, if there is one.

    What Typst makes of a text depends on its version, and on Manim's template around it.
    """
    try:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        folder = base / "attnviz" / f"typst-{version('typst')}-manim-{version('manim')}"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # the latter where a person has no home
        return []
    return [folder]


@contextlib.contextmanager
def _kept_text(folders: Sequence[Path], compiler: typst.Compiler, rules: str) -> Iterator[None]:
    """Typeset text by some rules, with one Typst compiler (a fresh one costs 65 ms a text), and keep the results.

    They go to the first of the folders that takes them: a cache may be full, or not ours to write. A file appears
    there whole or not at all, so that several processes can share the folder.
    """

    def set_text(
        typst_code: str,
        preamble: str = "",
        text_size: float = TYPST_COMPILATION_FONT_SIZE,
        font_paths: list[str | Path] | None = None,
    ) -> Path:
        if font_paths:  # another set of fonts needs another compiler
            return typst_to_svg_file(typst_code, preamble, text_size, font_paths)
        source = TYPST_TEMPLATE.format(text_size=text_size, preamble=rules + preamble, body=typst_code).encode()
        paths = [folder / f"{hashlib.sha256(source).hexdigest()[:32]}.svg" for folder in folders]
        for path in paths:
            if os.access(path, os.R_OK):
                return path
        svg = compiler.compile(source, format="svg")
        assert isinstance(svg, bytes)
        return _written(paths, svg)

    with replaced(
        (typst_mobject, "typst_to_svg_file", set_text),
        (SVGMobject, "generate_mobject", _read_svg),
        (Typst, "_refresh_svg_stroke_widths", _steady_strokes),
    ):
        yield


def _read_svg(self: SVGMobject) -> SVGMobject:
    """Do what `SVGMobject.generate_mobject` does, without a file beside the SVG, which two processes can't share."""
    source = BytesIO()
    self.modify_xml_tree(ElementTree.parse(self.get_file_path())).write(source)  # noqa: S314 (from our own compiler)
    source.seek(0)
    mobjects, self.id_to_vgroup_dict = self.get_mobjects_from(SVG.parse(source))
    self.add(*mobjects)
    self.flip(manim.RIGHT)  # SVG's vertical axis points down
    return self


def _steady_strokes(self: Typst) -> None:
    """Give the lines of a text (fraction bars, roots) the weight that they have beside its letters at 1080p.

    Manim does so only for a text that it reads for the first time, and makes lines thicker the more pixels there are:
    a picture would depend on what was drawn before it, and on its size.
    """
    for line in self.family_members_with_points():
        reference = getattr(line, "_typst_reference_size", 0)
        if self._preserve_svg_stroke_widths and reference > 0:
            scale = max(line.width, line.height) / reference
            width = line._typst_source_stroke_width * scale * PIXELS_A_UNIT * _TYPST_SVG_STROKE_WIDTH_SCALE
            line.set_stroke(width=width, family=False)


def _written(paths: Sequence[Path], data: bytes) -> Path:
    """Write to the first path that can be written, and return it."""
    for path in paths[:-1]:
        with contextlib.suppress(OSError):
            write_whole(path, data)
            return path
    write_whole(paths[-1], data)
    return paths[-1]
