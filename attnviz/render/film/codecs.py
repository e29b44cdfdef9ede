"""The four codecs, each as settings under which its segments can be joined, and come out the same on every run.

All work with one thread: it costs less in all than several, and plays are encoded beside one another anyway.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import av
from av.codec.context import CodecContext, Flags
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from attnviz.render.accelerate import wanted
from attnviz.render.accelerate.colours import CLEAR
from attnviz.render.film.twos import FEW, are_wanted

if TYPE_CHECKING:
    from attnviz.render.film.format import FilmFormat, Kind

_NEVER = "1000000000"  # frames between key frames that nobody asked for


@dataclass(frozen=True)
class Codec:
    """An encoder of FFmpeg's libraries, and its settings.

    `delay`: by how many frames decoding runs ahead of showing, as frames may refer to later ones.
    `intra`: every packet is a whole picture, so a still is the same packet again and again.
    `holds`: between two frames of motion there may be ready-made packets that show the first of them again.
    """

    name: str
    pixel_format: str
    motion: Mapping[str, str]
    still: Mapping[str, str]  # a still is looked at for seconds, and costs its bytes once
    delay: int = 0
    intra: bool = False
    holds: bool = True

    @property
    def limited(self) -> bool:
        """Tell whether colours are luma and chroma of limited range, rather than red, green and blue."""
        return self.pixel_format.startswith("yuv")


# x264: what it may choose for itself is fixed, so that all segments have the same headers and can be joined. Lines and
# letters cost fewer bits, and come out sharper, with small transforms alone and without deblocking. Each frame refers
# to the one before it: without frames that refer to later ones (B) encoding takes four fifths of the time, for a
# quarter more bytes in motion, and one can be shown again without being encoded (`frame_numbers.py`).
_X264_PARAMS = (
    "mbtree=0:rc-lookahead=0:sync-lookahead=0:bframes=0:scenecut=0:weightp=0"
    ":8x8dct=0:no-deblock=1:stitchable=1:keyint=infinite"
)
_X264 = {"preset": "superfast", "profile": "main", "threads": "1", "x264-params": _X264_PARAMS}
# Motion has fixed quantisers: to choose them frame by frame x264 would search the motion once more, in small. What
# stands still in it is not coded again, so the first picture is a good one.
# Motion is found in whole pixels: finer, it is a seventh slower, for a tenth fewer bytes and the same picture.
_X264_MOTION = _X264 | {"qp": "28", "x264-params": f"{_X264_PARAMS}:ipratio=2:subme=0:me=dia"}
# What Manim asks of x264, as far as segments can then be joined.
_X264_AS_MANIM = {"profile": "high", "crf": "23", "threads": "1", "x264-params": "stitchable=1:keyint=infinite"}
# libvpx: without frames in flight every packet is one shown frame, and segments can be cut anywhere.
_VP9 = {
    "deadline": "realtime",
    "cpu-used": "7",
    "tune-content": "screen",
    "b": "0",
    "lag-in-frames": "0",
    "auto-alt-ref": "0",
    "row-mt": "0",
    "tile-columns": "0",
    "threads": "1",
    "g": _NEVER,
    "keyint_min": _NEVER,
}
# ProRes: a fixed quantiser; the search for one that meets a rate costs five times as much as all else.
_PRORES = {
    "profile": "4444",
    "vendor": "apl0",
    "alpha_bits": "16",
    "flags": "+qscale",
    "global_quality": str(2 * 118),  # FFmpeg's unit of quality is 118 (FF_QP2LAMBDA)
    "threads": "1",
}
_PNG = {"pred": "sub", "compression_level": "2", "threads": "1"}

H264 = Codec("libx264", "yuv420p", _X264_MOTION, _X264 | {"crf": "18"})
H264_AS_MANIM = Codec("libx264", "yuv420p", _X264_AS_MANIM, _X264_AS_MANIM, delay=2, holds=False)
VP9 = Codec("libvpx-vp9", "yuv420p", _VP9 | {"crf": "33"}, _VP9 | {"crf": "30"})
PRORES = Codec("prores_ks", "yuva444p10le", _PRORES, _PRORES, intra=True)
PNG = Codec("png", "rgb24", _PNG, _PNG, intra=True)

CODECS: Mapping[Kind, Codec] = {"mp4": H264, "webm": VP9, "mov": PRORES, "gif": PNG, "png": PNG}


def codec_of(film_format: FilmFormat) -> Codec:
    """Return the codec of a film's segments; for an MP4 at Manim's own settings if `encoding` is switched off."""
    if film_format.kind == "mp4" and not wanted().encoding:
        return H264_AS_MANIM
    return CODECS[film_format.kind]


def open_encoder(film_format: FilmFormat, *, still: bool) -> VideoCodecContext:
    """Return a fresh encoder for one segment."""
    codec = codec_of(film_format)
    context = CodecContext.create(codec.name, "w")
    assert isinstance(context, VideoCodecContext)
    prepare(context, film_format, still=still)
    context.flags |= Flags.global_header
    context.open()
    return context


def prepare(context: VideoCodecContext, film_format: FilmFormat, *, still: bool = False) -> None:
    """Set everything that is in the headers: size, rate, pixel format, BT.709 colours of limited range, options."""
    codec = codec_of(film_format)
    context.width, context.height = film_format.width, film_format.height
    context.pix_fmt = codec.pixel_format
    context.time_base = film_format.frame_time
    context.framerate = Fraction(film_format.fps)
    context.options = dict(codec.still if still else codec.motion)
    if codec.limited:
        context.color_range = ColorRange.MPEG
        context.colorspace = Colorspace.ITU709
        context.color_primaries = ColorPrimaries.BT709
        context.color_trc = ColorTrc.BT709


def settings_of(film_format: FilmFormat) -> dict[str, str]:
    """Return everything besides the pictures that the bytes of a segment depend on, for its key."""
    codec = codec_of(film_format)
    versions = {name: ".".join(map(str, version)) for name, version in av.library_versions.items()}
    return {
        "size": f"{film_format.width}x{film_format.height}",
        "fps": str(film_format.fps),
        "codec": f"{codec.name} {codec.pixel_format}",
        "motion": ":".join(f"{name}={value}" for name, value in codec.motion.items()),
        "still": ":".join(f"{name}={value}" for name, value in codec.still.items()),
        "twos": f"{FEW}:{CLEAR}" if are_wanted(film_format) else "",
        "av": av.__version__,
        **versions,
    }
