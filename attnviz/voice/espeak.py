"""espeak-ng: a voice for a hundred languages. It is clearly robotic, as speech synthesis was in the 1980s.

It computes speech by rules, and tells when each word begins. It is there for languages that no other engine has, not
for lectures in English. The library is driven by ctypes; what it is given is always text, never SSML.
"""

from __future__ import annotations

import _ctypes
import contextlib
import ctypes
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.voice.joining import Piece, joined
from attnviz.voice.saying import Saying, said_as
from attnviz.voice.sentences import Sentence, sentences
from attnviz.voice.speech import Samples, Speech, SpokenWord

# From espeak-ng/speak_lib.h
_SYNCHRONOUS = 2  # the sound is handed over, and the call returns when all is spoken
_DONT_EXIT = 0x8000
_CHARACTERS, _UTF8 = 1, 1
_RATE = 1
_WORDS_A_MINUTE = 160  # of 175, its own: lectures are slow
_SLOWEST, _FASTEST = 80, 450
_LIST_ENDS, _WORD = 0, 1
_OWN_NAMES = {"zh": "cmn", "no": "nb", "en": "en-us"}


class _Identity(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),  # from 1
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Identity),
    )


_HEARD = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True)
class _Begun:
    """A word of what is spoken: its first character, and the sample with which it begins."""

    character: int
    sample: int


class _Library:
    """The library, loaded afresh with a voice: what it remembers from an earlier text would change the sound.

    Raises `ProblemsFound` if it has no voice for the language.
    """

    def __init__(self, language: str, speed: float) -> None:
        import espeakng_loader

        self._own = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        self.rate: int = self._own.espeak_Initialize(_SYNCHRONOUS, 0, data, _DONT_EXIT)
        self._own.espeak_Synth.argtypes = (
            *(ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint),
            *(ctypes.c_void_p, ctypes.c_void_p),
        )
        primary = language.partition("-")[0].lower()
        names = dict.fromkeys((language.lower(), _OWN_NAMES.get(primary, primary)))
        if all(self._own.espeak_SetVoiceByName(name.encode()) for name in names):
            self.close()
            hint = "espeak-ng's own list tells which it has (`espeak-ng --voices`); --voice none is silent"
            raise ProblemsFound(Problem(f"espeak has no voice for the language '{language}'", hint=hint))
        pace = min(max(round(_WORDS_A_MINUTE * speed), _SLOWEST), _FASTEST)
        self._own.espeak_SetParameter(_RATE, pace, 0)

    def close(self) -> None:
        """Unload the library, which forgets all."""
        self._own.espeak_Terminate()
        _ctypes.dlclose(self._own._handle)

    def sound(self, spoken: str) -> tuple[Samples, list[_Begun]]:
        """Return the sound of a text, and its words as they begin."""
        sound, begun = bytearray(), list[_Begun]()

        def hear(samples: ctypes._Pointer[ctypes.c_short], count: int, events: ctypes._Pointer[_Event]) -> int:
            if samples and count > 0:
                sound.extend(ctypes.string_at(samples, count * ctypes.sizeof(ctypes.c_short)))
            place = 0
            while (event := events[place]).type != _LIST_ENDS:
                if event.type == _WORD:
                    begun.append(_Begun(event.text_position - 1, event.sample))
                place += 1
            return 0

        heard = _HEARD(hear)
        self._own.espeak_SetSynthCallback(heard)
        written = spoken.encode()
        self._own.espeak_Synth(written, len(written) + 1, 0, _CHARACTERS, 0, _UTF8, None, None)
        whole = np.iinfo(np.int16).max + 1
        return np.frombuffer(bytes(sound), np.int16).astype(np.float32) / np.float32(whole), _in_order(begun)


class EspeakVoice:
    """The voice of espeak-ng for a language, a BCP 47 tag; raises `ProblemsFound` if it has none. See `Voice`."""

    def __init__(self, language: str, speed: float, pronunciations: Mapping[str, str], key: Mapping[str, str]) -> None:
        self._language, self._speed, self._pronunciations, self.key = language, speed, pronunciations, key
        _Library(language, speed).close()

    def speak(self, text: str) -> Speech:
        """Speak a text; raises `ProblemsFound` (without a place) for words that it cannot say."""
        sayings = said_as(text, self._pronunciations, self._language)
        with contextlib.closing(_Library(self._language, self._speed)) as library:
            pieces = (self._piece(library, sentence, text) for sentence in sentences(sayings, text))
            return joined(pieces, library.rate)

    def _piece(self, library: _Library, sentence: Sentence, text: str) -> Piece:
        samples, begun = library.sound(sentence.spoken)
        words, place = list[SpokenWord](), 0
        for saying in sentence.sayings:
            end = place + len(saying.spoken)
            own = [word for word in begun if place <= word.character < end]
            words += _words(saying, text, place, own, library.rate)
            place = end + (1 if saying.spoken else 0)
        return Piece(samples, tuple(_ended(words, samples, library.rate)), sentence.rest / self._speed)


def _words(saying: Saying, text: str, place: int, own: list[_Begun], rate: int) -> Iterator[SpokenWord]:
    """Yield the word of a saying, whose end is not known yet; where no spaces part words, those that the engine finds.

    In Chinese and Thai, letters are of Unicode's category Lo, which have no case.
    """
    written = text[saying.start : saying.end]
    if not own:
        yield SpokenWord(saying.start, saying.end, -1, -1)
        return
    later = [word for word in own[1:] if saying.spoken == written and _has_no_case(written[word.character - place])]
    starts = [saying.start, *(saying.start + word.character - place for word in later)]
    for word, start, end in zip([own[0], *later], starts, [*starts[1:], saying.end], strict=True):
        yield SpokenWord(start, end, word.sample / rate, -1)


def _has_no_case(letter: str) -> bool:
    return unicodedata.category(letter) == "Lo"


def _in_order(begun: list[_Begun]) -> list[_Begun]:
    """Return the words of which each begins later than the one before, in the text and in the sound.

    Of a number, the engine tells several words with the same place.
    """
    ordered: list[_Begun] = []
    for word in begun:
        if not ordered or (word.character > ordered[-1].character and word.sample >= ordered[-1].sample):
            ordered.append(word)
    return ordered


def _ended(words: list[SpokenWord], samples: Samples, rate: int) -> Iterator[SpokenWord]:
    """Yield the words with their ends: where the sound stops before the next word.

    A word that is not heard begins and ends with the one before it.
    """
    loud = np.flatnonzero(np.abs(samples) > 1e-3)  # 60 dB below the loudest that there can be
    ended = 0.0
    for place, word in enumerate(words):
        if word.begins < 0:
            yield SpokenWord(word.start, word.end, ended, ended)
            continue
        following = next((later.begins for later in words[place + 1 :] if later.begins >= 0), len(samples) / rate)
        last = np.searchsorted(loud, round(following * rate))
        heard_until = (int(loud[last - 1]) + 1) / rate if last else word.begins
        ended = max(word.begins, min(heard_until, following))
        yield SpokenWord(word.start, word.end, word.begins, ended)
