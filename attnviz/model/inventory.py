"""Which models there are, and how to get those that are not: what `attnviz models` shows. Needs no torch."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from attnviz.input.problems import ProblemsFound
from attnviz.model.blackboard.file import read_blackboard
from attnviz.model.catalog import TRAINED, find_model, known_models
from attnviz.model.published.names import READY, cached_names, find_ready, how_to_get
from attnviz.model.published.spec import read_folder
from attnviz.model.transformer_config import read_transformer


class Entry(NamedTuple):
    """A model: its size in bytes where it is there, otherwise the command that gets it."""

    name: str
    kind: str
    shape: tuple[int, int, int]  # layers, heads, d_model
    title: str
    size: int | None = None
    how_to_get: str = ""


def inventory(near: Path | None = None) -> Iterator[Entry]:
    """Yield all models: those of `near` and the built-in ones, ready ones, and those in the user's Hugging Face cache.

    What cannot be read is left out: the model's own name tells why.
    """
    for name in known_models(near):
        with contextlib.suppress(ProblemsFound, OSError):
            path = find_model(name, near)
            yield _blackboard(name, path) if path.is_file() else _trained(name, path)
    for name in READY:
        yield _ready(name)
    for name, folder in cached_names():
        with contextlib.suppress(ProblemsFound, OSError):
            spec = read_folder(folder, name, Path())
            size = sum(path.stat().st_size for path in spec.weight_files)
            kind = "encoder_decoder" if spec.both else "transformer"  # its mask tells which, once it is loaded
            title = spec.made_for or spec.model_type
            yield Entry(name, kind, (spec.layers, spec.heads, spec.d_model), title, size)


def _blackboard(name: str, path: Path) -> Entry:
    spec = read_blackboard(path)
    return Entry(
        name, "blackboard", (1, max(1, len(spec.heads)), len(spec.axes)), spec.title or "", path.stat().st_size
    )


def _trained(name: str, folder: Path) -> Entry:
    config, size = read_transformer(folder / TRAINED), (folder / "model.safetensors").stat().st_size
    shape = (config.layers, config.heads, config.d_model)
    return Entry(name, config.architecture, shape, config.title or "trained by `attnviz train`", size)


def _ready(name: str) -> Entry:
    ready, missing, size = READY[name], how_to_get(name), None
    if not missing:
        content = find_ready(name)
        size = (content / "model.safetensors" if content.is_dir() else content).stat().st_size
    return Entry(name, ready.kind, ready.shape, ready.title, size, missing)
