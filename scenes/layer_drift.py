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
    FadeOut,
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
    OldPlace,
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
    roll_in_line,
    theme,
    unless,
    visible_word,
)

STOP = frame.px(23)
"""The radius of a numbered stop: the digits in it are 24 px high."""
APART = frame.px(54)
"""A stop that is nearer than this to another, or to the end, is a small dot without a number."""
DASHES = 9
"""Of the line from where a word began that goes along with another."""
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
        self.company: list[Mobject] = []  # the word that went along with the last one, and its way
        self.told: list[VGroup] = []
        self.shown: dict[str, None] = {}  # words that have been on the plane, in order
        self.share: Writing | None = None  # of the variance that the plane shows, after the layers that are passed
        self.passed: int | None = None

    # Verbs ----------------------------------------------------------------------------------------------------

    @unless("plane", say="the plane is already there; leave this shot out, or start a new scene")
    @leaves("plane")
    def show_plane(self, ticks: bool = False) -> None:
        """Draw the plane with its named axes, large enough for every point of every path.

        Seen: A plane with two axes is drawn[: {across} to the right, and {upwards} upwards].

        Plays: plane.
        """
        self.play(self._lay_out(ticks=ticks).plane.opening(), beat="plane")
        self.own(self.board.plane)

    @unless("word {words}", say="these words are already on the plane; show other words, or leave the shot out")
    @leaves("plane", "word {words}")
    def show_words(self, words: list[Word], icons: bool = True) -> None:
        """Show words where they enter the chosen layer; a plane that is not there yet comes with them.

        Seen: Points appear in the plane, each with its name: {words}.

        Plays: words.
        """
        opening = [self._lay_out(ticks=False).plane.opening()] if self.made is None else []
        fresh = {word: self.places.home(word) for word in self.newcomers(words, self.board.points)}
        self.shown |= dict.fromkeys(fresh)
        points = self.board.make_points(fresh, self.word_color, icons=icons, written=self.written_word)
        come = [AnimationGroup(GrowFromCenter(p.body), FadeIn(p.label, shift=0.12 * UP)) for p in points]
        self.play(*opening, *come, beat="words")
        self.own(self.board.plane, *points)
        if self.board.needs_leaders():
            self.play(self.board.settle(0.5))

    @unless("way {word} {sentence}", say=GONE)
    @ends("word {word}", "word {like}")
    @leaves("plane", "way {word} {sentence}", "way {like} {sentence}")
    def drift(self, word: Word, sentence: SentenceName | None = None, like: Word | None = None) -> None:
        """Move a word through the layers, in the colour of the word `like`, which moves too; write where it ends.

        Seen: Beside the plane stands the sentence {sentence}. Layer by layer, {word} moves along a path with numbered
        stops. [It ends at {values point_steps[word, :]}.]

        Plays: sentence, start, layers, place.
        """
        name = sentence or self.sentence_names()[0]
        color = self.word_color(like or word)
        along = [like] if like and like != word and (like, name) not in self.ways else []
        block = self._write_sentence(name, self._focused(word, along, name))

        # Start where the words are before the first of these layers
        steps = self._steps(name)
        points = self._start([word, *along], name, color, steps[0])
        point = points[word]

        # Move on from layer to layer; every stop is marked by the number of layers that the word has passed
        count: Writing | None = None
        way = Way([point.vector], point, color, width=5)
        self.board.lay(way)
        self.add(way)
        for step in steps[1:]:
            begin = point.vector
            goals = {points[each].token: at for each, at in self.places.after(step, [*points], name).items()}
            counted, fresh = self._counted(step, name, block, count)
            stop = self._stop(step - 1, begin, color, name, word) if step > steps[1] else None
            marked = [] if stop is None else [FadeIn(stop, scale=0.5)]
            self._play_layer(step, name, [self.board.move(goals), *counted, *marked], run_time=0.9, beat="layers")
            way.stops.append(np.array(goals[point.token]))
            count = self._kept(count, fresh, block)

        # Write where it has ended
        numbers = self.places.numbers_after(steps[-1], word, name)
        place = self.formula("({x}, {y})", size=theme.BODY, color=color, x=numbers[0], y=numbers[1])
        assert count is not None
        place.next_to(count, RIGHT, buff=0.4).seat(count.baseline)
        block.add(place)
        ringed = [point.in_ring(color)] if like else []
        for each in points.values():
            each.home = None  # its name need not stand where it stood before
        self.play(FadeIn(place, shift=0.1 * RIGHT), *ringed, self.board.settle(), run_time=0.8, beat="place")

    def show_share(self, word: Word, sentence: SentenceName | None = None) -> None:
        """State how much of a word's vector, as it enters the chosen layer, the plane shows.

        Seen: Below the sentences, a line says how much of the vector of {word} the plane shows[: {plane_share[word]}].

        Plays: share.
        """
        if not self.places.laid:
            self.refuse("this model's plane shows all of its vectors", "leave this shot out")
        share = self.number("plane_share", sentence, style="percent", decimals=2, token=word).not_zero()
        layer = self.derived(self.places.start(sentence) + 1, "the layer that the word enters", style="whole")
        text = f"before layer {{n}}, we see {{p}} of {visible_word(word)}"
        self._state(self.phrase(text, theme.NOTE, theme.DIM, n=layer, p=share), beat="share")

    @unless("variance", say="the share of the variance is already there; leave this shot out")
    @leaves("variance")
    def show_variance(self) -> None:
        """State how much of the variance of the words that the plane was laid through it shows, in every layer anew.

        Seen: A line says how much of the variance of the words the plane shows[; before the first layer, {values
        variance_shown[:]}].

        Plays: share.
        """
        if not self.places.laid:
            self.refuse("this model's plane shows all of its vectors", "leave this shot out")
        self.passed = self.places.start() if self.passed is None else self.passed
        self.share = self._variance(self.passed, None)
        moves = self.panel.put("share", VGroup(self.share))
        self.play(FadeIn(self.share), *moves, *self._aside(), run_time=1.0, beat="share")

    def show_model(self) -> None:
        """State which model this is, how large it is, and whether its parameters were quantised.

        Seen: Below the plane, a line says which model this is[: {model}].

        Plays: model.
        """
        name, quantised = self.trace_fact("model"), self.trace_fact("quantised")
        text = f"{name}, quantised ({quantised})" if quantised else name
        line = VGroup(self.prose(f"{text}:" if self.places.laid else f"model: {text}", theme.NOTE, theme.DIM, own=True))
        if self.places.laid:
            line.add(self._size().next_to(line, RIGHT, buff=0.2).seat(line[0].baseline))
        self._state(line, beat="model")

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

    def _start(self, words: list[str], sentence: str, color: str, step: int) -> dict[str, WordMarker]:
        """Put points where words begin, the first of which leaves a numbered mark there; return them by word."""
        vectors = self.places.after(step, words, sentence)
        there = {word: self.board.points.pop(word) for word in words if word in self.board.points}
        for word in words:
            self.ways[word, sentence] = f"{visible_word(word)}#{2 + len(self.ways)}"
        for word, point in there.items():
            point.token = self.ways[word, sentence]
            self.board.points[point.token] = point
        moved = {p.token: vectors[word] for word, p in there.items() if not np.allclose(vectors[word], p.vector)}
        if moved:  # they were drawn as in another sentence
            self.play(self.board.move(moved, run_time=0.6))

        # A word that is not shown yet comes; all of them leave a mark behind
        fresh = {self.ways[word, sentence]: vectors[word] for word in words if word not in there}
        named = {self.ways[word, sentence]: word for word in words}
        points = self.board.make_points(
            fresh, lambda way: self.word_color(named[way]), written=lambda way: self.written_word(named[way])
        )
        marks = [
            *self._begun(words[0], sentence, color, step, vectors[words[0]]),
            *self._left_behind(words[1:], sentence),
        ]
        come = [animation for p in points for animation in (GrowFromCenter(p.body), FadeIn(p.label))]
        come += [self.board.settle(for_words=points)] if points else []
        if come or marks:
            self._play_layer(step, sentence, [*come, *marks], run_time=0.7 if come else 0.4, beat="start")
        self.own(*points)
        return {word: self.board.points[self.ways[word, sentence]] for word in words}

    def _left_behind(self, words: list[str], sentence: str) -> list[Animation]:
        """Return the animations that leave rings where words set out, each with a line to where its word is."""
        rings: list[Mobject] = []
        for word in words:
            point = self.board.points[self.ways[word, sentence]]
            ring = OldPlace(point.vector, point.word_color).set_fill(theme.GROUND, 1)
            line = Way([point.vector], point, point.word_color, dashes=DASHES, opacity=0.85)
            self.board.lay(ring, line)
            self.add(line)
            self.company += [ring, line, point]
            rings.append(ring)
        return [FadeIn(ring) for ring in rings]

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

    def _focused(self, word: str, along: list[str], sentence: str) -> list[Animation]:
        """Return the animations that dim all but the words that move in a sentence, and show their paths large."""
        lit = [each for each in (word, *along) if each in self.board.points]
        homes = [self.board.points[each].vector for each in lit]
        self.shown |= dict.fromkeys([word, *along])
        paths = [  # of all words in all sentences, so that the plane keeps its size from one to the next
            self.places.after(step, [each], name)[each]
            for name in self.sentence_names()
            for each in self.shown
            if each in self.tokens(name)
            for step in self._steps(name)
        ]
        gone = self._dismissed()
        dimmed = self.board.focus([*lit, *self.ways.values()], aside=True, room=[*homes, *paths])
        return [*gone, *dimmed, self.board.slide(aside=True)]

    def _dismissed(self) -> list[Animation]:
        """Return the animations in which the word that went along with the last one goes, with all that is its own."""
        self.board.points = {token: point for token, point in self.board.points.items() if point not in self.company}
        self.board.forget(self.company)
        gone: list[Animation] = [FadeOut(each) for each in self.company]
        self.company = []
        return gone

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
        self.play(
            LaggedStart(AnimationGroup(*moves, *room), chips.entrance(), lag_ratio=0.6), run_time=1.8, beat="sentence"
        )
        return block

    def _counted(self, step: int, sentence: str, block: VGroup, old: Writing | None) -> tuple[list[Animation], Writing]:
        number = self.derived(step, f"{self.places.moves}s that the word has passed", style="whole", sentence=sentence)
        count = self.phrase(f"{self.places.moves} {{n}}", color=theme.DIM, n=number)
        if old is None:
            count.next_to(block[0], DOWN, buff=0.3).align_to(block[0], LEFT)
            return [FadeIn(count)], count
        return [roll_in_line(old, count)], count

    def _variance(self, step: int, sentence: str | None) -> Writing:
        share = self.number("variance_shown", sentence, style="percent", decimals=2, depth=step)
        return self.phrase("we see {p} of the axis words’ variance", theme.NOTE, theme.DIM, p=share)

    def _play_layer(self, step: int, sentence: str, animations: list[Animation], run_time: float, beat: str) -> None:
        """Play; if the share of the variance is on stage, it becomes that after so many layers meanwhile."""
        fresh = None
        if self.share is not None and step != self.passed:
            fresh = self._variance(step, sentence)
            animations = [*animations, roll_in_line(self.share, fresh, "p")]
        self.passed = step
        self.play(*animations, run_time=run_time, beat=beat)
        if fresh is not None:
            self.share = self._kept(self.share, fresh, self.panel.parts["share"])

    def _kept(self, old: Writing | None, fresh: Writing, group: Mobject) -> Writing:
        """Put a line into a group, in the place of an old one, whose number has become its own; return it."""
        if old is not None:
            group.remove(old)
        group.add(fresh)
        return fresh

    def _state(self, line: Mobject, beat: str) -> None:
        """Write a fact beside the plane, under the sentences; it replaces the one before."""
        before = self.panel.parts.pop("fact", None)
        moves = self.panel.put("fact", fitted(line))
        self.play(*replaced(before, line), *moves, *self._aside(), run_time=1.0, beat=beat)

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
