"""Text read by the accelerations, against text read by stock Manim: the same mobjects with the same numbers."""

import numpy as np
import pytest
from manim import RED, RIGHT, UP, Circle, MathTypst, RoundedRectangle, SVGMobject, Text, Typst, VGroup, VMobject
from manim.mobject.svg.svg_mobject import SVG_HASH_TO_MOB_MAP
from svgelements import Path

from attnviz.render.accelerate import NAMES, PLAIN, Accelerations, accelerated, prototypes
from attnviz.render.accelerate.texts import OutlinedPath
from attnviz.render.film.format import FilmFormat
from attnviz.render.shots.manim_setup import manim_setup
from attnviz.stage.typesetting import prose

TABLE = "#table(columns: 3, stroke: 1pt, [king], [queen], [$0.71$], [man], [woman], [$-1.20$])"
SHAPES = """<svg viewBox="0 0 40 40"><g transform="translate(3 4) rotate(20) scale(2 -1.5)">
<path d="M 1 1 q 2 3 4 0 t 4 0 Z" stroke="#ff0000"/><path d="m 1 2 l 3 0 0 3 z l -2 -1"/><path d="M 0 0 h 3 v 2"/>
<path d="M 1 1 A 3 2 10 0 1 5 6 Z" fill="none"/><path d="M 2 2 C 3 3 4 1 5 2 S 7 4 8 2 L 2.00001 2 Z M 9 9 l 1 0 1 1Z"/>
<path d=""/><rect x="1" y="2" width="3" height="4" rx="1"/><circle cx="5" cy="5" r="2" fill-opacity="0.3"/></g></svg>"""
CASES = {
    **{name: Accelerations(**{each: each == name for each in NAMES}) for name in ("texts", "prototypes", "styles")},
    "all": Accelerations(),
}


@pytest.fixture
def shapes(tmp_path):
    path = tmp_path / "shapes.svg"
    path.write_text(SHAPES)
    return path


def written(shapes):
    SVG_HASH_TO_MOB_MAP.clear()  # of Manim: what it has read before it copies
    return [
        Typst("A *set* sentence, _twice_ the sentence", use_svg_cache=False),
        MathTypst("sum_(i=1)^n sqrt(x_i^2) / (n + n) = 12.25", color=RED, use_svg_cache=False),
        Typst(TABLE, track_baselines=True, use_svg_cache=False),
        SVGMobject(shapes, height=3, stroke_width=2, use_svg_cache=False),
        SVGMobject(shapes, height=None, fill_color=RED, use_svg_cache=False),
        Text("words", use_svg_cache=False),
        prose("words and more words"),
        RoundedRectangle(color=["#ff0000", RED], fill_opacity=[0.5, 1]),
        Circle(color=RED, fill_opacity=np.float32(0.5)).set_sheen(0.3).set_fill("#00ff00").set_fill(opacity=1),
    ]


def told(value):
    """Return an attribute's value such that equal ones are equal to the last bit, and of one type."""
    if isinstance(value, np.ndarray):
        return (str(value.dtype), value.shape, value.flags.c_contiguous, value.tobytes())
    if isinstance(value, Path):
        return None  # compared by itself
    if isinstance(value, list | tuple):
        return [told(each) for each in value]
    if isinstance(value, dict):
        return {key: told(each) for key, each in value.items()}
    return (type(value), str(value) if "object at 0x" not in repr(value) else None)


def attributes(mobject):
    return [(type(each), [(name, told(value)) for name, value in vars(each).items()]) for each in mobject.get_family()]


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_texts_are_those_of_stock_manim(case, shapes):
    with manim_setup(FilmFormat(320, 180, 10), accelerated=False), accelerated(PLAIN):
        expected = written(shapes)
        with accelerated(CASES[case]):
            found = [written(shapes) for _ in range(2)]
    for read in found:
        for one, other in zip(expected, read, strict=True):
            assert attributes(one) == attributes(other)
            if isinstance(one, SVGMobject):
                assert attributes(VGroup(*one.id_to_vgroup_dict.values())) == attributes(
                    VGroup(*other.id_to_vgroup_dict.values())
                )


def test_the_path_of_a_glyph_is_that_of_svgelements(shapes):
    with manim_setup(FilmFormat(320, 180, 10), accelerated=False), accelerated(PLAIN):
        expected = [each.path_obj for mobject in written(shapes) for each in mobject if hasattr(each, "path_obj")]
        with accelerated(Accelerations()):
            found = [each.path_obj for mobject in written(shapes) for each in mobject if hasattr(each, "path_obj")]
    outlined = [path for path in found if type(path) is OutlinedPath]
    assert len(found) > len(outlined) > 50  # those with quadratic curves, arcs, and lines after their end are not
    assert not any(path.looked_at for path in outlined)
    for one, other in zip(expected, found, strict=True):
        assert repr(one._segments) == repr(other._segments)
        assert (one.stroke_width, one.transform, one.d()) == (other.stroke_width, other.transform, other.d())
    assert all(path.looked_at for path in outlined)


def test_glyphs_share_nothing_that_may_change():
    with manim_setup(FilmFormat(320, 180, 10)):
        one, other = Typst("aa", use_svg_cache=False)
        plain = VGroup(), VGroup()
    shared = {name for name, value in vars(one).items() if vars(other)[name] is value}
    kinds = {type(vars(one)[name]) for name in shared if name != "sheen_direction"}
    assert kinds <= prototypes.NEVER_CHANGED
    assert (vars(one)["sheen_direction"] is vars(other)["sheen_direction"]) == (
        plain[0].sheen_direction is plain[1].sheen_direction
    )


def test_defaults_that_a_scene_sets_are_heeded():
    with manim_setup(FilmFormat(320, 180, 10)):
        Typst("ab", use_svg_cache=False)
        try:
            VGroup.set_default(z_index=3)
            assert Typst("ab", use_svg_cache=False).id_to_vgroup_dict["root"].z_index == 3
        finally:
            VGroup.set_default()
        assert Typst("ab", use_svg_cache=False).id_to_vgroup_dict["root"].z_index == 0


def test_of_what_differs_no_mould_is_made():
    one, other = (VMobject().set_points_as_corners([UP, RIGHT]) for _ in range(2))
    assert prototypes.prototype_of(one, other) is not None
    other.points[0] += 1
    assert prototypes.prototype_of(one, other) is None
    assert prototypes.prototype_of(one, other, frozenset({"points"})) is not None
    one.name = "another"
    assert prototypes.prototype_of(one, other, frozenset({"points"})) is None
    assert prototypes.prototype_of(VMobject(), VGroup()) is None
    assert prototypes.prototype_of(VGroup(Circle()), VGroup(Circle())) is None
