"""Words as points in a plane, and what attention does to them there."""

from __future__ import annotations

from typing import Literal

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    Arrow,
    Create,
    DashedLine,
    FadeIn,
    FadeOut,
    GrowArrow,
    GrowFromCenter,
    LaggedStart,
    VGroup,
    Write,
)

from attnviz.stage import (
    FRONT,
    OTHERS,
    TURNED,
    Array,
    Board,
    Number,
    Plane,
    SentenceName,
    SidePanel,
    Stage,
    Steps,
    Word,
    WordPoint,
    Writing,
    combination,
    ends,
    frame,
    leaves,
    needs,
    share_bar,
    stack_at_sign,
    theme,
    unless,
    visible_word,
    weight_bar,
)

NOT_SHOWN = "'{}' is not on the plane yet; show it first with show_words"
NONE_SHOWN = "none of the sentence's words is on the plane; show them first with show_words"


class EmbeddingPlane(Stage):
    """Words as points in a plane: groups of words, pulls between them, moves by exactly the attention weights."""

    writes_sentence = ("show_sentence",)

    def setup(self) -> None:
        """Start with an empty stage."""
        self.laid_out: Board | None = None
        self.side = SidePanel(beside=False)
        self.marks, self.pulls, self.moves, self.counter = VGroup(), VGroup(), VGroup(), VGroup()
        self.left_behind: list[str] = []
        self.steps_done = 0

    # Verbs ----------------------------------------------------------------------------------------------------

    @unless("plane", say="the plane is already there; leave this shot out, or start a new scene")
    @leaves("plane", "side {side}")
    def show_plane(self, side: Literal["left", "middle"] = "middle", ticks: bool = False) -> None:
        """Draw the plane with its named axes; on the left, it leaves room for sentences and formulas beside it."""
        for drawn, seconds in self._lay_out(side, ticks).plane.opening():
            self.play(drawn, run_time=seconds)

    @unless("word {words}", say="these words are already on the plane; show other words, or leave the shot out")
    @leaves("plane", "word {words}")
    def show_words(self, words: list[Word], icons: bool = True) -> None:
        """Show words at their embeddings, one after another."""
        fresh = {word: self.places.home(word) for word in self.newcomers(words, self.board.points)}
        points = self.board.make_points(fresh, {word: self.word_color(word) for word in fresh}, icons=icons)
        if room := self.board.make_room(points):
            self.play(*room, run_time=0.5)
        appear = [AnimationGroup(GrowFromCenter(p.body), FadeIn(p.label, shift=0.12 * UP)) for p in points]
        self.play(LaggedStart(*appear, lag_ratio=0.35), run_time=0.7 + 0.35 * len(points))

    @needs("word {words}", say=NOT_SHOWN)
    @leaves("plane")
    def mark_group(self, words: list[Word]) -> None:
        """Draw a soft cloud around words that belong together."""
        if not words:
            self.refuse("there are no words to surround", "name one or more")
        cloud = self.board.cloud([self.board.points[word].token for word in words])
        self.marks.add(cloud)
        self.play(FadeIn(cloud, scale=0.8), run_time=1.0)

    @needs("word {word}", say=NOT_SHOWN)
    def point_at(self, word: Word) -> None:
        """Draw the viewer's eye to a word with rings that spread from it."""
        rings = [self.board.points[word].ghost().set_stroke(width=4, opacity=0.9) for _ in range(2)]
        spread = [ring.animate.scale(4).set_stroke(opacity=0) for ring in rings]
        self.play(LaggedStart(*spread, lag_ratio=0.4), run_time=1.6)
        self.remove(*rings)

    def show_sentence(self, sentence: SentenceName | None = None) -> None:
        """Show a sentence as chips beside or below the plane; the words that the scene uses are lit."""
        chips = self.sentence_chips(sentence, width=self.side.width, rows=self.side.rows)
        if gone := self.side.set_chips(chips):
            self.play(*gone, run_time=0.4)
        self.play(chips.entrance(), run_time=1.2)

    @needs("word {word}", say=NOT_SHOWN)
    def show_pulls(self, word: Word, sentence: SentenceName | None = None) -> None:
        """Draw what pulls at a word: an arrow to each other word, whose width shows the attention weight."""
        self._clear_pulls()
        others = [t for t in self.tokens(sentence) if t != word and t in self.board.points]
        weights = dict(zip([*others, word], self._weights(word, [*others, word], sentence), strict=True))
        self.pulls = VGroup(*[self.board.pull_arrow(word, other, abs(weights[other].value)) for other in others])
        self.board.lines += self.pulls

        # Each weight goes after the word that pulls (words attend to themselves, too), and is shown after the arrows
        notes = [self.formula("{w}", size=theme.NOTE, w=weight).set_opacity(0) for weight in weights.values()]
        for other, note in zip(weights, notes, strict=True):
            self.board.points[other].tag(note)
        self.play(LaggedStart(*map(GrowArrow, self.pulls), lag_ratio=0.15), self.board.settle(), run_time=1.4)
        self.play(LaggedStart(*[note.animate.set_opacity(1) for note in notes], lag_ratio=0.15), run_time=0.8)

    @needs("word {toward}", "word {word}", say=NOT_SHOWN)
    def pull(self, word: Word, toward: Word, sentence: SentenceName | None = None, equation: bool = True) -> None:
        """Move a word towards another by exactly its attention weight (of a single head), with the sum written out."""
        self._check_pull(word, toward, sentence)
        self._clear_pulls()
        goal, point = self._at_home(toward, sentence), self._at_home(word, sentence)
        weights = self._weights(word, [toward, word], sentence)
        target = self._pull_goal(word, toward, sentence)
        ghost = point.ghost()
        path = DashedLine(point.place, goal.place, buff=0.13, color=theme.AXIS, stroke_width=2.5, dash_length=0.1)
        self.play(Create(path), FadeIn(ghost), run_time=0.7)

        # Write the sum before the word moves accordingly
        if equation and self.side.beside:
            before, lines, bar = self._pull_sum(word, toward, weights, sentence)
            stack = VGroup(*before, stack_at_sign(lines, word)).arrange(DOWN, buff=0.4, aligned_edge=LEFT)
            gone = self.side.set_block(stack, bar, counted=bool(self.counter.submobjects))
            self.play(FadeIn(bar, shift=0.1 * RIGHT), *map(FadeIn, before), *gone, run_time=0.7)
            for line in lines:
                self.play(Write(line), run_time=0.9)
        ends = point.place, self.board.plane.at(target)
        arrow = Arrow(*ends, buff=0.15, color=point.word_color, stroke_width=6, tip_length=0.2)
        self.board.lines += [path, arrow]
        self.board.rings.append(ghost)
        self.play(GrowArrow(arrow), self.board.move({word: target}, run_time=1.6))

        # Write how far it went
        share = self.formula("{p}", size=theme.NOTE, color=point.word_color, p=weights[0].styled("percent"))
        self.board.notes.append(self.board.beside(share, arrow))
        self.moves.add(path, ghost, arrow, share)

        # The word takes on the colour of the word that pulled it
        context = goal.word_color
        tinted = [point.in_color(context), arrow.animate.set_color(context), share.animate.set_color(context)]
        self.play(FadeIn(share, shift=0.1 * UP), *tinted, *self.board.clear_ticks(), run_time=0.7)

    @needs("side left", say="there is no room for a bar here; start with `show_plane: left`")
    def show_weights(self, word: Word, sentence: SentenceName | None = None) -> None:
        """Show a word's attention weights as a bar beside the plane, divided among the words of the sentence."""
        weights = self._weights(word, tokens := self.tokens(sentence), sentence)
        bar = share_bar(
            self, dict(zip(tokens, weights, strict=True)), sentence=sentence, width=frame.BESIDE_PLANE.width - 0.1
        )
        lead = self.prose(f"what {visible_word(word)} takes from each word", theme.NOTE, theme.DIM, own=True)
        gone = self.side.set_block(lead, bar, counted=True, gap=0.3)
        self.play(FadeIn(lead), *[FadeIn(part, shift=0.1 * RIGHT) for part in bar[0]], *gone, run_time=1.0)
        self.play(LaggedStart(*map(FadeIn, bar[1]), lag_ratio=0.2), run_time=0.8)

    @leaves("plane")
    def let_go(self) -> None:
        """Bring all words back to their own embeddings, and clear away arrows, rings, sums and the sentence."""
        self._clear_pulls()
        behind = [self.board.points.pop(name) for name in self.left_behind]
        homes = {token: self.places.home(token) for token in self.board.points}
        self.board.forget()
        gone = [
            FadeOut(m) for m in (self.marks, self.moves, self.counter, *behind) if m.submobjects
        ] + self.side.clear()
        if gone := gone + self._own_colors([*self.board.points]):
            self.play(*gone, run_time=0.6)
        self.play(self.board.move(homes), run_time=1.0)
        self.marks, self.moves, self.counter = VGroup(), VGroup(), VGroup()
        self.left_behind, self.steps_done = [], 0

    @needs("word *", say=NONE_SHOWN)
    def step(self, sentence: SentenceName | None = None) -> None:
        """Move all words at once to where one more step of attention takes them."""
        self._repeat(sentence, self.steps_done + 1)

    @needs("word *", say=NONE_SHOWN)
    def gather(self, steps: Steps = 8, sentence: SentenceName | None = None) -> None:
        """Apply attention again and again (in a model with layers, layer after layer) until `steps` steps are done."""
        self._repeat(sentence, steps)

    @unless("turned", say="the plane is turned already; leave this shot out, or write turn_back before it")
    @unless("word {words}", say="these words are already on the plane; show other words, or leave the shot out")
    @leaves("plane", "turned", "word {words}")
    def turn(self, words: list[Word] | None = None) -> None:
        """Turn the plane to show its third axis, and then show more words, if any are named."""
        plane = self.board.plane
        if len(plane.axes_names) < len("xyz"):
            self.refuse("there is no third axis to turn to", "use a model with three axes")
        self.add(plane.third_axis())
        self.play(self.board.turn(TURNED))
        name = plane.third_axis_label()
        plane.labels.add(name)
        self.play(FadeIn(name), run_time=0.5)
        if words:
            self.show_words(words)

    @needs("turned", say="the plane is not turned; leave this shot out, or write turn before it")
    @ends("turned")
    def turn_back(self) -> None:
        """Turn the plane back to the front view of its first two axes."""
        self.play(self.board.turn(FRONT), FadeOut(self.board.plane.drop_third_axis()))

    # How ------------------------------------------------------------------------------------------------------

    @property
    def board(self) -> Board:
        """The plane and its words; laid out in the middle, unless a shot has already laid them out."""
        if self.laid_out is None:
            self.add(self._lay_out("middle", ticks=False).plane)
        assert self.laid_out is not None
        return self.laid_out

    def _lay_out(self, side: str, ticks: bool) -> Board:
        every = [self.places.room(name) for name in self.sentence_names()]
        self.side = SidePanel(beside=side == "left")
        region = frame.PLANE_LEFT if self.side.beside else frame.PLANE_ALONE
        plane = Plane(np.vstack(every), self.places.axes(), ticks=ticks, region=region)
        self.laid_out = Board(plane, right=frame.BESIDE_PLANE.left - 0.2) if self.side.beside else Board(plane)
        return self.laid_out

    def _weights(self, word: str, keys: list[str], sentence: str | None) -> list[Number]:
        weights = self.numbers("weights", sentence, query=word, key=keys)
        if any(weight.value != weight.value for weight in weights):
            self.refuse(f"the attention weights of '{word}' are undefined", "use `weights: softmax` in the model")
        return weights

    def _at_home(self, token: str, sentence: str | None) -> WordPoint:
        """Return the word at its own position in a sentence; if it was moved, the moved point stays as a second one."""
        point, home = self.board.points[token], self.places.home(token, sentence)
        if self.places.is_home(token, point.vector):
            if not np.allclose(point.vector, home):  # it is drawn as in another sentence
                self.play(self.board.move({token: home}, run_time=0.8))
            return point
        name = f"{token} after {len(self.left_behind)}"
        self.board.points[name] = self.board.points.pop(token)
        self.left_behind.append(name)
        fresh = self.board.make_points({token: home}, {token: self.word_color(token)}, icons=len(point.label) > 1)[0]
        self.play(FadeIn(fresh), run_time=0.7)
        return fresh

    def _check_pull(self, word: str, toward: str, sentence: str | None) -> None:
        """Refuse a pull that cannot be shown: of a word towards itself, by several heads, or out of the plane."""
        if word == toward:
            self.refuse(f"'{word}' cannot be pulled towards itself", "name two words")
        if len(self.numbers("weights", sentence, query=word, key=toward)) > 1:
            heads = self.labels("weights", "head", sentence)
            hint = f"choose one: `model: {{name: …, head: {heads[0]}}}`"
            self.refuse(f"each of this model's heads ({', '.join(heads)}) pulls with a weight of its own", hint)
        if not self._are_alone(word, toward, sentence):
            return
        axes = self.labels("output", sentence=sentence)
        if axes != self.places.axes():
            hint = "use a model without W_V, or whose W_V and W_O keep the axes"
            self.refuse(f"this model's output is no place on the plane: its axes are {', '.join(axes)}", hint)

    def _pull_goal(self, word: str, toward: str, sentence: str | None) -> Array:
        """Return where a weight takes a word: to the layer's own output, if there are no words but these two."""
        if self._are_alone(word, toward, sentence):
            return np.asarray(self.read("output", sentence, token=word).values, dtype=float)
        weight = float(self.read("weights", sentence, query=word, key=toward))
        start, end = (self.places.home(token, sentence) for token in (word, toward))
        return start + weight * (end - start)

    def _pull_sum(
        self, word: str, toward: str, weights: list[Number], sentence: str | None
    ) -> tuple[list[Writing], list[Writing], VGroup]:
        """Return the move as a weighted sum: what is written before it, its lines, and the bar of the weights.

        `weights` are those of the other word and of the word itself. If more words take part, the rest of 1 is not the
        word's own weight: it is the share of all others.
        """
        axes = self._axes_in_use([word, toward])
        vectors = [self.places.numbers(token, sentence, axes=axes) for token in (toward, word)]
        colors = {token: self.word_color(token) for token in (word, toward)}
        shared, tints, before = [toward, word], [colors[toward], colors[word]], list[Writing]()
        if self._are_alone(word, toward, sentence):
            result = self.numbers("output", sentence, token=word, d_output=axes)
        else:
            weights = [weights[0], self.derived(1 - weights[0].carried, f"1 - {weights[0].name}", sentence=sentence)]
            result = [(weights[0] * a + weights[1] * b).styled("short") for a, b in zip(*vectors, strict=True)]
            shared[1], tints[1] = OTHERS, theme.DIM
            before = [self.prose("by this weight alone (the others’ share moves nothing)", theme.NOTE, theme.DIM)]
        lines = combination(word, [toward, word], weights, vectors, result, colors)
        return before, lines, weight_bar(shared, weights, tints, width=frame.BESIDE_PLANE.width - 0.3)

    def _are_alone(self, word: str, toward: str, sentence: str | None) -> bool:
        """Return whether a blackboard's layer mixes only these two words, so that the pull ends at its output."""
        return {*self.tokens(sentence)} == {word, toward} and not self.places.laid

    def _axes_in_use(self, tokens: list[str]) -> list[str]:
        """Return the plane's two axes, and the third one if either word has a nonzero coordinate along it."""
        axes = self.places.axes()
        flat = not any(self.places.home(token)[2:].any() for token in tokens)
        return axes[:2] if flat else axes

    def _repeat(self, sentence: str | None, steps: int) -> None:
        tokens = [t for t in self.tokens(sentence) if t in self.board.points]
        if not tokens:
            self.refuse(*NONE_SHOWN.split("; "))
        if steps <= self.steps_done:
            self.refuse(f"{self.steps_done} steps are already done", "ask for more, or let_go first")
        self._begin_steps(tokens, sentence)
        ghosts = VGroup(*[self.board.points[t].ghost() for t in tokens]).set_stroke(width=2, opacity=0.45)
        self.marks.add(ghosts)
        self.board.rings += ghosts
        self.play(FadeIn(ghosts), run_time=0.4)
        for step in range(self.steps_done + 1, steps + 1):
            vectors = self.places.after(self.places.start(sentence) + step, tokens, sentence)
            starts = {t: self.board.points[t].place for t in tokens}
            counter, old = self._counter(step, sentence), [FadeOut(self.counter)] if self.counter.submobjects else []
            self.play(self.board.move(vectors, run_time=1.4 if step == 1 else 0.8), FadeIn(counter), *old)
            trails = [self.board.trail(start, t) for t, start in starts.items()]
            self.board.lines += trails
            self.add(*trails)
            self.marks.add(*trails)
            self.counter, self.steps_done = counter, step

    def _begin_steps(self, tokens: list[str], sentence: str | None) -> None:
        """Undo what single pulls have done: the steps go on from where the words are without them."""
        self._clear_pulls()
        self.board.forget(self.moves)
        gone = [FadeOut(self.moves)] if self.moves.submobjects else []
        self.moves = VGroup()
        if gone := gone + self.side.clear_block() + self._own_colors(tokens):
            self.play(*gone, run_time=0.5)
        start = self.places.after(self.places.start(sentence) + self.steps_done, tokens, sentence)
        if astray := {t: v for t, v in start.items() if not np.allclose(v, self.board.points[t].vector)}:
            self.play(self.board.move(astray, run_time=0.8))

    def _clear_pulls(self) -> None:
        """Remove the arrows and weights of the pulls at a word: they are valid only as long as no word moves."""
        tags = VGroup(*[tag for point in self.board.points.values() for tag in point.untag()])
        self.board.forget(self.pulls)
        if gone := [FadeOut(group) for group in (self.pulls, tags) if group.submobjects]:
            self.play(*gone, run_time=0.4)
        self.pulls = VGroup()

    def _own_colors(self, tokens: list[str]) -> list[Animation]:
        """Return the animations that give words their own colours back."""
        tinted = [t for t in tokens if self.board.points[t].word_color != self.word_color(t)]
        return [self.board.points[token].in_color(self.word_color(token)) for token in tinted]

    def _counter(self, step: int, sentence: str | None) -> Writing:
        done, what = step + self.places.start(sentence), self.places.moves
        count = self.derived(done, f"{what}s of attention so far", style="whole", sentence=sentence)
        text = self.phrase(f"after {{n}} {what if done == 1 else what + 's'}", color=theme.DIM, n=count)
        if self.side.beside:
            return text.move_to([frame.BESIDE_PLANE.left, self.side.below - 0.6, 0], aligned_edge=LEFT)
        return text.move_to([self.board.bounds[2], 2.75, 0], aligned_edge=RIGHT)
