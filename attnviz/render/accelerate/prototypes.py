"""Makes glyphs and groups from a prototype: Manim sets some thirty attributes of each, five of them by way of colours.

Two mobjects that were made alike show what the next one will be: what both share it shares, too, and of arrays and
empty lists it gets its own. If they differ in anything else, no prototype is made of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import numpy as np
from manim import Mobject, RendererType, VGroup, VMobject, config
from manim.mobject.svg import svg_mobject
from manim.mobject.svg.svg_mobject import SVGMobject, VMobjectFromSVGPath

from attnviz.render.accelerate.copying import NEVER_CHANGED
from attnviz.render.accelerate.patching import replaced

_GIVEN = frozenset({"path_obj", "points"})  # to each glyph, its own
_stock_path_to_mobject = SVGMobject.path_to_mobject


class Prototype:
    """What mobjects of a kind are when they have just been made."""

    def __init__(self, kind: type, common: dict[str, Any], arrays: dict[str, Any], lists: list[str]) -> None:
        self._kind, self._common, self._arrays, self._lists = kind, common, arrays, lists

    def new(self) -> Any:
        """Return one more mobject; what is given to each is not there yet."""
        made: Any = object.__new__(self._kind)
        attributes = made.__dict__
        attributes.update(self._common)
        for name, array in self._arrays.items():
            attributes[name] = array.copy()
        for name in self._lists:
            attributes[name] = []
        return made


def prototype_of(one: Mobject, other: Mobject, given: frozenset[str] = frozenset()) -> Prototype | None:
    """Return the prototype of two mobjects that have just been made alike; None if they differ in more than `given`."""
    if type(one) is not type(other) or list(vars(one)) != list(vars(other)):
        return None
    arrays: dict[str, Any] = {}
    lists = []
    for name, value in vars(one).items():
        twin = vars(other)[name]
        kind = type(value)
        if name in given or value is twin:
            continue
        if kind is not type(twin):
            return None
        if kind is list and not value and not twin:
            lists.append(name)
        elif kind is np.ndarray and value.dtype == twin.dtype and not value.dtype.hasobject:
            if value.shape != twin.shape or value.tobytes() != twin.tobytes():
                return None
            arrays[name] = value.copy(order="K")
        elif kind not in NEVER_CHANGED or value != twin:
            return None
    return Prototype(type(one), dict(vars(one)), arrays, lists)


def made_from_prototypes() -> AbstractContextManager[None]:
    """Make the glyphs and groups of what is read from SVG from prototypes, for as long as the block lasts."""
    if config.renderer != RendererType.CAIRO:
        return replaced()
    prototypes: dict[Any, Prototype | None] = {}

    def prototype(key: Any, make: Callable[[], Mobject], given: frozenset[str] = frozenset()) -> Prototype | None:
        whole = (key, *_beginnings())
        if whole not in prototypes:
            prototypes[whole] = prototype_of(make(), make(), given)
        return prototypes[whole]

    def group(*vmobjects: Any, **kwargs: Any) -> Any:
        found = None if vmobjects or kwargs else prototype(VGroup, VGroup)
        return found.new() if found else VGroup(*vmobjects, **kwargs)

    def path_to_mobject(self: SVGMobject, path: Any) -> Any:
        settings = self.path_string_config
        found = None
        if all(type(value) in NEVER_CHANGED for value in settings.values()):
            found = prototype(tuple(settings.items()), partial(_stock_path_to_mobject, self, path), _GIVEN)
        if found is None:
            return _stock_path_to_mobject(self, path)
        path.approximate_arcs_with_quads()
        made = found.new()
        made.path_obj = path
        made.generate_points()
        return made

    return replaced((svg_mobject, "VGroup", group), (SVGMobject, "path_to_mobject", path_to_mobject))


def _beginnings() -> Iterator[Any]:
    """Return how mobjects begin: a scene may set other defaults (`set_default`)."""
    for kind in (Mobject, VMobject, VGroup, VMobjectFromSVGPath):
        yield vars(kind).get("__init__")
