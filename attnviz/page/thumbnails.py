"""Thumbnails of all shots on one picture, small enough to lie on a page, large enough to be known again."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from attnviz.input.problems import ProblemsFound
from attnviz.render.cache.store import digest

if TYPE_CHECKING:
    from attnviz.render.cache.store import Store

COLUMNS = 8
MOST_BYTES = 70_000
WIDTHS = ((24, 320), (60, 240))
"""Up to so many shots, thumbnails have so many pixels across; of more they have `SMALLEST`."""
SMALLEST = 192
QUALITIES = (60, 45, 36, 28, 20, 12)
SPEED = 7  # of the encoder: a second or two for a whole lecture
_RECORD = "thumbnails"


@dataclass(frozen=True)
class Sprite:
    """Pictures side by side, `columns` in a row, each of `size` pixels; `data` are the bytes of an AVIF file."""

    data: bytes
    size: tuple[int, int]
    columns: int


def kept_sprite(store: Store, pictures: Sequence[bytes]) -> Sprite:
    """Return the sprite of pictures as it was made before, if it is still there."""
    key = digest([digest(picture.hex()) for picture in pictures], COLUMNS, MOST_BYTES, WIDTHS, SMALLEST, QUALITIES)
    record = store.read(_RECORD, key)
    data = record and store.get(record["object"])
    if data:
        return Sprite(data, (record["size"][0], record["size"][1]), record["columns"])
    sprite = sprite_of(pictures)
    with contextlib.suppress(ProblemsFound):  # a cache that may only be read
        store.write(_RECORD, key, {"object": store.put(sprite.data), "size": sprite.size, "columns": sprite.columns})
    return sprite


def sprite_of(pictures: Sequence[bytes]) -> Sprite:
    """Put pictures (PNG) side by side, in the best of some qualities in which they are at most `MOST_BYTES` long."""
    width = next((width for count, width in WIDTHS if len(pictures) <= count), SMALLEST)
    with Image.open(BytesIO(pictures[0])) as first:
        size = width, round(width * first.height / first.width)
    columns = min(COLUMNS, len(pictures))
    sheet = Image.new("RGB", (columns * size[0], -(-len(pictures) // columns) * size[1]))
    for number, picture in enumerate(pictures):
        with Image.open(BytesIO(picture)) as image:
            small = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
        sheet.paste(small, (number % columns * size[0], number // columns * size[1]))
    for quality in QUALITIES:
        file = BytesIO()
        sheet.save(file, "AVIF", quality=quality, speed=SPEED)
        if file.tell() <= MOST_BYTES:
            break
    return Sprite(file.getvalue(), size, columns)
