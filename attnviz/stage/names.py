"""Digits that are no numbers: those of a name, as in W₁, head 2, GPT-2 or apple₂.

A number on screen needs a receipt; a name needs an owner. Digits that hang on letters (`GPT-2`, `L6`, `apple₂`, `W_1`)
are a name by themselves. A number that stands alone (the 2 of *head 2*, the year in a title) is one only if
the storyboard or the model says it: it is among the arguments of the shot, in a title or a sentence, or among the
labels and attributes of the trace.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from attnviz.input.problems import Problem, ProblemsFound

_NORMAL = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_AROUND = ".,;:!?…\"'“”‘’„«»()[]{}"
_NAME = re.compile(
    r"(?P<base>[^\W_]+(?:-[^\W_]+)*)(?:_(?P<sub>{s}))?(?:\^(?P<sup>{s}))?".replace("{s}", r"[^\W_]+(?:-[^\W_]+)*")
)


def has_numeral(text: str) -> bool:
    """Tell whether a text has a number by Unicode's categories (Nd, Nl, No): 4, ٤, ², ½, Ⅳ."""
    return any(unicodedata.category(char).startswith("N") for char in text)


def lone_numbers(text: str) -> list[str]:
    """Return the words of a text that are numbers and not names: `2` of `head 2`, `x²`, but not `GPT-2`."""
    return [word for word in _words(text) if has_numeral(word) and not _hangs_on_letters(word)]


def strangers(text: str, known: Iterable[str]) -> list[str]:
    """Return the numbers of a text that none of the known texts says; one that is cut short (`20…`) may begin one.

    Where `<#2` is known, the first `<` is `<₁`, as tables write it.
    """
    lone = lone_numbers(text)
    if not lone:
        return []
    texts = [*known]
    first = [found.replace("#2", "1") for each in texts for found in re.findall(r"\S+#2(?!\d)", each)]
    said = {word for each in (*texts, *first) for word in _words(each)}
    cut = {word for word in lone if word + "…" in text}
    return [word for word in lone if word not in said and not (word in cut and any(w.startswith(word) for w in said))]


def name_markup(name: str) -> str:
    """Return the Typst mathematics of a name: `W_1`, `W_Q^1`, `head_1`; single letters are italic, words upright.

    A product has the names of its factors: `Q K^T`.
    Raises `ProblemsFound` for what is no name: `2`, and `x^2`, which is a power.
    """
    factors = name.split(" ")
    matches = [_NAME.fullmatch(factor) for factor in factors]
    if len(factors) > 1 and all(each and _hangs_on_letters(each["base"]) for each in matches):
        return " thin ".join(map(name_markup, factors))
    found = _NAME.fullmatch(name)
    if found is None or not _hangs_on_letters(found["base"]):
        hint = "a name is letters, with digits behind them or in a script: W_1, W_Q^1, head_1"
        if re.fullmatch(r"[^\W\d_]+(?:-[^\W\d_]+)*\s+\d+", name):
            hint += f"; write {'_'.join(name.split())!r}"
        raise ProblemsFound(Problem(f"{name!r} is not a name", hint=hint))
    base, below, above = found.group("base", "sub", "sup")
    if above and not below and has_numeral(above):
        hint = "an exponent is a number: formula('x^{n}', n=number); in a name there is a subscript, too: W_Q^1"
        raise ProblemsFound(Problem(f"the name {name!r} reads as a power", hint=hint))
    return _letters(base) + (f"_({_letters(below)})" if below else "") + (f"^({_letters(above)})" if above else "")


def _letters(text: str) -> str:
    return f'italic("{text}")' if len(text) == 1 and text.isalpha() else f'upright("{text}")'


def _words(text: str) -> list[str]:
    """Return the words of a text, without what stands around them; a token's number is a part of it (`an#2`)."""
    words = (word.strip(_AROUND) for word in text.replace("#", "").translate(_NORMAL).casefold().split())
    return [word for word in words if word]


def _hangs_on_letters(word: str) -> bool:
    rest = word.translate(_NORMAL)
    return rest[:1].isalpha() and all(c.isalpha() or c.isdecimal() or c in "-_…" for c in rest)
