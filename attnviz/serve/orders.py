"""What the server asks of the process that makes clips, and what it is told: plain data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attnviz.clips.request import ClipRequest
    from attnviz.render.run import Wish


@dataclass(frozen=True)
class ClipOrder:
    """A clip that is wanted, and the path of its film."""

    request: ClipRequest
    wish: Wish
    film: Path


@dataclass(frozen=True)
class MadeClip:
    """What is told of a clip: how long it takes in seconds, what is said, shot by shot, and what it is of.

    `silent` tells why nobody speaks in it, although a voice was asked for; "" otherwise.
    """

    seconds: float
    said: tuple[str, ...]
    about: str
    silent: str = ""


@dataclass(frozen=True)
class Unmade:
    """Why a clip cannot be made, in sentences."""

    problems: tuple[str, ...]
