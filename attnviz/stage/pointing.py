"""What a word or a number that is said refers to on a stage, as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from manim import Animation, AnimationGroup, Mobject, ReplacementTransform, VMobject

from attnviz.input.writing import bare
from attnviz.stage import frame
from attnviz.stage.numbers import Number
from attnviz.stage.past_the_door import moved_by
from attnviz.stage.placement import Rect, overlap, rect_of
from attnviz.stage.reading import visible_word
from attnviz.stage.spots import Spot, pointables_among
from attnviz.stage.tables.fills import WEIGHTS
from attnviz.stage.typesetting import NumberMark, Writing
from attnviz.storyboard.cues import Cue, NumberNamed

LINES = 0.4
"""The height (frame units) of a band of the frame in which things are read from left to right."""
SEEN, LIT = 0.25, 0.6
"""The opacity from which on a thing is pointed at; and, if nobody names it, since a scene dims what it is not about."""
OPAQUE, COVERED = 0.9, 0.6
"""The opacity from which on something hides a thing, if it covers so much of it."""
NEAR = 1.0
"""Places whose distances (frame units) to what moved last differ by less are as near to it as each other."""
HALF = 0.5001
"""By how much of its last digit a number that is said may be off."""
TICK = "tick of "
"""How the origin of a number at an axis is written."""
SMALL = frozenset(
    """
    a an and are as at be but by can did do does for from has have he her his how i if in into is it its my no not of on
    one or our she so than that the their them then there these they this those to up us was we were what when where
    which who why will with you your
    """.split()  # noqa: SIM905
)
"""Words of a narration that stand on many a stage, and are not what is spoken of; a mark can name them all the same."""


class Sights:
    """What can be pointed at among the things on a stage: what is visible, inside the frame, and not covered.

    `things` are those that the stage lists, `title` is none of them; `plays` are the animations of its last plays, and
    `sentence` is the name of the default one.
    """

    def __init__(
        self, things: Iterable[Mobject], title: Mobject, plays: Sequence[Sequence[Animation]] = (), sentence: str = ""
    ) -> None:
        self._sentence = sentence
        family = [part for thing in things if thing is not title for part in thing.get_family()]
        self._family, self._plays = list(dict.fromkeys(family)), plays

    def of(self, cue: Cue) -> list[Spot]:
        """Return the spot that a cue refers to; none if there is none, or if the word is said in passing."""
        if cue.number is not None:
            found = self._numbers(cue.number, cue.text) or self._ways(_weighed(cue.number))
        elif not cue.gesture and _plain(cue.text) in SMALL:
            return []
        else:
            found = [spot for spot in self._named if _is_called(spot, cue.text)]
        if cue.gesture == "trace":
            ways = self._ways(_weighed(cue.number) if cue.number else (cue.text,))
            found = self._best(ways) or found
        return self._best(found)

    def between(self, one: Cue, other: Cue) -> list[Spot]:
        """Return the arrow or arc between two words, whichever of them it starts from."""
        pairs = ((one.text, other.text), (other.text, one.text))
        return next((best for words in pairs if (best := self._best(self._ways(words)))), [])

    @cached_property
    def recent(self) -> list[list[Spot]]:
        """Return what is new, in reading order: by the last play that brought any, and by all of the latest plays.

        Where no play brought anything, it is what one moved, or else the words that stand on the stage.
        """
        for moved in (_introducers, list[Animation]):
            brought = [found for play in self._plays if (found := self._among(moved_by(moved(play))))]
            if brought:
                return [_in_reading_order(brought[-1]), _in_reading_order([spot for play in brought for spot in play])]
        words = [spot for spot in self._named if not _is_aside(spot) and self._is_seen(spot)]
        return [_in_reading_order(words)] if words else []

    def _among(self, parts: Iterable[Mobject]) -> list[Spot]:
        """Return the spots that belong to what a play moved, as far as they are told of and seen.

        Numbers are not among them: to point at one that nobody says would say something about it.
        """
        moved = set(parts)
        spots = [
            spot
            for spot in self._all
            if spot.shape != "path" and not _is_number(spot) and moved.intersection(_parts(spot))
        ]
        lit = [spot for spot in spots if not _is_aside(spot) and _opacity(spot.seen) >= LIT]
        return _outermost([spot for spot in lit if self._is_seen(spot)])

    @cached_property
    def _told(self) -> list[Spot]:
        """The spots that things on the stage tell of."""
        return [spot for thing in pointables_among(self._family) for spot in thing.pointable()]

    @cached_property
    def _all(self) -> list[Spot]:
        """All spots: those that are told of, other numbers, and other writing."""
        spoken_for = {id(part) for spot in self._told if spot.text is not None for part in spot.text.get_family()}
        texts = [part for part in self._family if isinstance(part, Writing | NumberMark)]
        own = [
            Spot((text.source,) if isinstance(text, Writing) else (), text, text=text)
            for text in texts
            if id(text) not in spoken_for
        ]
        return self._told + own

    @property
    def _named(self) -> list[Spot]:
        return [spot for spot in self._all if len(spot.words) == 1 and spot.shape != "path"]

    def _numbers(self, named: NumberNamed, text: str) -> list[Spot]:
        """Return the numbers on stage that were read there; those that are written as they are said, if some are.

        A scene may have read the same number from another array: that of a step (`softmax`), say, instead of `weights`.
        """
        numbers = [(spot, mark.number) for spot in self._all if isinstance(mark := spot.seen, NumberMark)]
        there = [(spot, number) for spot, number in numbers if self._is_there(number, named) and self._is_seen(spot)]
        own = [(spot, number) for spot, number in there if number.array == named.array]
        alike = [spot for spot, number in own or there if _reads(number, text)]
        if text or own:
            return alike or [spot for spot, _ in own]
        return [spot for spot, number in there if {number.array, named.array} <= WEIGHTS]

    def _is_there(self, number: Number, named: NumberNamed) -> bool:
        """Tell whether a number has these labels; of what an array has but one of (a head, say) none need be named."""
        one, other = dict(number.coords), dict(named.coords)
        of_it = (number.sentence or self._sentence) == (named.sentence or self._sentence)
        alike = all(one[dim] == other[dim] for dim in one.keys() & other.keys())
        return of_it and alike and bool(number.array) and (one.keys() <= other.keys() or other.keys() <= one.keys())

    def _ways(self, words: Sequence[str]) -> list[Spot]:
        """Return what leads from word to word, or is a word's own arrow, or an axis."""
        wanted = [*map(_plain, words)]
        ways = [spot for spot in self._told if spot.shape == "path" and words]
        exact = [spot for spot in ways if [*spot.words] == [*words]]
        return exact or [spot for spot in ways if [*map(_plain, spot.words)] == wanted]

    def _best(self, spots: Sequence[Spot]) -> list[Spot]:
        """Return the one that is nearest to what moved last, and the largest of those."""
        seen = [(spot, rect_of(spot.seen)) for spot in spots if self._is_seen(spot)]
        return [min(seen, key=lambda each: (self._distance(each[1]), -_area(each[1])))[0]] if seen else []

    def _distance(self, box: Rect) -> int:
        return min((int(_apart(box, place) / NEAR) for place in self._last_moved), default=0)

    @cached_property
    def _last_moved(self) -> list[Rect]:
        """Where things stand that moved in the last play."""
        on_stage, moved = set(self._family), moved_by(self._plays[-1]) if self._plays else []
        return [rect_of(part) for part in moved if part in on_stage and isinstance(part, VMobject) and len(part.points)]

    def _is_seen(self, spot: Spot) -> bool:
        box = rect_of(spot.seen)
        whole = spot.shape != "path"  # an axis may end outside
        wide, high = whole * (box[2] - box[0]), whole * (box[3] - box[1])
        inside = abs(box[0] + box[2]) + wide <= frame.WIDTH and abs(box[1] + box[3]) + high <= frame.HEIGHT
        return inside and _area(box) >= 0 and _opacity(spot.seen) >= SEEN and not self._is_covered(spot, box)

    def _is_covered(self, spot: Spot, box: Rect) -> bool:
        """Tell whether something opaque that is drawn later hides most of a thing."""
        own = {id(part) for part in _parts(spot)}
        last = max((place for place, (part, _) in enumerate(self._drawn) if id(part) in own), default=0)
        hidden = COVERED * _area(box)
        later = (cover for part, cover in self._drawn[last + 1 :] if cover is not None and id(part) not in own)
        return any(overlap(box, cover) > hidden for cover in later) if hidden else False

    @cached_property
    def _drawn(self) -> list[tuple[Mobject, Rect | None]]:
        """All that is drawn, in the order in which it is, with the boxes of what hides things."""
        order = sorted(self._family, key=lambda part: float(part.z_index))
        return [(part, rect_of(part) if _hides(part) else None) for part in order]


def _hides(part: Mobject) -> bool:
    return isinstance(part, VMobject) and len(part.points) > 0 and float(part.get_fill_opacity()) >= OPAQUE


def _parts(spot: Spot) -> list[Mobject]:
    return [*spot.thing.get_family(), *(spot.text.get_family() if spot.text is not None else ())]


def _opacity(thing: Mobject) -> float:
    parts = [part for part in thing.get_family() if isinstance(part, VMobject) and len(part.points)]
    strokes = [float(part.get_stroke_opacity()) for part in parts if part.get_stroke_width() > 0]
    return max([float(part.get_fill_opacity()) for part in parts] + strokes, default=0.0)


def _is_called(spot: Spot, text: str) -> bool:
    """Tell whether a word, perhaps in another number, or with its occurrence (`an#2`), is what a spot is called."""
    word = spot.words[0]
    if "#" in text:
        return word == text
    said, name = _plain(text), _plain(word)
    return bool(said) and (said == name or said in _plurals(name) or name in _plurals(said))


def _plain(word: str) -> str:
    """Return a word without its occurrence, its case, what is around it, and a genitive's s."""
    return re.sub(r"['’]s?$", "", bare(visible_word(word)).casefold())


def _plurals(word: str) -> set[str]:
    return {f"{word}s", f"{word}es", re.sub("y$", "ies", word)} - {word} if len(word) > 1 else set()


def _reads(number: Number, text: str) -> bool:
    """Tell whether a number is what is said, to as many digits as are said: 57% is 0.573."""
    digits = re.sub(r"\s", "", text).replace("−", "-")
    if not re.fullmatch(r"-?\d+(\.\d+)?%?", digits):
        return False
    unit = 0.01 if digits.endswith("%") else 1.0
    said = digits.removesuffix("%")
    return abs(number.value - unit * float(said)) <= HALF * unit * 10.0 ** -len(said.partition(".")[2])


def _weighed(number: NumberNamed) -> tuple[str, ...]:
    """Return the word that asks and the word that is asked, of a number that has such."""
    coords = number.coords
    return (coords["query"], coords["key"]) if {"query", "key"} <= coords.keys() else ()


def _introducers(animations: Iterable[Animation]) -> list[Animation]:
    """Return those of animations, and of the parts of groups, that bring something to the stage."""
    found = list[Animation]()
    for animation in animations:
        if isinstance(animation, AnimationGroup):
            found += _introducers(animation.animations)
        elif animation.is_introducer() or isinstance(animation, ReplacementTransform):
            found.append(animation)
    return found


def _is_number(spot: Spot) -> bool:
    return isinstance(spot.seen, NumberMark)


def _is_aside(spot: Spot) -> bool:
    """Tell whether a spot is not what is told of: a number that belongs to an axis, or counts, a sign, a small word."""
    if isinstance(spot.seen, NumberMark):
        return (spot.seen.number.formula or "").startswith(TICK)
    word = _plain(spot.words[0]) if len(spot.words) == 1 else ""
    return word in SMALL or not any(map(str.isalpha, word)) or _is_sign(spot)


def _is_sign(spot: Spot) -> bool:
    """Tell whether a spot is a sign by itself, such as the dot of a product: one glyph that is written as a name."""
    glyphs = [part for part in spot.seen.get_family() if isinstance(part, VMobject) and len(part.points)]
    return isinstance(spot.seen, Writing) and len(glyphs) == 1 and len(spot.seen.source) > 1


def _outermost(spots: Sequence[Spot]) -> list[Spot]:
    """Return spots without those that are parts of others: a line is one spot, not also each of its numbers."""
    inner = {id(part) for spot in spots for part in spot.seen.get_family()[1:]}
    return [spot for spot in spots if id(spot.seen) not in inner]


def _in_reading_order(spots: Sequence[Spot]) -> list[Spot]:
    """Return spots, each thing once, line by line, from left to right."""
    once = {id(spot.thing): spot for spot in spots}
    boxes = [(rect_of(spot.thing), spot) for spot in once.values()]
    return [
        spot for _, spot in sorted(boxes, key=lambda each: (-round((each[0][1] + each[0][3]) / 2 / LINES), each[0][0]))
    ]


def _area(box: Rect) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _apart(one: Rect, other: Rect) -> float:
    across = max(other[0] - one[2], one[0] - other[2], 0.0)
    return float(np.hypot(across, max(other[1] - one[3], one[1] - other[3], 0.0)))
