"""Files that are written into a page itself: a page on disk may show other files, but not read them."""

from __future__ import annotations

import base64
from pathlib import Path


def embedded(path: Path, kind: str) -> str:
    """Return the bytes of a file as an address (`data:`), of a media type such as `text/vtt`. Raises `OSError`."""
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
