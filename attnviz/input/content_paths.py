"""Paths: the built-in scenes and storyboards (in a checkout or an installed wheel), and paths typed by the user."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def builtin_scenes() -> Path:
    """Return the folder of the built-in scenes, one module or package each."""
    return _content("scenes")


def builtin_storyboards() -> Path:
    """Return the folder of the built-in storyboards; their models are in its subfolder `models/`."""
    return _content("storyboards")


def expanded(name: str) -> Path:
    """Return the path with a leading `~` or `~user` expanded; unchanged if there is no such home directory."""
    try:
        return Path(name).expanduser()
    except RuntimeError:
        return Path(name)


def _content(name: str) -> Path:
    installed = _PACKAGE / "content" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name
