"""One attention head by hand, as tables times tables: queries, keys and values, scores, weights and the output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from manim import Animation, AnimationGroup, Create, FadeIn, FadeOut, LaggedStart, VGroup

from attnviz.stage import (
    Count,
    Head,
    Number,
    Product,
    Slice,
    Stage,
    Table,
    Word,
    Writing,
    derive,
    ends,
    frame,
    leaves,
    lift,
    morph,
    needs,
    product_of,
    replaced,
    theme,
)

MAPS = {"queries": ("W_Q", "q"), "keys": ("W_K", "k"), "values": ("W_V", "v")}
NONE_YET = "there is no product on the board; begin with transform, score or mix"
BOARD = frame.PRODUCT._replace(top=frame.PRODUCT.top - 0.25)
"""Where products stand: what names them may be higher than a letter."""
LINE = BOARD.width - 0.6
"""How wide a line may be in which an entry of a product is worked out."""


class HeadArithmetic(Stage):
    """What one attention head computes, as tables times tables: each entry can be worked out by hand."""

    def setup(self) -> None:
        """Start with an empty board."""
        self.product: Product | None = None
        self.held: tuple[str, Table] | None = None
        self.line: Writing | None = None
        self.frames = VGroup()

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
        self.line = law.set_x(BOARD.center[0]).seat(frame.LINE_UNDER_PRODUCT + 0.08)
        self.play(FadeIn(self.line), run_time=0.9)

    @ends("*")
    @leaves("product", "dot")
    def score(self, head: Head | None = None) -> None:
        """Multiply queries by keys: the dot product of every query with every key."""
        chosen = self._head(head)
        parts = Slice("queries", head=chosen), Slice("keys", head=chosen).T, Slice("query_key_dot", head=chosen)
        self._multiply(*parts, ("Q", "K^T", "Q K^T"))

    @needs("dot", say="there are no dot products of queries and keys on the board; begin with score")
    @ends("dot")
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
        label = columns[column - 1]
        fresh = VGroup(
            product.left.row_frame(word, theme.FOCUS),
            product.right.column_frame(label, theme.FOCUS),
            product.result.cell_frame(word, label, theme.FOCUS),
        )
        line = product.line(word, label, width=LINE).set_x(BOARD.center[0]).seat(frame.LINE_UNDER_PRODUCT)
        terms = range(len(product.left.column_labels))
        firsts, seconds = ([line.marks[f"{side}{k}"] for k in terms] for side in "ab")
        digits = [*firsts, *seconds, line.marks["result"]]
        gone = [FadeOut(each) for each in (self.line, self.frames) if each is not None and each.submobjects]
        self.play(*gone, *map(Create, fresh[:2]), run_time=0.8)
        self.play(lift(product.left.row_marks(word), firsts, lag=0.15), run_time=1.2)
        self.play(lift(product.right.column_marks(label), seconds, lag=0.15), run_time=1.2)
        self.play(FadeIn(*[part for part in line if part not in digits]), run_time=0.6)
        self.play(Create(fresh[2]), lift([product.result.mark(word, label)], [digits[-1]]), run_time=1.0)
        self.own(line)
        self.line, self.frames = line, fresh

    # How ------------------------------------------------------------------------------------------------------

    def _head(self, head: str | None) -> str:
        """Return the head that is meant; one that is alone need not be named."""
        heads = self.labels("weights", "head") if self.has("W_Q") else []
        if not heads:
            self.refuse("this model has no matrices of heads", "take a model with heads, such as three_heads")
        if head is None and len(heads) > 1:
            self.refuse(f"the model has {len(heads)} heads", f"say which is meant, as in `head: {heads[0]}`")
        return head or heads[0]

    def _product(self) -> Product:
        assert self.product is not None
        return self.product

    def _multiply(self, left: Slice, right: Slice, result: Slice, names: tuple[str, str, str]) -> None:
        """Show a table, then what it is multiplied by, then the product, an entry after the other."""
        colors = _color(left.array), _color(right.array), _color(result.array)
        product = product_of(self, left, right, result, BOARD, names=names, colors=colors, style="short")
        self._bring(left, product)
        self.play(FadeIn(product.dot, product.right, product.names[1], product.shapes[1]), run_time=0.9)
        table = product.result.empty()
        self.play(FadeIn(product.sign, table.cells, table.column_heads, product.names[2], product.shapes[2]))
        self.play(self._filled(product), run_time=1.2 + 0.35 * len(table.row_labels))
        self.own(product)
        self.product, self.held = product, (result.array, table)

    def _bring(self, part: Slice, product: Product) -> None:
        """Bring the first table: it is new, or it is the product before, which goes to its place."""
        held, self.line, self.frames = self.held, None, VGroup()
        self.product = self.held = None
        new = [product.names[0], product.shapes[0]]
        if held is None or held[0] != part.array or held[1].row_labels != product.left.row_labels:
            self.clear_stage(then=[FadeIn(product.left, *new)])
            return
        self.clear_stage(held[1])
        self.play(morph(held[1], product.left), run_time=1.4)
        self.play(FadeIn(*new), run_time=0.5)

    def _filled(self, product: Product) -> Animation:
        """Return the animation in which each entry of the result comes from its row and its column."""
        rows = []
        for row in product.result.row_labels:
            cause = VGroup(*product.left.row_marks(row))
            entries = []
            for column in product.result.column_labels:
                k = product.result.row_labels.index(row) * len(product.result.column_labels)
                k += product.result.column_labels.index(column)
                other = VGroup(*product.right.column_marks(column))
                come = derive(product.result.marks[k], cause, other)
                entries.append(AnimationGroup(come, product.result.painted(k)))
            rows.append(LaggedStart(*entries, lag_ratio=0.25))
        return LaggedStart(*rows, lag_ratio=0.3)

    def _roll_on(self, array: str, name: str) -> None:
        """Let the result roll on to what follows from it, entry by entry, under another name."""
        product = self._product()
        table, head = product.result, next(iter(table_heads(product.result)))
        numbers = self._like(table, array, head)
        if array == "weights":
            table.fills = [None] * len(table.fills)
        old, sign = product.names[2], product.sign
        new = self.formula(name, size=theme.WORD).set_x(float(table.cells.get_center()[0])).seat(old.baseline + 0.08)
        new.shift([min(0.0, frame.CONTENT.right - float(new.get_right()[0])), 0, 0])
        arrow = self.formula("->").move_to(sign)  # what follows is no longer the product itself
        gone = [FadeOut(each) for each in (self.line, self.frames) if each is not None and each.submobjects]
        self.play(*gone, *replaced(old, new), *replaced(sign, arrow), run_time=0.9)
        self.play(table.change_to(numbers, lag=0.1), run_time=2.0)
        self.line, self.frames, product.sign = None, VGroup(), arrow
        product.names.remove(old).add(new)
        product.remove(sign).add(arrow)
        self.held = (array, table)

    def _like(self, table: Table, array: str, head: str) -> Sequence[Number]:
        """Return the numbers of another array for all entries of a table of words by words."""
        decimals = table.marks[0].number.decimals
        rows, columns = table.row_labels, table.column_labels
        return self.numbers(array, decimals=decimals, head=head, query=rows, key=columns)


def _color(array: str) -> str | None:
    """Return the colour that an array has in all lectures."""
    if array in ("W_Q", "queries"):
        return theme.QUERY
    if array in ("W_K", "keys"):
        return theme.KEY
    if array in ("W_V", "values"):
        return theme.VALUE
    return None if array in ("weights", "head_outputs") else theme.DIM


def table_heads(table: Table) -> set[str]:
    """Return the heads whose numbers a table shows."""
    return {str(mark.number.coords["head"]) for mark in table.marks}
