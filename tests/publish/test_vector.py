"""Vectors look like the frame: each file is rasterised by a renderer that is not Cairo, and compared with the pixels."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pypdfium2
import pytest
import resvg_py
from manim import (
    BLUE,
    DOWN,
    GREEN,
    LEFT,
    ORANGE,
    PI,
    RED,
    RIGHT,
    UP,
    WHITE,
    YELLOW,
    CapStyleType,
    Circle,
    DashedLine,
    Dot,
    ImageMobject,
    Line,
    LineJointType,
    ManimColor,
    MovingCameraScene,
    Point,
    PointCloudDot,
    Polygon,
    Scene,
    Sphere,
    Square,
    Star,
    ThreeDScene,
    Typst,
    VGroup,
    rotate_vector,
)
from manim.constants import RESAMPLING_ALGORITHMS
from PIL import Image

from attnviz.input.problems import ProblemsFound
from attnviz.publish.vector import save_pdf, save_svg
from attnviz.render.film.encoder import FilmFormat
from attnviz.render.shots.manim_setup import manim_setup
from attnviz.render.shots.renderer import StageRenderer
from attnviz.stage import theme

FORMAT = FilmFormat(960, 540, 60)
SVG = "{http://www.w3.org/2000/svg}"
# Renderers differ at edges only: in the mean by this many of 255 levels, and by more than EDGE in so many pixels.
MEAN, EDGE, SHARE = 0.4, 32, 0.004


@pytest.fixture(autouse=True, scope="module")
def manim_set_up():
    with manim_setup(FORMAT):
        yield


def scene_of(*mobjects, kind=Scene):
    scene = kind(renderer=StageRenderer(FORMAT)) if kind is Scene else kind()
    scene.add(*mobjects)
    return scene


def pixels_of(scene):
    scene.renderer.static_image = None
    scene.renderer.update_frame(scene)
    return scene.camera.pixel_array[..., :3].astype(int)


def rasterised(path):
    if path.suffix == ".svg":
        data = resvg_py.svg_to_bytes(svg_path=str(path), dpi=96.0, width=FORMAT.width, height=FORMAT.height)
        image = Image.open(io.BytesIO(bytes(data)))
    else:
        with pypdfium2.PdfDocument(path) as document:
            image = document[0].render(scale=1).to_pil()
    assert image.size == (FORMAT.width, FORMAT.height)
    return np.asarray(image.convert("RGB")).astype(int)


def svg_of(scene, path, **options):
    save_svg(scene, path / "a.svg", **options)
    return (path / "a.svg").read_text(encoding="utf-8")


def text_with_a_halo():
    text = Typst("Halo: $sum_(i=1)^n e^(x_i) = 2.72$ über").scale(2)
    for glyph in text.family_members_with_points():
        glyph.set_stroke(ORANGE, width=8, background=True)
    return scene_of(Square(4, fill_color=BLUE, fill_opacity=0.7), text)


def gradients():
    square = Square(3, fill_opacity=1).set_color([RED, YELLOW, BLUE]).set_sheen_direction(UP).shift(3 * LEFT)
    line = Line(4 * RIGHT + 2 * DOWN, 4 * RIGHT + 2 * UP, stroke_width=40).set_color([GREEN, WHITE])
    line.set_sheen_direction(UP)
    return scene_of(square, Circle(fill_opacity=0.5, color=GREEN).set_sheen(0.6, UP), line)


def joins_and_caps():
    shapes = VGroup()
    for joint in (LineJointType.AUTO, LineJointType.ROUND, LineJointType.BEVEL, LineJointType.MITER):
        shapes.add(Star(stroke_width=20, joint_type=joint))
    for cap in (CapStyleType.AUTO, CapStyleType.ROUND, CapStyleType.BUTT, CapStyleType.SQUARE):
        shapes.add(Line(stroke_width=30, cap_style=cap))
    spike = Polygon(3 * DOWN, 3 * DOWN + 4 * RIGHT, 2.6 * DOWN, stroke_width=8)  # a corner past the miter limit of SVG
    return scene_of(shapes.arrange_in_grid(2, 4, buff=0.7).shift(UP), DashedLine(6 * LEFT + DOWN, 6 * RIGHT), spike)


def layers():
    low = Square(3, fill_color=RED, fill_opacity=1).set_z_index(-1)
    scene = scene_of(Circle(1.2, fill_color=BLUE, fill_opacity=0.6), low)
    scene.add_foreground_mobject(Dot(radius=0.5, color=GREEN))
    scene.add(Square(2, fill_color=YELLOW, fill_opacity=1, stroke_width=0).shift(0.4 * RIGHT))
    return scene


def moved_camera():
    scene = scene_of(Square(color=RED).shift(2 * RIGHT), Typst("zoom $x^2$"), kind=MovingCameraScene)
    scene.camera.frame.set(width=6).shift(RIGHT + 0.5 * UP)
    return scene


def solids():
    scene = ThreeDScene()
    scene.set_camera_orientation(phi=PI / 3, theta=-PI / 4)
    scene.add(Sphere(resolution=(8, 8)).set_stroke(width=2))
    fixed = Typst("fixed")
    scene.add_fixed_in_frame_mobjects(fixed.to_corner(UP + LEFT))
    return scene


def what_has_no_outlines():
    filled = Circle(2, fill_opacity=1).shift(3 * RIGHT)
    filled.color_using_background_image(Image.new("RGBA", (32, 18), "#a020f0"))
    return scene_of(PointCloudDot(radius=1, color=YELLOW).shift(3 * LEFT), filled)


ALL = (text_with_a_halo, gradients, joins_and_caps, layers, moved_camera, solids, what_has_no_outlines)


@pytest.mark.slow
@pytest.mark.parametrize("save", [save_svg, save_pdf])
@pytest.mark.parametrize("make", ALL, ids=lambda make: make.__name__)
def test_a_figure_looks_like_the_frame(make, save, tmp_path):
    scene = make()
    path = tmp_path / f"figure.{save.__name__[-3:]}"
    save(scene, path)
    frame = pixels_of(scene)
    assert len(np.unique(frame.reshape(-1, 3), axis=0)) > 3, "something is drawn"
    difference = abs(frame - rasterised(path))
    assert difference.mean() < MEAN
    assert (difference.max(axis=2) > EDGE).mean() < SHARE


def test_a_picture_is_carried_along(tmp_path):
    ramp = np.linspace(0, 255, 64, dtype=np.uint8)
    smooth = np.stack([*np.meshgrid(ramp, ramp), np.full((64, 64), 90, np.uint8), np.full((64, 64), 200, np.uint8)], -1)
    coarse = np.array([[[255, 0, 0, 255], [0, 255, 0, 255]], [[0, 0, 255, 255], [255, 255, 255, 100]]], dtype=np.uint8)
    nearest = ImageMobject(coarse).set_resampling_algorithm(RESAMPLING_ALGORITHMS["nearest"])
    scene = scene_of(
        ImageMobject(smooth).set(width=4).shift(3 * LEFT).rotate(PI / 6),
        nearest.set(width=4).shift(3 * RIGHT),
    )
    ground = np.array([0x0E, 0x11, 0x16])
    for save, name in ((save_svg, "a.svg"), (save_pdf, "a.pdf")):
        save(scene, tmp_path / name)
        frame = rasterised(tmp_path / name)

        def at(x, y, frame=frame):
            return frame[round(270 - y * 67.5), round(480 + x * 67.5)]

        for place, color in (((2, 1), "#ff0000"), ((2.95, 0.05), "#ff0000"), ((4, 1), "#00ff00"), ((2, -1), "#0000ff")):
            assert abs(at(*place) - ManimColor(color).to_int_rgb()).max() <= 1
        assert abs(at(4, -1) - (ground + (255 - ground) * 100 / 255)).max() <= 2
        for u, v in ((0.5, 0.5), (0.9, 0.2), (0.2, 0.9)):  # across and down the rotated picture
            offset = rotate_vector(np.array([4 * u - 2, 2 - 4 * v, 0]), PI / 6)
            wanted = ground + (np.array([255 * u, 255 * v, 90]) - ground) * 200 / 255
            assert abs(at(-3 + offset[0], offset[1]) - wanted).max() <= 6


@pytest.mark.parametrize("save", [save_svg, save_pdf])
def test_the_same_scene_gives_the_same_bytes(save, tmp_path):
    files = [tmp_path / name for name in ("one", "two")]
    for path in files:
        save(gradients(), path, title="T", description="D")
    assert files[0].read_bytes() == files[1].read_bytes()
    assert b"Date" not in files[0].read_bytes()


def test_text_is_vectors_and_numbers_are_short(tmp_path):
    svg = svg_of(text_with_a_halo(), tmp_path)
    assert not re.search("<image|<text|font", svg)
    assert all(
        float(number).is_integer() for d in re.findall(r' d="([^"]+)"', svg) for number in re.findall(r"[\d.]+", d)
    )
    save_pdf(text_with_a_halo(), tmp_path / "a.pdf")
    assert not re.search(rb"/Font\b|/Image\b", (tmp_path / "a.pdf").read_bytes())


@pytest.mark.slow
@pytest.mark.parametrize("save", [save_svg, save_pdf])
def test_a_table_of_numbers_is_a_small_file(save, tmp_path):
    table = VGroup(*(VGroup(Square(0.7, fill_opacity=0.5), Typst(f"0.{n:03d}")) for n in range(100)))
    save(scene_of(table.arrange_in_grid(10, 10, buff=0.05)), tmp_path / "table")
    assert 10_000 < (tmp_path / "table").stat().st_size < 300_000


def test_title_and_description_are_data(tmp_path):
    title, description = 'a</title><script>alert("1")</script>&amp;', "שלום <b> ]]> '\u202e' 🍎 \x07\ufffe\ud800end"
    root = ET.fromstring(svg_of(layers(), tmp_path, title=title, description=description).encode())
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
    assert root.findtext(f"{SVG}title") == title
    assert root.findtext(f"{SVG}desc") == "שלום <b> ]]> '\u202e' 🍎 end"
    assert root.get("role") == "img"
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {"svg", "title", "desc", "g", "rect", "path"}
    save_pdf(layers(), tmp_path / "a.pdf", title=title, description=description)
    with pypdfium2.PdfDocument(tmp_path / "a.pdf") as document:
        facts = document.get_metadata_dict()
        assert facts["Title"] == title
        assert facts["Subject"] == "שלום <b> ]]> '\u202e' 🍎 end"
        assert facts["CreationDate"] == ""
        assert document[0].get_size() == (960, 540)
        assert len(document) == 1


def test_without_a_ground_the_page_shows_through(tmp_path):
    svg = svg_of(layers(), tmp_path)
    assert f'<rect width="192000" height="108000" fill="{theme.GROUND}"/>' in svg
    assert "<rect" not in svg_of(layers(), tmp_path, ground=False)
    save_pdf(layers(), tmp_path / "a.pdf", ground=False)
    assert rasterised(tmp_path / "a.pdf")[0, 0].tolist() == [255, 255, 255]


def test_what_cannot_be_seen_is_not_written(tmp_path):
    scene = scene_of(
        Square(fill_opacity=0, stroke_opacity=0),
        Square(stroke_width=0),
        Circle(fill_opacity=1).shift(20 * RIGHT),
        Point(),
    )
    assert "<path" not in svg_of(scene, tmp_path)
    assert "<path" in svg_of(scene_of(Circle(stroke_width=300).shift(9 * RIGHT)), tmp_path)


def test_a_mobject_without_finite_points_is_left_out(tmp_path):
    broken = Square(fill_opacity=1)
    broken.points[3] = np.nan
    assert "<path" not in svg_of(scene_of(broken), tmp_path)


def test_gradients_are_called_by_what_they_are(tmp_path):
    names = re.findall(r'<linearGradient id="([^"]+)"', svg_of(gradients(), tmp_path))
    assert len(names) == len(set(names)) >= 3
    assert names == re.findall(r'<linearGradient id="([^"]+)"', svg_of(gradients(), tmp_path))
    assert set(names) == set(re.findall(r"url\(#([^)]+)\)", svg_of(gradients(), tmp_path)))


def test_a_background_picture_is_the_ground(tmp_path):
    scene = layers()
    Image.new("RGB", (FORMAT.width, FORMAT.height), "#123456").save(tmp_path / "ground.png")
    scene.camera.background_image = str(tmp_path / "ground.png")
    scene.camera.init_background()
    svg = svg_of(scene, tmp_path)
    assert "<rect" not in svg
    assert rasterised(tmp_path / "a.svg")[0, 0].tolist() == [0x12, 0x34, 0x56]


@pytest.mark.parametrize("save", [save_svg, save_pdf])
def test_what_cannot_be_written_is_one_problem(save, tmp_path):
    (tmp_path / "taken").mkdir()
    with pytest.raises(ProblemsFound, match="cannot write"):
        save(layers(), tmp_path / "taken")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_nothing_is_drawn_in_pixels(monkeypatch, tmp_path):
    scene = text_with_a_halo()
    monkeypatch.setattr(type(scene.camera), "get_cairo_context", lambda *_: pytest.fail("drawn"))
    save_svg(scene, tmp_path / "a.svg")
    save_pdf(scene, tmp_path / "a.pdf")
