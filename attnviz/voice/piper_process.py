"""The program that speaks with piper: given a voice's file, it reads sentences, and writes their sound and word times.

It is the only place that imports piper, and nothing but this process does.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from attnviz.input.answering import answer_orders, answers_of_this_process
from attnviz.input.surroundings import hush_libraries
from attnviz.voice.piper import Sounded, Wanted, boundaries
from attnviz.voice.speech import Samples

if TYPE_CHECKING:
    from piper import PiperVoice

_MARKS = " ,.;:!?…—"


class Speaker:
    """A voice of piper, opened when the first sentence comes."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._voice: PiperVoice | None = None

    def answer(self, wanted: Wanted) -> Sounded | str:
        """Return a sentence as it was spoken, or why there is no voice."""
        try:
            voice = self._opened()
        except Exception as error:  # of onnxruntime, of json, of piper: there is no narrower common class
            return str(error).strip().partition("\n")[0]
        samples, phonemes, ends = self._spoken(voice, wanted)
        rate = voice.config.sample_rate
        alone = ["".join(self._phonemes(voice, word)).strip(_MARKS) if word else "" for word in wanted.words]
        places = boundaries(alone, phonemes)
        return Sounded(samples, rate, tuple(_times(phonemes, ends, rate, pair) for pair in pairwise(places)))

    def _opened(self) -> PiperVoice:
        if self._voice is None:
            import onnxruntime
            from piper import PiperVoice

            onnxruntime.SessionOptions = _in_one_thread(onnxruntime.SessionOptions)
            self._voice = PiperVoice.load(self._model, include_alignments=True)
        return self._voice

    def _phonemes(self, voice: PiperVoice, text: str) -> list[str]:
        return [phoneme for sentence in voice.phonemize(text) for phoneme in sentence]

    def _spoken(self, voice: PiperVoice, wanted: Wanted) -> tuple[Samples, list[str], list[int]]:
        """Return the sound of a sentence, its phonemes, and for each the sample that comes after it.

        The first of these is that after the silence before all phonemes, so that there is one more.
        """
        from piper import SynthesisConfig

        pace = voice.config.length_scale * wanted.slower
        settings = SynthesisConfig(noise_scale=0, noise_w_scale=0, normalize_audio=False, length_scale=pace)
        sounds, phonemes, ends = [np.zeros(0, np.float32)], list[str](), [0]
        for chunk in voice.synthesize(" ".join(filter(None, wanted.words)), settings, include_alignments=True):
            if chunk.phoneme_alignments is None:
                raise ValueError("it does not tell how long its phonemes are")
            first, *lengths, last = (aligned.num_samples for aligned in chunk.phoneme_alignments)
            ends[-1] += int(first)
            for phoneme, length in zip(chunk.phonemes, lengths, strict=True):
                phonemes.append(phoneme)
                ends.append(ends[-1] + int(length))
            ends[-1] += int(last)
            sounds.append(chunk.audio_float_array)
        return np.concatenate(sounds), phonemes, ends


def _times(phonemes: list[str], ends: list[int], rate: int, places: tuple[int, int]) -> tuple[float, float]:
    """Return when a word begins and ends, without the spaces and marks around it."""
    first, last = places
    while first < last and phonemes[first] in _MARKS:
        first += 1
    while last > first and phonemes[last - 1] in _MARKS:
        last -= 1
    return ends[first] / rate, ends[last] / rate


def _in_one_thread(options: Any) -> Any:
    def made() -> Any:
        own = options()
        own.intra_op_num_threads = own.inter_op_num_threads = 1
        return own

    return made


def main() -> None:
    """Answer orders with the voice that is named by the second argument."""
    orders, answers = answers_of_this_process()
    hush_libraries()
    answer_orders(Speaker(sys.argv[2]).answer, orders, answers)


if __name__ == "__main__":
    main()
