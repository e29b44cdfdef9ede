"""Text and mathematics, set by Typst in one compile a piece; numbers in it keep their receipts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from manim import ORIGIN, UP, SVGMobject, Typst, VGroup, VMobject
from numpy.typing import NDArray

from attnviz.input.fonts import BEYOND_LATIN
from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.writing import is_right_to_left
from attnviz.stage import theme
from attnviz.stage.glyphs import GlyphShape, refuse_undrawable
from attnviz.stage.names import has_numeral, name_markup
from attnviz.stage.numbers import Number

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_IN_FORMULA = re.compile(r"(?P<bold>bold\()?\{(?P<key>\w+)\}(?(bold)\))")
_LIKE_A_NAME = re.compile(r"[^\W\d_][_^]?\d")
_LIKE_A_NUMBERED_THING = re.compile(r"[^\W\d_]\s\d|\d\s[^\W\d_]")
_VARIABLE = re.compile(
    r"(?<![\w.])[^\W\d_](?![\w.(])|\""
)  # x, or text in quotation marks; no word of Typst's, such as dot
_LABEL = "#let n(l, body) = [#box($body$)#label(l)]\n#let t(l, body) = [#box(body)#label(l)]\n"
_STRUT = '#n("strut", [x])'


def quoted(text: str) -> str:
    """Return a person's text as a Typst string literal: it can neither break the markup nor run code."""
    clean = "".join(c if c.isprintable() else " " for c in text)
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"'


class NumberMark(VGroup):
    """The glyphs of one number on screen; carries the number, so that a receipt can be written."""

    def __init__(self, *glyphs: VMobject, number: Number) -> None:
        if not number.is_honest:
            message = f"the text {number.text!r} is drawn for the value {number.value!r}"
            raise ProblemsFound(Problem(message, hint="read it with self.number(…), or derive it with self.derived(…)"))
        super().__init__(*glyphs)
        if glyphs:
            self.set_color(glyphs[0].get_color(), family=False)  # or else a group calls itself white, whatever it holds
        self.number = number
        for glyph in self.family_members_with_points():
            vars(glyph)["is_of_number"] = True
        self._drawn = GlyphShape(self._points())

    @property
    def is_intact(self) -> bool:
        """Whether its glyphs are still those that were set for the number, however they were moved as a whole."""
        return self._drawn.is_shape_of(self._points())

    def _points(self) -> NDArray[np.float64]:
        return np.vstack([glyph.points for glyph in self.family_members_with_points()] or [np.zeros((0, 3))])


class Writing(Typst):
    """A piece of set text or mathematics that stands on a baseline and knows its numbers.

    `marks` maps each placeholder to the `NumberMark` that holds its glyphs; `source` is what a person wrote. Digits
    outside the marks belong to `names`: every glyph keeps them as its `said`, wherever it is taken. Without a `color`
    it is set in ink. `lettered` tells letters, which must be larger, from digits and signs alone.
    """

    def __init__(
        self,
        markup: str,
        numbers: Mapping[str, Number],
        *,
        size: float,
        color: Any,
        source: str = "",
        names: Iterable[str] = (),
        lettered: bool = True,
    ) -> None:
        self.source, self.lettered = source or markup, lettered
        super().__init__(_LABEL + markup, font_size=size, color=theme.INK if color is None else color)
        sign_glyphs(self, " ".join(name for name in names if has_numeral(name)))
        self.marks: dict[str, NumberMark] = {}
        y = self._take_strut()
        self._below = (y - self.get_bottom()[1]) / max(self.height, 1e-9)
        for name, number in numbers.items():
            self._gather(name, number)
        self.move_to(ORIGIN)
        self._set_size, self._set_height = size, max(self.height, 1e-9)

    @property
    def type_size(self) -> float:
        """The font size at which the text stands now (Manim's unit), after any scaling."""
        return float(self._set_size * self.height / self._set_height)

    def _take_strut(self) -> float:
        """Take the strut (an x, which stands on the baseline) out again and return the baseline's height."""
        struts = list(self.select("strut"))
        baseline = float(VGroup(*struts).get_bottom()[1])
        gone = {id(glyph) for glyph in struts}
        self.submobjects: list[VMobject] = [m for m in self.submobjects if id(m) not in gone]
        return baseline

    def _gather(self, name: str, number: Number) -> None:
        glyphs = list(self.select(name))
        inside = {id(glyph) for glyph in glyphs}
        place = next(i for i, m in enumerate(self.submobjects) if id(m) in inside)
        mark = NumberMark(*glyphs, number=number)
        rest = [m for m in self.submobjects if id(m) not in inside]
        rest.insert(place, mark)
        self.submobjects = rest
        self.marks[name] = mark

    @property
    def baseline(self) -> float:
        """The height (y) of the line on which the letters stand."""
        return float(self.get_bottom()[1] + self._below * self.height)

    def seat(self, y: float) -> Writing:
        """Stand the text on the line at height y."""
        self.shift(UP * (y - self.baseline))
        return self


def sign_glyphs(drawing: SVGMobject, said: str = "") -> None:
    """Sign what the stage has drawn, with all its glyphs; `said` is the text of a person or a model that has digits."""
    for part in (drawing, *drawing.family_members_with_points()):
        vars(part)["said"] = said


def set_number(number: Number) -> str:
    """Return the Typst mathematics of a number's text with its unit."""
    text = {"?": '"?"', "inf": "infinity", "-inf": "-infinity"}.get(number.text, number.text)
    return text + {"%": " thin %", "°": "degree"}.get(number.unit, "")


def bracketed(name: str, number: Number, *, first: bool = False) -> str:
    """Return the placeholder of a number in a template, in brackets if it is negative and not the first of its line."""
    return f"({{{name}}})" if number.text.startswith("-") and not first else f"{{{name}}}"


def set_sign(exact: bool) -> str:
    """Return the Typst sign before a result: `=` only if it follows exactly from the digits that are shown."""
    return "=" if exact else "approx"


def prose(
    text: str,
    *,
    size: float = theme.WORD,
    color: Any = None,
    bold: bool = False,
    own: bool = False,
    part_of: str | None = None,
) -> Writing:
    """Set plain text. `own` marks a person's or a model's own words (a title, a token), which may contain digits.

    It is read as its first letter is, or as the text that it is a `part_of`: in Arabic the comma of `apple,` stands to
    the left. Raises `ProblemsFound` for digits in other text (a number on screen needs a receipt), and for characters
    that the fonts cannot draw. A number in own words must stem from the storyboard or the model: see
    `attnviz.stage.names`.
    """
    if own:
        refuse_undrawable(text)
    else:
        refuse_digits(text)
    weight = ', weight: "bold"' if bold else ""
    names = [text] if own else []
    line = f"{reading_direction(text if part_of is None else part_of)}{_STRUT}#text({quoted(text)}{weight})"
    return Writing(line, {}, size=size, color=color, source=text, names=names)


def name(text: str, *, size: float = theme.BODY, color: Any = None) -> Writing:
    """Set a name as mathematics, with its digits: `W_1`, `W_Q^1`, `head_1`.

    Raises `ProblemsFound` for what is no name, such as a number.
    """
    return formula("{name}", size=size, color=color, names={"name": text})


def formula(
    template: str,
    *,
    size: float = theme.BODY,
    color: Any = None,
    words: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    colors: Mapping[str, str] | None = None,
    numbers: Mapping[str, Number] | None = None,
    **named: Number,
) -> Writing:
    """Set Typst mathematics; `{name}` stands for a number, given in `numbers` or by keyword, or for upright `words`.

    Words that are named in `colors` are set bold, in their own colour. They are a person's or a model's own, as in
    `prose(…, own=True)`. `names` are those of things, with their digits: `W_1`, `W_Q^1`.
    Raises `ProblemsFound` for digits in the template itself, for Typst code, and for a name that is none.
    """
    numbers = {**(numbers or {}), **named}
    _refuse_code(template)
    refuse_digits(_PLACEHOLDER.sub("", template))
    texts, called, tints = words or {}, names or {}, colors or {}

    def fill(match: re.Match[str]) -> str:
        key, bold = match["key"], match["bold"] is not None
        if key in texts and key not in tints:
            return _word(texts[key], bold=bold)
        if key in numbers:
            written = set_number(numbers[key])
            if match.string[: match.start()].endswith(("^", "_")):
                written = f"script({written})"  # in a box of its own, it does not know that it is an exponent
            piece = f'#n("{key}", ${written}$)'
        elif key in called:
            piece = name_markup(called[key])
        else:
            piece = f'#n("{key}", ${_word(texts[key], bold=True)}$)'
        return f"bold({piece})" if bold else piece

    markup = f"$ {_STRUT} {_IN_FORMULA.sub(fill, template)} $"
    said = [*texts.values(), *(each.replace("^", "_") for each in called.values())]  # in a name ^ is no power
    lettered = bool(said) or _VARIABLE.search(_PLACEHOLDER.sub("", template)) is not None
    writing = Writing(markup, numbers, size=size, color=color, source=template, names=said, lettered=lettered)
    for key, tint in tints.items():
        writing.select(key).set_color(tint)
    return writing


def _word(text: str, *, bold: bool = False) -> str:
    """Return the mathematics of a person's word; as text where it is bold, or letters join: maths sets one by one."""
    if bold or any(ord(letter) >= BEYOND_LATIN and letter.isalpha() for letter in text):
        weight = "bold" if bold else "regular"
        # In an equation of its own: what stands at it, such as a prime, is placed by letters, not by a box around them
        return f'#box($#box[{reading_direction(text)}#text({quoted(text)}, weight: "{weight}")]$)'
    return f"upright({quoted(text)})"


def reading_direction(text: str) -> str:
    """Return the Typst rule by which a line is read from the right, if its text is."""
    return "#set text(dir: rtl)\n" if is_right_to_left(text) else ""


def phrase(template: str, *, size: float = theme.BODY, color: Any = None, numbers: Mapping[str, Number]) -> Writing:
    """Set plain text with numbers in it, all in the face of the text; `{name}` stands for a number.

    Raises `ProblemsFound` for digits in the template itself.
    """
    refuse_digits(_PLACEHOLDER.sub("", template))
    markup = _STRUT
    for index, piece in enumerate(_PLACEHOLDER.split(template)):
        if index % 2:
            number = numbers[piece]
            text = number.text.replace("-", "−") + {"%": " %", "°": "°"}.get(number.unit, "")
            markup += f'#t("{piece}", {quoted(text)})'
        elif piece:
            markup += f"#text({quoted(piece)})"
    return Writing(markup, numbers, size=size, color=color, source=template)


def number_marks(numbers: list[Number], *, size: float = theme.WORD, color: Any = None) -> list[NumberMark]:
    """Set many numbers in one compile; each mark is centred at the origin on its digits' common middle."""
    if not numbers:
        return []
    names = {f"k{i}": number for i, number in enumerate(numbers)}
    rows = f"[{_STRUT}], " + ", ".join(f'[#n("{name}", ${set_number(number)}$)]' for name, number in names.items())
    sheet = Writing(f"#grid(columns: 1, row-gutter: 12pt, {rows})", names, size=size, color=color)
    for mark in sheet.marks.values():
        mark.move_to(ORIGIN)
    return list(sheet.marks.values())


def refuse_digits(text: str) -> None:
    """Raise `ProblemsFound` if text of a scene contains digits, of whatever script."""
    if has_numeral(text):
        hint = "read it with self.number(…) and set it with formula('… {name} …', name=number)"
        if _LIKE_A_NAME.search(text):
            hint += "; or, if it is a name, set it with formula('… {W} …', names={'W': 'W_1'})"
        elif _LIKE_A_NUMBERED_THING.search(text):
            hint += "; a name is self.name('head_1'), a count is made by self.derived(…)"
        raise ProblemsFound(Problem(f"the text {text!r} draws a number without a receipt", hint=hint))


def _refuse_code(template: str) -> None:
    """Refuse what could draw a number that does not stand in the template: code, and characters by their numbers."""
    if "#" in template or "\\u" in template:
        hint = "write mathematics, with {name} for numbers, words and names"
        raise ProblemsFound(Problem(f"the template {template!r} holds Typst code", hint=hint))
