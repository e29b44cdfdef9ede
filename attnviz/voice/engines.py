"""Which engines there are: opened by what a storyboard asks for, or told how to get if they are not installed."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
from collections.abc import Mapping
from pathlib import Path

from attnviz.input.content_paths import expanded
from attnviz.input.problems import NotInstalled, Problem, ProblemsFound
from attnviz.storyboard.voices import NONE, VoiceSettings
from attnviz.voice.digests import digest_of
from attnviz.voice.speech import Voice

PACKAGES = {  # which an engine's sound depends on; the first is the engine
    "hibari": ("hibari-tts", "onnxruntime", "numpy", "scipy"),
    "piper": ("piper-tts", "onnxruntime", "numpy"),
    "espeak": ("espeakng-loader",),
    "none": (),
}
# The modules of this room by which the same text may come to sound otherwise.
SPEAKING = (
    *("espeak", "hibari", "piper", "piper_process"),
    *("joining", "loudness", "number_words", "said_words", "saying", "scripted", "sentences", "symbols"),
)
EXTRAS = {"hibari": "voice", "piper": "piper", "espeak": "espeak"}
ENGLISH = "en"


def how_to_get(engine: str) -> str:
    """Return the command that installs an engine."""
    return f"pip install 'attnviz[{EXTRAS[engine]}]'"


def check_voice(settings: VoiceSettings, language: str, near: Path = Path()) -> None:
    """Raise `NotInstalled` if a voice's engine is not there, `ProblemsFound` if it cannot speak what is wanted.

    `language` is a BCP 47 tag; the file of a voice is looked up in the folder `near`. Nothing is imported for it.
    """
    engine = settings.engine
    missing = [package for package in PACKAGES[engine] if _version(package) is None]
    if missing:
        raise NotInstalled(Problem(f"the voice '{engine}' is not installed", hint=how_to_get(engine)))
    if engine == "hibari" and not _is_english(language):
        hint = "--voice espeak speaks many languages, like a robot; --voice piper those of its voices"
        raise ProblemsFound(Problem(f"hibari speaks English only, not '{language}'", hint=hint))
    if engine == "piper":
        _model(settings, near)


def can_speak(engine: str, language: str) -> bool:
    """Tell whether an engine is installed and, as far as that can be told without it, knows a language (BCP 47)."""
    return all(map(_version, PACKAGES[engine])) and (engine != "hibari" or _is_english(language))


def voice_key(settings: VoiceSettings, language: str, near: Path = Path()) -> Mapping[str, str]:
    """Return all that the sound of a voice depends on besides the text; raises as `check_voice` does.

    It is quick: versions are read, and nothing is imported.
    """
    check_voice(settings, language, near)
    packages = {package: _version(package) or "" for package in PACKAGES[settings.engine]}
    own = {
        "engine": settings.engine,
        "language": language,
        "speed": repr(settings.speed),
        "pronunciations": json.dumps(dict(sorted(settings.pronunciations.items()))),
        "code": _code(),
    }
    return own | packages | ({"model": _digest(_model(settings, near))} if settings.engine == "piper" else {})


def open_voice(settings: VoiceSettings, language: str, near: Path = Path()) -> Voice:
    """Open a voice, which imports its engine; raises as `check_voice` does, and for files that are no voices.

    The engine must not be `none`.
    """
    assert settings.engine != NONE
    key = voice_key(settings, language, near)
    if settings.engine == "hibari":
        from attnviz.voice.hibari import HibariVoice

        return HibariVoice(settings.speed, settings.pronunciations, key)
    if settings.engine == "espeak":
        from attnviz.voice.espeak import EspeakVoice

        return EspeakVoice(language, settings.speed, settings.pronunciations, key)
    from attnviz.voice.piper import PiperVoice

    return PiperVoice(_model(settings, near), language, settings.speed, settings.pronunciations, key)


def _is_english(language: str) -> bool:
    return language.partition("-")[0].lower() == ENGLISH


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _model(settings: VoiceSettings, near: Path) -> Path:
    """Return the file of a voice of piper; its settings must stand beside it."""
    if settings.model is None:
        hint = "name one as its model, a file .onnx with its .onnx.json beside it"
        raise ProblemsFound(Problem("piper needs the file of a voice", hint=hint))
    path = near / expanded(str(settings.model))
    for needed in (path, path.with_name(f"{path.name}.json")):
        if not needed.is_file():
            hint = "a voice of piper is a file .onnx with its .onnx.json beside it"
            raise ProblemsFound(Problem(f"there is no file '{needed}'", hint=hint))
    return path


def _digest(path: Path) -> str:
    """Return the digest of a voice's file and settings."""
    return digest_of(path) + digest_of(path.with_name(f"{path.name}.json"))


@functools.cache
def _code() -> str:
    """Return the digest of this room's own code: how words are said, joined, and made as loud as others."""
    digest = hashlib.sha256()
    for name in sorted(SPEAKING):
        digest.update((Path(__file__).parent / f"{name}.py").read_bytes())
    return digest.hexdigest()
