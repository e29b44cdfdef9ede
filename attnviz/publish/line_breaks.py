"""Where a line of text may be broken, in any script, and how wide it is.

Lines are broken between words. Chinese, Japanese and Thai, which part no words, are broken between phrases as BudouX
finds them, where Unicode's rules allow it (UAX #14), by which no punctuation begins a line. What is too long for a line
is broken where these rules allow it, or else between what readers take for characters (UAX #29): no sign stands alone.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import budoux
from uniseg.graphemecluster import grapheme_clusters  # type: ignore[import-untyped]
from uniseg.linebreak import line_break_units  # type: ignore[import-untyped]

from attnviz.input.writing import KANA, script_of

TRADITIONAL = {"Hant", "TW", "HK", "MO"}  # subtags of a language that is written with traditional Chinese characters


def width(text: str) -> int:
    """Return how many columns a text takes: two for a full-width character, none for a mark on another one."""
    return sum(_columns(character) for character in text)


def breakable_parts(text: str, most: int, language: str = "en") -> list[str]:
    """Return the parts of a text between which a line may be broken, none wider than `most` columns.

    Joined, they are the text; a part ends with the spaces that vanish at the end of a line. `language` is a BCP 47 tag.
    """
    parts: list[str] = []
    for phrase in _phrases(text, language):
        if phrase.isspace() and parts:
            parts[-1] += phrase
        else:
            parts += _narrow(phrase, most)
    return parts


def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _phrases(text: str, language: str) -> Iterator[str]:
    """Yield what is left whole where there is room: words with the spaces after them, or phrases."""
    kana = any(script_of(each) in KANA for each in text)
    units = line_break_units(text)
    for kind, found in itertools.groupby(units, lambda unit: _kind(unit, language, kana=kana)):
        if kind is None:  # words are parted; Unicode allows breaks within them, too: `<`, `/`, `s>`, and in Korean
            yield from re.findall(r"\s*\S+\s*", "".join(found))
        elif kind == "thai":  # Unicode has no breaks here but at spaces
            yield from _whole_phrases(list(grapheme_clusters("".join(found))), _parser(kind))
        else:
            yield from _whole_phrases(list(found), _parser(kind))


def _whole_phrases(units: Sequence[str], parser: Any) -> Iterator[str]:
    """Join units where a phrase goes on: a break is where there is one between units, and one of the parser's."""
    ends = set(itertools.accumulate(len(phrase) for phrase in parser.parse("".join(units))))
    phrase, end = "", 0
    for unit in units:
        phrase, end = phrase + unit, end + len(unit)
        if end in ends:
            yield phrase
            phrase = ""
    if phrase:
        yield phrase


def _kind(unit: str, language: str, *, kana: bool) -> str | None:
    """Return the writing of a unit that parts no words, if it has one."""
    scripts = set(map(script_of, unit))
    if "THAI" in scripts:
        return "thai"
    if not scripts & {"CJK", *KANA}:
        return None
    if kana:
        return "japanese"
    return "traditional_chinese" if TRADITIONAL & set(language.split("-")) else "simplified_chinese"


@functools.cache
def _parser(name: str) -> Any:
    return getattr(budoux, f"load_default_{name}_parser")()


def _narrow(part: str, most: int) -> Iterator[str]:
    """Break up what is wider than a line: where Unicode allows it, or else between characters."""
    if width(part.rstrip()) <= most:
        yield part
        return
    units = list(line_break_units(part))
    for unit in units if len(units) > 1 else _filled(list(grapheme_clusters(part)), most):
        yield from _narrow(unit, most) if unit != part else [unit]


def _filled(clusters: Sequence[str], most: int) -> Iterator[str]:
    """Fill lines with characters."""
    line = ""
    for cluster in clusters:
        if line and width(line + cluster) > most:
            yield line
            line = ""
        line += cluster
    yield line
