"""How a model has learnt: its embeddings in a plane, a head's weights and the loss, played from step to step."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from manim import (
    LEFT,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    FadeOut,
    GrowFromCenter,
    VGroup,
    smooth,
    squish_rate_func,
)

from attnviz.stage import (
    Array,
    Board,
    OpenPlane,
    Rect,
    Slice,
    Stage,
    Table,
    Word,
    Writing,
    around,
    did_you_mean,
    fitted,
    frame,
    haloed,
    leaves,
    needs,
    one_head,
    replaced,
    roll_in_line,
    table_of,
    theme,
    unless,
    visible_word,
)

from .loss_curve import Fall, LossCurve

LONGEST = 18.0
"""All steps of a training are played in so many seconds at most, each in `STEP` or less."""
STEP = 1.4
STILL = 0.7
"""For so much of a step, its digits stand still."""
NO_PLANE = "the embeddings are not there yet; begin with show_embeddings"
NO_WEIGHTS = "there are no weights yet; show them with show_weights"


class Learning(Stage):
    """How a model has learnt: what it computes with the parameters that its training has kept along the way."""

    needs_steps = True

    def setup(self) -> None:
        """Start with an empty stage, before the first step."""
        self.rank = 0  # of the step that is shown, among those that were kept
        self.board: Board | None = None
        self.count: Writing | None = None
        self.table: Table | None = None
        self.curve: LossCurve | None = None
        self.loss: Writing | None = None
        self.pointed = VGroup()
        self.about: _Kept | None = None

    # Verbs ----------------------------------------------------------------------------------------------------

    @unless("plane", say="the embeddings are already there; leave this shot out, or start a new scene")
    @leaves("plane")
    def show_embeddings(self, words: list[str], others: list[str] | None = None, icons: bool = False) -> None:
        """Show words of the vocabulary as they were at the first step, in a plane that stays; others have no names.

        Seen: A plane shows words of the vocabulary as points: {words}[, and others without names]. [A counter says how
        many steps of training were done: {"number of steps of the training"}.]

        Plays: plane, words.
        """
        known = dict.fromkeys([*words, *(others or [])])
        self._check(words, known)
        paths = self.read("step_points", vocabulary=[*known])
        plane = OpenPlane(paths.values.reshape(-1, paths.shape[-1]), self.labels("step_points", "axis"))
        self.board = Board(plane)
        self.play(plane.opening(), beat="plane")
        self.own(plane)
        about = self._about()
        self.count, self.about = self._count(), _Kept(about)
        self.board.lay(self.about, _Kept(self._count(len(self._steps()) - 1)))
        points = self.board.make_points(
            self._places([w for w in known if w not in words]), self.word_color, icons=False
        )
        for point in points:
            point.light(1.0, 0.0)
        points += self.board.make_points(self._places(words), self.word_color, icons=icons)
        born = [GrowFromCenter(p.body) for p in points] + [FadeIn(p.label) for p in points if p.is_named]
        self.play(*born, FadeIn(self.count, about), run_time=1.4, beat="words")
        self.own(*points)
        self.play(self.board.settle())

    @needs("plane", say=NO_PLANE)
    @unless("weights", say="the weights are already there; leave this shot out")
    @leaves("weights")
    def show_weights(self, rows: list[Word] | None = None) -> None:
        """Show the weights of the chosen head beside the plane, as they were at this step; of some rows, or of all.

        Seen: Beside the plane, a table shows the weights of one head[ for {rows}]. [Row by row: {step_weights[:,
        :]}.|Its columns are {columns step_weights[:, :]}.]

        Plays: weights.
        """
        rows = rows or self.labels("step_weights", "query")
        part = Slice("step_weights", head=one_head(self, None), training_step=self._step, query=rows)
        come: list[Animation] = []
        place = frame.LEARNING_WEIGHTS
        if self.trace_fact("left_out") not in {"", "0"}:  # else the words over the table are the sentence
            line = fitted(self.prose(self.sentence_text(), color=theme.DIM, own=True))
            come.append(FadeIn(_place(line, frame.LEARNING_LINES[1])))
            place = place._replace(top=frame.LEARNING_LINES[1] - 0.24)
        self.table = table_of(self, part, place)
        self._make_room()
        self.play(*come, FadeIn(self.table), run_time=1.0, beat="weights")

    @needs("plane", say=NO_PLANE)
    @unless("loss", say="the loss is already there; leave this shot out")
    @leaves("loss")
    def show_loss(self) -> None:
        """Show the loss beside the plane: its point at this step, and the least that is possible, if that is known.

        Seen: Beside the plane, a chart of the loss begins with a point at {loss[:]}. [A dashed line marks the least
        that is possible, {loss_floor[]}.]

        Plays: axes, curve, floor.
        """
        updates = self.labels("loss", "update")
        self.curve = curve = LossCurve(
            [int(update) for update in updates], self.read("loss").values, frame.LEARNING_LOSS
        )
        curve.show(float(self._step))
        self.loss = self._loss()
        self._make_room()
        self.play(Create(curve.axes), FadeIn(curve.ticks, curve.name), FadeIn(self.loss), run_time=0.9, beat="axes")
        self.play(FadeIn(curve.line, curve.point), run_time=0.5, beat="curve")
        self.own(curve)
        if self.has("loss_floor"):
            [limit], least = self.labels("loss_floor"), self.number("loss_floor")
            label = self.phrase(f"{limit}: {{n}}", theme.NOTE, theme.DIM, n=least)
            self.play(FadeIn(curve.floor(least.value, label)), run_time=0.8, beat="floor")

    @needs("plane", say=NO_PLANE)
    def learn(self, to: int | None = None) -> None:
        """Play the training on, to one of the kept steps or to the last: all that is shown changes together.

        Seen: Points move in the plane, weights change in the table, and the curve of the loss goes on to the right.
        [The counter stops after {"number of steps of the training"} steps.] [The loss is then {loss[:]}.]

        Plays: steps.
        """
        steps = self._steps()
        goal = len(steps) - 1 if to is None else self._rank_of(to)
        if goal <= self.rank:
            self.refuse(
                f"the training has come to step {self._step} already", "name a later one, or leave this shot out"
            )
        seconds = min(STEP, LONGEST / max(1, len(steps) - 1))
        if self.pointed:
            self.play(FadeOut(self.pointed), run_time=0.4)
            self.pointed = VGroup()
        for rank in range(self.rank + 1, goal + 1):
            self.rank = rank
            self.play(*self._changes(seconds), run_time=seconds, beat="steps")

    @needs("weights", say=NO_WEIGHTS)
    def point_at(self, query: Word, key: Word) -> None:
        """Frame a weight, and write what it was at the first of the steps, and what it is now.

        Seen: In the table, the weight from {query} to {key} is framed. [Beside it stands what it was at first, and what
        it is now: {step_weights[query, key]}.]

        Plays: weight.
        """
        table = self._table()
        if query not in table.row_labels:
            self.refuse(f"there is no row '{query}' in the table", did_you_mean(query, table.row_labels, "the rows"))
        first, now = (
            self.number("step_weights", training_step=step, query=query, key=key)
            for step in (self._steps()[0], self._step)
        )
        text = "{q} arrow.r {k} quad {a}" + ('", now "{b}' if self.rank else "")
        words = {"q": visible_word(query), "k": visible_word(key)}
        line = self.formula(text, words=words, numbers={"a": first} | ({"b": now} if self.rank else {}))
        _place(line.scale(min(1.0, frame.BESIDE_PLANE.width / line.width)), frame.LEARNING_LINES[0])
        before, self.pointed = self.pointed, VGroup(line, table.cell_frame(query, key, theme.FOCUS))
        self.play(*replaced(before, self.pointed), run_time=1.0, beat="weight")

    @needs("plane", say=NO_PLANE)
    def mark_group(self, words: list[str]) -> None:
        """Draw a soft outline around words that have come together, and around no others.

        Seen: A soft outline is drawn around {words}.

        Plays: outline.
        """
        points = self._board().points
        for word in words:
            if word not in points:
                self.refuse(f"'{word}' is not on the plane", did_you_mean(word, points, "the words there"))
        if not words:
            self.refuse("there are no words to surround", "name one or more")
        cloud = self._board().cloud(words)
        self._board().lay(cloud)
        self.play(FadeIn(cloud, scale=0.8), run_time=1.0, beat="outline")

    # How ------------------------------------------------------------------------------------------------------

    def _check(self, words: list[str], every: Iterable[str]) -> None:
        """Refuse a model whose training is not known, and words that it does not have."""
        if not self.has("step_points"):
            hint = "write `steps: 12` into the scene's `model:`, whose name is a folder that `attnviz train` has left"
            self.refuse("this scene plays how a model was trained, and none is looked at", hint)
        known = self.labels("step_points", "vocabulary")
        for word in every:
            if word not in known:
                what = f"the vocabulary of '{self.trace_fact('model')}' has no word '{word}'"
                self.refuse(what, did_you_mean(word, known, "the words"))
        if not words:
            self.refuse("there are no words to show", "name one or more")

    def _steps(self) -> list[str]:
        return self.labels("step_points", "training_step")

    @property
    def _step(self) -> str:
        """The step that is shown."""
        return self._steps()[self.rank]

    def _rank_of(self, step: int) -> int:
        steps = self._steps()
        if str(step) not in steps:
            self.refuse(f"there is no step {step} here", f"the steps are {', '.join(steps)}")
        return steps.index(str(step))

    def _board(self) -> Board:
        assert self.board is not None
        return self.board

    def _table(self) -> Table:
        assert self.table is not None
        return self.table

    def _places(self, words: list[str]) -> dict[str, Array]:
        """Return where words stand at this step."""
        if not words:
            return {}
        found = self.read("step_points", training_step=self._step, vocabulary=words)
        return dict(zip(words, np.asarray(found.values, dtype=float), strict=True))

    def _about(self) -> Writing:
        """Return the line that says what the plane shows."""
        line = haloed(self.prose("directions, in the last step’s plane", theme.NOTE, theme.DIM))
        return _place(line, frame.LOWEST_LINE, frame.CONTENT.right - line.width)

    def _make_room(self) -> None:
        """Let the plane go aside, if it has not yet."""
        board = self._board()
        if not board.plane.aside and self.about is not None:
            board.forget([self.about])
            self.play(FadeOut(self.about.writing), run_time=0.4)
            for point in board.points.values():
                point.home = None  # its name need not stand where it stood before
            self.play(board.slide(aside=True))

    def _count(self, rank: int | None = None) -> Writing:
        step = self._steps()[self.rank if rank is None else rank]
        number = self.derived(int(step), "number of steps of the training that were done", "whole")
        return _place(self.phrase("step {n}", theme.BODY, n=number), frame.LOWEST_LINE, frame.CONTENT.left)

    def _loss(self) -> Writing:
        line = self.phrase("loss {n}", theme.WORD, n=self.number("loss", update=self._step))
        return _place(line, frame.LEARNING_LOSS.top + 0.24, frame.LEARNING_LOSS.left)

    def _changes(self, seconds: float) -> list[Animation]:
        """Return what becomes of all that is shown, at the step that has been chosen."""
        board = self._board()
        changes: list[Animation] = [board.move(self._places([*board.points]), run_time=seconds)]
        assert self.count is not None
        self.count, old = self._count(), self.count
        changes.append(_late(roll_in_line(old, self.count)))
        if self.table is not None:
            weights = self.numbers(
                "step_weights", training_step=self._step, query=self.table.row_labels, key=self.table.column_labels
            )
            changes.append(_late(self.table.change_to(weights)))
        if self.curve is not None and self.loss is not None:
            self.loss, before = self._loss(), self.loss
            changes += [Fall(self.curve, float(self._step)), _late(roll_in_line(before, self.loss))]
        return changes


class _Kept(VGroup):
    """A line on the plane that stays where it is; names keep clear of it. It draws nothing itself."""

    def __init__(self, writing: Writing) -> None:
        super().__init__()
        self.writing = writing

    def lay(self, plane: object) -> None:
        """Stay."""

    def rects(self) -> list[Rect]:
        """Return the place of the line, twice as large, since names may touch what is laid on a plane by half."""
        return [around(self.writing.get_center(), (2 * self.writing.width + 0.6, 2 * self.writing.height + 0.2))]


def _place(line: Writing, y: float, left: float = frame.BESIDE_PLANE.left) -> Writing:
    """Put a line on a baseline, from the left."""
    return line.move_to([left, 0, 0], aligned_edge=LEFT).seat(y)


def _late(change: AnimationGroup) -> Animation:
    """Return a change of digits that comes at the end of its time, so that they can be read until then."""
    return change.set_rate_func(squish_rate_func(smooth, STILL, 1))
