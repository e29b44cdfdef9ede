"""Captions as a track of the film."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import langcodes
from av.subtitles.stream import SubtitleStream
from av.subtitles.subtitle import SubtitleSet

from attnviz.publish.captions import without_marks

if TYPE_CHECKING:
    import av
    from av.container import OutputContainer

    from attnviz.publish.captions import Caption

MILLISECOND = Fraction(1, 1000)

# The caption encoders want the header of a subtitle file, with one style that they can refer to.
ASS_HEADER = b"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, \
StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Sans,18,&HFFFFFF,&HFFFFFF,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


def add_captions(film: OutputContainer, codec: str, language: str = "en") -> SubtitleStream:
    """Add a track for captions in a language (BCP 47), which films name by three letters (ISO 639-2)."""
    stream = film.add_stream(codec)
    assert isinstance(stream, SubtitleStream)
    stream.codec_context.subtitle_header = ASS_HEADER
    stream.codec_context.time_base = MILLISECOND
    stream.time_base = MILLISECOND
    stream.metadata["language"] = langcodes.Language.get(language).to_alpha3()
    return stream


def caption_packets(stream: SubtitleStream, captions: Sequence[Caption]) -> Iterable[av.Packet[Any]]:
    """Return the packets of a track."""
    for number, caption in enumerate(captions):
        duration = round((caption.end - caption.start) / MILLISECOND)
        lines = [without_marks(line) for line in caption.lines]
        if stream.codec_context.name == "webvtt":  # FFmpeg passes its marks on as they are
            lines = [html.escape(line, quote=False) for line in lines]
        text = "\\N".join(lines)
        event = f"{number},0,Default,,0,0,0,,{text}".encode()
        packet = stream.codec_context.encode_subtitle(SubtitleSet.create(event, 0, duration))
        packet.stream = stream
        packet.time_base = MILLISECOND
        packet.pts = packet.dts = round(caption.start / MILLISECOND)
        packet.duration = duration
        yield packet
