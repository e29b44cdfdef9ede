"""Every kind of file, as players, browsers and editors find it."""

import struct
from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

from attnviz.input.problems import ProblemsFound
from attnviz.publish.captions import Caption
from attnviz.publish.film import FilmChapter
from attnviz.publish.film_kinds import write_moving_pictures
from attnviz.publish.film_pngs import check_sequence, write_png_sequence
from attnviz.render.film.encoder import SegmentEncoder, still_packets
from attnviz.render.film.format import FilmFormat, path_of
from attnviz.render.film.transparent import DRAWN_ON_NOTHING, straight

WIDTH, HEIGHT = 320, 180
CHAPTERS = [FilmChapter("Čeština & <b>", Fraction(0), Fraction(1)), FilmChapter("Two", Fraction(1), Fraction(2))]
CAPTIONS = [
    Caption(Fraction(0), Fraction(1), ("43% of the way", "to <i>orange</i>. {Braces} -->")),
    Caption(Fraction(3, 2), Fraction(2), ("Další slovo",)),
]
FRAMES = 60  # two stills of 25 frames, each with 5 of motion after it


def picture(index):
    """A square on a ground; both tell the frame. Opaque."""
    still, step = divmod(index, 30)
    step = max(0, step - 24)
    pixels = np.full((HEIGHT, WIDTH, 4), 255, np.uint8)
    pixels[..., :3] = (20, 30, 160) if still else (200, 60, 20)
    pixels[40:90, 40 + 30 * step : 90 + 30 * step, :3] = 250
    return pixels


def segments_of(film_format, plain=False):
    segments = []
    for start in (0, 30):
        held = SegmentEncoder(film_format, None if plain else still_packets(film_format))
        moving = SegmentEncoder(film_format)
        held.hold(picture(start), 25)
        for index in range(start + 25, start + 30):
            moving.add(picture(index))
        segments += [held.finish(), moving.finish()]
    return segments


def write(path, kind, fps=30, plain=False):
    film_format = FilmFormat(WIDTH, HEIGHT, fps, kind)
    segments = segments_of(film_format, plain)
    frames = write_moving_pictures(
        path, film_format, segments, title="A title", chapters=CHAPTERS, captions=CAPTIONS, comment="model: a"
    )
    assert frames == FRAMES
    return path


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    return {kind: write(folder / f"film.{kind}", kind) for kind in ("mp4", "webm", "mov", "gif")}


def decode(path):
    with av.open(str(path)) as film:
        return [(frame.pts * frame.time_base, frame.to_ndarray(format="rgb24")) for frame in film.decode(video=0)]


def off(seen, index):
    """By how much a decoded picture is off, on the average."""
    return np.abs(seen.astype(int) - picture(index)[..., :3]).mean()


@pytest.mark.parametrize(
    ("kind", "codec", "profile", "pixels", "tag"),
    [
        ("mp4", "h264", "Main", "yuv420p", "avc1"),
        ("webm", "vp9", "Profile 0", "yuv420p", None),
        ("mov", "prores", "4444", "yuva444p12le", "ap4h"),
    ],
)
def test_the_file_says_what_is_in_it(films, kind, codec, profile, pixels, tag):
    with av.open(str(films[kind])) as film:
        context = film.streams.video[0].codec_context
        assert (context.name.removeprefix("lib"), context.profile, context.pix_fmt) == (codec, profile, pixels)
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)
        if tag:
            assert context.codec_tag == tag
        assert film.streams.video[0].average_rate == 30
        assert film.duration == 2_000_000


def parameter_set(path):
    """The bytes of the first sequence parameter set: profile, constraints, level."""
    data = path.read_bytes()
    start = data.index(b"avcC") + 4
    assert data[start] == 1
    return data[start + 1 : start + 4]


@pytest.mark.parametrize(
    ("size", "level"), [((854, 480, 15), 30), ((1280, 720, 30), 31), ((1920, 1080, 60), 42), ((3840, 2160, 60), 52)]
)
def test_the_level_is_the_lowest_that_the_size_allows(tmp_path, size, level):
    film_format = FilmFormat(*size)
    encoder = SegmentEncoder(film_format)
    encoder.hold(np.zeros((film_format.height, film_format.width, 4), np.uint8), 1)
    path = tmp_path / "a.mp4"
    write_moving_pictures(path, film_format, [encoder.finish()], title="", chapters=[], captions=[])
    profile, _, found = parameter_set(path)
    assert (profile, found) == (77, level)  # 77: Main


def test_the_mp4_names_its_colours_in_the_container_too(films):
    data = films["mp4"].read_bytes()
    start = data.index(b"colr")
    assert data[start + 4 : start + 8] == b"nclx"
    assert struct.unpack(">HHH", data[start + 8 : start + 14]) == (1, 1, 1)


@pytest.mark.parametrize("kind", ["mp4", "webm", "mov"])
def test_all_frames_are_there_at_regular_times_with_the_right_pictures(films, kind):
    shown = decode(films[kind])
    unit = 1000 if kind == "webm" else 30  # Matroska counts milliseconds
    assert [time for time, _ in shown] == [Fraction(round(Fraction(i, 30) * unit), unit) for i in range(FRAMES)]
    assert max(off(seen, index) for index, (_, seen) in enumerate(shown)) < 4
    with av.open(str(films[kind])) as film:
        packets = [packet for packet in film.demux(video=0) if packet.size]
        assert len(packets) == FRAMES
        assert packets[0].is_keyframe
        assert {packet.duration * packet.time_base for packet in packets} <= {Fraction(1, 30), Fraction(33, 1000)}
        keys = {round(packet.pts * packet.time_base * 30) for packet in packets if packet.is_keyframe}
        assert keys == (set(range(FRAMES)) if kind == "mov" else {0, 25, 30, 55})


@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_ready_made_stills_can_be_switched_off(tmp_path, kind):
    shown = decode(write(tmp_path / f"plain.{kind}", kind, plain=True))
    assert len(shown) == FRAMES
    assert max(off(seen, index) for index, (_, seen) in enumerate(shown)) < 4


@pytest.mark.parametrize("kind", ["mp4", "webm"])
@pytest.mark.parametrize("index", [12, 27, 41, 57])
def test_seeking_gives_the_right_picture(films, kind, index):
    with av.open(str(films[kind])) as film:
        stream = film.streams.video[0]
        film.seek(int(Fraction(index, 30) / stream.time_base), stream=stream)
        for frame in film.decode(stream):
            if frame.time > (index - 0.5) / 30:
                break
    assert off(frame.to_ndarray(format="rgb24"), index) < 4


def test_the_index_comes_before_the_pictures(films):
    for kind in ("mp4", "mov"):
        data = films[kind].read_bytes()
        assert data.index(b"moov") < data.index(b"mdat")
    data = films["webm"].read_bytes()
    assert data.index(bytes.fromhex("1c53bb6b")) < data.index(bytes.fromhex("1f43b675"))  # Cues, Cluster


@pytest.mark.parametrize("kind", ["mp4", "webm", "mov"])
def test_title_comment_and_chapters_can_be_read(films, kind):
    with av.open(str(films[kind])) as film:
        told = {name.lower(): text for name, text in film.metadata.items()}
        assert (told["title"], told["comment"]) == ("A title", "model: a")
        chapters = [
            (c["metadata"]["title"], c["start"] * c["time_base"], c["end"] * c["time_base"]) for c in film.chapters()
        ]
    assert chapters == [("Čeština & <b>", 0, 1), ("Two", 1, 2)]


def test_a_webm_has_its_captions(films):
    with av.open(str(films["webm"])) as film:
        stream = film.streams.subtitles[0]
        assert (stream.codec_context.name, stream.metadata["language"]) == ("webvtt", "eng")
        shown = [
            (p.pts * p.time_base, p.duration * p.time_base, bytes(p).decode()) for p in film.demux(stream) if p.size
        ]
    assert shown == [
        (0, 1, "43% of the way\nto &lt;\u2060i&gt;orange&lt;\u2060/i&gt;. {\u2060Braces} --\u2060&gt;"),
        (Fraction(3, 2), Fraction(1, 2), "Další slovo"),
    ]


def test_a_mov_has_no_track_that_an_editor_would_stumble_over(films):
    with av.open(str(films["mov"])) as film:
        assert not film.streams.subtitles


@pytest.mark.parametrize("kind", ["mp4", "webm", "mov", "gif"])
def test_the_bytes_are_the_same_on_every_run(films, tmp_path, kind):
    assert write(tmp_path / "again", kind).read_bytes() == films[kind].read_bytes()


# --- transparent ---


def drawn_on_nothing(kind="mov"):
    """White and orange drawn by Cairo on nothing, with soft edges."""
    import cairo

    surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, WIDTH, HEIGHT)
    context = cairo.Context(surface)
    for x, color in ((90, (1, 1, 1)), (230, (1, 0.5, 0.125))):
        context.set_source_rgb(*color[::-1])  # Cairo's order is that of a little-endian word
        context.set_line_width(3)
        context.arc(x, 90, 40.3, 0, 7)
        context.stroke()
        context.move_to(x - 60, 20)
        context.line_to(x + 60, 170)
        context.stroke()
    return np.ndarray((HEIGHT, WIDTH, 4), np.uint8, surface.get_data()).copy()


@pytest.fixture(scope="module")
def transparent(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "film.mov"
    film_format = FilmFormat(WIDTH, HEIGHT, 30, "mov")
    assert film_format.transparent
    encoder = SegmentEncoder(film_format)
    encoder.hold(drawn_on_nothing(), 3)
    write_moving_pictures(path, film_format, [encoder.finish()], title="", chapters=[], captions=[])
    with av.open(str(path)) as film:
        frames = [frame.to_ndarray(format="rgba") for frame in film.decode(video=0)]
    assert len(frames) == 3
    return frames[1]


def over(straight_pixels, ground):
    alpha = straight_pixels[..., 3:].astype(float) / 255
    return straight_pixels[..., :3] * alpha + np.asarray(ground) * (1 - alpha)


def test_the_transparency_is_kept(transparent):
    np.testing.assert_allclose(transparent[..., 3].astype(int), drawn_on_nothing()[..., 3], atol=1)


@pytest.mark.parametrize("ground", [(255, 255, 255), (0, 0, 0), (14, 17, 22)])
def test_edges_have_no_halo_on_any_ground(transparent, ground):
    drawn = drawn_on_nothing().astype(float)
    truth = drawn[..., :3] + np.asarray(ground) * (1 - drawn[..., 3:] / 255)
    np.testing.assert_allclose(over(transparent, ground), truth, atol=6)


def test_white_drawn_on_nothing_is_invisible_on_white(transparent):
    left = over(transparent, (255, 255, 255))[:, :150]
    assert left.min() > 250


@pytest.mark.parametrize("ground", [(255, 255, 255), (14, 17, 22), (0, 128, 0)])
def test_manims_pictures_look_the_same_laid_over_a_ground_as_drawn_on_it(ground):
    import manim

    def drawn(settings):
        with manim.tempconfig({"pixel_width": WIDTH, "pixel_height": HEIGHT, **settings}):
            camera = manim.Camera()
            camera.reset()
            shapes = [
                manim.Circle(color=manim.WHITE, stroke_width=3).shift(manim.LEFT),
                manim.Square(color=manim.ORANGE, fill_opacity=0.5, stroke_width=2),
                manim.Circle(color=manim.RED, fill_opacity=0.3, stroke_opacity=0.4).shift(manim.RIGHT * 3),
            ]
            camera.capture_mobjects(shapes)
            return camera.pixel_array.copy()

    color = "#" + bytes(ground).hex()
    truth = drawn({"background_color": color, "background_opacity": 1.0})[..., :3].astype(float)
    np.testing.assert_allclose(over(straight(drawn(DRAWN_ON_NOTHING)), ground), truth, atol=3)


# --- GIF ---


@pytest.mark.parametrize(("fps", "ends"), [(30, 200), (50, 120), (15, 400), (7, 857)])
def test_a_gif_shows_stills_as_one_long_image(tmp_path, fps, ends):
    path = write(tmp_path / "a.gif", "gif", fps)
    with Image.open(path) as film:
        assert film.info["loop"] == 0
        assert film.n_frames == 2 * (1 + 5)  # a still, and five pictures of motion
        starts, now = [], 0
        for number in range(film.n_frames):
            film.seek(number)
            starts.append(now)
            now += film.info["duration"]
            index = [0, 25, 26, 27, 28, 29][number % 6] + 30 * (number // 6)
            assert now > starts[-1]
            assert starts[-1] == 10 * round(Fraction(100 * index, fps))
            assert off(np.asarray(film.convert("RGB")), index) < 1
    assert now == 10 * ends


def test_a_gif_that_only_stands_lasts_as_long_as_it_should(tmp_path):
    film_format = FilmFormat(WIDTH, HEIGHT, 2, "gif")
    encoder = SegmentEncoder(film_format)
    encoder.hold(picture(0), 2 * 700)  # longer than one image of a GIF can be shown
    path = tmp_path / "a.gif"
    write_moving_pictures(path, film_format, [encoder.finish()], title="", chapters=[], captions=[])
    with Image.open(path) as film:
        durations = []
        for number in range(film.n_frames):
            film.seek(number)
            durations.append(film.info["duration"])
            assert off(np.asarray(film.convert("RGB")), 0) < 1
    assert durations == [600_000, 100_000]


# --- a folder of PNG files ---


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_png_sequence_has_every_frame_exactly(tmp_path):
    folder = write(tmp_path / "a.frames", "png")
    assert names(folder) == [f"frame-{index:06}.png" for index in range(FRAMES)]
    for index in (0, 24, 27, 59):
        with Image.open(folder / f"frame-{index:06}.png") as image:
            assert image.mode == "RGB"
            np.testing.assert_array_equal(np.asarray(image), picture(index)[..., :3])
    assert names(tmp_path) == ["a.frames"]


def test_a_newer_sequence_takes_the_place_of_an_older_one(tmp_path):
    folder = write(tmp_path / "a.frames", "png")
    [short, *_] = segments_of(FilmFormat(WIDTH, HEIGHT, 30, "png"))
    assert write_png_sequence(folder, [short]) == 25
    assert len(names(folder)) == 25
    assert names(tmp_path) == ["a.frames"]


def test_a_sequence_is_complete_or_absent(tmp_path):
    def broken():
        yield segments_of(FilmFormat(WIDTH, HEIGHT, 30, "png"))[0]
        raise OSError(28, "No space left on device")

    with pytest.raises(ProblemsFound, match=r"cannot write to '.*a\.frames': the disk is full"):
        write_png_sequence(tmp_path / "a.frames", broken())
    assert names(tmp_path) == []
    folder = write(tmp_path / "a.frames", "png")
    with pytest.raises(ProblemsFound):
        write_png_sequence(folder, broken())
    assert len(names(folder)) == FRAMES
    assert names(tmp_path) == ["a.frames"]


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(ProblemsFound, match=r"holds 'thesis\.tex', which is not a picture of an older film"):
        check_sequence(tmp_path)
    with pytest.raises(ProblemsFound):
        write_png_sequence(tmp_path, [])
    with pytest.raises(ProblemsFound, match="Not a directory"):
        check_sequence(tmp_path / "thesis.tex")
    assert names(tmp_path) == ["thesis.tex"]


def test_where_films_go(tmp_path):
    film = tmp_path / "lecture.mp4"
    assert path_of(film, "mp4") == film
    assert path_of(film, "webm").name == "lecture.webm"
    assert path_of(film, "png").name == "lecture.frames"
