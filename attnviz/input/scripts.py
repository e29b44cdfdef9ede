"""Scripts by their ISO 15924 codes or Unicode names, and which characters are written in them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from fontTools.unicodedata import ScriptExtensions, Scripts

from attnviz.input.problems import Problem, ProblemsFound, closest

# Codes of ISO 15924 for what Unicode takes for several scripts, or for a form of one.
_WRITTEN_WITH = {
    "Aran": ("Arab",),
    "Hanb": ("Hani", "Bopo"),
    "Hans": ("Hani",),
    "Hant": ("Hani",),
    "Hrkt": ("Hira", "Kana"),
    "Jpan": ("Hani", "Hira", "Kana"),
    "Kore": ("Hang", "Hani"),
}
_OF_NO_SCRIPT = ("Zyyy", "Zinh", "Zzzz")
_LAST = 0x10FFFF


def scripts_named(name: str) -> tuple[str, ...]:
    """Return the codes of the Unicode scripts that a name stands for: `Arab` and `Arabic` for one, `Jpan` for three.

    Raises `ProblemsFound` (without a place) for a name that no script has.
    """
    known = _by_name()
    if found := {each.casefold(): scripts for each, scripts in known.items()}.get(name.casefold()):
        return found
    near = " or ".join(repr(each) for each in closest(name, known))
    expected = "a code of ISO 15924 or Unicode's name is expected: Arab, Hans, Jpan, Devanagari"
    raise ProblemsFound(Problem(f"unknown script '{name[:60]}'", hint=f"did you mean {near}?" if near else expected))


def characters_of(scripts: Collection[str]) -> list[tuple[int, int]]:
    """Return the ranges (first, last) of characters that are used in some scripts; others may use them as well."""
    wanted = set(scripts)
    own = [(first, last, {script}) for first, last, script in _ranges(Scripts.RANGES, Scripts.VALUES)]
    shared = _ranges(ScriptExtensions.RANGES, ScriptExtensions.VALUES)
    return [(first, last) for first, last, users in [*own, *shared] if users and wanted & users]


def _by_name() -> dict[str, tuple[str, ...]]:
    """Return the Unicode scripts that names and codes stand for."""
    found: dict[str, tuple[str, ...]] = {}
    for code, name in Scripts.NAMES.items():
        if code not in (*_OF_NO_SCRIPT, *_WRITTEN_WITH):
            found |= dict.fromkeys((name.replace("_", " "), name, code), (code,))
    return found | _WRITTEN_WITH


def _ranges(starts: Sequence[int], values: Sequence[Any]) -> Iterator[tuple[int, int, Any]]:
    """Yield the ranges of a table of Unicode's (first, last, value), each of which ends where the next begins."""
    lasts = (start - 1 for start in (*starts[1:], _LAST + 1))
    return zip(starts, lasts, values, strict=True)
