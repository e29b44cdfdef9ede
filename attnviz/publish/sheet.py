"""The contact sheet: the last frame of every shot with its name, on one picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from attnviz.input.whole_files import replacing
from attnviz.publish.sheet_labels import pictures_of
from attnviz.stage import theme

if TYPE_CHECKING:
    from attnviz.input.fonts import Font
    from attnviz.input.theme_names import ThemeName

COLUMNS = 3
CELL_WIDTH = 640
GAP = 16
LABEL_HEIGHT = 34
ROWS_A_FILE = 30  # what most viewers can still open


def write_sheets(
    path: Path,
    pictures: Sequence[tuple[str, bytes]],
    columns: int = COLUMNS,
    fonts: Sequence[Font] = (),
    colors: ThemeName | None = None,
) -> list[Path]:
    """Write a sheet of named pictures (PNG) to `path`; a long one goes on in `NAME-2.png` … Return what was written.

    `fonts` set the letters of the names that the built-in ones lack; `colors` is the theme of the sheet itself.
    """
    a_file = columns * ROWS_A_FILE
    written = []
    for number, start in enumerate(range(0, len(pictures), a_file), 1):
        target = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        with replacing(target) as new, theme.in_use(colors):
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
    labels = pictures_of((name for name, _ in pictures), (CELL_WIDTH, LABEL_HEIGHT + GAP), fonts)
    for (name, picture), (x, y) in zip(pictures, _places(columns, height), strict=False):
        with Image.open(BytesIO(picture)) as image:
            sheet.paste(image.resize((CELL_WIDTH, height), Image.Resampling.LANCZOS), (x, y))
        sheet.paste(labels[name], (x, y + height))
    return sheet


def _places(columns: int, height: int) -> Iterator[tuple[int, int]]:
    row = 0
    while True:
        for column in range(columns):
            yield GAP + column * (CELL_WIDTH + GAP), GAP + row * (height + LABEL_HEIGHT + GAP)
        row += 1
