"""Which voice speaks a storyboard, and how: plain data, checked before anything is spoken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

Engine = Literal["hibari", "piper", "espeak", "none"]
ENGINES: tuple[Engine, ...] = get_args(Engine)
NONE: Engine = "none"


@dataclass(frozen=True)
class VoiceSettings:
    """The engine that speaks, and its settings; with `none` nobody speaks, and texts take as long as to be read.

    `model` is the file of a voice, for engines that have several; `speed` is 1.0 at the voice's own pace, larger is
    faster. `pronunciations` says how words are said ({"Q": "queue"}). Where the folder `recordings` has a file with a
    shot's name, it is heard instead.
    """

    engine: Engine = NONE
    model: Path | None = None
    speed: float = 1.0
    pronunciations: Mapping[str, str] = field(default_factory=dict)
    recordings: Path | None = None
