"""How tables change: into another table, into the sums of their rows, and into their rows divided by these sums."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import (
    Animation,
    AnimationGroup,
    FadeIn,
    FadeOut,
    LaggedStart,
    Mobject,
    ReplacementTransform,
    UpdateFromAlphaFunc,
    VMobject,
    interpolate_color,
)

from attnviz.stage.tables.table import Table
from attnviz.stage.typesetting import NumberMark

LANDING = 0.25


def travel(marks: Sequence[VMobject], goals: Sequence[VMobject], *, lag: float = 0.0) -> Animation:
    """Return the animation in which copies of digits lift off and become other digits; the originals stay."""
    moves = [ReplacementTransform(m.copy().set_z_index(4), goal) for m, goal in zip(marks, goals, strict=True)]
    return AnimationGroup(*moves, lag_ratio=lag)


def lift(marks: Sequence[NumberMark], goals: Sequence[VMobject], table: Table, *, lag: float = 0.0) -> Animation:
    """Return the animation in which copies of a table's cells lift off like cards, and their digits become others.

    The last one leaves first. A card covers what it flies over; it fades when it arrives.
    """
    steps: list[Animation] = []
    for mark, goal in reversed(list(zip(marks, goals, strict=True))):
        card = table.cells[list(table.marks).index(mark)].copy().set_z_index(4)
        digits = _Landing(mark.copy().set_z_index(5), goal)
        steps.append(AnimationGroup(_card_to(card, np.array(goal.get_center())), digits))
    return AnimationGroup(*steps, lag_ratio=lag)


class _Landing(ReplacementTransform):
    """Digits become others; they keep their colour until their card fades."""

    def begin(self) -> None:
        self.colors = self.mobject.get_color(), self.target_mobject.get_color()
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        super().interpolate_mobject(alpha)
        share = (self.rate_func(alpha) - 1 + LANDING) / LANDING
        self.mobject.set_fill(interpolate_color(*self.colors, min(1.0, max(0.0, share))))


def _card_to(card: VMobject, end: np.ndarray) -> Animation:
    start = np.array(card.get_center())

    def fly(card: Mobject, alpha: float) -> None:
        card.move_to(start + alpha * (end - start))
        card.set_opacity(min(1.0, (1 - alpha) / LANDING))

    return UpdateFromAlphaFunc(card, fly, remover=True)


def morph(old: Table, new: Table) -> Animation:
    """Return the animation in which a table becomes another: words that both have keep their rows and columns."""
    steps: list[Animation] = []
    seen: set[int] = set()
    pairs: list[tuple[Mobject, Mobject]] = []
    for row in new.row_labels:
        for column in new.column_labels:
            if row in old.row_labels and column in old.column_labels:
                pairs += [
                    (old.cell(row, column), new.cell(row, column)),
                    (old.mark(row, column), new.mark(row, column)),
                ]
    for heads, labels in (("row_heads", "row_labels"), ("column_heads", "column_labels")):
        before = dict(zip(getattr(old, labels), getattr(old, heads), strict=True))
        after = dict(zip(getattr(new, labels), getattr(new, heads), strict=True))
        pairs += [(before[label], after[label]) for label in after if label in before]
    for one, other in pairs:
        steps.append(ReplacementTransform(one, other))
        seen |= {id(one), id(other)}
    gone = [FadeOut(m) for m in _pieces(old) if id(m) not in seen]
    come = [FadeIn(m) for m in _pieces(new) if id(m) not in seen]
    move = AnimationGroup(*gone, *steps)
    return LaggedStart(move, AnimationGroup(*come), lag_ratio=0.8) if come else move


def _pieces(table: Table) -> list[Mobject]:
    return [*table.cells, *table.marks, *table.row_heads, *table.column_heads]
