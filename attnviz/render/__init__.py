"""The render room: turns shots and traces into encoded clips.

Called, it renders a storyboard: `from attnviz import render` gives programs a verb, and is this room all the same.
"""

import sys
from types import ModuleType
from typing import Any

import attnviz
from attnviz.input.surroundings import start_manim_with_defaults

start_manim_with_defaults()


class _CallableRoom(ModuleType):
    """A module that can be called."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Do what `attnviz.render_storyboard` does."""
        return attnviz.render_storyboard(*args, **options)


sys.modules[__name__].__class__ = _CallableRoom
