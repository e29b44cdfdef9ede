"""The icons: every drawing loads, keeps its bounds, and is legible on the ground of every theme."""

import io
import shutil
import warnings
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import resvg_py
from PIL import Image, ImageFilter

with warnings.catch_warnings():  # a library that manim imports uses the deprecated audioop
    warnings.simplefilter("ignore", DeprecationWarning)
    from manim import ManimColor, VMobject

    from attnviz.stage import icons, theme
    from attnviz.stage.icons import icon, icon_names

SHAPES = {"path", "circle", "ellipse", "rect"}
EXPECTED = {
    *("apple", "banana", "blueberry", "cherry", "grape", "lemon", "orange", "pear", "strawberry"),
    *("android", "computer", "laptop", "microsoft", "phone", "tablet"),
    *("bank", "bat", "book", "car", "cat", "dog", "motorcycle", "mouse", "river"),
}


def area(part: VMobject) -> float:
    x, y = np.array(part.get_anchors())[:, :2].T
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2


def drawn(word: str, height: float = 1.0) -> VMobject:
    found = icon(word, height)
    assert found is not None
    return found


def test_the_vocabulary_of_the_lectures_has_icons():
    assert set(icon_names()) >= EXPECTED


def test_names_are_plain_and_sorted():
    assert icon_names() == sorted(icon_names())
    assert all(icons._PLAIN.fullmatch(name) for name in icon_names())


@pytest.mark.parametrize("name", icon_names())
def test_only_flat_shapes(name: str):
    root = ET.parse(icons._FOLDER / f"{name}.svg").getroot()
    assert root.get("viewBox") == "0 0 64 64"
    tags = {element.tag.rpartition("}")[2] for element in root.iter()} - {"svg", "g"}
    assert tags <= SHAPES
    widths = {element.get("stroke-width") for element in root.iter()} - {None}
    assert widths == {"2.5"}
    assert not any((element.text or "").strip() for element in root.iter())


@pytest.mark.parametrize("name", icon_names())
def test_every_shape_is_read_and_fits_the_square(name: str):
    root = ET.parse(icons._FOLDER / f"{name}.svg").getroot()
    drawing = drawn(name, 2.0)
    assert len(drawing.submobjects) == sum(e.tag.rpartition("}")[2] in SHAPES for e in root.iter())
    stroke = 2.0 * 2.5 / 64
    # Nothing spills out of the square, and the longer side nearly fills it.
    assert 0.75 * 2.0 <= max(drawing.width, drawing.height) + stroke <= 2.0
    assert np.allclose(drawing.get_center(), 0, atol=1e-6)


@pytest.mark.parametrize("name", icon_names())
def test_the_largest_part_stands_out_from_a_dark_ground(name: str):
    filled = [part for part in drawn(name).submobjects if part.get_fill_opacity() > 0]
    assert theme.contrast(max(filled, key=area).get_fill_color(), theme.THEMES["dark"].ground) >= 2


def edge_colors(name: str) -> set[tuple[int, ...]]:
    """Return the colours with which a drawing ends: those of opaque pixels that are near to where nothing is drawn."""
    svg = (icons._FOLDER / f"{name}.svg").read_text()
    drawing = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, width=256, height=256)))).convert(
        "RGBA"
    )
    drawing = Image.alpha_composite(Image.new("RGBA", (272, 272)), drawing.copy().crop((-8, -8, 264, 264)))
    opacity = drawing.getchannel("A")
    near_nothing = np.array(opacity.filter(ImageFilter.MinFilter(7))) == 0
    return {tuple(color) for color in np.array(drawing)[(np.array(opacity) == 255) & near_nothing][:, :3].tolist()}


@pytest.mark.parametrize("name", icon_names())
def test_the_outline_is_seen_on_the_ground_of_every_theme(name: str):
    for each in theme.THEMES.values():
        for color in edge_colors(name):
            assert theme.contrast(ManimColor(color), each.ground) >= 2, (ManimColor(color), each.ground)


@pytest.mark.parametrize("name", icon_names())
def test_few_flat_opaque_colours(name: str):
    for part in drawn(name).submobjects:
        assert part.get_fill_opacity() in (0, 1)
        assert part.get_fill_opacity() == 1 or part.get_stroke_width() > 0


def test_outlines_grow_with_the_icon():
    def stroke(height: float) -> float:
        return max(part.get_stroke_width() for part in drawn("apple", height).submobjects)

    assert stroke(1.0) == pytest.approx(100 * 2.5 / 64)  # hundredths of a scene unit
    assert stroke(3.0) == pytest.approx(3 * stroke(1.0))


def test_drawings_are_upright_and_not_shared():
    first, second = drawn("apple"), drawn("apple")
    stem_and_leaf, body = first.submobjects[-1], first.submobjects[0]
    assert stem_and_leaf.get_center()[1] > body.get_center()[1]
    first.shift(np.array([5.0, 0, 0]))
    assert np.allclose(second.get_center(), 0, atol=1e-6)


@pytest.mark.parametrize(
    ("word", "name"),
    [("Apple", "apple"), ("apples", "apple"), ("cherries", "cherry"), ("PHONES", "phone"), ("bat", "bat")],
)
def test_case_and_plural_are_tolerated(word: str, name: str):
    assert icons._drawn_name(word.lower()) == name
    assert icon(word, 1.0) is not None


@pytest.mark.parametrize(
    "word",
    ["", "s", "and", "the", "../icons/apple", "apple.svg", "apple ", "аpple", "apple#2", "a" * 400, "\0"],
)
def test_other_words_have_none(word: str):
    assert icon(word, 1.0) is None


def test_reading_writes_nothing_beside_the_drawings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shutil.copy(icons._FOLDER / "apple.svg", tmp_path)
    monkeypatch.setattr(icons, "_FOLDER", tmp_path)
    before = tmp_path.stat().st_mtime_ns
    drawn("apple")
    assert tmp_path.stat().st_mtime_ns == before


def test_a_kind_of_a_thing_has_its_icon():
    assert icons._drawn_name("fruit-apple") == "apple"
    assert icons._drawn_name("tech-apples") == "apple"
    assert icon("apple-like", 1.0) is None
