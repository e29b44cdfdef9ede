"""Tables and other things of many parts, in one piece again after their parts were animated one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from manim import Animation, AnimationGroup, Mobject, Scene


class Whole(AnimationGroup):
    """Parts of things moving one by one; when it is over, the stage has `things` in one piece each, and not `gone`."""

    def __init__(
        self, things: Sequence[Mobject], gone: Sequence[Mobject], *steps: Animation, lag_ratio: float = 0.0
    ) -> None:
        super().__init__(*steps, lag_ratio=lag_ratio)
        self.things, self.gone = things, gone

    def gather(self, scene: Scene) -> None:
        """Leave the stage as promised; each thing lies where the lowest of its parts lay."""
        for thing in self.things:
            parts = {id(part) for part in thing.get_family()}
            place = next((k for k, listed in enumerate(scene.mobjects) if id(listed) in parts), len(scene.mobjects))
            scene.remove(*thing.get_family())
            scene.mobjects.insert(place, thing)
        scene.remove(*[part for thing in self.gone for part in thing.get_family()])


def make_whole(scene: Scene, animations: Iterable[Animation]) -> None:
    """Put together what animations that are over have taken apart, also those that are parts of others."""
    for animation in animations:
        if isinstance(animation, Whole):
            animation.gather(scene)
        if isinstance(animation, AnimationGroup):
            make_whole(scene, animation.animations)
