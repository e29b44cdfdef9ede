"""A lecturer's own recordings: read, levelled, and matched to the words of their text."""

import wave

import numpy as np
import pytest
from sounds import measured, spoken, syllables, write_sound

from attnviz.input.problems import ProblemsFound
from attnviz.storyboard.narration import Mark
from attnviz.storyboard.told import MarkAt
from attnviz.voice.recorded import AFTER, BEFORE, Recording

TEXT = "Every word is a point in this plane. Apple and orange are both fruit, so they attract each other."
KINDS = [("wav", "pcm_s16le", 44100), ("flac", "flac", 48000), ("mp3", "mp3", 44100), ("m4a", "aac", 44100),
         ("ogg", "libopus", 48000), ("opus", "libopus", 48000), ("wav", "pcm_f32le", 96000), ("wav", "pcm_u8", 8000)]  # fmt: skip


@pytest.fixture(scope="module")
def said():
    return spoken(TEXT, 48000)


def write(path, samples, rate=48000, codec="pcm_s16le", channels=1):
    write_sound(path, samples, rate, codec, channels)
    return path


def refusal(path, text=TEXT, marks=()):
    with pytest.raises(ProblemsFound) as found:
        Recording(path, marks).speak(text)
    return "; ".join(map(str, found.value.problems))


@pytest.mark.parametrize(("suffix", "codec", "rate"), KINDS)
def test_every_kind_of_file_is_read_with_its_words(tmp_path, suffix, codec, rate):
    sound, begins = spoken(TEXT, rate)
    speech = Recording(write(tmp_path / f"a.{suffix}", sound, rate, codec)).speak(TEXT)
    assert [TEXT[word.start : word.end] for word in speech.words] == TEXT.split()
    assert speech.rate == 48000
    assert len(speech.samples) == round(speech.seconds * speech.rate)
    found = [word.begins for word in speech.words]
    assert found == pytest.approx([time - begins[0] + BEFORE for time in begins], abs=0.25)
    after_rests = [0, 8, 14]  # where a rest in the sound tells it
    assert [found[k] for k in after_rests] == pytest.approx([begins[k] - 1 + BEFORE for k in after_rests], abs=0.06)
    assert measured(speech.samples, speech.rate)[0] == pytest.approx(-16, abs=0.3)


def test_words_are_in_order_and_within_the_sound(tmp_path, said):
    speech = Recording(write(tmp_path / "a.wav", said[0])).speak(TEXT)
    times = [time for word in speech.words for time in (word.begins, word.ends)]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= speech.seconds


def test_silence_around_what_is_said_is_cut_off(tmp_path, said):
    speech = Recording(write(tmp_path / "a.wav", said[0])).speak(TEXT)
    heard = len(said[0]) / 48000 - 2  # a second before, one after
    assert speech.seconds == pytest.approx(heard - 0.3 + BEFORE + AFTER, abs=0.1)  # and the rest after the last word


def test_a_stereo_recording_becomes_one_channel(tmp_path, said):
    one = Recording(write(tmp_path / "a.wav", said[0])).speak(TEXT)
    two = Recording(write(tmp_path / "b.flac", said[0], 48000, "flac", channels=2)).speak(TEXT)
    assert two.samples.ndim == 1
    assert np.corrcoef(one.samples, two.samples)[0, 1] > 0.999


def test_labels_say_exactly_when_a_word_or_a_mark_is_heard(tmp_path, said):
    sound, begins = said
    write(tmp_path / "a.wav", sound)
    orange, so = TEXT.split().index("orange"), TEXT.split().index("so")
    labels = f"{begins[orange]}\t{begins[orange]}\tOrange\n\\\t1.0\t2.0\n{begins[so]:.3f}\t{begins[so]:.3f}\t[ pull ]\n"
    (tmp_path / "a.txt").write_text(labels)
    marks = (MarkAt(Mark("pull", (), "[pull]"), TEXT.index("so they")),)
    speech = Recording(tmp_path / "a.wav", marks).speak(TEXT)
    cut = begins[0] - BEFORE
    assert speech.words[orange].begins == pytest.approx(begins[orange] - cut, abs=0.02)
    assert speech.words[so].begins == pytest.approx(begins[so] - cut, abs=0.02)
    times = [time for word in speech.words for time in (word.begins, word.ends)]
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("labels", "said_of_it"),
    [
        ("1.5 orange", "a.txt:1: is no label; expected lines like 1.25<TAB>1.25<TAB>orange"),
        ("1\t1\tbanana", "a.txt:1: 'banana' is not in what is said from here on"),
        ("1\t1\t[arrow]", "a.txt:1: '[arrow]' is not in what is said from here on"),
        ("2\t2\torange\n1\t1\tfruit", "a.txt:2: 'fruit' is before the label above it, at 2.00 s"),
        ("2\t2\torange\n3\t3\tapple", "a.txt:2: 'apple' is not in what is said from here on"),
        ("1e9\t1\torange", "a.txt:1: 'orange' is after the end"),
        ("nan\t1\torange", "a.txt:1: is no label"),
        ("1\t1\t", "a.txt:1: is no label"),
    ],
)
def test_labels_that_cannot_be_used_are_told_with_their_line(tmp_path, said, labels, said_of_it):
    write(tmp_path / "a.wav", said[0])
    (tmp_path / "a.txt").write_text(labels)
    assert said_of_it in refusal(tmp_path / "a.wav")


def test_labels_that_are_no_text_are_refused(tmp_path, said):
    write(tmp_path / "a.wav", said[0])
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe1\x00")
    assert "a.txt: is not UTF-8" in refusal(tmp_path / "a.wav")


def test_a_file_that_is_no_sound_is_refused(tmp_path):
    path = tmp_path / "a.wav"
    for content in (b"not a sound", b"RIFF\x24\x00\x00\x00WAVEfmt ", b"\x89PNG\r\n\x1a\n" + bytes(100)):
        path.write_bytes(content)
        assert "is no sound that can be read; save it as WAV" in refusal(path)


def test_a_picture_is_no_sound(tmp_path):
    from PIL import Image

    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    (tmp_path / "a.png").rename(tmp_path / "a.wav")
    assert "is no sound that can be read" in refusal(tmp_path / "a.wav")


def test_an_empty_file_is_refused(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"")
    assert "a.wav' is empty; record it again" in refusal(path)
    with wave.open(str(path), "wb") as file:  # a header, and nothing after it
        file.setparams((1, 2, 48000, 0, "NONE", ""))
    assert "a.wav' is empty; record it again" in refusal(path)


def test_a_missing_file_is_refused(tmp_path):
    assert "a.wav' cannot be read: No such file" in refusal(tmp_path / "a.wav")


def test_ten_minutes_for_a_sentence_are_refused_without_reading_them_all(tmp_path):
    path = write(tmp_path / "a.flac", np.tile(syllables(10, 8000), 60), 8000, "flac")
    said = refusal(path)
    assert "is 10 min 0 s long, far more than the" in said
    assert "one file for each" in said


def test_a_recording_may_take_its_time(tmp_path):
    sound, _ = spoken(TEXT, 16000, clause=6)
    assert Recording(write(tmp_path / "a.wav", sound, 16000)).speak(TEXT).seconds > 15


def test_a_recording_of_a_word_is_too_short_for_a_paragraph(tmp_path):
    sound, _ = spoken("Yes.", 16000)
    said = refusal(write(tmp_path / "a.wav", sound, 16000), TEXT * 4)
    assert "which is too short for its text; is it the recording of another shot" in said


@pytest.mark.parametrize("level", [0, 1e-5])
def test_silence_is_refused(tmp_path, level):
    path = write(tmp_path / "a.wav", np.full(48000 * 5, level), codec="pcm_f32le")
    assert "a.wav' is silent throughout; was the microphone on?" in refusal(path)


def test_samples_that_are_no_numbers_are_silence(tmp_path, said):
    sound = said[0].copy()
    sound[100:200] = np.nan
    sound[300:400] = np.inf
    speech = Recording(write(tmp_path / "a.wav", sound, codec="pcm_f32le")).speak(TEXT)
    assert np.isfinite(speech.samples).all()


def test_a_recording_without_rests_is_spread_evenly(tmp_path):
    sound = syllables(0.88, 48000)[: round(0.88 * 48000)]
    speech = Recording(write(tmp_path / "a.wav", np.tile(sound, 6))).speak(TEXT)
    starts = np.array([word.begins for word in speech.words])
    assert (np.diff(starts) > 0).all()
    assert starts[-1] > 4


def test_the_key_changes_with_the_sound_the_labels_and_the_marks(tmp_path, said):
    path, mark = write(tmp_path / "a.wav", said[0]), MarkAt(Mark(None, (), "[]"), 3)
    keys = [Recording(path).key, Recording(path, (mark,)).key]
    assert keys[0] == keys[1]  # nothing names the mark
    (tmp_path / "a.txt").write_text("1\t1\torange\n")
    keys += [Recording(path).key, Recording(path, (mark,)).key]
    write(path, said[0] * 0.5)
    keys.append(Recording(path).key)
    assert len({tuple(key.items()) for key in keys[1:]}) == 4
