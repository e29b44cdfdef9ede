"""Leaves out, frame by frame, what changes nothing: walks in search of updaters, and steps to where a mobject is.

A play is *quiet* if nothing but its own animations can change anything while it lasts: there is no updater in sight,
every animation is of a kind that only interpolates its own mobject, and no mobject has two of them. Then there is
nothing to update, and a part of an animation that has been brought to some place (a glyph that is written already,
one whose turn has not come) need not be brought there again. An animation of a kind that is not Manim's says by a class
attribute, `changes_only_its_mobject`, that it is such a one; it is brought to each place once, as a whole. What a part
has in common at the start and at the end of
a `Transform`, such as its colours, stays as it is. All other plays are Manim's.

In any play, a mobject without updaters and without children need not be told to update itself.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
from manim import Animation, AnimationGroup, Mobject, Scene, Transform, VMobject, Wait
from manim.animation.creation import DrawBorderThenFill, ShowPartial
from manim.animation.transform import TransformFromCopy
from manim.utils.bezier import interpolate

from attnviz.render.accelerate.patching import replaced
from attnviz.render.accelerate.styles import STYLE

_REACHED = "_attnviz_reached"  # on an animation of a quiet play: where each part of it is
_AT = "_attnviz_at"  # on one that is not Manim's: where all of it is, in a list
_QUIET = "_attnviz_quiet"  # on a scene: its animations, while they make a quiet play

_stock_begin_animations = Scene.begin_animations
_stock_update_to_time = Scene.update_to_time
_stock_interpolate = Animation.interpolate
_stock_interpolate_mobject = Animation.interpolate_mobject
_stock_finish = Animation.finish
_stock_update = Mobject.update
_GROUP = {name: getattr(AnimationGroup, name) for name in ("begin", "interpolate", "update_mobjects")}
# The methods by which an animation that only interpolates its own mobject does so.
_INTERPOLATE = (_stock_interpolate, TransformFromCopy.interpolate)
_INTERPOLATE_SUBMOBJECT = tuple(
    kind.interpolate_submobject for kind in (Animation, Transform, ShowPartial, DrawBorderThenFill)
)


def quiet_plays() -> AbstractContextManager[None]:
    """Spare quiet plays what changes nothing, for as long as the block lasts."""
    return replaced(
        (Scene, "begin_animations", _begin_animations),
        (Scene, "update_to_time", _update_to_time),
        (Animation, "interpolate", _interpolate),
        (Animation, "interpolate_mobject", _interpolate_mobject),
        (Animation, "finish", _finish),
        (Mobject, "update", _update),
    )


def _begin_animations(self: Scene) -> None:
    self.__dict__.pop(_QUIET, None)
    for animation in _leaves(self.animations or ()):
        _forget(animation)
    _stock_begin_animations(self)
    if _is_quiet(self):
        self.__dict__[_QUIET] = self.animations
        for animation in _leaves(self.animations or ()):
            animation.__dict__ |= {_AT: []} if _is_of_its_own(animation) else {_REACHED: {}}


def _update_to_time(self: Scene, t: float) -> None:
    if self.__dict__.get(_QUIET) is not self.animations:
        _stock_update_to_time(self, t)
        return
    dt = t - self.last_t
    self.last_t = t
    for animation in self.animations:
        animation.interpolate(t / animation.run_time)
    self.update_meshes(dt)


def _interpolate(self: Animation, alpha: float) -> None:
    at: list[float] | None = self.__dict__.get(_AT)
    if at is None:
        _stock_interpolate(self, alpha)
    elif at != [alpha]:
        at[:] = [alpha]
        self.interpolate_mobject(alpha)


def _interpolate_mobject(self: Animation, alpha: float) -> None:
    reached: dict[int, _Part] | None = self.__dict__.get(_REACHED)
    if reached is None:
        _stock_interpolate_mobject(self, alpha)
        return
    if not _keeps_parts(self):
        _interpolate_parts(self, list(self.get_all_families_zipped()), reached, alpha)
        return
    if not reached:
        reached |= {index: _Part(parts) for index, parts in enumerate(self.get_all_families_zipped())}
    for index, part in reached.items():
        sub_alpha = self.get_sub_alpha(alpha, index, len(reached))
        if part.alpha != sub_alpha:
            part.bring(self, sub_alpha)


def _interpolate_parts(
    animation: Animation, families: list[tuple[Mobject, ...]], reached: dict[int, _Part], alpha: float
) -> None:
    """Bring the parts of an animation, which may be others in every frame, to their places."""
    for index, parts in enumerate(families):
        sub_alpha = animation.get_sub_alpha(alpha, index, len(families))
        before = reached.get(index)
        if before is None or (before.alpha, before.parts) != (sub_alpha, parts):
            animation.interpolate_submobject(*parts, sub_alpha)
            reached[index] = _Part(parts, sub_alpha)


@dataclass
class _Part:
    """A part of an animation: the mobject, and those between which it goes; to where it has been brought."""

    parts: Any
    alpha: float | None = None
    changing: tuple[str, ...] | None = None  # attributes that change on the way, once the others have their values

    def bring(self, animation: Any, alpha: float) -> None:
        """Bring it to a place on its way."""
        mobject, start, target = self.parts
        kind: Any = type(mobject)
        plain = 0 < alpha < 1 and _interpolates_as_vmobject(kind) and animation.path_func is interpolate
        if self.changing is not None and plain:
            for name in self.changing:
                setattr(mobject, name, interpolate(getattr(start, name), getattr(target, name), alpha))
        else:
            animation.interpolate_submobject(*self.parts, alpha)
            self.changing = _changing(start, target) if plain else None
        self.alpha = alpha


def _changing(start: Mobject, target: Mobject) -> tuple[str, ...]:
    # Points are interpolated even between equals: Cairo rounds them, and a last bit decides where to.
    return ("points", *(name for name in STYLE if not _same(getattr(start, name), getattr(target, name))))


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and np.array_equal(one, other)


@functools.cache
def _interpolates_as_vmobject(kind: Any) -> bool:
    return issubclass(kind, VMobject) and all(
        getattr(kind, name) is getattr(VMobject, name) for name in ("interpolate", "interpolate_color")
    )


def _keeps_parts(animation: Animation) -> bool:
    """Tell whether an animation's parts are the same in every frame: neither families nor numbers of points change."""
    kind: Any = type(animation)
    return kind.interpolate_submobject is Transform.interpolate_submobject


def _update(self: Mobject, dt: float = 0, recursive: bool = True) -> Mobject:
    if self.updaters or self.updating_suspended or not recursive:
        return _stock_update(self, dt, recursive)
    for child in self.submobjects:
        kind: Any = type(child)
        if child.submobjects or child.updaters or not _updates_as_mobject(kind):
            child.update(dt, recursive=True)
    return self


@functools.cache
def _updates_as_mobject(kind: Any) -> bool:
    return kind.update is _update


def _finish(self: Animation) -> None:
    # An animation made by `.animate` applies its methods when it ends, before it goes to its last place.
    _forget(self)
    _stock_finish(self)


def _forget(animation: Animation) -> None:
    for name in (_REACHED, _AT):
        animation.__dict__.pop(name, None)


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
    if kind is Wait or _is_of_its_own(animation):
        return True
    return (
        (kind.interpolate is _interpolate or kind.interpolate in _INTERPOLATE)
        and kind.interpolate_mobject is _interpolate_mobject
        and kind.interpolate_submobject in _INTERPOLATE_SUBMOBJECT
        and kind.update_mobjects is Animation.update_mobjects
    )


def _is_of_its_own(animation: Animation) -> bool:
    """Tell whether an animation that interpolates in its own way says that it changes its mobject alone."""
    kind = type(animation)
    return kind.interpolate is _interpolate and getattr(kind, "changes_only_its_mobject", False)
