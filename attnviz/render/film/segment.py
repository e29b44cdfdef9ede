"""Encoded frames as plain data: segments, and the packets of a still.

As bytes, both are *sealed*: a line that names the content; a checksum, the number of pieces and their sizes; then the
pieces themselves. So damage is noticed when they are read.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

_SEGMENT = "attnviz segment 1"
_STILL_PACKETS = "attnviz still packets 1"
_HEAD = struct.Struct("<II")  # checksum of all that follows it, number of pieces
_COUNT = struct.Struct("<I")
_STILL_HEAD = struct.Struct("<II")  # delay, length of the beginning
# Times are close to a packet's place in the row, and few packets of a still differ: both are kept short.
_INDEX = np.dtype([("pts", "<i2"), ("dts", "<i2"), ("key", "u1"), ("payload", "<u4")])


class EncodedPacket(NamedTuple):
    """One encoded frame; times are counted in frames since the segment's start."""

    pts: int
    dts: int
    key: bool
    data: bytes


@dataclass
class Segment:
    """A run of encoded frames that can be joined to others of the same format."""

    frames: int = 0
    packets: list[EncodedPacket] = field(default_factory=list)

    def to_bytes(self) -> bytes:
        """Return the segment as bytes, in which equal packets are kept once; the same for equal segments."""
        payloads: dict[bytes, int] = {}
        index = np.array(
            [
                (packet.pts - place, packet.dts - place, packet.key, payloads.setdefault(packet.data, len(payloads)))
                for place, packet in enumerate(self.packets)
            ],
            _INDEX,
        )
        return seal(_SEGMENT, [_COUNT.pack(self.frames), index.tobytes(), *payloads])

    @classmethod
    def from_bytes(cls, data: bytes) -> Segment:
        """Return what `to_bytes` was called on; raises ValueError for damaged bytes."""
        head, index, *payloads = unseal(_SEGMENT, data)
        packets = [
            EncodedPacket(place + pts, place + dts, bool(key), payloads[payload])
            for place, (pts, dts, key, payload) in enumerate(np.frombuffer(index, _INDEX).tolist())
        ]
        [frames] = _COUNT.unpack(head)
        return cls(frames, packets)

    def save(self, path: Path) -> None:
        """Write the segment to a file."""
        path.write_bytes(self.to_bytes())

    @classmethod
    def load(cls, path: Path) -> Segment:
        """Read a segment that `save` wrote; raises ValueError, with the file's name, for a damaged one."""
        try:
            return cls.from_bytes(path.read_bytes())
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error


def join(segments: Iterable[Segment]) -> Segment:
    """Return one segment that plays the given ones after each other; nothing is encoded again."""
    whole = Segment()
    for segment in segments:
        start = whole.frames
        whole.packets += [packet._replace(pts=start + packet.pts, dts=start + packet.dts) for packet in segment.packets]
        whole.frames += segment.frames
    return whole


@dataclass(frozen=True)
class StillPackets:
    """The packets that say "as before": a beginning, then a cycle that repeats for ever."""

    delay: int  # by how many frames decoding runs ahead of showing
    beginning: tuple[bytes, ...]  # of frames 1, 2, …
    cycle: tuple[bytes, ...]

    def packet(self, index: int) -> bytes:
        """Return the packet of frame `index` of a still (counted from 0, which is the picture itself)."""
        position = index - 1
        if position < len(self.beginning):
            return self.beginning[position]
        return self.cycle[(position - len(self.beginning)) % len(self.cycle)]

    def to_bytes(self) -> bytes:
        """Return them as bytes, to be kept from run to run."""
        head = _STILL_HEAD.pack(self.delay, len(self.beginning))
        return seal(_STILL_PACKETS, [head, *self.beginning, *self.cycle])

    @classmethod
    def from_bytes(cls, data: bytes) -> StillPackets:
        """Return what `to_bytes` was called on; raises ValueError for damaged bytes."""
        head, *packets = unseal(_STILL_PACKETS, data)
        delay, length = _STILL_HEAD.unpack(head)
        return cls(delay, tuple(packets[:length]), tuple(packets[length:]))


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
