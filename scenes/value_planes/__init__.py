"""Weights from one plane, movement in another: what the values matrix is for, and the weights times the values."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import (
    DOWN,
    UP,
    Animation,
    AnimationGroup,
    Arrow,
    Create,
    FadeIn,
    FadeOut,
    GrowArrow,
    GrowFromCenter,
    LaggedStart,
    VGroup,
)

from attnviz.stage import (
    Array,
    Board,
    Growth,
    Head,
    Number,
    NumberMark,
    OldPlace,
    Product,
    PullLoop,
    PullString,
    Rect,
    Riding,
    SentenceName,
    Stage,
    Word,
    WordMarker,
    Writing,
    derive,
    empty_result,
    ends,
    entry_line,
    fill_in,
    frame,
    leaves,
    lift,
    multiply,
    name,
    needs,
    one_head,
    overlap,
    rect_of,
    theme,
    unless,
)

from . import tables
from .note import CloudNote
from .panel import PlanePanel
from .sums import weighted_sum

NOT_THERE = "there are no planes yet; begin with show_planes"
NOT_SHOWN = "'{}' is not on the left plane yet; show it first with show_words"
NO_VALUE = "the value of '{}' is not shown yet; write show_values before"
MOST = 8
"""The strings of more words than these cannot be told apart on a small plane."""
MOST_NOTES = 5
"""So many weights, the largest, are written on strings: more of them would cover each other."""
LEAST = 0.005
"""A smaller weight is not written on its string: its digits would be zeros."""
COVERED = 0.1
"""What a weight on a string covers of other text, at most, as a share of its own size."""
LINE_PITCH = 0.72
"""The distance of two lines under a product."""
PLANE_AXES = 2


class ValuePlanes(Stage):
    """Weights are found among embeddings and move words among values: two planes, then tables."""

    writes_words = ("show_words",)

    def setup(self) -> None:
        """Start with an empty stage."""
        self.panels: tuple[PlanePanel, PlanePanel] | None = None
        self.head: str | None = None
        self.map = VGroup()
        self.pulled: tuple[str, str | None] | None = None
        self.strings: list[list[PullString | PullLoop]] = [[], []]
        self.notes: list[list[Riding]] = [[], []]
        self.moves: list[Any] = []
        self.line: Writing | None = None
        self.product: Product | None = None
        self.frames, self.lines = VGroup(), VGroup()

    # Verbs: the planes ----------------------------------------------------------------------------------------

    @unless("planes", say="the planes are already there; leave this shot out, or start a new scene")
    @ends("*")
    @leaves("planes")
    def show_planes(self, head: Head | None = None, ticks: bool = False) -> None:
        """Draw two planes: the left one, of embeddings, where weights are found; the right one, of a head's values.

        Seen: Two planes stand side by side: on the left, of embeddings, and on the right, of values.

        Plays: planes.
        """
        self.head = self._head(head)
        axes = self._plane_axes(self.head)
        names = self.sentence_names()
        values = np.vstack([self._values(self.tokens(name), name, self.head) for name in names])
        moved = np.vstack([self._table("head_outputs", self.tokens(name), name, self.head) for name in names])
        room = np.vstack([self.places.room(name) for name in names])
        left, right = frame.TWO_PLANES
        self.panels = (
            PlanePanel(room, self.places.axes(), left, "weights are found here", theme.INK),
            PlanePanel(np.vstack([values, moved]), axes, right, "words move here", theme.VALUE, ticks=ticks),
        )
        self.clear_stage(then=[LaggedStart(*[panel.opening() for panel in self.panels], lag_ratio=0.3)], beat="planes")
        self.own(*[part for panel in self.panels for part in panel.parts])

    @needs("planes", say=NOT_THERE)
    @unless("word {words}", say="these words are already on the plane; show other words, or leave the shot out")
    @leaves("word {words}")
    def show_words(self, words: list[Word], icons: bool = True) -> None:
        """Show words at their embeddings, on the left plane.

        Seen: Points appear on the left plane: {words}.

        Plays: words.
        """
        board = self._board(0)
        fresh = {word: self.places.home(word) for word in self.newcomers(words, board.points)}
        points = board.make_points(fresh, self.word_color, icons=icons, written=self.written_word)
        appear = [AnimationGroup(GrowFromCenter(p.body), FadeIn(p.label)) for p in points]
        self.play(
            LaggedStart(*appear, lag_ratio=0.3),
            board.settle(for_words=points),
            run_time=0.8 + 0.3 * len(points),
            beat="words",
        )
        self.own(*points)
        self.play(board.settle(0.4))

    @needs("planes", say=NOT_THERE)
    @needs("word {words}", say=NOT_SHOWN)
    @unless("value {words}", say="these values are already there; show others, or leave the shot out")
    @leaves("value {words}")
    def show_values(self, words: list[Word]) -> None:
        """Take words through the values matrix: each goes from its embedding to its value, on the right plane.

        Seen: Between the planes stands the values' matrix. Copies of {words} go through it, each to its place on the
        right plane.

        Plays: matrix, values.
        """
        left, right = self._board(0), self._board(1)
        fresh = self.newcomers(words, right.points)
        homes = {word: self._value_of(word) for word in fresh}
        icons = any(left.points[w].has_icon for w in fresh)
        points = right.make_points(homes, self.word_color, icons=icons, written=self.written_word)
        if not self.map.submobjects:
            self.map = self._written_map()
            arrow, *rest = self.map
            self.play(GrowArrow(arrow), *map(FadeIn, rest), run_time=0.9, beat="matrix")
        gate = self.map[0].get_center()
        fly = [
            AnimationGroup(derive(point.body, left.points[point.token].picture, via=[gate]), FadeIn(point.label))
            for point in points
        ]
        self.play(LaggedStart(*fly, lag_ratio=0.3), run_time=1.4 + 0.45 * len(points), beat="values")
        self.own(*points)
        self.play(right.settle(0.4))

    @needs("value {words}", say=NO_VALUE)
    def mark_group(self, words: list[Word], note: str | None = None) -> None:
        """Draw a soft outline around words that are together on the right plane, and say what for.

        Seen: On the right plane, a soft outline is drawn around {words}. [A note says: {note}.]

        Plays: outline, note.
        """
        if not words:
            self.refuse("there are no words to surround", "name one or more")
        board = self._board(1)
        cloud = board.cloud(words, theme.VALUE)  # it stays there: a word that moves leaves it
        self.play(FadeIn(cloud, scale=0.8), run_time=1.0, beat="outline")
        if note:
            said = CloudNote(self.prose(note, size=theme.NOTE, color=theme.VALUE, own=True), cloud)
            taken = [rect for word in board.points.values() for rect in _rects_of(word)]
            said.seat([*taken, *board.plane.written()], self._panel(1).region)
            board.lay(said)
            self.play(self._settle(1, 0.6), FadeIn(said, run_time=0.7), beat="note")

    @needs("word {word}", say=NOT_SHOWN)
    @ends("carried", "moved")
    @leaves("weighed")
    def weigh(self, word: Word, sentence: SentenceName | None = None) -> None:
        """Show a word's attention weights on the left plane: strings to it from all words of the sentence.

        Seen: On the left plane, strings lead to {word} from the words of {sentence}, the wider the more they weigh[:
        {weights[word, :]}].

        Plays: strings, weights.
        """
        self._check_words(word, sentence)
        self._let_go()
        self.pulled = (word, sentence)
        board = self._board(0)
        strings = self._pull(0)
        grow = [Growth(string, board.plane) for string in strings]
        lights = board.focus(self.tokens(sentence))
        self.play(LaggedStart(*grow, lag_ratio=0.12), self._settle(0), *lights, run_time=1.8, beat="strings")
        notes = self._write_weights(0)
        for note in sorted(notes, key=lambda note: -abs(_digits(note).number.value)):  # one by one, as they may be said
            self.play(FadeIn(note), run_time=0.3, beat="weights")

    @needs("weighed", say="no weights are shown yet; write weigh before")
    @unless("carried", say="the weights are on the right plane already; leave this shot out")
    @leaves("carried")
    def carry_weights(self) -> None:
        """Take the weights over to the right plane: the same ones, now on strings between values.

        Seen: The strings with their weights go over to the right plane, where they now lie between values. [They are
        {weights[:, :]}.]

        Plays: strings, weights.
        """
        _, sentence = self._pulled()
        board = self._board(1)
        if missing := [token for token in self.tokens(sentence) if token not in board.points]:
            self.refuse(f"the value of '{missing[0]}' is not shown", f"add it to show_values: {', '.join(missing)}")
        lights = board.focus(self.tokens(sentence))
        grow = [Growth(string, board.plane) for string in self._pull(1)]
        self.play(LaggedStart(*grow, lag_ratio=0.12), self._settle(1), *lights, run_time=1.4, beat="strings")
        notes = self._write_weights(1)
        known = {_digits(note).number.coords["key"]: _digits(note) for note in self.notes[0]}
        digits = [(_digits(note), known.get(_digits(note).number.coords["key"])) for note in notes]
        fly = [FadeIn(new) if old is None else derive(new, old) for new, old in digits]
        self.play(LaggedStart(*fly, lag_ratio=0.2), run_time=2.4, beat="weights")
        self.own(*notes)

    @needs("carried", say="the weights are not on the right plane; write carry_weights before")
    @unless("moved", say="the word has moved already; leave this shot out")
    @leaves("moved")
    def move(self) -> None:
        """Move the word to the sum of all values, each times its weight; the sum is written below.

        Seen: On the right plane, a word moves to the sum of the values, each times its weight. [It is written out
        below, and ends in {values head_outputs[:, :]}.]

        Plays: sum, weights, move, result.
        """
        word, sentence = self._pulled()
        tokens, head = self.tokens(sentence), self._shown_head()
        weights = dict(zip(tokens, self._weights(word, tokens, sentence), strict=True))
        result = self.numbers("head_outputs", sentence, head=head, token=word, d_value=self._axes(sentence, head))
        line = weighted_sum(self, word, weights, self._values(tokens, sentence, head), result, sentence)
        self._write(line)
        self._travel(word, np.array([number.value for number in result]))
        picture = self._board(1).points[word].picture
        self.play(*[derive(line.marks[key], picture) for key in ("r0", "r1")], run_time=1.0, beat="result")
        self.own(line)

    # Verbs: the tables ----------------------------------------------------------------------------------------

    @ends("*")
    @leaves("values")
    def make_values(self, sentence: SentenceName | None = None, head: Head | None = None) -> None:
        """Multiply the embeddings of a sentence by the values matrix, entry by entry; it need not be square.

        Seen: A table of embeddings is multiplied by the values' matrix, entry by entry. [The product, row by row:
        {values[:, :]}.]

        Plays: embeddings, factor, product, entries.
        """
        product = tables.made(self, self._head(head), sentence)
        self._begin(product, FadeIn(*product.parts(0)), beat="embeddings")
        multiply(self, product, run_time=0.9)

    @ends("*")
    @leaves("row")
    def multiply_row(self, word: Word, sentence: SentenceName | None = None, head: Head | None = None) -> None:
        """Multiply one word's weights by the values of all words: each coordinate of its output is written out.

        Seen: A row of weights of {word} is multiplied by the table of values. Below, each coordinate of its output is
        written out[: {values head_outputs[word, :]}].

        Plays: values, weights, product, frames, row, column, sum, result, entry.
        """
        held, chosen = self.product, self._head(head)
        product = tables.mixed(self, [word], chosen, sentence, lines=True)
        if held is not None and tables.shows_values_of(held, product):
            self.clear_stage(*held.parts(2))
            self._forget_planes()
            self.product = product
            self.play(*tables.taken_over(held, product), run_time=1.4, beat="values")
            self.own(product.right)
        else:
            self._begin(product, FadeIn(*product.parts(1)), beat="values")
        self.play(FadeIn(*product.parts(0), product.dot), run_time=0.9, beat="weights")
        self.play(FadeIn(*empty_result(product)), beat="product")
        for k, column in enumerate(product.result.column_labels):
            self._work_out(product, word, column, k, sentence)
        self.own(product)

    @ends("*")
    @leaves("product")
    def multiply_all(self, sentence: SentenceName | None = None, head: Head | None = None) -> None:
        """Multiply the weights of all words by the values of all: one table times another gives all outputs.

        Seen: A table of weights is multiplied by the table of values, entry by entry. [The product, row by row:
        {head_outputs[:, :]}.]

        Plays: weights, product, entries.
        """
        held, chosen = self.product, self._head(head)
        product = tables.mixed(self, self.tokens(sentence), chosen, sentence)
        fresh = product.left.row_labels
        if held is not None and tables.is_row_of(held, product):
            gone = [FadeOut(each) for each in (self.lines, self.frames) if each.submobjects]
            self.lines, self.frames = VGroup(), VGroup()
            if gone:
                self.play(*gone, run_time=0.6)
            fresh = [token for token in fresh if token not in held.left.row_labels]
            self.play(*tables.grown(held, product, fresh), run_time=1.6, beat="weights")
            self.product = product
        else:
            self._begin(product, FadeIn(*product.parts(0), product.dot, *product.parts(1)), beat="weights")
            self.play(FadeIn(*empty_result(product)), beat="product")
        if fresh:
            fill_in(self, product, fresh)
        self.own(product)

    # How: what is read ----------------------------------------------------------------------------------------

    def _head(self, head: str | None) -> str:
        """Return the head that is meant; one that is alone need not be named. Refuse values that are no plane."""
        if not self.has("values") or not (self.has("W_V") or self.places.laid):
            self.refuse("this model has no values matrix", "take a model that has one, such as value_plane")
        return one_head(self, head or self.head)

    def _shown_head(self) -> str:
        assert self.head is not None
        return self.head

    def _axes(self, sentence: str | None, head: str) -> list[str]:
        return self.labels("values", "d_value", sentence, head=head)

    def _plane_axes(self, head: str) -> list[Writing]:
        """Return the names of the axes of a head's values, which must be two."""
        axes = self._axes(None, head)
        if len(axes) != PLANE_AXES:
            count = f"{len(axes)} coordinate{'s' if len(axes) > 1 else ''}"
            what = f"the values of the head '{head}' have {count}, and a plane has two"
            self.refuse(what, "take a head whose W_V has two columns, or show its tables: make_values, multiply_row")
        return [name(f"v_{label}", size=theme.NOTE, color=theme.DIM) for label in axes]

    def _table(self, array: str, tokens: list[str], sentence: str | None, head: str) -> Array:
        return np.asarray(self.read_table(array, sentence, head=head, token=tokens).values, dtype=float)

    def _values(self, tokens: list[str], sentence: str | None, head: str) -> Array:
        """Return the values of words, shape (token, d_value)."""
        return self._table("values", tokens, sentence, head)

    def _value_of(self, token: str) -> Array:
        """Return the value of a word, shape (d_value,), in the first sentence that has the word."""
        sentence = next(each for each in self.sentence_names() if token in self.tokens(each))
        return np.asarray(self._values([token], sentence, self._shown_head())[0])

    def _weights(self, word: str, keys: list[str], sentence: str | None) -> list[Number]:
        weights = self.numbers("weights", sentence, head=self._shown_head(), query=word, key=keys)
        if any(weight.value != weight.value for weight in weights):
            self.refuse(f"the attention weights of '{word}' are undefined", "use `weights: softmax` in the model")
        return weights

    def _check_words(self, word: str, sentence: str | None) -> None:
        """Refuse a sentence whose words are not all on the left plane, as they are in that sentence, or too many."""
        tokens, board = self.tokens(sentence), self._board(0)
        if word not in tokens:
            self.refuse(f"the sentence does not have '{word}'", f"its words are {', '.join(tokens)}")
        if len(tokens) > MOST:
            self.refuse(f"the strings of {len(tokens)} words cannot be told apart", f"name up to {MOST} in `words`")
        if missing := [token for token in tokens if token not in board.points]:
            self.refuse(f"'{missing[0]}' is not on the left plane", f"add to show_words: {', '.join(missing)}")
        for token in tokens:
            if not np.allclose(board.points[token].vector, self.places.of(token, sentence)):
                hint = "give each sentence a scene of its own"
                self.refuse(f"'{token}' is drawn as in another sentence", hint)

    # How: the planes ------------------------------------------------------------------------------------------

    def _panel(self, side: int) -> PlanePanel:
        assert self.panels is not None
        return self.panels[side]

    def _board(self, side: int) -> Board:
        """Return the plane on the left (0) or on the right (1), with its words."""
        return self._panel(side).board

    def _pulled(self) -> tuple[str, str | None]:
        assert self.pulled is not None
        return self.pulled

    def _written_map(self) -> VGroup:
        """Return the arrow from plane to plane, with the matrix's name over it and its shape under it."""
        head = self._shown_head()
        left, right = frame.TWO_PLANES
        ends = [np.array([x, left.center[1], 0.0]) for x in (left.right + 0.12, right.left - 0.12)]
        arrow = Arrow(*ends, buff=0, color=theme.VALUE, stroke_width=7, max_tip_length_to_length_ratio=0.3)
        written = name("W_V", size=theme.WORD, color=theme.VALUE).next_to(arrow, UP, buff=0.14)
        if not self.has("W_V"):
            return VGroup(arrow, written)
        dims = ("d_value", "d_model") if self.column_vectors else ("d_model", "d_value")
        rows, columns = (
            self.derived(len(self.labels("W_V", dim, head=head)), f"number of {what} of W_V", "whole")
            for dim, what in zip(dims, ("rows", "columns"), strict=True)
        )
        shape = self.formula("{r} times {c}", size=theme.NOTE, color=theme.DIM, r=rows, c=columns)
        return VGroup(arrow, written, shape.next_to(arrow, DOWN, buff=0.16))

    def _pull(self, side: int) -> list[PullString | PullLoop]:
        """Lay the strings to the word on a plane, and return them: of the other words, and its own."""
        word, sentence = self._pulled()
        keys = self._keys()
        weights = self._weights(word, keys, sentence)
        shares = {key: abs(weight.value) for key, weight in zip(keys, weights, strict=True)}
        self.strings[side] = self._panel(side).pull(word, shares)
        return self.strings[side]

    def _settle(self, side: int, run_time: float = 0.8) -> Animation:
        """Return the animation in which names make way for what was drawn, to whichever side is best."""
        board = self._board(side)
        for word in board.points.values():
            word.home = None
        settled = board.settle(run_time)
        for word, (_, goal) in zip(settled.words, settled.offsets, strict=True):
            word.home = goal
        return settled

    def _keys(self) -> list[str]:
        """Return the words of the sentence in the order of their strings: the word itself is the last."""
        word, sentence = self._pulled()
        return [*[token for token in self.tokens(sentence) if token != word], word]

    def _write_weights(self, side: int) -> list[Riding]:
        """Return the weights in percent, each on its string; those of the strongest have the choice of places.

        The strongest is always written; others only where they stand close, and do not cover what is there.
        """
        word, sentence = self._pulled()
        board, notes = self._board(side), dict[int, Riding]()
        weights = self._weights(word, self._keys(), sentence)
        seen = [k for k, weight in enumerate(weights) if abs(weight.value) >= LEAST]
        for k in sorted(seen, key=lambda k: -abs(weights[k].value))[:MOST_NOTES]:
            label = self.formula("{p}", size=theme.NOTE, p=weights[k].styled("percent"))
            note = board.ride(label, self.strings[side][k])
            if notes and (note.is_far or self._covers(note, side, [*notes.values()])):
                continue
            notes[k] = note
            board.lay(note)
        self.notes[side] = [notes[k] for k in sorted(notes)]
        return self.notes[side]

    def _covers(self, note: Riding, side: int, others: list[Riding]) -> bool:
        """Tell whether a weight would cover another one, a word's name, or what is written on the plane."""
        board, box = self._board(side), rect_of(note.label)
        taken = [rect_of(word.label) for word in board.points.values() if word.is_named]
        taken += [*board.plane.written(), *(rect_of(other.label) for other in others)]
        return any(overlap(box, rect) > COVERED * note.label.width * note.label.height for rect in taken)

    def _write(self, line: Writing) -> None:
        """Write the sum under the planes, up to its result: its weights come from their strings."""
        goals = {mark.number.coords.get("key"): mark for key, mark in line.marks.items() if key.startswith("w")}
        notes = {_digits(note).number.coords["key"]: note for note in self.notes[1]}
        fly = [derive(goals[key], _digits(note)) for key, note in notes.items() if key in goals]
        flown = [goals[key] for key in notes if key in goals]
        later = [*flown, line.marks["r0"], line.marks["r1"]]
        self.line = line
        self.play(FadeIn(*[part for part in line if all(part is not mark for mark in later)]), run_time=0.8, beat="sum")
        self.play(LaggedStart(*fly, lag_ratio=0.2), run_time=1.4, beat="weights")

    def _travel(self, word: str, target: Array) -> None:
        """Move a word to its new place; the strings go with it, and what it took from itself comes from the old one."""
        board = self._board(1)
        point = board.points[word]
        *_, loop = self.strings[1]
        gone = [loop, *self.notes[1]]
        board.forget(gone)
        self.play(*map(FadeOut, gone), run_time=0.5)
        old = OldPlace(point.vector, point.word_color)
        own = PullString(old, point, loop.weight)
        board.lay(old, own)
        self.strings[1], self.notes[1] = [*self.strings[1][:-1], own], []
        self.moves = [old]
        self.add(own)
        self.play(FadeIn(old), run_time=0.3)
        self.play(board.move({word: target}), point.in_ring(point.word_color), run_time=2.0, beat="move")

    def _let_go(self) -> None:
        """Clear away strings, weights and the sum, and bring the word that has moved back to its value."""
        things = [*self.strings[0], *self.strings[1], *self.notes[0], *self.notes[1], *self.moves]
        for board in (self._board(0), self._board(1)):
            board.forget(things)
        gone: list[Animation] = [FadeOut(thing) for thing in things]
        gone += [FadeOut(self.line)] if self.line is not None else []
        self.strings, self.notes, self.moves, self.line = [[], []], [[], []], [], None
        if gone:
            self.play(*gone, run_time=0.5)
        moved = [word for word in self._board(1).points.values() if word.ring_color]
        if moved:
            homes = {word.token: self._value_of(word.token) for word in moved}
            self.play(self._board(1).move(homes, run_time=1.0), *[word.in_ring(None) for word in moved])

    # How: the tables ------------------------------------------------------------------------------------------

    def _begin(self, product: Product, first: Animation, beat: str) -> None:
        """Clear the stage for a product, of which something comes at once."""
        self.clear_stage(then=[first], beat=beat)
        self._forget_planes()
        self.product = product

    def _forget_planes(self) -> None:
        head = self.head
        self.setup()
        self.head = head

    def _work_out(self, product: Product, word: str, column: str, k: int, sentence: str | None) -> None:
        """Write out one entry of the only row: weights times values, added up."""
        left, right, result = product.left, product.right, product.result
        line, kept = entry_line(self, product, word, column, sentence)
        two = len(left.column_labels) <= tables.MANY_ROWS and len(result.column_labels) <= PLANE_AXES
        line.set_x(frame.CONTENT.center[0]).seat(frame.LOWEST_LINE + (LINE_PITCH * (1 - k) if two else 0.0))
        firsts, seconds = ([line.marks[f"{side}{i}"] for i in kept] for side in "ab")
        VGroup(*seconds).set_color(theme.VALUE)
        digits = [*firsts, *seconds, line.marks["result"]]
        fresh = VGroup(left.row_frame(word, theme.FOCUS), right.column_frame(column, theme.FOCUS))
        gone = [FadeOut(each) for each in ([self.frames] if two else [self.frames, self.lines]) if each.submobjects]
        gone += product.without_note()
        self.play(*gone, *map(Create, fresh), run_time=0.7, beat="frames")
        if not two:
            self.lines = VGroup()
        rows, columns = left.row_marks(word), right.column_marks(column)
        self.play(lift([rows[i] for i in kept], firsts, lag=0.15), run_time=1.2, beat="row")
        self.play(lift([columns[i] for i in kept], seconds, lag=0.15), run_time=1.2, beat="column")
        self.play(
            FadeIn(*[part for part in line if all(part is not mark for mark in digits)]), run_time=0.5, beat="sum"
        )
        self.play(FadeIn(digits[-1]), run_time=0.4, beat="result")
        entry = result.mark(word, column)
        self.play(lift([digits[-1]], [entry]), result.painted(result.index(word, column)), run_time=0.9, beat="entry")
        self.own(line)
        self.lines.add(line)
        self.frames = fresh


def _digits(note: Riding) -> NumberMark:
    return note.label.marks["p"]


def _rects_of(word: WordMarker) -> list[Rect]:
    return [rect_of(part, 0.04) for part in (word.picture, word.label)]
