"""Colours, stills and headers of the encoded film."""

import av
import numpy as np
import pytest

from attnviz.input.problems import ProblemsFound
from attnviz.render.cache.store import Store
from attnviz.render.film.codecs import settings_of
from attnviz.render.film.encoder import SegmentEncoder, still_packets
from attnviz.render.film.format import KINDS, FilmFormat, usual_fps
from attnviz.render.film.frame_numbers import numbered
from attnviz.render.film.segment import EncodedPacket, Segment, StillPackets, join
from attnviz.render.film.transparent import straight
from attnviz.render.shots.drawing import stills_of

from .film_reading import frames_of

FORMAT = FilmFormat(320, 180, 30)


def plain(color):
    pixels = np.full((FORMAT.height, FORMAT.width, 4), 255, np.uint8)
    pixels[..., :3] = color
    return pixels


def patches(seed):
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (9, 16, 4), dtype=np.uint8)
    return coarse.repeat(20, 0).repeat(20, 1)


@pytest.mark.parametrize(
    ("color", "luma"),
    # Y of BT.709, limited range: 16 + 219 · (0.2126 R + 0.7152 G + 0.0722 B)
    [((255, 0, 0), 63), ((0, 255, 0), 173), ((0, 0, 255), 32), ((255, 255, 255), 235), ((0x0E, 0x11, 0x16), 30)],
)
def test_colours_are_converted_by_bt709(tmp_path, color, luma):
    encoder = SegmentEncoder(FORMAT, still_packets(FORMAT))
    encoder.hold(plain(color), 1)
    segment = encoder.finish()
    from attnviz.publish.film import write_film

    write_film(tmp_path / "a.mp4", FORMAT, [segment], title="", chapters=[], captions=[])
    with av.open(str(tmp_path / "a.mp4")) as film:
        [frame] = film.decode(video=0)
    assert int(frame.to_ndarray()[90, 160]) == pytest.approx(luma, abs=1)
    np.testing.assert_allclose(frame.to_ndarray(format="rgb24")[90, 160], color, atol=3)


def test_the_film_says_that_it_is_bt709(tmp_path):
    from attnviz.publish.film import write_film

    encoder = SegmentEncoder(FORMAT)
    encoder.add(plain((10, 20, 30)))
    write_film(tmp_path / "a.mp4", FORMAT, [encoder.finish()], title="", chapters=[], captions=[])
    with av.open(str(tmp_path / "a.mp4")) as film:
        context = film.streams.video[0].codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)
        assert context.pix_fmt == "yuv420p"


@pytest.mark.parametrize("film_format", [FORMAT, FilmFormat(854, 480, 15), FilmFormat(1920, 1080, 60)])
def test_the_packets_of_stills_repeat(film_format):
    assert still_packets(film_format) is not None


@pytest.mark.parametrize("frames", [1, 2, 3, 40, 150])
def test_a_still_decodes_to_exactly_equal_frames(frames):
    encoder = SegmentEncoder(FORMAT, still_packets(FORMAT))
    encoder.hold(patches(1), frames)
    segment = encoder.finish()
    decoded = frames_of([segment], FORMAT)
    assert segment.frames == len(decoded) == frames
    assert all(np.array_equal(frame, decoded[0]) for frame in decoded)
    assert np.abs(decoded[0].astype(int) - patches(1)[..., :3]).mean() < 12


def test_a_still_can_be_encoded_plainly():
    encoder = SegmentEncoder(FORMAT)
    encoder.hold(patches(1), 20)
    assert len(frames_of([encoder.finish()], FORMAT)) == 20


def test_segments_join_in_any_mixture():
    segments = []
    for seed in range(4):
        still, motion = SegmentEncoder(FORMAT, still_packets(FORMAT)), SegmentEncoder(FORMAT)
        still.hold(patches(seed), 35)
        for shift in range(7):
            motion.add(np.roll(patches(seed), shift * 5, 1))
        segments += [still.finish(), motion.finish()]
    decoded = frames_of(segments, FORMAT)
    assert len(decoded) == 4 * 42
    for seed in range(4):
        for frame in decoded[seed * 42 : seed * 42 + 35]:
            assert np.array_equal(frame, decoded[seed * 42])
        assert np.abs(decoded[seed * 42 + 41].astype(int) - np.roll(patches(seed), 30, 1)[..., :3]).mean() < 20


def motion(frames, film_format=FORMAT, seed=0):
    encoder = SegmentEncoder(film_format)
    for shift in range(frames):
        encoder.add(np.roll(patches(seed), shift * 5, 1))
    return encoder.finish()


def still(frames, film_format=FORMAT, seed=0):
    encoder = SegmentEncoder(film_format, still_packets(film_format))
    encoder.hold(patches(seed), frames)
    return encoder.finish()


@pytest.mark.parametrize("kind", KINDS)
def test_packets_can_be_decoded_in_time_however_few_they_are(kind):
    film_format = FilmFormat(320, 180, 30, kind)
    for segment in [*(motion(frames, film_format) for frames in range(1, 8)), still(1, film_format)]:
        assert segment.packets[0].key
        assert sorted(packet.pts for packet in segment.packets) == list(range(segment.frames))
        delay = -segment.packets[0].dts
        assert [packet.dts for packet in segment.packets] == list(range(-delay, segment.frames - delay))
        assert all(packet.dts <= packet.pts for packet in segment.packets)


@pytest.mark.parametrize("off", ["encoding", "stills", "encoding,stills"])
def test_encoding_and_stills_can_be_switched_off(off, monkeypatch, tmp_path):
    """The pictures are the same but for what x264 leaves out."""

    def segments():
        packets = stills_of(Store(tmp_path / off), FORMAT)
        held = SegmentEncoder(FORMAT, packets)
        held.hold(patches(1), 20)
        return [motion(7), held.finish(), motion(1, seed=2), motion(3, seed=3)]

    fast = segments()
    frames = frames_of(fast, FORMAT)
    monkeypatch.setenv("ATTNVIZ_PLAIN", off)
    plain = segments()
    assert [part.packets for part in plain] != [part.packets for part in fast]
    for part in plain:
        assert [packet.dts for packet in part.packets] == list(
            range(part.packets[0].dts, part.packets[0].dts + part.frames)
        )
        assert all(packet.dts <= packet.pts for packet in part.packets)
    pairs = list(zip(frames, frames_of(plain, FORMAT), strict=True))
    assert len(pairs) == 31
    assert max(np.abs(one.astype(int) - other).mean() for one, other in pairs) < 6  # of 255


def test_very_short_segments_join():
    segments = [motion(frames, seed=frames) for frames in (1, 2, 1, 3)] + [still(1, seed=9), still(2)]
    decoded = frames_of(segments, FORMAT)
    assert len(decoded) == 10
    for index, seed in ((0, 1), (1, 2), (3, 1), (4, 3), (7, 9), (8, 0), (9, 0)):
        assert np.abs(decoded[index].astype(int) - patches(seed)[..., :3]).mean() < 20


def test_a_join_is_one_segment_with_the_same_film():
    parts = [still(20), motion(6), still(3, seed=1)]
    whole = Segment.from_bytes(join(Segment.from_bytes(part.to_bytes()) for part in parts).to_bytes())
    assert whole.frames == 29
    assert all(map(np.array_equal, frames_of([whole], FORMAT), frames_of(parts, FORMAT)))
    assert join([]) == Segment()


@pytest.mark.parametrize("kind", KINDS)
def test_the_bytes_are_the_same_on_every_run(kind):
    film_format = FilmFormat(320, 180, 30, kind)
    assert motion(5, film_format).to_bytes() == motion(5, film_format).to_bytes()
    assert still(50, film_format).to_bytes() == still(50, film_format).to_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_a_minute_of_still_is_kept_in_few_bytes(kind):
    film_format = FilmFormat(320, 180, 30, kind)
    one, many = still(1, film_format), still(1800, film_format)
    assert many.frames == len(many.packets) == 1800
    assert len(many.to_bytes()) < len(one.to_bytes()) + 20_000


def test_a_segment_can_be_saved_and_loaded(tmp_path):
    segment = join([still(20), motion(6)])
    segment.save(tmp_path / "a.segment")
    assert Segment.load(tmp_path / "a.segment") == segment
    segment.save(tmp_path / "b.segment")
    assert (tmp_path / "a.segment").read_bytes() == (tmp_path / "b.segment").read_bytes()


def test_every_damage_to_a_segment_is_noticed(tmp_path):
    packets = [
        EncodedPacket(0, -2, True, b"picture"),
        EncodedPacket(1, -1, False, b""),
        EncodedPacket(2, 0, False, b""),
    ]
    data = Segment(3, packets).to_bytes()
    assert Segment.from_bytes(data) == Segment(3, packets)
    for length in range(len(data)):
        with pytest.raises(ValueError, match=r"cut short|not attnviz segment"):
            Segment.from_bytes(data[:length])
    for place in range(len(data)):
        with pytest.raises(ValueError, match=r"damaged|cut short|not attnviz segment"):
            Segment.from_bytes(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :])
    (tmp_path / "x.segment").write_bytes(data + b"!")
    with pytest.raises(ValueError, match=r"x\.segment: attnviz segment 1 is damaged"):
        Segment.load(tmp_path / "x.segment")


def test_still_packets_can_be_kept():
    packets = still_packets(FORMAT)
    assert StillPackets.from_bytes(packets.to_bytes()) == packets
    with pytest.raises(ValueError, match="cut short"):
        StillPackets.from_bytes(packets.to_bytes()[:-1])
    with pytest.raises(ValueError, match="this is not attnviz still packets"):
        StillPackets.from_bytes(Segment().to_bytes())


def test_settings_tell_formats_apart():
    formats = [FilmFormat(320, 180, 30, kind) for kind in ("mp4", "webm", "mov", "png")]
    formats += [FilmFormat(320, 180, 60), FilmFormat(640, 360, 30)]
    assert len({str(settings_of(film_format)) for film_format in formats}) == len(formats)
    # the pictures of a GIF and of a folder are the same, and kept once
    assert settings_of(FilmFormat(320, 180, 25, "gif")) == settings_of(FilmFormat(320, 180, 25, "png"))


def test_a_gif_is_not_faster_than_browsers_show():
    with pytest.raises(ProblemsFound, match="a GIF cannot show 60 frames per second; choose at most 50"):
        FilmFormat(320, 180, 60, "gif")
    assert (usual_fps("gif", 60), usual_fps("gif", 15), usual_fps("webm", 60)) == (25, 15, 60)


def premultiplied(color, alpha):
    return np.concatenate([np.round(np.asarray(color) * alpha / 255), [alpha]]).astype(np.uint8)


def test_edges_get_their_own_colour_back():
    color = (240, 120, 30)
    pixels = np.zeros((20, 27, 4), np.uint8)  # not a whole number of squares
    for column, alpha in enumerate((0, 0, 40, 128, 200, 255, 255, 90, 10)):
        pixels[:12, column + 8] = premultiplied(color, alpha)
    before = pixels.copy()
    result = straight(pixels)
    np.testing.assert_array_equal(pixels, before)
    np.testing.assert_array_equal(result[..., 3], pixels[..., 3])
    strong = pixels[..., 3] >= 90
    np.testing.assert_allclose(result[strong][:, :3].astype(int), np.tile(color, (strong.sum(), 1)), atol=2)
    # nothing is drawn here, but in the same square, whose colour it takes
    np.testing.assert_allclose(result[14, 10, :3], color, atol=6)


def test_colours_brighter_than_their_alpha_are_cut_off():
    pixels = np.full((8, 8, 4), 200, np.uint8)
    pixels[..., 3] = 100
    assert (straight(pixels)[..., :3] == 255).all()


def turns(film_format, pattern, packets):
    """Encode a motion in which a frame is shown again where the pattern says 'a', and a new one where it says 'n'."""
    encoder = SegmentEncoder(film_format, packets)
    shift = -1
    for what in pattern:
        if what == "a":
            encoder.again()
        else:
            shift += 1
            encoder.add(np.roll(patches(0), shift * 5, 1))
    return encoder.finish()


@pytest.mark.parametrize("kind", ["mp4", "webm"])
@pytest.mark.parametrize("pattern", ["nanana", "naaaaan", "n" * 5 + "a" + "nna" * 20, "na" * 40, "n" + "a" * 70 + "nn"])
def test_a_frame_of_motion_is_shown_again_exactly(kind, pattern):
    """What is shown again is the picture before, and all others are what they would be without it."""
    film_format = FilmFormat(320, 180, 30, kind)
    segment = turns(film_format, pattern, still_packets(film_format))
    decoded = frames_of([segment, still(3, film_format, seed=2)], film_format)[: len(pattern)]
    plainly = iter(frames_of([turns(film_format, pattern.replace("a", ""), None)], film_format))
    before = None
    for what, frame in zip(pattern, decoded, strict=True):
        expected = before if what == "a" else next(plainly)
        np.testing.assert_array_equal(frame, expected)
        before = expected
    assert segment.frames == len(segment.packets) == len(pattern)


def test_what_is_shown_again_costs_next_to_nothing():
    segment = turns(FORMAT, "n" + "a" * 50, still_packets(FORMAT))
    assert sum(len(packet.data) for packet in segment.packets[1:]) < 50 * 60


@pytest.mark.parametrize("off", ["encoding", "stills"])
def test_without_ready_made_packets_a_frame_is_encoded_again(off, monkeypatch, tmp_path):
    monkeypatch.setenv("ATTNVIZ_PLAIN", off)
    decoded = frames_of([turns(FORMAT, "nnaan", stills_of(Store(tmp_path), FORMAT))], FORMAT)
    assert len(decoded) == 5
    assert np.abs(decoded[3].astype(int) - decoded[1]).mean() < 2


@pytest.mark.parametrize("packet", [b"", b"\0\0\1", b"\0\0\1\x65\x88\x84\x00", b"\0\0\1\x41\x12\x34", b"picture"])
def test_only_slices_of_ours_are_numbered(packet):
    with pytest.raises(ValueError, match="not a slice of a frame that refers to the one before it"):
        numbered(packet, 3)


def test_a_packet_numbered_as_it_was_is_the_same():
    first, *others = motion(40).packets
    assert [numbered(packet.data, place) for place, packet in enumerate(others, 1)] == [each.data for each in others]
    assert first.key
