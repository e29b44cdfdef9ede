"""Makes Manim's copies of mobjects cheap: each animation copies what it moves, and half of a rehearsal was copying.

* Every glyph that Manim reads from SVG keeps the svgelements path it was made from. Nothing changes such a source
  after it was read, nor a colour ever, so copies may share them.
* Most of a mobject's attributes are plain values, for which `copy.deepcopy` need not be asked.

The pictures are the same to the pixel; a test compares the bytes.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

from manim import ManimColor, Mobject
from svgelements import Matrix, Path, SVGElement  # type: ignore[import-untyped]

_SHARED = (SVGElement, Path, Matrix, ManimColor)
_PLAIN = frozenset((int, float, str, bool, type(None), type, FunctionType, *_SHARED))


@contextlib.contextmanager
def cheap_copies(enabled: bool = True) -> Iterator[None]:
    """Copy mobjects cheaply, for as long as the block lasts."""
    methods: dict[type, Callable[..., Any]] = dict.fromkeys(_SHARED, _share) | {Mobject: _copy_mobject}
    before = {cls: cls.__dict__.get("__deepcopy__") for cls in methods}
    for cls, method in methods.items() if enabled else ():
        cls.__deepcopy__ = method  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for cls, own in before.items() if enabled else ():
            if own is not None:
                cls.__deepcopy__ = own  # type: ignore[attr-defined]
            else:
                del cls.__deepcopy__  # type: ignore[attr-defined]


def _share(self: Any, memo: dict[int, Any]) -> Any:
    return self


def _copy_mobject(self: Mobject, memo: dict[int, Any]) -> Mobject:
    """Do what `Mobject.__deepcopy__` does."""
    result = memo[id(self)] = object.__new__(type(self))
    attributes = result.__dict__
    for name, value in self.__dict__.items():
        attributes[name] = value if type(value) in _PLAIN else copy.deepcopy(value, memo)
    result.original_id = str(id(self))
    return result
