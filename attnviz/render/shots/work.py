"""What a run works on: the chosen scenes of a storyboard with all that is known of them, and what is wanted of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attnviz.render.cache.products import Products, Wanted
from attnviz.render.shots.walk import Surroundings, Walk, WalkedShot, code_of_saying, follow, surroundings_of

if TYPE_CHECKING:
    from attnviz.render.cache.sources import Sources
    from attnviz.render.cache.store import Store
    from attnviz.render.film.format import FilmFormat
    from attnviz.render.shots.selection import PlannedScene
    from attnviz.render.traces.library import SceneTraces
    from attnviz.storyboard.types import Storyboard


@dataclass(frozen=True)
class SceneWork:
    """One scene: its shots, what it can read, and what it depends on besides."""

    scene: PlannedScene
    traces: SceneTraces
    surroundings: Surroundings


@dataclass(frozen=True)
class Work:
    """Scenes of a storyboard in a film format, the store, and the products that are wanted."""

    storyboard: Storyboard
    format: FilmFormat
    store: Store
    wanted: Wanted
    scenes: tuple[SceneWork, ...]
    words_per_minute: float | None = None
    saying: str = ""  # the digest of the code that fills in what is said

    @property
    def products(self) -> Products:
        """What has been made."""
        return Products(self.store)

    def walk(self, scene: SceneWork) -> Walk:
        """Return a walk that stands before a scene."""
        return Walk(
            self.storyboard,
            scene.scene,
            scene.traces,
            scene.surroundings,
            self.store,
            self.words_per_minute,
            self.saying,
        )

    def known(self) -> list[list[WalkedShot]]:
        """Return, for each scene, the shots of which all is known without playing them."""
        return [follow(self.walk(scene), scene.scene.shots) for scene in self.scenes]

    def unmade(self) -> list[str]:
        """Return the names of wanted shots that are not made, or of which too little is known to tell."""
        names = []
        for scene, walked in zip(self.scenes, self.known(), strict=True):
            made = {shot.name for shot in walked if not self.products.missing(shot, self.wanted)}
            names += [shot.name for shot in scene.scene.shots if shot.wanted and shot.name not in made]
        return names

    def forget(self) -> None:
        """Forget all that is known of these scenes, and what was made of the wanted shots."""
        for scene in self.scenes:
            walk = self.walk(scene)
            step = walk.find(None)
            walk.forget(None)
            for place, planned in enumerate(scene.scene.shots):
                if step is None:
                    break
                if place == 0:
                    walk.enter(step)
                step = walk.find(planned)
                walk.forget(planned)
                if step is not None and planned.wanted:
                    self.products.forget(walk.go(planned, step))

    def left(self) -> list[SceneWork]:
        """Return the scenes in which something has still to be made, or found out."""
        return [
            scene for scene, walked in zip(self.scenes, self.known(), strict=True) if not self._is_made(scene, walked)
        ]

    def _is_made(self, scene: SceneWork, walked: Sequence[WalkedShot]) -> bool:
        return len(walked) == len(scene.scene.shots) and not any(
            self.products.missing(shot, self.wanted) for shot in walked if shot.planned.wanted
        )


def work_on(
    storyboard: Storyboard,
    scenes: Sequence[PlannedScene],
    traces: Sequence[SceneTraces],
    film_format: FilmFormat,
    store: Store,
    sources: Sources,
    wanted: Wanted,
    words_per_minute: float | None = None,
) -> Work:
    """Put together what a run works on."""
    works = tuple(
        SceneWork(scene, scene_traces, surroundings_of(scene, film_format, sources))
        for scene, scene_traces in zip(scenes, traces, strict=True)
    )
    saying = code_of_saying(sources)
    sources.save()
    return Work(storyboard, film_format, store, wanted, works, words_per_minute, saying)
