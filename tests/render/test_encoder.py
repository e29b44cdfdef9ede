"""Colours, stills and headers of the encoded film."""

import av
import numpy as np
import pytest

from attnviz.render.encoder import FilmFormat, SegmentEncoder, still_packets

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
    encoder = SegmentEncoder(FORMAT)
    encoder.hold(plain(color), 1, still_packets(FORMAT))
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
    encoder = SegmentEncoder(FORMAT)
    encoder.hold(patches(1), frames, still_packets(FORMAT))
    segment = encoder.finish()
    decoded = frames_of([segment], FORMAT)
    assert segment.frames == len(decoded) == frames
    assert all(np.array_equal(frame, decoded[0]) for frame in decoded)
    assert np.abs(decoded[0].astype(int) - patches(1)[..., :3]).mean() < 12


def test_a_still_can_be_encoded_plainly():
    encoder = SegmentEncoder(FORMAT)
    encoder.hold(patches(1), 20, None)
    assert len(frames_of([encoder.finish()], FORMAT)) == 20


def test_segments_join_in_any_mixture():
    segments = []
    for seed in range(4):
        still, motion = SegmentEncoder(FORMAT), SegmentEncoder(FORMAT)
        still.hold(patches(seed), 35, still_packets(FORMAT))
        for shift in range(7):
            motion.add(np.roll(patches(seed), shift * 5, 1))
        segments += [still.finish(), motion.finish()]
    decoded = frames_of(segments, FORMAT)
    assert len(decoded) == 4 * 42
    for seed in range(4):
        for frame in decoded[seed * 42 : seed * 42 + 35]:
            assert np.array_equal(frame, decoded[seed * 42])
        assert np.abs(decoded[seed * 42 + 41].astype(int) - np.roll(patches(seed), 30, 1)[..., :3]).mean() < 20
