"""Frames to *segments*: packets as plain data, which `attnviz.publish.film` joins without encoding again.

Every segment begins with a key frame and refers to nothing outside itself, so segments may be made in any
order by any process, and the bytes are the same on every run.

A still is one good key frame and then packets that say "nothing has changed". For one size and one set of
settings those packets do not depend on the picture at all, so they are made once (`StillPackets`) and
repeated: a minute of still costs as much as one frame.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter

from attnviz.render.accelerate import colours
from attnviz.render.accelerate.rows import EVERY_ROW, Rows
from attnviz.render.film.codecs import H264, VP9, codec_of, open_encoder
from attnviz.render.film.format import FilmFormat
from attnviz.render.film.frame_numbers import numbered
from attnviz.render.film.segment import EncodedPacket, Segment, StillPackets
from attnviz.render.film.transparent import straight

if TYPE_CHECKING:
    import av
    from av.video.codeccontext import VideoCodecContext

__all__ = ["FilmFormat", "Pixels", "Segment", "SegmentEncoder", "StillPackets", "still_packets"]

Pixels = npt.NDArray[np.uint8]  # height × width × RGBA, as Cairo keeps them

# VP9 has a frame header of one byte that says "show what is kept in place 0"; after a key frame that is its picture.
VP9_SHOW_AGAIN = b"\x88"


def to_yuv(pixels: Pixels, reformatter: VideoReformatter) -> VideoFrame:
    """Convert RGBA pixels to the BT.709 planes that are encoded, by FFmpeg."""
    frame = VideoFrame.from_numpy_buffer(np.ascontiguousarray(pixels), format="rgba")  # not copied
    return _to_bt709(frame, "yuv420p", reformatter)


def to_yuva(pixels: Pixels, reformatter: VideoReformatter) -> VideoFrame:
    """Convert RGBA pixels on nothing to BT.709 planes with straight alpha."""
    frame = VideoFrame.from_numpy_buffer(straight(pixels), format="rgba")
    return _to_bt709(frame, "yuva444p10le", reformatter)


def _to_bt709(frame: VideoFrame, pixel_format: str, reformatter: VideoReformatter) -> VideoFrame:
    """Have FFmpeg convert RGBA to luma and chroma of limited range."""
    return reformatter.reformat(
        frame,
        format=pixel_format,
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
        dst_color_trc=ColorTrc.BT709,
        dst_color_primaries=ColorPrimaries.BT709,
        threads=1,
    )


def to_rgb(pixels: Pixels, reformatter: VideoReformatter) -> VideoFrame:
    """Leave out the alpha of pixels."""
    return VideoFrame.from_ndarray(np.ascontiguousarray(pixels[..., :3]), format="rgb24")


CONVERTERS: dict[str, Callable[[Pixels, VideoReformatter], VideoFrame]] = {
    "yuv420p": to_yuv,
    "yuva444p10le": to_yuva,
    "rgb24": to_rgb,
}


class SegmentEncoder:
    """Encodes the frames of one play: either `add` or `again` for each frame, or one `hold`.

    With `still_packets`, what stands still is not encoded frame by frame.
    """

    def __init__(self, film_format: FilmFormat, still_packets: StillPackets | None = None) -> None:
        self.format = film_format
        self.segment = Segment()
        self._still_packets = still_packets
        self._codec = codec_of(film_format)
        self._reformatter = VideoReformatter()
        ours = self._codec.pixel_format == "yuv420p" and colours.in_use()
        self._canvas = colours.Canvas(film_format.width, film_format.height) if ours else None
        self._context: VideoCodecContext | None = None
        self._shown: VideoFrame | None = None
        self._held = False

    @property
    def pixels_changed(self) -> int | None:
        """How many pixels the last frame showed clearly different from the one before; None where nobody counts."""
        return None if self._canvas is None else self._canvas.pixels_changed

    def add(self, pixels: Pixels, rows: Rows = EVERY_ROW) -> None:
        """Encode one more frame of motion, which differs from the last one in these rows at most."""
        if self._context is None:
            self._context = open_encoder(self.format, still=False)
        picture = PictureType.NONE if self.segment.frames else PictureType.I
        self._shown = self._convert(pixels, rows)
        self._encode(self._context, self._shown, picture)

    def again(self) -> None:
        """Show the last frame for one frame more; to what comes then it is as if it had been shown once."""
        assert self._context is not None
        assert self._shown is not None
        if self._still_packets is None or not self._codec.holds:
            self._encode(self._context, self._shown, PictureType.NONE)
            return
        place = self.segment.frames
        self.segment.packets.append(EncodedPacket(place, place, False, self._still_packets.packet(place)))
        self.segment.frames += 1
        self._held = True

    def hold(self, pixels: Pixels, frames: int) -> None:
        """Encode `frames` equal frames, with ready-made packets where there are any, else one by one."""
        self._context = open_encoder(self.format, still=True)
        frame = self._convert(pixels)
        self._encode(self._context, frame, PictureType.I)
        if self._still_packets is None and not self._codec.intra:
            for _ in range(frames - 1):
                self._encode(self._context, frame, PictureType.P)
            return
        self.finish()
        [picture] = self.segment.packets
        for index in range(1, frames):
            stands = self._still_packets
            data = picture.data if self._codec.intra or stands is None else stands.packet(index)
            self.segment.packets.append(EncodedPacket(index, index + picture.dts, self._codec.intra, data))
        self.segment.frames = frames

    def finish(self) -> Segment:
        """Take what the encoder still holds back, and return the whole segment."""
        if self._context is not None:
            self._collect(self._context.encode(None))
            self._context = None
        if self._held:
            self.segment.packets = list(map(self._in_its_place, sorted(self.segment.packets)))
        return self.segment

    def _in_its_place(self, packet: EncodedPacket) -> EncodedPacket:
        """Return a packet as one of a segment that has more of them than its encoder knows."""
        data = packet.data if packet.key or self._codec is not H264 else numbered(packet.data, packet.pts)
        return packet._replace(dts=packet.pts, data=data)

    def _convert(self, pixels: Pixels, rows: Rows = EVERY_ROW) -> VideoFrame:
        if self._canvas is not None:
            return self._canvas.show(pixels, rows)
        return CONVERTERS[self._codec.pixel_format](pixels, self._reformatter)

    def _encode(self, context: VideoCodecContext, frame: VideoFrame, picture: PictureType) -> None:
        frame.pts = self.segment.frames
        frame.time_base = self.format.frame_time
        frame.pict_type = picture
        self._collect(context.encode(frame))
        self.segment.frames += 1

    def _collect(self, packets: Sequence[av.Packet[Any]]) -> None:
        """Collect packets; they come in decoding order, which runs ahead of display order by a fixed delay.

        An encoder that is given very few frames does not know that others are delayed, so its own times won't do.
        """
        for packet in packets:
            assert packet.pts is not None
            place = len(self.segment.packets)
            self.segment.packets.append(
                EncodedPacket(packet.pts, place - self._codec.delay, packet.is_keyframe, bytes(packet))
            )


def still_packets(film_format: FilmFormat) -> StillPackets | None:
    """Make the packets of stills; None if this encoder's packets do not repeat, or a still needs no others."""
    codec = codec_of(film_format)
    if codec.intra:
        return None
    return StillPackets(0, (), (VP9_SHOW_AGAIN,)) if codec is VP9 else _repeating_packets(film_format)


def _repeating_packets(film_format: FilmFormat) -> StillPackets | None:
    """Make the packets by encoding a black still.

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
