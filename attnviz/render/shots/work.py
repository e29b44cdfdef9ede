"""What a run works on: the chosen scenes of a storyboard, what is known of them, and what is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from attnviz.render.cache.products import Products, Wanted
from attnviz.render.cache.store import digest
from attnviz.render.shots.claims import claim_code
from attnviz.render.shots.selection import PlannedScene
from attnviz.render.shots.speeches import ReadAloud
from attnviz.render.shots.walk import (
    Surroundings,
    Walk,
    WalkedShot,
    drawn_with,
    follow,
    narration_code,
    surroundings_of,
)

if TYPE_CHECKING:
    from attnviz.render.cache.sources import Sources
    from attnviz.render.cache.store import Store
    from attnviz.render.film.format import FilmFormat
    from attnviz.render.shots.claims import TriedClaim
    from attnviz.render.shots.speeches import Speeches
    from attnviz.render.traces.library import SceneTraces
    from attnviz.storyboard.types import Storyboard


@dataclass(frozen=True, kw_only=True)
class SceneWork(PlannedScene):
    """A scene with what it can read, and what it depends on besides.

    `known` are its first shots, as far as earlier runs have learnt what they do.
    """

    traces: SceneTraces
    surroundings: Surroundings
    known: tuple[WalkedShot, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether every shot of the scene is known."""
        return len(self.known) == len(self.shots)

    @property
    def end(self) -> str | None:
        """The digest of what the scene leaves on its board; None if it is not known."""
        return self.known[-1].after if self.is_known else None


def begins_with(scene: PlannedScene, ends: Mapping[str, str | None]) -> str | None:
    """Return the digest of what stands on a scene's board when it begins; "" if it has none, None if it is not known.

    `ends` are the digests of what the scenes before it left, by their names.
    """
    taken_over = [ends[name] for name in dict.fromkeys((scene.after, scene.resumes)) if name]
    if None in taken_over:
        return None
    return digest(*taken_over) if taken_over else ""


@dataclass(frozen=True)
class Work:
    """Scenes of a storyboard in a film format, the store, the products that are wanted, and how texts are said.

    `claims` are those of the wanted shots, with what became of them, once they were tried.
    """

    storyboard: Storyboard
    format: FilmFormat
    store: Store
    wanted: Wanted
    scenes: tuple[SceneWork, ...]
    speeches: Speeches
    narration_code: str = ""  # the digest of the code that fills numbers into narration
    claim_code: str = ""  # that of the code that tries claims
    claims: tuple[TriedClaim, ...] = ()

    @property
    def products(self) -> Products:
        """What has been made."""
        return Products(self.store)

    def followed(self) -> Work:
        """Return the work with what is known now, after shots were drawn or played."""
        ends: dict[str, str | None] = {}
        followed: list[SceneWork] = []
        for scene in self.scenes:
            start = begins_with(scene, ends)
            known = () if start is None else tuple(follow(Walk(self, scene, start)))
            followed.append(replace(scene, known=known))
            ends[scene.name] = followed[-1].end
        return replace(self, scenes=tuple(followed))

    def missing(self, shot: WalkedShot) -> list[str]:
        """Return the names of the products that a shot still lacks."""
        return self.products.missing(shot, self.wanted)

    def wanted_shots(self) -> Iterator[WalkedShot]:
        """Yield the wanted shots that are known."""
        return (shot for scene in self.scenes for shot in scene.known if shot.planned.wanted)

    def unmade(self) -> list[str]:
        """Return the names of wanted shots that lack something, or of which too little is known to tell."""
        made = {shot.name for shot in self.wanted_shots() if not self.missing(shot)}
        shots = (shot for scene in self.scenes for shot in scene.shots)
        return [shot.name for shot in shots if shot.wanted and shot.name not in made]

    def forgotten(self) -> Work:
        """Delete what is known of these scenes and what was made from the wanted shots; return the work without it."""
        ends = {scene.name: scene.end for scene in self.scenes}
        for scene in self.scenes:
            Walk(self, scene, begins_with(scene, ends) or "").forget()
            for shot in scene.known:
                if shot.planned.wanted:
                    self.products.forget(shot)
        return replace(self, scenes=tuple(replace(scene, known=()) for scene in self.scenes))


def work_on(
    storyboard: Storyboard,
    scenes: Sequence[PlannedScene],
    traces: Sequence[SceneTraces],
    film_format: FilmFormat,
    store: Store,
    sources: Sources,
    wanted: Wanted,
    speeches: Speeches | None = None,
) -> Work:
    """Put together what a run works on, with all that is known of it.

    What is drawn has the format's theme or, if it has none, the storyboard's. Texts are only read, unless there are
    `speeches`.
    """
    speeches = speeches or ReadAloud(storyboard.words_per_minute)
    film_format = film_format.in_theme(storyboard.theme)
    outside = drawn_with(storyboard.fonts)
    works = tuple(
        SceneWork(
            **vars(scene),
            traces=scene_traces,
            surroundings=surroundings_of(scene, film_format, sources, outside),
        )
        for scene, scene_traces in zip(scenes, traces, strict=True)
    )
    codes = narration_code(sources), claim_code(sources)
    sources.save()
    work = Work(storyboard, film_format, store, wanted, works, speeches, *codes)
    walks = [(Walk(work, scene), shot) for scene in works for shot in scene.shots]
    speeches.expect((shot.name, walk.told(shot)) for walk, shot in walks)
    return work.followed()
