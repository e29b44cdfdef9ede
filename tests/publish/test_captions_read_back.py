"""Captions as players read them, by FFmpeg's own readers: what is shown is what was said, whatever looks like a mark."""

from __future__ import annotations

import html
import io
import re
from fractions import Fraction

import av
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from attnviz.publish.captions import Caption, captions_of, srt, webvtt
from attnviz.publish.film_captions import add_captions, caption_packets

LIKE_MARKS = [
    "RoBERTa puts <s> before & </s> after, <mask>",
    "A set {a, b} of vectors, a list Vec<i>",
    r"{\an8}top, \textbf, \N, \h and \\",
    "3 --> 4, 5 --> 6 -->",
    "00:00:01,000 --> 00:00:02,000",
    "42",
    "&lt; &amp; &#123; &nbsp; & so on",
    "{y:i}micro {C:$ff0000}colour {1}{2}",
    "<font color=red>x</font> <!-- no --> <c.big>",
    "- who speaks? WEBVTT NOTE STYLE",
    "שלום <b> עולם",
    "مرحبا {بك} (٣)",
    "e\u0301 and n\u0303 and 각",
]


def shown(event: bytes) -> list[str]:
    """Return the lines that a player shows of an event that FFmpeg has read, in which commands look like `{\\b1}`."""
    text = event.decode().split(",", 8)[8].replace("\\{{}", "{")
    assert not re.search(r"\{\\[a-z]", text)
    return [line.replace("\u2060", "") for line in text.split("\\N")]


def read(data: bytes) -> list[list[str]]:
    with av.open(io.BytesIO(data)) as opened:
        sets = [found for packet in opened.demux() for found in packet.decode()]
        return [shown(each.ass) for found in sets for each in getattr(found, "rects", [found])]


def in_film(captions: list[Caption], container: str, codec: str, language: str = "en") -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format=container) as film:
        stream = add_captions(film, codec, language)
        for packet in caption_packets(stream, captions):
            film.mux_one(packet)
    return file.getvalue()


def in_tracks(captions: list[Caption]) -> dict[str, bytes]:
    return {
        "srt": srt(captions).encode(),
        "vtt": webvtt(captions).encode(),
        "mp4": in_film(captions, "mp4", "mov_text"),
        "webm": in_film(captions, "webm", "webvtt"),
    }


@pytest.mark.parametrize("kind", ["srt", "vtt", "mp4", "webm"])
def test_what_looks_like_a_mark_is_shown(kind: str) -> None:
    captions = [Caption(Fraction(n), Fraction(n + 1), (line, "and more")) for n, line in enumerate(LIKE_MARKS)]
    assert read(in_tracks(captions)[kind]) == [[line, "and more"] for line in LIKE_MARKS]


@pytest.mark.parametrize(("tag", "track"), [("en", "eng"), ("zh-Hant", "zho"), ("pt-BR", "por"), ("fil", "fil")])
@pytest.mark.parametrize(("container", "codec"), [("mp4", "mov_text"), ("webm", "webvtt")])
def test_players_are_told_the_language(container: str, codec: str, tag: str, track: str) -> None:
    data = in_film([Caption(Fraction(0), Fraction(1), ("a",))], container, codec, tag)
    with av.open(io.BytesIO(data)) as film:
        told = film.streams.subtitles[0].metadata["language"]
    assert told in {track, {"zho": "chi"}.get(track)}  # Matroska writes the older code


@given(st.text(alphabet=st.sampled_from("<>{}\\&;-:/,#!0129abNnih sאé漢\n\r\u2028\u0085\t"), max_size=60))
@example("{\\b1}<b>&gt;-->")
def test_whatever_is_said_is_shown(text: str) -> None:
    captions = captions_of(text, Fraction(0), Fraction(9))
    said = [list(caption.lines) for caption in captions]
    for data in in_tracks(captions).values() if captions else ():
        assert read(data) == said
    head, *cues = webvtt(captions).rstrip("\n").split("\n\n")
    assert head == "WEBVTT"
    assert [len(cue.split("\n")) for cue in cues] == [1 + len(lines) for lines in said]
    for cue in cues:  # what a browser reads: all that is neither a tag nor a separator, and character references
        text = cue.partition("\n")[2]
        assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", text)
        assert html.unescape(text).split("\n") in said
