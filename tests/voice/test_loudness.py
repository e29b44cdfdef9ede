"""Speech of one loudness, measured by FFmpeg, and sound at another rate."""

import math

import numpy as np
import pytest
from sounds import measured, syllables

from attnviz.voice.loudness import levelled, loudness, true_peak
from attnviz.voice.resampling import FILM_RATE, resampled


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100, 48000])
@pytest.mark.parametrize("level", [0.003, 0.1, 1.0])
def test_speech_is_brought_to_16_below_full_scale(rate, level):
    made = levelled(syllables(6, rate, level), rate)
    found, peak = measured(made, rate)
    assert found == pytest.approx(-16, abs=0.2)  # the meter tells tenths
    assert peak <= -1.9
    assert loudness(made, rate) == pytest.approx(found, abs=0.1)
    assert true_peak(made) == pytest.approx(peak, abs=0.2)


def test_our_meter_says_what_the_standard_asks_for():
    sine = np.sin(2 * np.pi * 997 * np.arange(48000 * 5) / 48000)
    assert loudness(sine, 48000) == pytest.approx(-3.01, abs=0.01)  # BS.1770, of 997 Hz at full scale
    assert true_peak(sine) == pytest.approx(0, abs=0.01)


def test_a_peak_between_samples_is_seen():
    sine = np.sin(2 * np.pi * 12000 * np.arange(4800) / 48000 + np.pi / 4)
    assert np.abs(sine).max() == pytest.approx(math.sqrt(0.5))
    assert true_peak(sine[100:-100]) == pytest.approx(0, abs=0.1)


def test_a_recording_that_clips_is_made_softer_and_keeps_its_shape():
    clipping = np.clip(syllables(6, 44100, 3.0), -1, 1)
    made = levelled(clipping, 44100)
    found, peak = measured(made, 44100)
    assert found == pytest.approx(-16, abs=0.2)
    assert peak <= -1.9
    assert np.corrcoef(made, clipping)[0, 1] > 0.99


def test_sharp_peaks_are_held_down_without_clicks():
    sound = syllables(6, 24000, 0.05)
    sound[24000::24000] = 0.9  # a click a second, 20 dB above the speech
    made = levelled(sound, 24000)
    assert measured(made, 24000)[1] <= -1.9
    assert measured(made, 24000)[0] == pytest.approx(-16, abs=0.5)


@pytest.mark.parametrize("count", [1, 2, 17, 4800, 9600, 24000])
def test_it_begins_and_ends_softly_however_short_it_is(count):
    made = levelled(np.full(count, 0.5, np.float32) + syllables(count / 24000, 24000), 24000)
    assert len(made) == count
    assert abs(made[0]) < 1e-6
    assert abs(made[-1]) < 0.02
    assert abs(made.mean()) < 0.01


def test_a_fifth_of_a_second_is_as_loud_as_the_rest():
    made = levelled(syllables(0.2, 24000, 0.01), 24000)
    assert loudness(made, 24000) == pytest.approx(-16, abs=0.1)
    rest = levelled(syllables(3.52, 24000, 0.2), 24000)  # two bars, the last of which ends in a rest
    assert measured(np.concatenate([rest, made, np.zeros(4800, np.float32)] * 3), 24000)[0] == pytest.approx(-16, abs=1)


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(24000), np.full(24000, 1e-5), np.full(24000, 0.3)])
def test_silence_stays_silence(samples):
    made = levelled(samples.astype(np.float32), 24000)
    assert len(made) == len(samples)
    assert not made.any()
    assert loudness(made, 24000) == -math.inf


def test_pieces_of_different_loudness_make_a_film_of_one():
    pieces = [
        levelled(syllables(seconds, rate, level, pitch), rate)
        for seconds, rate, level, pitch in [(5, 24000, 0.3, 90), (0.2, 24000, 0.01, 200), (8, 24000, 0.002, 180)]
    ]
    pieces.insert(1, levelled(np.zeros(72000, np.float32), 24000))
    joined = np.concatenate([part for piece in pieces for part in (piece, np.zeros(14400, np.float32))])
    found, peak = measured(resampled(joined, 24000), FILM_RATE)
    assert found == pytest.approx(-16, abs=1)
    assert peak <= -1


def test_it_is_the_same_every_time():
    sound = syllables(4, 22050, 0.6)
    assert levelled(sound, 22050).tobytes() == levelled(sound.copy(), 22050).tobytes()


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100, 96000])
def test_at_another_rate_every_moment_is_where_it_was(rate):
    sound = np.zeros(rate, np.float32)
    sound[rate // 2] = 1
    made = resampled(sound, rate)
    assert len(made) == FILM_RATE
    assert np.argmax(made) == FILM_RATE // 2
    tone = np.sin(2 * np.pi * 440 * np.arange(rate) / rate).astype(np.float32)
    wanted = np.sin(2 * np.pi * 440 * np.arange(FILM_RATE) / FILM_RATE)
    inner = slice(FILM_RATE // 100, -FILM_RATE // 100)
    assert np.abs(resampled(tone, rate) - wanted)[inner].max() < 2e-3


def test_at_the_same_rate_nothing_changes():
    sound = syllables(1, FILM_RATE)
    assert resampled(sound, FILM_RATE) is sound
    assert len(resampled(sound[:0], 24000)) == 0
