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

from attnviz.stage import Stage, derive, fitted_words, frame, leaves, needs, theme, unless, visible_word

MOST_LAYERS, MOST_WORDS, NEXT = 12, 8, 2
"""So many layers and words find room, and so many of the next words are named."""
LEAST = 0.005
"""A word that is less likely than this is among the others."""
SMOOTHNESS = 16
"""Points of an edge of the stream between two stages."""
GAP, SEAM = frame.px(3), frame.px(1)
"""Between bands, and by how much a part of a band reaches over the next, so that no seam is seen."""
PLUS, THINNEST = frame.px(17), frame.px(4)


class TransformerMap(Stage):
    """The residual stream of a sentence: as wide as its vectors' norms, through attention and feed-forward layers."""

    def setup(self) -> None:
        """Start with an empty stage."""
        self.xs: list[float] = []
        self.norms = np.zeros((0, 0))

    # Verbs ----------------------------------------------------------------------------------------------------

    @unless("map", say="the map is already there; leave this shot out")
    @leaves("map")
    def show_map(self) -> None:
        """Draw a model's layers, and let a sentence flow through them, as wide as the norms of its vectors."""
        words = self._checked()
        self.norms = self.read("residual_norm").values
        self.xs = self._places(len(self.norms))
        inks = {word: self.word_color(word) for word in words}
        colors = [theme.RESIDUAL if ink == theme.INK else ink for ink in inks.values()]
        names = fitted_words(words, 1.9, size=theme.WORD, colors=inks)
        pitch = min(0.72, frame.MAP_STREAM.height / len(words))
        starts = VGroup()
        for k, (name, (top, bottom)) in enumerate(zip(names, self._edges(0), strict=True)):
            y = frame.MAP_STREAM.center[1] + ((len(names) - 1) / 2 - k) * pitch
            name.move_to([frame.MAP_WORDS, 0, 0], aligned_edge=RIGHT).seat(y - 0.13)
            start = ((y + THINNEST / 2, y - THINNEST / 2), (top, bottom))
            starts.add(_band((frame.MAP_WORDS + 0.12, self.xs[0]), start, colors[k]))
        self.play(LaggedStart(*map(FadeIn, names), lag_ratio=0.2), run_time=0.9)
        self.play(FadeIn(starts, shift=0.2 * RIGHT), run_time=0.6)
        for layer in range(1, len(self.xs)):
            edges = zip(self._edges(layer - 1), self._edges(layer), colors, strict=True)
            flow = VGroup(*[_band((self.xs[layer - 1], self.xs[layer]), (a, b), color) for a, b, color in edges])
            come = [FadeIn(self._boxes(layer)), FadeIn(flow, shift=0.2 * RIGHT), FadeIn(self._name_below(layer))]
            self.play(*come, run_time=1.6 if layer == 1 else 0.7)

    @needs("map", say="there is no map yet; begin with show_map")
    @unless("norms", say="the norms are already there; leave this shot out")
    @leaves("norms")
    def show_norms(self) -> None:
        """Say how the norm of the last word's vector grows on its way."""
        word = self.tokens()[-1]
        depths = self.labels("residual_norm", "depth")
        first, last = (self.number("residual_norm", decimals=1, depth=depths[k], token=word) for k in (0, -1))
        template = f"the width is the norm: that of “{visible_word(word)}” goes from {{first}} to {{last}}"
        note = self.phrase(template, size=theme.NOTE, color=theme.DIM, first=first, last=last)
        note.move_to([frame.CONTENT.left, 0, 0], aligned_edge=LEFT).seat(frame.LOWEST_LINE)
        self.play(FadeIn(note), run_time=0.8)

    @needs("map", say="there is no map yet; begin with show_map")
    @unless("next", say="the next words are already there; leave this shot out")
    @leaves("next")
    def predict(self) -> None:
        """Show the words that are most likely to follow, each with its probability, and all others together."""
        word = self.tokens()[-1]
        if not self.has("probabilities"):
            self.refuse("this model does not guess a next word", "take one that does, such as small")
        found = self.read("probabilities", token=word)
        labels = [str(label) for label in found["vocabulary"].values]
        order = [k for k in np.argsort(-found.values)[:NEXT] if found.values[k] >= LEAST]
        shares = [self.number("probabilities", style="percent", token=word, vocabulary=labels[k]) for k in order]
        shares.append(self.rest_of(shares, "percent"))
        names = [self.prose(visible_word(labels[k]), own=True) for k in order]
        names.append(self.prose("all others", color=theme.DIM))
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
            self.play(FadeIn(way, shift=0.2 * RIGHT), run_time=0.6)
            self.play(GrowFromEdge(bar, LEFT), FadeIn(name), derive(mark, way), run_time=0.7)
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
        """Return the two parts of a layer above the stream, each with its way down to it."""
        left, right = self.xs[layer - 1], self.xs[layer]
        pitch, boxes = (right - left) / 2, VGroup()
        for k, (called, ink) in enumerate(((("attention",), theme.INK), (("feed-", "forward"), theme.DIM))):
            box = RoundedRectangle(corner_radius=0.06, width=pitch - 0.1, height=1.2 if layer == 1 else 0.42)
            box.set_stroke(ink, 3).set_fill(theme.SURFACE, 1)
            box.move_to([left + (k + 0.5) * pitch, frame.MAP_BOXES.center[1], 0])
            shares = (self._edges(layer - 1)[0][0], self._edges(layer)[0][0])
            foot = shares[0] + smooth((k + 0.5) / 2) * (shares[1] - shares[0])
            way = Line(box.get_bottom(), [float(box.get_center()[0]), foot, 0], color=ink, stroke_width=3)
            added = VGroup(Circle(radius=PLUS, stroke_width=3, color=ink).set_fill(theme.GROUND, 1))
            added.add(*[Line(PLUS * end, -PLUS * end, color=ink, stroke_width=3).scale(0.55) for end in (UP, RIGHT)])
            boxes.add(way, box, added.move_to([float(box.get_center()[0]), foot, 0]).set_z_index(2))
            if layer == 1:
                lines = [self.prose(line, size=theme.NOTE, color=ink) for line in called]
                boxes.add(VGroup(*lines).arrange(DOWN, buff=0.12).move_to(box))
        return boxes

    def _name_below(self, layer: int) -> VGroup:
        """Return the bracket under a layer, and its name."""
        left, right, y = self.xs[layer - 1] + 0.06, self.xs[layer] - 0.06, frame.MAP_LAYERS + 0.42
        bracket = VMobject(color=theme.DIM, stroke_width=3)
        bracket.set_points_as_corners([[left, y + 0.1, 0], [left, y, 0], [right, y, 0], [right, y + 0.1, 0]])
        label = self.labels("residual_norm", "depth")[layer]
        name = self.prose(f"layer {label}" if layer == 1 else label, size=theme.NOTE, color=theme.DIM, own=True)
        return VGroup(bracket, name.set_x((left + right) / 2).seat(frame.MAP_LAYERS))


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
