"""The digest of a stage: on two stages with the same digest, whatever is played next looks the same.

All that the next shot can build on is what the stage holds: mobjects, their points and colours, and what its verbs
remember. So after a change in one shot, a later shot is drawn again only if the change can still be seen. What an
object consists of is asked by the protocol of `pickle`, which also knows what it cannot look into.
"""

from __future__ import annotations

import copyreg
import functools
import hashlib
import marshal
import pickle
import sys
import types
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any

import numpy as np
from manim import ManimColor
from svgelements import Matrix, Path, SVGElement  # type: ignore[import-untyped]

from attnviz.render.shots.scene_files import SCENE_MODULE
from attnviz.stage.reading import Door
from attnviz.storyboard.reserved import SCENE_NAMES

# Of what Manim's own Scene holds, only this can be seen, or goes on by itself.
_SEEN = ("mobjects", "foreground_mobjects", "updaters")
# What a stage remembers of the shot that has just ended.
_OF_THE_SHOT = frozenset(
    {"_shot", "_began", "_on_play", "_before_play", "_plays", "_latest_plays", "_shown", "_pointed"}
)
# The moment, or the place in memory, at which a thing was made; of the accelerations, the animations of the last play.
_PASSING = frozenset({"original_id", "path_obj", "_log_file_path", "_attnviz_quiet"})
# The sources of glyphs, which are digested themselves, and the traces: what was read of them is known.
_PASSED_OVER = (SVGElement, Path, Matrix, Door)
_BY_NAME = (type, types.ModuleType, np.ufunc)
_SCALARS = frozenset({type(None), bool, int, float, str, bytes})
_NO_REFERENCES = 2  # the last of marshal's formats that does not number what comes again


class Undigested(Exception):
    """Something on the stage has a content that cannot be read: a generator, a lock, an open file …"""


def digest_of_stage(stage: Any) -> str | None:
    """Return the digest of a stage between two shots; None where something on it cannot be digested."""
    own = {name: value for name, value in vars(stage).items() if name not in SCENE_NAMES | _OF_THE_SHOT}
    seen = {name: getattr(stage, name) for name in _SEEN}
    digester = _Digester(stage)  # a helper that refers to its stage adds no second content
    try:
        digester.add_attributes(own | seen | {"frame": getattr(stage.renderer.camera, "frame", None)})
        for owner in _owners(type(stage)):
            digester.add_attributes({name: value for name, value in vars(owner).items() if _is_data(name, value)})
    except (Undigested, RecursionError):
        return None
    return digester.hexdigest()


def _owners(stage_class: type) -> list[Any]:
    """Return what a verb could change besides its stage: the class, the scene's module and those beside it."""
    scene = stage_class.__module__
    return [stage_class, *(sys.modules[name] for name in sorted(sys.modules) if f"{name}.".startswith(f"{scene}."))]


def _is_data(name: str, value: Any) -> bool:
    """Tell data from code; where a scene's file lies is no part of the picture."""
    return not (name.startswith("__") or callable(value) or isinstance(value, types.ModuleType | PurePath | property))


class _Digester:
    """Walks through objects depth first; one that comes again is named by its number, so that sharing counts too."""

    def __init__(self, *known: Any) -> None:
        self._parts: list[bytes] = []
        self._alive: list[Any] = [*known]  # an object that dies could leave its id to another
        self._numbers: dict[int, int] = {id(value): number for number, value in enumerate(known)}

    def hexdigest(self) -> str:
        """Return the digest of all that was added."""
        return hashlib.sha256(b"".join(self._parts)).hexdigest()

    def add(self, value: Any) -> None:
        """Take one value into the digest."""
        kind: type = type(value)
        if kind in _SCALARS:
            self._parts.append(marshal.dumps(value, _NO_REFERENCES))
        elif kind is ManimColor:
            self._parts.append(b"#" + value._internal_value.tobytes())
        elif (kind is np.ndarray or isinstance(value, np.generic)) and not value.dtype.hasobject:
            # shared or not: Manim's mobjects share arrays of constants, and copies of them do not
            self._parts += (_kind_name(kind), f"{value.dtype.str}{value.shape}".encode(), value.tobytes())
        elif (number := self._numbers.setdefault(id(value), len(self._alive))) < len(self._alive):
            self._parts.append(b"@%d;" % number)
        else:
            self._alive.append(value)
            self._parts.append(_kind_name(kind))
            self._add_content(kind, value)

    def add_attributes(self, attributes: dict[str, Any]) -> None:
        """Take an object's attributes into the digest, whatever order they were set in."""
        flat = attributes.get("sheen_factor") == 0  # then Manim's copies differ in the direction of a sheen
        scalars, others = _in_order(tuple(attributes), tuple(map(type, attributes.values())), flat)
        values = [attributes[name] for name in scalars]
        self._parts.append(marshal.dumps((scalars, values, others), _NO_REFERENCES))
        for name in others:
            self.add(attributes[name])

    def _add_content(self, kind: type, value: Any) -> None:
        if kind in (list, tuple):
            self._add_all(value)
        elif kind is dict:
            self._add_all(part for item in value.items() for part in item)
        elif isinstance(value, set | frozenset):
            self._add_all((sorted(map(_alone, value)), getattr(value, "__dict__", None)))
        elif isinstance(value, _BY_NAME):
            self._parts.append(_name(value))
        elif isinstance(value, types.MethodType):
            self._add_all((value.__self__, value.__func__))
        elif isinstance(value, types.FunctionType):
            # what its code says is known from the source files; here only: which code it is, and what it has caught
            self._parts.append(_name(value) + b"%d;" % value.__code__.co_firstlineno)
            self._add_all((value.__defaults__, value.__kwdefaults__, value.__dict__, _caught(value)))
        elif not isinstance(value, _PASSED_OVER):
            make, arguments, state, items, pairs = _taken_apart(value)
            self._add_all((make, arguments, *items, *(part for pair in pairs for part in pair)))
            for attributes in state if isinstance(state, tuple) else (state,):
                if isinstance(attributes, dict):
                    self.add_attributes(attributes)
                else:
                    self.add(attributes)

    def _add_all(self, values: Iterable[Any]) -> None:
        self._parts.append(b"(")
        for value in values:
            self.add(value)
        self._parts.append(b")")


@functools.lru_cache(maxsize=1 << 12)
def _in_order(names: tuple[str, ...], kinds: tuple[type, ...], flat: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of attributes that count, sorted: those of scalars, and all others."""
    left_out = _PASSING | {"sheen_direction"} if flat else _PASSING
    scalar = {name: kind in _SCALARS for name, kind in zip(names, kinds, strict=True) if name not in left_out}
    return tuple(sorted(n for n in scalar if scalar[n])), tuple(sorted(n for n in scalar if not scalar[n]))


def _alone(value: Any) -> str:
    digester = _Digester()
    digester.add(value)
    return digester.hexdigest()


def _caught(function: types.FunctionType) -> list[Any]:
    cells = function.__closure__ or ()
    return [cell.cell_contents for cell in cells if cell != types.CellType()]  # those that are filled


def _taken_apart(value: Any) -> tuple[Any, Any, Any, Iterable[Any], Iterable[Any]]:
    """Return an object as `pickle` keeps it: what makes it, with which arguments, its state, its items and pairs."""
    kind: type = type(value)
    reduce: Any = copyreg.dispatch_table.get(kind)
    try:
        parts: Any = reduce(value) if reduce else value.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
    except (TypeError, pickle.PickleError) as error:
        raise Undigested(kind.__name__) from error
    if isinstance(parts, str):
        parts = (getattr, (sys.modules.get(value.__module__), parts))
    if hasattr(kind, "__next__") or (parts[0] is getattr and getattr(*parts[1], None) != value):
        # an iterator changes when it is asked; a function with a cache may not be the one that has its name
        raise Undigested(kind.__name__)
    padded: list[Any] = [*parts, None, None, None][:5]
    return padded[0], padded[1], padded[2], padded[3] or (), padded[4] or ()


def _name(named: Any) -> bytes:
    name = getattr(named, "__qualname__", getattr(named, "__name__", ""))
    module = str(getattr(named, "__module__", ""))
    # a scene that is loaded again, from another folder, is the same scene (see `scene_files`)
    return f"<{module.rstrip('_') if module.startswith(SCENE_MODULE) else module}.{name}>".encode()


_kind_name = functools.cache(_name)  # not of functions: they would be kept, with all that they have caught
