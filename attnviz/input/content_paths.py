"""Where the built-in scenes and storyboards lie (in the repository, or inside an installed wheel), and people's own."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def builtin_scenes() -> Path:
    """Return the folder of built-in scenes (one file each)."""
    return _content("scenes")


def builtin_storyboards() -> Path:
    """Return the folder of built-in storyboards; their models are in its `models/`."""
    return _content("storyboards")


def expanded(name: str) -> Path:
    """Return a path as a person writes it: `~` is a home, where there is one of the name."""
    try:
        return Path(name).expanduser()
    except RuntimeError:
        return Path(name)


def _content(name: str) -> Path:
    installed = _PACKAGE / "content" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name
