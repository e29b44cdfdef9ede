"""One word in several sentences, and its path through the layers, which depends on the context."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    Circle,
    FadeIn,
    GrowFromCenter,
    LaggedStart,
    Mobject,
    Rectangle,
    VGroup,
)

from attnviz.stage import (
    Array,
    Board,
    NumberMark,
    SentenceName,
    SidePanel,
    Stage,
    Way,
    Word,
    WordMarker,
    Writing,
    ends,
    fitted,
    frame,
    leaves,
    number_marks,
    replaced,
    roll,
    theme,
    unless,
    visible_word,
)

STOP = frame.px(23)
"""The radius of a numbered stop: the digits in it are 24 px high."""
APART = frame.px(54)
"""A stop that is nearer than this to another, or to the end, is a small dot without a number."""
LEAST_SHARE = 1e-6
MOST = 3
"""So many sentences are told beside one plane."""
GONE = "'{}' has gone its way in this sentence; name another sentence, or leave this shot out"


class LayerDrift(Stage):
    """A word's path through a model's layers in a plane, one for each sentence, and where it ends."""

    writes_sentence = ("drift",)

    def setup(self) -> None:
        """Start with an empty stage."""
        self.made: Board | None = None
        self.panel = SidePanel()
        self.ways: dict[tuple[str, str], str] = {}  # words that have moved along a path, by word and sentence
        self.told: list[VGroup] = []

    # Verbs ----------------------------------------------------------------------------------------------------

    @unless("plane", say="the plane is already there; leave this shot out, or start a new scene")
    @leaves("plane")
    def show_plane(self, ticks: bool = False) -> None:
        """Draw the plane with its named axes, large enough for every point of every path."""
        self.play(self._lay_out(ticks=ticks).plane.opening())
        self.own(self.board.plane)

    @unless("word {words}", say="these words are already on the plane; show other words, or leave the shot out")
    @leaves("plane", "word {words}")
    def show_words(self, words: list[Word], icons: bool = True) -> None:
        """Show words where they enter the chosen layer."""
        fresh = {word: self.places.home(word) for word in self.newcomers(words, self.board.points)}
        points = self.board.make_points(fresh, self.word_color, icons=icons)
        self.play(*[GrowFromCenter(p.body) for p in points], *[FadeIn(p.label, shift=0.12 * UP) for p in points])
        self.own(*points)

    @unless("way {word} {sentence}", say=GONE)
    @ends("word {word}")
    @leaves("plane", "way {word} {sentence}")
    def drift(self, word: Word, sentence: SentenceName | None = None, like: Word | None = None) -> None:
        """Move a word through the layers, in the colour of the word `like` if given, and write where it ends."""
        name = sentence or self.sentence_names()[0]
        color = self.word_color(like or word)
        block = self._write_sentence(name, self._focused(word, like))

        # Start where the word is before the first of these layers
        steps = self._steps(name)
        point = self._start(word, name, color, steps[0])

        # Move on from layer to layer; every stop is marked by the number of layers that the word has passed
        count: Writing | None = None
        way = Way([point.vector], point, color, width=5)
        self.board.lay(way)
        self.add(way)
        for step in steps[1:]:
            begin = point.vector
            goal = self.places.after(step, [word], name)[word]
            counted, fresh = self._counted(step, name, block, count)
            stop = self._stop(step - 1, begin, color, name, word) if step > steps[1] else None
            marked = [] if stop is None else [FadeIn(stop, scale=0.5)]
            self.play(self.board.move({point.token: goal}), *counted, *marked, run_time=0.9)
            way.stops.append(np.array(goal))
            count = self._kept(count, fresh, block)

        # Write where it has ended
        numbers = self.places.numbers_after(steps[-1], word, name)
        place = self.formula("({x}, {y})", size=theme.BODY, color=color, x=numbers[0], y=numbers[1])
        assert count is not None
        place.next_to(count, RIGHT, buff=0.4).seat(count.baseline)
        block.add(place)
        ringed = [point.in_ring(color)] if like else []
        self.play(FadeIn(place, shift=0.1 * RIGHT), *ringed, self.board.settle(), run_time=0.8)

    def show_share(self, word: Word, sentence: SentenceName | None = None) -> None:
        """State how much of a word's vector, as it enters the chosen layer, the plane shows."""
        if not self.places.laid:
            self.refuse("this model's plane shows all of its vectors", "leave this shot out")
        share = self.number("plane_share", sentence, style="percent", decimals=2, token=word)
        while not share.shown and share.value >= LEAST_SHARE:  # a small share must not be shown as zero
            share = share.styled("percent", share.decimals + 1)
        layer = self.derived(self.places.start(sentence) + 1, "the layer that the word enters", style="whole")
        text = f"before layer {{n}}, we see {{p}} of {visible_word(word)}"
        text = self.phrase(text, theme.NOTE, theme.DIM, n=layer, p=share)
        self._state(text)

    def show_model(self) -> None:
        """State which model this is, how large it is, and whether its parameters were quantised."""
        name, quantised = self.trace_fact("model"), self.trace_fact("quantised")
        text = f"{name}, quantised ({quantised})" if quantised else name
        line = VGroup(self.prose(f"{text}:" if self.places.laid else f"model: {text}", theme.NOTE, theme.DIM, own=True))
        if self.places.laid:
            line.add(self._size().next_to(line, RIGHT, buff=0.2).seat(line[0].baseline))
        self._state(line)

    # How ------------------------------------------------------------------------------------------------------

    @property
    def board(self) -> Board:
        """The plane and its words; laid out now, without ticks, unless a shot has already laid them out."""
        if self.made is None:
            self.add(self._lay_out(ticks=False).plane)
        assert self.made is not None
        return self.made

    def _lay_out(self, *, ticks: bool) -> Board:
        self.made = Board.of(self.places, self.sentence_names(), ticks=ticks, aside=not self.panel.is_empty)
        return self.made

    def _aside(self) -> list[Animation]:
        return [] if self.board.plane.aside else [self.board.slide(aside=True)]

    def _steps(self, sentence: str) -> list[int]:
        """Return how many layers (or steps, on a blackboard) the word has passed at each stop of its path."""
        return list(range(self.places.start(sentence), self.places.last(sentence) + 1))

    def _start(self, word: str, sentence: str, color: str, step: int) -> WordMarker:
        """Put a point at the word's initial position, and return it."""
        token = f"{visible_word(word)}#{2 + len(self.ways)}"
        self.ways[word, sentence] = token
        vector = self.places.after(step, [word], sentence)[word]
        gone = self.board.points.pop(word, None)
        if gone is None:
            [point] = self.board.make_points({token: vector}, self.word_color)
            begun = self._begun(word, sentence, color, step, vector)
            self.play(GrowFromCenter(point.body), FadeIn(point.label), *begun, run_time=0.7)
            self.own(point)
            return point

        # A word that was shown before moves along the path itself, and leaves a mark behind
        gone.token, self.board.points[token] = token, gone
        if not np.allclose(vector, gone.vector):  # it was drawn as in another sentence
            self.play(self.board.move({token: vector}, run_time=0.6))
        if begun := self._begun(word, sentence, color, step, vector):
            self.play(*begun, run_time=0.4)
        return gone

    def _begun(self, word: str, sentence: str, color: str, step: int, vector: Array) -> list[Animation]:
        """Return the animation that leaves a mark where a path begins; none if another path begins there."""
        if any(np.allclose(stop.vector, vector) for stop in self.board.laid if isinstance(stop, _Stop)):
            return []
        return [FadeIn(self._stop(step, vector, color, sentence, word))]

    def _stop(self, step: int, vector: Array, color: str, sentence: str, word: str) -> _Stop:
        """Return the mark of a stop: its number in a ring, or a dot where others are too near."""
        at = self.board.plane.at
        rest = [self.places.after(k, [word], sentence)[word] for k in self._steps(sentence)]
        near = [float(np.linalg.norm(at(vector) - at(other))) for other in rest[: step - self._steps(sentence)[0]]]
        near += [float(np.linalg.norm(at(vector) - at(rest[-1]))) - STOP]
        crowded = any(gap < APART for gap in near) or any(
            float(np.linalg.norm(at(vector) - stop.get_center())) < APART
            for stop in self.board.laid
            if isinstance(stop, _Stop)
        )
        number = self.derived(step, f"{self.places.moves}s that the word has passed", style="whole", sentence=sentence)
        mark = None if crowded else number_marks([number], size=theme.SMALLEST_DIGITS + 1, color=color)[0]
        stop = _Stop(vector, color, mark)
        self.board.lay(stop)
        return stop

    def _focused(self, word: str, like: str | None) -> list[Animation]:
        """Return the animations that dim all but the word and what it becomes like, and show its paths large."""
        lit = [each for each in (word, like) if each in self.board.points]
        homes = [self.board.points[each].vector for each in lit]
        paths = [
            self.places.after(step, [word], name)[word]
            for name in self.sentence_names()
            if word in self.tokens(name)
            for step in self._steps(name)
        ]
        dimmed = self.board.focus([*lit, *self.ways.values()], aside=True, room=[*homes, *paths])
        return [*dimmed, self.board.slide(aside=True)]

    def _write_sentence(self, sentence: str, room: list[Animation]) -> VGroup:
        """Write a sentence beside the plane, under those before it, as room is made; return what is told of it."""
        if len(self.told) == MOST:
            self.refuse("there is no room for another sentence", "show two or three in one scene")
        for rows in self.panel.rows[: 2 if self.told else 3]:
            chips = self.sentence_chips(sentence, width=self.panel.width, rows=rows)
            if not chips.is_cut:
                break
        # Below the sentence there is room for the count of layers, and for the place
        space = Rectangle(width=1, height=0.85, stroke_width=0, fill_opacity=0).next_to(chips, DOWN, buff=0)
        block = VGroup(chips, space.align_to(chips, LEFT))
        self.told.append(block)
        key = ("sentence", "block", "count")[len(self.told) - 1]
        moves = self.panel.put(key, block)
        self.play(LaggedStart(AnimationGroup(*moves, *room), chips.entrance(), lag_ratio=0.6), run_time=1.8)
        return block

    def _counted(self, step: int, sentence: str, block: VGroup, old: Writing | None) -> tuple[list[Animation], Writing]:
        number = self.derived(step, f"{self.places.moves}s that the word has passed", style="whole", sentence=sentence)
        count = self.phrase(f"{self.places.moves} {{n}}", color=theme.DIM, n=number)
        if old is None:
            count.next_to(block[0], DOWN, buff=0.3).align_to(block[0], LEFT)
            return [FadeIn(count)], count
        count.move_to(old, aligned_edge=LEFT).seat(old.baseline)
        return [roll(old.marks["n"], count.marks["n"])], count

    def _kept(self, old: Writing | None, count: Writing, block: VGroup) -> Writing:
        if old is not None:
            self.remove(*old.get_family())
            block.remove(old)
        self.add(count)
        block.add(count)
        return count

    def _state(self, line: Mobject) -> None:
        """Write a fact beside the plane, under the sentences; it replaces the one before."""
        before = self.panel.parts.pop("fact", None)
        moves = self.panel.put("fact", fitted(line))
        self.play(*replaced(before, line), *moves, *self._aside(), run_time=1.0)

    def _size(self) -> Writing:
        """Return a line on how many layers the model has and, if the trace tells, how many heads there are in each."""
        told = {"layer": self.derived(self.places.last(), "layers that a word passes", style="whole")}
        if self.has("concatenated"):  # the outputs of all heads, side by side
            heads = len(self.labels("concatenated", "d_concat")) // len(self.labels("head_outputs", "d_value"))
            told["head"] = self.derived(heads, "d_concat / d_value", style="whole")
        text = " × ".join(f"{{{what}}} {what if n.value == 1 else what + 's'}" for what, n in told.items())
        return self.phrase(text, theme.NOTE, theme.DIM, **told)


class _Stop(VGroup):
    """A stop of a path: a ring with its number, or a dot."""

    def __init__(self, vector: Array, color: str, number: NumberMark | None) -> None:
        radius = STOP if number is not None else 0.07
        ring = Circle(radius=radius, color=color, stroke_width=3, fill_color=theme.GROUND, fill_opacity=1)
        super().__init__(ring)
        if number is None:
            ring.set_fill(color)
        else:
            self.add(number.move_to(ring))
        self.vector = np.array(vector, dtype=float)
        self.set_z_index(1.9 if number is None else 2)  # no dot covers a number

    def lay(self, plane: Any) -> None:
        """Move it to where its vector is."""
        self.move_to(plane.at(self.vector))

    def rects(self) -> list[tuple[float, float, float, float]]:
        """Return a square of twice its size: names may stand near it, but not on it."""
        x, y, _ = self.get_center()
        reach = 2 * (STOP if len(self) > 1 else 0.1)
        return [(x - reach, y - reach, x + reach, y + reach)]

    def owned(self) -> Iterator[tuple[Mobject, Mobject]]:
        """Yield the number with its ring."""
        if len(self) > 1:
            yield self[1], self[0]
