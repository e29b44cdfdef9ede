"""From a wish to made shots: chooses the scenes, opens their traces, and has drawn what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.model.interface import Device, DType
from attnviz.render.cache.products import Wanted
from attnviz.render.cache.remembered import remember
from attnviz.render.cache.sources import Sources
from attnviz.render.cache.store import Store
from attnviz.render.film.format import FilmFormat
from attnviz.render.shots.claims import ClaimMode
from attnviz.render.shots.selection import PlannedScene, select
from attnviz.render.shots.voices import speeches_of
from attnviz.render.shots.work import Work, work_on
from attnviz.render.traces.library import TraceLibrary

if TYPE_CHECKING:
    from attnviz.storyboard.types import Storyboard

ATTEMPTS = 3  # what is damaged or pruned by another run while this one works is made again


@dataclass(frozen=True)
class Wish:
    """What to make from a storyboard's shots, and how. `last_shot`: only the last of the shots chosen by `only`.

    A word that the voice cannot say is a problem, unless `all_or_nothing` is to be spoken: then nobody speaks.
    """

    format: FilmFormat
    cache: Path
    wanted: Wanted = field(default_factory=Wanted)
    only: tuple[str, ...] = ()
    last_shot: bool = False
    jobs: int = 1
    cluster: str | None = None
    force: bool = False
    device: Device = "auto"
    dtype: DType = "float64"
    words_per_minute: float | None = None
    voice: str | None = None
    all_or_nothing: bool = False
    claims: ClaimMode = "stop"


class Progress(Protocol):
    """What a caller can learn while shots are made."""

    def begin(self, shots: int) -> None:
        """So many shots are wanted, and everything is known that can be known without playing scenes."""

    def advance(self, shot: str) -> None:
        """A shot has been drawn, or need not be."""


class Silent:
    """Ignores all progress."""

    def begin(self, shots: int) -> None:
        """Do nothing."""

    def advance(self, shot: str) -> None:
        """Do nothing."""


SILENT = Silent()


def chosen_scenes(storyboard: Storyboard, wish: Wish) -> list[PlannedScene]:
    """Return the scenes that a wish is about; raises `ProblemsFound` if there are none."""
    scenes = select(storyboard, wish.only)
    if scenes and wish.last_shot:
        scenes = select(storyboard, [scenes[-1].shots[-1].name])
    if not any(shot.wanted for scene in scenes for shot in scene.shots):
        raise ProblemsFound(Problem("there are no shots to render", storyboard.path))
    return scenes


def open_work(
    storyboard: Storyboard,
    wish: Wish,
    scenes: Sequence[PlannedScene],
    store: Store | None = None,
    *,
    speak: bool = False,
) -> Work:
    """Find or compute the traces of scenes, and put together all that is known of their shots.

    They are kept in the wish's cache, unless there is another `store`. Only what is to be heard has to `speak`. Raises
    `ProblemsFound`.
    """
    store = store or Store(wish.cache)
    sources = Sources(store)
    with TraceLibrary(storyboard, [scene.spec for scene in scenes], store, sources, wish.device, wish.dtype) as library:
        sources.save()
        if library.missing.wanted:
            store.check_writable()
            _prepare(store, wish.format.in_theme(storyboard.theme), wish.wanted)
        traces = library.scenes()
    speeches = speeches_of(
        storyboard, store, wish.voice, wish.words_per_minute, speak=speak, or_nothing=wish.all_or_nothing
    )
    return work_on(storyboard, scenes, traces, wish.format, store, sources, wish.wanted, speeches)


def _prepare(store: Store, film_format: FilmFormat, wanted: Wanted) -> None:
    """Do what drawing needs in any case, while the helper process imports torch and runs the models."""
    from attnviz.render.shots.drawing import stills_of  # imports Manim

    if wanted.film:
        stills_of(store, film_format)  # kept in the store


def found_out(work: Work) -> Work:
    """Play undrawn the scenes of which too little is known; only then is Manim imported."""
    if all(scene.is_known for scene in work.scenes):
        return work
    work.store.check_writable()
    from attnviz.render.shots.drawing import find_out

    find_out(work)
    return work.followed()


def made(work: Work, wish: Wish, progress: Progress = SILENT) -> Iterator[tuple[Work, int]]:
    """Make all that is wanted, remember it, and yield the work with the number of shots that were drawn.

    If something is then found to be gone from the store, ask for the next: it is made again. Raises
    `ProblemsFound` for what the user can fix, and when the store keeps nothing.
    """
    if wish.force:
        work.store.check_writable()
        work = work.forgotten()
    wanted = sum(shot.wanted for scene in work.scenes for shot in scene.shots)
    progress.begin(wanted)
    drawn = 0
    for _ in range(ATTEMPTS):
        try:
            work, more = draw_missing(work, wish, progress)
        except BaseException:
            remember(work.followed())  # what was made before something went wrong
            raise
        remember(work)
        drawn = min(wanted, drawn + more)  # what was pruned meanwhile is drawn twice
        yield work, drawn
        work = work.followed()
    hint = "choose another: --cache"
    raise ProblemsFound(Problem(f"the cache '{wish.cache}' does not keep what is put there", hint=hint))


def draw_missing(work: Work, wish: Wish, progress: Progress = SILENT) -> tuple[Work, int]:
    """Draw what is missing, here or on a cluster; return what is known then, and how many shots were drawn."""
    unmade = work.unmade()
    for name in (shot.name for scene in work.scenes for shot in scene.shots if shot.wanted):
        if name not in unmade:
            progress.advance(name)
    if not unmade:
        return work, 0
    work.store.check_writable()
    if wish.cluster is not None:
        from attnviz.render.cluster.cluster import draw_on_cluster

        draw_on_cluster(work, unmade, wish.cluster, wish.jobs, progress.advance)
        drawn = len(unmade)
    else:
        from attnviz.render.shots.drawing import draw

        drawn = draw(work, unmade, wish.jobs, progress.advance)
    return work.followed(), drawn
