"""Tables made from a trace: which numbers each kind of table shows, and how it is captioned."""

from __future__ import annotations

import numpy as np
from manim import UP, VGroup

from attnviz.stage import (
    ELLIPSIS,
    Labels,
    Number,
    Stage,
    Style,
    Table,
    Writing,
    cut_short,
    fit,
    frame,
    theme,
    told_apart,
)

from .layout import EDGE, HEAD, TOP, Shape, pair_shape, table_shape

MOST_WORDS, SIGNIFICANT, LONG = 8, 6, 12
SUMS = {
    "similarity": "similarity_sum",
    "normalised": "similarity_sum",
    "exponentials": "exponential_sum",
    "shifted_exponentials": "shifted_sum",
    "softmax": "exponential_sum",
}
SHARES = ("normalised", "softmax")
CAPTIONS = {
    "embeddings": "embeddings",
    "cosine": "cosine similarity",
    "dot": "dot product",
    "scaled_dot": "scaled dot product",
    "scores": "scores",
    "normalised": "each row divided by its sum",
    "softmax": "attention weights",
}
FORMULAS = {
    "exponentials": 'e^x med "of each entry" med x',
    "shifted": 'x - m med "of each entry" med x',
    "shifted_exponentials": 'e^(x - m) med "of each entry" med x',
}
FEWER_WORDS = "name fewer words under `words`"
# What can be shown instead of a table whose numbers are too large.
ADVICE = {"powers": "take fewer steps or fewer words, or a model whose similarity is cosine"}
TELLING = 10  # a row says something if its largest number is shown as so many units of the last decimal, or more


class TraceTables:
    """Makes tables of the words of a sentence.

    A table's `kind` is `embeddings` (its columns are the axes), `similarity`, `powers` (the table applied `step`
    times), `normalised`, `exponentials`, `shifted` (less the largest of the row), `shifted_exponentials` or `softmax`.
    `top` is where the room for tables begins, under the sentence if it is shown.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage, self.sentence, self.step = stage, stage.sentence_names()[0], 1
        self.top = TOP

    @property
    def tokens(self) -> list[str]:
        """The tokens of the sentence that the tables show."""
        return self.stage.tokens(self.sentence)

    def name(self, token: str) -> str:
        """Return a token's word as it is written in the table's headers."""
        return dict(zip(self.tokens, told_apart(self.tokens), strict=True))[token]

    def colors(self) -> dict[str, str]:
        """Return the colours of the words, by token and by name in the table's headers."""
        colors = {token: self.stage.word_color(token) for token in self.tokens}
        return colors | {self.name(token): color for token, color in colors.items()}

    @property
    def leaves_out(self) -> bool:
        """Whether the model has read words that are not in the table."""
        return self.stage.trace_fact("left_out", self.sentence) not in {"", "0"}

    def entries(self, kind: str, shape: Shape | None = None) -> list[Number]:
        """Return a table's numbers, row by row, with as many decimals as fit into its cells."""
        stage = self.stage
        if len(self.tokens) > MOST_WORDS:
            stage.refuse("the table has too many words to be read", FEWER_WORDS)
        if len(self.columns(kind)) > MOST_WORDS:
            stage.refuse("the embeddings have too many coordinates to be read", "leave show_embeddings out")
        if kind in {"normalised", "powers"} and self._is_masked():
            hint = "use exponentiate and divide: e to the power of −∞ is 0"
            stage.refuse("a causal mask makes some scores −∞, and there is no sum to divide by", hint)
        numbers = self._fitting(kind, shape)
        if numbers is None:
            stage.refuse("the numbers are too large to be read in the table's cells", ADVICE.get(kind, FEWER_WORDS))
        return numbers

    def exponentials(self) -> str:
        """Return the kind of table of exponentials that can be read: of the similarities as they are, if possible.

        Some are too large for the cells, and rows of others are rounded to nothing. Then the largest of each row is
        taken away first, as programs that compute softmax do: the weights are the same.
        """
        numbers = self._fitting("exponentials", None)
        if numbers is None:
            return "shifted_exponentials"
        if self.stage.trace_fact("carry", self.sentence) == "displayed":  # the model itself goes on with these digits
            return "exponentials"
        n = len(self.tokens)
        largest = [max(number.value for number in numbers[i : i + n]) for i in range(0, len(numbers), n)]
        return "exponentials" if min(largest) * 10 ** numbers[0].decimals >= TELLING else "shifted_exponentials"

    def _fitting(self, kind: str, shape: Shape | None) -> list[Number] | None:
        """Return a table's numbers with as many decimals as fit into its cells; None if not even whole numbers do."""
        stage = self.stage
        (width, _), size = shape or self.shape(kind)
        array, coords = self._address(kind)
        if kind == "exponentials" and np.isposinf(stage.read(array, self.sentence, **coords).values).any():
            return None  # no float holds them
        style: Style = "short" if kind == "embeddings" else "fixed"
        largest = self._largest(array, coords)
        most = min(int(stage.trace_fact("decimals", self.sentence) or 2), SIGNIFICANT - len(f"{largest:.0f}"))
        for decimals in range(most, -1, -1):
            numbers = stage.numbers(array, self.sentence, style, decimals, **coords)
            if fit(numbers, size, width):
                return numbers
        return None

    def table(self, kind: str, shape: Shape | None = None, *, headed: bool = True) -> Table:
        """Return a table; without a shape, it is as large as a table on its own can be."""
        tokens, columns, entries = self.tokens, self.columns(kind), self.entries(kind, shape)
        cell, size = shape or self.shape(kind)
        rows = [entries[i * len(columns) : (i + 1) * len(columns)] for i in range(len(tokens))]
        colors = {t: self.stage.word_color(t) for t in tokens}
        return Table(rows, tokens, columns, colors, cell=cell, size=size, head_width=HEAD, icons=True, headed=headed)

    def columns(self, kind: str) -> list[str]:
        """Return a table's column headers: the words, or the names of the axes."""
        return self.stage.places.axes() if kind == "embeddings" else self.tokens

    def shape(self, kind: str) -> Shape:
        """Return the shape of the cells of a table on its own; if it needs the room of the sentence, it takes that."""
        words = tuple(self.tokens), tuple(self.columns(kind))
        shape = table_shape(*words, self.top)
        if shape is None and self.top < TOP:
            self.top, shape = TOP, table_shape(*words, TOP)
        return shape or self.stage.refuse("the table has too many words to be read", FEWER_WORDS)

    def _address(self, kind: str) -> tuple[str, dict[str, Labels]]:
        """Return where a table's entries are in the trace: the array, and labels by dimension."""
        if kind == "embeddings":
            return self.stage.places.array, {"token": self.tokens}
        between: dict[str, Labels] = {"query": self.tokens, "key": self.tokens}
        return ("similarity_powers", between | {"step": self.step}) if kind == "powers" else (kind, between)

    def pair_shape(self) -> Shape:
        """Return the shape of the cells of two tables side by side."""
        shape = pair_shape(tuple(self.tokens), self.top)
        if shape is None:
            self.stage.refuse(
                "two tables of so many words do not fit side by side",
                "use exponentiate and divide, which need one table only",
            )
        return shape

    def _largest(self, array: str, coords: dict[str, Labels]) -> float:
        sizes = np.abs(self.stage.read(array, self.sentence, **coords).values)
        return float(np.max(sizes, where=np.isfinite(sizes), initial=0.0))

    def caption(self, kind: str, *, short: bool = False) -> Writing:
        """Return the caption, which says what a table shows; a `short` one leaves out the layer and the head."""
        similarity = CAPTIONS[self.stage.trace_fact("similarity", self.sentence)]
        if kind in FORMULAS:
            return self.stage.formula(FORMULAS[kind], size=theme.NOTE, color=theme.DIM)
        if kind == "powers":
            times = "time" if self.step == 1 else "times"
            return self.stage.phrase(f"applied {{n}} {times}", size=theme.NOTE, color=theme.DIM, n=self.count())
        text = similarity if kind == "similarity" else CAPTIONS[kind]
        if kind == "embeddings" and self.stage.places.laid:
            text = "places in the plane"
        elif not short and (kind == "softmax" or (kind, similarity) == ("similarity", "scores")):
            text += self._where()
        return self.stage.prose(text, size=theme.NOTE, color=theme.DIM, own=True)

    def _is_masked(self) -> bool:
        """Return whether a mask hides some words from others."""
        between: dict[str, Labels] = {"query": self.tokens, "key": self.tokens}
        return bool(np.isneginf(self.stage.read("similarity", self.sentence, **between).values).any())

    def _where(self) -> str:
        """Return the ending of a caption that names the layer and head, if they were chosen."""
        names = [(what, self.stage.trace_fact(what, self.sentence)) for what in ("layer", "head")]
        return "".join(f", {what} {label}" for what, label in names if label)

    def entry_title(self, row: str, column: str) -> Writing:
        """Return the title of one entry of a row: how much of a word is in the new word."""
        what, where = (cut_short(self.name(label), LONG) for label in (column, row))
        words = {"what": what, "where": where}
        template = 'bold({what}) med "in" med bold({where})\''
        return self.stage.formula(template, size=theme.NOTE, color=theme.INK, words=words)

    def count(self) -> Number:
        """Return how many times the table is applied."""
        return self.stage.derived(
            self.step, "how many times the table is applied", style="whole", sentence=self.sentence
        )

    def total(self, kind: str, row: list[Number]) -> Number:
        """Return the sum of a row of a table; a row that was divided by its sum adds up to one."""
        query, decimals = row[0].coords["query"], row[0].decimals
        if kind == "powers" or (self.leaves_out and kind not in SHARES):
            what = (
                f"similarity_powers[{self.step}, {query}]" if kind == "powers" else f"what is shown of {kind}[{query}]"
            )
            formula = f"sum of {what}"
            return self.stage.derived(sum(n.carried for n in row), formula, decimals=decimals, sentence=self.sentence)
        total = self.stage.number(SUMS[kind], self.sentence, decimals=decimals, query=query)
        return (total / total).styled("fixed", decimals) if kind in SHARES else total

    def others(self, kind: str, row: list[Number]) -> Number | None:
        """Return what a row gives to words that the model has read and the table leaves out; None if there are none."""
        if kind not in SHARES or not self.leaves_out:
            return None
        return self.stage.rest_of(row, decimals=row[0].decimals, sentence=self.sentence)

    def totals(self, kind: str, entries: list[Number]) -> list[Number]:
        """Return the sum of every row of a table."""
        n = len(self.tokens)
        return [self.total(kind, entries[i * n : (i + 1) * n]) for i in range(n)]

    def chips(self) -> VGroup:
        """Return the sentence as chips above the table, in one row or two; words that are in the table are lit."""
        for rows in (1, 2):
            chips = self.stage.sentence_chips(self.sentence, width=2 * EDGE, rows=rows)
            if [*chips[-1]][-1].word != ELLIPSIS:
                return chips.set_x(0).align_to([0, frame.ABOVE_TABLE + 0.32, 0], UP)
        return self.stage.refuse(
            "the sentence is too long to stand above the table", "leave show_sentence out, or take a shorter one"
        )

    def focus(self) -> str | None:
        """Return the word in the focus colour, if the table has one."""
        return next((token for token in self.tokens if self.stage.word_color(token) == theme.FOCUS), None)
