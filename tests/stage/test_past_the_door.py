"""No number comes on stage past the door; names with digits do, if the storyboard or the model gives them."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from manim import (
    UP,
    Circle,
    Create,
    DecimalNumber,
    FadeIn,
    FadeOut,
    ImageMobject,
    Integer,
    MarkupText,
    ReplacementTransform,
    Succession,
    SVGMobject,
    Text,
    Transform,
    TransformMatchingShapes,
    Typst,
    Unwrite,
    VGroup,
    Write,
)

from attnviz.input.problems import ProblemsFound
from attnviz.stage import Stage, Writing, icon
from attnviz.stage.glyphs import DIGITS, digits_of
from attnviz.stage.names import has_numeral, lone_numbers, name_markup, strangers
from attnviz.stage.numbers import Number
from attnviz.stage.typesetting import formula, name, phrase, prose

RECEIPT = "without a receipt"
PAST = "drawn past the stage"
STRUT = '#n("strut", [x])'


class Told(Stage):
    """A scene whose verbs draw what they are told, and what they are not."""

    def say(self, text: str, texts: list[str] | None = None) -> None:
        """Write what the storyboard says."""
        self.play(FadeIn(VGroup(*[self.prose(each, own=True) for each in [text, *(texts or [])]]).arrange()))

    def make_up(self, text: str) -> None:
        """Write something else than what the storyboard says."""
        self.play(FadeIn(self.prose(f"{text} 42", own=True)))

    def launder(self) -> None:
        """Tell itself what to say."""
        self.say("42")

    def weight(self) -> Writing:
        """Draw a weight."""
        self.line = self.formula("w = {w}", w=self.number("weights", query="apple", key="orange"))
        self.play(FadeIn(self.line))
        return self.line


class Untitled(Text):
    """Text that says that it says nothing."""

    def __init__(self, text: str) -> None:
        super().__init__(text, font="Libertinus Serif")
        self.text = ""


def refused(stage: Stage, *mobjects: object) -> str:
    """Return how a stage refuses what is added to it."""
    stage.add(*mobjects)
    with pytest.raises(ProblemsFound) as error:
        stage.wait(0.1)
    stage.remove(*mobjects)
    return str(error.value)


# What Manim draws by itself ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Text("42", font="Libertinus Serif"), RECEIPT),
        (lambda: MarkupText("<b>42</b>", font="Libertinus Serif"), RECEIPT),
        (lambda: Integer(42, mob_class=Text), RECEIPT),
        (lambda: DecimalNumber(0.43, mob_class=Text), RECEIPT),
        (lambda: Typst("43 percent"), RECEIPT),
        (lambda: Typst('#"aaaa".len()'), PAST),  # draws a 4
        (lambda: Typst("nothing"), PAST),
        (lambda: Text("½ ٤", font="Libertinus Serif"), RECEIPT),
        (lambda: Untitled("42"), PAST),
        (lambda: VGroup(*Text("42", font="Libertinus Serif")), PAST),
        (lambda: ImageMobject(np.zeros((4, 4, 4), np.uint8)), PAST),
    ],
)
def test_what_manim_sets_or_loads_is_refused(stage_of, make, message) -> None:
    assert message in refused(stage_of(), make())


def test_a_drawing_from_a_file_is_refused_and_an_icon_is_not(stage_of, tmp_path) -> None:
    (tmp_path / "two.svg").write_text('<svg viewBox="0 0 9 9"><polyline points="1,2 8,2 1,8 8,8" stroke="#fff"/></svg>')
    stage = stage_of()
    assert PAST in refused(stage, SVGMobject(tmp_path / "two.svg"))
    stage.play(FadeIn(icon("apple", 1.0)), Create(Circle()))
    stage.end_shot()


def test_what_is_there_only_on_the_way_is_refused_too(stage_of) -> None:
    stage = stage_of()
    for text in (
        Text("42", font="Libertinus Serif"),
        prose("42", own=True),
        Writing(f"$ {STRUT} 42 $", {}, size=30, color="#fff"),
    ):
        for animation in (FadeOut(text), Succession(FadeIn(text), FadeOut(text)), Unwrite(text)):
            with pytest.raises(ProblemsFound, match=RECEIPT):
                stage.play(animation)
        stage.clear()


# What the stage sets ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda: formula("x = {a}", words={"a": "42"}),
        lambda: formula("x = {a}", words={"a": "42"}, colors={"a": "#ffffff"}),
        lambda: prose("42", own=True),
        lambda: prose("about 42 %", own=True),
        lambda: prose("x²", own=True),
        lambda: prose("½", own=True),
        lambda: prose("٤٢", own=True),
        lambda: Writing(f"$ {STRUT} 42 $", {}, size=30, color="#ffffff"),
        lambda: Writing(f'$ {STRUT} #"aaaa".len() $', {}, size=30, color="#ffffff"),
        lambda: Writing(f'{STRUT}#text(font: "New Computer Modern")[4] #emph[3]', {}, size=30, color="#ffffff"),
        lambda: Writing(f"$ {STRUT} x^2 $", {}, size=30, color="#ffffff", names=["W_1"]),
    ],
)
def test_a_number_that_nobody_gave_is_refused(stage_of, make) -> None:
    assert RECEIPT in refused(stage_of(), make())


@pytest.mark.parametrize("template", ['#"aaaa".len()', '"\\u{bd}"', "#str(sys.version)", 'x "\\u{e}"'])
def test_a_template_runs_no_code(template) -> None:
    with pytest.raises(ProblemsFound, match="holds Typst code"):
        formula(template)


@pytest.mark.parametrize("text", ["x²", "½", "Ⅳ", "٤", "①", "x₂", "𝟜", "2"])
@pytest.mark.parametrize("make", [prose, formula, lambda text: phrase(text, numbers={})])
def test_numbers_of_every_script_are_refused(make, text) -> None:
    with pytest.raises(ProblemsFound, match="draws a number without a receipt"):
        make(text)


@pytest.mark.parametrize(
    "edit",
    [
        lambda mark: mark[0].become(mark[2]),  # 0.43 → 4.43
        lambda mark: mark.remove(mark[3]),
        lambda mark: mark[3].set_opacity(0),
        lambda mark: mark[0].shift(5 * UP),
        lambda mark: mark.add(mark[3].copy().next_to(mark)),
        lambda mark: mark.become(prose("nothing")),
    ],
)
def test_digits_that_were_edited_are_refused(stage_of, edit) -> None:
    stage = stage_of(Told)
    edit(stage.weight().marks["w"])
    with pytest.raises(ProblemsFound, match=r"what stands for weights\[apple, orange\] is a number without a receipt"):
        stage.wait(0.1)


def test_digits_are_refused_when_their_mark_is_taken_away(stage_of) -> None:
    stage = stage_of(Told)
    mark = stage.weight().marks["w"]
    glyphs = [*mark]
    stage.line.submobjects = [part for part in stage.line if part is not mark] + glyphs
    stage.line.marks.clear()
    with pytest.raises(ProblemsFound, match="the digit '0' is a number without a receipt"):
        stage.wait(0.1)


def test_a_number_says_truly_where_it_was_read(stage_of) -> None:
    stage = stage_of()
    made_up = Number(42.0, "42", "weights", {"query": "apple", "key": "orange"})
    assert "'42' was not read as weights[apple, orange]" in refused(stage, stage.formula("{w}", w=made_up))
    read = stage.number("weights", query="apple", key="orange")
    stage.play(FadeIn(stage.formula("{w} {p} {s}", w=read, p=read.styled("percent"), s=read + read)))
    assert len(stage.end_shot()) == 3


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    scale=st.floats(0.05, 4), angle=st.floats(-3, 3), stretch=st.floats(0.3, 3), x=st.floats(-5, 5),
    value=st.floats(-999, 999).filter(lambda v: abs(v) >= 0.01),
)  # fmt: skip
def test_digits_may_go_anywhere(stage_of, scale, angle, stretch, x, value) -> None:
    stage = stage_of()
    line = stage.formula("{n}", n=stage.derived(value, "anything"))
    line.scale(scale).rotate(angle).stretch(stretch, 0).shift([x, -x, 0])
    stage.add(line)
    stage.wait(0.1)
    loose = VGroup(*[glyph.copy().shift(UP) for glyph in line.marks["n"]])
    assert "the digit" in refused(stage, loose)


@pytest.mark.parametrize(
    ("way", "template"),
    [(Transform, "v = {w}"), (ReplacementTransform, "{w} = w"), (TransformMatchingShapes, "{w} = w")],
)
def test_lines_with_the_same_numbers_may_become_each_other(stage_of, way, template) -> None:
    stage = stage_of(Told)
    line = stage.weight()
    other = stage.formula(template, w=line.marks["w"].number).shift(UP)
    stage.play(way(line, other))
    stage.play(Write(stage.formula("{w} = w", w=line.marks["w"].number)))
    assert {receipt.text for receipt in stage.end_shot()} == {"0.43"}


# Names ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["W_1", "W_Q^1", "head_1", "W_Q", "L6", "GPT-2", "x_12", "W_out^head"])
def test_names_have_their_digits(stage_of, text) -> None:
    stage = stage_of()
    written = VGroup(stage.name(text), stage.formula("{W} dot x", names={"W": text})).arrange()
    stage.play(FadeIn(written))
    stage.play(written.animate.shift(UP))
    assert stage.end_shot() == []
    digits = [digits_of(glyph) for glyph in written[0].family_members_with_points()]
    for found, char in zip(filter(None, digits), filter(str.isdigit, text), strict=True):
        assert char in found  # a 6 may be a turned 9


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2", "'2' is not a name; a name is letters, with digits behind them or in a script: W_1, W_Q^1, head_1"),
        ("0.43", "is not a name"),
        ("-2", "is not a name"),
        ("head 2", "is not a name"),
        ("x²", "is not a name"),
        ("½", "is not a name"),
        ("_1", "is not a name"),
        ("", "is not a name"),
        ('W_1") #panic("', "is not a name"),
        ("x^2", "the name 'x^2' reads as a power"),
        ("W^1", "reads as a power"),
    ],
)
def test_what_is_no_name_is_refused(text, message) -> None:
    with pytest.raises(ProblemsFound) as error:
        name(text)
    assert message in str(error.value)


def test_a_name_in_a_template_is_pointed_to_the_declaration() -> None:
    with pytest.raises(ProblemsFound, match=r"or, if it is a name, set it with formula\('… \{W\} …', names="):
        formula("W_1 dot x")


@pytest.mark.parametrize("text", ["head 1", "3 heads"])
def test_a_numbered_thing_is_pointed_to_names_and_counts(stage_of, text) -> None:
    hint = "a name is self.name('head_1'), a count is made by self.derived(…)"
    with pytest.raises(ProblemsFound) as error:
        prose(text)
    assert hint in str(error.value)
    assert hint in refused(stage_of(), prose(f"{text} 7", own=True))


def test_a_name_with_a_space_is_told_how_to_be_written() -> None:
    with pytest.raises(ProblemsFound, match=r"write 'head_1'$"):
        name("head 1")


@settings(max_examples=300)
@given(st.text(max_size=12))
def test_a_name_has_letters_first_or_is_refused(text: str) -> None:
    try:
        markup = name_markup(text)
    except ProblemsFound:
        return
    assert text[0].isalpha()
    assert not lone_numbers(text.partition("_")[0].partition("^")[0])
    assert markup.count('"') % 2 == 0


@settings(max_examples=300)
@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=3))
def test_only_what_is_known_may_have_lone_numbers(text: str, known: list[str]) -> None:
    assert strangers(text, [*known, text]) == []
    for word in strangers(text, known):
        assert has_numeral(word)
        assert not any(word in each.split() for each in known)
    if not has_numeral(text):
        assert lone_numbers(text) == []


@settings(max_examples=200)
@given(st.characters())
def test_a_numeral_is_what_unicode_calls_a_number(char: str) -> None:
    assert has_numeral(f"a{char}") == (unicodedata.category(char)[0] == "N")
    assert not char.isdigit() or has_numeral(char)


@pytest.mark.parametrize(
    ("text", "lone"),
    [
        ("GPT-2, MiniLM-L6 and apple₂", []),
        ("layer 2, head 1", ["2", "1"]),
        ("in 2017", ["2017"]),
        ("x² and 3x", ["x²", "3x"]),
        ("weight=0.43", ["weight=0.43"]),
        ("43%", ["43%"]),
        ("an#2", []),
    ],
)
def test_digits_that_hang_on_letters_are_names(text, lone) -> None:
    assert lone_numbers(text) == lone


def test_numbers_of_the_storyboard_and_the_model_may_stand_in_names(stage_of, trace: xr.Dataset) -> None:
    trace.attrs |= {"layer": 3, "sentence": "apple orange of 1984"}
    stage = stage_of(Told, title="Attention since 2017")
    stage.begin_shot("x")
    stage.say("Chapter 7", texts=["8 words"])
    for text in ("head 1, layer 3", "1984,", "in 2017", "7", "8"):
        stage.play(FadeIn(stage.prose(text, own=True)))
    assert stage.end_shot() == []


@pytest.mark.parametrize("text", ["9", "2017", "17", "43 %"])
def test_other_numbers_may_not(stage_of, text) -> None:
    stage = stage_of(Told, title="Attention in 20171")
    with pytest.raises(ProblemsFound) as error:
        stage.play(FadeIn(stage.prose(text, own=True)))
    number = text.split()[0]
    assert f"'{number}' stands in no title, sentence or argument of the storyboard, and in no label" in str(error.value)


@pytest.mark.parametrize("verb", [lambda stage: stage.make_up("Chapter 7"), lambda stage: stage.launder()])
def test_a_verb_may_not_say_more_than_it_is_told(stage_of, verb) -> None:
    with pytest.raises(ProblemsFound, match=r"'42' stands in no title"):
        verb(stage_of(Told))


def test_a_verb_keeps_its_name_its_words_and_its_result(stage_of) -> None:
    assert (Told.say.__name__, Told.say.__doc__) == ("say", "Write what the storyboard says.")
    stage = stage_of(Told)
    assert stage.weight() is stage.line


# What is seen --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("digit", DIGITS)
def test_digits_are_seen_in_every_face(digit: str) -> None:
    faces = {f'#text(weight: "bold")[{digit}]': 1, digit: 1, f"$ {digit} bold({digit}) x^{digit} $": 3, f"_{digit}_": 1}
    for face, count in faces.items():
        seen = filter(None, map(digits_of, Typst(face).family_members_with_points()))
        assert [digit in each for each in seen] == count * [True]


def test_no_letter_is_seen_as_a_digit() -> None:
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZäöüßéñçαβγδεζηθλμπστφχψωΓΔΘΛΞΠΣΦΨΩбгджзийклфцчшщэюя"
    signs = "+-−=≈·×/()[]{}<>|!?%&@°,.;:…–—“”’∞∑√"
    for text in (letters, signs):
        for drawn in (
            prose(text),
            prose(text, bold=True),
            Typst(f"$ {' '.join(letters)} $"),
            Typst(f"#emph[{letters}]"),
        ):
            assert {digits_of(glyph) for glyph in drawn.family_members_with_points()} == {""}
