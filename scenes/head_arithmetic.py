"""One attention head by hand, as tables times tables: queries, keys and values, scores, weights and the output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from manim import FadeIn, FadeOut, VGroup

from attnviz.stage import (
    Count,
    Head,
    Number,
    Product,
    Slice,
    Stage,
    Style,
    Table,
    Word,
    Writing,
    ends,
    frame,
    leaves,
    morph,
    multiply,
    needs,
    one_head,
    product_of,
    replaced,
    theme,
    work_out,
)

MAPS = {"queries": ("W_Q", "q"), "keys": ("W_K", "k"), "values": ("W_V", "v")}
NONE_YET = "there is no product on the board; begin with transform, score or mix"
CLEAR = 0.16
"""How much is free between a long name and the words under it."""
BOARD = frame.PRODUCT._replace(top=frame.PRODUCT.top - 0.25)
"""Where products stand: what names them may be higher than a letter."""


class HeadArithmetic(Stage):
    """What one attention head computes, as tables times tables: each entry can be worked out by hand."""

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
        """Multiply words by a head's matrix, which gives their queries, keys or values; all words, or these."""
        chosen, who = self._head(head), list(dict.fromkeys(words or self.tokens()))
        matrix, one = MAPS[to]
        names = ("x", matrix, one) if len(who) == 1 else ("X", matrix, one.upper())
        left, right = Slice("embeddings", token=who), Slice(matrix, head=chosen)
        self._multiply(left, right, Slice(to, head=chosen, token=who), names)

    @ends("*")
    @leaves("product")
    def merge_maps(self, head: Head | None = None) -> None:
        """Multiply a head's two matrices: one matrix compares any two words, without their queries and keys."""
        chosen = self._head(head)
        parts = Slice("W_Q", head=chosen), Slice("W_K", head=chosen).T, Slice("bilinear", head=chosen)
        self._multiply(*parts, ("W_Q", "W_K^T", "B"))
        law = self.formula("(x W_Q) (y W_K)^T = x (W_Q W_K^T) y^T = x B y^T")
        self.worked = [law.set_x(BOARD.center[0]).seat(frame.LINE_UNDER_PRODUCT + 0.08)]
        if gone := self._product().without_note():
            self.play(*gone, run_time=0.5)
        self.play(FadeIn(law), run_time=0.9)

    @ends("*")
    @leaves("product", "dot")
    def score(self, head: Head | None = None) -> None:
        """Multiply queries by keys: the dot product of every query with every key."""
        chosen = self._head(head)
        parts = Slice("queries", head=chosen), Slice("keys", head=chosen).T, Slice("query_key_dot", head=chosen)
        self._multiply(*parts, ("Q", "K^T", "Q K^T"))

    @needs("dot", say="there are no dot products of queries and keys on the board; begin with score")
    @ends("dot", "product")
    @leaves("scores")
    def divide(self) -> None:
        """Divide the dot products by the root of the head's dimension, or do what else makes scores of them."""
        if self.trace_fact("similarity") != "scaled_dot":
            self.refuse("this model does not divide its dot products", "leave this shot out")
        self._roll_on("scores", "Q K^T slash sqrt(d_k)")

    @needs("scores", say="there are no scores on the board; begin with score and divide")
    @ends("scores")
    @leaves("weights")
    def softmax(self) -> None:
        """Turn each row of scores into attention weights, which add up to one."""
        self._roll_on("weights", '"softmax"(Q K^T slash sqrt(d_k))')

    @ends("*")
    @leaves("product")
    def mix(self, head: Head | None = None) -> None:
        """Multiply the attention weights by the values: each word becomes a mixture of the values of all."""
        chosen = self._head(head)
        parts = Slice("weights", head=chosen), Slice("values", head=chosen), Slice("head_outputs", head=chosen)
        self._multiply(*parts, ("A", "V", "A V"))

    @needs("product", say=NONE_YET)
    def work_out(self, word: Word, column: Count = 1) -> None:
        """Work out one entry of the product: the row of a word times a column, counted from the left."""
        product = self._product()
        rows, columns = product.left.row_labels, product.result.column_labels
        if word not in rows or not 1 <= column <= len(columns):
            self.refuse(f"the product has no row '{word}' with a column {column}", f"its rows are {', '.join(rows)}")
        self.worked = work_out(self, product, word, columns[column - 1], self.worked)

    # How ------------------------------------------------------------------------------------------------------

    def _head(self, head: str | None) -> str:
        """Return the head that is meant; one that is alone need not be named."""
        if not self.has("W_Q"):
            self.refuse("this model has no matrices of heads", "take a model with heads, such as three_heads")
        return one_head(self, head)

    def _product(self) -> Product:
        assert self.product is not None
        return self.product

    def _multiply(self, left: Slice, right: Slice, result: Slice, names: tuple[str, str, str]) -> None:
        """Show a table, then what it is multiplied by, then the product, an entry after the other."""
        parts = (left, right, result)
        colors, styles = [_color(part.array) for part in parts], [_style(part.array) for part in parts]
        product = product_of(self, *parts, BOARD, names=names, colors=colors, styles=styles, window=True)
        self._bring(left.array, product)
        multiply(self, product, run_time=0.9)
        self.product, self.held = product, {left.array: product.left, result.array: product.result}

    def _bring(self, array: str, product: Product) -> None:
        """Bring the first table: it is new, or it stands on the board already, and goes to its place."""
        held = self.held.get(array)
        self.worked, self.product, self.held = [], None, {}
        new = [product.names[0], product.shapes[0]]
        if held is None or held.row_labels != product.left.row_labels:
            self.clear_stage(then=[FadeIn(product.left, *new)])
            return
        self.clear_stage(held)
        self.play(morph(held, product.left), run_time=1.2)
        self.play(FadeIn(*new), run_time=0.5)

    def _roll_on(self, array: str, name: str) -> None:
        """Let the result roll on to what follows from it, entry by entry, under another name."""
        product = self._product()
        table = product.result
        numbers = self._like(table, array, table.marks[0].number.coords["head"])
        if array == "weights":
            table.fills = [None] * len(table.fills)
        old, sign = product.names[2], product.sign
        new = self.formula(name, size=theme.WORD).set_x(float(table.cells.get_center()[0])).seat(old.baseline + 0.08)
        new.shift([min(0.0, frame.CONTENT.right - float(new.get_right()[0])), 0, 0])
        new.seat(max(new.baseline, self._over(new)))
        arrow = self.formula("->").move_to(sign)  # what follows is no longer the product itself
        gone = [FadeOut(each) for each in self.worked if each.submobjects]
        self.play(*gone, *replaced(old, new), *replaced(sign, arrow), run_time=0.9)
        self.play(table.change_to(numbers, lag=0.1), run_time=2.0)
        self.worked, product.sign = [], arrow
        product.names.remove(old).add(new)
        product.remove(sign).add(arrow)
        self.held = {array: table}

    def _over(self, name: Writing) -> float:
        """Return the lowest baseline of a name that clears the words over the columns, and other names, under it."""
        left, right = float(name.get_left()[0]), float(name.get_right()[0])
        product = self._product()
        words = [head for table in (product.left, product.right, product.result) for head in table.column_heads]
        words += [product.names[0], product.names[1]]
        under = [word for word in words if word.get_left()[0] < right and word.get_right()[0] > left]
        return max((float(word.get_top()[1]) + CLEAR for word in under), default=-frame.HEIGHT)

    def _like(self, table: Table, array: str, head: str) -> Sequence[Number]:
        """Return the numbers of another array for all entries of a table of words by words."""
        decimals = table.marks[0].number.decimals
        rows, columns = table.row_labels, table.column_labels
        return self.numbers(array, decimals=decimals, head=head, query=rows, key=columns)


def _style(array: str) -> Style:
    """Return how numbers are written: what is given, as briefly as can be."""
    return "fixed" if array in ("weights", "head_outputs", "scores") else "short"


def _color(array: str) -> str | None:
    """Return the colour that an array has in all lectures."""
    if array in ("W_Q", "queries"):
        return theme.QUERY
    if array in ("W_K", "keys"):
        return theme.KEY
    if array in ("W_V", "values"):
        return theme.VALUE
    return None if array in ("weights", "head_outputs") else theme.DIM
