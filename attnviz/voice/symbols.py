"""How signs are said in English: what stands in a lecture about mathematics, sign by sign."""

from __future__ import annotations

import functools
import re
import unicodedata

SIGNS = {
    "...": "…",
    "->": "to",
    "<-": "from",
    "=>": "gives",
    "<=": "less than or equal to",
    ">=": "greater than or equal to",
    "!=": "is not",
    "==": "equals",
    "→": "to",
    "⟶": "to",
    "↦": "to",
    "←": "from",
    "↔": "and back",
    "⇒": "gives",
    "=": "equals",
    "≈": "about",
    "≠": "is not",
    "≡": "is the same as",
    "∝": "is proportional to",
    "<": "less than",
    ">": "greater than",
    "≤": "less than or equal to",
    "≥": "greater than or equal to",
    "≪": "much less than",
    "≫": "much greater than",
    "+": "plus",
    "±": "plus or minus",
    "÷": "divided by",
    "⁄": "over",
    "√": "root",
    "∞": "infinity",
    "∑": "the sum of",
    "∏": "the product of",
    "∫": "the integral of",
    "∂": "partial",
    "∇": "gradient",
    "∈": "in",
    "∉": "not in",
    "∀": "for all",
    "∃": "there is",
    "∅": "the empty set",
    "∪": "union",
    "∩": "intersection",
    "⊂": "subset of",
    "⊙": "element by element times",
    "⊗": "outer product",
    "⊕": "plus",
    "∘": "after",
    "⊥": "perpendicular to",
    "¬": "not",
    "∧": "and",
    "∨": "or",
    "%": "percent",
    "‰": "per mille",
    "°": "degrees",
    "′": "prime",
    "″": "double prime",
    "&": "and",
    "@": "at",
    "§": "section",
    "\\": "backslash",
    "|": "",
    "½": "one half",
    "¼": "one quarter",
    "¾": "three quarters",
    "$": "dollar",
    "€": "euro",
    "£": "pound",
    "¥": "yen",
    "\N{COMBINING CIRCUMFLEX ACCENT}": "hat",
    "\N{COMBINING TILDE}": "tilde",
    "\N{COMBINING MACRON}": "bar",
    "\N{COMBINING RIGHT ARROW ABOVE}": "",
}
MONEY = {"$": "dollars", "€": "euros", "£": "pounds", "¥": "yen"}
# Said with a word of its own wherever they stand in one; what stands for nothing is silent (quotes, brackets, emoji).
SHORT = {
    "e.g.": "for example",
    "i.e.": "that is",
    "etc.": "et cetera",
    "vs.": "versus",
    "vs": "versus",
    "cf.": "compare",
    "w.r.t.": "with respect to",
    "dr.": "Doctor",
    "mr.": "Mister",
    "mrs.": "Misses",
    "prof.": "Professor",
    "fig.": "figure",
    "eq.": "equation",
    "approx.": "approximately",
}
_LAMDA = {"lamda": "lambda"}  # Unicode's own spelling


@functools.cache
def said_sign(sign: str) -> str:
    """Return how a sign is said; "" for those that are silent.

    Mathematical signs that are not listed here have their Unicode names.
    """
    if sign in SIGNS:
        return SIGNS[sign]
    if len(sign) == 1 and unicodedata.category(sign) == "Sm":
        name = unicodedata.name(sign, "").lower()
        return re.sub(r"[^a-z ]", " ", name).replace(" sign", "").replace(" operator", "").strip()
    return ""


def greek_name(letter: str) -> str:
    """Return the name of a Greek letter, whether it is large or small, and whatever stands above it."""
    name = unicodedata.name(letter)
    found = re.search(r"LETTER (?:FINAL |LUNATE )?([A-Z]+)|([A-Z]+) SYMBOL", name)
    word = (found[1] or found[2]).lower() if found else ""
    return _LAMDA.get(word, word)
