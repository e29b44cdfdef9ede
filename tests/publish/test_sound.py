"""The sound of films as players hear it: where each piece is, how loud, and how the tracks lie in the file."""

import itertools
from fractions import Fraction

import av
import numpy as np
import pytest
from sounds import measured, syllables

from attnviz.publish.captions import Caption
from attnviz.publish.film import FilmChapter
from attnviz.publish.film_kinds import why_silent, write_moving_pictures
from attnviz.publish.sound import Piece
from attnviz.render.film.encoder import FilmFormat, SegmentEncoder, still_packets
from attnviz.voice.loudness import levelled

SIZE = 160, 90
KINDS = ["mp4", "webm", "mov"]
PRIMING = 1e-3  # seconds: a click is heard as wide as that after coding, and Matroska counts milliseconds


def still(film_format, seconds):
    encoder = SegmentEncoder(film_format, still_packets(film_format))
    pixels = np.full((film_format.height, film_format.width, 4), 90, np.uint8)
    encoder.hold(pixels, round(seconds * film_format.fps))
    return encoder.finish()


def write(path, kind, stills, sound, **more):
    """Write a film of a still that lasts so many seconds, or of several."""
    film_format = FilmFormat(*SIZE, 30, kind)
    return write_moving_pictures(
        path, film_format, (still(film_format, each) for each in stills), title="", chapters=[],
        **({"captions": []} | more), sound=sound,
    )  # fmt: skip


def heard(path):
    """Return the samples of a film, beginning with its first picture, as players hear it."""
    with av.open(str(path)) as film:
        [stream] = film.streams.audio
        assert (stream.codec_context.layout.name, stream.rate) == ("mono", 48000)
        sound = np.zeros(0, np.float32)
        parts = []
        for frame in film.decode(stream):
            part = frame.to_ndarray().reshape(-1)
            parts.append((round(frame.pts * frame.time_base * 48000), part / (32768 if part.dtype == np.int16 else 1)))
    sound = np.zeros(max(start + len(part) for start, part in parts))
    for start, part in parts:
        sound[start : start + len(part)] = part
    return sound


def clicks(times, rate=24000):
    for time in times:
        sound = np.zeros(rate, np.float32)
        sound[240:288] = 0.8 * np.sin(2 * np.pi * 1000 * np.arange(48) / rate)
        yield Piece(time - Fraction(240, rate), sound, rate)


def times_of_clicks(sound):
    loud = np.flatnonzero(np.abs(sound) > 0.3) / 48000
    return [first for last, first in itertools.pairwise([-1.0, *loud]) if first - last > 0.1]


@pytest.mark.parametrize(("kind", "codec"), [("mp4", "aac"), ("webm", "opus"), ("mov", "pcm_s16le")])
def test_every_piece_is_heard_at_its_moment(tmp_path, kind, codec):
    times = [Fraction(1, 4), Fraction(61, 60), Fraction(4321, 1000), Fraction(8)]
    path = tmp_path / f"film.{kind}"
    assert write(path, kind, [3, 0.5, 6.5], clicks(times)) == 300
    assert times_of_clicks(heard(path)) == pytest.approx([float(time) for time in times], abs=PRIMING)
    with av.open(str(path)) as film:
        [stream] = film.streams.audio
        assert stream.codec_context.name == codec
        assert stream.metadata["language"] == "eng"
        assert stream.start_time in (0, None)
        assert film.duration == pytest.approx(10_000_000, abs=10_000)
        assert [frame.pts * frame.time_base for frame in itertools.islice(film.decode(video=0), 2)] == [
            0,
            Fraction(33, 1000) if kind == "webm" else Fraction(1, 30),
        ]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "minutes"), [("mp4", 60), ("webm", 15)])
def test_after_an_hour_it_is_still_in_step(tmp_path, kind, minutes):
    times = [Fraction(137, 1000) + 45 * n for n in range(minutes * 4 // 3)]
    path = tmp_path / f"film.{kind}"
    write(path, kind, [60] * minutes, clicks(times))
    assert times_of_clicks(heard(path)) == pytest.approx([float(time) for time in times], abs=0.02)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_as_loud_as_it_was_spoken_and_sounds_alike(tmp_path, kind):
    spoken = levelled(syllables(5, 48000), 48000)
    path = tmp_path / f"film.{kind}"
    write(path, kind, [6], [Piece(Fraction(1, 2), spoken, 48000)])
    sound = heard(path)
    loudness, peak = measured(sound, 48000)
    assert loudness == pytest.approx(-16, abs=1)
    assert peak <= -1
    shifted = [sound[24000 + shift :][: len(spoken)] for shift in range(-48, 49)]  # Matroska counts milliseconds
    assert max(np.corrcoef(each, spoken)[0, 1] for each in shifted) > 0.99
    assert np.abs(sound[:20000]).max() < 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_sound_and_pictures_lie_side_by_side(tmp_path, kind):
    captions = [Caption(Fraction(n), Fraction(n + 1), ("a",)) for n in range(0, 20, 7)]
    path = tmp_path / f"film.{kind}"
    write(path, kind, [9, 11], clicks([Fraction(2), Fraction(19)]), captions=captions)
    with av.open(str(path)) as film:
        tracks = {stream.index for stream in (*film.streams.video, *film.streams.audio)}
        packets = [packet for packet in film.demux() if packet.size and packet.stream_index in tracks]
        in_file = sorted(packets, key=lambda packet: packet.pos)
    latest = dict.fromkeys(tracks, 0.0)
    for packet in in_file:  # so a player that has read up to here can show and sound all but the last second
        latest[packet.stream_index] = float(packet.pts * packet.time_base)
        assert max(latest.values()) - min(latest.values()) < 1.6


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_sound_gives_the_same_bytes(tmp_path, kind):
    one, other = tmp_path / f"a.{kind}", tmp_path / f"b.{kind}"
    for path in (one, other):
        write(path, kind, [2], [Piece(Fraction(0), syllables(2, 24000), 24000)])
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_piece_there_is_no_track(tmp_path, kind):
    path = tmp_path / f"film.{kind}"
    write(path, kind, [1], [])
    with av.open(str(path)) as film:
        assert not film.streams.audio


def test_pieces_that_overlap_are_both_heard(tmp_path):
    path = tmp_path / "film.mov"
    low, high = (0.3 * np.sin(2 * np.pi * pitch * np.arange(48000) / 48000).astype(np.float32) for pitch in (200, 900))
    write(path, "mov", [3], [Piece(Fraction(1, 2), low, 48000), Piece(Fraction(1), high, 48000)])
    wanted = np.zeros(3 * 48000)
    wanted[24000:72000] += low
    wanted[48000:96000] += high
    assert np.abs(heard(path) - wanted).max() < 1e-4


def test_what_is_left_at_the_end_of_the_film_is_not_heard(tmp_path):
    path = tmp_path / "film.mov"
    write(path, "mov", [1.5], [Piece(Fraction(1), syllables(5, 48000), 48000)])
    assert len(heard(path)) == 72000


def test_a_piece_that_comes_too_late_is_refused(tmp_path):
    pieces = [Piece(Fraction(5), syllables(1, 24000), 24000), Piece(Fraction(1), syllables(1, 24000), 24000)]
    with pytest.raises(ValueError, match=r"at 1\.0 s comes too late"):
        write(tmp_path / "film.mp4", "mp4", [10], pieces)


def test_pieces_are_read_as_the_film_goes_on(tmp_path):
    read, seen = [], []

    def pieces():
        for piece in clicks([Fraction(n) + Fraction(1, 2) for n in range(20)]):
            read.append(piece.start)
            yield piece

    def stills():
        film_format = FilmFormat(*SIZE, 30, "mp4")
        for _ in range(20):
            seen.append(len(read))
            yield still(film_format, 1)

    write_moving_pictures(
        tmp_path / "film.mp4", FilmFormat(*SIZE, 30, "mp4"), stills(), title="", chapters=[], captions=[],
        sound=pieces(),
    )  # fmt: skip
    assert all(count <= number + 2 for number, count in enumerate(seen))
    assert len(read) == 20


@pytest.mark.parametrize(("kind", "said"), [("gif", "a GIF has no sound"), ("png", "a folder of PNG files has no")])
def test_a_kind_without_sound_says_so(tmp_path, kind, said):
    assert said in why_silent(kind)
    path = tmp_path / ("film.gif" if kind == "gif" else "film.frames")
    assert write(path, kind, [0.2], [Piece(Fraction(0), syllables(1, 24000), 24000)]) == 6


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_with_sound_is_not_silent(kind):
    assert why_silent(kind) is None


def test_chapters_and_captions_stay(tmp_path):
    path = tmp_path / "film.mp4"
    captions = [Caption(Fraction(0), Fraction(1), ("Apple",))]
    write_moving_pictures(
        path, FilmFormat(*SIZE, 30, "mp4"), [still(FilmFormat(*SIZE, 30, "mp4"), 2)], title="A title",
        chapters=[FilmChapter("One", Fraction(0), Fraction(2))], captions=captions, language="cs",
        sound=clicks([Fraction(1)]),
    )  # fmt: skip
    with av.open(str(path)) as film:
        assert [chapter["metadata"]["title"] for chapter in film.chapters()] == ["One"]
        assert [bytes(packet)[2:] for packet in film.demux(subtitles=0) if packet.size > 2] == [b"Apple"]
        assert film.streams.audio[0].metadata["language"] in ("ces", "cze")
        assert film.metadata["title"] == "A title"
    assert path.read_bytes().index(b"moov") < path.read_bytes().index(b"mdat")
