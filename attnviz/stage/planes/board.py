"""A board: a plane with words on it, which are named, moved and turned together with all that lies on the plane."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from manim import Animation, Mobject, Scene, VGroup, smooth

from attnviz.stage.motion import BACK
from attnviz.stage.placement import Array, Rect, around, between, middle_of, overlap, rect_of
from attnviz.stage.planes.laid import Cloud, Laid, Leader, OldPlace, Way
from attnviz.stage.planes.marker import ICON, Lit, WordMarker
from attnviz.stage.planes.names import name_offsets
from attnviz.stage.planes.open_plane import OpenPlane
from attnviz.stage.planes.places import Places
from attnviz.stage.planes.plane import project
from attnviz.stage.planes.strings import PullLoop, PullString, Riding, Shaft, away
from attnviz.stage.reading import visible_word
from attnviz.stage.typesetting import Writing

MANY = 5
"""On a board of more words, the names of those that a sentence does not have go while it is shown."""


class Board:
    """Words as points on a plane.

    The board draws nothing itself: its methods return mobjects and animations for a scene to play. What `laid` holds
    follows the plane and its words.
    """

    def __init__(self, plane: OpenPlane) -> None:
        self.plane = plane
        self.points: dict[str, WordMarker] = {}
        self.laid: list[Laid | Riding] = []
        self.leaders: list[Leader] = []
        self.lit: Collection[str] | None = None  # the words that are not dimmed (None: all)

    @classmethod
    def of(cls, places: Places, sentences: Iterable[str], *, ticks: bool, aside: bool) -> Board:
        """Return a board, without words yet, that has room for every place of the words of these sentences."""
        room = np.vstack([places.room(name) for name in sentences])
        return cls(OpenPlane(room, places.axes(), ticks=ticks, aside=aside))

    @property
    def bounds(self) -> Rect:
        """Where names may stand, now."""
        left, bottom, right, top = self.plane.region
        return (left - 0.3, bottom, right + (0.2 if self.plane.aside else 0.3), top)

    def make_points(
        self, vectors: Mapping[str, Array], color: Callable[[str], str], *, icons: bool = True,
        written: Callable[[str], str] = visible_word,
    ) -> list[WordMarker]:  # fmt: skip
        """Return new words, by token and vector, each in its `color`, with their names where they cover least."""
        fresh = [
            WordMarker(token, v, self.plane.at(v), color(token), with_icon=icons, written=written(token))
            for token, v in vectors.items()
        ]
        self.points |= {word.token: word for word in fresh}
        offsets, _ = self._offsets({})
        for word in fresh:
            word.stand(offsets[word])
            word.home = offsets[word]
        return fresh

    def lay(self, *things: Laid | Riding) -> None:
        """Lay things on the plane, and have them follow it from now on."""
        for thing in things:
            thing.lay(self.plane)
            self.laid.append(thing)

    def forget(self, gone: Iterable[Mobject] | None = None) -> None:
        """Stop having things follow the plane (default: all)."""
        known = None if gone is None else {id(thing) for thing in gone}
        self.laid = [] if known is None else [thing for thing in self.laid if id(thing) not in known]

    def focus(
        self, tokens: Collection[str] | None, *, aside: bool | None = None, room: Sequence[Array] = ()
    ) -> list[Animation]:
        """Return the animations that dim all words but these (None: none at all); on a full board, their names go.

        With `room`, the places that these words need, a plane that goes aside shows these as large as it can; dimmed
        words that would then stand outside its window go altogether.
        """
        lone = len(self.points) > MANY
        self.lit = tokens
        aside = self.plane.aside if aside is None else aside
        self.plane.subject = None
        if tokens is not None and len(room):
            lit = [word.vector for word in self.points.values() if word.token in tokens]
            self.plane.subject = [np.array([*vector, 0.0])[:3] for vector in (*lit, *room)]
        state = self.plane.state(self.plane.view, aside)
        origin, unit, window = state[2:5], float(state[5]), [float(edge) for edge in state[6:10]]
        ends = [way.vectors[-1] for way in self.laid if isinstance(way, Way)]
        changes: list[Animation] = []
        for word in self.points.values():
            is_lit = tokens is None or word.token in tokens
            gives_way = lone and not any(np.allclose(word.vector, end) for end in ends)  # no way leads to it
            levels = (1.0, 1.0) if is_lit else (BACK, 0.0 if gives_way else BACK)
            if not is_lit and gives_way and self.plane.subject is not None and aside:
                levels = (0.0, 0.0)
            x, y, _ = origin + unit * project(word.vector, self.plane.view)
            if not is_lit and not (window[0] + ICON < x < window[2] - ICON and window[1] + ICON < y < window[3] - ICON):
                levels = (0.0, 0.0)
            if levels != word.levels:
                changes.append(Lit(word, *levels))
        return changes

    # Changes --------------------------------------------------------------------------------------------------

    def move(self, vectors: Mapping[str, Array], run_time: float = 1.5) -> Change:
        """Return the animation that moves words to new vectors; names that would be covered change their place."""
        return Change(self, vectors, run_time=run_time)

    def change(self, vectors: Mapping[str, Array], *, aside: bool, run_time: float = 1.1) -> Change:
        """Return the animation that moves words, while the plane goes aside or comes back."""
        return Change(self, vectors, aside=aside, run_time=run_time)

    def needs_leaders(self) -> bool:
        """Tell whether words stand in one place whose names no line leads to yet: `settle` draws it."""
        _, groups = self._offsets({})
        return any(all(leader.words != group for leader in self.leaders) for group in groups)

    def needs_room(self, token: str) -> bool:
        """Tell whether a word's name is covered by something that came later."""
        word = self.points[token]
        box = rect_of(word.label)
        others = [rect_of(part) for w in self.points.values() if w is not word for part in (w.picture, w.label)]
        return any(overlap(box, other) > 0.01 for other in others)

    def settle(self, run_time: float = 0.8, *, for_words: Collection[WordMarker] = ()) -> Change:
        """Return the animation that moves names away from what was drawn since, or from where words will stand."""
        return Change(self, {}, for_words=for_words, run_time=run_time)

    def slide(self, *, aside: bool, run_time: float = 1.0) -> Change:
        """Return the animation in which the plane goes aside, or comes back, with all that is on it."""
        return Change(self, {}, aside=aside, run_time=run_time)

    def turn(self, view: tuple[float, float], run_time: float = 2.4, rate_func: Any = smooth) -> Change:
        """Return the animation that turns the plane, words included, to a view (azimuth and elevation in radians)."""
        return Change(self, {}, view=view, run_time=run_time, rate_func=rate_func)

    # What is on it --------------------------------------------------------------------------------------------

    def taken(self) -> list[Rect]:
        """Return what names should not cover: the plane's own labels, numbers, strings and ways."""
        riding = [rect_of(thing, 0.05) for thing in self.laid if isinstance(thing, Riding)]
        return self.plane.written() + riding + [middle_of(r) for thing in self.laid for r in thing.rects()]

    def ride(self, label: Writing, carrier: Shaft | PullLoop) -> Riding:
        """Return a number that rides an arrow, a string or a loop, on that side of it where it covers least."""
        riding = Riding(label, carrier)
        self.seat(riding)
        return riding

    def seat(self, riding: Riding) -> None:
        """Put a number where, beside what it rides, it covers least of what there is now."""
        words = [rect_of(part, 0.03) for w in self.points.values() for part in (w.picture, w.label) if w.is_named]
        words += [rect_of(w.picture) for w in self.points.values() if not w.is_named and w.levels[0]]
        words += [rect_of(w.ring, 0.1) for w in self.points.values() if w.ring_color]
        words += [rect_of(thing) for thing in self.laid if isinstance(thing, OldPlace)]
        notes = [rect_of(thing, 0.06) for thing in self.laid if isinstance(thing, Riding) and thing is not riding]
        loose = [r for thing in self.laid if thing is not riding.carrier for r in thing.rects()]
        riding.seat([*words, *notes, *self.plane.written()], loose, self.bounds)

    def cloud(self, words: Iterable[str], color: str | None = None) -> Cloud:
        """Return an outline around words, and around no others, where they are now; it has the first one's colour."""
        members = [self.points[word] for word in dict.fromkeys(words)]
        strangers = [word for word in self.points.values() if word not in members]
        cloud = Cloud(members, strangers, color or members[0].word_color)
        cloud.lay(self.plane)
        return cloud

    def pulls(self, word: str, weights: Mapping[str, float]) -> list[PullString | PullLoop]:
        """Lay and return what pulls at a word: strings from other words, and a loop for what it takes from itself."""
        pulled = self.points[word]
        strings: list[PullString | PullLoop] = [
            PullString(self.points[other], pulled, weight) for other, weight in weights.items() if other != word
        ]
        self.lay(*strings)
        if word in weights:
            ways = [self.points[other].place - pulled.place for other in weights if other != word]
            name = self._offsets({})[0].get(pulled, pulled.offset)  # where its name will make way for the strings
            strings.append(PullLoop(pulled, weights[word], away(ways, pulled.place, name, self.bounds)))
            self.lay(strings[-1])
        return strings

    def _offsets(self, goals: Mapping[str, Array]) -> tuple[dict[WordMarker, Array], list[list[WordMarker]]]:
        everyone = {word: goals.get(token, word.place) for token, word in self.points.items()}
        named = {word: place for word, place in everyone.items() if word.is_named}
        silent = [around(place, (ICON, ICON)) for w, place in everyone.items() if not w.is_named and w.levels[0]]
        standing = {word: word.home for word in named if word.home is not None}
        return name_offsets(named, avoid=[*self.taken(), *silent], bounds=self.bounds, standing=standing)


class Change(Animation):
    """Animate a board to new vectors of its words, another view, or another place in the frame: all of it together.

    `for_words` are on the board, but not yet on stage: names make room for theirs.
    """

    def __init__(
        self, board: Board, vectors: Mapping[str, Array], *, view: tuple[float, float] | None = None,
        aside: bool | None = None, for_words: Collection[WordMarker] = (), **kwargs: Any,
    ) -> None:  # fmt: skip
        self.board, plane = board, board.plane
        plane.aside = plane.aside if aside is None else aside
        plane.also = [np.array([*word.vector, 0.0])[:3] for word in board.points.values() if word.levels[0]]
        plane.also += [np.array([*thing.vector, 0.0])[:3] for thing in board.laid if hasattr(thing, "vector")]
        plane.ways = [pair for way in board.laid if isinstance(way, Way) for pair in pairwise(way.vectors)]
        self.start = plane.now
        self.goal = plane.state(plane.view if view is None else view, plane.aside)
        self.coming = set(for_words)
        words = {name: word for name, word in board.points.items() if word not in self.coming}
        self.words = [*words.values()]
        self.vectors = [
            (word.vector, np.asarray(vectors.get(name, word.vector), dtype=float)) for name, word in words.items()
        ]
        self._find_names()
        moved = [plane, *self.words, *board.laid, *board.leaders, *self.gone]
        super().__init__(VGroup(*moved), **kwargs)

    def _find_names(self) -> None:
        """Find where names will stand: seen from where everything will be, which is then undone."""
        before = [word.offset for word in self.words]
        riding = [thing for thing in self.board.laid if isinstance(thing, Riding)]
        rests = np.array_equal(self.start[:14], self.goal[:14])
        self.rides = [(thing, thing.stands, thing.stands) for thing in riding]
        self._show(1.0, None)
        if not rests:  # where the plane is drawn larger or smaller, numbers find their places anew
            for thing in riding:
                self.board.seat(thing)
            self.rides = [(thing, start, thing.stands) for thing, start, _ in self.rides]
        offsets, groups = self.board._offsets({})
        for group in [group for group in groups if not self.coming.isdisjoint(group)]:
            groups.remove(group)  # they are named together once all of them are there
            offsets = {word: offset for word, offset in offsets.items() if word not in group}
        kept = [leader for leader in self.board.leaders if leader.words in groups]
        self.gone = [leader for leader in self.board.leaders if leader not in kept]
        self.fresh = [Leader(words) for words in groups if all(leader.words != words for leader in kept)]
        self.board.leaders = kept + self.fresh
        self.offsets = [(old, offsets.get(word, old)) for old, word in zip(before, self.words, strict=True)]
        led = {word for words in groups for word in words}
        for word in self.words:
            word.leads = word in led
        self.swaps = {
            word
            for word, (begin, end), (old, new) in zip(self.words, self.vectors, self.offsets, strict=True)
            if word.is_named and (rests or not np.allclose(begin, end)) and float(np.linalg.norm(new - old)) > 0.4
        }
        self._show(0.0, self.offsets)

    def create_starting_mobject(self) -> Mobject:
        """Return the mobject itself: its start is known, so no copy is needed."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        """Show the board at the fraction `alpha` of the animation."""
        self._show(self.rate_func(alpha), self.offsets)

    def _show(self, share: float, offsets: Sequence[tuple[Array, Array]] | None) -> None:
        plane = self.board.plane
        if not np.array_equal(self.start, self.goal):
            plane.take(self.goal if share == 1 else self.start + share * (self.goal - self.start))
            plane.move_name(self.start, self.goal, share)
        for k, (word, (begin, end)) in enumerate(zip(self.words, self.vectors, strict=True)):
            word.vector = end if share == 1 else begin + share * (end - begin)
            offset = word.offset if offsets is None else between(*offsets[k], share)
            word.body.move_to(plane.at(word.vector))
            if offsets is not None and word in self.swaps:  # names that change sides would slide across each other
                offset = offsets[k][0 if share < 0.5 else 1]
                word.dim_name(min(1.0, abs(4 * share - 2) / 1.4) if 0.15 < share < 0.85 else 1.0)
            word.stand(offset)
        for riding, (first, start), (last, end) in self.rides:
            riding.stands = first + share * (last - first), between(start, end, share)
        for thing in self.board.laid:
            thing.lay(plane)
        if offsets is not None:
            self._lead(share)

    def _lead(self, share: float) -> None:
        """Draw the leader lines: new ones come while the words move, and those of former groups go."""
        for leader in self.board.leaders:
            leader.lay(self.board.plane)
        for leader in self.fresh:
            leader.set_stroke(opacity=share)
        for leader in self.gone:
            leader.lay(self.board.plane)
            leader.set_stroke(opacity=1 - share)

    def clean_up_from_scene(self, scene: Scene) -> None:
        """Take the leader lines that have gone off the stage."""
        super().clean_up_from_scene(scene)
        scene.remove(*self.gone)
