"""Makes Manim's copies of mobjects cheap: each animation copies what it moves, and half of a rehearsal was copying.

* Every glyph that Manim reads from SVG keeps the svgelements path it was made from. Nothing changes such a source
  after it was read, nor a colour ever, so copies may share them.
* Most of a mobject's attributes are plain values, arrays of numbers, lists and dictionaries, which can be copied
  without asking `copy.deepcopy` how.
* What a `FadeOut` fades to is a copy that nobody else holds, so that it needs none of its own.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import BuiltinFunctionType, FunctionType
from typing import Any

import numpy as np
from manim import Animation, CapStyleType, FadeOut, LineJointType, ManimColor, Mobject
from svgelements import Matrix, Path, SVGElement  # type: ignore[import-untyped]

from attnviz.render.accelerate.patching import replaced

_SHARED = (SVGElement, Path, Matrix, ManimColor)
_SCALARS = (int, float, complex, str, bytes, bool, type(None), np.float64, np.int64)
_NEVER_CHANGED = (*_SCALARS, type, FunctionType, BuiltinFunctionType, LineJointType, CapStyleType, *_SHARED)
NEVER_CHANGED = frozenset(_NEVER_CHANGED)


def cheap_copies() -> AbstractContextManager[None]:
    """Copy mobjects cheaply, for as long as the block lasts."""
    methods: dict[type, Callable[..., Any]] = dict.fromkeys(_SHARED, _share) | {Mobject: _copy_mobject}
    copies = [(cls, "__deepcopy__", method) for cls, method in methods.items()]
    return replaced(*copies, (FadeOut, "begin", _begin_to_fade_out))


def _begin_to_fade_out(self: FadeOut) -> None:
    """Do what `Transform.begin` does, without a copy of the target."""
    self.target_mobject = self.target_copy = self.create_target()
    self.mobject.align_data(self.target_copy)
    Animation.begin(self)


def _share(self: Any, memo: dict[int, Any]) -> Any:
    return self


def _copy_mobject(self: Mobject, memo: dict[int, Any]) -> Mobject:
    """Do what `Mobject.__deepcopy__` does."""
    result = memo[id(self)] = object.__new__(type(self))
    own, attributes = self.__dict__, result.__dict__
    attributes.update(own)
    for name in _to_be_copied(tuple(own), tuple(map(type, own.values()))):
        value = own[name]
        if type(value) is np.ndarray and id(value) not in memo and not value.dtype.hasobject:  # as most are
            attributes[name] = memo[id(value)] = value.copy("K")
        else:
            attributes[name] = _copy(value, memo)
    result.original_id = str(id(self))
    return result


@functools.lru_cache(maxsize=1 << 12)
def _to_be_copied(names: tuple[str, ...], kinds: tuple[type, ...]) -> tuple[str, ...]:
    """Return which of some attributes a copy must have of its own."""
    return tuple(name for name, kind in zip(names, kinds, strict=True) if not _is_shared(kind))


def _is_shared(kind: type) -> bool:
    return kind in NEVER_CHANGED or getattr(kind, "__deepcopy__", None) is _share


def _copy(value: Any, memo: dict[int, Any]) -> Any:
    """Do what `copy.deepcopy` does, with a short way for what mobjects are full of."""
    kind = type(value)
    if kind in NEVER_CHANGED:
        return value
    known = memo.get(id(value))
    if known is not None:
        return known
    result: Any
    if kind is np.ndarray and not value.dtype.hasobject:
        result = memo[id(value)] = value.copy("K")
    elif kind is list:
        result = memo[id(value)] = []
        if value:
            result += [_copy(each, memo) for each in value]
    elif kind is dict:
        result = memo[id(value)] = {}
        for key, each in value.items():
            result[_copy(key, memo)] = _copy(each, memo)
    elif getattr(kind, "__deepcopy__", None) is _copy_mobject:
        result = _copy_mobject(value, memo)
    else:
        result = copy.deepcopy(value, memo)
    return result
