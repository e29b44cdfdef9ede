"""Why attention divides by the square root of the dimension: dot products of random vectors, measured."""

from __future__ import annotations

from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    AnimationGroup,
    Create,
    FadeIn,
    FadeOut,
    LaggedStart,
    Transform,
    VGroup,
    rush_from,
)

from attnviz.stage import (
    Count,
    Number,
    NumberMark,
    Stage,
    Writing,
    derive,
    frame,
    leaves,
    number_marks,
    replaced,
    theme,
    unless,
)

from .funnel import Funnel

PLOT, ALONE = frame.COLUMNS, frame.COLUMNS_ALONE
ROWS = dict(zip(("dimension", "measured", "theory"), frame.UNDER_COLUMNS, strict=True))
WIDEST = 0.8
"""How wide a number with decimals is, at most: the names of rows end before those of the first column."""
FEWEST, MOST = 3, 12
DECIMALS = {"exact": 1, "scaled": 2}


class DotGrowth(Stage):
    """Dot products of random vectors spread out as the dimension grows; divided by its square root, they do not."""

    experiments = ("dot_growth",)
    needs_sentence = False

    def setup(self) -> None:
        """Start with an empty stage."""
        self.funnel: Funnel | None = None
        self.rows: dict[str, list[NumberMark]] = {}
        self.heads: dict[str, Writing] = {}
        self.note: Writing | None = None
        self.curves = VGroup()

    # Verbs ----------------------------------------------------------------------------------------------------

    @unless("samples", say="the dot products are already there; leave this shot out, or start a new scene")
    @leaves("samples")
    def show_samples(self, dimensions: list[Count] | None = None) -> None:
        """Show measured dot products of random vectors, one dimension after another; each dot is one product.

        Seen: A chart has a column of dots for each dimension. Each dot is one dot product, and from left to right the
        columns spread like a funnel.

        Plays: scale, columns.
        """
        known = self.labels("dot_samples", "dimension")
        chosen = known if dimensions is None else sorted({str(d) for d in dimensions}, key=int)
        if not FEWEST <= len(chosen) <= MOST:
            self.refuse(f"{len(chosen)} dimensions do not make a picture", "name at least three, or none for all")
        samples = self.read("dot_samples", dimension=chosen).values
        self.funnel = funnel = Funnel(
            [int(d) for d in chosen],
            samples,
            across=(PLOT.left, PLOT.right),
            up=(ALONE.bottom, ALONE.top),
        )

        # Draw the scale, and say what a dot is
        note = self._note(self._plain("each dot: the dot product of two random vectors"))
        self.play(Create(funnel.zero), FadeIn(funnel.ticks), *note, run_time=1.0, beat="scale")

        # Let the columns spread out, one after another
        marks = self._row("dimension", '"dimension" d', theme.DIM, [self._dimension(d) for d in chosen])
        lower = (frame.UNDER_COLUMNS[-1] - frame.UNDER_COLUMNS[0]) * UP
        VGroup(self.heads["dimension"], *marks).shift(lower)
        self.play(FadeIn(self.heads["dimension"]), run_time=0.4, beat="columns")
        steps = [AnimationGroup(FadeIn(m), funnel.spread(k)) for k, m in enumerate(marks)]
        self.play(LaggedStart(*steps, lag_ratio=0.45), run_time=6.5, beat="columns")

    @unless("curve", say="the curve is already there; leave this shot out")
    @leaves("samples", "curve")
    def show_growth(self) -> None:
        """Draw the measured root mean square through the dots, and compare it with the square root of the dimension.

        Seen: Two curves open to the right, above and below zero. Under each column of dots stands how far a typical one
        is from zero[; under the last, {largest dot_growth[:]}].

        Plays: note, curve, sizes, roots.
        """
        funnel = self._ready()
        growth = self.numbers("dot_growth", dimension=funnel.names, decimals=DECIMALS["exact"])

        # Make room for more rows, and draw how far a typical dot product lies from zero
        lift = (frame.UNDER_COLUMNS[0] - frame.UNDER_COLUMNS[-1]) * UP
        row = VGroup(self.heads["dimension"], *self.rows["dimension"])
        self.play(row.animate.shift(lift), *funnel.fit((PLOT.bottom, PLOT.top)), run_time=1.2)
        upper, lower, band = funnel.curves([n.value for n in growth])
        self.curves = VGroup(upper, lower, band)
        marks = self._row("measured", '"typical size"', theme.INK, growth)
        self.play(*self._note(self._count()), run_time=0.8, beat="note")
        self.play(Create(upper), Create(lower), FadeIn(band), run_time=2.4, beat="curve")
        self.play(
            FadeIn(self.heads["measured"]),
            LaggedStart(*[FadeIn(m, shift=0.1 * DOWN) for m in marks], lag_ratio=0.4),
            run_time=2.6,
            beat="sizes",
        )

        # Compare it with the root of the dimension
        roots = self.numbers("root_dimension", dimension=funnel.names, decimals=DECIMALS["exact"])
        marks = self._row("theory", "sqrt(d)", theme.DIM, roots)
        self.play(
            FadeIn(self.heads["theory"]),
            LaggedStart(*[FadeIn(m, shift=0.1 * DOWN) for m in marks], lag_ratio=0.4),
            run_time=2.6,
            beat="roots",
        )

    @unless("scaled", say="the dot products are already divided; leave this shot out")
    @leaves("samples", "curve", "scaled")
    def scale(self) -> None:
        """Divide every dot product by the square root of its dimension, which closes the funnel; then zoom in.

        Seen: Each dot is divided by the root of its dimension, and the funnel closes. Then the chart is enlarged[:
        typical sizes lie between {smallest scaled_dot_growth[:]} and {largest scaled_dot_growth[:]}].

        Plays: divisor, funnel, sizes, zoom, note.
        """
        funnel = self._ready()
        if not self.curves.submobjects:
            self.show_growth()
        growth = self.numbers("scaled_dot_growth", dimension=funnel.names, decimals=DECIMALS["scaled"])

        # Close the funnel
        marks, old = self._marks("measured", theme.INK, growth), self.rows["measured"]
        divisor = self._head("theory", "div sqrt(d)", theme.DIM)
        self.play(*replaced(self.heads["theory"], divisor), run_time=0.8, beat="divisor")
        self.rows["measured"], self.heads["theory"] = marks, divisor
        funnel.divide()
        note = self._note(self._plain("each dot, divided by the root of its dimension"))
        self.play(*self._follow(growth), *funnel.settle(), *note, run_time=2.2, beat="funnel")
        roots = self.rows["theory"]
        steps = [
            AnimationGroup(FadeOut(before, rate_func=rush_from), derive(mark, before, root))
            for mark, before, root in zip(marks, old, roots, strict=True)
        ]
        self.play(*steps, run_time=1.8, beat="sizes")

        # Zoom in: the same dots on a larger scale
        factor, closer = funnel.zoom_in()
        times = self.derived(factor, "new scale of the axis / its old scale", style="short", decimals=1)
        template = "each dot, divided by that root, and drawn {k} times larger"
        self.play(*closer, *self._follow(growth), run_time=2.6, beat="zoom")
        self.play(
            *self._note(self.phrase(template, size=theme.NOTE, color=theme.DIM, k=times)), run_time=0.8, beat="note"
        )

    # How ------------------------------------------------------------------------------------------------------

    def _ready(self) -> Funnel:
        if self.funnel is None:
            self.show_samples()
        assert self.funnel is not None
        return self.funnel

    def _follow(self, growth: list[Number]) -> list[Animation]:
        """Return the animations that bring the curves to the current sizes."""
        assert self.funnel is not None
        curves = zip(self.curves, self.funnel.curves([n.value for n in growth]), strict=True)
        return [Transform(old, new) for old, new in curves]

    def _dimension(self, label: str) -> Number:
        return self.derived(int(label), f"dimension of the random vectors of dot_samples[{label}]", style="whole")

    def _row(self, name: str, head: str, color: str, numbers: list[Number]) -> list[NumberMark]:
        """Make a row of numbers below the columns, with its header; return the digits, for the verb to show."""
        self.heads[name] = self._head(name, head, color)
        self.rows[name] = self._marks(name, color, numbers)
        return self.rows[name]

    def _head(self, name: str, head: str, color: str) -> Writing:
        assert self.funnel is not None
        text = self.formula(head, size=theme.NOTE, color=color)
        text.move_to([float(self.funnel.xs[0]) - 0.5 * WIDEST - 0.16, 0, 0], aligned_edge=RIGHT)
        text.shift(max(0.0, frame.CONTENT.left - float(text.get_left()[0])) * RIGHT)
        return text.seat(ROWS[name])

    def _plain(self, text: str) -> Writing:
        return self.prose(text, size=theme.NOTE, color=theme.DIM)

    def _count(self) -> Writing:
        """Return the note on how many pairs the typical size is measured over, and how many of them are drawn."""
        assert self.funnel is not None
        pairs = self.number("dot_pairs", style="whole", dimension=self.funnel.names[0])
        drawn = len(self.labels("dot_samples", "sample"))
        template = "typical size: root mean square of {all} pairs; {some} drawn"
        some = self.derived(drawn, "number of samples of dot_samples in each dimension", style="whole")
        return self.phrase(template, size=theme.NOTE, color=theme.DIM, all=pairs, some=some)

    def _note(self, text: Writing) -> list[Animation]:
        """Return the animations in which a note appears above the dots, after the one before has gone."""
        text.move_to([PLOT.left, 0, 0], aligned_edge=LEFT).seat(frame.ABOVE_COLUMNS)
        old, self.note = self.note, text
        return replaced(old, text)

    def _marks(self, name: str, color: str, numbers: list[Number]) -> list[NumberMark]:
        assert self.funnel is not None
        marks = number_marks(numbers, size=theme.NOTE, color=color)
        pitch = float(min(self.funnel.xs[1:] - self.funnel.xs[:-1]))
        size = min(1.0, (pitch - 0.16) / max(mark.width for mark in marks))
        return [m.scale(size).move_to([x, ROWS[name] + 0.13, 0]) for m, x in zip(marks, self.funnel.xs, strict=True)]
