"""Words as points in a plane, and what attention does to them there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

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
    LaggedStart,
    Mobject,
    VGroup,
    there_and_back,
)

from attnviz.stage import (
    FRONT,
    TURNED,
    Array,
    Board,
    DropLine,
    Growth,
    MoveArrow,
    Number,
    OldPlace,
    Riding,
    SentenceName,
    SidePanel,
    Stage,
    Steps,
    Way,
    Word,
    WordMarker,
    Writing,
    ends,
    fitted,
    frame,
    haloed,
    leaves,
    needs,
    roll_in_line,
    share_bar,
    theme,
    unless,
    visible_word,
)

from .births import Births
from .sums import Derivation, pull_goal, pull_sum

NOT_SHOWN = "'{}' is not on the plane yet; show it first with show_words"
NONE_SHOWN = "none of the sentence's words is on the plane; show them first with show_words"
STANDS_STILL = frame.px(2)
"""A step that moves no word farther (frame units), or by more than one in the last place shown, is not seen."""
LEAST_WEIGHT = 1e-4
ONE_WEIGHT = 0.3
"""How long a weight takes to come, of several that come one after the other, in seconds."""
SWAY = 0.22
"""How far the turned plane sways, in radians: depth is seen from what moves against what."""


class EmbeddingPlane(Stage):
    """Words as points in a plane: groups of words, pulls between them, moves by exactly the attention weights."""

    writes_sentence = ("show_sentence",)

    def setup(self) -> None:
        """Start with an empty stage."""
        self.laid_out: Board | None = None
        self.panel, self.stays_aside = SidePanel(), False
        self.clouds, self.pulls, self.moves, self.drops = (list[Any]() for _ in range(4))
        self.counter: Writing | None = None
        self.left_behind: list[str] = []
        self.steps_done, self.is_settled, self.told = 0, False, False

    # Verbs ----------------------------------------------------------------------------------------------------

    @unless("plane", say="the plane is already there; leave this shot out, or start a new scene")
    @leaves("plane")
    def show_plane(self, side: Literal["left", "middle"] = "middle", ticks: bool = False) -> None:
        """Draw the plane with its named axes; it makes room for what comes beside it, or stands on the left at once.

        Seen: A plane with two axes is drawn[: {across} to the right, and {upwards} upwards]. [{if "tick of the
        axis"}Both are numbered.]

        Plays: plane.
        """
        self.stays_aside = side == "left"
        self.play(self._lay_out(ticks).plane.opening(), beat="plane")
        self.own(self.board.plane)

    @unless("word {words}", say="these words are already on the plane; show other words, or leave the shot out")
    @leaves("plane", "word {words}")
    def show_words(self, words: list[Word], icons: bool = True) -> None:
        """Show words at their embeddings: each is a list of numbers, which flies to its point and becomes the point.

        Seen: Lists of numbers fly into the plane, and become the points of {words}. [Across and up: {embeddings[words,
        :]}.|Across and up: {points[words, :]}.]

        Plays: numbers, points.
        """
        self._show(words, icons=icons)

    @needs("word {words}", say=NOT_SHOWN)
    @leaves("plane")
    def mark_group(self, words: list[Word]) -> None:
        """Draw a soft outline around words that belong together, and around no others.

        Seen: A soft outline is drawn around {words}.

        Plays: outline.
        """
        if not words:
            self.refuse("there are no words to surround", "name one or more")
        cloud = self.board.cloud(words)
        self.board.lay(cloud)
        self.clouds.append(cloud)
        self.play(FadeIn(cloud, scale=0.8), run_time=1.0, beat="outline")

    @needs("word {word}", say=NOT_SHOWN)
    def point_at(self, word: Word) -> None:
        """Draw the viewer's eye to a word with rings that spread from it.

        Seen: Rings spread from {word} in the plane.

        Plays: rings.
        """
        rings = [self.board.points[word].spread() for _ in range(2)]
        spread = [ring.animate.scale(2.4).set_stroke(opacity=0) for ring in rings]
        self.play(LaggedStart(*spread, lag_ratio=0.4), run_time=1.6, beat="rings")
        self.remove(*rings)

    def show_sentence(self, sentence: SentenceName | None = None) -> None:
        """Show a sentence as chips beside the plane, which makes room; the words that the scene uses are lit.

        Seen: Beside the plane stands the sentence {sentence}, each of its words on a chip.

        Plays: sentence.
        """
        for rows in self.panel.rows:
            chips = self.sentence_chips(sentence, width=self.panel.width, rows=rows)
            if not chips.is_cut:
                break
        self._clear_pulls()
        gone = self._drop_count(close=False) + self.panel.take()
        gone += self.panel.put("sentence", chips)
        gone += self._lights(sentence)
        if room := self._aside():
            self.play(
                LaggedStart(AnimationGroup(*gone, *room), chips.entrance(), lag_ratio=0.6),
                run_time=1.8,
                beat="sentence",
            )
        else:
            self.play(*gone, chips.entrance(), run_time=1.2, beat="sentence")

    @needs("word {word}", say=NOT_SHOWN)
    def show_pulls(self, word: Word, sentence: SentenceName | None = None) -> None:
        """Draw what pulls at a word: an arrow from each other word, as wide and as bright as its attention weight.

        Seen: Arrows point to {word} from the other words, the wider and brighter the more they weigh[: {weights[word,
        :]}|; the largest share is {largest weights[word, :]}].

        Plays: strings, weights.
        """
        self._clear_pulls()
        others = [t for t in self.tokens(sentence) if t != word and t in self.board.points]
        weights = dict(zip([*others, word], self._weights(word, [*others, word], sentence), strict=True))
        strings = self.board.pulls(word, {token: abs(weight.value) for token, weight in weights.items()})
        self.pulls += strings
        settling = self.board.settle()  # names make way for strings of their whole length
        grow = [Growth(string, self.board.plane) for string in strings]
        self.play(LaggedStart(*grow, lag_ratio=0.12), settling, run_time=1.8, beat="strings")

        # Each weight rides its string, the strongest first, as they may be said: it has the choice of places
        ranked = sorted(zip(strings, weights.values(), strict=True), key=lambda pair: -pair[0].weight)
        notes = [self._riding(weight.styled("percent").not_zero(LEAST_WEIGHT), string) for string, weight in ranked]
        for note in notes:
            self.play(FadeIn(note), run_time=ONE_WEIGHT, beat="weights")

    @needs("word {toward}", "word {word}", say=NOT_SHOWN)
    def pull(self, word: Word, toward: Word, sentence: SentenceName | None = None, equation: bool = True) -> None:
        """Move a word towards another as its attention weights say (of a single head), with the sum written out.

        Words of the sentence that are not named have their share, too: it is the term "others".

        Seen: {word} moves along a dashed line towards {toward}[, {weights[word, toward]} of the way]. [{if output[word,
        :]}Beside the plane, the sum is written out, and ends in {values output[word, :]}.|{if mixed_points[word,
        :]}Beside the plane, the sum is written out, and ends in {values mixed_points[word, :]}.]

        Plays: way, share, names, coordinates, move, percent.
        """
        self._check_pull(word, toward, sentence)
        self._clear_pulls()
        goal, point = self._at_home(toward, sentence), self._at_home(word, sentence)
        weights = self._weights(word, [toward, word], sentence)
        target, start = pull_goal(self, word, sentence), np.array(point.vector)
        old = OldPlace(start, point.word_color)
        dashes = max(3, round(float(np.linalg.norm(goal.place - point.place)) / 0.19))
        way = Way([start], np.array(goal.vector), theme.AXIS, dashes=dashes)
        arrow = MoveArrow(start, point, goal.word_color)

        # The way to go, and, beside it, what the new place is made of
        self.board.lay(old, way)
        beside: list[Animation] = []
        if equation:
            room = self.panel.width, self.panel.room_for_block("count")
            written = pull_sum(self, word, toward, weights, sentence, room)
            beside = self._drop_count() + self.panel.put("block", written) + self._aside()
        self.play(Growth(way, self.board.plane), FadeIn(old), *beside, run_time=1.0 if beside else 0.7, beat="way")
        self.moves += [old, way, arrow]
        share = weights[0].styled("percent")
        if not equation:
            self._travel(point, word, target, arrow, share, [], goal.word_color)
            return
        derivation = Derivation(self, written)
        note = self._share_note(share, way, point)
        self.play(FadeIn(note), run_time=0.4, beat="share")
        self.play(derivation.names(note), run_time=1.1, beat="names")
        self.play(derivation.coordinates([goal, old]), run_time=1.3, beat="coordinates")
        self.play(FadeOut(note), run_time=0.2)
        self._travel(point, word, target, arrow, share, [derivation.result()], goal.word_color)
        self.own(written)

    def show_weights(self, word: Word, sentence: SentenceName | None = None) -> None:
        """Show a word's attention weights beside the plane, as bars on a scale from nothing to all.

        Seen: Bars beside the plane show what {word} takes from each word[: {weights[word, :]}[, all others together {"1
        - weights"}]|; most is {largest weights[word, :]}].

        Plays: words, bars.
        """
        weights = self._weights(word, tokens := self.tokens(sentence), sentence)
        lead = fitted(self.prose(f"what {visible_word(word)} takes from each word", theme.NOTE, theme.DIM, own=True))
        height = self.panel.room_for_block() - lead.height - 0.35
        rows = share_bar(
            self, dict(zip(tokens, weights, strict=True)), sentence=sentence, width=self.panel.width, room=height
        )
        lead.next_to(rows, UP, buff=0.35).align_to(rows, LEFT)
        gone = self.panel.put("block", VGroup(lead, rows))
        names, (tracks, bars), numbers = rows
        if room := self._aside():
            self.play(*room, run_time=1.0)
        self.play(FadeIn(lead), FadeIn(names), FadeIn(tracks), *gone, run_time=0.9, beat="words")
        grow = [_GrowFromLeft(bar) for bar in bars]
        self.play(
            LaggedStart(*grow, lag_ratio=0.2),
            LaggedStart(*map(FadeIn, numbers), lag_ratio=0.2),
            run_time=1.2,
            beat="bars",
        )
        self.own(self.panel.parts["block"])

    @leaves("plane")
    def let_go(self) -> None:
        """Bring all words back to their own embeddings, and clear away arrows, rings, sums and the sentence.

        Seen: All words glide back to where they began. What was drawn between them, and the sentence, is gone.

        Plays: back.
        """
        self._clear_pulls()
        behind = [self.board.points.pop(name) for name in self.left_behind]
        things = [*self.clouds, *self.moves, *behind]
        self.board.forget(things)
        gone = [FadeOut(thing) for thing in things if thing.has_points() or thing.submobjects]
        gone += self._drop_count(close=False) + self.panel.take() + self._rings_off()
        if gone:
            self.play(*gone, run_time=0.6)
        self.clouds, self.moves, self.left_behind, self.steps_done, self.is_settled = [], [], [], 0, False
        homes = {token: self.places.home(token) for token in self.board.points}
        lit = self.board.focus(None)
        self.play(self.board.change(homes, aside=self.stays_aside, run_time=1.1), *lit, beat="back")

    @needs("word *", say=NONE_SHOWN)
    def step(self, sentence: SentenceName | None = None) -> None:
        """Move all words at once to where one more step of attention takes them.

        Seen: In the sentence {sentence}, all words move at once, each as far as its attention weights take it. Rings
        stay where they were.

        Plays: places, steps, stay, sway.
        """
        self._repeat(sentence, self.steps_done + 1)
        if self._is_turned:
            self._sway()

    @needs("word *", say=NONE_SHOWN)
    def gather(self, steps: Steps = 8, sentence: SentenceName | None = None) -> None:
        """Apply attention again and again (in a model with layers: layer by layer) `steps` times, or until all stand.

        Words stand when a step moves none of them by what can be seen.

        Seen: Step by step, the words of {sentence} move towards each other. [A counter of steps stops at {"steps of
        attention so far"}.]

        Plays: places, steps, stay.
        """
        self._repeat(sentence, steps)

    @unless("turned", say="the plane is turned already; leave this shot out, or write turn_back before it")
    @unless("word {words}", say="these words are already on the plane; show other words, or leave the shot out")
    @leaves("plane", "turned", "word {words}")
    def turn(self, words: list[Word] | None = None) -> None:
        """Turn the plane to show its third axis, and then show more words, if any are named.

        Seen: The plane turns, so that a third axis can be seen. [New points appear in that direction: {words}.]

        Plays: turn, axis, numbers, points, sway.
        """
        plane = self.board.plane
        if len(plane.axes_names) < len("xyz"):
            self.refuse("there is no third axis to turn to", "use a model with three axes")
        self.add(plane.third_axis())
        self._drop([*self.board.points.values()])
        self.play(self.board.turn(TURNED), beat="turn")
        name = plane.third_axis_label()
        plane.labels.add(name)
        self.play(FadeIn(name), run_time=0.5, beat="axis")
        if words:
            self._show(words)
        self._sway()

    @needs("turned", say="the plane is not turned; leave this shot out, or write turn before it")
    @ends("turned")
    def turn_back(self) -> None:
        """Turn the plane back to the front view of its first two axes.

        Seen: The plane turns back, until it is seen from the front.

        Plays: turn.
        """
        self.board.forget(self.drops)
        gone = [FadeOut(line) for line in self.drops if line.has_points()]
        self.drops = []
        self.play(self.board.turn(FRONT), FadeOut(self.board.plane.drop_third_axis()), *gone, beat="turn")

    # How ------------------------------------------------------------------------------------------------------

    def _show(self, words: list[str], *, icons: bool = True) -> None:
        """Let words come, one after another, and names make way for them."""
        fresh = {word: self.places.home(word) for word in self.newcomers(words, self.board.points)}
        standing, settling = [*self.board.points], list[Animation]()
        if self.board.plane.subject is not None:
            self.play(*self.board.focus(None), self.board.slide(aside=self.board.plane.aside))
        points = self.board.make_points(fresh, self.word_color, icons=icons, written=self.written_word)
        if self._is_turned:
            self._drop(points)
        if any(self.board.needs_room(word) for word in standing):
            settling.append(self.board.settle(for_words=points))
        births = Births(self, self.board, points, told=self.told)
        self.told = True
        for k, (together, seconds) in enumerate(births.plays()):
            self.play(*together, *settling, run_time=seconds, beat="points" if k else "numbers")
            settling = []
        self.own(*points)
        if standing and any(self.board.needs_room(word) for word in standing):
            self.play(self.board.settle(0.5))

    @property
    def board(self) -> Board:
        """The plane and its words; laid out now, unless a shot has already laid them out."""
        if self.laid_out is None:
            self.add(self._lay_out(ticks=False).plane)
        assert self.laid_out is not None
        return self.laid_out

    def _lay_out(self, ticks: bool) -> Board:
        aside = self.stays_aside or not self.panel.is_empty
        self.laid_out = Board.of(self.places, self.sentence_names(), ticks=ticks, aside=aside)
        return self.laid_out

    def _lights(self, sentence: str | None) -> list[Animation]:
        """Return the animations that dim the words that a sentence does not have."""
        if self.laid_out is None or not self.board.points:
            return []
        tokens = self.tokens(sentence)
        shown = [token for token in tokens if token in self.board.points]
        room = [self.places.home(token, sentence) for token in shown]
        if shown and self.places.laid:
            room = [*self.places.room(sentence)]
        return self.board.focus(tokens, aside=True, room=room)

    def _aside(self) -> list[Animation]:
        """Return the animation in which the plane makes room for what is beside it; none if it has, or is not there."""
        if self.laid_out is None:
            return []
        plane = self.laid_out.plane
        if plane.aside and np.allclose(plane.now[:14], plane.state(plane.view, True)[:14]):
            return []
        return [self.board.slide(aside=True)]

    @property
    def _is_turned(self) -> bool:
        return self.board.plane.view != FRONT

    def _drop(self, words: list[WordMarker]) -> None:
        lines = [DropLine(word) for word in words]
        self.board.lay(*lines)
        self.drops += lines
        self.add(*lines)

    def _sway(self) -> None:
        """Turn the turned plane a little to and fro: what is near moves against what is far."""
        swayed = TURNED[0] + SWAY, TURNED[1]
        self.play(self.board.turn(swayed, run_time=3.2, rate_func=there_and_back), beat="sway")

    def _weights(self, word: str, keys: list[str], sentence: str | None) -> list[Number]:
        weights = self.numbers("weights", sentence, query=word, key=keys)
        if any(weight.value != weight.value for weight in weights):
            self.refuse(f"the attention weights of '{word}' are undefined", "use `weights: softmax` in the model")
        return weights

    def _riding(self, number: Number, carrier: Any) -> Riding:
        note = self.formula("{w}", size=theme.NOTE, w=number)
        riding = self.board.ride(note, carrier)
        self.board.lay(riding)
        self.pulls.append(riding)
        return riding

    def _at_home(self, token: str, sentence: str | None) -> WordMarker:
        """Return the word at its own position in a sentence; if it was moved, the moved point stays as a second one."""
        point, home = self.board.points[token], self.places.home(token, sentence)
        if self.places.is_home(token, point.vector):
            if not np.allclose(point.vector, home):  # it is drawn as in another sentence
                self.play(self.board.move({token: home}, run_time=0.8))
            return point
        name = f"{token} after {len(self.left_behind)}"
        self.board.points[name] = self.board.points.pop(token)
        self.left_behind.append(name)
        if self.board.lit is not None:
            self.board.lit = [*self.board.lit, name]
        [fresh] = self.board.make_points(
            {token: home}, self.word_color, icons=point.has_icon, written=self.written_word
        )
        self.play(GrowFromCenter(fresh.body), FadeIn(fresh.label), run_time=0.6)
        return fresh

    def _check_pull(self, word: str, toward: str, sentence: str | None) -> None:
        """Refuse a pull that cannot be shown: of a word to itself, by several heads, out of the plane, by no share."""
        if word == toward:
            self.refuse(f"'{word}' cannot be pulled towards itself", "name two words")
        if self.trace_fact("weights", sentence) == "scores":
            hint = "leave this shot out, or show the scores in attention_table"
            self.refuse("without a softmax weights are no shares of a way that a word could be pulled", hint)
        if len(self.numbers("weights", sentence, query=word, key=toward)) > 1:
            heads = self.labels("weights", "head", sentence)
            hint = f"choose one: `model: {{name: …, head: {heads[0]}}}`"
            self.refuse(f"each of this model's heads ({', '.join(heads)}) pulls with a weight of its own", hint)
        if self.places.laid:
            return
        axes = self.labels("output", sentence=sentence)
        if axes != self.places.axes():
            hint = "use a model without W_V, or whose W_V and W_O keep the axes"
            self.refuse(f"this model's output is no place on the plane: its axes are {', '.join(axes)}", hint)

    def _share_note(self, share: Number, way: Way, point: WordMarker) -> VGroup:
        """Return a share, written where it will ride its arrow."""
        arrow = MoveArrow(point.vector, point, theme.AXIS)
        arrow.between(way.get_start(), way.get_end(), (0.3, 0.3))
        note = self.formula("{p}", size=theme.BODY, p=share)
        riding = self.board.ride(note, arrow)
        riding.lay(self.board.plane)
        return riding

    def _travel(
        self, point: WordMarker, word: str, target: Array, arrow: MoveArrow, share: Number,
        together: list[Animation], color: str,
    ) -> None:  # fmt: skip
        """Move a word, with its arrow, to where its weights take it, and put the ring of what pulled around it."""
        self.board.lay(arrow)
        self.add(arrow)
        ringed = point.in_ring(color)  # its name keeps clear of the ring from the beginning
        self.play(self.board.move({word: target}), ringed, *together, run_time=1.8, beat="move")
        note = self.formula("{p}", size=theme.BODY, color=color, p=share)
        riding = self.board.ride(note, arrow)
        self.board.lay(riding)
        self.moves.append(riding)
        self.play(FadeIn(riding), run_time=0.5, beat="percent")

    def _repeat(self, sentence: str | None, steps: int) -> None:
        tokens = [t for t in self.tokens(sentence) if t in self.board.points]
        if not tokens:
            self.refuse(*NONE_SHOWN.split("; "))
        if not self.places.laid and self.trace_fact("weights", sentence) == "scores":
            self.refuse("without a softmax every step takes the words farther away", "leave this shot out")
        if steps <= self.steps_done:
            self.refuse(f"{self.steps_done} steps are already done", "ask for more, or let_go first")
        if self.is_settled:
            self.refuse("the words stand already: another step moves none of them", "leave it out, or let_go first")
        self._begin_steps(tokens, sentence)
        old = [OldPlace(self.board.points[t].vector, self.board.points[t].word_color) for t in tokens]
        trails = [Way([self.board.points[t].vector], self.board.points[t], p.get_color(), width=2, opacity=0.5)
                  for t, p in zip(tokens, old, strict=True)]  # fmt: skip
        self.board.lay(*old, *trails)
        self.moves += [*old, *trails]
        self.add(*trails)
        self.play(*map(FadeIn, old), run_time=0.4, beat="places")
        for step in range(self.steps_done + 1, steps + 1):
            self._one_step(step, tokens, sentence, trails)
            if self.is_settled:
                break

    def _one_step(self, step: int, tokens: list[str], sentence: str | None, trails: list[Way]) -> None:
        vectors = self.places.after(self.places.start(sentence) + step, tokens, sentence)
        counted, count = self._counter(step, sentence)
        moves = self.board.move(vectors, run_time=1.4 if step == 1 else 0.9)
        self.play(moves, *counted, beat="steps")
        self.counter, self.steps_done = count, step
        if "count" in self.panel.parts:
            self.panel.parts["count"] = count
        for trail, token in zip(trails, tokens, strict=True):
            trail.stops.append(np.array(vectors[token]))
        if self._stands(step, tokens, vectors, sentence):
            self.is_settled = True
            self._say_settled(count)

    def _stands(self, step: int, tokens: list[str], vectors: Mapping[str, Array], sentence: str | None) -> bool:
        """Return whether the step after this one moves no word by what can be seen."""
        ahead = self.places.start(sentence) + step + 1
        if ahead > self.places.last(sentence):
            return False
        after = self.places.after(ahead, tokens, sentence)
        last = 1.01 * 10.0 ** -self.places.numbers_after(ahead, tokens[0], sentence)[0].decimals  # place that is shown
        most = max(last, STANDS_STILL / self.board.plane.unit)
        return all(float(np.abs(after[t] - vectors[t]).max()) <= most for t in tokens)

    def _say_settled(self, count: Writing) -> None:
        note = self.prose("… and there they stay", theme.NOTE, theme.DIM)
        if "count" not in self.panel.parts:
            note.next_to(count, -UP, buff=0.2).align_to(count, RIGHT)
        else:
            note.next_to(count, -UP, buff=0.2).align_to(count, LEFT)
        self.moves.append(haloed(note))
        self.play(FadeIn(note), run_time=0.5, beat="stay")

    def _begin_steps(self, tokens: list[str], sentence: str | None) -> None:
        """Undo what single pulls have done: the steps go on from where the words are without them."""
        self._clear_pulls()
        self.board.forget(self.moves)
        gone: list[Animation] = [FadeOut(m) for m in self.moves if isinstance(m, Mobject)]
        self.moves = []
        gone += (self.panel.take() if self._is_turned else self.panel.take("block")) + self._rings_off(tokens)
        if gone:
            self.play(*gone, run_time=0.5)
        start = self.places.after(self.places.start(sentence) + self.steps_done, tokens, sentence)
        astray = {t: v for t, v in start.items() if not np.allclose(v, self.board.points[t].vector)}
        aside = self.board.plane.aside and (self.stays_aside or not self.panel.is_empty)
        if astray or aside != self.board.plane.aside:
            lit = [] if aside else self.board.focus(self.board.lit, aside=False)
            self.play(self.board.change(astray, aside=aside, run_time=0.9), *lit)

    def _clear_pulls(self) -> None:
        """Remove the strings and weights of the pulls at a word: they are valid only as long as no word moves."""
        self.board.forget(self.pulls)
        if gone := [FadeOut(thing) for thing in self.pulls]:
            self.play(*gone, run_time=0.4)
        self.pulls = []

    def _rings_off(self, tokens: list[str] | None = None) -> list[Animation]:
        """Return the animations that take the rings off words that go back to where they were."""
        words = [self.board.points[t] for t in (self.board.points if tokens is None else tokens)]
        return [word.in_ring(None) for word in words if word.ring_color]

    def _drop_count(self, *, close: bool = True) -> list[Animation]:
        """Return the animations that take the count of steps away; what is beside the plane then closes up."""
        count, self.counter = self.counter, None
        if count is None or "count" in self.panel.parts:
            return self.panel.take("count", close=close)
        return [FadeOut(count)]

    def _counter(self, step: int, sentence: str | None) -> tuple[list[Animation], Writing]:
        """Return the animations that bring the count of steps (or layers), and the count itself."""
        done, what = step + self.places.start(sentence), self.places.moves
        number = self.derived(done, f"{what}s of attention so far", style="whole", sentence=sentence)
        count = self.phrase(f"{what} {{n}}", color=theme.DIM, n=number)
        if (old := self.counter) is not None:
            return [roll_in_line(old, count)], count
        if self.panel.is_empty:
            count.move_to([frame.CONTENT.right, frame.CONTENT.top - 0.1, 0], aligned_edge=RIGHT + UP)
            return [FadeIn(count)], count
        return [*self.panel.put("count", count), FadeIn(count)], count


class _GrowFromLeft(Create):
    """A bar grows from its left end."""

    def interpolate_mobject(self, alpha: float) -> None:
        """Show the bar at the fraction `alpha` of its length."""
        share = max(1e-3, self.rate_func(alpha))
        start = self.starting_mobject
        left = float(start.get_left()[0])
        self.mobject.points = start.points.copy()
        self.mobject.points[:, 0] = left + share * (start.points[:, 0] - left)
