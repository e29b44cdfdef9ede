"""Equations about vectors, written out with the digits shown on screen, and weights as bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from manim import LEFT, RoundedRectangle, VGroup

from attnviz.stage import theme
from attnviz.stage.numbers import Number, as_shown, relation
from attnviz.stage.reading import visible_word
from attnviz.stage.tables.head_words import cut_short
from attnviz.stage.typesetting import NumberMark, Writing, formula, prose, set_sign

if TYPE_CHECKING:
    from attnviz.stage.scene import Stage

LEAST_SHARE = 0.005
"""A word that gets less than this is counted among the others: its share would be shown as zero."""
MOST_BARS = 7
OTHERS = "others"
PITCH, LEAST_PITCH = 0.7, 0.5
LONGEST = 12
"""So many letters of a word are written in a sum; of a longer one, its beginning."""


def vector_template(names: Sequence[str]) -> str:
    """Return the Typst template of a row vector whose entries are the named numbers."""
    return "(" + ", ".join(f"{{{name}}}" for name in names) + ")"


class Combination(VGroup):
    """A weighted sum of words, a term a row: first with names, then with coordinates, then its result.

    `names`, `coordinates` (one entry a term) and `result` are groups of a sign and what stands behind it.
    """

    def __init__(self, lead: Writing, names: list[VGroup], coordinates: list[VGroup], result: VGroup) -> None:
        super().__init__(lead, *names, *coordinates, result)
        self.lead, self.names, self.coordinates, self.result = lead, names, coordinates, result

    def marks(self, row: VGroup) -> dict[str, NumberMark]:
        """Return the digits of a row."""
        return {key: mark for part in row if isinstance(part, Writing) for key, mark in part.marks.items()}


def combination(
    word: str,
    others: Sequence[str],
    weights: Sequence[Number],
    vectors: Sequence[Sequence[Number]],
    result: Sequence[Number],
    colors: Mapping[str, str],
    *,
    size: float = theme.BODY,
    room: tuple[float, float] = (99.0, 99.0),
) -> Combination:
    """Return a weighted sum of words, written out to fit in a room (width, height) if it can.

    `weights[i]` is the weight of `others[i]`, whose coordinates are `vectors[i]`; `colors` are the words' colours. A
    sign is `=` only if the digits after it are exact, or if the shown digits give exactly the shown `result`, else `≈`.
    """
    lead = _set("{o}'", size, words={"o": shortened(word)}, colors={"o": colors[word]})
    signs = [set_sign(as_shown(weights)), set_sign(all(map(as_shown, vectors)))]
    shown = [sum(w.shown * v[k].shown for w, v in zip(weights, vectors, strict=True)) for k in range(len(result))]
    exact = all(relation(s, r) == "=" for s, r in zip(shown, result, strict=True))
    names, coordinates = [], []
    for k, (other, weight, vector) in enumerate(zip(others, weights, vectors, strict=True)):
        tint, digits = {"o": colors[other]}, {f"c{i}": number for i, number in enumerate(vector)}
        term = _set("{w} dot {o}", size, words={"o": shortened(other)}, colors=tint, numbers={"w": weight})
        names.append(VGroup(_set("+" if k else signs[0], size), term))
        term = _set("{w} dot " + vector_template(list(digits)), size, numbers={"w": weight} | digits)
        VGroup(*[term.marks[name] for name in digits]).set_color(colors[other])
        coordinates.append(VGroup(_set("+" if k else signs[1], size), term))
    sums = {f"r{k}": number for k, number in enumerate(result)}
    last = VGroup(_set(set_sign(exact), size), _set(vector_template(list(sums)), size, numbers=sums))
    rows = [*names, *coordinates, last]
    pitch = max(LEAST_PITCH, min(PITCH * size / theme.BODY, (room[1] - 0.5) / (len(rows) - 0.4)))
    indent = lead.width + 0.2
    for k, (sign, term) in enumerate(rows):
        y = -k * pitch - 0.25 * pitch * ((k >= len(names)) + (k == len(rows) - 1)) * (len(rows) < 7)
        sign.move_to([indent + 0.17, 0, 0]).shift([0, y + 0.14 * size / theme.BODY - float(sign.get_center()[1]), 0])
        term.move_to([indent + 0.48, 0, 0], aligned_edge=LEFT).seat(y)
    lead.move_to([0, 0, 0], aligned_edge=LEFT).seat(0)
    sum_ = Combination(lead, names, coordinates, last)
    if size <= theme.SMALLEST or (sum_.width <= room[0] and sum_.height <= room[1]):
        return sum_
    smaller = max(theme.SMALLEST, size - 3)
    return combination(word, others, weights, vectors, result, colors, size=smaller, room=room)


def _set(
    template: str,
    size: float,
    *,
    words: Mapping[str, str] | None = None,
    colors: Mapping[str, str] | None = None,
    numbers: Mapping[str, Number] | None = None,
) -> Writing:
    return formula(template, size=size, words=words, colors=colors, numbers=numbers)


def shortened(token: str) -> str:
    """Return a token's word as it is written in a sum: of a long one, its beginning."""
    return cut_short(visible_word(token), LONGEST)


def weight_bar(
    words: Sequence[str],
    weights: Sequence[Number],
    colors: Sequence[str],
    *,
    width: float = 5.4,
    room: float = 5.4,
) -> VGroup:
    """Return a row for each word: its name, a bar as long as its weight on a track of length 1, and its number.

    The rows share a height (frame units) of `room` at most. The parts are `names`, `bars` and `numbers`, in this order.
    """
    named = zip(words, colors, strict=True)
    names = [prose(shortened(word), size=theme.WORD, color=color, own=True) for word, color in named]
    numbers = [formula("{w}", size=theme.BODY, w=weight) for weight in weights]
    left = max(name.width for name in names) + 0.25
    length = width - left - max(number.width for number in numbers) - 0.25
    pitch = min(0.82, room / len(names))
    tracks, bars = VGroup(), VGroup()
    for row, (name, number, weight) in enumerate(zip(names, numbers, weights, strict=True)):
        y = -row * pitch
        name.move_to([0, 0, 0], aligned_edge=LEFT).seat(y)
        middle = y + 0.13
        track = RoundedRectangle(
            corner_radius=0.06, width=length, height=0.4, stroke_width=1.5, stroke_color=theme.GRID
        )
        track.set_fill(theme.SURFACE, 1).move_to([left, middle, 0], aligned_edge=LEFT)
        share = min(1.0, abs(weight.value))
        bar = RoundedRectangle(
            corner_radius=min(0.06, 0.4 * share * length), width=max(0.03, share * length), height=0.4
        )
        bar.set_fill(theme.blend(theme.SURFACE, theme.WEIGHT, 0.35 + 0.65 * share), 1).set_stroke(width=0)
        tracks.add(track)
        bars.add(bar.move_to([left, middle, 0], aligned_edge=LEFT))
        number.move_to([left + length + 0.25, 0, 0], aligned_edge=LEFT).seat(y)
    return VGroup(VGroup(*names), VGroup(tracks, bars), VGroup(*numbers))


def share_bar(
    stage: Stage, weights: Mapping[str, Number], *, sentence: str | None = None, width: float = 5.4, room: float = 5.4
) -> VGroup:
    """Return the rows of a word's weights; weights too small to be seen, and the rest of 1, go to a row "others"."""
    shares = dict(weights)
    most = sorted(weights, key=lambda token: -weights[token].value)[:MOST_BARS]
    seen = {token: weight for token, weight in weights.items() if weight.value >= LEAST_SHARE and token in most}
    left = stage.rest_of([*seen.values()], sentence=sentence)
    missing = len(seen) < len(weights) or left.value >= LEAST_SHARE
    if missing and all(weight.value >= 0 for weight in weights.values()):
        shares = seen | {OTHERS: left}
    colors = [theme.DIM if token == OTHERS else stage.word_color(token) for token in shares]
    return weight_bar([*shares], [*shares.values()], colors, width=width, room=room)
