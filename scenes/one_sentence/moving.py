"""A word's move in the plane, and what is said of it."""

from __future__ import annotations

from manim import DOWN, LEFT, RIGHT, VGroup

from attnviz.stage import Number, Stage, Writing, fitted, frame, shortened, theme, visible_word

BETWEEN = 0.45
"""What is free between lines beside the plane (frame units)."""


def told_of_move(stage: Stage, word: str, before: list[Number], after: list[Number], head: str | None) -> VGroup:
    """Return the lines beside the plane: from where to where a word goes, and what takes it there.

    With a `head`, what is dashed on the plane is explained, too.
    """
    start = stage.places.start() + 1
    color = stage.word_color(word)
    places = VGroup(*[
        stage.formula(f'"{when}:" quad ({{x}}, {{y}})', x=place[0], y=place[1])
        for when, place in (("before", before), ("after", after))
    ])  # fmt: skip
    which = stage.written_word(word).removeprefix(visible_word(word))
    name = stage.prose(shortened(word) + which, size=theme.BIG, color=color, own=True)
    rows = VGroup(name, places.arrange(DOWN, buff=BETWEEN / 2, aligned_edge=RIGHT))  # coordinates below each other
    if stage.places.laid:
        layer = stage.derived(start, "the layer that the word goes through", "whole")
        share = stage.number("plane_share", style="percent", token=word).not_zero()
        rows.add(
            _note(
                stage.phrase("through layer {n}: all its heads,", theme.NOTE, theme.DIM, n=layer),
                stage.prose("and what follows them", size=theme.NOTE, color=theme.DIM),
            ),
            stage.phrase("we see {p} of its vector", theme.NOTE, theme.DIM, p=share),
        )
    else:
        rows.add(stage.prose("through one step of attention", size=theme.NOTE, color=theme.DIM))
    if head is not None:
        rows.add(
            _note(
                stage.prose("dashed: by the weights", size=theme.NOTE, color=theme.WEIGHT),
                stage.prose(f"of head {head} alone", size=theme.NOTE, color=theme.WEIGHT, own=True),
            )
        )
    rows.arrange(DOWN, buff=BETWEEN, aligned_edge=LEFT)
    room = frame.BESIDE_PLANE
    return fitted(rows).move_to([room.left, room.center[1], 0], aligned_edge=LEFT)


def _note(*lines: Writing) -> VGroup:
    """Return lines of one note."""
    return VGroup(*lines).arrange(DOWN, buff=BETWEEN / 3, aligned_edge=LEFT)
