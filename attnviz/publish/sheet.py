"""The contact sheet: the last frame of every shot with its name, on one picture."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from attnviz.input.fonts import BEYOND_LATIN
from attnviz.input.whole_files import replacing
from attnviz.stage import theme

if TYPE_CHECKING:
    from attnviz.input.fonts import Font

    _PillowFont = ImageFont.ImageFont | ImageFont.FreeTypeFont

COLUMNS = 3
CELL_WIDTH = 640
GAP = 16
LABEL_HEIGHT = 34
LABEL_SIZE = 20
ROWS_A_FILE = 30  # what most viewers can still open


def write_sheets(
    path: Path, pictures: Sequence[tuple[str, bytes]], columns: int = COLUMNS, fonts: Sequence[Font] = ()
) -> list[Path]:
    """Write a sheet of named pictures (PNG) to `path`; a long one goes on in `NAME-2.png` … Return what was written.

    `fonts` set the letters of the names that Pillow's own font has not.
    """
    a_file = columns * ROWS_A_FILE
    written = []
    for number, start in enumerate(range(0, len(pictures), a_file), 1):
        target = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        with replacing(target) as new:
            draw_sheet(pictures[start : start + a_file], columns, fonts).save(new)
        written.append(target)
    return written


def draw_sheet(
    pictures: Sequence[tuple[str, bytes]], columns: int = COLUMNS, fonts: Sequence[Font] = ()
) -> Image.Image:
    """Draw named pictures in a grid, row by row."""
    with Image.open(BytesIO(pictures[0][1])) as first:
        height = round(CELL_WIDTH * first.height / first.width)
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    size = (GAP + columns * (CELL_WIDTH + GAP), GAP + rows * (height + LABEL_HEIGHT + GAP))
    sheet = Image.new("RGB", size, theme.SURFACE)
    label = _Label(ImageDraw.Draw(sheet), fonts)
    for (name, picture), (x, y) in zip(pictures, _places(columns, height), strict=False):
        with Image.open(BytesIO(picture)) as image:
            sheet.paste(image.resize((CELL_WIDTH, height), Image.Resampling.LANCZOS), (x, y))
        label.write((x, y + height + 6), name)
    return sheet


def _places(columns: int, height: int) -> Iterator[tuple[int, int]]:
    row = 0
    while True:
        for column in range(columns):
            yield GAP + column * (CELL_WIDTH + GAP), GAP + row * (height + LABEL_HEIGHT + GAP)
        row += 1


class _Label:
    """Writes names below pictures: basic letters in Pillow's own font, others in the first of some fonts."""

    def __init__(self, pen: ImageDraw.ImageDraw, fonts: Sequence[Font]) -> None:
        self._pen, self._basic = pen, ImageFont.load_default(LABEL_SIZE)
        self._other = self._basic
        for font in fonts[:1]:
            self._other = ImageFont.truetype(str(font.files[0]), LABEL_SIZE, font.upright)

    def write(self, place: tuple[int, int], name: str) -> None:
        """Write a name, shortened from the left until it fits: its end is the more telling part."""
        while name and sum(width for _, width, _ in self._pieces(name)) > CELL_WIDTH:
            name = "…" + name[2:]
        x, baseline = float(place[0]), place[1] + LABEL_SIZE
        for piece, width, font in self._pieces(name):
            self._pen.text((x, baseline), piece, fill=theme.INK, font=font, anchor="ls")
            x += width

    def _pieces(self, name: str) -> list[tuple[str, float, _PillowFont]]:
        """Return pieces of a name with their widths in pixels and their fonts."""
        pieces = []
        for basic, found in itertools.groupby(name, lambda letter: ord(letter) < BEYOND_LATIN):
            piece, font = "".join(found), self._basic if basic else self._other
            pieces.append((piece, self._pen.textlength(piece, font), font))
        return pieces
