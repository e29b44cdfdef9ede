"""Opening a model of any kind by its name. No torch: what a model imports for its forward pass, it imports then."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.input.encodable import check_path
from attnviz.input.problems import NotInstalled, none_there
from attnviz.model.catalog import find_model
from attnviz.model.interface import View
from attnviz.model.published.names import is_pretrained

if TYPE_CHECKING:
    from attnviz.model.interface import Model


def open_model(name: str, near: Path | None = None) -> Model:
    """Return the model of a name or path (see `find_model`), or of `hf:NAME`; raises `ProblemsFound`."""
    if is_pretrained(name):
        from attnviz.model.layered import LayeredModel
        from attnviz.model.published.source import PublishedSource

        return LayeredModel(PublishedSource(name, near), partial(open_model, near=near))
    path = find_model(name, near)
    check_path(path)
    if path.is_file():
        from attnviz.model.blackboard.model import BlackboardModel

        return BlackboardModel(path)
    from attnviz.model.layered import LayeredModel
    from attnviz.model.trained.source import TrainedSource

    return LayeredModel(TrainedSource(path), partial(open_model, near=near))


def first_there(names: Sequence[str], near: Path | None = None) -> Model:
    """Return the first of some models that is on this machine; raise `NotInstalled` if none is.

    Raises `ProblemsFound` for a name, before the one that is taken, that is no model's.
    """
    missing: dict[str, NotInstalled] = {}
    for name in names:
        try:
            model = open_model(name, near)
            model.contents(None, View())
        except NotInstalled as found:
            missing[name] = found
        else:
            return model
    raise none_there(missing)


@lru_cache(maxsize=64)
def opened_model(name: str, near: Path | None = None) -> Model:
    """Return the model of a name as `open_model` does; one that was opened before is the same object.

    `opened_model.cache_clear()` forgets them all: files may have changed since.
    """
    return open_model(name, near)
