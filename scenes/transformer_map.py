"""A whole transformer as a map: the residual stream of a sentence through all layers, and the words that may follow."""

from __future__ import annotations

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Circle,
    FadeIn,
    GrowFromEdge,
    LaggedStart,
    Line,
    Rectangle,
    RoundedRectangle,
    VGroup,
    VMobject,
    smooth,
)

from attnviz.stage import Slice, Stage, Tiles, derive, fitted_words, frame, leaves, needs, theme, unless, visible_word

MOST_LAYERS, MOST_WORDS, NEXT = 12, 8, 2
"""So many layers and words find room, and so many of the next words are named."""
LEAST = 0.005
"""A word that is less likely than this is among the others."""
SMOOTHNESS = 16
"""Points of an edge of the stream between two stages."""
GAP, SEAM = frame.px(3), frame.px(1)
"""Between bands, and by how much a part of a band reaches over the next, so that no seam is seen."""
PLUS, THINNEST = frame.px(17), frame.px(4)
NAMES = "embedding", "+ position"


class TransformerMap(Stage):
    """The residual stream of a sentence: as wide as its vectors' norms, through attention and feed-forward layers."""

    def setup(self) -> None:
        """Start with an empty stage."""
        self.xs: list[float] = []
        self.norms = np.zeros((0, 0))
        self.names: VGroup | None = None
        self.entry = frame.MAP_WORDS  # the x from which the words flow into the layers

    # Verbs ----------------------------------------------------------------------------------------------------

    @unless("map", say="the map is already there; leave this shot out")
    @unless("words", say="the words are already there; leave this shot out")
    @leaves("words")
    def show_words(self) -> None:
        """Write the sentence's words, one below the other, where they will flow into the layers.

        Seen: The words of {sentence} are written one below the other.

        Plays: words.
        """
        self._write_words()

    @unless("map", say="the map is already there; show the embeddings before it")
    @unless("embeddings", say="the embeddings are already there; leave this shot out")
    @leaves("words", "embeddings")
    def show_embeddings(self) -> None:
        """Show each word's embedding, and the vector of its position, which is added: the first numbers, as squares.

        Seen: Beside each word, coloured squares in a row stand for its embedding, and the row of its position is added.
        [A note says that {"number of coordinates shown"} of {"number of coordinates"} numbers are drawn.]

        Plays: words, embeddings, position_vectors, count.
        """
        if not (self.has("embeddings") and self.has("position_vectors")):
            self.refuse("this model adds no vectors of positions to embeddings", "leave this shot out")
        words = self._write_words()
        whole = self.labels("embeddings", "d_model")
        shown = whole[: frame.MAP_ENTRIES[0] * frame.MAP_ENTRIES[1]]
        lines = self._heights(len(words))[0] + self._pitch(len(words)) / 2 + 0.12, frame.MAP_LAYERS
        parts = zip(("embeddings", "position_vectors"), frame.MAP_VECTORS, NAMES, lines, strict=True)
        for array, x, called, line in parts:
            vectors = VGroup()
            for word, y in zip(words, self._heights(len(words)), strict=True):
                flat = self.numbers(array, token=word, d_model=shown)
                rows = [flat[k : k + frame.MAP_ENTRIES[1]] for k in range(0, len(flat), frame.MAP_ENTRIES[1])]
                ink = self.word_color(word)
                room = min(frame.MAP_TILE, 0.85 * self._pitch(len(words)) / frame.MAP_ENTRIES[0])
                vectors.add(Tiles(rows, room, None if ink == theme.INK else ink).move_to([x, y, 0]))
            name = self.prose(called, size=theme.NOTE, color=theme.DIM)
            name.set_x(sum(frame.MAP_VECTORS) / 2).seat(line)
            self.play(LaggedStart(*map(FadeIn, vectors), lag_ratio=0.15), FadeIn(name), run_time=1.3, beat=array)
        s, w = (
            self.derived(len(labels), f"number of coordinates{what}", "whole")
            for labels, what in ((shown, " shown"), (whole, ""))
        )
        note = self.phrase("{s} of {w} numbers", size=theme.NOTE, color=theme.DIM, s=s, w=w)
        note.move_to([frame.CONTENT.left, 0, 0], aligned_edge=LEFT).seat(frame.LOWEST_LINE)
        self.play(FadeIn(note), run_time=0.5, beat="count")
        self.entry = frame.MAP_VECTORS[1] + frame.MAP_ENTRIES[1] / 2 * frame.MAP_TILE

    @unless("map", say="the map is already there; leave this shot out")
    @leaves("map")
    def show_map(self) -> None:
        """Draw a model's layers, and let a sentence flow through them, as wide as the norms of its vectors.

        Seen: From each word, a band flows to the right through the layers, each a column of attention and feed-forward
        network. It grows wider on its way.

        Plays: words, ways, layers.
        """
        words = self._write_words()
        self.norms = self.read("residual_norm").values
        self.xs = self._places(len(self.norms))
        inks = [self.word_color(word) for word in words]
        colors = [theme.RESIDUAL if ink == theme.INK else ink for ink in inks]
        starts = VGroup()
        for y, color, goal in zip(self._heights(len(words)), colors, self._edges(0), strict=True):
            start = ((y + THINNEST / 2, y - THINNEST / 2), goal)
            starts.add(_band((self.entry + 0.12, self.xs[0]), start, color))
        self.play(FadeIn(starts, shift=0.2 * RIGHT), run_time=0.6, beat="ways")
        for layer in range(1, len(self.xs)):
            edges = zip(self._edges(layer - 1), self._edges(layer), colors, strict=True)
            flow = VGroup(*[_band((self.xs[layer - 1], self.xs[layer]), (a, b), color) for a, b, color in edges])
            come = [FadeIn(self._boxes(layer)), FadeIn(flow, shift=0.2 * RIGHT), FadeIn(self._name_below(layer))]
            self.play(*come, run_time=1.6 if layer == 1 else 0.7, beat="layers")

    @needs("map", say="there is no map yet; begin with show_map")
    @unless("norms", say="the norms are already there; leave this shot out")
    @leaves("norms")
    def show_norms(self) -> None:
        """Say how the norm of the last word's vector grows on its way.

        Seen: Below, a line says how the norm of the last word's vector grows[: from {smallest residual_norm[:, :]} to
        {largest residual_norm[:, :]}].

        Plays: norms.
        """
        word = self.tokens()[-1]
        depths = self.labels("residual_norm", "depth")
        first, last = (self.number("residual_norm", decimals=1, depth=depths[k], token=word) for k in (0, -1))
        template = f"width = norm: “{visible_word(word)}” from {{first}} to {{last}}"
        note = self.phrase(template, size=theme.NOTE, color=theme.DIM, first=first, last=last)
        note.move_to([frame.MAP_STREAM.left, 0, 0], aligned_edge=LEFT).seat(frame.LOWEST_LINE)
        note.shift(min(0.0, frame.MAP_STREAM.right - float(note.get_right()[0])) * RIGHT)  # beside it, there is softmax
        self.play(FadeIn(note), run_time=0.8, beat="norms")

    @needs("map", say="there is no map yet; begin with show_map")
    @unless("next", say="the next words are already there; leave this shot out")
    @leaves("next")
    def predict(self) -> None:
        """Show the words that are most likely to follow, each with its probability, and all others together.

        Seen: At the right end, the last band parts into words that may follow[: {probabilities[:, :]}].

        Plays: end, ways, words.
        """
        word = self.tokens()[-1]
        if not self.has("probabilities"):
            self.refuse("this model does not guess a next word", "take one that does, such as small")
        found = self.read("probabilities", token=word)
        labels = [str(label) for label in found["vocabulary"].values]
        order = [k for k in np.argsort(-found.values)[:NEXT] if found.values[k] >= LEAST]
        shares = [self.number("probabilities", style="percent", token=word, vocabulary=labels[k]) for k in order]
        shares.append(self.rest_of(shares, "percent", 2).not_zero())
        names = [self.prose(visible_word(labels[k]), color=self.word_color(labels[k]), own=True) for k in order]
        unnamed = self.derived(len(labels) - len(order), "words of the vocabulary without the named ones", "whole")
        names.append(self.phrase("{n} others", size=theme.WORD, color=theme.DIM, n=unnamed))
        self.play(FadeIn(self._ends()), run_time=0.6, beat="end")
        room, left = frame.MAP_PREDICTIONS, frame.MAP_PREDICTIONS.left
        pitch = room.height / len(names)
        (top, bottom), x = self._edges(len(self.xs) - 1)[-1], self.xs[-1]
        for k, (name, share) in enumerate(zip(names, shares, strict=True)):
            y, end = room.top - (k + 0.5) * pitch, top - share.value * (top - bottom)
            thick = max(THINNEST, frame.MAP_BAR[1] * share.value)
            way = _band((x, left - 0.1), ((top, end), (y + thick / 2, y - thick / 2)), theme.WEIGHT)
            bar = Rectangle(width=max(0.04, frame.MAP_BAR[0] * share.value), height=thick).set_fill(theme.WEIGHT, 1)
            bar.set_stroke(width=0).move_to([left - 0.1, y, 0], aligned_edge=LEFT)
            name.move_to([left, 0, 0], aligned_edge=LEFT).seat(y + 0.3)
            mark = self.formula("{p}", size=theme.NOTE, p=share).next_to(bar, RIGHT, buff=0.16)
            self.play(FadeIn(way, shift=0.2 * RIGHT), run_time=0.6, beat="ways")
            self.play(GrowFromEdge(bar, LEFT), FadeIn(name), derive(mark, way), run_time=0.7, beat="words")
            top = end

    # How ------------------------------------------------------------------------------------------------------

    def _checked(self) -> list[str]:
        """Return the words; refuse a model or a sentence of which there is no map."""
        if not self.has("residual_norm"):
            self.refuse("this model has no layers to go through", "take a transformer, such as small")
        words, layers = self.tokens(), len(self.labels("residual_norm", "depth")) - 1
        if len(words) > MOST_WORDS or layers > MOST_LAYERS:
            self.refuse(f"{len(words)} words in {layers} layers do not fit on the map", "take a shorter sentence")
        return words

    def _write_words(self) -> list[str]:
        """Write the words, unless they are there, and return them."""
        words = self._checked()
        if self.names is None:
            width = frame.MAP_WORDS - frame.CONTENT.left
            self.names = fitted_words(words, width, size=theme.WORD, colors={w: self.word_color(w) for w in words})
            for name, y in zip(self.names, self._heights(len(words)), strict=True):
                name.move_to([frame.MAP_WORDS, 0, 0], aligned_edge=RIGHT).seat(y - 0.13)
            self.play(LaggedStart(*map(FadeIn, self.names), lag_ratio=0.2), run_time=0.9, beat="words")
        return words

    def _pitch(self, count: int) -> float:
        """Return how far so many words stand apart."""
        return min(0.72, frame.MAP_STREAM.height / count)

    def _heights(self, count: int) -> list[float]:
        """Return the middles (y) of so many words, from top to bottom."""
        return [frame.MAP_STREAM.center[1] + ((count - 1) / 2 - k) * self._pitch(count) for k in range(count)]

    def _places(self, count: int) -> list[float]:
        """Return where the layers begin and end (x): the first one, whose parts are named, is the longest."""
        left, right = frame.MAP_STREAM.left, frame.MAP_STREAM.right
        if count == 2:
            return [left, right]
        middle = left + (right - left) * frame.MAP_FIRST_LAYER
        return [left, *np.linspace(middle, right, count - 1)]

    def _edges(self, depth: int) -> list[tuple[float, float]]:
        """Return where each word's band begins and ends (y) at a depth, from top to bottom."""
        gaps = GAP * (self.norms.shape[1] - 1)
        unit = (frame.MAP_STREAM.height - gaps) / float(self.norms.sum(axis=1).max())
        widths = np.maximum(THINNEST, unit * self.norms[depth])
        top, edges = frame.MAP_STREAM.center[1] + (float(widths.sum()) + gaps) / 2, []
        for width in map(float, widths):
            edges.append((top, top - width))
            top -= width + GAP
        return edges

    def _boxes(self, layer: int) -> VGroup:
        """Return the two parts of a layer above the stream, each with its way to it and back."""
        boxes = VGroup()
        for k, (called, ink) in enumerate(((("attention",), theme.INK), (("feed-", "forward"), theme.DIM))):
            pitch = (self.xs[layer] - self.xs[layer - 1]) / 2
            middle = self.xs[layer - 1] + (k + 0.5) * pitch
            box = RoundedRectangle(corner_radius=0.06, width=pitch - 0.1, height=frame.MAP_BOXES.height)
            box.set_stroke(ink, 3).set_fill(theme.SURFACE, 1).move_to([middle, frame.MAP_BOXES.center[1], 0])
            aside = pitch / 4 if layer == 1 else pitch / 5
            foot = self._upper_edge(layer, middle + aside)
            ways = [(middle - aside, self._upper_edge(layer, middle - aside)), (middle + aside, foot)]
            boxes.add(*[Line([x, box.get_bottom()[1], 0], [x, y, 0], color=ink, stroke_width=3) for x, y in ways], box)
            added = VGroup(Circle(radius=PLUS, stroke_width=3, color=ink).set_fill(theme.GROUND, 1))
            added.add(*[Line(PLUS * end, -PLUS * end, color=ink, stroke_width=3).scale(0.55) for end in (UP, RIGHT)])
            boxes.add(added.move_to([middle + aside, foot, 0]).set_z_index(2))
            label = VGroup()
            if layer == 1:
                label.add(*[self.prose(line, size=theme.NOTE, color=ink) for line in called])
                label.arrange(DOWN, buff=0.12).move_to(box)
                boxes.add(label, *self._norm(middle - aside))
            if k == 0 and self.has("all_weights"):
                if layer == 1:
                    label.align_to(box, UP).shift(0.14 * DOWN)
                boxes.add(self._heads(layer, box, label.height + 0.2 if layer == 1 else 0.0))
        return boxes

    def _upper_edge(self, layer: int, x: float) -> float:
        """Return the upper edge (y) of the stream within a layer."""
        share = smooth((x - self.xs[layer - 1]) / (self.xs[layer] - self.xs[layer - 1]))
        before, after = self._edges(layer - 1)[0][0], self._edges(layer)[0][0]
        return float(before + share * (after - before))

    def _norm(self, x: float) -> list[VGroup]:
        """Return the label of the norm that a part's input goes through, if the model has one there."""
        if not self.has("normed"):
            return []
        name = self.prose("norm", size=theme.NOTE, color=theme.DIM)
        around = RoundedRectangle(corner_radius=0.2, width=name.width + 0.26, height=0.4).set_stroke(theme.DIM, 2)
        return [VGroup(around.set_fill(theme.GROUND, 1), name).move_to([x, frame.MAP_BOXES.bottom - 0.42, 0])]

    def _heads(self, layer: int, box: RoundedRectangle, above: float) -> VGroup:
        """Return the attention weights of all heads of a layer, as small tables in its box, below a label."""
        words, label = self.tokens(), self.labels("all_weights", "each_layer")[layer - 1]
        heads = self.labels("all_weights", "each_head")
        width, height = box.width - 0.08, box.height - above - 0.12
        columns = max(range(1, len(heads) + 1), key=lambda n: min(width / n, height / -(-len(heads) // n)))
        room = min(width / columns, height / -(-len(heads) // columns))
        tables = VGroup()
        for head in heads:
            weights = Slice("all_weights", each_layer=label, each_head=head, query=words, key=words)
            tables.add(Tiles(weights.numbers(self, "fixed", None), 0.88 * room / len(words)))
        tables.arrange_in_grid(cols=columns, buff=0.12 * room)
        return tables.move_to(box).shift(above / 2 * DOWN)

    def _ends(self) -> VGroup:
        """Return the bracket under the predictions, with the names of what makes them."""
        left, right = frame.MAP_STREAM.right + 0.06, frame.MAP_PREDICTIONS.right
        names = [self.prose(each, size=theme.NOTE, color=theme.DIM) for each in ("unembedding", "softmax")]
        for name, y in zip(names, (frame.MAP_LAYERS, frame.LOWEST_LINE), strict=True):
            name.set_x((left + right) / 2).seat(y)
        return VGroup(_bracket(left, right), *names)

    def _name_below(self, layer: int) -> VGroup:
        """Return the bracket under a layer, and its name."""
        left, right = self.xs[layer - 1] + 0.06, self.xs[layer] - 0.06
        label = self.labels("residual_norm", "depth")[layer]
        name = self.prose(f"layer {label}" if layer == 1 else label, size=theme.NOTE, color=theme.DIM, own=True)
        return VGroup(_bracket(left, right), name.set_x((left + right) / 2).seat(frame.MAP_LAYERS))


def _bracket(left: float, right: float) -> VMobject:
    """Return the bracket under a part of the map."""
    y, bracket = frame.MAP_LAYERS + 0.42, VMobject(color=theme.DIM, stroke_width=3)
    return bracket.set_points_as_corners([[left, y + 0.1, 0], [left, y, 0], [right, y, 0], [right, y + 0.1, 0]])


def _band(xs: tuple[float, float], ends: tuple[tuple[float, float], tuple[float, float]], color: str) -> VMobject:
    """Return a part of the stream between two places, whose edges (top and bottom of each end) turn smoothly."""
    shares = np.linspace(0, 1, SMOOTHNESS)
    eased = np.array([smooth(share) for share in shares])
    x = xs[0] + shares * (xs[1] + SEAM - xs[0])
    (top, bottom), (last_top, last_bottom) = ends
    upper = np.column_stack([x, top + eased * (last_top - top)])
    lower = np.column_stack([x, bottom + eased * (last_bottom - bottom)])
    outline = np.vstack([upper, lower[::-1], upper[:1]])
    band = VMobject(stroke_width=0, fill_color=color, fill_opacity=1)
    return band.set_points_as_corners(np.column_stack([outline, np.zeros(len(outline))]))
