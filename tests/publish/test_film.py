"""The film as players see it: frame times, chapters, captions."""

from fractions import Fraction

import av
import numpy as np
import pytest

from attnviz.publish.captions import Caption
from attnviz.publish.film import FilmChapter, write_film
from attnviz.render.film.encoder import FilmFormat, SegmentEncoder, still_packets

FORMAT = FilmFormat(320, 180, 30)
CHAPTERS = [
    FilmChapter("Čeština & <b>", Fraction(0), Fraction(1)),
    FilmChapter("Two", Fraction(1), Fraction(2)),
]
CAPTIONS = [
    Caption(Fraction(0), Fraction(1), ("Apple goes 43% of the way", "to orange. {Braces}")),
    Caption(Fraction(3, 2), Fraction(2), ("Další slovo",)),
]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    segments = []
    for level in (0, 200):
        encoder = SegmentEncoder(FORMAT, still_packets(FORMAT))
        encoder.hold(np.full((180, 320, 4), level, np.uint8), 25)
        segments.append(encoder.finish())
        encoder = SegmentEncoder(FORMAT)
        for step in range(5):
            encoder.add(np.full((180, 320, 4), level + step, np.uint8))
        segments.append(encoder.finish())
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    assert write_film(path, FORMAT, segments, title="A title", chapters=CHAPTERS, captions=CAPTIONS) == 60
    return path


def test_frames_come_at_regular_times_and_segments_start_at_keyframes(path):
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        frames = list(film.decode(stream))
        assert stream.frames == 60
        assert stream.average_rate == 30
        assert stream.duration * stream.time_base == 2
    assert [frame.pts * frame.time_base for frame in frames] == [Fraction(i, 30) for i in range(60)]
    assert [i for i, frame in enumerate(frames) if frame.key_frame] == [0, 25, 30, 55]


def test_seeking_into_a_still_gives_its_picture(path):
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        film.seek(round(Fraction(50, 30) / stream.time_base), stream=stream)
        frame = next(film.decode(stream))
        assert frame.pts * frame.time_base == 1
        assert frame.to_ndarray(format="gray")[90, 160] == pytest.approx(200, abs=3)


def test_it_can_play_while_it_loads(path):
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_chapters_and_title_can_be_read(path):
    with av.open(str(path)) as film:
        assert film.metadata["title"] == "A title"
        chapters = [
            (c["metadata"]["title"], c["start"] * c["time_base"], c["end"] * c["time_base"]) for c in film.chapters()
        ]
    assert chapters == [("Čeština & <b>", 0, 1), ("Two", 1, 2)]


def test_captions_can_be_read_with_their_times(path):
    with av.open(str(path)) as film:
        stream = film.streams.subtitles[0]
        assert stream.codec_context.name == "mov_text"
        assert stream.metadata["language"] == "eng"
        packets = [packet for packet in film.demux(stream) if packet.size > 2]
    shown = [(p.pts * p.time_base, p.duration * p.time_base, bytes(p)[2:].decode()) for p in packets]
    assert shown == [
        (0, 1, "Apple goes 43% of the way\nto orange. {\u2060Braces}"),
        (Fraction(3, 2), Fraction(1, 2), "Další slovo"),
    ]
