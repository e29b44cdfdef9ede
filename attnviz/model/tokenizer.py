"""From a text to the pieces that a model reads: a tokenizer.json with names for people. Needs no torch.

Three ways of marking where words begin are understood: byte-level (`Ġapple`), metaspace (`▁apple`), and WordPiece's
sign for what goes on (`##ed`); without a mark every token is a whole word.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from attnviz.input.encodable import as_bytes_seen, is_encodable
from attnviz.input.problems import Problem, ProblemsFound, did_you_mean, visible
from attnviz.input.stand_ins import AGAIN, HEAD, check_is_itself
from attnviz.model.signs import begins_word, extends, named
from attnviz.model.tokens import distinct

if TYPE_CHECKING:
    import tokenizers

LARGEST = 64_000_000  # bytes of a file
LONGEST = 100_000  # letters of a text
MOST_TOKENS = 10_000_000
MARK = "▁"
SPACE = "␣"  # a space that is a token of its own


class Piece(NamedTuple):
    """A token at one place of a text: a label of its own (`un-`, `-veil-`, `an#2`), its whole word, its number.

    `added`: nobody wrote it, the tokenizer puts it around a text, as BERT's does [CLS].
    """

    label: str
    word: str
    number: int
    added: bool = False


class Tokenizer:
    """Cuts texts into the tokens of a model, and names them for people."""

    def __init__(self, inner: tokenizers.Tokenizer) -> None:
        inner.no_truncation()
        inner.no_padding()
        self.inner = inner

    @classmethod
    def read(cls, path: Path) -> Tokenizer:
        """Read a tokenizer.json; raise `ProblemsFound` if there is none that can be read."""
        from tokenizers import Tokenizer as Inner

        try:
            with path.open("rb") as file:
                raw = file.read(LARGEST + 1)
        except OSError as error:
            raise ProblemsFound(Problem(f"the tokenizer cannot be read: {error.strerror}", path)) from None
        if len(raw) > LARGEST:
            raise ProblemsFound(Problem(f"the tokenizer is larger than {LARGEST:,} bytes", path))
        check_is_itself(path, raw[:HEAD])
        try:
            tokenizer = cls(Inner.from_str(raw.decode()))
        except Exception as error:  # the library raises nothing narrower
            if str(error).startswith("EOF while parsing"):
                raise ProblemsFound(Problem("the tokenizer is cut short", path, hint=AGAIN)) from None
            raise ProblemsFound(Problem(f"this is not a tokenizer: {error}", path, hint="expected JSON")) from None
        _ = tokenizer._size  # one with absurd numbers is refused before anything counts up to them
        return tokenizer

    @cached_property
    def vocabulary(self) -> tuple[str, ...]:
        """A readable name for every number, each another: `apple`, and `-ed` for what only goes on."""
        return distinct(self._name(number) for number in range(self._size))

    def pieces(self, text: str, *, bare: bool = False) -> list[Piece]:
        """Return the tokens of a text with their labels; raise `ProblemsFound` for what cannot be read.

        `bare`: without those that the tokenizer puts around a text.
        """
        if not text.strip():
            raise ProblemsFound(Problem("the text is empty", hint="write a few words"))
        if not is_encodable(text):
            raise ProblemsFound(
                Problem(f"the text '{as_bytes_seen(text)}' holds half a character", hint="write it in UTF-8")
            )
        if len(text) > LONGEST:
            raise ProblemsFound(Problem(f"the text has {len(text):,} letters", hint=f"at most {LONGEST:,} can be read"))
        encoding = self._encode(text, bare=bare)
        words = list(self._words(text, encoding))
        texts = [self._text(number)[0] for number in encoding.ids]
        labels = [
            piece if number in self._added else f"{'-' * before}{piece}{'-' * after}"
            for piece, number, before, after in zip(texts, encoding.ids, *_joins(words), strict=True)
        ]
        return [
            Piece(label, word or piece, number, sentence is None)
            for label, (_, word), piece, number, sentence in zip(
                distinct(labels), words, texts, encoding.ids, encoding.sequence_ids, strict=True
            )
        ]

    def type_ids(self, text: str) -> list[int]:
        """Return the token type of every token of a text, as BERT's kind tells the sentences of a pair apart.

        They are those of the tokenizer's own pair where a text is one, written with the separator: `A [SEP] B`.
        """
        ids = self._encode(text).ids
        first, separator, second = text.partition(self._separator) if self._separator else (text, "", "")
        if separator:
            pair = self.inner.encode(first.strip(), second.strip())
            if pair.ids == ids:
                return list(pair.type_ids)
        return [0] * len(ids)

    @cached_property
    def around(self) -> frozenset[int]:
        """The numbers of the tokens that are put around a text."""
        encoding = self.inner.encode("a")
        return frozenset(n for n, sentence in zip(encoding.ids, encoding.sequence_ids, strict=True) if sentence is None)

    def stands_alone(self, number: int) -> bool:
        """Whether a token stands beside the vocabulary proper, as [CLS] and codes of languages do."""
        return number in self._added

    @cached_property
    def _separator(self) -> str:
        """What stands between the sentences of a pair; "" if nothing does."""
        pair = self.inner.encode("a", "a")
        places = [place for place, sentence in enumerate(pair.sequence_ids) if sentence is not None]
        if 1 not in pair.sequence_ids or 0 not in pair.sequence_ids:
            return ""
        second = pair.sequence_ids.index(1)
        last_of_first = max(place for place in places if place < second)
        return "".join(pair.tokens[last_of_first + 1 : second])

    def number(self, token: str) -> int | None:
        """Return the number of a token as the file writes it, or None."""
        found: int | None = self.inner.token_to_id(token)
        return found

    @cached_property
    def _size(self) -> int:
        size = 1 + max(self.inner.get_vocab().values(), default=-1)
        if size > MOST_TOKENS:
            raise ProblemsFound(Problem(f"the tokenizer has a token with the number {size - 1:,}"))
        return size

    @cached_property
    def _added(self) -> frozenset[int]:
        """The numbers of tokens that stand beside the vocabulary proper, such as [CLS]: they are shown as written."""
        return frozenset(self.inner.get_added_tokens_decoder())

    @cached_property
    def _marking(self) -> str:
        """How the beginnings of words are marked: "Ġ", "▁", "##" or not at all."""
        kinds = set(_kinds(settings := json.loads(self.inner.to_str())))
        if "ByteLevel" in kinds:
            return "Ġ"
        vocabulary = self.inner.get_vocab()
        if any(token.startswith(MARK) for token in vocabulary):
            return MARK
        return str(settings["model"].get("continuing_subword_prefix") or "")

    def _name(self, number: int) -> str:
        """Return what a token is called in the vocabulary."""
        text, begins = self._text(number)
        return text if begins or not text[0].isalnum() else f"-{text}"

    def _text(self, number: int) -> tuple[str, bool]:
        """Return a token without its mark, in printable letters, and whether it begins a word."""
        token: str | None = self.inner.id_to_token(number)
        if token is None:
            return f"<{number}>", True
        if number in self._added:
            return visible(token), True
        if self._marking in ("Ġ", MARK):
            spelled = _spelled(token) if self._marking == "Ġ" else token.replace(MARK, " ")
            bare = spelled.strip(" ")
            return visible(named(bare)) or SPACE * len(spelled), spelled.startswith(" ")
        goes_on = bool(self._marking) and token.startswith(self._marking) and token != self._marking
        return visible(named(token.removeprefix(self._marking) if goes_on else token)) or SPACE, not goes_on

    def _encode(self, text: str, *, bare: bool = False) -> tokenizers.Encoding:
        """Return the tokens of a text, after a check that nothing that can be read is left out."""
        try:
            encoding = self.inner.encode(text, add_special_tokens=not bare)
        except Exception as error:  # as above
            raise ProblemsFound(self._unknown(text) or Problem(f"the text cannot be read: {error}")) from None
        seen = {place for start, end in encoding.offsets for place in range(start, end)}
        unseen = (letter for place, letter in enumerate(text) if place not in seen)
        missed = {letter: None for letter in unseen if letter.isalnum() and not extends(letter)}
        if missed or not encoding.ids:
            shown = ", ".join(map(repr, missed)) or "this text"
            raise ProblemsFound(self._unknown(text) or Problem(f"the model has no token for {shown}"))
        return encoding

    def _unknown(self, text: str) -> list[Problem]:
        """Return a problem for every word that a vocabulary of whole words does not have."""
        if json.loads(self.inner.to_str())["model"]["type"] != "WordLevel":
            return []
        normal = self.inner.normalizer.normalize_str(text) if self.inner.normalizer else text
        split = self.inner.pre_tokenizer.pre_tokenize_str(normal) if self.inner.pre_tokenizer else [(normal, None)]
        unknown = dict.fromkeys(word for word, _ in split if self.number(word) is None)
        return [
            Problem(
                f"the model does not know the word {word!r}",
                hint=did_you_mean(word, self.vocabulary, "the words that it knows"),
            )
            for word in unknown
        ]

    def _words(self, text: str, encoding: tokenizers.Encoding) -> Iterator[tuple[int, str]]:
        """Yield, for each token, which word it is part of: its number, and its text ("" if it is not written)."""
        spans: list[list[int]] = []  # start and end of every word
        which, after_one_alone = [], True
        for number, word, (start, end) in zip(encoding.ids, encoding.word_ids, encoding.offsets, strict=True):
            alone = word is None or number in self._added
            while start < end and text[start].isspace():
                start += 1
            done = spans[-1][1] if spans else 0  # a token can be a byte of a letter that the one before has begun
            spaced = any(letter.isspace() for letter in text[done:start])
            # after a token of spaces alone the word has begun with it
            anew = done <= start < end and not text[:start][-1:].isspace() and begins_word(text, start)
            if after_one_alone or alone or spaced or anew:
                spans.append([start, end])
            spans[-1][1] = max(spans[-1][1], end)
            which.append(len(spans) - 1)
            after_one_alone = alone
        for span in spans:
            while span[0] < span[1] < len(text) and extends(text[span[1]]):  # what a normalizer has dropped
                span[1] += 1
        yield from ((each, text[slice(*spans[each])].strip()) for each in which)


def _joins(words: list[tuple[int, str]]) -> tuple[list[bool], list[bool]]:
    """Say of each token whether its word began before it, and whether it goes on after it."""
    same = [one[0] == other[0] for one, other in pairwise(words)]
    return [False, *same], [*same, False]


def _kinds(settings: Any) -> Iterator[str]:
    """Yield the types of all parts of a tokenizer, its vocabulary left out."""
    for part in ("normalizer", "pre_tokenizer", "decoder"):
        each = settings.get(part) or {}
        yield from (str(step.get("type")) for step in (each, *each.get("pretokenizers", ()), *each.get("decoders", ())))


def _letters_of_bytes() -> dict[str, int]:
    """Return which letter stands for which byte in a byte-level vocabulary: printable Latin-1 is itself."""
    shown = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in shown]
    return {chr(byte): byte for byte in shown} | {chr(256 + index): byte for index, byte in enumerate(hidden)}


_BYTES = _letters_of_bytes()


def _spelled(token: str) -> str:
    """Return the text of a byte-level token; bytes that are only part of a letter as <F0 9F>."""
    try:
        raw = bytes(_BYTES[letter] for letter in token)
    except KeyError:
        return token
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return f"<{raw.hex(' ').upper()}>"
