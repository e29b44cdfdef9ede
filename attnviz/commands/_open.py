"""Opening a storyboard for a command."""

from __future__ import annotations

from attnviz.render.opening import contents_of, open_storyboard

__all__ = ["contents_of", "open_storyboard"]
