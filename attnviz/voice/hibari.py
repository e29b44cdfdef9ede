"""hibari: a small neural voice, American English, that comes whole with its package (Apache-2.0) and needs no network.

Its network gives each phoneme a length, in steps of 25 ms, before it makes sound of them. The lengths are read from
inside the network, so that the times of words are those of the sound, to a step or two, not an estimate.

The same text gives the same bits on one machine, whatever its cores do: the network runs in one thread, and the noise
in consonants comes from a generator that begins anew with each sentence.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.voice.joining import WITHIN, Piece, joined
from attnviz.voice.saying import Saying, cannot_say, said_as
from attnviz.voice.sentences import Sentence, sentences
from attnviz.voice.speech import Samples, Speech, SpokenWord

if TYPE_CHECKING:
    from hibari import Hibari

STEP = 0.025  # seconds
# A word is heard before the place that the lengths give it: of twenty words spoken alone, sound begins 0.05 s before
# (median; 0.03 to 0.09 s).
EARLIER = 2 * STEP
MOST_PHONEMES = 400  # at once, which is what the network was trained on
_LENGTHS = "/Clip_output_0"  # the tensor of the network that holds the lengths of phonemes, in steps
_GRAPH, _OUTPUT, _NAME = 7, 12, 1  # fields of ModelProto, GraphProto, ValueInfoProto (onnx.proto)
_BYTES = 2  # the wire type of a field that is a message or a text


class _Word(NamedTuple):
    """A saying, and what the network reads for it: phonemes, with spaces between those of several words."""

    saying: Saying
    phonemes: str


class HibariVoice:
    """The voice of hibari; opening it takes a third of a second. See `Voice`."""

    def __init__(self, speed: float, pronunciations: Mapping[str, str], key: Mapping[str, str]) -> None:
        import hibari

        network = Path(hibari.__file__).parent / "assets" / "hibari.onnx"
        self._engine: Hibari = hibari.Hibari(model=with_output(network.read_bytes(), _LENGTHS), threads=1)
        self._speed = speed
        self._pronunciations = pronunciations
        self.key = key

    def speak(self, text: str) -> Speech:
        """Speak a text; raises `ProblemsFound` (without a place) for words that it cannot say."""
        found = sentences(said_as(text, self._pronunciations), text)
        pieces = itertools.chain.from_iterable(self._pieces(sentence, text) for sentence in found)
        return joined(pieces, self._engine.sample_rate)

    def _pieces(self, sentence: Sentence, text: str) -> Iterator[Piece]:
        words = self._phonemes(sentence, text)
        parts = list(parted(words, MOST_PHONEMES))
        for number, part in enumerate(parts):
            rest = (sentence.rest if number + 1 == len(parts) else WITHIN) / self._speed
            yield self._piece(part, rest)

    def _phonemes(self, sentence: Sentence, text: str) -> list[_Word]:
        """Return the phonemes of a sentence, read as a whole: how a word is said depends on its neighbours."""
        tokens = self._engine.g2p.phonemize_tokens(self._engine.g2p.tokenize(sentence.spoken))
        chunks = [""]
        for token in tokens:
            chunks[-1] += "".join(letter for letter in token.phonemes or "" if letter in self._engine.vocab)
            if token.whitespace:
                chunks.append("")
        remaining = iter(chunks)
        words = []
        for saying in sentence.sayings:
            spoken = saying.spoken.split()
            read = list(itertools.islice(remaining, len(spoken)))
            if any(_is_word(part) and not phonemes for part, phonemes in zip(spoken, read, strict=True)):
                raise cannot_say(text[saying.start : saying.end])
            words.append(_Word(saying, " ".join(filter(None, read))))
        return words

    def _piece(self, words: Sequence[_Word], rest: float) -> Piece:
        """Speak some words at once."""
        line, places = "", list[tuple[Saying, int, int]]()
        for word in words:
            line += " " if line and word.phonemes else ""
            places.append((word.saying, len(line), len(line) + len(word.phonemes.rstrip(" ,.;:!?…—"))))
            line += word.phonemes
        if not line:
            return Piece(np.zeros(0, np.float32), tuple(SpokenWord(s.start, s.end, 0, 0) for s, _, _ in places), rest)
        samples, lengths = self._sound(line)
        begins = np.cumsum(lengths) * STEP - EARLIER  # lengths begin with that of the silence before the first phoneme
        times = [(saying, float(begins[start]), float(begins[end])) for saying, start, end in places]
        return Piece(samples, tuple(SpokenWord(s.start, s.end, begin, end) for s, begin, end in times), rest)

    def _sound(self, phonemes: str) -> tuple[Samples, Any]:
        """Return the sound of phonemes, and the length in steps of each, of the silence before and that after them."""
        from hibari import dsp

        ids = np.asarray([self._engine.ids(phonemes)], np.int64)
        inputs = {"ids": ids, "speed": np.asarray([self._speed], np.float32)}
        *spectrum, lengths = self._engine.sess.run(None, inputs)
        samples = dsp.synth(*(part[0] for part in spectrum), np.random.default_rng(0))
        if len(lengths) != ids.shape[1] or len(samples) != round(float(lengths.sum()) * STEP * dsp.SR):
            hint = "install the version that attnviz is tested with: hibari-tts==0.2.1"
            raise ProblemsFound(Problem("this version of hibari does not tell when its words are heard", hint=hint))
        return samples, lengths


def _is_word(part: str) -> bool:
    return any(letter.isalpha() for letter in part)


def parted(words: Sequence[_Word], most: int) -> Iterator[list[_Word]]:
    """Yield the words in groups of at most `most` phonemes, parted after a clause where there is one.

    A longer word is read in several parts, the first of which has its time.
    """
    group: list[_Word] = []
    for word in itertools.chain.from_iterable(_short(word, most) for word in words):
        while group and sum(len(each.phonemes) + 1 for each in group) + len(word.phonemes) > most:
            clauses = [place for place, each in enumerate(group) if each.phonemes.endswith((",", ";", ":", "—"))]
            cut = clauses[-1] + 1 if clauses else len(group)
            yield group[:cut]
            group = group[cut:]
        group.append(word)
    if group:
        yield group


def _short(word: _Word, most: int) -> Iterator[_Word]:
    for start in range(0, max(len(word.phonemes), 1), most):
        yield _Word(word.saying, word.phonemes[start : start + most].strip())


def with_output(network: bytes, tensor: str) -> bytes:
    """Return an ONNX network that also gives one of its inner tensors, as its last output.

    In Protocol Buffers, a message that comes twice is the two merged: a graph of nothing but an output, written after
    the whole, adds this output (https://protobuf.dev/programming-guides/encoding/#last-one-wins).
    """
    output = _field(_OUTPUT, _field(_NAME, tensor.encode()))
    return network + _field(_GRAPH, output)


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | _BYTES, len(content)]) + content  # all are shorter than 128
