"""Keeps out of a run what only happens to surround it: settings files of Manim, and what libraries warn about.

Manim reads `manim.cfg`, in the current folder and at home, when it is imported. These files may change every picture,
and stop the import: nobody who renders a lecture means that. Which settings count, attnviz's own options say alone.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

_READER = "manim._config.utils"  # the module of Manim that looks for the files


class _ReaderFinder:
    """Finds that module as Python does, and has it look nowhere but in Manim's own package."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name == _READER else None
        if spec is None or spec.loader is None:
            return None
        run = spec.loader.exec_module

        def run_and_change(module: ModuleType) -> None:
            run(module)
            own, nothing = Path(str(module.__file__)).with_name("default.cfg"), Path(os.devnull)
            module.config_file_paths = lambda: [own, nothing, nothing]  # type: ignore[attr-defined]

        spec.loader.exec_module = run_and_change  # type: ignore[method-assign]
        return spec


def start_manim_with_defaults() -> None:
    """Have a later `import manim` read no settings but its own; where Manim is imported already, nothing is done."""
    if _READER not in sys.modules and _ReaderFinder not in sys.meta_path:
        sys.meta_path.insert(0, _ReaderFinder)


def hush_libraries() -> None:
    """Ignore the warnings of other packages, whatever Python was told: who runs a command cannot mend them."""
    warnings.filterwarnings("ignore", module=r"(?!attnviz\b)")
