"""The keys of a storyboard that tell who speaks."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, Tag

from attnviz.storyboard.strict_keys import Keys, by_type
from attnviz.storyboard.voices import Engine

Word = Annotated[str, Field(min_length=1, max_length=100)]


class VoiceKeys(Keys):
    """Who speaks, and how."""

    engine: Engine = Field("auto", description="hibari, piper, espeak, none; auto: hibari where it can, else none")
    model: Annotated[str, Field(min_length=1, max_length=1000)] | None = Field(
        None, description="the file of a voice of piper (.onnx), near the storyboard"
    )
    speed: float = Field(1.0, ge=0.5, le=2.0, description="1.0 is the voice's own pace; larger is faster")
    pronunciations: Annotated[dict[Word, Word], Field(max_length=1000)] = Field(
        {}, description="how words are said: {Q: queue}"
    )
    recordings: Annotated[str, Field(min_length=1, max_length=1000)] | None = Field(
        None, description="a folder with recordings, one a shot, that are heard instead"
    )


VoiceName = Annotated[str, Field(min_length=1, max_length=1000)]
ChosenVoice = Annotated[
    Annotated[VoiceName, Tag("name")] | Annotated[VoiceKeys, Tag("keys")],
    by_type(
        {str: "name", dict: "keys", VoiceKeys: "keys"},
        "expected a voice's name, or its settings",
        "write `voice: none` or `voice: {engine: hibari, speed: 0.95}`",
    ),
]
