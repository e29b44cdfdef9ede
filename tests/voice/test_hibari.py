"""hibari: what it says is heard, when it tells so, and the same each time."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import yaml
from recogniser import heard, same

from attnviz.input.problems import ProblemsFound
from attnviz.storyboard.narration import parse
from attnviz.storyboard.told import told
from attnviz.storyboard.voices import VoiceSettings
from attnviz.voice.engines import open_voice
from attnviz.voice.joining import SENTENCE
from attnviz.voice.speech import Speech, Voice

pytest.importorskip("hibari")

ROOT = Path(__file__).parent.parent.parent
TEXT = "Softmax turns each row into shares. Apple keeps 43% 🙂, and listens to orange — with 0.57."
DIGEST = """
import hashlib
from attnviz.storyboard.voices import VoiceSettings
from attnviz.voice.engines import open_voice
speech = open_voice(VoiceSettings("hibari"), "en").speak("Apple keeps 43% of itself.")
print(hashlib.sha256(speech.samples.tobytes()).hexdigest())
"""


@pytest.fixture(scope="module")
def voice() -> Voice:
    return open_voice(VoiceSettings("hibari"), "en")


@pytest.fixture(scope="module")
def speech(voice: Voice) -> Speech:
    return voice.speak(TEXT)


def level(speech: Speech, begins: float, ends: float) -> float:
    """Return how loud a part of a speech is, in dB below the loudest that there can be."""
    part = speech.samples[round(begins * speech.rate) : round(ends * speech.rate)]
    return float(10 * np.log10(np.mean(part**2) + 1e-12))


def test_every_written_word_has_its_time_in_order(speech: Speech) -> None:
    assert [TEXT[word.start : word.end] for word in speech.words] == TEXT.split()
    times = [time for word in speech.words for time in (word.begins, word.ends)]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= speech.seconds == pytest.approx(len(speech.samples) / speech.rate)
    assert speech.rate == 24000
    assert speech.samples.dtype == np.float32


def test_sound_is_where_words_are_and_silence_between_sentences(speech: Speech) -> None:
    for word in speech.words:
        if any(letter.isalnum() for letter in TEXT[word.start : word.end]):
            assert level(speech, word.begins, word.ends) > -40
    last, first = speech.words[5], speech.words[6]  # "shares." and "Apple"
    assert SENTENCE <= first.begins - last.ends < SENTENCE + 0.2
    middle = (last.ends + first.begins) / 2
    assert level(speech, middle - 0.1, middle + 0.1) < -90


def test_it_begins_at_once_and_without_a_click(speech: Speech) -> None:
    assert speech.words[0].begins < 0.1
    joints = np.flatnonzero(np.diff((speech.samples == 0).astype(int)))
    assert abs(speech.samples[[0, -1]]).max() == 0
    assert abs(np.diff(speech.samples)[joints]).max() < 1e-3  # -60 dB


def test_a_sentence_sounds_the_same_wherever_it_stands(voice: Voice, speech: Speech) -> None:
    alone = voice.speak("Softmax turns each row into shares.")
    assert np.array_equal(alone.samples, speech.samples[: len(alone.samples)])
    assert np.array_equal(voice.speak(TEXT).samples, speech.samples)


@pytest.mark.slow
def test_it_is_the_same_with_one_core_and_with_all() -> None:
    digests = {
        subprocess.run(
            [*pinned, sys.executable, "-c", DIGEST], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        for pinned in ([], ["taskset", "-c", "0"])
    }
    assert len(digests) == 1


def test_paragraphs_rest_longer_and_fast_speech_is_short(voice: Voice) -> None:
    together, apart = voice.speak("One apple. Two phones."), voice.speak("One apple.\n\nTwo phones.")
    assert apart.seconds - together.seconds == pytest.approx(0.3, abs=1 / 24000)
    fast = open_voice(VoiceSettings("hibari", speed=1.5), "en").speak("One apple. Two phones.")
    assert 1.3 < together.seconds / fast.seconds < 1.7


def test_nothing_takes_no_time(voice: Voice) -> None:
    for text, count in (("", 0), ("  \n", 0), ("🙂", 1), ("( )", 2)):
        speech = voice.speak(text)
        assert (speech.seconds, len(speech.samples), len(speech.words)) == (0, 0, count)


def test_what_it_cannot_say_is_named(voice: Voice) -> None:
    with pytest.raises(ProblemsFound, match="the voice cannot say 'слово'"):
        voice.speak("This слово is Russian.")
    with pytest.raises(ProblemsFound, match="the voice cannot say 'ʘʘ'"):
        voice.speak("This ʘʘ is a click.")


def test_a_pronunciation_is_heard() -> None:
    own = open_voice(VoiceSettings("hibari", pronunciations={"Q": "queue", "softmax": "soft max"}), "en")
    plain = open_voice(VoiceSettings("hibari"), "en")
    assert np.array_equal(own.speak("Q softmax").samples, plain.speak("queue soft max").samples)


@pytest.mark.slow
def test_a_sentence_of_5000_words_is_spoken_in_parts(voice: Voice) -> None:
    text = " ".join(f"apple {'and' if place % 7 else 'or,'}" for place in range(2500))
    speech = voice.speak(text)
    assert len(speech.words) == 5000
    begins = [word.begins for word in speech.words]
    assert all(first < second for first, second in pairwise(begins))
    assert 0.1 < speech.seconds / 5000 < 0.6


def test_a_word_longer_than_a_part_has_one_time(voice: Voice) -> None:
    text = "so-" * 400 + "so it is"
    speech = voice.speak(text)
    assert [text[word.start : word.end] for word in speech.words[1:]] == ["it", "is"]
    assert speech.words[0].ends > 30


@pytest.mark.slow
def test_a_recogniser_hears_what_is_said_when_it_is_said(voice: Voice) -> None:
    board = yaml.safe_load((ROOT / "storyboards" / "quickstart.yaml").read_text())
    texts = [shot["say"] for chapter in board["chapters"] for scene in chapter["scenes"] for shot in scene["shots"]]
    count = right = 0
    for text in [told(parse(text), lambda insert: 0.0).text for text in texts if "{" not in text][:3]:
        speech = voice.speak(text)
        said = [re.sub(r"\W", "", text[word.start : word.end]).lower() for word in speech.words]
        words = heard(speech)
        pairs = same(said, words)
        count, right = count + len(said), right + len(pairs)
        for place, heard_at in pairs:
            assert speech.words[place].begins == pytest.approx(words[heard_at].begins, abs=0.1)
    assert right >= 0.8 * count
