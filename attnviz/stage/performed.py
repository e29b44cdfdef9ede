"""A Manim scene that is played shot by shot: its clock, its receipts, the board that it shares with others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from manim import (
    Animation,
    AnimationGroup,
    FadeIn,
    FadeOut,
    Mobject,
    Scene,
    VGroup,
    VMobject,
    Wait,
    config,
    rush_from,
    smooth,
    squish_rate_func,
)
from manim.renderer.cairo_renderer import CairoRenderer

from attnviz.stage import frame
from attnviz.stage.easing import ease
from attnviz.stage.flights import courses
from attnviz.stage.gestures import gesture_of
from attnviz.stage.left_on_board import LeftWord, words_among
from attnviz.stage.motion import FIRST_HALF, SECOND_HALF, derive
from attnviz.stage.numbers import Number
from attnviz.stage.past_the_door import moved_by, refuse_changed_digits, refuse_passing, refuse_unreceipted
from attnviz.stage.pointing import Sights
from attnviz.stage.reading import Answer, Door, Read, visible_word
from attnviz.stage.receipts import Receipt, ReceiptBook
from attnviz.stage.resting import pointings
from attnviz.stage.tables.whole import make_whole
from attnviz.stage.titles import LARGE, settling, title_in_corner
from attnviz.storyboard.cues import Cue

if TYPE_CHECKING:
    import xarray as xr

LATEST = 8
"""So many plays are looked through, the last first, for something new to be pointed at."""
LEAVES = squish_rate_func(rush_from, 0.0, 0.3)
"""How words leave that are not called for: before what comes stands in their place."""
CLEARING, HAND_OVER = 0.45, 0.7
"""For how long, in seconds, what stood on a board goes; and for how long it gives way to what stood there before."""


class Performed(Scene):
    """What the performance needs of a stage; scenes are written with `Stage`, which adds what their verbs need."""

    def __init__(self, title: str, door: Door, renderer: CairoRenderer | None) -> None:
        super().__init__(renderer=renderer)
        self._door, self._book = door, ReceiptBook()
        self._shot, self._began = "", 0.0
        self._on_play: Callable[[int], None] = lambda plays: None
        self._before_play: Callable[[int], None] = lambda plays: None
        self._plays, self._names_plays = list[tuple[str, float, float]](), True
        self._latest_plays, self._shown = list[list[Animation]](), list[Cue]()
        self._pointed = list[tuple[float, float]]()
        self._waiting_to_return, self._left_on_board = list[Mobject](), list[Mobject]()
        self._words_left_on_board: dict[str, LeftWord] = {}
        self._title = VGroup()
        self._entitle(title)

    def take_over(self, before: Performed, title: str) -> None:
        """Go on from what stands on the stage before, on the same board; it may be this stage itself.

        What another stage leaves is on screen when the first shot begins, and gives way to what stands here, or comes.
        Its words can be taken up: see `arrival`.
        """
        self._door.answers.clear()
        self._entitle(title)
        if before is not self:
            self._door.hear(before._door.known_texts())
            self._waiting_to_return = [m for m in self.mobjects if m is not self._title]
            self._left_on_board = [m for m in before.mobjects if m is not before._title]
            self.remove(*self._waiting_to_return)
            self.add(*self._left_on_board)

    @property
    def beside_title(self) -> float:
        """How much room (frame units) is left to the right of the title, once it is small, on its line."""
        taken = self._title.width / (LARGE if self._title_is_large else 1)
        return frame.CONTENT.width - float(taken)

    def arrival(self, word: str, *goals: VMobject) -> Animation:
        """Return the animation in which what stands for a word comes: from where an earlier scene left it on the board.

        A word that nobody left there fades in. What is not called for before the next play leaves in it.
        """
        left = self._words_left_on_board.pop(visible_word(word), None)
        if left is None:
            return AnimationGroup(*map(FadeIn, goals))
        come = [derive(goal, left.cause_of(goal)) for goal in goals]
        return AnimationGroup(*come, FadeOut(left, rate_func=rush_from))

    def begin_shot(
        self,
        shot: str,
        on_play: Callable[[int], None] = lambda plays: None,
        before_play: Callable[[int], None] = lambda plays: None,
    ) -> None:
        """Start a shot; its plays, its receipts and what it reads count from here.

        `on_play` is called after each of its plays, and `before_play` before it, with their number so far.
        """
        self._shot, self._on_play, self._before_play = shot, on_play, before_play
        self._plays = []
        self._latest_plays, self._shown, self._pointed = [], [], []
        self._began = self.time
        self._door.answers.clear()

    @property
    def answers(self) -> dict[Read, Answer]:
        """What was asked of the traces since the shot began (or, before the first, by `setup`), and the answers."""
        return dict(self._door.answers)

    @property
    def pointing_times(self) -> list[tuple[float, float]]:
        """From when to when something was pointed at in the shot so far, in seconds since it began."""
        return list(self._pointed)

    @property
    def default_sentence(self) -> str:
        """The name of the sentence that is meant where none is named; "" without one."""
        return next(iter(self._door.traces), "")

    @property
    def traces_read(self) -> Mapping[str, xr.Dataset]:
        """The traces that the stage can read, by the names of their sentences."""
        return self._door.traces

    @property
    def receipts_now(self) -> list[Receipt]:
        """The receipts of the numbers that stand on screen after the last play."""
        return self._book.standing(self._shot)

    @property
    def brought(self) -> list[list[Number]]:
        """The numbers that came with each of the shot's plays so far."""
        return self._book.brought[: self.plays]

    @property
    def carried(self) -> list[bool]:
        """Which of the last shot's receipts, in their order, are of numbers that were on screen before it began."""
        return self._book.carried

    def perform(self, verb: str, arguments: Mapping[str, Any]) -> None:
        """Play a verb, once what another stage left on the board has made room for it."""
        if self._left_on_board:
            self._hand_over()
        getattr(self, verb)(**arguments)

    @property
    def title_written(self) -> Mobject:
        """The title that stands over the stage."""
        return self._title

    @property
    def plays(self) -> int:
        """How many animations the shot has played so far."""
        return len(self._plays)

    @property
    def beats(self) -> list[str]:
        """The names of the shot's plays so far, in order; "" for a play without one."""
        return [name for name, _, _ in self._plays]

    @property
    def beat_times(self) -> list[tuple[float, float]]:
        """From when to when each of the shot's plays so far moved, in seconds since the shot began."""
        return [(began, ended) for _, began, ended in self._plays]

    def hold(self, seconds: float) -> None:
        """Stand still."""
        self.wait(seconds)

    def rest(self, seconds: float, cues: Sequence[Cue] = ()) -> None:
        """Stand still, and point meanwhile at what is said: `cues` are in seconds since the shot began.

        It takes as many whole frames as come nearest to `seconds`, and leaves the stage as it was. Neither the
        stillness nor the gestures are plays of the shot. What was asked for by a mark is done once in a shot.
        """
        standing, now = list(self.mobjects), self.time - self._began
        frames, at = round(seconds * config.frame_rate), 0
        sights = Sights(self.mobjects, self._title, self._latest_plays, self.default_sentence)
        for pointing in pointings(cues, now, now + seconds, sights, self._shown):
            first, last = (round((time - now) * config.frame_rate) for time in (pointing.begins, pointing.ends))
            self._pass(first - at)
            gesture = gesture_of(pointing.gesture, pointing.spots)
            for animation, share in gesture.phases(last - first):
                self._pass(share, animation)
            at = last
            self._pointed.append((pointing.begins, pointing.ends))
        self._pass(frames - at)
        self.mobjects[:] = standing  # Manim lists an empty mobject for each of its waits
        self._shown += [cue for cue in cues if cue.gesture and cue.begins <= now + seconds and cue not in self._shown]

    def _pass(self, frames: int, animation: Animation | None = None) -> None:
        """Let so many frames pass, in which the stage stands still, or no more than a gesture moves."""
        if frames > 0:
            seconds = frames / config.frame_rate
            super().play(Wait(seconds) if animation is None else animation, run_time=seconds)

    def end_shot(self) -> list[Receipt]:
        """End the shot and return its receipts; raises `ProblemsFound` for a number without one."""
        family = self._checked_family()
        now = self.time - self._began
        self._book.observe(family, now, now)
        return self._book.close(self._shot, now)

    def play(self, *args: Any, beat: str = "", **kwargs: Any) -> None:
        """Play animations as Manim does, and note which numbers are on screen afterwards.

        `beat` is the name by which a narration can start this play at a word; the verb's docstring lists it.
        """
        self._before_play(self.plays)
        began = self.time - self._began
        words, self._words_left_on_board = list(self._words_left_on_board.values()), {}
        gone = [FadeOut(word, rate_func=LEAVES) for word in words]
        super().play(*args, *gone, *self._title_settled(), **kwargs)
        for animation in self.animations or []:
            refuse_changed_digits(animation)
        self._book.observe(self._checked_family(), began, self.time - self._began)
        make_whole(self, self.animations or [])
        self._latest_plays = [*self._latest_plays, list(self.animations or [])][-LATEST:]
        self._plays.append((beat if self._names_plays else "", began, self.time - self._began))
        self._on_play(self.plays)

    @contextmanager
    def _without_beats(self) -> Iterator[None]:
        """Let plays have no names, as those of a verb that another verb calls."""
        before, self._names_plays = self._names_plays, False
        try:
            yield
        finally:
            self._names_plays = before

    def compile_animations(self, *args: Any, **kwargs: Any) -> list[Animation]:
        """Make animations of what is played, as Manim does; they begin and end gently."""
        animations: list[Animation] = super().compile_animations(*args, **kwargs)
        ease(animations)
        return animations

    def begin_animations(self) -> None:
        """Begin animations as Manim does, unless they would show a number without a receipt on their way."""
        refuse_passing(self.animations or [], self._door.known_texts())
        super().begin_animations()
        self._book.depart(moved_by(self.animations or []), courses(self.animations or []))

    def _entitle(self, title: str) -> None:
        """Put a title into its corner: large, until something moves."""
        self._door.told.append(title)
        self.remove(self._title)
        self._title, self._title_is_large = title_in_corner(title)
        self.add(self._title)

    def _title_settled(self) -> list[Animation]:
        """Return the animation in which a large title becomes small and dim, in the first play that it is there."""
        if not self._title_is_large:
            return []
        self._title_is_large = False
        return [settling(self._title)]

    def _hand_over(self) -> None:
        """Let go what another stage left, but for its words; and let what stood here before come back.

        Words go to where they stand here; those that are not here yet stay, to be called for: see `arrival`.
        """
        left, self._left_on_board = self._left_on_board, []
        here, self._waiting_to_return = self._waiting_to_return, []
        spoken = self._door.words()
        words, goals = words_among(left, spoken), words_among(here, spoken)
        gone = [FadeOut(thing, rate_func=FIRST_HALF if here else smooth) for thing in left]
        come = [FadeIn(thing, rate_func=SECOND_HALF) for thing in here]
        flown = [
            part.animate.match_height(goal := goals[word].cause_of(part)).move_to(goal)
            for word in words
            if word in goals
            for part in words[word]
        ]
        self.add(*words.values())
        # It is no play of the shot: nothing stands still after it, and a figure is not counted from it
        super().play(*gone, *come, *flown, *self._title_settled(), run_time=HAND_OVER if here else CLEARING)
        self._book.depart(())  # nor are its moves told of in the shot
        self.remove(*[words[word] for word in words if word in goals])
        self._words_left_on_board = {word: text for word, text in words.items() if word not in goals}

    def _checked_family(self) -> list[Mobject]:
        """Return all that is on stage; raises `ProblemsFound` if there is a number without a receipt."""
        family: list[Mobject] = self.get_mobject_family_members()
        refuse_unreceipted(family, self._door.known_texts(), self._door.gave)
        return family
