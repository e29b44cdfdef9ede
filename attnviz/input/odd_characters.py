"""Characters that look like a part of YAML and are none: no-break spaces, full-width colons, curly quotes and so on.

They come from web pages, word processors and the keyboards of other scripts, and cannot be seen: a message about
"indentation" helps nobody. So they are told by line, column and Unicode name, with what to write instead. In text that
a viewer reads they are welcome, so nothing is refused that YAML takes as its author meant it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace

from attnviz.input.problems import Problem

Place = tuple[int, int]  # line and column, both counted from 0

LARGEST = 1_000_000  # bytes of a file that is looked at once more
_CANDIDATES = 5  # lines on which another character is tried
_OTHER_SIGNS = {
    ":": "\u2236\ua789\ufe55\ufe13",
    ",": "\u3001\u060c\ufe50",
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2022",
    '"': "\u201c\u201d\u201e\u201f\u00ab\u00bb\u300c\u300d",
    "'": "\u2018\u2019\u201a\u201b",
    "#": "\ufe5f",
    "[": "\u3010",
    "]": "\u3011",
}
_FULL_WIDTH = {chr(ord(sign) + 0xFEE0): sign for sign in ":,-#[]{}\"'|>&*!?"}
SPACES = frozenset("\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B))))  # but the usual
# Not U+200C and U+200D, with which words of many scripts are spelled, nor what belongs to an emoji.
_DIRECTIONS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Bidirectional embeddings, overrides and isolates; plain Hebrew and Arabic text needs none of them.
_ORDERING = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
INVISIBLE = _DIRECTIONS | frozenset("\u00ad\u200b\u2060\ufeff")
# YAML 1.1, which the parser reads, ends a line here; an editor does not, and all further lines had other numbers.
BREAKS = frozenset("\u0085\u2028\u2029")
_INSTEAD = (
    {each: sign for sign, others in _OTHER_SIGNS.items() for each in others}
    | _FULL_WIDTH
    | dict.fromkeys(SPACES, " ")
    | dict.fromkeys(INVISIBLE, "")
)


def unreadable(text: str) -> str:
    """Return what the first control or bidirectional-control character of a text is, in words ("" if there is none)."""
    for letter in text:
        if unicodedata.category(letter) == "Cc" and letter not in "\n\t":
            return f"the control character U+{ord(letter):04X}"
        if unicodedata.bidirectional(letter) in _ORDERING:
            return f"the character U+{ord(letter):04X}, which changes the order of letters"
    return ""


def never_meant(text: str) -> tuple[Place, str] | None:
    """Return the first character that stands in no YAML file on purpose, and where: other line breaks, a stray BOM."""
    found = next((place for place, letter in enumerate(text) if letter in BREAKS or letter == "\ufeff"), None)
    if found is None:
        return None
    before = text[:found].replace("\r\n", "\n").replace("\r", "\n")
    return (before.count("\n"), found - 1 - max(text.rfind(end, 0, found) for end in "\n\r")), text[found]


def message_about(column: int, letter: str, text: str) -> tuple[str, str]:
    """Return what is said about a character in a column (counted from 0) of a text, and the hint."""
    others = text.count(letter) - 1 if letter in SPACES | INVISIBLE else 0
    more = f" (the file has {others} more of them)" if others else ""
    return f"{_named(column, letter)}, which YAML does not understand here", _advice(letter) + more


def in_plain(text: str, *, key: bool) -> int | None:
    """Return which letter of a scalar without quotes cannot be meant: a space of another kind at an end, say.

    In a key it may stand nowhere. Marks of direction may begin and end a text.
    """
    wrong = SPACES | INVISIBLE if key else SPACES | (INVISIBLE - _DIRECTIONS)
    places = range(len(text)) if key else sorted({0, len(text) - 1}) if text else ()
    return next((place for place in places if text[place] in wrong), None)


def culprit(text: str, failed: Place, began: Place | None, failure_of: Callable[[str], Place | None]) -> Place | None:
    """Return the place of the character for which a text is no YAML, or None if it is something else.

    `failed` is where the parser gave up, `began` where what it was reading had begun; `failure_of` says where it gives
    up on another text. A character is to blame if the parser comes further once it is replaced.
    """
    lines = text.split("\n")
    above = [line for line in range(min(failed[0], len(lines) - 1), -1, -1) if lines[line].strip(" \r")]
    for line in above[:2]:
        indentation = len(lines[line]) - len(lines[line].lstrip())
        odd = [column for column in range(indentation) if lines[line][column] in SPACES]
        if odd:
            return line, odd[0]
    nearest = dict.fromkeys(([] if began is None else [min(began[0], len(lines) - 1)]) + above)
    for line in [line for line in nearest if any(letter in _INSTEAD for letter in lines[line])][:_CANDIDATES]:
        for column, mended in _mended(lines[line]):
            failure = failure_of("\n".join([*lines[:line], mended, *lines[line + 1 :]]))
            if failure is None or failure > failed:
                return line, column
    return None


def explained(problem: Problem) -> Problem:
    """Return a problem whose message quotes an odd character of its file with a hint at that character."""
    if problem.file is None or problem.line is None:
        return problem
    try:
        with problem.file.open("rb") as file:
            lines = file.read(LARGEST).decode("utf-8-sig").splitlines()
    except (OSError, ValueError):
        return problem
    found = _quoted(lines, problem.line - 1, problem.message)
    if found is None:
        return problem
    line, column = found
    letter = lines[line][column]
    place = "" if line == problem.line - 1 else f"line {line + 1}, "
    hint = f"{place}{_named(column, letter)}: {_advice(letter)}"
    return replace(problem, hint=f"{problem.hint}; {hint}" if problem.hint else hint)


def _quoted(lines: list[str], line: int, message: str) -> Place | None:
    """Return the place of an odd character that a message quotes: in its line, or where the quoted text stands."""
    for column, letter in enumerate(lines[line] if line < len(lines) else ""):
        if letter in _INSTEAD and (letter in message or repr(letter)[1:-1] in message):
            return line, column
    for text in re.findall(r"'([^']{2,200})'", message):
        odd = next((place for place, letter in enumerate(text) if letter in _INSTEAD), None)
        where = None if odd is None else next((each for each, written in enumerate(lines) if text in written), None)
        if odd is not None and where is not None:
            return where, lines[where].index(text) + odd
    return None


def _mended(line: str) -> Iterator[tuple[int, str]]:
    """Yield lines with the signs of one kind replaced, then with all, and the column of the first that is replaced."""
    odd = [(column, _INSTEAD[letter]) for column, letter in enumerate(line) if letter in _INSTEAD]
    for instead in dict.fromkeys(sign for _, sign in odd):
        first = next(column for column, sign in odd if sign == instead)
        for sign in dict.fromkeys([instead, instead or " ", f"{instead} " if instead == ":" else instead]):
            yield first, "".join(sign if _INSTEAD.get(letter) == instead else letter for letter in line)
    if odd:
        yield odd[0][0], "".join(_INSTEAD.get(letter, letter) for letter in line)


def _named(column: int, letter: str) -> str:
    name = unicodedata.name(letter, "NEXT LINE")  # control characters have no name; of them, only this is asked for
    return f"column {column + 1} holds {name} (U+{ord(letter):04X})"


def _advice(letter: str) -> str:
    if letter in BREAKS:
        return "begin a new line, or write a space"
    instead = _INSTEAD[letter]
    if instead == " ":
        return "write a space"
    return f"write {instead}" if instead else "delete it"
