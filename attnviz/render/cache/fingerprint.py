"""The digest of a stage: two stages with the same digest look alike, and whatever is played next looks alike on both.

Between two shots all that the next one can build on is what the stage holds: mobjects, their points and colours, and
what its verbs remember. So when the numbers of one shot change, a later shot of the scene is drawn again only if the
change is still there to be seen.
"""

from __future__ import annotations

import enum
import functools
import hashlib
import marshal
import struct
import types
from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import Any

import numpy as np
import xarray as xr
from manim import ManimColor
from svgelements import Matrix, Path, SVGElement  # type: ignore[import-untyped]

from attnviz.render.shots.scene_files import SCENE_MODULE
from attnviz.stage.reading import Door
from attnviz.storyboard.reserved import SCENE_NAMES

# Of what Manim's own Scene holds, only this is there to be seen or goes on by itself.
_SEEN = ("mobjects", "foreground_mobjects", "updaters")
# What a stage remembers of the shot that has just ended.
_OF_THE_SHOT = frozenset({"_shot", "_began", "_on_play", "_breath", "_plays", "_plays_expected"})
# The moment, or the place in memory, at which a thing was made; of the accelerations, the animations of the last play.
_PASSING = frozenset({"original_id", "path_obj", "_log_file_path", "_attnviz_quiet"})


class Undigested(Exception):
    """Something is in the stage whose content cannot be told: a generator, a lock, an open file …"""


def digest_of_stage(stage: Any) -> str | None:
    """Return the digest of a stage between two shots; None where something in it cannot be digested."""
    own = {name: value for name, value in vars(stage).items() if name not in SCENE_NAMES | _OF_THE_SHOT}
    seen = {name: getattr(stage, name) for name in _SEEN}
    digester = _Digester(stage)  # what its helpers call it by is no second content
    try:
        digester.add_attributes(own | seen | {"frame": getattr(stage.renderer.camera, "frame", None)})
    except (Undigested, RecursionError):
        return None
    return digester.hexdigest()


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
        plain = _PLAIN.get(kind)
        if plain is not None:
            self._parts.append(plain(value))
            return
        if kind is np.ndarray and not value.dtype.hasobject:
            # shared or not: Manim's mobjects share arrays of constants, and copies of them do not
            self._parts += (_form(value.dtype, value.shape), value.tobytes())
            return
        count = len(self._alive)
        number = self._numbers.setdefault(id(value), count)
        if number < count:
            self._parts.append(b"@%d;" % number)
            return
        self._alive.append(value)
        if kind is list and not value:
            self._parts.append(b"[]")
        else:
            self._parts.append(_name(kind))
            way = _way(kind)
            way(self, value)
            if way in _MAY_HAVE_MORE and getattr(value, "__dict__", None):
                self.add_attributes(vars(value))

    def add_attributes(self, attributes: dict[str, Any]) -> None:
        """Take an object's attributes into the digest, whatever order they were set in."""
        flat = attributes.get("sheen_factor") == 0  # then Manim's copies differ in the direction of a sheen
        kinds = tuple(map(type, attributes.values()))
        head, scalars, others = _order(tuple(attributes), kinds, flat)
        self._parts += (head, marshal.dumps([attributes[name] for name in scalars], _NO_REFERENCES))
        for name in others:
            self.add(attributes[name])

    def _add_text(self, value: Any) -> None:
        self.add(str(value))

    def _add_member(self, value: enum.Enum) -> None:
        self.add(value.name)

    def _add_dict(self, value: dict[Any, Any]) -> None:
        self._add_all(part for item in value.items() for part in item)

    def _add_set(self, value: set[Any]) -> None:
        self._add_all(sorted(map(_alone, value)))

    def _add_method(self, value: types.MethodType) -> None:
        self._add_all((value.__self__, value.__func__))

    def _add_builtin(self, value: types.BuiltinFunctionType) -> None:
        self._parts.append(_name(value))
        if not isinstance(value.__self__, types.ModuleType | None):
            self.add(value.__self__)

    def _add_partial(self, value: functools.partial[Any]) -> None:
        self._add_all((value.func, value.args, value.keywords))

    def _add_labelled(self, value: xr.DataArray) -> None:
        coords = {str(name): coord.values for name, coord in value.coords.items()}
        self._add_all((value.name, value.dims, value.values, coords))

    def _add_name(self, value: Any) -> None:
        self._parts.append(_name(value))

    def _add_nothing(self, value: Any) -> None:
        """Pass over the source of glyphs, which are digested themselves, and the traces: what was read is known."""

    def _add_all(self, values: Iterable[Any]) -> None:
        self._parts.append(b"(")
        for value in values:
            self.add(value)
        self._parts.append(b")")

    def _add_array(self, value: Any) -> None:
        array = np.asarray(value)
        self._parts.append(_form(array.dtype, array.shape))
        if array.dtype.hasobject:
            self._add_all(array.ravel().tolist())
        else:
            self._parts.append(array.tobytes())

    def _add_function(self, function: types.FunctionType) -> None:
        # what its code says is known from the source files; here only: which code it is, and what it has caught
        code = function.__code__
        self._parts.append(_name(function) + b"%d;" % code.co_firstlineno)
        self._add_all((function.__defaults__, function.__kwdefaults__))
        for cell in function.__closure__ or ():
            try:
                self.add(cell.cell_contents)
            except ValueError:  # not filled yet
                self.add(None)

    def _add_object(self, value: Any) -> None:
        kind: type = type(value)
        attributes = getattr(value, "__dict__", None)
        slots = _slots(kind)
        if (attributes is None and not slots) or _hides_something(kind, len(slots)):
            raise Undigested(kind.__name__)
        if slots:
            attributes = {name: getattr(value, name, None) for name in slots} | (attributes or {})
        self.add_attributes(attributes or {})


def _alone(value: Any) -> str:
    digester = _Digester()
    digester.add(value)
    return digester.hexdigest()


@functools.cache
def _way(kind: type) -> Callable[[_Digester, Any], None]:
    """Return how the content of a kind of objects is taken in."""
    for kinds, way in _WAYS:
        if issubclass(kind, kinds):
            return way
    return _Digester._add_object


@functools.lru_cache(maxsize=1 << 12)
def _order(
    names: tuple[str, ...], kinds: tuple[type, ...], flat: bool
) -> tuple[bytes, tuple[str, ...], tuple[str, ...]]:
    """Return what says which attributes an object has, and in which order they follow: scalars, and all others."""
    left_out = _PASSING | ({"sheen_direction"} if flat else frozenset())
    known = sorted((name, kind) for name, kind in zip(names, kinds, strict=True) if name not in left_out)
    scalars = tuple(name for name, kind in known if kind in _SCALARS)
    others = tuple(name for name, kind in known if kind not in _SCALARS)
    return _text(repr((scalars, others))), scalars, others


@functools.lru_cache(maxsize=1 << 12)
def _form(dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    return f"<{dtype.str}{shape}>".encode()


@functools.cache
def _slots(kind: type) -> tuple[str, ...]:
    slots = [name for each in kind.__mro__ for name in getattr(each, "__slots__", ())]
    return tuple(name for name in slots if not name.startswith("__"))


@functools.cache
def _hides_something(kind: type, slots: int) -> bool:
    """Tell whether objects of a kind are larger than what Python sees of them, as those are that are written in C.

    It is the question by which Python decides whether an object can be pickled in the usual way.
    """
    word = struct.calcsize("P")
    seen = word * (slots + (kind.__dictoffset__ > 0) + (kind.__weakrefoffset__ > 0))
    return kind.__basicsize__ > object.__basicsize__ + seen


def _name(named: Any) -> bytes:
    name = getattr(named, "__qualname__", getattr(named, "__name__", ""))
    module = str(getattr(named, "__module__", ""))
    # a scene that is loaded again, from another folder, is the same scene (see `scene_files`)
    return f"<{module.rstrip('_') if module.startswith(SCENE_MODULE) else module}.{name}>".encode()


_name_of_type = functools.cache(_name)  # not of functions: they would be kept, with all that they have caught


def _text(value: str) -> bytes:
    data = value.encode("utf-8", "surrogatepass")
    return b"s%d:" % len(data) + data


_WAYS: tuple[tuple[Any, Callable[[_Digester, Any], None]], ...] = (
    ((np.ndarray, np.generic), _Digester._add_array),
    ((list, tuple), _Digester._add_all),
    (dict, _Digester._add_dict),
    ((set, frozenset), _Digester._add_set),
    (enum.Enum, _Digester._add_member),
    ((str, int, float, PurePath), _Digester._add_text),
    (types.FunctionType, _Digester._add_function),
    (types.MethodType, _Digester._add_method),
    (functools.partial, _Digester._add_partial),
    (xr.DataArray, _Digester._add_labelled),
    (types.BuiltinFunctionType, _Digester._add_builtin),
    ((type, types.ModuleType, np.ufunc), _Digester._add_name),
    ((SVGElement, Path, Matrix, Door), _Digester._add_nothing),
)
# A subclass of list, an array with a mask, a function may have attributes besides.
_MAY_HAVE_MORE = frozenset(
    {
        _Digester._add_array,
        _Digester._add_all,
        _Digester._add_dict,
        _Digester._add_set,
        _Digester._add_text,
        _Digester._add_function,
    }
)
# What marshal writes of these says of which type each is, and is the same whoever else refers to a string.
_SCALARS = frozenset({type(None), bool, int, float, str})
_NO_REFERENCES = 2  # of marshal's formats the last that does not number what comes again
_PLAIN: dict[type, Callable[[Any], bytes]] = {
    type(None): lambda value: b"n",
    bool: lambda value: b"t" if value else b"f",
    int: lambda value: b"i%d;" % value,
    float: lambda value: b"d" + struct.pack("<d", value),
    np.float64: lambda value: b"d" + struct.pack("<d", value),
    str: _text,
    bytes: lambda value: b"b%d:" % len(value) + value,
    ManimColor: lambda value: b"#" + value._internal_value.tobytes(),
}
