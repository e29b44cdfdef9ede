"""Small scenes that show the breadth of Manim, and its own frame loop to play them, for comparing accelerations with."""

from functools import partial
from unittest import mock

import numpy as np
from manim import (
    BLUE,
    DEGREES,
    DOWN,
    GREEN,
    LEFT,
    ORANGE,
    ORIGIN,
    OUT,
    PI,
    RED,
    RIGHT,
    UP,
    WHITE,
    YELLOW,
    AnimationGroup,
    Arrow,
    Circle,
    Create,
    Cube,
    DashedLine,
    DashedVMobject,
    Dot,
    DrawBorderThenFill,
    FadeIn,
    FadeOut,
    Group,
    GrowArrow,
    ImageMobject,
    Indicate,
    LaggedStart,
    Line,
    MathTypst,
    MovingCameraScene,
    NumberPlane,
    PointCloudDot,
    Polygon,
    ReplacementTransform,
    Rotate,
    Scene,
    Square,
    Star,
    Succession,
    Surface,
    Text,
    ThreeDScene,
    Transform,
    TransformFromCopy,
    Triangle,
    Typst,
    Uncreate,
    UpdateFromAlphaFunc,
    ValueTracker,
    VGroup,
    VMobject,
    Wait,
    Write,
    always_redraw,
)
from manim.camera.camera import Camera
from manim.camera.moving_camera import MovingCamera
from manim.camera.three_d_camera import ThreeDCamera
from manim.renderer.cairo_renderer import CairoRenderer
from PIL import Image

from attnviz.render.shots.renderer import NoWriter


class StockRenderer(CairoRenderer):
    """Manim's renderer with Manim's frame loop; what would go to its film is kept."""

    def __init__(self, camera_class=Camera):
        super().__init__(file_writer_class=NoWriter, camera_class=camera_class)
        self.pictures = []

    def play(self, scene, *args, **kwargs):
        scene.compile_animation_data(*args, **kwargs)
        scene.begin_animations()
        self.save_static_frame_data(scene, scene.static_mobjects)
        if scene.is_current_animation_frozen_frame():
            self.update_frame(scene, mobjects=scene.moving_mobjects)
            self.freeze_current_frame(scene.duration)
        else:
            scene.play_internal()
        self.num_plays += 1

    def add_frame(self, frame, num_frames=1):
        self.time += num_frames / self.camera.frame_rate
        self.pictures.append(frame)


def text_and_formulas(scene):
    words = Text("Words, words").shift(2 * UP)
    formula = MathTypst("sum_(i=1)^n x_i^2 / sqrt(n)").shift(UP)
    sentence = Typst("A *set* sentence")
    scene.play(Write(words), FadeIn(formula, shift=DOWN), run_time=0.7)
    scene.play(Write(sentence), words.animate.set_color(RED), run_time=0.5)
    scene.play(FadeOut(words), ReplacementTransform(formula, sentence.copy().shift(2 * DOWN)), run_time=0.4)
    scene.wait(0.3)


def gradients_and_strokes(scene):
    shine = Square(fill_opacity=1).set_color([BLUE, RED, YELLOW]).set_sheen(0.4, UP + RIGHT)
    shine.set_sheen_direction(UP + RIGHT).shift(3 * LEFT)
    behind = Text("outline").set_stroke(ORANGE, 8, background=True)
    dashes = VGroup(DashedLine(LEFT, RIGHT), DashedVMobject(Circle(), num_dashes=9)).shift(3 * RIGHT)
    open_path = VMobject(stroke_width=9).set_points_as_corners([LEFT, UP, RIGHT, DOWN + RIGHT]).shift(2 * DOWN)
    scene.add(Line(5 * LEFT, 5 * RIGHT, stroke_width=3), behind)
    scene.play(Create(dashes), DrawBorderThenFill(shine), Create(open_path), run_time=0.6)
    scene.play(Rotate(shine, PI / 3), behind.animate.scale(1.5), Uncreate(open_path), run_time=0.4)


def chains_and_lags(scene):
    dots = VGroup(*(Dot(color=GREEN).shift(0.5 * k * RIGHT) for k in range(-6, 7)))
    title = Text("lag").to_edge(UP)
    scene.play(LaggedStart(*(FadeIn(dot, shift=0.3 * UP) for dot in dots), lag_ratio=0.3), FadeIn(title), run_time=1)
    scene.play(dots[0].animate.scale(2).shift(UP).set_color(RED), title.animate.shift(LEFT).scale(0.5), run_time=0.4)
    scene.play(dots[0].animate.shift(UP), dots[0].animate.set_color(BLUE), run_time=0.4)
    scene.play(Succession(dots[1].animate.shift(UP), dots[1].animate.shift(RIGHT), Indicate(dots)), run_time=0.9)
    scene.play(AnimationGroup(dots[2].animate.shift(DOWN), Wait(0.2), dots.animate.shift(DOWN), lag_ratio=0.5))
    scene.play(LaggedStart(*(FadeOut(dot) for dot in dots), lag_ratio=0.2), title.animate.shift(DOWN), run_time=0.6)


def shapes_into_shapes(scene):
    shape, plane = Star(fill_opacity=0.4, color=YELLOW), NumberPlane().set_opacity(0.3)
    scene.play(Create(plane), Create(shape), run_time=0.5)
    scene.play(Transform(shape, Text("T").scale(2)), plane.animate.apply_matrix([[1, 0.4], [0, 1]]), run_time=0.5)
    scene.play(TransformFromCopy(shape, Triangle()), Transform(shape, Circle(), path_arc=PI / 2), run_time=0.4)
    arrow = Arrow(ORIGIN, 2 * UP)
    scene.play(GrowArrow(arrow), ReplacementTransform(shape, Polygon(LEFT, UP, RIGHT, 2 * DOWN)), run_time=0.4)
    scene.play(FadeOut(*scene.mobjects), run_time=0.3)


def updaters(scene):
    tracker = ValueTracker(0)
    label = always_redraw(lambda: Text(f"{tracker.get_value():.1f}").shift(2 * UP))
    turning = Square(color=RED).add_updater(lambda mobject, dt: mobject.rotate(3 * dt))
    follower = Dot().add_updater(lambda mobject: mobject.set_x(tracker.get_value()))
    scene.add(label, turning, follower, Circle(fill_opacity=0.3))
    scene.play(tracker.animate.set_value(3), run_time=0.6)
    scene.wait(0.4)
    turning.clear_updaters()
    scene.play(
        tracker.animate.set_value(1),
        UpdateFromAlphaFunc(turning, lambda mobject, alpha: mobject.set_opacity(alpha)),
        turning[0:0].animate.shift(UP),
        run_time=0.4,
    )
    scene.play(FadeOut(label), run_time=0.3)


def two_masters(scene):
    row = VGroup(*(Square(0.5).shift(k * RIGHT) for k in range(-2, 3)))
    scene.add(row)
    early = {"run_time": 0.3, "rate_func": lambda t: min(1, 3 * t)}
    scene.play(FadeIn(row), row[0].animate(**early).set_color(RED), row[2].animate.shift(UP), run_time=0.6)
    scene.updaters.append(lambda dt: row[1].shift(dt * UP))
    scene.play(row[1].animate(**early).shift(LEFT), row[3].animate.set_fill(RED, 1), run_time=0.6)
    scene.updaters.clear()
    scene.play(row[3].animate.add_updater(lambda mobject, dt: mobject.shift(dt * DOWN)), run_time=0.3)
    scene.wait(0.3)


def pictures_and_points(scene):
    pixels = (np.indices((8, 8, 3)).sum(0) * 12 % 256).astype(np.uint8)
    image = ImageMobject(pixels).scale(8)
    square = Square(fill_opacity=0.5, color=BLUE)
    scene.play(FadeIn(image), Create(square), run_time=0.4)
    scene.play(Group(image, square).animate.shift(RIGHT).rotate(0.3), FadeIn(PointCloudDot(radius=0.5)), run_time=0.4)
    scene.wait(0.2)


def over_and_under(scene):
    behind, front = Square(fill_opacity=1, color=RED).set_z_index(-1), Text("front").set_z_index(3)
    shared = Dot(color=YELLOW)
    scene.add(front, VGroup(shared, Circle(color=GREEN)), VGroup(Square(), shared))
    scene.play(FadeIn(behind), shared.animate.shift(RIGHT), run_time=0.4)
    scene.add_foreground_mobject(Line(LEFT, RIGHT, color=WHITE))
    scene.bring_to_back(front)
    crowd = VGroup(*(Text(letter).shift(k * 0.6 * RIGHT + 2 * DOWN) for k, letter in enumerate("abcdefghijkl")))
    scene.play(LaggedStart(*(Write(letter) for letter in crowd), lag_ratio=0.4), run_time=1.2)
    scene.play(crowd[11].animate.shift(UP), run_time=0.6)
    scene.play(crowd[3].animate.shift(UP), crowd[11].animate.shift(DOWN), run_time=0.3)
    scene.play(*(letter.animate.set_color(BLUE) for letter in crowd), run_time=0.3)


def through_a_crowd(scene):
    crowd = VGroup(*(Square(0.4, fill_opacity=0.6) for _ in range(40))).arrange_in_grid(5, 8, buff=0.3)
    below, above = Circle(0.5, fill_opacity=1, color=RED).shift(3 * LEFT), Triangle(color=YELLOW).shift(2 * UP)
    far = Dot(color=GREEN).to_corner(UP + LEFT)
    scene.add(below, crowd, above, far)
    scene.play(below.animate.shift(0.5 * RIGHT), far.animate.shift(RIGHT), run_time=0.8)
    scene.play(below.animate.shift(5 * RIGHT), above.animate.shift(3 * DOWN), run_time=1.2)
    scene.play(crowd[3].animate.set_fill(BLUE), LaggedStart(*map(Indicate, crowd[20:]), lag_ratio=0.2), run_time=1)
    scene.play(far.animate(rate_func=lambda t: round(2 * t) / 2).shift(RIGHT), Wait(), run_time=0.8)
    scene.play(FadeOut(crowd[5]), below.animate.shift(0.1 * UP), run_time=0.8)


def moving_camera(scene):
    text = Text("closer").shift(RIGHT)
    scene.add(text, Square())
    scene.play(scene.camera.frame.animate.scale(0.5).move_to(text), Rotate(text, 0.2), run_time=0.5)
    scene.play(scene.camera.frame.animate.scale(2), FadeOut(text), run_time=0.4)


def three_dimensions(scene):
    scene.set_camera_orientation(phi=60 * DEGREES, theta=30 * DEGREES)
    bowl = Surface(lambda u, v: np.array([u, v, u * u - v * v]), u_range=(-1, 1), v_range=(-1, 1), resolution=6)
    title = Text("fixed").to_corner(UP + LEFT)
    scene.add_fixed_in_frame_mobjects(title)
    scene.play(Create(bowl), run_time=0.3)
    scene.play(Rotate(bowl, 0.5, axis=OUT), FadeIn(Cube(1).shift(2 * RIGHT)), run_time=0.3)
    scene.begin_ambient_camera_rotation(rate=0.5)
    scene.wait(0.3)


SCENES = {
    play.__name__: (Scene, Camera, play)
    for play in (
        text_and_formulas,
        gradients_and_strokes,
        chains_and_lags,
        shapes_into_shapes,
        updaters,
        two_masters,
        pictures_and_points,
        over_and_under,
        through_a_crowd,
    )
} | {
    "moving_camera": (MovingCameraScene, MovingCamera, moving_camera),
    "three_dimensions": (ThreeDScene, ThreeDCamera, three_dimensions),
}


def stock_frames(name):
    """Play a scene by Manim's own loop, and return its frames."""
    scene_class, camera_class, play = SCENES[name]
    renderer = StockRenderer(camera_class)
    with mock.patch.object(Image, "fromarray", partial(_from_array, Image.fromarray)):
        play(scene_class(renderer=renderer))
    return renderer.pictures


def _from_array(stock, array, mode=None):
    """Give Manim the empty picture which it asks for in a way that newer versions of Pillow refuse."""
    if mode == "RGBA" and array.ndim == 2:
        return Image.new("RGBA", array.shape[::-1])
    return stock(array, mode)
