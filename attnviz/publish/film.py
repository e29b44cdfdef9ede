"""Joins segments to one MP4 without encoding again: chapters, a caption track, playable while it loads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
from av.subtitles.stream import SubtitleStream
from av.subtitles.subtitle import SubtitleSet

from attnviz.render.encoder import QUALITY_OF_MOTION, FilmFormat, Segment, encoder_options, tag_colours

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.container.core import Chapter
    from av.video.stream import VideoStream

    from attnviz.publish.captions import Caption

MILLISECOND = Fraction(1, 1000)

# The caption encoder wants the header of a subtitle file, with one style that it can refer to.
ASS_HEADER = b"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, \
StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Sans,18,&HFFFFFF,&HFFFFFF,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


@dataclass(frozen=True)
class FilmChapter:
    """A chapter as players list it; seconds since the film began."""

    title: str
    start: Fraction
    end: Fraction


def write_film(
    path: Path,
    film_format: FilmFormat,
    segments: Iterable[Segment],
    *,
    title: str,
    chapters: Sequence[FilmChapter],
    captions: Sequence[Caption],
) -> int:
    """Write the film and return how many frames it has."""
    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as film:
        film.metadata["title"] = title
        video = _add_video(film, film_format)
        subtitles = _add_subtitles(film) if captions else None
        film.set_chapters([_chapter(number, chapter) for number, chapter in enumerate(chapters)])
        film.start_encoding()
        if subtitles is not None:
            film.mux(list(_caption_packets(subtitles, captions)))
        frames = 0
        for segment in segments:
            film.mux(list(_video_packets(video, segment, frames, film_format)))
            frames += segment.frames
    return frames


def _add_video(film: OutputContainer, film_format: FilmFormat) -> VideoStream:
    """Add the video track; it gets its headers from an encoder with the settings of all segments."""
    stream = film.add_stream("libx264", rate=film_format.fps, options=encoder_options(QUALITY_OF_MOTION))
    stream.width, stream.height, stream.pix_fmt = film_format.width, film_format.height, "yuv420p"
    stream.codec_context.time_base = film_format.frame_time
    tag_colours(stream.codec_context)
    return stream


def _add_subtitles(film: OutputContainer) -> SubtitleStream:
    stream = film.add_stream("mov_text")
    assert isinstance(stream, SubtitleStream)
    stream.codec_context.subtitle_header = ASS_HEADER
    stream.codec_context.time_base = MILLISECOND
    stream.time_base = MILLISECOND
    stream.metadata["language"] = "eng"
    return stream


def _chapter(number: int, chapter: FilmChapter) -> Chapter:
    return {
        "id": number,
        "start": round(chapter.start / MILLISECOND),
        "end": round(chapter.end / MILLISECOND),
        "time_base": MILLISECOND,
        "metadata": {"title": chapter.title},
    }


def _video_packets(
    stream: VideoStream, segment: Segment, start: int, film_format: FilmFormat
) -> Iterable[av.Packet[Any]]:
    for encoded in segment.packets:
        packet: av.Packet[Any] = av.Packet(encoded.data)
        packet.stream = stream
        packet.time_base = film_format.frame_time
        packet.pts, packet.dts = start + encoded.pts, start + encoded.dts
        packet.duration = 1
        packet.is_keyframe = encoded.key
        yield packet


def _caption_packets(stream: SubtitleStream, captions: Sequence[Caption]) -> Iterable[av.Packet[Any]]:
    for number, caption in enumerate(captions):
        duration = round((caption.end - caption.start) / MILLISECOND)
        text = "\\N".join(_ass_text(line) for line in caption.lines)
        event = f"{number},0,Default,,0,0,0,,{text}".encode()
        packet = stream.codec_context.encode_subtitle(SubtitleSet.create(event, 0, duration))
        packet.stream = stream
        packet.time_base = MILLISECOND
        packet.pts = packet.dts = round(caption.start / MILLISECOND)
        packet.duration = duration
        yield packet


def _ass_text(line: str) -> str:
    """Keep a line from being read as commands: braces have no escape in this format."""
    return line.replace("\\", "\\\u2060").replace("{", "(").replace("}", ")")
