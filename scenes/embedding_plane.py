"""Words as points of a plane, and what attention does to them there."""

from __future__ import annotations

from typing import Literal

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
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
    TURNED,
    Board,
    Number,
    Plane,
    Stage,
    Writing,
    combination,
    corner,
    sentence_chips,
    stack_at_sign,
    theme,
    visible_word,
    weight_bar,
)
from attnviz.stage.arguments import SentenceName, Steps, Word

PANEL_LEFT, PANEL_WIDTH, PANEL_TOP, BELOW_PLANE = 0.95, 5.75, 2.75, -3.05


class EmbeddingPlane(Stage):
    """Words as points of a plane: corners of meaning, pulls between words, moves by exactly the attention weights."""

    def setup(self) -> None:
        """Start with an empty stage."""
        self.made: Board | None = None
        self.beside_plane = False
        self.chips, self.panel, self.marks = VGroup(), VGroup(), VGroup()
        self.left_behind: list[str] = []
        self.steps_done, self.counter = 0, VGroup()

    # Verbs ----------------------------------------------------------------------------------------------------

    def show_plane(self, side: Literal["left", "middle"] = "middle", ticks: bool = False) -> None:
        """Draw the plane with its named axes; on the left it leaves room for sentences and formulas."""
        plane = self._lay_out(side, ticks).plane
        self.play(LaggedStart(*[Create(line) for line in plane.grid], lag_ratio=0.06), run_time=1.2)
        self.play(Create(plane.axis_lines), FadeIn(plane.labels, shift=0.1 * UP), run_time=0.8)

    def show_words(self, words: list[Word], icons: bool = True) -> None:
        """Let words appear at their embeddings, one after the other."""
        fresh = [word for word in words if word not in self.board.points]
        if not fresh:
            self.refuse("these words are already on the plane", "show other words, or leave the shot out")
        points = self.board.make_points(
            {w: self._vector(w) for w in fresh}, {w: self.word_color(w) for w in fresh}, icons=icons
        )
        appear = [AnimationGroup(GrowFromCenter(p.body), FadeIn(p.label, shift=0.12 * UP)) for p in points]
        self.play(LaggedStart(*appear, lag_ratio=0.35), run_time=0.7 + 0.35 * len(points))

    def mark_group(self, words: list[Word]) -> None:
        """Draw a soft cloud around words that belong together."""
        for word in words:
            self._point(word)
        cloud = self.board.cloud(words)
        self.marks.add(cloud)
        self.play(FadeIn(cloud, scale=0.8), run_time=1.0)

    def point_at(self, word: Word) -> None:
        """Let rings spread from a word, to turn the eye to it."""
        rings = [self._point(word).ghost().set_stroke(width=4, opacity=0.9) for _ in "ab"]
        self.play(
            LaggedStart(*[ring.animate.scale(4).set_stroke(opacity=0) for ring in rings], lag_ratio=0.4),
            run_time=1.6,
        )
        self.remove(*rings)

    def show_sentence(self, sentence: SentenceName | None = None) -> None:
        """Show a sentence as chips beside the plane; words that stand on the board are lit."""
        board = {visible_word(t).lower(): t for t in self.tokens(sentence)}
        chips = sentence_chips(
            self.sentence_text(sentence),
            lambda w: self.word_color(board.get(w.lower(), w)),
            lambda w: w.lower() in board,
            width=PANEL_WIDTH if self.beside_plane else theme.FRAME_WIDTH - 2 * theme.MARGIN,
            rows=3 if self.beside_plane else 1,
        )
        old = [m for m in (self.chips, self.panel) if m.submobjects]
        if old:
            self.play(*[FadeOut(m) for m in old], run_time=0.4)
        self.chips, self.panel = chips, VGroup()
        if self.beside_plane:
            corner(chips, PANEL_LEFT, PANEL_TOP)
        else:
            chips.next_to([0, BELOW_PLANE, 0], DOWN, buff=0)
        self.play(
            LaggedStart(*[FadeIn(chip, shift=0.15 * RIGHT) for row in chips for chip in row], lag_ratio=0.25),
            run_time=1.2,
        )

    def show_pulls(self, word: Word, sentence: SentenceName | None = None) -> None:
        """Draw what pulls at a word: towards each other word an arrow, as wide as the attention weight is large."""
        self._point(word)
        others = [t for t in self.tokens(sentence) if t != word and t in self.board.points]
        weights = {o: self.number("weights", sentence, query=word, key=o) for o in others}
        arrows = VGroup(*[self.board.pull_arrow(word, o, abs(w.value)) for o, w in weights.items()])
        self.board.lines += arrows
        self.play(LaggedStart(*[GrowArrow(a) for a in arrows], lag_ratio=0.15), self.board.settle(), run_time=1.4)

        # How large each weight is, beside the word that pulls
        notes = VGroup()
        for other, weight in weights.items():
            notes.add(self.board.tag(self.formula("{w}", size=theme.NOTE, w=weight), other))
            self.board.notes.append(notes[-1])
        self.marks.add(arrows, notes)
        self.play(LaggedStart(*[FadeIn(n) for n in notes], lag_ratio=0.15), run_time=0.8)

    def pull(self, word: Word, toward: Word, sentence: SentenceName | None = None, equation: bool = True) -> None:
        """Move a word towards another by exactly its attention weight, with the sum written out."""
        self._point(toward)
        point = self._at_home(word)
        weights = self.numbers("weights", sentence, query=word, key=[toward, word])
        target = self._target(word, toward, sentence)
        ghost, ends = point.ghost(), (point.place, self._point(toward).place)
        path = DashedLine(*ends, buff=0.13, color=theme.AXIS, stroke_width=2.5, dash_length=0.1)
        self.play(Create(path), FadeIn(ghost), run_time=0.7)

        # Write the sum before the word obeys it
        if equation and self.beside_plane:
            self._write_sum(word, toward, weights, sentence)
        arrow = Arrow(
            point.place,
            self.board.plane.at(target),
            buff=0.15,
            color=point.word_color,
            stroke_width=6,
            tip_length=0.2,
        )
        self.board.lines += [path, arrow]
        self.play(GrowArrow(arrow), self.board.move({word: target}, run_time=1.6))

        # Say how far it went
        share = self.formula("{p}", size=theme.NOTE, color=point.word_color, p=weights[0].styled("percent"))
        self.play(FadeIn(self.board.beside(share, arrow), shift=0.1 * UP), run_time=0.5)
        self.board.notes.append(share)
        self.marks.add(path, ghost, arrow, share)

    def show_weights(self, word: Word, sentence: SentenceName | None = None) -> None:
        """Show a word's attention weights as a bar beside the plane, divided among the words of the sentence."""
        if not self.beside_plane:
            self.refuse("there is no room for a bar here", "start with `show_plane: left`")
        tokens = self.tokens(sentence)
        weights = self.numbers("weights", sentence, query=word, key=tokens)
        bar = weight_bar(tokens, weights, [self.word_color(t) for t in tokens], width=PANEL_WIDTH - 0.1)
        lead = self.prose(f"what {visible_word(word)} takes from each word", size=theme.NOTE, color=theme.DIM, own=True)
        block = VGroup(lead, bar).arrange(DOWN, buff=0.3, aligned_edge=LEFT)
        old = [FadeOut(self.panel)] if self.panel.submobjects else []
        self.panel = VGroup(corner(block, PANEL_LEFT, self._panel_top() - 1.1))
        self.play(FadeIn(lead), LaggedStart(*[FadeIn(part, shift=0.1 * RIGHT) for part in bar[0]]), *old, run_time=1.0)
        self.play(LaggedStart(*[FadeIn(note) for note in bar[1]], lag_ratio=0.2), run_time=0.8)

    def let_go(self) -> None:
        """Bring all words back to their own embeddings and clear away arrows, rings, sums and the sentence."""
        behind = [self.board.points.pop(name) for name in self.left_behind]
        moved = {t: self._vector(t) for t, p in self.board.points.items() if not np.allclose(p.vector, self._vector(t))}
        gone = [m for m in (self.marks, self.panel, self.chips, self.counter, *behind) if m.submobjects]
        self.board.notes.clear()
        self.board.lines.clear()
        back = [self.board.move(moved, run_time=1.0)] if moved else []
        if gone or back:
            self.play(*[FadeOut(m) for m in gone], *back, run_time=1.0)
        self.marks, self.panel, self.chips, self.counter, self.left_behind = VGroup(), VGroup(), VGroup(), VGroup(), []
        self.steps_done = 0

    def step(self, sentence: SentenceName | None = None) -> None:
        """Let every word move at once to what attention makes of it."""
        self._repeat(sentence, self.steps_done + 1)

    def gather(self, steps: Steps = 8, sentence: SentenceName | None = None) -> None:
        """Apply attention again and again, until so many steps are done: the words draw together around their context."""
        self._repeat(sentence, steps)

    def turn(self, words: list[Word] | None = None) -> None:
        """Turn the plane to show its third axis, and let the words that stand along it appear."""
        plane = self.board.plane
        if len(plane.axes_names) < len("xyz"):
            self.refuse("the model has no third axis to turn to", "use a model with three axes")
        self.add(plane.third_axis())
        self.play(self.board.turn(TURNED))
        name = plane.third_axis_label()
        plane.labels.add(name)
        self.play(FadeIn(name), run_time=0.5)
        if words:
            self.show_words(words)

    def turn_back(self) -> None:
        """Look straight at the first two axes again."""
        self.play(self.board.turn(FRONT))

    # How ------------------------------------------------------------------------------------------------------

    @property
    def board(self) -> Board:
        """The plane and its words; laid out in the middle, if no shot has done it yet."""
        if self.made is None:
            self.add(self._lay_out("middle", ticks=False).plane)
        assert self.made is not None
        return self.made

    def _lay_out(self, side: str, ticks: bool) -> Board:
        if self.made is not None:
            self.refuse("the plane is already there", "leave this shot out, or start a new scene")
        axes = self.labels("embeddings")
        vectors = np.vstack(
            [
                self.read("embeddings", name, token=self.tokens(name), d_model=axes).values
                for name in self.sentence_names()
            ]
        )
        self.beside_plane = side == "left"
        box = (
            {"center": (-3.25, -0.5), "width": 6.7, "height": 5.7}
            if self.beside_plane
            else {"center": (0, -0.2), "width": 12.6, "height": 5.2}
        )
        plane = Plane(vectors, axes, ticks=ticks, **box)
        self.made = Board(plane, right=PANEL_LEFT - 0.2) if self.beside_plane else Board(plane)
        return self.made

    def _vector(self, token: str) -> np.ndarray:
        home = next((name for name in self.sentence_names() if token in self.tokens(name)), None)
        return np.asarray(self.read("embeddings", home, token=token).values, dtype=float)

    def _point(self, token: str):
        if token not in self.board.points:
            self.refuse(f"'{token}' is not on the plane yet", "show it first with show_words")
        return self.board.points[token]

    def _at_home(self, token: str):
        """Return the word at its own embedding; one that was moved stays behind as a second point."""
        point = self._point(token)
        if np.allclose(point.vector, self._vector(token)):
            return point
        name = f"{token} after {len(self.left_behind)}"
        self.board.points[name] = self.board.points.pop(token)
        self.left_behind.append(name)
        fresh = self.board.make_points(
            {token: self._vector(token)}, {token: self.word_color(token)}, icons=len(point.label) > 1
        )[0]
        self.play(FadeIn(fresh), *([FadeOut(self.panel)] if self.panel.submobjects else []), run_time=0.7)
        self.panel = VGroup()
        return fresh

    def _target(self, word: str, toward: str, sentence: str | None) -> np.ndarray:
        """Return where the weight takes the word: the layer's own output, when the two are alone on the board."""
        if {*self.tokens(sentence)} == {word, toward}:
            return np.asarray(self.read("output", sentence, token=word).values, dtype=float)
        weight = float(self.read("weights", sentence, query=word, key=toward))
        return self._vector(word) + weight * (self._vector(toward) - self._vector(word))

    def _write_sum(self, word: str, toward: str, weights: list[Number], sentence: str | None) -> None:
        shown = [
            a
            for a in self.labels("embeddings")
            if a in self.board.plane.axes_names[:2]
            or self.read("embeddings", sentence, token=[toward, word], d_model=a).values.any()
        ]
        vectors = [self.numbers("embeddings", sentence, style="short", token=t, d_model=shown) for t in (toward, word)]
        if {*self.tokens(sentence)} == {word, toward}:
            result = self.numbers("output", sentence, token=word, d_output=shown)
        else:
            weights = [
                weights[0],
                self.derived(1 - weights[0].carried, f"1 - {weights[0].name}", sentence=sentence),
            ]
            result = [weights[0] * a + weights[1] * b for a, b in zip(*vectors, strict=True)]
        lines = combination(word, [toward, word], weights, vectors, result)
        self._write(
            lines,
            word,
            weight_bar(
                [toward, word],
                weights,
                [self.word_color(toward), self.word_color(word)],
                width=PANEL_WIDTH - 0.3,
            ),
        )

    def _write(self, lines: list[Writing], word: str, bar: VGroup) -> None:
        lead = self.formula("bold({w})'", size=32, words={"w": visible_word(word)})
        block = stack_at_sign(lines, indent=lead.width + 0.16)
        if block.width > PANEL_WIDTH:
            block.scale_to_fit_width(PANEL_WIDTH)
        corner(block, PANEL_LEFT, self._panel_top() - 0.65)
        corner(bar, PANEL_LEFT, block.get_bottom()[1] - 0.8)
        self.panel.add(block, bar)
        self.play(FadeIn(bar, shift=0.1 * RIGHT), run_time=0.7)
        for line in lines:
            self.play(Write(line), run_time=0.9)

    def _repeat(self, sentence: str | None, steps: int) -> None:
        tokens = [t for t in self.tokens(sentence) if t in self.board.points]
        if not tokens:
            self.refuse("none of the sentence's words is on the plane", "show them first with show_words")
        if steps <= self.steps_done:
            self.refuse(f"{self.steps_done} steps are already done", "ask for more, or let_go first")
        ghosts = VGroup(*[self._point(t).ghost() for t in tokens])
        self.marks.add(ghosts)
        self.board.notes += ghosts
        self.play(FadeIn(ghosts), run_time=0.4)
        for step in range(self.steps_done + 1, steps + 1):
            vectors = {t: np.asarray(self.read("repeated", sentence, step=step, token=t).values) for t in tokens}
            starts = {t: self._point(t).place for t in tokens}
            counter = self._counter(step, sentence)
            self.play(
                self.board.move(vectors, run_time=1.4 if step == 1 else 0.8),
                FadeIn(counter),
                *([FadeOut(self.counter)] if self.counter.submobjects else []),
            )
            trails = [self.board.trail(start, t) for t, start in starts.items()]
            self.board.lines += trails
            self.add(*trails)
            self.marks.add(*trails)
            self.counter, self.steps_done = counter, step

    def _panel_top(self) -> float:
        return float(self.chips.get_bottom()[1]) if self.chips.submobjects else PANEL_TOP

    def _counter(self, step: int, sentence: str | None) -> Writing:
        count = self.derived(step, "steps of attention so far", style="whole", sentence=sentence)
        text = self.formula(
            '"after" med {n} med {noun}',
            size=theme.WORD,
            color=theme.DIM,
            words={"noun": "step" if step == 1 else "steps"},
            n=count,
        )
        if self.beside_plane:
            return text.move_to([PANEL_LEFT, self._panel_top() - 0.6, 0], aligned_edge=LEFT)
        return text.move_to([self.board.bounds[2], 2.75, 0], aligned_edge=RIGHT)
