"""Films that are spoken, as a person renders them: sound, captions, what is spoken again, what cannot be said."""

from __future__ import annotations

import re
from pathlib import Path

import av
import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray

from attnviz.cli import app
from attnviz.input.problems import ProblemsFound
from attnviz.render.shots.scene_files import load_stage
from attnviz.voice.speech import Speech
from tests.conftest import Lecture
from tests.sounds import syllables, write_sound
from tests.voice.recogniser import heard, same

SPOKEN = """\
title: A
model: fruit
chapters:
  - title: Words
    scenes:
      - scene: small
        sentence: apple orange
        shots:
          - show: apple
            say: This is an apple, and its fruitness is {embeddings[apple, fruitness]:.0f}.
          - move:
            say: "Now [] it moves."
          - wipe:
"""
RATE = 48_000


@pytest.fixture
def spoken(tmp_path: Path, traces_made_here: None, monkeypatch: pytest.MonkeyPatch) -> Lecture:
    pytest.importorskip("hibari")
    monkeypatch.setenv("ATTNVIZ_VOICE", "hibari")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent.parent))
    return Lecture(tmp_path / "spoken", SPOKEN)


def sound_of(film: Path) -> NDArray[np.float32]:
    with av.open(str(film)) as opened:
        parts = [frame.to_ndarray() for frame in opened.decode(audio=0)]
        assert opened.streams.audio[0].rate == RATE
    sound = np.concatenate(parts, axis=1)[0]
    return sound.astype(np.float32) / (32768 if sound.dtype == np.int16 else 1)


def loud(sound: NDArray[np.float32], since: float, until: float) -> float:
    return float(np.sqrt(np.mean(sound[round(since * RATE) : round(until * RATE)] ** 2)))


def times(vtt: str) -> list[tuple[float, float]]:
    found = re.findall(r"(\d+):(\d+):([\d.]+) --> (\d+):(\d+):([\d.]+)", vtt)
    seconds = [[float(part) for part in each] for each in found]
    return [(a * 3600 + b * 60 + c, d * 3600 + e * 60 + f) for a, b, c, d, e, f in seconds]


def test_what_is_said_is_heard_while_its_captions_stand_there(spoken):
    assert spoken.render() == 3
    sound, captions = sound_of(spoken.film), times(spoken.film.with_suffix(".vtt").read_text())
    words = [text for text in spoken.film.with_suffix(".vtt").read_text().splitlines() if "apple" in text]
    assert words
    assert words[0].startswith("This is an apple")
    for start, end in captions:
        assert loud(sound, start, end) > 0.02
    assert loud(sound, captions[-1][1] + 0.3, len(sound) / RATE) < 1e-4


def test_another_sentence_is_another_speech_and_the_rest_stays(spoken):
    spoken.render()
    kept = list((spoken.cache / "speeches").rglob("*"))
    spoken.change(spoken.storyboard, "Now [] it moves.", "And [] now it moves on.")
    assert list(spoken.plan()) == ["words/small/move"]
    assert spoken.render() == 1
    assert len(list((spoken.cache / "speeches").rglob("*"))) - len(kept) <= 2  # a record, and perhaps its folder
    assert spoken.render() == 0


def test_jobs_change_nothing_and_nor_does_speaking_again(spoken, tmp_path):
    spoken.run("render", "--jobs", 1)
    film = spoken.film.read_bytes()
    for sound in (spoken.cache / "speeches").rglob("*"):
        if sound.is_file():
            sound.unlink()
    spoken.run("render", "--jobs", 2, "--force")
    assert spoken.film.read_bytes() == film


def test_sound_that_is_gone_is_spoken_again(spoken):
    spoken.render()
    film = spoken.film.read_bytes()
    spoken.film.unlink()
    for kept in (spoken.cache / "objects").rglob("*"):
        if kept.is_file():
            kept.unlink()
    spoken.render()
    assert spoken.film.read_bytes() == film


def test_nobody_speaks_if_that_is_wanted(spoken):
    spoken.render("--voice", "none")
    with av.open(str(spoken.film)) as film:
        assert not film.streams.audio


def test_a_storyboard_can_ask_for_silence(spoken, monkeypatch):
    monkeypatch.delenv("ATTNVIZ_VOICE")
    spoken.change(spoken.storyboard, "model: fruit", "model: fruit\nvoice: none")
    spoken.render()
    with av.open(str(spoken.film)) as film:
        assert not film.streams.audio


def test_a_word_that_cannot_be_said_is_told_with_its_line(spoken):
    spoken.change(spoken.storyboard, "This is an apple", "This is яблоко")
    with pytest.raises(ProblemsFound, match=r"board.yaml:9.*яблоко"):
        spoken.render()


@pytest.mark.parametrize(
    ("voice", "message"),
    [("nobody", "there is no voice 'nobody'"), ("nowhere.onnx", "there is no file '.*nowhere.onnx'")],
)
def test_a_voice_that_is_not_there_is_told(spoken, voice, message):
    with pytest.raises(ProblemsFound, match=message):
        spoken.render("--voice", voice)


def test_a_recording_is_heard_in_place_of_the_voice(spoken):
    folder = spoken.folder / "own"
    folder.mkdir()
    write_sound(folder / "move.wav", syllables(3, RATE), RATE, "pcm_s16le")
    spoken.render("--voice", folder)
    first = spoken.film.read_bytes()
    spoken.render("--voice", "hibari")
    assert spoken.film.read_bytes() != first


def test_nothing_is_spoken_for_a_plan(spoken):
    spoken.run("plan")
    assert not (spoken.cache / "speeches").exists()


def test_the_report_of_timing_names_every_shot(spoken):
    report = spoken.run("render", "--timing")
    rows = {line.split()[0]: line.split() for line in report.splitlines() if line.startswith(("words/", "all"))}
    assert list(rows) == ["words/small/show", "words/small/move", "words/small/wipe", "all"]
    assert float(rows["words/small/move"][2]) > 0.5  # seconds of speech
    assert float(rows["words/small/wipe"][2]) == 0


@pytest.mark.slow
def test_a_recogniser_understands_the_quickstart(tmp_path, traces_made_here, monkeypatch):
    pytest.importorskip("hibari")
    monkeypatch.setenv("ATTNVIZ_VOICE", "hibari")
    root = Path(__file__).parent.parent.parent
    monkeypatch.setenv("PYTHONPATH", str(root))
    made = Lecture(tmp_path / "quickstart")
    made.storyboard = root / "storyboards" / "quickstart.yaml"
    made.render()
    told = " ".join(re.findall(r"^(?!WEBVTT|\d).+$", made.film.with_suffix(".vtt").read_text(), re.MULTILINE))
    said = [word for word in re.findall(r"[a-z']+", told.lower()) if word.isalpha()]
    sound = sound_of(made.film)
    words = heard(Speech(len(sound) / RATE, (), sound, RATE))
    assert len(same(said, words)) >= 0.8 * len(said)


def test_check_tells_of_numbers_that_cannot_be_there_in_time(spoken):
    def told() -> str:
        load_stage.cache_clear()  # the scene has changed
        return CliRunner().invoke(app, ["check", str(spoken.storyboard), "--cache", str(spoken.cache), "--deep"]).output

    spoken.change(spoken.storyboard, "This is an apple, and its fruitness is {", "It is {")
    assert "it is said" not in told()
    spoken.change(spoken.scene, "self.play(Write(self.line), run_time=0.4)", "self.play(Write(self.line), run_time=8)")
    assert re.search(r"board.yaml:9: \{embeddings.*\} comes \d\.\d s after it is said", told())
