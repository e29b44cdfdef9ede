"""A film as GIF: one palette chosen for all of it, and a still is one image that is shown for long."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import av
from av.codec.context import CodecContext
from av.error import BlockingIOError, EOFError
from av.filter import Graph
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.filter.context import FilterContext

    from attnviz.render.film.format import FilmFormat
    from attnviz.render.film.segment import Segment

CENTISECOND = Fraction(1, 100)  # in which a GIF counts
LONGEST = 60_000  # centiseconds that one image is shown; the file's own limit is a little higher


def runs(segments: Iterable[Segment]) -> Iterator[tuple[bytes, int]]:
    """Return each encoded picture, and for how many frames it stays the same."""
    shown, frames = b"", 0
    for segment in segments:
        for packet in segment.packets:
            if frames and packet.data != shown:
                yield shown, frames
                frames = 0
            shown = packet.data
            frames += 1
    if frames:
        yield shown, frames


def write_gif(path: Path, film_format: FilmFormat, segments: Iterable[Segment]) -> int:
    """Write the film as a GIF that repeats for ever, and return how many frames it has.

    The colours of all pictures must be seen before the first can be written; meanwhile they are kept on disk.
    """
    with tempfile.TemporaryFile(dir=path.parent) as file:
        kept = _Kept(file, film_format)
        for picture, frames in runs(segments):
            kept.add(picture, frames)
        palette = _palette(kept)
        options = {"loop": "0", "final_delay": str(kept.last_duration)}
        with av.open(str(path), "w", format="gif", options=options) as film:
            _write_pictures(film, kept, palette)
    return kept.frames


@dataclass(frozen=True)
class _Shown:
    """Where a picture lies in the file, and when it is shown first, in centiseconds."""

    offset: int
    size: int
    start: int


class _Kept:
    """Pictures on disk, with their times."""

    def __init__(self, file: IO[bytes], film_format: FilmFormat) -> None:
        self.format = film_format
        self.frames = 0
        self._file = file
        self._pictures: list[_Shown] = []

    def add(self, picture: bytes, frames: int) -> None:
        offset = self._file.tell()
        self._file.write(picture)
        start = self._time(self.frames)
        self.frames += frames
        for time in range(start, self._time(self.frames), LONGEST):
            self._pictures.append(_Shown(offset, len(picture), time))

    @property
    def last_duration(self) -> int:
        return self._time(self.frames) - self._pictures[-1].start

    @property
    def source(self) -> str:
        """The pictures, as the beginning of a chain of filters."""
        return f"video_size={self.format.width}x{self.format.height}:pix_fmt=rgb24:time_base=1/100:pixel_aspect=1/1"

    def decoded(self) -> Iterator[VideoFrame]:
        """Return the pictures, decoded one by one."""
        decoder = CodecContext.create("png", "r")
        assert isinstance(decoder, VideoCodecContext)
        decoder.thread_count = 1
        for shown in self._pictures:
            self._file.seek(shown.offset)
            packet: av.Packet[Any] = av.Packet(self._file.read(shown.size))
            packet.is_keyframe = True  # else this decoder takes it for a difference from the last picture
            [frame] = decoder.decode(packet)
            frame.pts, frame.time_base = shown.start, CENTISECOND
            yield frame

    def _time(self, frame: int) -> int:
        return round(Fraction(frame * 100, self.format.fps))


def _palette(kept: _Kept) -> VideoFrame:
    """Choose the 255 colours that serve all pictures best; one place is left for "as before"."""
    graph = Graph()
    source, choose, sink = graph.add("buffer", kept.source), graph.add("palettegen"), graph.add("buffersink")
    source.link_to(choose)
    choose.link_to(sink)
    graph.configure()
    for frame in kept.decoded():
        source.push(frame)
        list(_ready(sink))  # nothing yet, but only when asked for it are pictures looked at, and let go of
    source.push(None)
    [palette] = _ready(sink)
    return palette


def _write_pictures(film: OutputContainer, kept: _Kept, palette: VideoFrame) -> None:
    """Encode the pictures in the palette's colours; not dithered, since flat grounds and fine type suffer from it."""
    graph = Graph()
    source, sink = graph.add("buffer", kept.source), graph.add("buffersink")
    colours = graph.add("buffer", "video_size=16x16:pix_fmt=bgra:time_base=1/100:pixel_aspect=1/1")
    use = graph.add("paletteuse", "dither=none:diff_mode=rectangle")
    source.link_to(use, 0, 0)
    colours.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    palette.pts, palette.time_base = 0, CENTISECOND
    colours.push(palette)
    colours.push(None)

    stream = film.add_stream("gif")
    assert isinstance(stream, VideoStream)
    stream.width, stream.height, stream.pix_fmt = kept.format.width, kept.format.height, "pal8"
    stream.codec_context.time_base = CENTISECOND
    for frame in kept.decoded():
        source.push(frame)
        for ready in _ready(sink):
            film.mux(stream.encode(ready))
    source.push(None)
    for ready in _ready(sink):
        film.mux(stream.encode(ready))
    film.mux(stream.encode(None))


def _ready(sink: FilterContext) -> Iterator[VideoFrame]:
    """Return what comes out of the filters by now."""
    while True:
        try:
            frame = sink.pull()
        except (BlockingIOError, EOFError):
            return
        assert isinstance(frame, VideoFrame)
        yield frame
