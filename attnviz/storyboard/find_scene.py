"""Finding scenes by name: first in `scenes/` beside the storyboard, then among the built-in ones.

A scene is a module, `scenes/NAME.py`, or a package, `scenes/NAME/__init__.py`, with its own helper modules.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from attnviz.input.content_paths import builtin_scenes
from attnviz.input.problems import Problem, ProblemsFound, did_you_mean

_NAME = re.compile(r"[A-Za-z]\w*")


def scene_folders(storyboard: Path) -> list[Path]:
    """Return the folders that are searched for a storyboard's scenes, in search order."""
    return [storyboard.parent / "scenes", builtin_scenes()]


def scene_files(folders: Sequence[Path]) -> dict[str, Path]:
    """Return the files of all scenes, by scene name; if several folders have a scene of that name, the first wins."""
    files: dict[str, Path] = {}
    for folder in folders:
        # A package wins over a module of the same name, as it does for Python's imports
        for file in [*sorted(folder.glob("*/__init__.py")), *sorted(folder.glob("*.py"))] if folder.is_dir() else ():
            if _NAME.fullmatch(name_of(file)):
                files.setdefault(name_of(file), file)
    return files


def name_of(file: Path) -> str:
    """Return the name by which storyboards refer to the scene in a file."""
    return file.parent.name if file.name == "__init__.py" else file.stem


def find_scene(name: str, folders: Sequence[Path]) -> Path:
    """Return a scene's file; raise `ProblemsFound` (without a place) if there is none."""
    files = scene_files(folders)
    if name in files:
        return files[name]
    raise ProblemsFound(Problem(f"unknown scene '{name[:60]}'", hint=did_you_mean(name, files, "the scenes")))
