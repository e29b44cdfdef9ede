"""Joins segments to one MP4, WebM or MOV without encoding again: sound, chapters, captions, ready to be streamed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
from av.video.stream import VideoStream

from attnviz.publish.film_captions import MILLISECOND, add_captions, caption_packets
from attnviz.publish.sound import AAC, OPUS, PCM, Piece, SoundCodec, SoundTrack, add_sound
from attnviz.render.film.codecs import codec_of, prepare

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.container.core import Chapter

    from attnviz.publish.captions import Caption
    from attnviz.render.film.format import FilmFormat, Kind
    from attnviz.render.film.segment import Segment


@dataclass(frozen=True)
class Container:
    """How one kind of file is written.

    Options that put the index in front let a browser play the film, and seek in it, before all of it is there.
    """

    name: str
    options: Mapping[str, str]
    captions: str | None  # the codec of the caption track
    sound: SoundCodec


_REPEATABLE = {"fflags": "+bitexact"}  # no random identifiers
CONTAINERS: Mapping[Kind, Container] = {
    "mp4": Container("mp4", {"movflags": "faststart"}, "mov_text", AAC),
    "webm": Container("webm", {"cues_to_front": "1"} | _REPEATABLE, "webvtt", OPUS),
    # Editors take captions from a file of their own, and stumble over a track of text.
    "mov": Container("mov", {"movflags": "faststart"}, None, PCM),
}


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
    sound: Iterable[Piece] = (),
    language: str = "en",
    comment: str = "",
) -> int:
    """Write the film and return how many frames it has; of segments and pieces of sound only one is held at a time.

    `sound` is in the order in which it is heard; without a piece of it the film has no track for it.
    """
    container = CONTAINERS[film_format.kind]
    pieces = iter(sound)
    first = next(pieces, None)
    with av.open(str(path), "w", format=container.name, options=dict(container.options)) as film:
        film.metadata["title"] = title
        if comment:
            film.metadata["comment"] = comment
        video = _add_video(film, film_format)
        heard = None if first is None else add_sound(film, container.sound, language)
        subtitles = add_captions(film, container.captions, language) if captions and container.captions else None
        film.set_chapters([_chapter(number, chapter) for number, chapter in enumerate(chapters)])
        film.start_encoding()
        if subtitles is not None:
            film.mux(list(caption_packets(subtitles, captions)))
        track = None if heard is None or first is None else SoundTrack(heard, chain([first], pieces))
        frames = 0
        for segment in segments:
            for place, packet in enumerate(_video_packets(video, segment, frames, film_format), frames + 1):
                film.mux_one(packet)
                if track is not None:
                    film.mux(track.until(place * film_format.frame_time))
            frames += segment.frames
        if track is not None:
            film.mux(track.finish(frames * film_format.frame_time))
    return frames


def _add_video(film: OutputContainer, film_format: FilmFormat) -> VideoStream:
    """Add the video track; it gets its headers from an encoder with the settings of all segments."""
    stream = film.add_stream(codec_of(film_format).name, rate=film_format.fps)
    assert isinstance(stream, VideoStream)
    prepare(stream.codec_context, film_format)
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
