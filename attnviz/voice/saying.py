"""From what is written to what is said: each word of a narration as English speech has it.

Captions keep what is written. What could be taken for markup is said as it stands: "<b>" is "less than b greater than".
Quotes, brackets, emoji and other signs that stand for nothing are silent. Other languages are left to their engine.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.voice.said_words import said_word
from attnviz.voice.scripted import plain
from attnviz.voice.symbols import SHORT

WORD = re.compile(r"\S+")
MOST_SIGNS = 3  # of a word that has nothing else are named
SHOWN = 40  # letters of a word that are shown in a message
_AROUND = re.compile(r"(?P<before>\W*)(?P<core>.*?)(?P<owner>'s)?(?P<after>\W*)", re.DOTALL)
_SAME = re.compile(r"(?P<word>[^₀-₉]*[^\W\d_₀-₉])(?P<count>[₀-₉]{1,6})", re.DOTALL)
_COUNTED = re.compile(r"(?P<word>.*[^\W\d_])#(?P<count>\d{1,6})(?P<after>\W*)", re.DOTALL)
_QUOTED = re.compile(r"(?P<before>[^\w“”]*)“(?P<core>[^“”]+)”(?P<after>\W*)")
_NAMES = {"-": "hyphen", "…": "ellipsis", "'": "apostrophe", "’": "apostrophe"}  # shorter ones than Unicode's
_ENDS = ".!?…。！？।"
_SILENT = {"So", "Cf", "Cc", "Cs", "Co", "Cn"}  # Unicode's categories of emoji, and of what has no shape


@dataclass(frozen=True)
class Saying:
    """A written word, from character `start` up to `end`, and what is spoken for it: "" if it is silent.

    What is spoken has words, spaces between them, and the punctuation marks at which a voice pauses.
    """

    start: int
    end: int
    spoken: str


def said_as(text: str, pronunciations: Mapping[str, str], language: str = "en") -> tuple[Saying, ...]:
    """Return what is to be spoken for each written word (what stands between spaces), in their order.

    `pronunciations` say how whole words are spoken; a word is looked up as it is written, then, if it is longer than a
    letter, in small letters. Raises `ProblemsFound` with the word that English cannot say, because of its script.
    """
    written = list(WORD.finditer(text))
    if language.partition("-")[0].lower() != "en":
        own = _by_spelling(pronunciations)
        return tuple(Saying(found.start(), found.end(), _elsewhere(found[0], own)) for found in written)
    own = _by_spelling({word: _said_alone(word, spoken) for word, spoken in pronunciations.items()})
    words = [found[0] for found in written]
    return tuple(Saying(found.start(), found.end(), _said(words, place, own)) for place, found in enumerate(written))


def ends_sentence(sayings: Sequence[Saying], place: int, text: str) -> bool:
    """Say whether a sentence ends with the word at this place: after a full stop, before no small letter."""
    if not sayings[place].spoken.rstrip(')"').endswith(tuple(_ENDS)):
        return False
    return place + 1 == len(sayings) or not text[sayings[place + 1].start].islower()


def cannot_say(word: str, hint: str | None = None) -> ProblemsFound:
    """Return the problem of a word that a voice cannot say."""
    word = word.strip("“”,.;:!?") or word
    shown = word if len(word) <= SHOWN else f"{word[:SHOWN]}…"
    hint = hint or "give it a pronunciation; or --voice none; espeak speaks other languages (`language:`)"
    return ProblemsFound(Problem(f"the voice cannot say '{shown}'", hint=hint))


def _by_spelling(pronunciations: Mapping[str, str]) -> dict[str, str]:
    """Return the same with words in small letters, too, so that a word is looked up twice at most."""
    folded = {word.casefold(): spoken for word, spoken in pronunciations.items() if len(word) > 1}
    return folded | dict(pronunciations)


def _said_alone(word: str, spoken: str) -> str:
    """Return how a pronunciation is spoken, itself written by a person."""
    words = spoken.split()
    try:
        return " ".join(_said(words, place, {}) for place in range(len(words)))
    except ProblemsFound:
        raise cannot_say(spoken, f"it is the pronunciation of '{word}'") from None


def _said(words: Sequence[str], place: int, own: Mapping[str, str]) -> str:
    """Return what is said for one of the words, which its neighbours may change."""
    word = words[place]
    if (pronounced := _pronounced(word, own)) is not None:
        return pronounced
    if (quoted := _QUOTED.fullmatch(word)) and (named := _named(quoted["core"])):
        return " ".join(_said([part], 0, own) for part in f"{named}{quoted['after']}".split(" "))
    usual = plain(unicodedata.normalize("NFC", word))
    if usual.strip("(\"'").lower() in SHORT:
        is_last = place + 1 == len(words) or words[place + 1][:1].isupper()
        return SHORT[usual.strip("(\"'").lower()] + ("." if is_last and usual.endswith(".") else "")
    if counted := _COUNTED.fullmatch(usual):  # the second of several same words
        usual = f"{int(counted['count'])}th {counted['word']}{counted['after']}"
        return " ".join(_said([part], 0, own) for part in usual.split(" ", 1))
    around = words[place - 1][-1:] if place else "", words[place + 1][:1] if place + 1 < len(words) else ""
    spoken = said_word(usual, around, own)
    if spoken is None:
        raise cannot_say(word)
    return spoken


def _named(quoted: str) -> str:
    """Return what a word in quotes is called that is meant as a word: a sign, a part of a word, one of several same.

    Return "" for what is said as it would be without quotes.
    """
    core = unicodedata.normalize("NFC", quoted)
    if counted := _SAME.fullmatch(core):
        return f"the {unicodedata.normalize('NFKC', counted['count'])}th {counted['word']}"
    if not any(map(str.isalnum, core)):
        signs = [sign for sign in core if sign in _NAMES or unicodedata.category(sign)[0] in "PS"]
        names = [_NAMES.get(sign, unicodedata.name(sign, "").lower().replace("-", " ")) for sign in signs[:MOST_SIGNS]]
        return " ".join(dict.fromkeys(filter(None, names)))
    part = core.strip("#-–")
    return part if part != core and part[:1].isalpha() and part[-1:].isalpha() else ""


def _pronounced(word: str, own: Mapping[str, str]) -> str | None:
    """Return how a person wants a word to be spoken, with the pauses after it; None if that is not said."""
    if not own:
        return None
    found = _AROUND.fullmatch(word.replace("’", "'"))
    for start, core, end in () if found is None else _cores(found):
        if (spoken := own.get(core, own.get(core.casefold()))) is not None:
            return f"{spoken}{start}{end}"
    return None


def _cores(found: re.Match[str]) -> list[tuple[str, str, str]]:
    """Return what a word may be looked up as, with what follows it: as it stands first, then without its signs."""
    owner, pauses = found["owner"] or "", "".join(re.findall(r"[,.;:!?…]", found["after"])[:1])
    return [("", found[0], ""), ("", found["core"] + owner, pauses), (owner, found["core"], pauses)]


def _elsewhere(word: str, own: Mapping[str, str]) -> str:
    """Return what is said for a word of another language: itself, without emoji, for the engine to read."""
    pronounced = _pronounced(word, own)
    if pronounced is not None:
        return pronounced
    return "".join(
        letter for letter in word if unicodedata.category(letter) not in ("So", "Cf", "Cc", "Cs", "Co", "Cn")
    )
