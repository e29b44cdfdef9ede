"""The names below the pictures of a contact sheet.

Basic letters are set in Pillow's own font. Other names are set by Typst, as the pictures are: with the same fonts, and
with letters joined and in order as their script asks for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from io import BytesIO

import typst
from PIL import Image, ImageDraw, ImageFont
from uniseg.graphemecluster import grapheme_clusters  # type: ignore[import-untyped]

from attnviz.input.fonts import BEYOND_LATIN, Font, font_rules, typst_fonts
from attnviz.stage import theme
from attnviz.stage.typesetting import quoted, reading_direction

SIZE = 20
BASELINE = 26  # pixels below a picture
PIXELS_AN_INCH = 72  # a point is a pixel


def pictures_of(names: Iterable[str], room: tuple[int, int], fonts: Sequence[Font]) -> dict[str, Image.Image]:
    """Return a picture of each name, none larger than the room (width, height) that there is for it."""
    wanted = list(dict.fromkeys(names))
    others = [name for name in wanted if any(ord(letter) >= BEYOND_LATIN for letter in name)]
    drawn = {name: _in_pillows_font(name, room) for name in wanted if name not in others}
    if others:
        with typst_fonts(file for font in fonts for file in font.files) as own:
            draw = partial(_set, typst.Compiler(font_paths=own), font_rules(fonts), room[1])
            drawn |= {name: draw(_shortened(name, room[0], lambda text: draw(text).width)) for name in others}
    return drawn


def _in_pillows_font(name: str, room: tuple[int, int]) -> Image.Image:
    picture, font = Image.new("RGB", room, theme.SURFACE), ImageFont.load_default(SIZE)
    pen = ImageDraw.Draw(picture)
    text = _shortened(name, room[0], lambda each: pen.textlength(each, font))
    pen.text((0, BASELINE), text, fill=theme.INK, font=font, anchor="ls")
    return picture


def _set(compiler: typst.Compiler, rules: str, height: int, name: str) -> Image.Image:
    """Set a name, which is a path: it leads from the left to the right, whatever its parts do."""
    margins = f"(top: {BASELINE}pt, rest: 0pt)"
    parts = [f"#box[{reading_direction(part)}#text({quoted(part)})]" for part in name.split("/")]
    page = (
        f'{rules}#set page(width: auto, height: {height}pt, margin: {margins}, fill: rgb("{theme.SURFACE}"))\n'
        f'#set text(size: {SIZE}pt, fill: rgb("{theme.INK}"), top-edge: "baseline", bottom-edge: "baseline")\n'
    )
    drawn = compiler.compile((page + '#text("/")'.join(parts)).encode(), format="png", ppi=PIXELS_AN_INCH)
    assert isinstance(drawn, bytes)
    return Image.open(BytesIO(drawn)).convert("RGB")


def _shortened(name: str, most: int, width: Callable[[str], float]) -> str:
    """Shorten a name from the left as little as makes it fit: its end is the more telling part."""
    letters = list(grapheme_clusters(name))

    def without(count: int) -> str:
        return "".join(["…", *letters[count + 1 :]] if count else letters)

    return without(bisect_left(range(len(letters)), True, key=lambda count: width(without(count)) <= most))
