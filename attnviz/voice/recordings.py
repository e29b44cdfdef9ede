"""A folder with the lecturer's own recordings: which file is heard in which shot.

A file has the name of its shot, with `--` in place of `/`, or the end of it where only one shot's name ends so.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from attnviz.input.problems import Problem, ProblemsFound, did_you_mean
from attnviz.input.whole_files import disk_says

SUFFIXES = (".wav", ".flac", ".mp3", ".m4a", ".ogg", ".opus")


@dataclass(frozen=True)
class Recordings:
    """The recordings of a folder by the full names of their shots, and what is wrong with its other files."""

    of: Mapping[str, Path]
    strangers: tuple[Problem, ...] = ()


def recording_of(folder: Path, shot: str, shots: Iterable[str] = ()) -> Path | None:
    """Return the recording of a shot, if there is one; `shots` are the full names of all shots.

    Raises `ProblemsFound` as `recordings_in` does.
    """
    return recordings_in(folder, [*dict.fromkeys([*shots, shot])]).of.get(shot)


def recordings_in(folder: Path, shots: Sequence[str]) -> Recordings:
    """Return the recordings in a folder; `shots` are the full names (chapter/scene/shot) of all shots.

    Files that name no shot, or several, are `strangers`: of them one is warned. Raises `ProblemsFound` if there is no
    such folder, and for two files of one shot.
    """
    called = _names(shots)
    found: dict[str, list[Path]] = {}
    strangers = []
    for path in _sounds(folder):
        meant = called.get(_plain(path.stem), [])
        if len(meant) == 1:
            found.setdefault(meant[0], []).append(path)
        else:
            strangers.append(_stranger(path, meant, shots))
    problems = [
        Problem(f"{folder}: '{one.name}' and '{other.name}' are both recordings of {shot}", hint="keep one of them")
        for shot, (one, other, *_) in ((shot, paths) for shot, paths in found.items() if len(paths) > 1)
    ]
    if problems:
        raise ProblemsFound(problems)
    return Recordings({shot: path for shot, [path] in found.items()}, tuple(strangers))


def file_name(shot: str) -> str:
    """Return how the recording of a shot is called, without its suffix."""
    return shot.replace("/", "--")


def _names(shots: Sequence[str]) -> dict[str, list[str]]:
    """Return for all that a file can be called (as `_plain` has it) the shots that it may mean."""
    called: dict[str, list[str]] = {}
    for shot in shots:
        parts = shot.split("/")
        for start in range(len(parts)):
            called.setdefault(_plain(file_name("/".join(parts[start:]))), []).append(shot)
    return called | {_plain(file_name(shot)): [shot] for shot in shots}  # a full name means that shot alone


def _sounds(folder: Path) -> list[Path]:
    try:
        paths = sorted(folder.iterdir())
    except FileNotFoundError:
        hint = "make it, with a sound file for each shot that you speak yourself; `attnviz script` writes their names"
        raise ProblemsFound(Problem(f"there is no folder of recordings '{folder}'", hint=hint)) from None
    except OSError as error:
        raise ProblemsFound(Problem(f"the recordings in '{folder}' cannot be read: {disk_says(error)}")) from error
    return [path for path in paths if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")]


def _stranger(path: Path, meant: Sequence[str], shots: Sequence[str]) -> Problem:
    if meant:
        message = f"'{path.name}' may be a recording of {' or of '.join(meant[:2])}"
        return Problem(message, path.parent, hint=f"call it '{file_name(meant[0])}{path.suffix}', say")
    hint = did_you_mean(path.stem, map(file_name, shots), "the shots")
    return Problem(f"'{path.name}' names no shot, so it is not heard", path.parent, hint=hint)


def _plain(name: str) -> str:
    """Return a name as it is compared: file systems take capitals, and letters with accents, in their own ways."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
