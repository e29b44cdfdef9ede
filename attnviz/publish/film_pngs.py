"""A film as a folder of numbered PNG files, which appears when it is complete."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.whole_files import disk_says

if TYPE_CHECKING:
    from attnviz.render.film.segment import Segment

_OURS = re.compile(r"frame-\d{6,}\.png")


def check_sequence(folder: Path) -> None:
    """Refuse a folder that holds anything but an older sequence, since it would be replaced as a whole.

    Raises `ProblemsFound`.
    """
    try:
        strange = sorted(name for name in os.listdir(folder) if not _OURS.fullmatch(name))
    except FileNotFoundError:
        return
    except OSError as error:
        raise _refused(folder, error) from error
    if strange:
        reason = f"'{folder}' holds '{strange[0]}', which is not a picture of an older film"
        raise ProblemsFound(Problem(reason, hint="choose a folder of its own for the pictures"))


def write_png_sequence(folder: Path, segments: Iterable[Segment]) -> int:
    """Write frame-000000.png and so on, in place of an older sequence, and return how many there are.

    Raises `ProblemsFound`, also where the disk is full; the older sequence is then as it was.
    """
    check_sequence(folder)
    part = folder.with_name(f".attnviz-{os.urandom(6).hex()}.part")
    frames = 0
    try:
        part.mkdir(parents=True)
        for segment in segments:
            for packet in segment.packets:
                (part / f"frame-{frames:06}.png").write_bytes(packet.data)
                frames += 1
        _replace(folder, part)
    except OSError as error:
        raise _refused(folder, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return frames


def _replace(folder: Path, part: Path) -> None:
    """Put the new folder in the place of the older one, if there is one."""
    if not folder.exists():
        part.rename(folder)
        return
    old = part.with_suffix(".old")
    folder.rename(old)
    try:
        part.rename(folder)
    except BaseException:  # Ctrl-C, too
        old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _refused(folder: Path, error: OSError) -> ProblemsFound:
    return ProblemsFound(Problem(f"cannot write to '{folder}': {disk_says(error)}", hint="choose another place"))
