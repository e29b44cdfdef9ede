"""One attention head by hand, as tables times tables: queries, keys and values, scores, weights and the output."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

from manim import Create, FadeIn, FadeOut, VGroup

from attnviz.stage import (
    Count,
    Head,
    Number,
    Product,
    Region,
    Slice,
    Stage,
    Table,
    Word,
    Writing,
    column_counted,
    ends,
    find_result,
    fitted_table,
    frame,
    leaves,
    lift,
    morph,
    multiply,
    needs,
    one_head,
    product_of,
    relation,
    replaced,
    set_sign,
    style_of,
    theme,
    transpose,
    work_out,
)

from . import through

MAPS = {"queries": ("W_Q", "q"), "keys": ("W_K", "k"), "values": ("W_V", "v")}
NONE_YET = "there is no product on the board; begin with transform, score or mix"
CLEAR = 0.16
"""How much is free between a long name and the words under it."""
BOARD = frame.PRODUCT._replace(top=frame.PRODUCT.top - 0.25)
"""Where products stand: what names them may be higher than a letter."""
OVER_A_LAW = BOARD._replace(bottom=BOARD.bottom + 0.24)
"""The same over a formula, which is higher than a line of numbers."""
STAYS = frame.px(2)
"""By how much a table may be elsewhere so that nobody sees it move (frame units)."""
APART = 0.4
"""The least gap between a table that is upright and the place where it will be transposed (frame units)."""


class HeadArithmetic(Stage):
    """What one attention head computes, as tables times tables: each entry can be worked out by hand."""

    needs_arrays = ("W_Q",)

    def setup(self) -> None:
        """Start with an empty board."""
        self.product: Product | None = None
        self.held: dict[str, Table] = {}
        self.worked: list[VGroup] = []

    # Verbs ----------------------------------------------------------------------------------------------------

    @ends("*")
    @leaves("product")
    def transform(
        self, to: Literal["queries", "keys", "values"], head: Head | None = None, words: list[Word] | None = None
    ) -> None:
        """Multiply words by a head's matrix, which gives their queries, keys or values; all words, or these.

        Seen: A table of words times a matrix gives their {to}, entry by entry. [{if to=queries}Row by row: {queries[:,
        :]}.|{if to=keys}Row by row: {keys[:, :]}.|{if to=values}Row by row: {values[:, :]}.|The rows are {rows
        embeddings[:, :]}.]

        Plays: table, factor, product, entries.
        """
        chosen, who = self._head(head), list(dict.fromkeys(words or self.tokens()))
        matrix, one = MAPS[to]
        names = ("x", matrix, one) if len(who) == 1 else ("X", matrix, one.upper())
        left, right = Slice("embeddings", token=who), Slice(matrix, head=chosen)
        self._multiply(left, right, Slice(to, head=chosen, token=who), names)

    @ends("*")
    @leaves("product")
    def merge_maps(self, head: Head | None = None) -> None:
        """Multiply a head's two matrices: one matrix compares any two words, without their queries and keys.

        Seen: The queries' matrix is multiplied by the transposed keys' matrix, entry by entry. [The product is
        {bilinear[:, :]}.]

        Plays: table, transposed, factor, product, entries, law.
        """
        chosen = self._head(head)
        parts = Slice("W_Q", head=chosen), Slice("W_K", head=chosen).T, Slice("bilinear", head=chosen)
        self._multiply(*parts, ("W_Q", "W_K^T", "B"), OVER_A_LAW)
        one, other, both = (self.times(*each) for each in (("x", "W_Q"), ("y", "W_K"), ("W_Q", "W_K^T")))
        sides = (f"({one})", f"({other})^T"), ("x", f"({both})", "y^T"), ("x", "B", "y^T")
        law = self.formula(" = ".join(self.times(*factors) for factors in sides))
        self.worked = [law.set_x(BOARD.center[0]).seat(frame.LINE_UNDER_PRODUCT + 0.08)]
        if gone := self._product().without_note():
            self.play(*gone, run_time=0.5)
        self.play(FadeIn(law), run_time=0.9, beat="law")

    @ends("*")
    @leaves("product", "one matrix")
    def compare_through(self, word: Word, other: Word, head: Head | None = None) -> None:
        """Compare two words directly, by the one matrix of `merge_maps`: word times matrix times word.

        Seen: In one line stand {word}, the matrix, and {other}. [First, {word} times the matrix gives {values
        bilinear_queries[word, :]}.] That times {other} gives one number[, {query_key_dot[word, other]}].

        Plays: matrix, words, signs, coordinates, shorter, digits, dot, product, frames, row, column, sum, result,
        entry.
        """
        chosen = self._head(head)
        steps = through.steps(self, word, other, chosen, BOARD)
        self.clear_stage(*([self.held["bilinear"]] if "bilinear" in self.held else []))
        through.bring(self, steps.chain, self.held.get("bilinear"))
        through.shorten(self, steps, through.take(self, steps, word, BOARD))
        y = frame.LINE_UNDER_PRODUCT + through.LINES
        self.worked, self.product = work_out(self, steps.last, word, other, y=y, found=False), steps.last
        self.held = {"bilinear_queries": steps.last.left}

    @needs("one matrix", say="no words are compared by one matrix on the board; begin with compare_through")
    @ends("one matrix")
    def compare_query_and_key(self) -> None:
        """Write the query times the key under what `compare_through` found without them: it is the same number.

        Seen: A second line below multiplies the query by the key, and ends in the same number[, {query_key_dot[:, :]}].

        Plays: query_key, result.
        """
        product = self._product()
        [word], [other] = product.left.row_labels, product.result.column_labels
        self.worked.append(through.beside(self, product, word, other, BOARD))

    @ends("*")
    @leaves("product", "dot")
    def score(self, head: Head | None = None) -> None:
        """Multiply queries by keys: the dot product of every query with every key.

        Seen: A table of queries is multiplied by the transposed table of keys: every query meets every key. [Row by
        row: {query_key_dot[:, :]}.|The largest of the products is {largest query_key_dot[:, :]}.]

        Plays: table, transposed, factor, product, entries.
        """
        chosen = self._head(head)
        parts = Slice("queries", head=chosen), Slice("keys", head=chosen).T, Slice("query_key_dot", head=chosen)
        self._multiply(*parts, ("Q", "K^T", "Q K^T"))

    @needs("dot", say="there are no dot products of queries and keys on the board; begin with score")
    @ends("dot", "product")
    @leaves("scores")
    def divide(self, word: Word | None = None, column: Count = 1) -> None:
        """Divide the dot products by the root of the head's dimension; that of a word and a column is written out.

        Seen: Every entry of the table is divided by the root of the dimension. [Row by row: {scores[:, :]}.|The largest
        is then {largest scores[:, :]}.]

        Plays: frame, entry, division, arrow, name, numbers.
        """
        if self.trace_fact("similarity") != "scaled_dot":
            self.refuse("this model does not divide its dot products", "leave this shot out")
        written = [] if word is None else self._write_division(word, column)
        self._roll_on("scores", f"{self.times('Q', 'K^T')} slash sqrt({{d}})")
        self.worked = written

    @needs("scores", say="there are no scores on the board; begin with score and divide")
    @ends("scores")
    @leaves("weights")
    def softmax(self) -> None:
        """Turn each row of scores into attention weights, which add up to one.

        Seen: An arrow, named softmax, leads from the scores to the weights, which replace them in the table. [Row by
        row: {weights[:, :]}.|The largest weight is {largest weights[:, :]}.]

        Plays: arrow, name, numbers.
        """
        if self.trace_fact("weights") == "scores":
            self.refuse("this model has no softmax: its weights are the scores", "go on with mix")
        divided = " slash sqrt({d})" if self.trace_fact("similarity") == "scaled_dot" else ""
        self._roll_on("weights", f'"softmax"({self.times("Q", "K^T")}{divided})')

    @ends("*")
    @leaves("product")
    def mix(self, head: Head | None = None) -> None:
        """Multiply the attention weights by the values: each word becomes a mixture of the values of all.

        Seen: The table of weights is multiplied by the table of values. Entry after entry, the outputs appear. [Row by
        row: {head_outputs[:, :]}.]

        Plays: table, factor, product, entries.
        """
        chosen = self._head(head)
        parts = Slice("weights", head=chosen), Slice("values", head=chosen), Slice("head_outputs", head=chosen)
        self._multiply(*parts, ("A", "V", "A V"))

    @needs("product", say=NONE_YET)
    @ends("one matrix")
    def work_out(self, word: Word, column: Count = 1) -> None:
        """Work out one entry of the product: the row of a word times a column, counted from the left.

        Seen: The row of {word} and a column are framed. Below, their entries are multiplied in pairs and added up[,
        which gives {head_outputs[word, column]}|, which gives {query_key_dot[word, column]}|, which gives
        {queries[word, column]}|, which gives {keys[word, column]}|, which gives {values[word, column]}].

        Plays: frames, row, column, sum, result.
        """
        product = self._product()
        self.worked = work_out(self, product, word, column_counted(self, product, word, column), self.worked)

    # How ------------------------------------------------------------------------------------------------------

    def _head(self, head: str | None) -> str:
        """Return the head that is meant; one that is alone need not be named."""
        if not self.has("W_Q"):
            self.refuse("this model has no matrices of heads", "take a model with heads, such as three_heads")
        return one_head(self, head)

    def _product(self) -> Product:
        assert self.product is not None
        return self.product

    def _multiply(
        self, left: Slice, right: Slice, result: Slice, names: tuple[str, str, str], within: Region = BOARD
    ) -> None:
        """Show a table, then what it is multiplied by, then the product, an entry after the other.

        What is multiplied transposed stands there upright first.
        """
        parts = (left, right, result)
        colors, styles = [_color(part.array) for part in parts], [style_of(part.array) for part in parts]
        product = product_of(self, *parts, within, names=names, colors=colors, styles=styles, window=True)
        whole = not any(product.right.cuts)
        upright = self._upright(right, product) if right.transposed and whole else None
        if upright is None:
            self._bring({left.array: product.left}, product)
            multiply(self, product, run_time=0.9)
        else:
            self._transpose({left.array: product.left}, {right.array: upright}, product, names[1].removesuffix("^T"))
            find_result(self, product)
        self.product, self.held = product, {left.array: product.left, result.array: product.result}

    def _transpose(
        self, first: Mapping[str, Table], second: Mapping[str, Table], product: Product, called: str
    ) -> None:
        """Bring two tables, and transpose the second; the first comes later if it is in the way, to the right of it."""
        [upright] = second.values()
        beside = product.left.get_center()[0] < product.right.get_center()[0]
        self._bring({**first, **second} if beside else second, product)
        name = upright.set_over(self.name(called, color=product.names[1].get_color()))
        self.play(FadeIn(name), run_time=0.5, beat="table")
        seconds = 1.2 + 0.5 * len(upright.row_labels)
        self.play(
            transpose(upright, product.right), *replaced(name, product.names[1]), run_time=seconds, beat="transposed"
        )
        later = [] if beside else product.parts(0)
        self.play(FadeIn(*later, product.dot, product.shapes[1]), run_time=0.8, beat="factor")

    def _upright(self, part: Slice, product: Product) -> Table | None:
        """Return a table that is transposed in a product as it is before, to the right; None if it has no room."""
        goal = product.right
        table = fitted_table(
            self, part.T, goal.cell_size, (0, float(goal.cells.get_center()[1])),
            style=style_of(part.array), color=_color(part.array), most=goal.size,
        )  # fmt: skip
        left = float(goal.cells.get_right()[0]) + APART
        if left + table.width > BOARD.right or table.height > BOARD.height:
            return None
        x = max(left, min(float(product.result.get_left()[0]), BOARD.right - table.width))
        table.shift([x - float(table.get_left()[0]), 0, 0])
        return table

    def _bring(self, tables: Mapping[str, Table], product: Product) -> None:
        """Bring the first tables: they are new, or stand on the board already, and go to their places."""
        held = {array: self.held[array] for array, table in tables.items() if _goes_on(self.held.get(array), table)}
        self.worked, self.product, self.held = [], None, {}
        new = product.parts(0)[1:] if product.left in tables.values() else []
        come = [table for array, table in tables.items() if array not in held]
        if not held:
            self.clear_stage(then=[FadeIn(*come, *new)], beat="table")
            return
        self.clear_stage(*held.values())
        goes = any(_is_elsewhere(table, tables[array]) for array, table in held.items())
        moves = [morph(table, tables[array]) for array, table in held.items()]
        fresh = [FadeIn(*come, *new)] if come or new else []
        if goes or not fresh:
            self.play(*moves, run_time=1.2, beat="table")
            moves = []
        if fresh:
            self.play(*moves, *fresh, run_time=0.6 if goes else 0.9, beat="table")

    def _roll_on(self, array: str, name: str) -> None:
        """Let the result roll on to what follows from it, entry by entry, under another name."""
        product = self._product()
        table = product.result
        head = table.marks[0].number.coords["head"]
        numbers = self._like(table, array, head)
        if array == "weights":
            table.fills = [None] * len(table.fills)
        old, sign = product.names[2], product.sign
        new = self._named_after(name, head).set_x(float(table.cells.get_center()[0])).seat(old.baseline + 0.08)
        new.shift([min(0.0, frame.CONTENT.right - float(new.get_right()[0])), 0, 0])
        new.seat(max(new.baseline, self._over(new)))
        arrow = self.formula("->").move_to(sign)  # what follows is no longer the product itself
        gone = [FadeOut(each) for each in self.worked if each.submobjects]
        self.play(*gone, *replaced(sign, arrow), run_time=1.0, beat="arrow")
        self.play(*replaced(old, new), run_time=1.0, beat="name")
        self.own(new)
        self.play(table.change_to(numbers, lag=0.1), run_time=2.0, beat="numbers")
        self.worked, product.sign = [], arrow
        product.names.remove(old).add(new)
        product.remove(sign).add(arrow)
        self.held = {array: table}

    def _write_division(self, word: str, number: int) -> list[VGroup]:
        """Write out under the product how one of its entries is divided; return the line and the entry's frame."""
        product = self._product()
        table, column = product.result, column_counted(self, product, word, number)
        entry, box = table.mark(word, column), table.cell_frame(word, column, theme.FOCUS)
        head = entry.number.coords["head"]
        score, dim = self._like(table, "scores", head)[table.index(word, column)], self._dimension(head)
        sign = set_sign(relation(entry.number.shown / math.sqrt(dim.value), score) == "=")
        line = self.formula(f"{{dot}} div sqrt({{d}}) {sign} {{score}}", dot=entry.number, d=dim, score=score)
        line.set_x(BOARD.center[0]).seat(frame.LINE_UNDER_PRODUCT)
        gone = [*[FadeOut(each) for each in self.worked if each.submobjects], *product.without_note()]
        first, self.worked = line.marks["dot"], []
        self.play(*gone, Create(box), run_time=0.8, beat="frame")
        self.play(lift([entry], [first]), run_time=1.0, beat="entry")
        self.play(FadeIn(*[part for part in line if part is not first]), run_time=0.8, beat="division")
        self.own(line)
        return [line, VGroup(box)]

    def _over(self, name: Writing) -> float:
        """Return the lowest baseline of a name that clears the words over the columns, and other names, under it."""
        left, right = float(name.get_left()[0]), float(name.get_right()[0])
        product = self._product()
        words = [head for table in (product.left, product.right, product.result) for head in table.top_heads]
        words += [product.names[0], product.names[1]]
        under = [word for word in words if word.get_left()[0] < right and word.get_right()[0] > left]
        return max((float(word.get_top()[1]) + CLEAR for word in under), default=-frame.HEIGHT)

    def _named_after(self, name: str, head: str) -> Writing:
        """Return the name of what follows from the product; `{d}` in it is the dimension of the head's keys."""
        numbers = {"d": self._dimension(head)} if "{d}" in name else {}
        return self.formula(name, size=theme.WORD, numbers=numbers)

    def _dimension(self, head: str) -> Number:
        size = len(self.labels("keys", "d_head", head=head))
        return self.derived(size, f"number of coordinates of keys[{head}]", "whole")

    def _like(self, table: Table, array: str, head: str) -> Sequence[Number]:
        """Return the numbers of another array for all entries of a table of words by words."""
        decimals = table.marks[0].number.decimals
        rows, columns = table.row_labels, table.column_labels
        return self.numbers(array, decimals=decimals, head=head, query=rows, key=columns)


def _goes_on(held: Table | None, table: Table) -> bool:
    """Tell whether a table on the board is the one that is wanted, in another place."""
    return held is not None and held.row_labels == table.row_labels


def _is_elsewhere(held: Table, table: Table) -> bool:
    """Tell whether a table goes on in another place, or in another size."""
    apart = abs(held.cells.get_center() - table.cells.get_center()).max()
    return bool(max(apart, abs(held.cells.width - table.cells.width)) > STAYS)


def _color(array: str) -> str | None:
    """Return the colour of an array: its own, none for what the head gives, or that of what is only there."""
    return theme.array_color(array) or (None if array in ("weights", "head_outputs") else theme.DIM)
