"""Accelerations are switched one by one, leave Manim as it was, and know when to stand aside."""

import shutil
import subprocess
import sys

import numpy as np
import pytest
from manim import (
    AnimationGroup,
    Circle,
    Mobject,
    Scene,
    Square,
    Text,
    Transform,
    ValueTracker,
    VectorizedPoint,
    VGroup,
    VMobject,
)
from manim.animation.animation import Animation
from manim.camera.camera import Camera
from manim.mobject.svg import svg_mobject
from manim.renderer.cairo_renderer import CairoRenderer
from svgelements import Path

from attnviz.input.problems import ProblemsFound
from attnviz.render import accelerate
from attnviz.render.accelerate import NAMES, PLAIN, Accelerations, accelerated, compiled, fits, interpolation, wanted
from attnviz.render.film.format import FilmFormat
from attnviz.render.shots.manim_setup import manim_setup

from .stock_scenes import StockRenderer

CHANGED = (Mobject, VMobject, Animation, Scene, Camera, CairoRenderer, Path)
CHANGED += (svg_mobject, svg_mobject.SVGMobject, svg_mobject.VMobjectFromSVGPath)


def state():
    return [dict(vars(owner)) for owner in CHANGED]


@pytest.mark.parametrize("name", NAMES)
def test_everything_is_put_back(name):
    before = state()
    with accelerated(Accelerations(**{each: each == name or each == "drawing" for each in NAMES})):
        pass
    with pytest.raises(RuntimeError), accelerated(Accelerations()):
        raise RuntimeError
    assert state() == before


def test_plain_means_untouched():
    before = state()
    with accelerated(PLAIN):
        assert state() == before


def test_another_manim_is_left_alone(monkeypatch):
    monkeypatch.setattr(accelerate, "_installed_manim", lambda: "0.23.0")
    before = state()
    with accelerated(Accelerations()):
        assert state() == before
    assert fits("0.22.1")
    assert not fits("0.2.0")
    assert not fits("0.23.0")
    assert not fits("")


def test_the_environment_switches_off():
    assert wanted({}) == Accelerations()
    assert wanted({"ATTNVIZ_PLAIN": "all"}) == PLAIN
    assert wanted({"ATTNVIZ_PLAIN": "drawing, colours"}) == Accelerations(drawing=False, colours=False)
    with pytest.raises(
        ProblemsFound, match=r"names no acceleration: colors; write 'all', or some of copying, families"
    ):
        wanted({"ATTNVIZ_PLAIN": "colors,drawing"})


def test_importing_the_switches_imports_no_manim():
    code = "import attnviz.render.accelerate, sys; print(sorted({'manim', 'numpy', 'av'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_copy_shares_only_what_never_changes():
    with accelerated(Accelerations()):
        text = Text("copy")
        text.extra = {"list": [1, [2]], "self": text}
        other = text.copy()
    assert other[0].path_obj is text[0].path_obj
    assert other[0].points is not text[0].points
    assert other[0].fill_rgbas is not text[0].fill_rgbas
    assert other.submobjects is not text.submobjects
    assert other.extra["list"][1] is not text.extra["list"][1]
    assert other.extra["self"] is other


def test_families_are_listed_in_manims_order():
    a, b, c, d = Mobject(), Square(), Square(), VGroup()
    a.add(b, c)
    d.add(b)
    top = Mobject().add(a, d, c)
    expected = (top.get_family(), top.family_members_with_points(), a.get_family())
    with accelerated(Accelerations()):
        assert (top.get_family(), top.family_members_with_points(), a.get_family()) == expected
    a.submobjects.append(top)  # its own descendant
    expected = top.get_family()
    with accelerated(Accelerations()):
        assert top.get_family() == expected


class Capricious(Square):
    """Says of itself where it is."""

    def get_anchors(self):
        return [np.array([9.0, 9.0, 9.0])]


def sides(mobject):
    return mobject.width, mobject.height, mobject.depth


@pytest.mark.parametrize(
    "mobject",
    [
        VGroup(),
        VGroup(VGroup(), VectorizedPoint([1, 2, 0])),
        VGroup(Square().shift([0.1, 0.2, 0.3]), VGroup(Circle()), VectorizedPoint([1, 2, 0])),
        VGroup(Square(), Capricious()),
    ],
    ids=["nothing", "a point", "curves", "a class of its own"],
)
def test_a_family_is_as_large_as_manim_says(mobject):
    expected = mobject.get_points_defining_boundary(), mobject.get_critical_point([1, -1, 0]), *sides(mobject)
    with accelerated(Accelerations()):
        found = mobject.get_points_defining_boundary(), mobject.get_critical_point([1, -1, 0]), *sides(mobject)
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(mine, theirs, strict=True)


def quiet(scene, *animations):
    scene.compile_animation_data(*animations)
    scene.begin_animations()
    return interpolation._QUIET in vars(scene)


def test_a_play_is_quiet_only_if_nothing_else_can_change_anything():
    with manim_setup(FilmFormat(32, 18, 10)):
        square, other = Square(), Square()

        def scene(*mobjects):
            return Scene(renderer=StockRenderer()).add(*mobjects)

        assert quiet(scene(), Transform(square, Square()), other.animate.shift([1, 0, 0]))
        assert quiet(scene(), AnimationGroup(Transform(square, Square()), Transform(other, Square())))
        assert not quiet(scene(), Transform(square, Square()), Transform(square, Square()))
        assert not quiet(scene(), Transform(VGroup(square), Square()), Transform(square, Square()))
        assert not quiet(scene(ValueTracker().add_updater(lambda mobject: None)), Transform(square, Square()))
        assert not quiet(scene(), Transform(square, Square().add_updater(lambda mobject: None)))
        watched = scene()
        watched.add_updater(lambda dt: None)
        assert not quiet(watched, Transform(square, Square()))


@pytest.fixture
def fresh_libraries(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    compiled.library.cache_clear()
    yield tmp_path / "attnviz" / "accelerations"
    compiled.library.cache_clear()


@pytest.mark.skipif(not any(map(shutil.which, compiled.COMPILERS)), reason="there is no C compiler")
def test_a_library_is_built_once_and_kept(fresh_libraries, monkeypatch):
    assert compiled.library("colours") is not None
    [kept] = fresh_libraries.iterdir()
    compiled.library.cache_clear()
    monkeypatch.setattr(compiled, "_build", lambda *_: pytest.fail("built again"))
    assert compiled.library("colours") is not None
    assert list(fresh_libraries.iterdir()) == [kept]


def test_without_a_compiler_there_is_no_library(fresh_libraries, monkeypatch):
    monkeypatch.setattr(compiled, "COMPILERS", ("no-such-compiler",))
    assert compiled.library("colours") is None
    assert not fresh_libraries.exists()


def test_a_compiler_that_fails_leaves_nothing(fresh_libraries, monkeypatch):
    monkeypatch.setattr(compiled, "FLAGS", ("--no-such-flag",))
    assert compiled.library("colours") is None
    assert list(fresh_libraries.glob("*")) == []


@pytest.mark.skipif(not any(map(shutil.which, compiled.COMPILERS)), reason="there is no C compiler")
def test_a_cache_that_cannot_be_written_is_done_without(fresh_libraries, monkeypatch):
    fresh_libraries.parent.mkdir(parents=True)
    fresh_libraries.write_text("not a folder")
    assert compiled.library("colours") is not None


def test_without_libraries_manim_draws(monkeypatch):
    from attnviz.render.accelerate import drawing, layers

    monkeypatch.setattr(drawing, "drawing_library", lambda: None)
    monkeypatch.setattr(layers, "drawing_library", lambda: None)
    before = vars(Camera)["display_multiple_non_background_colored_vmobjects"]
    with accelerated(Accelerations()):
        assert vars(Camera)["display_multiple_non_background_colored_vmobjects"] is before
