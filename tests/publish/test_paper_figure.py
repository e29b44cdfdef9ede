"""Figures for paper: cut to what is drawn, as wide as asked for, with letters that are text and look as they did."""

from __future__ import annotations

import base64
import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pypdfium2
import pytest
import resvg_py
from fontTools.ttLib import TTFont
from manim import DEGREES, DOWN, LEFT, RIGHT, UP, Circle, Line, Scene, Square, Typst, VGroup
from PIL import Image

from attnviz.publish.paper_figure import smallest_em
from attnviz.publish.vector_crop import MARGIN, cropped
from attnviz.publish.vector_letters import with_letters
from attnviz.publish.vector_page import Text, page_of
from attnviz.publish.vector_pdf import pdf_of, png_of
from attnviz.publish.vector_svg import svg_of
from attnviz.publish.vector_typst import pdf_of_typst, typst_of
from attnviz.render.film.format import FilmFormat
from attnviz.render.shots.manim_setup import manim_setup
from attnviz.render.shots.renderer import StageRenderer
from attnviz.stage import theme
from attnviz.stage.layout import placed
from attnviz.stage.numbers import Number
from attnviz.stage.typesetting import formula, number_marks, prose

FORMAT = FilmFormat(960, 540, 60, theme="print")
WIDTH = 300.0
SVG = "{http://www.w3.org/2000/svg}"
# The same letters, painted by another program, or from a font: they differ at their edges only
MEAN, EDGE, SHARE = 1.0, 64, 0.01


@pytest.fixture(autouse=True, scope="module")
def manim_set_up():
    with manim_setup(FORMAT):
        yield


def scene_of(*mobjects):
    scene = Scene(renderer=StageRenderer(FORMAT))
    scene.add(*mobjects)
    return scene


def page(*mobjects, **options):
    return cropped(page_of(scene_of(*mobjects), **options), WIDTH)


def all_kinds():
    weight = Number(0.64, "0.64", None, {}, "1 - 0.36").styled("percent")
    return (
        prose("The office after softmax: “fish”, fjords & <b>", own=True).shift(2.4 * UP),
        formula(
            '{of}":" quad {p} "on" {to}, W_Q^T approx alpha x',
            words={"of": "it", "to": "animal"},
            p=weight,
            colors={"to": theme.FOCUS},
        ).shift(UP),
        prose("slanted").rotate(40 * DEGREES).shift(DOWN + 4 * LEFT),
        prose("faint").set_opacity(0.5).shift(DOWN),
        prose("halo").set_stroke(theme.GROUND, width=8, background=True).shift(DOWN + 3 * RIGHT),
    )


def lines_of(pdf):
    with pypdfium2.PdfDocument(pdf) as document:
        return document[0].get_textpage().get_text_range().split("\r\n")


def pixels_of(pdf):
    with pypdfium2.PdfDocument(pdf) as document:
        return np.asarray(document[0].render(scale=3).to_pil().convert("RGB")).astype(int)


def assert_alike(one, other):
    assert one.shape == other.shape
    difference = abs(one - other)
    assert difference.mean() < MEAN
    assert (difference.max(axis=2) > EDGE).mean() < SHARE


@pytest.fixture(scope="module")
def drawn(manim_set_up):
    return page(*all_kinds(), title="T", description="D")


def test_text_in_a_pdf_can_be_read_and_looks_as_it_was_drawn(drawn):
    pdf = pdf_of_typst(typst_of(drawn))
    text = " ".join(lines_of(pdf))
    for words in ("The office after softmax: “fish”, fjords & <b>", "64 %", "animal", "slanted", "faint", "halo"):
        assert words in text
    assert {"𝑊", "𝑇", "𝑄", "𝛼", "𝑥", "≈"} <= set(text)
    assert_alike(pixels_of(pdf), pixels_of(pdf_of(drawn)))
    assert b"LibertinusSerif" in pdf
    assert b"/FontFile3" in pdf


def test_the_same_page_is_the_same_pdf(drawn):
    one, two = (pdf_of_typst(typst_of(drawn)) for _ in range(2))
    assert one == two
    with pypdfium2.PdfDocument(one) as document:
        facts = document.get_metadata_dict()
        assert (facts["Title"], facts["Subject"], facts["CreationDate"]) == ("T", "D", "")


def fonts_in(svg, folder):
    """Write the fonts that an SVG brings with it to a folder, as files that can be installed."""
    names = []
    for name, data in re.findall(r"font-family:'([^']+)';src:url\(data:font/woff;base64,([^)]+)\)", svg):
        font = TTFont(io.BytesIO(base64.b64decode(data)))
        font.flavor = None
        font.save(folder / f"{name}.otf")
        names.append(name)
    return names


def test_text_in_an_svg_can_be_read_and_looks_as_it_was_drawn(drawn, tmp_path):
    svg = svg_of(with_letters(drawn, nameless=False))
    root = ET.fromstring(svg.encode())
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert {"64 % on", "animal", "slanted", "faint", "halo"} <= set(texts)
    assert all(len(element.get("x").split()) == len(element.text) for element in root.iter(f"{SVG}text"))
    assert all(len(text) == 1 for text in texts if max(text) > "\uffff"), "browsers count such letters twice"
    assert {"𝑊", "𝛼"} <= set(texts)
    assert not re.search("[\ue000-\uf8ff]", svg), "letters that have no name in Unicode are shapes"
    fonts = fonts_in(svg, tmp_path)
    assert len(fonts) >= 3
    assert all(element.get("font-family").split(",")[0] in fonts for element in root.iter(f"{SVG}text"))
    size = {"width": round(3 * WIDTH), "dpi": 96.0}
    bare = svg_of(drawn)
    assert "<text" not in bare
    pictures = [
        np.asarray(Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=text, **size, **more)))).convert("RGB"))
        for text, more in ((svg, {"font_dirs": [str(tmp_path)], "skip_system_fonts": True}), (bare, {}))
    ]
    assert_alike(*(picture.astype(int) for picture in pictures))


def test_letters_of_one_word_stand_on_one_line_in_one_colour():
    word = prose("apple", own=True)
    found = [mark for mark in with_letters(page(word), nameless=False).marks if isinstance(mark, Text)]
    assert [text.letters for text in found] == ["apple"]
    word.family_members_with_points()[2].set_color(theme.FOCUS)
    found = [mark for mark in with_letters(page(word), nameless=False).marks if isinstance(mark, Text)]
    assert [text.letters for text in found] == ["ap", "p", "le"]


def test_what_is_no_letter_stays_a_shape():
    marks = with_letters(page(Circle(), Square(), prose("שלום", own=True)), nameless=False).marks
    assert not any(isinstance(mark, Text) for mark in marks)
    assert len(marks) == 2 + 4


def test_a_page_ends_where_what_is_drawn_ends():
    square = Square(2, stroke_width=0, fill_opacity=1).shift(2 * RIGHT)
    grid = VGroup(Line(8 * LEFT, 8 * RIGHT), Line(5 * DOWN, 5 * UP))  # runs beyond the page
    found = page(square, grid)
    unit = 1920 / (14 + 2 / 9)
    assert found.width == pytest.approx(2 * unit + 2 * MARGIN)
    assert found.height == pytest.approx(2 * unit + 2 * MARGIN)
    assert found.points_per_unit * found.width == pytest.approx(WIDTH)
    assert len(found.marks) == 2, "the line across runs through it, the line up does not"


def test_a_page_with_nothing_on_it_stays_whole():
    assert (page().width, page().height) == pytest.approx((1920, 1080))


def test_a_png_has_so_many_pixels_and_its_colours():
    data = png_of(page(Square(2, stroke_width=0, fill_opacity=1, color=theme.FOCUS), title="Ä"), 300)
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.width == int(np.ceil(WIDTH / 72 * 300))
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.01)
        assert picture.info["Title"] == "Ä"
        middle = picture.convert("RGB").getpixel((picture.width // 2, picture.height // 2))
        assert middle == tuple(int(theme.FOCUS[k : k + 2], 16) for k in (1, 3, 5))
    with Image.open(io.BytesIO(png_of(page(Square(2, color=theme.INK), ground=False), 72))) as picture:
        assert picture.mode == "RGBA"
        assert picture.getpixel((0, 0))[3] == 0


def em_in_pixels(size):
    """Return the em of a font size in pixels at 1080p: the width of a box that Typst makes so wide."""
    return Typst("#rect(width: 1em, height: 1em, fill: black)", font_size=size).width * 1080 / 8


@pytest.mark.parametrize("size", [theme.SMALLEST, theme.BIG])
def test_the_smallest_type_is_measured(size):
    weight = Number(0.43, "0.43", None, {}, "1 - 0.57")
    large = prose("large", size=2 * size)
    for small in (prose("small", size=size), number_marks([weight], size=size)[0]):
        family = [part for text in (large, small) for part in text.get_family()]
        assert smallest_em(placed(family)) == pytest.approx(em_in_pixels(size), rel=0.03)
    sign = number_marks([Number(-np.inf, "-inf", None, {}, "log(0)")], size=size)[0]
    assert smallest_em(placed(sign.get_family())) == np.inf, "a sign is as low as it is"
