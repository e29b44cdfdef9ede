"""Fonts for letters that the built-in ones lack, by a file or by the name of a family that the system has.

The built-in fonts always set Latin letters, digits and signs: a font that is chosen is asked for everything else. It is
in the key of every picture, since other machines may have another one under its name.
"""

from __future__ import annotations

import functools
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.input.problems import Problem, ProblemsFound, did_you_mean
from attnviz.input.scratch import ScratchFolder

if TYPE_CHECKING:
    import typst

REGULAR = 400  # the weight of a regular face
SUFFIXES = (".otf", ".ttf", ".ttc", ".otc")
BEYOND_LATIN = 0x250  # the built-in fonts have what comes before
NO_CHARACTERS = ("\U0010fffd", "\u2427")  # no font has them: how these are drawn, all are that are missing
_GLYPH = re.compile(rb'<use xlink:href="#(\w+)"')
BUILT_IN, BUILT_IN_MATHS = "Libertinus Serif", "New Computer Modern Math"
# What a chosen font is never asked for first, as ranges of a Typst regex: up to Latin Extended-B, punctuation, symbols.
_BASIC = r"\\u{0}-\\u{24F}\\u{2000}-\\u{2BFF}"
# In mathematics neither for Greek, nor for mathematical letters.
_AS_IN_TEXT = r"0-9A-Za-z.,%=+°\\u{C0}-\\u{24F}\\u{2212}\\u{2248}"
_OF_MATHS = _BASIC + r"\\u{370}-\\u{3FF}\\u{1F00}-\\u{1FFF}\\u{1D400}-\\u{1D7FF}"


@dataclass(frozen=True)
class Font:
    """A font family, the files that hold its faces, and the digest of what is in them.

    It is chosen for `scripts` (their Unicode codes), or for all if there are none.
    """

    family: str
    files: tuple[Path, ...]
    digest: str
    scripts: tuple[str, ...] = ()


def find_font(name: str, folder: Path, scripts: tuple[str, ...] = ()) -> Font:
    """Return the font of a file (its path as seen from a folder), or of a family of the system's, for some scripts.

    Raises `ProblemsFound` (without a place) if there is none, or if the file is no font.
    """
    import typst

    if not name.lower().endswith(SUFFIXES):
        known = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False).fonts()
        faces = [face for face in known if face.path and face.family.lower() == name.lower()]
        if not faces:
            hint = did_you_mean(name, sorted({face.family for face in known}), "the fonts of this system")
            raise ProblemsFound(Problem(f"this system has no font '{name}'; it may be a file, too", hint=hint))
        return _font(faces, {str(face.path): Path(str(face.path)) for face in faces}, scripts)
    file = folder / name
    if not file.is_file():
        hint = "a font's path is seen from the storyboard's folder"
        raise ProblemsFound(Problem(f"there is no font file '{name}'", hint=hint))
    with typst_fonts([file]) as fonts:
        faces = [face for face in fonts.fonts() if face.path is not None]
    if not faces:
        raise ProblemsFound(Problem(f"'{name}' is not a font", hint=f"expected OpenType: {', '.join(SUFFIXES)}"))
    first = [face for face in faces if face.family == faces[0].family]
    return _font(first, {str(face.path): file for face in first}, scripts)


def _font(faces: Sequence[typst.FontInfo], files: Mapping[str, Path], scripts: tuple[str, ...]) -> Font:
    """Return the font of the faces of a family, whose files Typst knows by these names; the upright one comes first."""
    upright = min(faces, key=lambda face: (face.style != "normal", abs(face.weight - REGULAR), str(face.path)))
    first = files[str(upright.path)]
    ordered = (first, *sorted({*files.values()} - {first}))
    return Font(upright.family, ordered, _digest(ordered), scripts)


@contextmanager
def typst_fonts(files: Iterable[Path]) -> Iterator[typst.Fonts]:
    """Give Typst's own fonts, and those of some files, which it looks for in folders only."""
    import typst

    with ScratchFolder("fonts") as folder:
        for number, file in enumerate(files):
            (Path(folder) / f"{number}{file.suffix}").symlink_to(file.resolve())
        yield typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[folder])


def font_rules(fonts: Sequence[Font]) -> str:
    """Return the Typst code by which text and mathematics are set: in one family, and in chosen fonts where it ends.

    Digits, words and signs of mathematics are those of the text; brackets, roots and sums grow only in a font of maths.
    A font for some scripts is asked first for what is used in them, and after the built-in fonts for all else: full
    stops and brackets of East Asia, say, are of no script.
    """
    digits = f'(name: "{BUILT_IN}", covers: regex("[{_AS_IN_TEXT}]"))'
    if not fonts:
        return f'#show math.equation: set text(font: ({digits}, "{BUILT_IN_MATHS}"))\n'
    first = "".join(f'(name: "{_quoted(font.family)}", covers: {_covers(font, _BASIC)}), ' for font in fonts)
    in_maths = "".join(f'(name: "{_quoted(font.family)}", covers: {_covers(font, _OF_MATHS)}), ' for font in fonts)
    last = "".join(f', "{_quoted(font.family)}"' for font in fonts if font.scripts)
    versions = " ".join(font.digest for font in fonts)
    return (
        f'#set text(font: ({first}"{BUILT_IN}"{last}))\n'
        f'#show math.equation: set text(font: ({digits}, {in_maths}"{BUILT_IN_MATHS}", {first}"{BUILT_IN}"{last}))\n'
        f"// {versions}\n"
    )


@functools.lru_cache(maxsize=64)
def _covers(font: Font, but_not: str) -> str:
    """Return the Typst regex of the characters for which a font is asked first."""
    if not font.scripts:
        return f'regex("[^{but_not}]")'
    from attnviz.input.scripts import characters_of

    ranges = "".join(f"\\\\u{{{first:x}}}-\\\\u{{{last:x}}}" for first, last in characters_of(font.scripts))
    return f'regex("[{ranges}&&[^{but_not}]]")'


def undrawable(text: str, fonts: Sequence[Font]) -> list[str]:
    """Return the characters of a text that neither chosen nor built-in fonts draw, each once."""
    asked = [
        each for each in dict.fromkeys(text) if ord(each) >= BEYOND_LATIN and unicodedata.category(each)[0] not in "CMZ"
    ]
    drawn = _glyphs((*asked, *NO_CHARACTERS), tuple(fonts)) if asked else []
    missing = drawn[len(asked) :]
    return [character for character, glyphs in zip(asked, drawn, strict=False) if glyphs in missing]


def refusal(characters: Sequence[str]) -> tuple[str, str]:
    """Return what is said of characters that cannot be drawn, and the hint."""
    shown = ", ".join(f"'{each}' (U+{ord(each):04X})" for each in characters[:5])
    more = f" and {len(characters) - 5} more" if len(characters) > 5 else ""
    hint = "name a font that can: `font:` in the storyboard, a family (Noto Sans CJK SC) or a file"
    return f"the fonts cannot draw {shown}{more}", hint


@functools.lru_cache(maxsize=256)
def _glyphs(characters: tuple[str, ...], fonts: tuple[Font, ...]) -> list[list[bytes]]:
    """Return the names that Typst gives to the glyphs of each character; the same outline has the same name."""
    import typst

    pages = "#pagebreak()\n".join(f'#text("\\u{{{ord(each):x}}}")\n' for each in characters)
    with typst_fonts(file for font in fonts for file in font.files) as own:
        drawn = typst.Compiler(font_paths=own).compile((font_rules(fonts) + pages).encode(), format="svg")
    return [_GLYPH.findall(page) for page in ([drawn] if isinstance(drawn, bytes) else drawn or [])]


def _quoted(family: str) -> str:
    return family.replace("\\", "\\\\").replace('"', '\\"')


def _digest(files: Iterable[Path]) -> str:
    content = hashlib.sha256()
    for file in files:
        content.update(hashlib.sha256(file.read_bytes()).digest())
    return content.hexdigest()[:16]
