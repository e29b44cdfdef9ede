"""What must not be on stage: digits without a receipt, however they were drawn.

Digits are found by looking, as a viewer does: every outline on stage is compared with the digits of the built-in fonts.
What Manim sets or reads from a file by itself is refused, since its outlines may be anything.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator

import numpy as np
from manim import (
    Animation,
    AnimationGroup,
    DecimalNumber,
    MarkupText,
    Mobject,
    ReplacementTransform,
    SVGMobject,
    Text,
    Transform,
    Typst,
    VMobject,
)
from manim.animation.transform import MoveToTarget, _MethodAnimation
from manim.mobject.svg.svg_mobject import VMobjectFromSVGPath
from manim.mobject.text.tex_mobject import SingleStringMathTex
from manim.mobject.types.image_mobject import AbstractImageMobject

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.stage.glyphs import digits_of
from attnviz.stage.names import has_numeral, strangers
from attnviz.stage.numbers import Number
from attnviz.stage.receipts import is_visible
from attnviz.stage.typesetting import NumberMark

_READ = "read it with self.number(…) and set it with self.formula('… {name} …', name=number)"

_OTHERWISE = "a name is self.name('head_1'), a count is made by self.derived(…)"


def refuse_unreceipted(
    family: Iterable[Mobject], known: Collection[str] = (), read: Callable[[Number], bool] = lambda number: True
) -> None:
    """Raise `ProblemsFound` if a number is on screen that was drawn past `self.number`.

    `family` are all mobjects on stage with their parts. `known` is what the storyboard and the model say, where numbers
    in names may come from; `read` tells whether a number was read from the trace, as it says.
    """
    members = list(family)
    marks = [mobject for mobject in members if isinstance(mobject, NumberMark)]
    inside = {id(part) for mark in marks for part in mark.get_family()}
    for mark in filter(is_visible, marks):
        _refuse_edited(mark, read)
    names = _Names(known)
    for mobject in members:
        _refuse_foreign(mobject)
        if id(mobject) not in inside and _is_drawn(mobject) and not _is_behind(mobject, marks):
            names.refuse(mobject)


def refuse_passing(animations: Iterable[Animation], known: Collection[str] = ()) -> None:
    """Raise `ProblemsFound` if animations that are about to begin would show a number drawn past `self.number`.

    What they move need not be on stage when they are over. Digits of numbers may travel without their marks.
    """
    names = _Names(known)
    for mobject in moved_by(animations):
        _refuse_foreign(mobject)
        if isinstance(mobject, VMobject) and not vars(mobject).get("is_of_number"):
            names.refuse(mobject)


def moved_by(animations: Iterable[Animation]) -> list[Mobject]:
    """Return all that animations move, part by part, each once."""
    return list({id(part): part for moved in _moved(animations) for part in moved.get_family()}.values())


def _moved(animations: Iterable[Animation]) -> Iterator[Mobject]:
    for animation in animations:
        if isinstance(animation, AnimationGroup):
            yield from _moved(animation.animations)
            continue
        for mobject in (animation.mobject, getattr(animation, "target_mobject", None)):
            if isinstance(mobject, Mobject):
                yield mobject


def refuse_changed_digits(animation: Animation) -> None:
    """Refuse a `Transform` that leaves the old receipt on new digits."""
    if isinstance(animation, AnimationGroup):
        for part in animation.animations:
            refuse_changed_digits(part)
        return
    if not isinstance(animation, Transform) or isinstance(
        animation, (ReplacementTransform, MoveToTarget, _MethodAnimation)
    ):
        return
    if animation.target_mobject is None or animation.replace_mobject_with_target_in_scene:
        return
    before, after = (
        sorted(m.number.text for m in mob.get_family() if isinstance(m, NumberMark))
        for mob in (animation.mobject, animation.target_mobject)
    )
    if before != after:
        raise ProblemsFound(
            Problem(
                "a Transform leaves the receipt of the old number on the new digits", hint="use ReplacementTransform"
            )
        )


class _Names:
    """Which texts may have digits that are no numbers."""

    def __init__(self, known: Collection[str]) -> None:
        self._known = known
        self._allowed: dict[str, str] = {"": ""}

    def refuse(self, glyph: VMobject) -> None:
        """Raise `ProblemsFound` if a glyph is a digit that belongs to no name, or to one that nobody gave."""
        said = vars(glyph).get("said", "")
        if said not in self._allowed:
            if unknown := strangers(said, self._known):
                where = "in no title, sentence or argument of the storyboard, and in no label of the model"
                raise _unreceipted(f"the text {said!r}", f"'{unknown[0]}' stands {where}; {_READ}; {_OTHERWISE}")
            digits = [unicodedata.digit(char, None) for char in said]
            self._allowed[said] = "".join(str(digit) for digit in digits if digit is not None)
        seen = digits_of(glyph)
        if seen and not set(seen) & set(self._allowed[said]):
            raise _unreceipted(f"the digit '{seen[0]}'", _READ)


def _is_drawn(mobject: Mobject) -> bool:
    return isinstance(mobject, VMobject) and len(mobject.points) > 0 and is_visible(mobject)


def _is_behind(glyph: VMobject, marks: Iterable[NumberMark]) -> bool:
    """Tell whether a glyph is a halo: exactly where the same glyph of a number stands, so that it says nothing else."""
    if not vars(glyph).get("is_of_number"):
        return False
    places = (other.points for mark in marks for other in mark.family_members_with_points())
    return any(np.shape(glyph.points) == np.shape(p) and np.allclose(glyph.points, p, atol=1e-3) for p in places)


def _refuse_edited(mark: NumberMark, read: Callable[[Number], bool]) -> None:
    number = mark.number
    if not mark.is_intact or not all(map(is_visible, mark.family_members_with_points())):
        hint = f"its glyphs are no longer those of {number.text!r}; {_READ}"
        raise _unreceipted(f"what stands for {number.name}", hint)
    if number.array and not read(number):
        hint = "numbers that say so are made by self.number(…) alone; what follows from them by self.derived(…)"
        raise ProblemsFound(Problem(f"{number.text!r} was not read as {number.name}", hint=hint))


def _refuse_foreign(mobject: Mobject) -> None:
    """Refuse what Manim has set, or read from a file: nobody can tell whether it shows numbers."""
    is_glyph = type(mobject) is VMobjectFromSVGPath
    is_foreign = is_glyph or isinstance(mobject, (SVGMobject, AbstractImageMobject, DecimalNumber))
    if not is_foreign or "said" in vars(mobject):
        return
    text = _text_of(mobject)
    if text is not None and has_numeral(text):
        raise _unreceipted(f"{type(mobject).__name__}({text!r})", _READ)
    what = f"{type(mobject).__name__}({text!r})" if text else "a glyph" if is_glyph else type(mobject).__name__
    hint = "set text with self.prose(…) and self.formula(…), take drawings from icon(word), or draw with Manim's shapes"
    raise ProblemsFound(Problem(f"{what} is drawn past the stage, and may show numbers without a receipt", hint=hint))


def _unreceipted(what: str, hint: str) -> ProblemsFound:
    verb = "draws" if "(" in what or what.startswith("the text") else "is"
    return ProblemsFound(Problem(f"{what} {verb} a number without a receipt", hint=hint))


def _text_of(mobject: Mobject) -> str | None:
    if isinstance(mobject, DecimalNumber):
        return str(mobject.get_value())
    if isinstance(mobject, Typst):
        return mobject.typst_code
    if isinstance(mobject, (Text, MarkupText)):
        return str(mobject.text)
    if isinstance(mobject, SingleStringMathTex):
        return str(mobject.tex_string)
    return None
