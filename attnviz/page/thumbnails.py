"""Thumbnails of all shots on one picture, small enough to lie on a page, large enough to be known again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

WIDTH, COLUMNS = 240, 8
MOST_BYTES = 130_000
QUALITIES = (60, 45, 32, 22, 14)


@dataclass(frozen=True)
class Sprite:
    """Pictures side by side, `columns` in a row, each of `size` pixels; `data` are the bytes of a WebP file."""

    data: bytes
    size: tuple[int, int]
    columns: int


def sprite_of(pictures: Sequence[bytes]) -> Sprite:
    """Put pictures (PNG) side by side, in the best of some qualities in which they are at most `MOST_BYTES` long."""
    with Image.open(BytesIO(pictures[0])) as first:
        size = WIDTH, round(WIDTH * first.height / first.width)
    columns = min(COLUMNS, len(pictures))
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * size[0], rows * size[1]))
    for number, picture in enumerate(pictures):
        with Image.open(BytesIO(picture)) as image:
            small = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
        sheet.paste(small, (number % columns * size[0], number // columns * size[1]))
    for quality in QUALITIES:
        file = BytesIO()
        sheet.save(file, "WEBP", quality=quality, method=4)
        if file.tell() <= MOST_BYTES:
            break
    return Sprite(file.getvalue(), size, columns)
