"""Frames to H.264 *segments*: packets as plain data, which `attnviz.publish.film` joins without encoding again.

Every segment begins with an IDR frame and refers to nothing outside itself, so segments may be made in any
order by any process. One thread an encoder: it costs less in all than several, and makes the bytes the same on
every run.

A still is one good IDR frame and then packets that say "nothing has changed". For one size and one set of
settings those packets do not depend on the picture at all, so they are made once (`StillPackets`) and
repeated: a minute of still costs as much as one frame.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
from av.codec.context import CodecContext, Flags
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter

if TYPE_CHECKING:
    import av

Pixels = npt.NDArray[np.uint8]  # height × width × RGBA

# What an encoder may choose for itself is fixed, so that all segments have the same headers and can be joined.
X264_PARAMETERS = (
    "mbtree=0:rc-lookahead=0:sync-lookahead=0:bframes=3:b-adapt=0:scenecut=0:weightp=0:stitchable=1:keyint=infinite"
)
QUALITY_OF_MOTION = 24  # x264's crf: smaller is better
QUALITY_OF_STILLS = 18  # a still is looked at for seconds, and costs its bytes once


@dataclass(frozen=True)
class FilmFormat:
    """The size of the picture in pixels (both even) and the frames per second."""

    width: int
    height: int
    fps: int

    @property
    def frame_time(self) -> Fraction:
        """Return the duration of one frame in seconds."""
        return Fraction(1, self.fps)


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

    def save(self, path: Path) -> None:
        """Write the segment: one line of JSON with the packets' times and sizes, then their bytes."""
        index = [(packet.pts, packet.dts, int(packet.key), len(packet.data)) for packet in self.packets]
        with path.open("wb") as file:
            file.write(json.dumps({"frames": self.frames, "packets": index}).encode() + b"\n")
            file.writelines(packet.data for packet in self.packets)

    @classmethod
    def load(cls, path: Path) -> Segment:
        """Read a segment that `save` wrote."""
        with path.open("rb") as file:
            head = json.loads(file.readline())
            packets = [EncodedPacket(pts, dts, bool(key), file.read(size)) for pts, dts, key, size in head["packets"]]
        return cls(head["frames"], packets)


def encoder_options(quality: int) -> dict[str, str]:
    """Return the options of libx264."""
    return {
        "preset": "superfast",
        "crf": str(quality),
        "threads": "1",
        "x264-params": X264_PARAMETERS,
    }


def tag_colours(context: VideoCodecContext) -> None:
    """Say in the stream that its colours are BT.709, limited range, as `to_yuv` makes them."""
    context.color_range = ColorRange.MPEG
    context.colorspace = Colorspace.ITU709
    context.color_primaries = ColorPrimaries.BT709
    context.color_trc = ColorTrc.BT709


def open_encoder(film_format: FilmFormat, quality: int) -> VideoCodecContext:
    """Return a fresh H.264 encoder for one segment."""
    context = CodecContext.create("libx264", "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height = film_format.width, film_format.height
    context.pix_fmt = "yuv420p"
    context.time_base = film_format.frame_time
    context.framerate = Fraction(film_format.fps)
    context.options = encoder_options(quality)
    context.flags |= Flags.global_header
    tag_colours(context)
    context.open()
    return context


def to_yuv(pixels: Pixels, reformatter: VideoReformatter) -> VideoFrame:
    """Convert RGBA pixels to the BT.709 planes that are encoded."""
    frame = VideoFrame.from_numpy_buffer(np.ascontiguousarray(pixels), format="rgba")  # not copied
    return reformatter.reformat(
        frame,
        format="yuv420p",
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
        dst_color_trc=ColorTrc.BT709,
        dst_color_primaries=ColorPrimaries.BT709,
        threads=1,
    )


class SegmentEncoder:
    """Encodes the frames of one play: either `add` for each frame, or one `hold`."""

    def __init__(self, film_format: FilmFormat) -> None:
        self.format = film_format
        self.segment = Segment()
        self._reformatter = VideoReformatter()
        self._context: VideoCodecContext | None = None

    def add(self, pixels: Pixels) -> None:
        """Encode one more frame of motion."""
        if self._context is None:
            self._context = open_encoder(self.format, QUALITY_OF_MOTION)
        frame = to_yuv(pixels, self._reformatter)
        self._encode(self._context, frame, PictureType.NONE if self.segment.frames else PictureType.I)

    def hold(self, pixels: Pixels, frames: int, still_packets: StillPackets | None = None) -> None:
        """Encode `frames` equal frames, with ready-made packets where there are any, else one by one."""
        context = open_encoder(self.format, QUALITY_OF_STILLS)
        frame = to_yuv(pixels, self._reformatter)
        self._context = context
        self._encode(context, frame, PictureType.I)
        if still_packets is None:
            for _ in range(frames - 1):
                self._encode(context, frame, PictureType.P)
            return
        self.finish()
        [picture] = self.segment.packets
        delay = still_packets.delay  # an encoder that sees one frame only does not know that others are delayed
        self.segment.packets = [EncodedPacket(0, -delay, True, picture.data)] + [
            EncodedPacket(index, index - delay, False, still_packets.packet(index)) for index in range(1, frames)
        ]
        self.segment.frames = frames

    def finish(self) -> Segment:
        """Take what the encoder still holds back, and return the whole segment."""
        if self._context is not None:
            self._collect(self._context.encode(None))
            self._context = None
        return self.segment

    def _encode(self, context: VideoCodecContext, frame: VideoFrame, picture: PictureType) -> None:
        frame.pts = self.segment.frames
        frame.time_base = self.format.frame_time
        frame.pict_type = picture
        self._collect(context.encode(frame))
        self.segment.frames += 1

    def _collect(self, packets: Sequence[av.Packet[Any]]) -> None:
        for packet in packets:
            assert packet.pts is not None
            assert packet.dts is not None
            self.segment.packets.append(EncodedPacket(packet.pts, packet.dts, packet.is_keyframe, bytes(packet)))


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


@functools.lru_cache(maxsize=4)
def still_packets(film_format: FilmFormat) -> StillPackets | None:
    """Make the packets of stills by encoding a black one; None, should this encoder's packets not repeat.

    They count frames modulo a power of two, hence the cycle; the first few differ while the rate control settles.
    """
    settle, longest_cycle = 8, 32
    encoder = SegmentEncoder(film_format)
    black = np.zeros((film_format.height, film_format.width, 4), np.uint8)
    encoder.hold(black, 1 + settle + 2 * longest_cycle)
    picture, *still = encoder.finish().packets
    packets = [packet.data for packet in still]
    rest = packets[settle:]
    for length in (4, 8, 16, 32):
        if all(data == rest[index % length] for index, data in enumerate(rest)):
            return StillPackets(picture.pts - picture.dts, tuple(packets[:settle]), tuple(rest[:length]))
    return None
