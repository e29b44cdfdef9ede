"""Walks the family of a mobject once, and asks it for its extent at one stroke.

Manim lists the family of each mobject in a list that holds most of those mobjects' children as well, and then drops
what occurred before: in a scene of some hundred glyphs, thousands of visits a frame. Where a mobject occurs twice,
its last place counts. So walking from the end, a mobject that was met has its whole family behind it, and need not
be entered again. The lists are the same, in the same order.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from manim import Mobject, VMobject
from manim.camera import camera, three_d_camera
from manim.scene import moving_camera_scene, scene

from attnviz.render.accelerate.patching import replaced

_IMPORTED_BY = (camera, three_d_camera, scene, moving_camera_scene)
_z_index = operator.attrgetter("z_index")


def walked_once() -> AbstractContextManager[None]:
    """List families by walking them once, for as long as the block lasts."""
    return replaced(
        *((module, "extract_mobject_family_members", _extract_mobject_family_members) for module in _IMPORTED_BY),
        (Mobject, "get_family", _get_family),
        (Mobject, "family_members_with_points", _family_members_with_points),
        (VMobject, "get_points_defining_boundary", _get_points_defining_boundary),
        (Mobject, "length_over_dim", _length_over_dim),
        (Mobject, "get_critical_point", _get_critical_point),
    )


def _visit(mobjects: Sequence[Mobject], met: set[Mobject], found: list[Mobject]) -> None:
    """Append to `found`, last first, the families of mobjects that were not met."""
    for mobject in reversed(mobjects):
        if mobject not in met:
            met.add(mobject)  # before its children: Manim bears a mobject that is its own descendant
            if mobject.submobjects:
                _visit(mobject.submobjects, met, found)
            found.append(mobject)


def _families(mobjects: Iterable[Mobject]) -> list[Mobject]:
    found: list[Mobject] = []
    _visit(list(mobjects), set(), found)
    found.reverse()
    return found


def _get_family(self: Mobject, recurse: bool = True) -> list[Mobject]:
    if not self.submobjects:
        return [self]
    return _families([self])


def _family_members_with_points(self: Mobject) -> list[Mobject]:
    return [mobject for mobject in _get_family(self) if len(mobject.points)]


def _extract_mobject_family_members(
    mobjects: Iterable[Mobject], use_z_index: bool = False, only_those_with_points: bool = False
) -> list[Mobject]:
    found = _families(mobjects)
    if only_those_with_points:
        found = [mobject for mobject in found if len(mobject.points)]
    return sorted(found, key=_z_index) if use_z_index else found


def _get_points_defining_boundary(self: VMobject) -> npt.NDArray[np.float64]:
    """Return where each curve of a family starts and ends, of shape (anchor, xyz): of all members at one stroke."""
    family = cast(list[VMobject], self.get_family())
    if not all(map(_has_manims_anchors, {*map(type, family)})):
        return _joined([mobject.get_anchors() for mobject in family])
    curves = [mobject.points for mobject in family if len(mobject.points)]
    if {mobject.n_points_per_cubic_curve for mobject in family} != {4} or not {len(each) % 4 for each in curves} <= {0}:
        return _joined([mobject.get_anchors() for mobject in family])
    return _joined(curves).reshape(-1, 4, 3)[:, ::3].reshape(-1, 3) if curves else np.array(())


def _joined(arrays: list[Any]) -> npt.NDArray[np.float64]:
    found = [each for each in arrays if len(each)]
    return np.concatenate(found) if found else np.array(())


def _get_critical_point(self: Mobject, direction: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return a side, corner or the centre of a mobject's box; Manim looks through the points for each dimension."""
    points, where = self.get_points_defining_boundary(), np.asarray(direction)[: self.dim]
    if not len(points):
        return np.zeros(self.dim)
    low, high = points[:, : self.dim].min(axis=0), points[:, : self.dim].max(axis=0)
    return np.where(where < 0, low, np.where(where > 0, high, (low + high) / 2))


def _length_over_dim(self: Mobject, dim: int) -> float:
    """Return the length of all points in a dimension; Manim asks each mobject, and each of its children, twice."""
    coordinates = [mobject.points[:, dim] for mobject in _family_members_with_points(self)]
    if not coordinates:
        return 0
    every = np.concatenate(coordinates) if len(coordinates) > 1 else coordinates[0]
    length: float = every.max() - every.min()
    return length


@functools.cache
def _has_manims_anchors(mobject_class: Any) -> bool:
    return all(
        getattr(mobject_class, name, None) is getattr(VMobject, name)
        for name in ("get_anchors", "get_start_anchors", "get_end_anchors")
    )
