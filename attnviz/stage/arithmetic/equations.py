"""Equations about vectors, written out with the digits shown on screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from manim import DOWN, LEFT, RIGHT, Rectangle, VGroup

from attnviz.stage import theme
from attnviz.stage.numbers import Number, as_shown, relation
from attnviz.stage.reading import visible_word
from attnviz.stage.typesetting import Writing, formula, prose, set_sign

if TYPE_CHECKING:
    from attnviz.stage.scene import Stage

NOTE_GAP = 0.15
LEAST_SHARE = 0.08  # of a bar: smaller parts have no room for a name and number below
OTHERS = "others"


def vector_template(names: Sequence[str]) -> str:
    """Return the Typst template of a row vector whose entries are the named numbers."""
    return "(" + ", ".join(f"{{{name}}}" for name in names) + ")"


def combination(
    word: str,
    others: Sequence[str],
    weights: Sequence[Number],
    vectors: Sequence[Sequence[Number]],
    result: Sequence[Number],
    colors: Mapping[str, str],
    *,
    size: float = 32,
) -> list[Writing]:
    """Return a weighted sum of words in three lines: with names, with coordinates, and its result.

    `weights[i]` is the weight of `others[i]`, whose coordinates are `vectors[i]`; `colors` are the words' colours. A
    sign is `=` only if the digits after it are exact, or if the shown digits give exactly the shown `result`, else `≈`.
    """
    n = len(others)
    texts = {"word": visible_word(word)} | {f"o{i}": visible_word(o) for i, o in enumerate(others)}
    tints = {"word": colors[word]} | {f"o{i}": colors[o] for i, o in enumerate(others)}
    lead = set_sign(as_shown(weights))
    first = f"{{word}}' {lead} " + " + ".join(f"{{w{i}}} dot {{o{i}}}" for i in range(n))
    terms = [f"{{w{i}}} dot " + vector_template([f"v{i}c{k}" for k in range(len(vectors[i]))]) for i in range(n)]
    second = f"{set_sign(all(map(as_shown, vectors)))} " + " + ".join(terms)
    shown = [sum(w.shown * v[k].shown for w, v in zip(weights, vectors, strict=True)) for k in range(len(result))]
    sign = set_sign(all(relation(s, r) == "=" for s, r in zip(shown, result, strict=True)))
    third = f"{sign} " + vector_template([f"r{k}" for k in range(len(result))])
    ws = {f"w{i}": w for i, w in enumerate(weights)}
    vs = {f"v{i}c{k}": c for i, v in enumerate(vectors) for k, c in enumerate(v)}
    return [
        formula(first, size=size, words=texts, colors=tints, numbers=ws),
        formula(second, size=size, numbers=ws | vs),
        formula(third, size=size, numbers={f"r{k}": r for k, r in enumerate(result)}),
    ]


def stack_at_sign(lines: Sequence[Writing], word: str, *, size: float = 32, buff: float = 0.42) -> VGroup:
    """Stack the lines of an equation about a word, left-aligned; all but the first are indented to the first sign."""
    indent = formula("bold({w})'", size=size, words={"w": visible_word(word)}).width + 0.16
    block = VGroup(*lines).arrange(DOWN, buff=buff, aligned_edge=LEFT)
    for line in lines[1:]:
        line.shift(RIGHT * indent)
    return block


def weight_bar(
    words: Sequence[str],
    weights: Sequence[Number],
    colors: Sequence[str],
    *,
    width: float = 5.4,
    height: float = 0.26,
) -> VGroup:
    """Return a bar divided among words in proportion to their weights, each part with name and number below."""
    total = sum(abs(w.value) for w in weights) or 1.0
    gap = 0.05
    parts, notes = VGroup(), VGroup()
    for word, weight, color in zip(words, weights, colors, strict=True):
        length = max(0.02, (width - gap * (len(words) - 1)) * abs(weight.value) / total)
        parts.add(Rectangle(width=length, height=height, fill_color=color, fill_opacity=1, stroke_width=0))
        name = prose(visible_word(word), size=theme.NOTE, color=color, own=True)
        notes.add(VGroup(name, formula("{w}", size=theme.NOTE + 1, color=color, w=weight)))
    parts.arrange(RIGHT, buff=gap)
    wide = all(
        note[0].width + 0.14 + note[1].width <= part.width - 0.05 for part, note in zip(parts, notes, strict=True)
    )
    for part, note in zip(parts, notes, strict=True):
        note.arrange(RIGHT if wide else DOWN, buff=0.14 if wide else 0.08, aligned_edge=DOWN if wide else LEFT)
        note.next_to(part, DOWN, buff=0.16).align_to(part, LEFT)
        note[0].seat(float(part.get_bottom()[1]) - 0.38)
        note[1].seat(float(part.get_bottom()[1]) - (0.38 if wide else 0.8))
    _keep_apart(notes, float(parts.get_right()[0]))
    return VGroup(parts, notes)


def _keep_apart(notes: VGroup, right: float) -> None:
    """Separate notes that are too close together: push them to the right, then back from beyond the bar's end."""
    if all(before.get_right()[0] + NOTE_GAP <= note.get_left()[0] for before, note in pairwise(notes)):
        return
    for before, note in pairwise(notes):
        note.shift(RIGHT * max(0.0, float(before.get_right()[0] - note.get_left()[0]) + NOTE_GAP))
    for note in notes[::-1]:
        note.shift(RIGHT * min(0.0, right - float(note.get_right()[0])))
        right = float(note.get_left()[0]) - NOTE_GAP


def share_bar(
    stage: Stage, weights: Mapping[str, Number], *, sentence: str | None = None, width: float = 5.4
) -> VGroup:
    """Return a bar divided among words; weights too small to be seen, and the rest of 1, go to a part "others"."""
    shares = dict(weights)
    seen = {token: weight for token, weight in weights.items() if weight.value >= LEAST_SHARE}
    left = 1.0 - sum(weight.carried for weight in seen.values())
    missing = len(seen) < len(weights) or left >= LEAST_SHARE
    if missing and all(weight.value >= 0 for weight in weights.values()):
        formula = " - ".join(["1", *(weight.name for weight in seen.values())])
        shares = seen | {OTHERS: stage.derived(left, formula, sentence=sentence)}
    colors = [theme.DIM if token == OTHERS else stage.word_color(token) for token in shares]
    return weight_bar([*shares], [*shares.values()], colors, width=width)
