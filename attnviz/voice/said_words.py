"""How one written word is said in English: its letters, numbers and signs, from the left to the right."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Mapping

from attnviz.voice.number_words import MOST_DIGITS, ordinal, said_number
from attnviz.voice.symbols import MONEY, greek_name, said_sign

PAUSES = ",.;:!?…"
LETTERS = r"[^\W\d_]+(?:'[^\W\d_]+)*"
_PARTS = re.compile(
    r"(?P<power>\^(?:\{(?P<inner>[^{}^]*)\}|(?P<bare>[-−]?\w+)|(?=\Z|.)))"
    r"|(?P<money>[$€£¥])(?=\d)"
    rf"|(?P<ordinal>\d{{1,{MOST_DIGITS}}}(?:st|nd|rd|th)\b)"
    r"|(?P<scientific>\d+(?:\.\d+)?[eE][-−+]?\d{1,4}(?!\w))"
    r"|(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)*|(?<!\w)\.\d+)"
    rf"|(?P<letters>{LETTERS})"
    r"|(?P<sign>\.{2,}|--+|->|=>|<=|<-|>=|!=|==|\S)"
)
_HUMPS = re.compile(  # of names such as MiniLM, LayerNorm, QKNorm
    r"(?<=[a-z])(?=[A-Z][a-z]{2})|(?<=[a-z])(?=[BCDFGHJ-NP-TVWXZ]{2,}(?![a-z]))|(?<=[A-Z])(?=[A-Z][a-z]{2})"
)
_SPELT = re.compile(r"([BCDFGHJ-NP-TVWXZ]{2,})('?s)?")  # CLS, LLMs: nobody could say them as words
_POWERS = {"T": "transpose", "⊤": "transpose", "2": "squared", "3": "cubed", "-1": "inverse", "−1": "inverse"}
_DASHES = {"–", "—", "―"}


class _Word:
    """What is said of a word so far, and where in it the reading is."""

    def __init__(self, written: str, around: tuple[str, str], own: Mapping[str, str]) -> None:
        self.written, self.around, self.own = written, around, own
        self.said: list[str] = []
        self.coins = ""

    def say(self, words: str) -> None:
        """Say this next; pauses follow what they end, without a space, and only one of them."""
        if not words:
            return
        if words in PAUSES and self.said:
            if self.said[-1][-1] not in PAUSES:
                self.said[-1] += words
        else:
            self.said.append(words)


def said_word(written: str, around: tuple[str, str] = ("", ""), own: Mapping[str, str] | None = None) -> str | None:
    """Return how a word is said, written as `scripted.plain` writes it; None if it has letters that English lacks.

    `around` are the characters before and after it, beyond the spaces; `own` are pronunciations of parts of it.
    """
    word = _Word(written, around, own or {})
    for found in _PARTS.finditer(written):
        kind = next(kind for kind in _SAYERS if found[kind] is not None)
        if not _SAYERS[kind](word, found):
            return None
    return " ".join(word.said)


def _power(word: _Word, found: re.Match[str]) -> bool:
    inner = found["inner"] if found["inner"] is not None else found["bare"]
    if inner is None or not word.said:
        said = said_word(inner or "", own=word.own)
        word.say("to the" if inner is None else said or "")
        return said is not None
    if inner in _POWERS:
        word.say(_POWERS[inner])
        return True
    said = said_word(inner, own=word.own)
    word.say(f"to the {said}" if said else "")
    return said is not None


def _money(word: _Word, found: re.Match[str]) -> bool:
    word.coins = found[0]
    return True


def _ordinal(word: _Word, found: re.Match[str]) -> bool:
    word.say(ordinal(int(found[0][:-2])))
    return True


def _scientific(word: _Word, found: re.Match[str]) -> bool:
    digits, power = re.split("[eE]", found[0])
    sign = "minus " if power[0] in "-−" else ""
    word.say(f"{said_number(digits)} times ten to the {sign}{said_number(power.lstrip('-−+'))}")
    return True


def _number(word: _Word, found: re.Match[str]) -> bool:
    word.say(said_number(found[0]))
    after = word.written[found.end() : found.end() + 1]
    coins = word.coins or (after if after in MONEY else "")
    if coins:
        word.say(said_sign(coins) if found[0] == "1" else MONEY[coins])
    word.coins = ""
    return True


def _letters(word: _Word, found: re.Match[str]) -> bool:
    written = found[0]
    spoken = word.own.get(written, word.own.get(written.casefold()))
    before, after = _beside(word, found)
    if spoken is not None:
        word.say(spoken)
    elif written == "x" and before.isdecimal() and after.isdecimal():
        word.say("by")
    elif written == "s" and before.isdecimal() and word.said and word.said[-1].endswith(("y", "d", "n", "r", "t")):
        last = word.said[-1]
        word.said[-1] = f"{last[:-1]}ies" if last.endswith("y") else f"{last}s"  # the 1990s
    else:
        parts = [_said_letters(script, "".join(run)) for script, run in itertools.groupby(written, _script)]
        for part in parts:
            word.say(part or "")
        return None not in parts
    return True


def _script(letter: str) -> str:
    if letter == "'":
        return "latin"
    if unicodedata.category(letter) in ("No", "Nl"):
        return "count"
    name = unicodedata.name(letter, "")
    return next((script for script in ("latin", "greek", "modifier") if name.startswith(script.upper())), "other")


def _said_letters(script: str, letters: str) -> str | None:
    """Return how letters of one script are said; None if English has no way to say them."""
    if script == "modifier":
        return ""
    if script == "count":
        return " ".join(said_sign(letter) or _counted(letter) for letter in letters)
    if script == "greek":  # a name of one or two variables, not a word
        return " ".join(greek_name(letter) for letter in letters) if len(letters) <= 2 else None
    if script == "other":
        return None
    if len(letters) == 1 and (signed := unicodedata.normalize("NFD", letters)) != letters:
        return " ".join([signed[0], *filter(None, map(said_sign, signed[1:]))])  # ŷ is y hat
    return " ".join(_spelt(part) for part in _HUMPS.sub(" ", letters).split())


def _counted(letter: str) -> str:
    """Return how a number is read that is one character, such as a Roman one; "" if it is no whole number."""
    number = unicodedata.numeric(letter, 0.5)
    return said_number(str(int(number))) if number == int(number) >= 0 else ""


def _spelt(word: str) -> str:
    """Return a word, or the letters of one that cannot be said otherwise."""
    found = _SPELT.fullmatch(word)
    return word if found is None else " ".join(found[1]) + ("'s" if found[2] else "")


def _beside(word: _Word, found: re.Match[str]) -> tuple[str, str]:
    """Return the characters right before and after a part within its word, "" for none."""
    return word.written[: found.start()][-1:], word.written[found.end() :][:1]


def _sign(word: _Word, found: re.Match[str]) -> bool:
    sign = found[0]
    before, after = _beside(word, found)
    is_alone = word.written == sign
    within = _is_part(before) and _is_part(after)
    if sign in PAUSES or sign.startswith(".."):
        word.say(_pause(sign, before, word.written[found.end() :]))
    elif sign in "-−" or sign in _DASHES or sign.startswith("--"):
        word.say(_dash(sign, before, word.written[found.end() :]))
    elif sign in "×·⋅∙*":
        word.say(_product(sign, word, found, is_alone))
    elif sign in "()":
        word.say(_bracket(sign, before, word.written[found.end() :]))
    elif sign == "/":
        shown_words = within and before.isalpha() and after.isalpha() and re.search(r"[^\W\d_]{3}", word.written)
        word.say("slash" if not is_alone and before in ("", "<") else "" if shown_words else "over")
    elif sign == "~":
        word.say("about" if after.isdecimal() else "")
    elif sign == "#":
        word.say("number" if after.isdecimal() else "hash")
    elif not (sign in MONEY and before.isdecimal()):
        word.say(said_sign(sign))
    return True


def _is_part(character: str) -> bool:
    return character.isalnum() or character in ("}", "√") or character == "∞"


def _pause(sign: str, before: str, rest: str) -> str:
    """Return the pause that a mark stands for; within a word a point is a dot, and a colon says "to" of numbers."""
    mark = "…" if sign.startswith("..") else sign
    if not re.search(r"\w", rest):
        return mark
    if not before.isalnum() or mark in "!?":
        return ""
    if mark == ":" and before.isdecimal() and rest[0].isdecimal():
        return "to"
    if mark == "." and rest[0].isalnum() and not (before.islower() and rest[0].isupper()):
        return "dot"
    return ","


def _dash(sign: str, before: str, rest: str) -> str:
    """Return what a dash or a minus stands for: the sign of a number, a range, a pause, or nothing."""
    if before.isdecimal() and re.match(r"\d", rest):
        return "minus" if sign == "−" else "to"
    if sign in "-−" and not before.isalnum() and re.match(r"\.?\d|√|[^\W\d_](?![^\W\d_])", rest):
        return "minus"
    if sign == "−":
        return "minus"
    return "—" if sign != "-" or not (before or rest) else ""


def _product(sign: str, word: _Word, found: re.Match[str], is_alone: bool) -> str:
    """Return what a product's sign stands for: times, the dot of vectors, or the "by" of a matrix's shape."""
    before, after = word.around if is_alone else _beside(word, found)
    if sign == "×":
        return "times" if is_alone or not after or not before else "by"
    if sign == "*":
        return "times" if _is_part(before) and _is_part(after) else ""
    return "times" if before.isdecimal() or after.isdecimal() else "dot"


def _bracket(sign: str, before: str, rest: str) -> str:
    """Return what a round bracket stands for: "of" in f(x), otherwise the pause around what stands in brackets."""
    if sign == "(":
        is_of = _is_part(before) and not re.match(r"e?s\)", rest) and re.search(r"\w", rest)
        return "of" if is_of else ""
    return ""


_SAYERS: dict[str, Callable[[_Word, re.Match[str]], bool]] = {
    "power": _power,
    "money": _money,
    "ordinal": _ordinal,
    "scientific": _scientific,
    "number": _number,
    "letters": _letters,
    "sign": _sign,
}
