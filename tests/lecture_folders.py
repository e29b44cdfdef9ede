"""Folders with a storyboard, and what lies beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attnviz.render.cache.sources import Sources
from attnviz.render.cache.store import Store
from attnviz.render.opening import open_storyboard
from attnviz.render.shots.claims import ClaimTrial, TriedClaim, claim_code
from attnviz.render.shots.selection import select
from attnviz.render.traces.library import TraceLibrary
from attnviz.storyboard import Storyboard


def written(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files into a folder, by their paths in it, and return that of the first, the storyboard."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder / next(iter(files))


def keep_traces(storyboard: Path, cache: Path) -> None:
    """Put a storyboard's traces into a cache, computed here: a process that finds them need not import torch.

    The digests of source files are there, too, so that it need not parse them.
    """
    opened, store = open_storyboard(storyboard), Store(cache)
    sources = Sources(store)
    TraceLibrary(opened, list(opened.scenes()), store, sources).scenes()
    for scene in opened.scenes():
        sources.of_scene(scene.file)
    sources.save()


def claims_tried(storyboard: Storyboard, cache: Path) -> list[TriedClaim]:
    """Return the claims of a storyboard, tried on its traces, which are computed here."""
    store = Store(cache)
    sources, scenes = Sources(store), select(storyboard)
    traces = TraceLibrary(storyboard, [scene.spec for scene in scenes], store, sources).scenes()
    trial = ClaimTrial(storyboard, store, claim_code(sources))
    return [each for scene, trace in zip(scenes, traces, strict=True) for each in trial.of_scene(scene, trace)]
