"""Leaves out, frame by frame, what changes nothing: walks in search of updaters, and steps to where a mobject is.

A play is *quiet* if nothing but its own animations can change anything while it lasts: there is no updater in sight,
every animation is of a kind that only interpolates its own mobject, and no mobject has two of them. Then there is
nothing to update, and a part of an animation that has been brought to some place (a glyph that is written already,
one whose turn has not come) need not be brought there again. All other plays are Manim's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from manim import Animation, AnimationGroup, Mobject, Scene, Transform, Wait
from manim.animation.creation import DrawBorderThenFill, ShowPartial
from manim.animation.transform import TransformFromCopy

from attnviz.render.accelerate.patching import replaced

_REACHED = "_attnviz_reached"  # on an animation of a quiet play: where each part of it is
_QUIET = "_attnviz_quiet"  # on a scene: its animations, while they make a quiet play

_stock_begin_animations = Scene.begin_animations
_stock_update_to_time = Scene.update_to_time
_stock_interpolate_mobject = Animation.interpolate_mobject
_stock_finish = Animation.finish
_GROUP = {name: getattr(AnimationGroup, name) for name in ("begin", "interpolate", "update_mobjects")}
# The methods by which an animation that only interpolates its own mobject does so.
_INTERPOLATE = (Animation.interpolate, TransformFromCopy.interpolate)
_INTERPOLATE_SUBMOBJECT = tuple(
    kind.interpolate_submobject for kind in (Animation, Transform, ShowPartial, DrawBorderThenFill)
)


def quiet_plays() -> AbstractContextManager[None]:
    """Spare quiet plays what changes nothing, for as long as the block lasts."""
    return replaced(
        (Scene, "begin_animations", _begin_animations),
        (Scene, "update_to_time", _update_to_time),
        (Animation, "interpolate_mobject", _interpolate_mobject),
        (Animation, "finish", _finish),
    )


def _begin_animations(self: Scene) -> None:
    self.__dict__.pop(_QUIET, None)
    for animation in _leaves(self.animations or ()):
        animation.__dict__.pop(_REACHED, None)
    _stock_begin_animations(self)
    if _is_quiet(self):
        self.__dict__[_QUIET] = self.animations
        for animation in _leaves(self.animations or ()):
            animation.__dict__[_REACHED] = {}


def _update_to_time(self: Scene, t: float) -> None:
    if self.__dict__.get(_QUIET) is not self.animations:
        _stock_update_to_time(self, t)
        return
    dt = t - self.last_t
    self.last_t = t
    for animation in self.animations:
        animation.interpolate(t / animation.run_time)
    self.update_meshes(dt)


def _interpolate_mobject(self: Animation, alpha: float) -> None:
    reached: dict[int, tuple[float, tuple[Mobject, ...]]] | None = self.__dict__.get(_REACHED)
    if reached is None:
        _stock_interpolate_mobject(self, alpha)
        return
    families = list(self.get_all_families_zipped())
    for index, parts in enumerate(families):
        sub_alpha = self.get_sub_alpha(alpha, index, len(families))
        if reached.get(index) != (sub_alpha, parts):
            self.interpolate_submobject(*parts, sub_alpha)
            reached[index] = (sub_alpha, parts)


def _finish(self: Animation) -> None:
    # An animation made by `.animate` applies its methods when it ends, before it goes to its last place.
    self.__dict__.pop(_REACHED, None)
    _stock_finish(self)


def _is_quiet(scene: Scene) -> bool:
    if scene.updaters or scene.stop_condition is not None:
        return False
    if type(scene).update_mobjects is not Scene.update_mobjects or type(scene).update_self is not Scene.update_self:
        return False
    animations = list(_leaves(scene.animations or ()))
    if not all(map(_only_interpolates, animations)):
        return False
    moved: set[Mobject] = set()
    for animation in animations:
        family = animation.mobject.get_family()
        if not moved.isdisjoint(family):
            return False
        moved.update(family)
    in_sight = [*scene.mobjects, *scene.foreground_mobjects]
    for animation in animations:
        in_sight += animation.get_all_mobjects()
    return not any(member.updaters for mobject in in_sight for member in mobject.get_family())


def _leaves(animations: Iterable[Animation]) -> Iterator[Any]:
    """Return the animations that plain groups are made of; a `Succession` begins some of its own later."""
    for animation in animations:
        kind = type(animation)
        if isinstance(animation, AnimationGroup) and all(getattr(kind, name) is own for name, own in _GROUP.items()):
            yield from _leaves(animation.animations)
        else:
            yield animation


def _only_interpolates(animation: Animation) -> bool:
    kind = type(animation)
    if kind is Wait:
        return True
    return (
        kind.interpolate in _INTERPOLATE
        and kind.interpolate_mobject is _interpolate_mobject
        and kind.interpolate_submobject in _INTERPOLATE_SUBMOBJECT
        and kind.update_mobjects is Animation.update_mobjects
    )
