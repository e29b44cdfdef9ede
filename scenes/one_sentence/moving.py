"""A word's move in the plane, and what is said of it."""

from __future__ import annotations

from manim import DOWN, LEFT, VGroup

from attnviz.stage import Number, Stage, fitted, frame, theme, visible_word

BETWEEN = 0.34
"""What is free between lines beside the plane (frame units)."""


def told_of_move(stage: Stage, word: str, before: list[Number], after: list[Number], head: str | None) -> VGroup:
    """Return the lines beside the plane: from where to where a word goes, and what takes it there.

    With a `head`, what is dashed on the plane is explained, too.
    """
    start = stage.places.start() + 1
    color = stage.word_color(word)
    rows = VGroup(stage.prose(visible_word(word), size=theme.BIG, color=color, own=True))
    for text, numbers in (("before:", before), ("after:", after)):
        rows.add(
            stage.formula('"{t}" quad ({x}, {y})'.replace("{t}", text), size=theme.BODY, x=numbers[0], y=numbers[1])
        )
    if stage.places.laid:
        layer = stage.derived(start, "the layer that the word goes through", "whole")
        rows.add(stage.phrase("through layer {n}: all its heads,", theme.NOTE, theme.DIM, n=layer))
        rows.add(stage.prose("and what follows them", size=theme.NOTE, color=theme.DIM))
        share = stage.number("plane_share", style="percent", token=word).not_zero()
        rows.add(stage.phrase("we see {p} of its vector", theme.NOTE, theme.DIM, p=share))
    else:
        rows.add(stage.prose("through one step of attention", size=theme.NOTE, color=theme.DIM))
    if head is not None:
        rows.add(stage.prose("dashed: by the weights", size=theme.NOTE, color=theme.WEIGHT))
        rows.add(stage.prose(f"of head {head} alone", size=theme.NOTE, color=theme.WEIGHT, own=True))
    rows.arrange(DOWN, buff=BETWEEN, aligned_edge=LEFT)
    room = frame.BESIDE_PLANE
    return fitted(rows).move_to([room.left, room.center[1], 0], aligned_edge=LEFT)
