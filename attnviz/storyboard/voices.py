"""Which voice speaks a storyboard, and how: plain data, checked before anything is spoken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, get_args

from attnviz.input.problems import Problem, ProblemsFound, did_you_mean

Engine = Literal["auto", "hibari", "piper", "espeak", "none"]
ENGINES: tuple[Engine, ...] = get_args(Engine)
AUTO: Engine = "auto"
NONE: Engine = "none"


@dataclass(frozen=True)
class VoiceSettings:
    """The engine that speaks, and its settings; with `none` nobody speaks, and texts take as long as to be read.

    `auto` is hibari where it is installed and knows the language, else `none`.

    `model` is the file of a voice, for engines that have several; `speed` is 1.0 at the voice's own pace, larger is
    faster. `pronunciations` says how words are said ({"Q": "queue"}). Where the folder `recordings` has a file with a
    shot's name, it is heard instead.
    """

    engine: Engine = AUTO
    model: Path | None = None
    speed: float = 1.0
    pronunciations: Mapping[str, str] = field(default_factory=dict)
    recordings: Path | None = None


def voice_named(text: str, near: Path, usual: VoiceSettings) -> VoiceSettings:
    """Return the voice that a name stands for: an engine, the file of a voice (.onnx), or a folder with recordings.

    All else is as `usual`. Raises `ProblemsFound`.
    """
    path = near / text
    if text in ENGINES:
        return replace(usual, engine=text, model=usual.model if text == usual.engine else None)
    if text.lower().endswith(".onnx"):
        return replace(usual, engine="piper", model=path.resolve())
    if path.is_dir():
        return replace(usual, recordings=path.resolve())
    hint = did_you_mean(text, ENGINES, "a file .onnx of piper, a folder with recordings, or one of")
    raise ProblemsFound(Problem(f"there is no voice '{text}'", hint=hint))
