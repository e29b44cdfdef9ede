"""One word in several sentences, and its path through the layers, which depends on the context."""

from __future__ import annotations

import numpy as np
from manim import RIGHT, UP, Create, Dot, FadeIn, FadeOut, GrowFromCenter, LaggedStart, Line, VGroup

from attnviz.stage import (
    Array,
    Board,
    Plane,
    Rect,
    SentenceName,
    Stage,
    Word,
    WordPoint,
    Writing,
    around,
    corner,
    distance,
    ends,
    find_places,
    frame,
    leaves,
    overlap,
    rect_of,
    rects_on_way,
    theme,
    unless,
    visible_word,
)

SMALLEST_DOT, LARGEST_DOT = 0.045, 0.1
LEAST_SHARE = 1e-6
GONE = "'{}' has gone its way in this sentence; name another sentence, or leave this shot out"


class LayerDrift(Stage):
    """A word's path through a model's layers in a plane, one for each sentence, and where it ends."""

    writes_sentence = ("drift",)

    def setup(self) -> None:
        """Start with an empty stage."""
        self.made: Board | None = None
        self.ways: dict[tuple[str, str], str] = {}  # points that have moved along a path, by word and sentence
        self.below, self.note = frame.BESIDE_PLANE.top, VGroup()

    # Verbs ----------------------------------------------------------------------------------------------------

    @unless("plane", say="the plane is already there; leave this shot out, or start a new scene")
    @leaves("plane")
    def show_plane(self, ticks: bool = False) -> None:
        """Draw the plane with its named axes, large enough for every point of every path."""
        for drawn, seconds in self._lay_out(ticks=ticks).plane.opening():
            self.play(drawn, run_time=seconds)

    @unless("word {words}", say="these words are already on the plane; show other words, or leave the shot out")
    @leaves("plane", "word {words}")
    def show_words(self, words: list[Word], icons: bool = True) -> None:
        """Show words where they enter the chosen layer."""
        fresh = {word: self.places.home(word) for word in self.newcomers(words, self.board.points)}
        points = self.board.make_points(fresh, {word: self.word_color(word) for word in fresh}, icons=icons)
        self.play(LaggedStart(*[GrowFromCenter(p.body) for p in points], lag_ratio=0.3), run_time=1.0)
        self.play(*[FadeIn(p.label, shift=0.12 * UP) for p in points], *self.board.make_room(points), run_time=0.6)

    @unless("way {word} {sentence}", say=GONE)
    @ends("word {word}")
    @leaves("plane", "way {word} {sentence}")
    def drift(self, word: Word, sentence: SentenceName | None = None, like: Word | None = None) -> None:
        """Move a word through the layers, in the colour of the word `like` if given, and write where it ends."""
        name = sentence or self.sentence_names()[0]
        color = self.word_color(like or word)
        self._write_sentence(name)

        # Start where the word is before the first of these layers
        steps = self._steps(name)
        token = self._start(word, name, color, steps[0])

        # Move on from layer to layer; every stop is marked by a dot, later ones by larger dots
        counter: Writing | None = None
        for place, step in enumerate(steps[1:], 1):
            begin = self.board.points[token].place
            stop = Dot(begin, radius=self._radius(place - 1, len(steps)), color=color, fill_opacity=0.75)
            self.add(stop.set_z_index(1))
            goal = self.places.after(step, [word], name)[word]
            leg = Line(begin, self.board.plane.at(goal), color=color, stroke_width=3.5).set_z_index(0)
            old, counter = counter, self._count(step, name)
            turned = [FadeOut(old)] if old is not None else []
            self.board.lines.append(leg)
            self.play(Create(leg), self.board.move({token: goal}), FadeIn(counter), *turned, run_time=0.7)

        # Write where it has ended
        numbers = self.places.numbers_after(steps[-1], word, name)
        place = self.formula("({x}, {y})", size=theme.BODY, color=color, x=numbers[0], y=numbers[1])
        assert counter is not None
        place.next_to(counter, RIGHT, buff=0.35).seat(counter.baseline)
        self.play(FadeIn(place, shift=0.1 * RIGHT), run_time=0.6)
        self.below = float(place.get_bottom()[1]) - 0.75

    def show_share(self, word: Word, sentence: SentenceName | None = None) -> None:
        """State how much of a word's vector, as it enters the chosen layer, the plane shows."""
        if not self.places.laid:
            self.refuse("this model's plane shows all of its vectors", "leave this shot out")
        share = self.number("plane_share", sentence, style="percent", decimals=2, token=word)
        while not share.shown and share.value >= LEAST_SHARE:  # a small share must not be shown as zero
            share = share.styled("percent", share.decimals + 1)
        text = self.phrase(f"of {visible_word(word)}, this plane shows {{p}}", theme.NOTE, theme.DIM, p=share)
        self.play(FadeIn(corner(text, frame.BESIDE_PLANE.left, frame.FOOTNOTES[0]), shift=0.1 * UP), run_time=0.8)

    def show_model(self) -> None:
        """State which model this is, how large it is, and whether its parameters were quantised."""
        name, quantised = self.trace_fact("model"), self.trace_fact("quantised")
        text = f"{name}, quantised ({quantised})" if quantised else name
        line = VGroup(self.prose(f"{text}:" if self.places.laid else f"model: {text}", theme.NOTE, theme.DIM, own=True))
        if self.places.laid:
            line.add(self._size().next_to(line, RIGHT, buff=0.14).seat(line[0].baseline))
        line.scale_to_fit_width(min(line.width, frame.BESIDE_PLANE.width))
        self.play(FadeIn(corner(line, frame.BESIDE_PLANE.left, frame.FOOTNOTES[1]), shift=0.1 * UP), run_time=0.8)

    # How ------------------------------------------------------------------------------------------------------

    @property
    def board(self) -> Board:
        """The plane and its words; laid out without ticks, unless a shot has already laid them out."""
        return self.made or self._lay_out(ticks=False)

    def _lay_out(self, *, ticks: bool) -> Board:
        every = [self.places.room(name) for name in self.sentence_names()]
        plane = Plane(np.vstack(every), self.places.axes(), ticks=ticks, region=frame.PLANE_LEFT)
        self.made = Board(plane, right=frame.BESIDE_PLANE.left - 0.2)
        return self.made

    def _steps(self, sentence: str) -> list[int]:
        """Return how many layers (or steps, on a blackboard) the word has passed at each stop of its path."""
        return list(range(self.places.start(sentence), self.places.last(sentence) + 1))

    def _start(self, word: str, sentence: str, color: str, step: int) -> str:
        """Put a point at the word's initial position, and return its name on the board."""
        token = f"{visible_word(word)}#{2 + len(self.ways)}"
        self.ways[word, sentence] = token
        vector = self.places.after(step, [word], sentence)[word]
        self._make_way(word, sentence)
        gone = self.board.points.pop(word, None)
        if gone is None:
            [point] = self.board.make_points({token: vector}, {token: color})
            self.play(GrowFromCenter(point.body), FadeIn(point.label), run_time=0.7)
            return token

        # A word that was shown before moves along the path itself, and leaves a ring behind
        ring = gone.ghost().set_z_index(3)
        gone.token, self.board.points[token] = token, gone
        self.board.rings.append(ring)
        self.play(FadeIn(ring), FadeIn(self._begin_note(word, step, gone)), gone.in_color(color), run_time=0.7)
        if not np.allclose(vector, gone.vector):  # it was drawn as in another sentence
            self.play(self.board.move({token: vector}, run_time=0.6))
        return token

    def _begin_note(self, word: str, step: int, point: WordPoint) -> VGroup:
        """Return the note beside the ring where a word starts; empty if there is no room for it."""
        if self.note.submobjects:  # it is shown only once
            return VGroup()
        before = self.derived(step + 1, f"{self.places.moves}s that the word has passed + 1", style="whole")
        text = f"before {self.places.moves} {{n}}" if step else f"before any {self.places.moves}"
        numbers = {"n": before} if step else {}
        note = self.phrase(text, theme.NOTE, point.word_color, **numbers).set_stroke(theme.GROUND, 6, background=True)
        names = [name for name in self.sentence_names() if word in self.tokens(name)]
        taken = [*self.board.taken(), *[rect for name in names for rect in self._way(word, name)]]
        stops = [stop for name in names for stop in self._stops(word, name)[1:]]
        size = (note.width, note.height)
        note.move_to(find_places([size], [point.place], avoid=taken, others=stops, bounds=self.board.bounds)[0])
        away = distance(rect_of(note), point.place)
        astray = any(distance(rect_of(note), stop) < 1.5 * away for stop in stops)
        if astray or any(overlap(rect_of(note), rect) for rect in taken):
            return VGroup()
        self.board.notes.append(note)
        self.note = VGroup(note)
        return self.note

    def _way(self, word: str, sentence: str) -> list[Rect]:
        """Return rectangles that cover a word's path and its end."""
        stops = self._stops(word, sentence)
        return [*rects_on_way(stops), around(stops[-1], (0.5, 0.5))]

    def _stops(self, word: str, sentence: str) -> list[Array]:
        """Return the points on screen where a word is at first and after every layer."""
        vectors = [self.places.after(step, [word], sentence)[word] for step in self._steps(sentence)]
        return [self.board.plane.at(vector) for vector in vectors]

    def _make_way(self, word: str, sentence: str) -> None:
        """Remove the note beside the ring if the path of a word crosses it."""
        if any(overlap(rect_of(note), rect) for note in self.note for rect in self._way(word, sentence)):
            gone, self.note = self.note, VGroup()
            self.board.notes.remove(gone[0])
            self.play(FadeOut(gone), run_time=0.4)

    def _size(self) -> Writing:
        """Return a line on how many layers the model has and, if the trace tells, how many heads there are in each."""
        told = {"layer": self.derived(self.places.last(), "layers that a word passes", style="whole")}
        if self.has("concatenated"):  # the outputs of all heads, side by side
            heads = len(self.labels("concatenated", "d_concat")) // len(self.labels("head_outputs", "d_value"))
            told["head"] = self.derived(heads, "d_concat / d_value", style="whole")
        text = " × ".join(f"{{{what}}} {what if n.value == 1 else what + 's'}" for what, n in told.items())
        return self.phrase(text, theme.NOTE, theme.DIM, **told)

    def _write_sentence(self, sentence: str) -> None:
        chips = self.sentence_chips(sentence, width=frame.BESIDE_PLANE.width, rows=2)
        corner(chips, frame.BESIDE_PLANE.left, self.below)
        self.below = float(chips.get_bottom()[1]) - 0.3
        if self.below < -2.9:
            self.refuse("there is no room for another sentence", "show two or three in one scene")
        self.play(chips.entrance(), run_time=1.0)

    def _count(self, step: int, sentence: str) -> Writing:
        count = self.derived(step, f"{self.places.moves}s that the word has passed", style="whole", sentence=sentence)
        what = self.places.moves if step == 1 else f"{self.places.moves}s"
        return corner(self.phrase(f"after {{n}} {what}", color=theme.DIM, n=count), frame.BESIDE_PLANE.left, self.below)

    @staticmethod
    def _radius(place: int, stops: int) -> float:
        return SMALLEST_DOT + (LARGEST_DOT - SMALLEST_DOT) * place / max(1, stops - 1)
