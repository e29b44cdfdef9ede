"""A film with what belongs to it; a notebook shows it where it is made, with its captions."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from attnviz.input.embedded import embedded

EMBEDDED_BYTES = 20_000_000
"""A larger film is not written into the notebook, but played from where it lies."""
KINDS = {".mp4": "video/mp4", ".webm": "video/webm"}
PICTURES = {".gif": "image/gif", ".png": "image/png", ".svg": "image/svg+xml"}
LOOKS = 'controls style="max-width: 100%; width: 960px"'


class Film:
    """A film (or a figure) that was made: `path`, all `files`, such as captions, and the `numbers` that are in it."""

    def __init__(self, files: Sequence[Path]) -> None:
        self.files = tuple(Path(file).resolve() for file in files)

    @property
    def path(self) -> Path:
        """The film itself; where there is only a picture, that."""
        return self.files[0]

    @cached_property
    def about(self) -> dict[str, Any]:
        """Everything in the film's `.numbers.json`: models, sentences, shots, numbers, claims; empty without one."""
        files = [file for file in self.files if file.name.endswith(".numbers.json")]
        return dict(json.loads(files[0].read_text(encoding="utf-8"))) if files else {}

    @property
    def numbers(self) -> list[dict[str, Any]]:
        """Every number on screen with where it comes from, in the order in which they come: `pandas.DataFrame(…)`."""
        return list(self.about.get("numbers", []))

    def __repr__(self) -> str:
        return f"Film({os.path.relpath(self.path)!r})"

    def _repr_html_(self) -> str:
        """Return the film as a notebook shows it: a player with captions, or a picture."""
        if self.path.suffix in KINDS:
            source = f'<source src="{_address(self.path)}" type="{KINDS[self.path.suffix]}">'
            return f"<video {LOOKS}>{source}{''.join(map(self._track, self._texts()))}</video>"
        if self.path.suffix in PICTURES:
            return f'<img src="{_address(self.path)}" alt="{html.escape(self.path.stem)}" style="max-width: 100%">'
        return f'<a href="{_beside(self.path)}">{html.escape(self.path.name)}</a>'

    def _texts(self) -> list[Path]:
        return [file for file in self.files if file.suffix == ".vtt"]

    def _track(self, texts: Path) -> str:
        source = f'src="{embedded(texts, "text/vtt")}"'
        if texts.name.endswith(".descriptions.vtt"):
            return f'<track kind="descriptions" srclang="en" label="descriptions" {source}>'
        return f'<track kind="captions" label="captions" {source} default>'


def _address(path: Path) -> str:
    """Return where a page finds a file: in itself if it is small, else beside it."""
    types = KINDS | PICTURES
    return embedded(path, types[path.suffix]) if path.stat().st_size <= EMBEDDED_BYTES else _beside(path)


def _beside(path: Path) -> str:
    """Return the address of a file as seen from the current folder, which is the notebook's."""
    return quote(Path(os.path.relpath(path)).as_posix())
