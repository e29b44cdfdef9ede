"""All heads of a trained model at once, and those that a stated measure picks out, with what each attends to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from manim import (
    LEFT,
    RIGHT,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    FadeOut,
    LaggedStart,
    Mobject,
    RoundedRectangle,
    Transform,
    VGroup,
    smooth,
    squish_rate_func,
)

from attnviz.stage import (
    BACK,
    MOST_ARCS,
    Arcs,
    Array,
    Light,
    Number,
    Slice,
    Stage,
    Table,
    Word,
    Writing,
    all_of,
    ends,
    frame,
    leaves,
    left_out,
    named_head,
    needs,
    over_half_line,
    row_line,
    sinks_of,
    table_of,
    theme,
    unless,
    visible,
    written_words_of,
)

from .gallery import Gallery, Place

MOST_TILES = 24
"""So many words have room in a small table."""
MOST_HEADS = 400
"""The tables of more heads than these are too small to be seen."""
ALL_LAYERS = 3.2
"""How long it takes for all tables to appear (seconds)."""
HALF, LEAST = 0.5, 0.015
"""What is counted; and what is written under the words of a row."""
WHAT = {
    "previous": "the previous word", "itself": "itself", "next": "the next word", "group": "words of its group",
    "sinks": "sinks",
}  # fmt: skip
NO_GALLERY = "the heads are not on the board; begin with show_heads"


class HeadGallery(Stage):
    """A trained model's heads as small tables of weights; measures choose one, or count them, and say so."""

    def setup(self) -> None:
        """Start with an empty board."""
        self.gallery: Gallery | None = None
        self.away = False
        self.dimmed: list[VGroup] = []
        self.entries: list[VGroup] = []
        self.chosen: tuple[Place, str | None] | None = None
        self.beside: list[Mobject] = []
        self.frames: dict[Place, RoundedRectangle] = {}
        self.measured: Writing | None = None

    # Verbs ----------------------------------------------------------------------------------------------------

    @unless("gallery", say="the heads are on the board already; leave this shot out")
    @leaves("gallery")
    def show_heads(self) -> None:
        """Show the attention weights of all heads of all layers, each as a small table without digits.

        Seen: Small squares without digits stand in rows: the weights of each head, layer by layer. [Below, their
        number: {number_of_heads[]}.]

        Plays: labels, heads, count.
        """
        layers, heads = self._places()
        tokens = visible(self, self.tokens(), MOST_TILES)
        flat = self.numbers("all_weights", query=tokens, key=tokens)
        rows = [flat[k : k + len(tokens)] for k in range(0, len(flat), len(tokens))]
        places = [(layer, head) for layer in layers for head in heads]
        tables = {place: rows[k * len(tokens) : (k + 1) * len(tokens)] for k, place in enumerate(places)}
        self.gallery = gallery = Gallery(self, tables)
        by_layer = [VGroup(*[gallery.thumbs[layer, head] for head in heads]) for layer in layers]
        self.clear_stage(then=[FadeIn(gallery.names)], beat="labels")
        for row in by_layer:
            self.play(LaggedStart(*map(FadeIn, row), lag_ratio=0.2), run_time=ALL_LAYERS / len(by_layer), beat="heads")
        self.own(gallery)
        self._write(self._counted())

    @needs("gallery", say=NO_GALLERY)
    @leaves("chosen")
    def find_head(self, kind: Literal["previous", "itself", "next", "group", "sinks"]) -> None:
        """Choose the head that gives most, on average, to a kind of word: to the previous or next one, itself, …

        Seen: A frame moves to one of the small tables: of all heads, it gives most to [{if kind=previous}the previous
        word|{if kind=next}the next word|{if kind=itself}each word itself|{if kind=group}words of the same group|the
        sinks][, {values head_profile[:]}]. Large and with its numbers, it takes their place.

        Plays: measure, frame, head, entries, line.
        """
        profile = self._measures("head_profile", kind=[kind])
        if bool(np.isnan(profile).all()):
            self.refuse(f"no word has {WHAT[kind]} that it sees here", "choose another kind of word, or another model")
        place = self._largest(profile)
        share = self.number("head_profile", style="percent", each_layer=place[0], each_head=place[1], kind=kind)
        says = self._on_average(share, kind)
        self._bring(place, None, says, self._measured(f'"mean weight on {WHAT[kind]}"'), self._pairs(kind))

    @needs("gallery", say=NO_GALLERY)
    @leaves("chosen")
    def find_sharpest(self, word: Word) -> None:
        """Choose the head whose row of weights for a word is farthest from an even one; sinks do not count.

        Seen: A frame moves to one of the small tables, in which the row of {word} is the least even. Large and with its
        numbers, it takes their place.

        Plays: measure, compare, frame, head, entries, line.
        """
        place = self._largest(self._measures("distance_from_uniform", query=[word]))
        says = self._summary(place, word)
        sinks = self._named_sinks()
        without = f'", without" {all_of(sinks)}' if sinks else ""
        measured = self._measured(f'"distance from an even row"{without}', sinks)
        self._bring(place, word, says, measured, compared=self._tiles_of(word))

    @needs("gallery", say=NO_GALLERY)
    @leaves("chosen")
    def find_pair(self, word: Word, toward: Word) -> None:
        """Choose the head that gives most of a word's attention to another word.

        Seen: A frame moves to one of the small tables, in which {word} gives most to {toward}[: {all_weights[word,
        toward]}]. Large and with its numbers, it takes their place.

        Plays: measure, compare, frame, head, entries, line.
        """
        place = self._largest(self._measures("all_weights", query=[word], key=[toward]))
        measured = self._measured('"weight that" {a} "gives to" {b}', written_words_of(self, a=word, b=toward))
        compared = self._tiles_of(word, toward)
        self._bring(place, word, self._summary(place, word), measured, [(word, toward)], compared=compared)

    @needs("chosen", say="no head is chosen yet; write find_head, find_sharpest or find_pair before")
    def look_at(self, word: Word | None = None) -> None:
        """Show what the chosen head takes for a word as arcs from it to the words of the sentence, with percentages.

        Seen: The words stand in a line, and arcs lead from [{word}|{focus}|one of them] to those that it takes from[:
        {all_weights[word, :]}|; most, {largest all_weights[word, :]}|; most, {largest all_weights[focus, :]}].

        Plays: words, arcs, line.
        """
        assert self.chosen is not None
        (layer, head), row = self.chosen
        asked = word or row
        if asked is None:
            self.refuse("this head was chosen by all words", "say whose row is meant: `look_at: apple`")
        tokens = visible(self, self.tokens(), MOST_ARCS)
        if asked not in tokens:
            self.refuse(f"'{asked}' is not among the {MOST_ARCS} words that fit", "make it the scene's focus")
        weights = dict(zip(tokens, self._row((layer, head), asked, tokens), strict=True))
        arcs = Arcs(self, asked, weights, [token for token in tokens if weights[token].value >= LEAST])
        heading = self._heading((layer, head)).move_to([frame.CONTENT.center[0], 0, 0]).seat(frame.ABOVE_TABLE - 0.1)
        line = self._summary((layer, head), asked)
        line.set_x(frame.CONTENT.center[0]).seat(frame.UNDER_ARCS[1])
        assert self.measured is not None
        self.clear_stage(self.measured, then=[FadeIn(heading), FadeIn(VGroup(*arcs.words.values()))], beat="words")
        self.beside = []
        for token in sorted(arcs.arcs, key=lambda token: weights[token].value):
            if token not in arcs.shares:
                self.add(arcs.arcs[token])
        strong = sorted(arcs.shares, key=lambda token: -weights[token].value)
        come = [AnimationGroup(Create(arcs.arcs[token]), FadeIn(arcs.shares[token])) for token in strong]
        self.play(LaggedStart(*come, lag_ratio=0.35), run_time=1.2 + 0.4 * len(come), beat="arcs")
        self.own(arcs)
        self.play(FadeIn(line), run_time=0.8, beat="line")

    @needs("gallery", say=NO_GALLERY)
    @ends("chosen")
    def count_heads(self, word: Word, toward: Word) -> None:
        """Light the heads that give more than half of a word's attention to another word, and say how many they are.

        Seen: Of the small tables, those light up in which {word} gives more than half to {toward}[. Their number is
        {heads_over_half[word, toward]}[, of {number_of_heads[]}]].

        Plays: entries, count.
        """
        gallery = self._take()
        layers, heads = self._places()
        given = self._measures("all_weights", query=[word], key=[toward])
        over = [(layers[i], heads[j]) for i, j in np.argwhere(given > HALF)]
        line = over_half_line(self, word, toward)
        self.frames = {place: gallery.frame_of(place, theme.FOCUS) for place in over}
        self.dimmed = [thumb for place, thumb in gallery.thumbs.items() if place not in over]
        self.entries = [*self._tiles_of(word, toward)]
        self.play(
            *[Light(thumb, 1, BACK) for thumb in self.dimmed], *map(FadeIn, self.entries), run_time=1.2, beat="entries"
        )
        self.play(*map(Create, self.frames.values()), FadeIn(self._under(line)), run_time=1.2, beat="count")

    # How: what is read ----------------------------------------------------------------------------------------

    def _places(self) -> tuple[list[str], list[str]]:
        """Return the labels of all layers, and of the heads in each."""
        if not self.has("all_weights"):
            hint = "take a trained model, such as small, and a sentence of up to 64 tokens"
            self.refuse("there are no heads of several layers to compare", hint)
        layers, heads = (self.labels("all_weights", dim) for dim in ("each_layer", "each_head"))
        if len(layers) * len(heads) > MOST_HEADS:
            self.refuse(f"{len(layers)} × {len(heads)} heads are too many to be seen", f"at most {MOST_HEADS} are")
        return layers, heads

    def _measures(self, array: str, **of: list[str]) -> Array:
        """Return a number of every head, shape (layer, head): the entry of an array that these labels choose."""
        layers, heads = self._places()
        found = self.read(array, None, each_layer=layers, each_head=heads, **of)
        return np.asarray(found.values, dtype=float).reshape(len(layers), len(heads))

    def _largest(self, found: Array) -> Place:
        """Return the head (layer, head) for which a measure is largest; of equals, the first."""
        layers, heads = self._places()
        layer, head = np.unravel_index(int(np.nanargmax(found)), found.shape)
        return layers[layer], heads[head]

    def _row(self, place: Place, word: str, keys: Sequence[str]) -> list[Number]:
        layer, head = place
        return self.numbers("all_weights", each_layer=layer, each_head=head, query=word, key=list(keys))

    def _number_of_heads(self) -> Number:
        return self.number("number_of_heads", style="whole")

    def _pairs(self, kind: str) -> list[tuple[str, str]]:
        """Return the entries (query, key) of a table that are of a kind, for words that stand side by side."""
        tokens, step = self.tokens(), {"previous": -1, "itself": 0, "next": 1}.get(kind)
        if step is None:
            return []
        sinks = sinks_of(self)
        pairs = [(q, tokens[k + step]) for k, q in enumerate(tokens) if 0 <= k + step < len(tokens)]
        return [(query, key) for query, key in pairs if query not in sinks and key not in sinks]

    def _summary(self, place: Place, word: str) -> Writing:
        """Return the line that says what a head takes for a word."""
        tokens = self.tokens()
        weights = dict(zip(tokens, self._row(place, word, tokens), strict=True))
        layer, head = place
        on_sinks = self.number("head_shares", each_layer=layer, each_head=head, query=word, kind="sinks")
        return row_line(self, word, weights, on_sinks if sinks_of(self) else None)

    def _on_average(self, share: Number, kind: str) -> Writing:
        """Return the line that says how much a head gives to words of a kind; sinks are named."""
        sinks = self._named_sinks() if kind == "sinks" else {}
        if not sinks:
            return self.phrase(f"{{p}} on {WHAT[kind]}, on average", p=share)
        return self.formula(f'{{p}} "on" {all_of(sinks)}", on average"', words=sinks, p=share)

    def _named_sinks(self) -> dict[str, str]:
        """Return the sinks as they are written, by their places in a template."""
        return {f"s{k}": token for k, token in enumerate(sinks_of(self))}

    # How: what is shown ---------------------------------------------------------------------------------------

    def _heading(self, place: Place) -> Writing:
        """Return of which model, layer and head the weights are."""
        return self.prose(named_head(self, *place), own=True)

    def _measured(self, measure: str, words: Mapping[str, str] | None = None) -> Writing:
        """Return the lowest line: by which measure a head was chosen, and out of how many."""
        template = f'{measure}"; the highest of" {{n}} "heads"'
        inks = dict.fromkeys(words or {}, theme.DIM)
        line = self.formula(
            template, size=theme.NOTE, color=theme.DIM, words=words, colors=inks, n=self._number_of_heads()
        )
        return line.set_x(frame.CONTENT.center[0]).seat(frame.LOWEST_LINE)

    def _counted(self) -> Writing:
        """Return the line under all heads: how many they are, and how much rests on what stands for no word."""
        n, added = self._number_of_heads(), self.trace_fact("added").split()
        if not added:
            text = "{n} heads, each with its own table of weights"
            return self.phrase(text, size=theme.NOTE, color=theme.DIM, n=n)
        mean = float(self._measures("head_profile", kind=["sinks"]).mean())
        share = self.derived(mean, "mean(head_profile[:, :, sinks])", "percent")
        words = self._named_sinks()
        text = f'{{n}} "heads;" {{p}} "of the words’ attention rests on" {all_of(words)}'
        inks = dict.fromkeys(words, theme.DIM)
        return self.formula(text, size=theme.NOTE, color=theme.DIM, words=words, colors=inks, n=n, p=share)

    def _under(self, line: Writing) -> Writing:
        """Seat a line under the gallery."""
        self.beside = [line.set_x(frame.CONTENT.center[0]).seat(frame.LOWEST_LINE)]
        return line

    def _write(self, line: Writing) -> None:
        """Write a line under the gallery."""
        self.play(FadeIn(self._under(line)), run_time=0.7, beat="count")

    def _tiles_of(self, word: str, toward: str | None = None) -> VGroup:
        """Return, for every head, a frame around a word's row, or one entry of it in a frame; none if it is cut off."""
        assert self.gallery is not None
        gallery, tokens = self.gallery, visible(self, self.tokens(), MOST_TILES)
        if word not in tokens or (toward is not None and toward not in tokens):
            return VGroup()
        row = tokens.index(word)
        if toward is None:
            return VGroup(*[gallery.row(place, row, theme.FOCUS) for place in gallery.thumbs])
        return VGroup(*[gallery.entry(place, row, tokens.index(toward), theme.FOCUS) for place in gallery.thumbs])

    def _bring(
        self,
        place: Place,
        row: str | None,
        says: Writing,
        measured: Writing,
        marked: Sequence[tuple[str, str]] = (),
        compared: VGroup | None = None,
    ) -> None:
        """Frame a head in the gallery, and let it grow in place of all of them, with what was measured and compared."""
        gallery = self._take()
        layer, head = place
        part, region = Slice("all_weights", each_layer=layer, each_head=head), frame.ONE_HEAD
        table = table_of(self, part, region, style="percent", window=True)
        heading = table.set_over(self._heading(place))
        note = left_out(self, [table.cuts])
        says.set_x(frame.CONTENT.center[0]).seat(frame.UNDER_ONE_HEAD)
        if note is not None:
            note.align_to([frame.CONTENT.left, 0, 0], LEFT).seat(frame.UNDER_ONE_HEAD)
            says.align_to([frame.CONTENT.right, 0, 0], RIGHT)
        around = gallery.frame_of(place, theme.FOCUS)
        self.play(FadeIn(measured), run_time=0.8, beat="measure")
        shown = [compared] if compared else []
        if compared:
            self.play(LaggedStart(*map(FadeIn, compared), lag_ratio=0.1), run_time=1.6, beat="compare")
        self.play(Create(around), run_time=0.8, beat="frame")
        self.play(FadeOut(gallery.names, *shown), run_time=0.4)
        grown = self._grown(gallery.thumbs[place], table)
        self.play(*grown, FadeIn(heading), FadeOut(gallery.grid), FadeOut(around), run_time=1.8, beat="head")
        self.own(table)
        frames = VGroup(*self._marks(table, row, marked))
        if frames.submobjects:
            self.play(LaggedStart(*map(Create, frames), lag_ratio=0.2), run_time=1.2, beat="entries")
        said = [says] if note is None else [says, note]
        self.play(*map(FadeIn, said), run_time=0.8, beat="line")
        self.chosen, self.away, self.measured = (place, row), True, measured
        self.beside = [table, heading, measured, *frames, *said]

    def _grown(self, thumb: VGroup, table: Table) -> list[Animation]:
        """Return the animations in which a small table becomes a large one, whose digits come last."""
        copy = thumb[1].copy()
        goal = copy.copy().stretch_to_fit_width(table.cells.width).stretch_to_fit_height(table.cells.height)
        move = Transform(copy, goal.move_to(table.cells), rate_func=squish_rate_func(smooth, 0.0, 0.75), remover=True)
        return [move, FadeIn(table, rate_func=squish_rate_func(smooth, 0.7, 1.0))]

    def _marks(self, table: Table, row: str | None, marked: Sequence[tuple[str, str]]) -> list[RoundedRectangle]:
        """Return frames around the entries of a table that were measured, or around a row."""
        if row is not None and not marked:
            return [table.row_frame(row, theme.FOCUS)]
        return [
            table.cell_frame(query, key, theme.FOCUS)
            for query, key in marked
            if query in table.row_labels and key in table.column_labels
        ]

    def _take(self) -> Gallery:
        """Bring back the gallery, all of it lit; what is shown of one head goes."""
        assert self.gallery is not None
        gallery = self.gallery
        gone = [*map(FadeOut, (*self.beside, *self.frames.values(), *self.entries))]
        lit = [Light(thumb, BACK, 1) for thumb in self.dimmed]
        if self.away:
            self.clear_stage(then=[FadeIn(gallery)])
        elif gone or lit:
            self.play(*gone, *lit, run_time=0.6)
        self.beside, self.frames, self.dimmed, self.entries, self.away = [], {}, [], [], False
        return gallery
