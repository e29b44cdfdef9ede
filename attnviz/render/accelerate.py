"""Makes Manim's copies of text cheap.

Every glyph that Manim reads from SVG keeps the svgelements path it was made from (`VMobjectFromSVGPath.path_obj`), and
each animation copies its mobjects, sources and all: 200 ms a play for a screen of text, of which 170 are the sources.
Nothing changes a source after it was read, so copies may share it. The pictures are the same to the pixel.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from svgelements import Matrix, Path, SVGElement  # type: ignore[import-untyped]

_SHARED = (SVGElement, Path, Matrix)


def _itself(self: Any, memo: dict[int, Any]) -> Any:
    return self


@contextlib.contextmanager
def shared_svg_sources(enabled: bool = True) -> Iterator[None]:
    """Share svgelements' objects between copies of mobjects, for as long as the block lasts."""
    before = {cls: cls.__dict__.get("__deepcopy__") for cls in _SHARED}
    if enabled:
        for cls in _SHARED:
            cls.__deepcopy__ = _itself
    try:
        yield
    finally:
        for cls, method in before.items():
            if method is not None:
                cls.__deepcopy__ = method
            elif "__deepcopy__" in cls.__dict__:
                del cls.__deepcopy__
