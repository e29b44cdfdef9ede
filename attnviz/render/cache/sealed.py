"""Pieces of data packed into one, so that damage is noticed when they are unpacked.

A line that names the content; a checksum, the number of pieces and their sizes; then the pieces themselves.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

_HEAD = struct.Struct("<II")  # checksum of all that follows it, number of pieces


def seal(name: str, pieces: Sequence[bytes]) -> bytes:
    """Return the pieces as one; equal pieces give equal bytes."""
    sizes = struct.pack(f"<I{len(pieces)}I", len(pieces), *map(len, pieces))
    body = b"".join([sizes, *pieces])
    return _title(name) + struct.pack("<I", zlib.crc32(body)) + body


def unseal(name: str, data: bytes) -> list[bytes]:
    """Return the pieces again; raises ValueError if anything is missing, changed, or too much."""
    start = len(_title(name))
    if data[:start] != _title(name):
        raise ValueError(f"this is not {name}")
    if len(data) < start + _HEAD.size:
        raise ValueError(f"{name} is cut short")
    checksum, count = _HEAD.unpack_from(data, start)
    position = start + _HEAD.size + 4 * count
    if len(data) < position:
        raise ValueError(f"{name} is cut short")
    sizes = struct.unpack_from(f"<{count}I", data, start + _HEAD.size)
    missing = position + sum(sizes) - len(data)
    if missing > 0:
        raise ValueError(f"{name} is cut short: {missing} bytes are missing")
    if missing < 0 or zlib.crc32(memoryview(data)[start + 4 :]) != checksum:
        raise ValueError(f"{name} is damaged")
    pieces = []
    for size in sizes:
        pieces.append(data[position : position + size])
        position += size
    return pieces


def _title(name: str) -> bytes:
    return name.encode() + b"\n"
