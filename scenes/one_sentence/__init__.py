"""One sentence in one head of a model: its words, what one of them takes from the others, and what this does to it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from manim import (
    LEFT,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    FadeOut,
    GrowFromCenter,
    GrowFromEdge,
    LaggedStart,
    Mobject,
    ReplacementTransform,
    VGroup,
)

from attnviz.stage import (
    BACK,
    MOST_ARCS,
    Arcs,
    Array,
    Board,
    ChipRows,
    Cuts,
    Growth,
    Light,
    MoveArrow,
    Number,
    OldPlace,
    OpenPlane,
    Region,
    Stage,
    Style,
    Way,
    Word,
    WordLine,
    Writing,
    cut,
    derive,
    ends,
    frame,
    leaves,
    left_out,
    named_head,
    needs,
    over_half_line,
    row_line,
    share_bar,
    share_style,
    sinks_of,
    theme,
    token_chips,
    unless,
    visible,
    visible_word,
    written_words_of,
)

from .grid import NARROWEST, Grid, LiftedRow, Weights, columns_within, names_beside, room_beside, ways_to
from .hidden import hidden_note
from .mixture import Mixture, terms_of
from .moving import told_of_move

LEAST, TOLD, SHARE = 0.015, 8, 0.05
"""A smaller weight has no percentage, and so many have one; in a line, all but the largest have so much."""
DASHES, SAME, SUM_ERROR = 9, 1e-6, 1e-3
"""The dashes of a way that is not taken; how near heights are that are the same, and a sum is to 1 (at least)."""
NO_TABLE = "the table of weights is not on the board; begin with show_weights"


class OneSentence(Stage):
    """One sentence in one head of a model, from its tokens to what one of its words becomes."""

    writes_words = ("show_tokens", "look", "show_weights")

    def setup(self) -> None:
        """Start with an empty stage."""
        self.heading: Writing | None = None
        self.top = frame.OVER_LIFTED  # how high (y) things may stand under the title and the heading
        self.words: dict[str, Writing] = {}  # that stand on the board, by their tokens
        self.arcs: Arcs | None = None
        self.grid: Grid | None = None
        self.lifted: LiftedRow | None = None
        self.note: Writing | None = None  # on the lowest line

    # Verbs ----------------------------------------------------------------------------------------------------

    @ends("*")
    def show_tokens(self) -> None:
        """Show the sentence as the model splits it, and say of which layer and head the numbers will be.

        Seen: The sentence {sentence} stands in a row, token by token. [Below, its tokens are counted: {"number of
        tokens"}.]

        Plays: tokens, count, note.
        """
        chips, shown = self._chips()
        count = self._counted().set_x(frame.TOKENS.center[0]).seat(float(chips.get_bottom()[1]) - 0.75)
        self._clear(then=[*self._headed(), chips.entrance()], beat="tokens")
        self.words = {token: chip.text for token, chip in zip(shown, (c for row in chips for c in row), strict=True)}
        self.own(chips)
        note = left_out(self, [self._cuts(shown)])
        if note is None:
            self.play(FadeIn(count), run_time=0.6, beat="count")
        self._note(note)

    @ends("*")
    def look(self, word: Word) -> None:
        """Show what the head takes for a word as arcs from it to the others, with percentages, and say it in a line.

        Seen: Arcs lead from {word} to the words that it looks at, the wider the more it takes from them[:
        {weights[word, :]}|; most, {largest weights[word, :]}]. [Above stands of which it is: head {head} of layer
        {layer}.]

        Plays: words, arcs, line, heads, note.
        """
        every, head = self._row(word), self._headed()
        for shown in self._choices(word, every):
            strong = sorted(shown, key=lambda token: -abs(every[token].value))[:TOLD]
            told = [token for token in strong if abs(every[token].value) >= LEAST]
            weights = {token: every[token] for token in shown}
            arcs = Arcs(self, word, weights, told, top=self.top, baseline=frame.ARC_LINES[0])
            if self._can_be_read(arcs.line, word, every):
                break
        line = self._said(word, every).set_x(frame.CONTENT.center[0]).seat(frame.ARC_LINES[1])
        self._change(arcs.line, head=head)
        self.arcs = arcs
        self.add(*[arc for token, arc in arcs.arcs.items() if token not in told])
        come = [AnimationGroup(Create(arcs.arcs[token]), FadeIn(arcs.shares[token])) for token in told]
        self.play(LaggedStart(*come, lag_ratio=0.35), run_time=1.0 + 0.4 * len(come), beat="arcs")
        self.own(arcs)
        self.play(FadeIn(line), run_time=0.8, beat="line")
        if (unusual := self._unusual(word, every)) is not None:
            self.play(FadeIn(unusual), run_time=0.6, beat="heads")
        self._note(self._rest([every[token] for token in told], share_style(every.values()), shown))

    @unless("weights", say="the table is already there; leave this shot out")
    @ends("*")
    @leaves("weights")
    def show_weights(self, word: Word | None = None) -> None:
        """Show the head's weights as a table, the words over it and beside it; the row of a word keeps its digits.

        Without one, it is that of the word that was looked at, or of the word in focus.

        Seen: A table of weights stands below the words, brighter where they are large. [The row of {word} keeps its
        digits: {weights[word, :]}.|The row of {word} keeps its digits; its largest weight is {largest weights[word,
        :]}.|The row of {focus} keeps its digits: {weights[focus, :]}.|The largest weight is {largest weights[:, :]}.]

        Plays: words, table, note.
        """
        asked = word or (self.arcs.of if self.arcs else self._focused())
        head, region = self._headed(), frame.GRID_UNDER_ARCS if self._looks_from(asked) else frame.GRID_ALONE
        grid, line = self._table(asked, region)
        arcs = self._arcs_over(line, asked) if self._looks_from(asked) else None
        self._change(line, arcs, head=head)
        self.arcs, self.grid = arcs, grid
        ways = ways_to(line, grid, line.baseline - frame.UNDER_WORDS)
        parts = (
            VGroup(*grid.names.values()),
            VGroup(ways, grid.open, grid.hidden, grid.row),
            VGroup(*grid.marks.values()),
        )
        come = [FadeIn(part) for part in parts if part.submobjects]
        self.play(LaggedStart(*come, lag_ratio=0.5), run_time=1.8, beat="table")
        self.own(grid)
        self._note(left_out(self, [self._cuts(grid.weights.tokens)]))

    @needs("weights", say=NO_TABLE)
    @unless("row {word}", say="the row of '{}' is lifted already; leave this shot out")
    @ends("row *")
    @leaves("row {word}")
    def lift_row(self, word: Word) -> None:
        """Lift a word's row out of the table, large and with its digits, under the words and its arcs.

        Seen: The row of {word} is lifted out of the table, and stands large under its arcs[: {weights[word, :]}|; most
        is {largest weights[word, :]}].

        Plays: words, row, digits, note.
        """
        assert self.grid is not None
        old, head = self.grid, self._headed()
        grid, line = self._table(word, frame.GRID, lifted=True)
        row = {token: number for token, number in self._row(word).items() if token in line.words}
        lifted = LiftedRow(word, row, line.columns, names_beside(self, grid.weights.tokens, word)[word])
        arcs = self._arcs_over(line, word)
        if old.stairs.submobjects:
            grid.masked(row=False)
        same = old.asked == word and self.lifted is None
        self._change(line, arcs, was=old if same else None, grid=grid, head=head)
        self.grid, self.arcs, self.lifted = grid, arcs, lifted
        self._lift(grid, lifted, ways_to(line, grid, frame.LIFTED_ROW.bottom))
        rest = self._rest([*row.values()], "fixed", [*row])
        self._note(rest)

    @needs("weights", say=NO_TABLE)
    @unless("mask", say="the mask is already there; leave this shot out")
    @leaves("mask")
    def mask(self) -> None:
        """Show what the mask of a causal model hides in the table: whatever comes later than the word of a row.

        Seen: In the table, all that comes later than the word of a row is hidden: the half on one side of its diagonal.

        Plays: mask, note.
        """
        assert self.grid is not None
        grid, pair = self.grid, self._later(self.grid.weights)
        gone = grid.masked(row=True)
        self.add(*gone)
        self.play(*map(FadeOut, gone), Create(grid.stairs), *self._headed(), run_time=1.6, beat="mask")
        self.own(grid)
        note = hidden_note(self, grid, pair, lifted=self.lifted is not None)
        if note[0].baseline < frame.OVER_NOTE and self.note is not None:
            self.play(FadeOut(self.note), run_time=0.4)
        self.play(FadeIn(note), run_time=0.8, beat="note")

    @ends("*")
    def mix(self, word: Word) -> None:
        """Mix the values of the words by the weights: those that give most, all others together, and their sum.

        Seen: Below each other stand words, each with its weight for {word} and its value. They are multiplied and added
        up. [The weights are {weights[word, :]}.|The largest weight is {largest weights[word, :]}.]

        Plays: weights, values, products, others, sum, note.
        """
        every = self._row(word)
        self._check_values()
        ranked = sorted(every, key=lambda token: -abs(every[token].value))
        ranked = [token for token in ranked if every[token].shown] or ranked[:1]
        most = frame.MIX_TERMS + (len(ranked) == frame.MIX_TERMS + 1)  # one alone would stand as "others"
        named = {token: every[token] for token in ranked[:most]}
        complete = not (self._hidden_words() or any(every[token].value for token in every if token not in named))
        whole = self.labels("values", "d_value")
        coordinates = whole[: frame.MIX_COORDINATES]
        rest = [] if complete else [self._untold([*named.values()]).styled("fixed")]
        terms = terms_of(self, word, named, coordinates, rest)
        head = self._headed()
        mixture = Mixture(self, terms, self.top)
        self._clear(
            then=[*head, FadeIn(mixture.names), FadeIn(mixture.over[0]), *self._weighed(word, mixture)], beat="weights"
        )
        self.own(mixture.weights)
        dots, equals = mixture.signs[::2], mixture.signs[1::2]
        self.play(FadeIn(mixture.values), FadeIn(VGroup(*dots)), FadeIn(mixture.over[1]), run_time=1.2, beat="values")
        self._multiply(mixture, equals)
        if terms.rest:
            self.play(FadeIn(mixture.others), run_time=0.8, beat="others")
        self._add_up(mixture)
        self._note(left_out(self, [Cuts((), cut("d_value", coordinates, whole))]))

    @ends("*")
    def move(self, word: Word, pull: bool = False) -> None:
        """Move a word in the plane, from where it enters the layer to where it leaves it (blackboards: one step).

        With `pull`, it is shown, too, where the weights of this head alone would take it among the words' places.

        Seen: In a plane, {word} moves along an arrow, from where it enters the layer to where it leaves it. [{if pull}A
        second arrow shows where this head alone would take it.]

        Plays: plane, start, move, end, notes, pull.
        """
        self._check_plane(pull)
        places, start = self.places, self.places.start()
        tokens = self._company(word)
        there, goal = places.after(start, tokens), places.after(start + 1, [word])[word]
        pulled = [np.asarray(self.read("mixed_points", token=word).values, dtype=float)] if pull else []
        board = Board(OpenPlane(np.vstack([*there.values(), goal, *pulled]), places.axes(), aside=True))
        points = board.make_points(there, self.word_color, written=self.written_word)
        for point in points:
            point.light(1.0, 0.0)
        come = [board.plane.opening(), *[GrowFromCenter(point.body) for point in points]]  # no plane stands there empty
        self._clear(then=[*self._headed(), *come], beat="plane")
        self.own(board.plane, *points)
        self.play(*board.focus(None), board.settle(), run_time=0.7)
        before, after = (places.numbers_after(step, word) for step in (start, start + 1))
        said = told_of_move(self, word, before, after, self._head_name() if pull else None)
        self._go(board, word, goal, said)
        for place in pulled:
            ring, way = OldPlace(place, theme.WEIGHT), Way([there[word]], place, theme.WEIGHT, dashes=DASHES)
            board.lay(ring, way)
            self.play(Growth(way, board.plane), FadeIn(ring), run_time=1.0, beat="pull")

    @ends("*")
    def next_words(self, word: Word | None = None) -> None:
        """Show which words are most likely to follow a word (the last one), as bars; for models that guess the next.

        Seen: Bars show which words are most likely to come next[: {probabilities[:, :]}|; most likely is {largest
        probabilities[:, :]}].

        Plays: words, bars.
        """
        asked = word or self.tokens()[-1]
        if not self.has("probabilities") or self.trace_fact("architecture") != "decoder":
            self.refuse("this model does not guess a next word", "take one that does, such as small")
        found = self.read("probabilities", token=asked)
        labels = [str(label) for label in found["vocabulary"].values]
        likely = [labels[k] for k in np.argsort(-found.values, kind="stable")[: frame.NEXT_MOST]]
        bars = share_bar(
            self,
            dict(zip(likely, self.numbers("probabilities", token=asked, vocabulary=likely), strict=True)),
            width=frame.NEXT_WORDS.width,
            room=frame.NEXT_WORDS.height,
        )
        bars.move_to([*frame.NEXT_WORDS.center, 0])
        said = self.formula('"after" {w}', words=written_words_of(self, w=asked), colors={"w": self.word_color(asked)})
        said.set_x(frame.CONTENT.center[0]).seat(frame.NEXT_WORDS.top + 0.3)
        names, (tracks, shares), numbers = bars
        self._clear(then=[*self._headed(), FadeIn(said), FadeIn(names), FadeIn(tracks)], beat="words")
        rows = [AnimationGroup(GrowFromEdge(bar, LEFT), FadeIn(n)) for bar, n in zip(shares, numbers, strict=True)]
        self.play(LaggedStart(*rows, lag_ratio=0.3), run_time=1.6, beat="bars")
        self.own(bars)

    # How: what is read ----------------------------------------------------------------------------------------

    def _row(self, word: str) -> dict[str, Number]:
        """Return what a word takes from every word on the board."""
        tokens = self.tokens()
        self._check_head()
        weights = self.numbers("weights", query=word, key=tokens)
        if any(np.isnan(weight.value) for weight in weights):
            self.refuse(f"the attention weights of '{word}' are undefined", "use `weights: softmax` in the model")
        return dict(zip(tokens, weights, strict=True))

    def _check_head(self) -> None:
        """Refuse several heads at once."""
        heads = self.labels("weights", "head")
        if len(heads) > 1:
            hint = f"choose one: `model: {{name: …, head: {heads[0]}}}`"
            self.refuse(f"the model has {len(heads)} heads, and this scene shows one", hint)

    def _weights(self, tokens: list[str]) -> Weights:
        self._check_head()
        flat = self.numbers("weights", query=tokens, key=tokens)
        size = len(tokens)
        scores = np.asarray(self.read("scores", query=tokens, key=tokens).values).reshape(size, size)
        return Weights(tokens, [flat[k : k + size] for k in range(0, len(flat), size)], np.isneginf(scores))

    def _hidden_words(self) -> int:
        """Return how many words of the sentence the storyboard leaves out."""
        return int(self.trace_fact("left_out") or 0)

    def _head_name(self) -> str:
        """Return the label of the head, or nothing on a board without any."""
        return self.trace_fact("head") or (self.labels("weights", "head")[0] if self.has("W_Q") else "")

    def _check_values(self) -> None:
        """Refuse a model whose trace has no values."""
        if not (self.has("values") and self.has("head_outputs")):
            self.refuse("this model's trace has no values", "take a model that has them, such as small")

    def _check_plane(self, pull: bool) -> None:
        """Refuse a move out of the plane, and a pull that is not known."""
        if not self.places.laid and not self.has("repeated"):
            hint = "use a model without W_V, or whose W_V and W_O keep the axes"
            self.refuse("this model's output is no place on the plane", hint)
        if pull and not self.has("mixed_points"):
            self.refuse("what one head does alone is known of models with layers", "leave `pull` out")

    def _focused(self) -> str | None:
        """Return the token in focus, if the storyboard names one."""
        return next((token for token in self.tokens() if self.word_color(token) == theme.FOCUS), None)

    def _looks_from(self, word: str | None) -> bool:
        """Tell whether arcs from a word stand on the board."""
        return self.arcs is not None and self.arcs.of == word

    def _choices(self, word: str, every: Mapping[str, Number]) -> Iterator[list[str]]:
        """Yield which words may stand in a line: all of them, or ever fewer of those that give most to a word."""
        tokens = [*every]
        if len(tokens) <= MOST_ARCS:
            yield tokens
        ranked = sorted((token for token in tokens if token != word), key=lambda token: -every[token].value)
        for most in range(min(len(tokens) - 1, MOST_ARCS), frame.FEWEST_WORDS - 1, -1):
            yield [token for token in tokens if token == word or token in ranked[: most - 1]]

    def _company(self, word: str) -> list[str]:
        """Return a word and those that give most to it, as many as have room on a plane, in their order."""
        tokens = self.tokens()
        if len(self.labels("weights", "head")) > 1:  # no head is chosen: its neighbours
            ranked = sorted(tokens, key=lambda token: abs(tokens.index(token) - tokens.index(word)))
        else:
            every = self._row(word)
            ranked = sorted(tokens, key=lambda token: (token != word, -abs(every[token].value)))
        return [token for token in tokens if token in ranked[: frame.PLANE_WORDS]]

    # How: what is said ----------------------------------------------------------------------------------------

    def _headed(self) -> list[Animation]:
        """Return the animations by which the name of the model, its layer and head stands beside the title or under it.

        The title may be another one than before.
        """
        heading, comes = self.heading, self.heading is None
        if heading is None:
            text = named_head(self, self.trace_fact("layer"), self._head_name())
            heading = self.heading = self.prose(text, size=theme.NOTE, color=theme.DIM, own=True)
            heading.move_to([frame.CONTENT.right, 0, 0], aligned_edge=RIGHT)
        beside = heading.width + NARROWEST <= self.beside_title
        y = frame.TITLE_LINE if beside else frame.UNDER_TITLE
        self.top = frame.OVER_LIFTED if beside else frame.UNDER_TITLE - 0.2
        if comes:
            return [FadeIn(heading.seat(y))]
        by = y - heading.baseline
        return [heading.animate.shift(by * UP).build()] if abs(by) > SAME else []

    def _chips(self) -> tuple[ChipRows, list[str]]:
        """Return the tokens as chips, large if they are few, and which of them have room."""
        shown, room, added = self.tokens(), frame.TOKENS, self.trace_fact("added").split()

        def made(rows: int, size: float) -> ChipRows:
            inks = {token: self.word_color(token) for token in shown}
            chips = token_chips(inks, added, self.sentence_text(), width=room.width, rows=rows, size=size)
            return chips.move_to([*room.center, 0])

        letters = sum(len(visible_word(token)) + frame.CHIP_LETTERS for token in shown)
        rows = math.ceil(letters / frame.ROW_LETTERS)
        if rows <= frame.LARGE_TOKEN_ROWS and not (chips := made(rows, theme.BIG)).is_cut:
            return chips, shown
        while (chips := made(frame.TOKEN_ROWS, theme.WORD)).is_cut:
            shown = visible(self, self.tokens(), sum(map(len, chips)) - 2)
        return chips, shown

    def _counted(self) -> Writing:
        """Return the line that says how many tokens there are, and how many of them the model has added."""
        tokens, added = self.tokens(), self.trace_fact("added").split()
        extra = [token for token in tokens if token in added]
        n = self.derived(len(tokens), "number of tokens", "whole")
        text = "{n} tokens" if len(tokens) > 1 else "{n} token"
        if not extra:
            return self.phrase(text, size=theme.NOTE, color=theme.DIM, n=n)
        k = self.derived(len(extra), f"number of {', '.join(extra)}", "whole")
        return self.phrase(f"{text}, {{k}} of them added by the model", size=theme.NOTE, color=theme.DIM, n=n, k=k)

    def _cuts(self, shown: Sequence[str]) -> Cuts:
        return Cuts(cut("token", shown, self.tokens()))

    def _said(self, word: str, every: Mapping[str, Number]) -> Writing:
        """Return the line that says what a word takes."""
        sinks = [every[token] for token in sinks_of(self)]
        on_sinks = sum(sinks[1:], start=sinks[0]) if sinks else None
        return row_line(self, word, every, on_sinks, named=3, least=SHARE)

    def _rest(self, told: Sequence[Number], style: Style, shown: Sequence[str]) -> Writing | None:
        """Return the note that says how much is not told of a row, and of how many words; None if all of it is."""
        whole = self.tokens()
        if len(told) == len(whole) and not self._hidden_words():
            return None
        rest = self._untold(told).styled(style).not_zero(LEAST / 10)
        text = "all others: {r}" if len(told) == len(shown) else "words without a number: {r}"
        counts: dict[str, Number] = {}
        if len(shown) < len(whole):
            text = f"shown: {{s}} of {{w}} words; {text}"
            counts["s"] = self.derived(len(shown), "number of words shown", "whole")
            counts["w"] = self.derived(len(whole), "number of words", "whole")
        return self.phrase(text, size=theme.NOTE, color=theme.DIM, r=rest, **counts)

    def _untold(self, told: Sequence[Number]) -> Number:
        """Return what all other words have of a row: the rest of 1 or, where a row does not add up to it, their sum."""
        every = self._row(told[0].coords["query"])
        if self._hidden_words() or abs(sum(number.value for number in every.values()) - 1) < SUM_ERROR:
            return self.rest_of(told)
        keys = [number.coords["key"] for number in told]
        others = [number for key, number in every.items() if key not in keys]
        return sum(others[1:], start=others[0])

    def _unusual(self, word: str, every: Mapping[str, Number]) -> Writing | None:
        """Return the note on how many heads give most of a word to the one that gives most here; None if unknown."""
        if not self.has("heads_over_half"):
            return None
        sinks = sinks_of(self)
        partners = [token for token in every if token not in sinks and every[token].value >= SHARE]
        strongest = max(partners or every, key=lambda token: every[token].value)
        note = over_half_line(self, word, strongest, note=True)
        if note.width > frame.CONTENT.width:
            note = over_half_line(self, word, strongest, brief=True, note=True)
        return note.set_x(frame.CONTENT.center[0]).seat(frame.ARC_LINES[2])

    def _note(self, note: Writing | None) -> None:
        """Write a note on the lowest line, if there is one."""
        self.note = note
        if note is not None:
            self.play(FadeIn(note.set_x(frame.CONTENT.center[0]).seat(frame.LOWEST_LINE)), run_time=0.6, beat="note")

    # How: what stands where -----------------------------------------------------------------------------------

    def _table(self, asked: str | None, within: Region, *, lifted: bool = False) -> tuple[Grid, WordLine]:
        """Return the table of weights, and the words over it: all over their columns, or some that have room."""
        tokens = visible(self, self.tokens(), frame.GRID_MOST)
        if asked is not None and asked not in tokens:
            self.refuse(f"'{asked}' is not among the {frame.GRID_MOST} words that fit", "make it the scene's focus")
        if len(tokens) < len(self.tokens()) or self._hidden_words():
            within = within._replace(bottom=frame.OVER_NOTE)
        if within.top == frame.GRID_ALONE.top:  # nothing is over it: it stands in the middle
            middle = within.center[1] + Grid.height_of(len(tokens), within) / 2
            within = within._replace(top=min(within.top, middle))
        weights, names = self._weights(tokens), names_beside(self, tokens, asked)
        room = frame.CONTENT.left + room_beside(names), frame.CONTENT.right
        baseline = frame.LIFTED_WORDS if lifted else within.top + frame.OVER_GRID
        least = dict.fromkeys(tokens, NARROWEST)
        around = asked or self._focused() or tokens[0]
        given = dict(zip(tokens, weights.row(around), strict=True))
        if len(tokens) <= MOST_ARCS:
            line = WordLine(self, tokens, room, baseline, least=least, over_table=True)
            if self._can_be_read(line, around, given):
                columns = [line.columns[token] for token in tokens]
                return Grid(weights, names, columns, within, asked), line
        for shown in self._choices(around, given):
            line = WordLine(self, shown, room, baseline, least=least, over_table=True)
            if self._can_be_read(line, around, given):
                break
        lower = within._replace(top=within.top - frame.WAYS_TO_COLUMNS)
        if lifted:  # under it stands what is not shown of the row
            lower = lower._replace(bottom=frame.OVER_NOTE)
        return Grid(weights, names, columns_within(len(tokens), room), lower, asked), line

    def _can_be_read(self, line: WordLine, word: str, every: Mapping[str, Number]) -> bool:
        """Tell whether no word of a line is too narrow, and a word and the one to which it gives most are whole."""
        others = [token for token in line.words if token != word and token not in sinks_of(self)]
        first = max(others, key=lambda token: every[token].value, default=word)
        return line.most >= frame.READABLE_WORD and line.cut.isdisjoint((word, first))

    def _arcs_over(self, line: WordLine, asked: str | None) -> Arcs | None:
        """Return arcs over the words over a table."""
        if asked is None:
            return None
        weights = {token: number for token, number in self._row(asked).items() if token in line.words}
        return Arcs(self, asked, weights, (), line=line, top=self.top)

    # How: what changes ----------------------------------------------------------------------------------------

    def _change(
        self, line: WordLine, arcs: Arcs | None = None, *, was: Grid | None = None, grid: Grid | None = None,
        head: Sequence[Animation] = (),
    ) -> None:  # fmt: skip
        """Let words, arcs and a table go to where they stand next; all else goes, and what was not there comes."""
        before = self.arcs.arcs if self.arcs and arcs and self.arcs.of == arcs.of else {}
        after = arcs.arcs if arcs else {}
        both = [token for token in after if token in before]
        moves: list[Animation] = [ReplacementTransform(before[token], after[token]) for token in both]
        come: list[Animation] = [Create(arc) for token, arc in after.items() if token not in before]
        kept = [before[token] for token in both]
        if was is not None and grid is not None:
            moves += was.becomes(grid)
            kept.append(was)
        elif grid is not None:
            come.append(FadeIn(grid))
        same = [token for token in line.words if token in self.words and _alike(self.words[token], line.words[token])]
        moves += [ReplacementTransform(self.words[token], line.words[token]) for token in same]
        come += [FadeIn(word) for token, word in line.words.items() if token not in same]
        come += [FadeIn(line.gaps)] if line.gaps.submobjects else []
        kept += [self.words[token] for token in same]
        gone = [FadeOut(thing) for thing in self._parted(kept)]
        steps = [AnimationGroup(*each) for each in (gone, [*moves, *come, *head]) if each]
        self.play(LaggedStart(*steps, lag_ratio=0.6), run_time=1.4, beat="words")
        self.words = line.words
        self.own(*([grid] if grid else []), arcs or line)

    def _parted(self, keep: Sequence[Mobject]) -> list[Mobject]:
        """Take apart what stands there, so that some of it can move by itself; return the rest of it."""
        kept, loose = {id(thing) for thing in keep}, list[Mobject]()

        def part(thing: Mobject) -> None:
            if id(thing) in kept:
                return
            if kept.isdisjoint(map(id, thing.get_family())):
                loose.append(thing)
                return
            for each in thing.submobjects:
                part(each)

        for thing in self.mobjects:
            if thing is not self._title and thing is not self.heading:
                part(thing)
        self.own(*loose, *keep)
        return loose

    def _clear(self, then: Sequence[Animation], beat: str) -> None:
        """Let all go but the heading; what is played `then` begins before all is gone."""
        self.clear_stage(*([self.heading] if self.heading else []), then=then, beat=beat)
        self.words, self.arcs, self.grid, self.lifted = {}, None, None, None

    def _lift(self, grid: Grid, lifted: LiftedRow, ways: VGroup) -> None:
        """Lift the row that is asked for out of a table; of one that is shown in part, copies go."""
        assert grid.asked is not None
        keys = [*lifted.marks]
        leaves_all = len(keys) == len(grid.weights.tokens)
        cells = [grid.cells[key] for key in keys]
        marks = {key: grid.marks[grid.asked, key] for key in keys if (grid.asked, key) in grid.marks}
        left = [*cells, *marks.values()] if leaves_all else []
        name, outline = grid.names[grid.asked], grid.outline(dashed=leaves_all)
        pairs: list[tuple[Mobject, Mobject]] = [
            *zip(cells, lifted.tiles, strict=True),
            *((mark, lifted.marks[key]) for key, mark in marks.items()),
        ]
        come = [ReplacementTransform(one if left else one.copy(), other) for one, other in pairs]
        come += [ReplacementTransform(name.copy(), lifted.name), FadeIn(outline)]
        self.play(*come, *([Light(name, 1, BACK)] if left else []), run_time=1.6, beat="row")
        late = [FadeIn(mark) for key, mark in lifted.marks.items() if key not in marks]
        late += [FadeIn(ways)] if ways.submobjects else []
        self.play(*late, Create(lifted.frame), run_time=0.8, beat="digits")
        grid.take_out(left)
        grid.left_behind.add(outline)
        self.own(grid, lifted)

    def _weighed(self, word: str, mixture: Mixture) -> list[Animation]:
        """Return the animations in which the weights come: from the row that was lifted, if it is that of the word."""
        lifted = self.lifted.marks if self.lifted is not None and self.lifted.of == word else {}
        marks = dict(zip(mixture.terms.weights, mixture.weights.marks, strict=True))
        rest = [FadeIn(mark) for token, mark in marks.items() if token not in lifted]
        flown = [derive(mark, lifted[token]) for token, mark in marks.items() if token in lifted]
        return [FadeIn(mixture.weights.tiles), *rest, *flown]

    def _multiply(self, mixture: Mixture, signs: Sequence[Writing]) -> None:
        """Let products come from their weights and values, row by row."""
        self.play(
            FadeIn(mixture.products.tiles),
            FadeIn(VGroup(*signs)),
            FadeIn(mixture.over[2]),
            run_time=0.7,
            beat="products",
        )
        rows = [
            AnimationGroup(*[
                derive(product, weight, value)
                for product, value in zip(mixture.products.row(k), mixture.values.row(k), strict=True)
            ])
            for k, weight in enumerate(mixture.weights.marks)
        ]  # fmt: skip
        self.play(LaggedStart(*rows, lag_ratio=0.5), run_time=1.0 + 0.5 * len(rows), beat="products")
        self.own(mixture.products)

    def _add_up(self, mixture: Mixture) -> None:
        """Let the sums come from the terms over them."""
        rows = [mixture.products.row(k) for k in range(mixture.products.tiles.shape[0])]
        rows += [mixture.left.marks] if mixture.others.submobjects else []
        self.play(FadeIn(mixture.sum), FadeIn(mixture.output.tiles), run_time=0.7, beat="sum")
        sums = [derive(total, *column) for *column, total in zip(*rows, mixture.output.marks, strict=True)]
        self.play(LaggedStart(*sums, lag_ratio=0.2), run_time=1.8, beat="sum")
        self.own(mixture)

    def _go(self, board: Board, word: str, goal: Array, said: VGroup) -> None:
        """Move a word to a goal, with an arrow from where it was, and say it beside the plane."""
        point = board.points[word]
        old, arrow = OldPlace(point.vector, point.word_color), MoveArrow(point.vector, point, point.word_color)
        board.lay(old, arrow)
        name, (before, after), *notes = said
        self.play(FadeIn(old), FadeIn(name), FadeIn(before), run_time=0.8, beat="start")
        self.add(arrow)
        self.play(board.move({word: goal}), point.in_ring(point.word_color), run_time=1.8, beat="move")
        self.play(FadeIn(after), run_time=0.5, beat="end")
        self.play(*map(FadeIn, notes), board.settle(), run_time=0.9, beat="notes")
        self.own(said)

    def _later(self, weights: Weights) -> tuple[str, str]:
        """Return a word and one that comes later, which a mask hides from it; refuse a table without any."""
        later = np.triu(weights.masked, k=1)
        if not later.any():
            hint = "take a causal model, such as small, and a sentence of two words or more"
            self.refuse("no word of this table is hidden from another that comes before it", hint)
        query, key = np.argwhere(later)[0]
        return weights.tokens[query], weights.tokens[key]


def _alike(one: Writing, other: Writing) -> bool:
    """Tell whether two words are written alike, so that one can become the other."""
    return one.source == other.source and len(one.get_family()) == len(other.get_family())
