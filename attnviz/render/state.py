"""The digest of a stage: two stages with the same digest look alike, and whatever is played next looks alike on both.

Between two shots all that the next one can build on is what the stage holds: mobjects, their points and colours, and
what its verbs remember. So when the numbers of one shot change, a later shot of the scene is drawn again only if the
change is still there to be seen.
"""

from __future__ import annotations

import enum
import functools
import hashlib
import struct
import types
from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import Any

import numpy as np
import xarray as xr
from manim import ManimColor
from svgelements import Matrix, Path, SVGElement  # type: ignore[import-untyped]

from attnviz.render.scene_files import SCENE_MODULE
from attnviz.storyboard.reserved import SCENE_NAMES

# Of what Manim's own Scene holds, only this is there to be seen or goes on by itself.
_SEEN = ("mobjects", "foreground_mobjects", "updaters")
# The moment, or the place in memory, at which a thing was made; the traces (what was read is known).
_PASSING = frozenset(
    {
        "original_id",
        "path_obj",
        "_log_file_path",
        "_door",
        "_shot",
        "_began",
        "_on_play",
        "_breath",
        "_plays",
        "_plays_expected",
        "_attnviz_quiet",  # of the accelerations: the animations of the last play
    }
)


class Undigested(Exception):
    """Something is in the stage whose content cannot be told: a generator, a lock, an open file …"""


def digest_of_stage(stage: Any) -> str | None:
    """Return the digest of a stage between two shots; None where something in it cannot be digested."""
    own = {name: value for name, value in vars(stage).items() if name not in SCENE_NAMES}
    seen = {name: getattr(stage, name) for name in _SEEN}
    digester = _Digester()
    try:
        digester.add_attributes(own | seen | {"frame": getattr(stage.renderer.camera, "frame", None)})
    except (Undigested, RecursionError):
        return None
    return digester.hash.hexdigest()


class _Digester:
    """Walks through objects depth first; one that comes again is named by its number, so that sharing counts too."""

    def __init__(self) -> None:
        self.hash = hashlib.sha256()
        self._numbers: dict[int, int] = {}
        self._alive: list[Any] = []  # an object that dies could leave its id to another

    def add(self, value: Any) -> None:
        """Take one value into the digest."""
        kind = type(value)
        plain = _PLAIN.get(kind)
        if plain is not None:
            self.hash.update(plain(value))
            return
        number = self._numbers.setdefault(id(value), len(self._alive))
        if number < len(self._alive):
            self.hash.update(b"@%d;" % number)
            return
        self._alive.append(value)
        self.hash.update(_name_of_type(kind))  # type: ignore[arg-type]
        self._add_content(value, kind)

    def add_attributes(self, attributes: dict[str, Any]) -> None:
        """Take an object's attributes into the digest, whatever order they were set in."""
        flat = attributes.get("sheen_factor") == 0  # then Manim's copies differ in the direction of a sheen
        for name in sorted(attributes):
            if name not in _PASSING and not (flat and name == "sheen_direction"):
                self.hash.update(name.encode() + b"=")
                self.add(attributes[name])

    def _add_content(self, value: Any, kind: type) -> None:
        match value:
            case np.ndarray() | np.generic():
                self._add_array(np.asarray(value))
            case list() | tuple():
                self._add_all(value)
            case dict():
                self._add_all(part for item in value.items() for part in item)
            case set() | frozenset():
                self._add_all(sorted(map(_alone, value)))
            case enum.Enum():
                self.add(value.name)
            case str() | int() | float() | PurePath():
                self.add(str(value))
            case types.FunctionType():
                self._add_function(value)
            case types.MethodType():
                self._add_all((value.__self__, value.__func__))
            case functools.partial():
                self._add_all((value.func, value.args, value.keywords))
            case xr.DataArray():
                coords = {str(name): coord.values for name, coord in value.coords.items()}
                self._add_all((value.name, value.dims, value.values, coords))
            case type() | types.ModuleType() | types.BuiltinFunctionType() | np.ufunc():
                self.hash.update(_name(value))
            case SVGElement() | Path() | Matrix():
                pass  # the source of glyphs, which are digested themselves
            case _:
                self._add_object(value, kind)

    def _add_all(self, values: Iterable[Any]) -> None:
        self.hash.update(b"(")
        for value in values:
            self.add(value)
        self.hash.update(b")")

    def _add_array(self, array: np.ndarray[Any, Any]) -> None:
        self.hash.update(f"{array.dtype.str}{array.shape}".encode())
        if array.dtype.hasobject:
            self._add_all(array.ravel().tolist())
        else:
            self.hash.update(np.ascontiguousarray(array).tobytes())

    def _add_function(self, function: types.FunctionType) -> None:
        # what its code says is known from the source files; here only: which code it is, and what it has caught
        code = function.__code__
        self.hash.update(_name(function) + b"%d;" % code.co_firstlineno)
        self._add_all((function.__defaults__, function.__kwdefaults__))
        for cell in function.__closure__ or ():
            try:
                self.add(cell.cell_contents)
            except ValueError:  # not filled yet
                self.add(None)

    def _add_object(self, value: Any, kind: type) -> None:
        attributes = getattr(value, "__dict__", None)
        slots = _slots(kind)
        if attributes is None and not slots:
            raise Undigested(kind.__name__)
        if slots:
            attributes = {name: getattr(value, name, None) for name in slots} | (attributes or {})
        self.add_attributes(attributes or {})


def _alone(value: Any) -> str:
    digester = _Digester()
    digester.add(value)
    return digester.hash.hexdigest()


@functools.cache
def _slots(kind: type) -> tuple[str, ...]:
    slots = [name for each in kind.__mro__ for name in getattr(each, "__slots__", ())]
    return tuple(name for name in slots if not name.startswith("__"))


def _name(named: Any) -> bytes:
    name = getattr(named, "__qualname__", getattr(named, "__name__", ""))
    module = str(getattr(named, "__module__", ""))
    # a scene that is loaded again, from another folder, is the same scene (see `scene_files`)
    return f"<{module.rstrip('_') if module.startswith(SCENE_MODULE) else module}.{name}>".encode()


_name_of_type = functools.cache(_name)  # not of functions: they would be kept, with all that they have caught


def _text(value: str) -> bytes:
    data = value.encode("utf-8", "surrogatepass")
    return b"s%d:" % len(data) + data


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
