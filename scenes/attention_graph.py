"""The computation graph of an attention head, with the real tables in it, and its formula, part by part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
from manim import (
    LEFT,
    RIGHT,
    UP,
    Create,
    FadeIn,
    LaggedStart,
    Line,
    Mobject,
    RoundedRectangle,
    VGroup,
)

from attnviz.stage import (
    BACK,
    Cuts,
    Head,
    Light,
    NumberMark,
    Slice,
    Stage,
    Tiles,
    Writing,
    frame,
    leaves,
    left_out,
    needs,
    number_marks,
    one_head,
    style_of,
    theme,
    unless,
    visible,
)


class _Step(NamedTuple):
    """A step of attention: the factors of its name, in which row of the graph it stands, and from what it comes."""

    name: tuple[str, ...]
    row: str
    causes: tuple[str, ...] = ()


STEPS = {
    "embeddings": _Step(("X",), "middle"),
    "queries": _Step(("Q",), "top", ("embeddings",)),
    "keys": _Step(("K",), "middle", ("embeddings",)),
    "values": _Step(("V",), "bottom", ("embeddings",)),
    "query_key_dot": _Step(("Q", "K^T"), "upper", ("queries", "keys")),
    "scores": _Step(("div sqrt(d_k)",), "upper", ("query_key_dot",)),
    "weights": _Step(('"softmax"',), "upper", ("scores",)),
    "head_outputs": _Step(('"output"',), "joined", ("weights", "values")),
}
Pieces = list[tuple[str, str]]
TILE = 0.24
"""The pitch of tiles without digits, at most (frame units)."""
EDGE, BESIDE_DIGITS, WAY = 0.2, 0.14, 0.3
"""How much larger a frame is than its table, a tile than its digits; and how far frames are apart, at least."""
FIRST = "embeddings"
OTHER = "take the scene head_arithmetic, or the model with nothing taken out of it"
MOST_DIGITS = 3
"""Tables of more rows or columns have no digits."""
MOST_TILES = 48
"""Of a table of more rows or columns, a window is shown: around the word in focus, or the first ones."""


class _Node(VGroup):
    """A part of the graph: a frame, the tiles of its table in it, its name over it, and digits when it is lit."""

    digits: VGroup

    def owned(self) -> Iterator[tuple[Mobject, Mobject]]:
        """Yield the name, and the digits, with the frame."""
        for part in self[2:]:
            yield part, self[0]


class AttentionGraph(Stage):
    """How the parts of an attention head follow from each other: a graph whose nodes are the real tables."""

    needs_arrays = ("W_Q",)

    def setup(self) -> None:
        """Start with an empty stage."""
        self.nodes: dict[str, _Node] = {}
        self.edges: dict[tuple[str, str], Line] = {}
        self.pieces: list[tuple[str, Writing]] = []
        self.lit: list[str] = []
        self.cuts: list[Cuts] = []
        self.head: str | None = None

    # Verbs ----------------------------------------------------------------------------------------------------

    @unless("graph", say="the graph is already there; leave this shot out")
    @leaves("graph", "lit embeddings")
    def show_graph(self, head: Head | None = None) -> None:
        """Draw the graph of a head, dim but for its embeddings, and its formula below; `follow` lights its parts.

        Seen: From left to right, a graph of tables is drawn, which follow from each other. Only the first is lit, that
        of embeddings. The formula of attention stands below, still dim.

        Plays: parts, ways, formula, note.
        """
        if not self.has("W_Q"):
            self.refuse("this model has no matrices of heads", "take a model with heads, such as three_heads")
        if self.trace_fact("weights") == "scores" or "sqrt_d" in self.trace_fact("without").splitlines():
            self.refuse("the graph is that of softmax(Q K^T / √d) V, and this model computes something else", OTHER)
        self.head = one_head(self, head)
        if not self._seat(digits=True):
            self._seat(digits=False)
        for part, step in STEPS.items():
            for cause in step.causes:
                self.edges[cause, part] = self._edge(self.nodes[cause], self.nodes[part])
        self.pieces = self._formula()
        note = left_out(self, self.cuts)
        self.lit.append(FIRST)
        self.nodes[FIRST].add(*self.nodes[FIRST].digits)
        later = [node for part, node in self.nodes.items() if part != FIRST]
        everything = [*self.edges.values(), *later, *[piece for _, piece in self.pieces]]
        for thing in everything:
            for member in thing.family_members_with_points():
                member.set_fill(opacity=BACK * member.get_fill_opacity(), family=False)
                member.set_stroke(opacity=BACK * member.get_stroke_opacity(), family=False)
        self.play(LaggedStart(*map(FadeIn, self.nodes.values()), lag_ratio=0.2), run_time=1.6, beat="parts")
        self.play(*map(Create, self.edges.values()), run_time=1.0, beat="ways")
        self.play(FadeIn(*[piece for _, piece in self.pieces]), run_time=0.7, beat="formula")
        if note is not None:
            note.move_to([frame.GRAPH.right, 0, 0], aligned_edge=RIGHT).seat(frame.GRAPH.bottom)
            self.play(FadeIn(note), run_time=0.7, beat="note")

    @needs("graph", say="there is no graph yet; begin with show_graph")
    @unless("lit {parts}", say="this part of the graph is lit already; leave it out")
    @leaves("lit {parts}")
    def follow(
        self,
        parts: list[Literal["queries", "keys", "values", "query_key_dot", "scores", "weights", "head_outputs"]],
    ) -> None:
        """Light parts of the graph, the ways that lead to them, and their pieces of the formula.

        Seen: In the graph, the ways to {parts} light up, and the tables there fill. Their pieces of the formula below
        light up, too.

        Plays: queries, keys, values, query_key_dot, scores, weights, head_outputs.
        """
        for part in parts:
            ways = [edge for (_, end), edge in self.edges.items() if end == part]
            if ways:
                color = theme.array_color(part) or theme.INK
                lit = [way.copy().set_stroke(color, opacity=1) for way in ways]  # what flows there comes from the left
                self.play(*map(Create, lit), run_time=0.8, beat=part)
                self.remove(*lit)
                for way in ways:
                    way.set_stroke(color, opacity=1)
            pieces = [piece for step, piece in self.pieces if step == part]
            node = self.nodes[part]
            self.play(Light(node, BACK, 1), *[Light(piece, BACK, 1) for piece in pieces], run_time=0.8, beat=part)
            if node.digits.submobjects:
                self.play(FadeIn(node.digits), run_time=0.4, beat=part)
                self.remove(node.digits)
                node.add(*node.digits)
            self.lit.append(part)

    # How ------------------------------------------------------------------------------------------------------

    def _node(self, part: str, step: _Step, *, digits: bool) -> _Node:
        """Return a part of the graph: its table, in a frame, with its name over it."""
        of_head = {} if part == FIRST else {"head": str(self.head)}
        color = theme.array_color(part)
        tiles, marks = self._tiles(Slice(part, **of_head), color, digits=digits)
        box = RoundedRectangle(corner_radius=0.1, width=tiles.width + EDGE, height=tiles.height + EDGE)
        box.set_stroke(color or theme.DIM, 2.5, 1).set_fill(theme.PANEL, 1).move_to(tiles)
        name = self.formula(self.times(*step.name), size=theme.NOTE, color=color)
        name.next_to(box, UP, buff=0.1)
        node = _Node(box, tiles, name)
        node.digits = VGroup(*marks)
        return node

    def _tiles(self, part: Slice, color: str | None, *, digits: bool) -> tuple[Tiles, list[NumberMark]]:
        """Return the table of a part, every entry a tile as bright as in all tables, and the digits of a small one.

        What of the table is left out is noted.
        """
        rows, columns = part.labels(self)
        shown = part.window(self, visible(self, rows, MOST_TILES), visible(self, columns, MOST_TILES))
        self.cuts.append(shown.cuts)
        numbers = (shown.T if self.column_vectors else shown).numbers(self, style_of(part.array), None)
        room, (height, width) = [side - EDGE for side in frame.GRAPH_NODE], (len(numbers), len(numbers[0]))
        if digits and max(height, width) <= MOST_DIGITS:
            marks = number_marks([number for row in numbers for number in row], size=theme.SMALLEST_DIGITS + 1)
            row_pitch = room[1] / MOST_DIGITS
            pitch = max(row_pitch, BESIDE_DIGITS + max(mark.width for mark in marks))
            tiles = Tiles(numbers, pitch, color, row_pitch=row_pitch)
            tiles.lay(marks)
            return tiles, marks
        return Tiles(numbers, min(TILE, room[0] / width, room[1] / height), color), []

    def _seat(self, *, digits: bool) -> bool:
        """Make the parts, each at its place: the more steps lead to one, the farther to the right; say if they fit."""
        self.cuts = []
        self.nodes = {part: self._node(part, step, digits=digits) for part, step in STEPS.items()}
        widths = [0.0] * (1 + max(map(_depth, STEPS)))
        for part, node in self.nodes.items():
            widths[_depth(part)] = max(widths[_depth(part)], node[0].width)
        gap = (frame.GRAPH.width - sum(widths)) / (len(widths) - 1)
        for part, node in self.nodes.items():
            depth = _depth(part)
            x = frame.GRAPH.left + sum(widths[:depth]) + depth * gap + widths[depth] / 2
            by = np.array([x, frame.GRAPH_ROWS[STEPS[part].row], 0.0]) - node[0].get_center()
            VGroup(node, node.digits).shift(by)
        return gap >= WAY

    def _edge(self, start: _Node, end: _Node) -> Line:
        """Return the way from one part to another, from frame to frame."""
        return Line(start[0].get_edge_center(RIGHT), end[0].get_edge_center(LEFT), color=theme.AXIS, stroke_width=4)

    def _formula(self) -> list[tuple[str, Writing]]:
        """Return the formula's pieces in a line under the graph, each in its colour."""
        pieces = [
            (part, self.formula(text, size=theme.BIG, color=theme.array_color("values" if text == "V" else part)))
            for part, text in self._written()
        ]
        line = VGroup(*[piece for _, piece in pieces]).arrange(RIGHT, buff=0.12)
        line.move_to([frame.CONTENT.center[0], 0, 0])
        for _, piece in pieces:
            piece.seat(frame.LOWEST_LINE + 0.12)
        return pieces

    def _written(self) -> Pieces:
        """Return the pieces of the formula, each with the step at which it is lit."""
        along = -1 if self.column_vectors else 1
        dots: Pieces = [("queries", "Q"), ("keys", "K^T")][::along]
        inside: Pieces = [("weights", '"("'), *dots, ("scores", "slash sqrt(d_k)"), ("weights", '")"')]
        factors: list[Pieces] = [[("weights", '"softmax"'), *inside], [("head_outputs", "V")]]
        return [piece for factor in factors[::along] for piece in factor]


def _depth(part: str) -> int:
    """Return how many steps lead to a part, one after the other."""
    return max((1 + _depth(cause) for cause in STEPS[part].causes), default=0)
