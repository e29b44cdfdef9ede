"""attnviz: lecture videos about attention whose every number comes from a real forward pass.

In a notebook, or any other program: `from attnviz import clip, render, trace` (docs/notebooks.md).
"""

from __future__ import annotations

from typing import Any

__version__ = "0.2.0"

# What programs use, by its module. `render` is among it, too: it is the room of that name, which can be called.
_FOR_PROGRAMS = {
    "Film": "attnviz.notebook.films",
    "clip": "attnviz.notebook.programs",
    "render_storyboard": "attnviz.notebook.programs",
    "trace": "attnviz.notebook.programs",
    "load_ipython_extension": "attnviz.notebook.magics",
}


def __getattr__(name: str) -> Any:
    """Import what programs use when it is asked for, so that `import attnviz` takes no time."""
    if name not in _FOR_PROGRAMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_FOR_PROGRAMS[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_FOR_PROGRAMS, "render"})
