"""Colours for the encoder: the same in C and with numpy, and as near to the exact ones as 8 bits allow."""

import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from attnviz.render.accelerate import colours
from attnviz.render.accelerate.colours import Canvas, Planes, convert_in_c, convert_with_numpy, own_conversion
from attnviz.render.accelerate.compiled import library
from attnviz.render.film.encoder import SegmentEncoder, to_yuv
from attnviz.render.film.format import FilmFormat

RNG = np.random.default_rng(7)
needs_compiler = pytest.mark.skipif(library("colours") is None, reason="there is no C compiler")


def noise(height, width):
    return RNG.integers(0, 256, (height, width, 4), dtype=np.uint8)


def smooth(height, width):
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([255 * x / width, 255 * y / height, 127 + 127 * np.sin(x / 40), 0 * x + 255], -1).astype(np.uint8)


def empty(pixels):
    height, width = pixels.shape[:2]
    return Planes(*(np.zeros((height // k, width // k), np.uint8) for k in (1, 2, 2)))


def exact(pixels):
    """BT.709 in limited range, by floating point; chroma from the mean of four pixels."""
    height, width = pixels.shape[:2]
    rgb = pixels[..., :3].astype(float)
    of_four = rgb.reshape(height // 2, 2, width // 2, 2, 3).mean((1, 3))
    weights = np.array([0.2126, 0.7152, 0.0722])
    luma, luma_of_four = rgb @ weights, of_four @ weights
    u = 128 + 224 / 255 * (of_four[..., 2] - luma_of_four) / (2 * (1 - 0.0722))
    v = 128 + 224 / 255 * (of_four[..., 0] - luma_of_four) / (2 * (1 - 0.2126))
    return Planes(16 + 219 / 255 * luma, u, v)


def to_frame(pixels):
    return Canvas(pixels.shape[1], pixels.shape[0]).show(pixels)


def of_frame(frame):
    planes = (np.frombuffer(memoryview(p), np.uint8).reshape(-1, p.line_size)[:, : p.width] for p in frame.planes)
    return Planes(*planes)


@needs_compiler
@pytest.mark.parametrize("size", [(2, 2), (6, 30), (18, 34), (180, 320), (34, 1922), (270, 480)])
def test_c_and_numpy_find_the_same_bytes(size):
    pixels = noise(*size)
    in_c, with_numpy = empty(pixels), empty(pixels)
    convert_in_c(library("colours"), pixels, in_c)
    convert_with_numpy(pixels, with_numpy)
    assert all(map(np.array_equal, in_c, with_numpy))


@needs_compiler
def test_c_reads_and_writes_rows_that_are_apart():
    pixels = noise(20, 80)[:, 8:72]
    wide = Planes(np.full((20, 100), 7, np.uint8), np.full((10, 50), 7, np.uint8), np.full((10, 50), 7, np.uint8))
    inside = Planes(wide.y[:, :64], wide.u[:, :32], wide.v[:, :32])
    expected = empty(pixels)
    convert_in_c(library("colours"), pixels, inside)
    convert_with_numpy(pixels, expected)
    assert all(map(np.array_equal, inside, expected))
    assert (wide.y[:, 64:] == 7).all()
    assert (wide.u[:, 32:] == 7).all()


@pytest.mark.parametrize("picture", [noise, smooth])
def test_every_sample_is_the_nearest_to_the_exact_one(picture):
    pixels = picture(180, 320)
    planes = empty(pixels)
    convert_with_numpy(pixels, planes)
    for found, expected in zip(planes, exact(pixels), strict=True):
        assert np.abs(found - expected).max() < 0.505  # half a step, and what 15 bits of a weight leave out


def test_it_is_as_near_as_swscale():
    pixels = smooth(180, 320)
    theirs, ours, expected = of_frame(to_yuv(pixels, VideoReformatter())), of_frame(to_frame(pixels)), exact(pixels)
    for found, other, truth in zip(ours, theirs, expected, strict=True):
        assert np.abs(found - truth).mean() <= np.abs(other - truth).mean()


@pytest.mark.parametrize(
    ("colour", "yuv"),
    [
        ((0, 0, 0), (16, 128, 128)),
        ((255, 255, 255), (235, 128, 128)),
        ((128, 128, 128), (126, 128, 128)),
        ((255, 0, 0), (63, 102, 240)),
        ((0, 255, 0), (173, 42, 26)),
        ((0, 0, 255), (32, 240, 118)),
    ],
)
def test_known_colours(colour, yuv):
    pixels = np.full((4, 4, 4), (*colour, 255), np.uint8)
    assert [int(plane[0, 0]) for plane in of_frame(to_frame(pixels))] == list(yuv)


def test_frames_say_which_colours_they_have():
    frame = to_frame(noise(4, 6))
    assert (frame.width, frame.height, frame.format.name) == (6, 4, "yuv420p")
    assert frame.colorspace == Colorspace.ITU709
    assert frame.color_range == ColorRange.MPEG


def test_the_encoder_converts_by_it_while_it_is_in_use(monkeypatch):
    pixels, used = noise(64, 64), []
    monkeypatch.setattr(colours, "convert", lambda *_: used.append(True))
    with own_conversion():
        SegmentEncoder(FilmFormat(64, 64, 10)).add(pixels)
    assert used.pop()
    SegmentEncoder(FilmFormat(64, 64, 10)).add(pixels)
    assert not used


@pytest.mark.parametrize("rows", [(0, 0), (0, 1), (3, 4), (3, 8), (4, 7), (13, 16), (15, 16), (0, 16), (9, 99)])
def test_rows_that_have_not_changed_are_left_as_they_are(rows):
    before, after = noise(16, 32), noise(16, 32)
    after[: rows[0]], after[rows[1] :] = before[: rows[0]], before[rows[1] :]
    canvas = Canvas(32, 16)
    canvas.show(before, (0, 0))  # nothing is there yet, whatever is said
    assert all(map(np.array_equal, of_frame(canvas.show(before, (0, 0))), of_frame(to_frame(before))))
    assert all(map(np.array_equal, of_frame(canvas.show(after, rows)), of_frame(to_frame(after))))
    canvas.show(noise(16, 32), (2, 4))
    assert np.array_equal(of_frame(canvas.show(after, (0, 0))).y[4:], of_frame(to_frame(after)).y[4:])


def test_without_a_compiler_numpy_does_it(monkeypatch):
    pixels = noise(16, 32)
    before = of_frame(to_frame(pixels))
    monkeypatch.setattr(colours, "library", lambda name: None)
    assert all(map(np.array_equal, of_frame(to_frame(pixels)), before))
