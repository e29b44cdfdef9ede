"""Spoken films in a real browser: sound and captions come together, from the start and after a jump.

What the browser's player lets out as sound is recorded there, and looked for in the film's sound as FFmpeg decodes it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from attnviz.clips.page import Shown, batch_page
from attnviz.input.embedded import embedded
from attnviz.notebook.films import Film
from tests.browsers import (
    SEEK,
    base64_of,
    difference,
    needs_browser,
    opened_page,
    picture_in,
    skip_without_codecs,
)
from tests.commands.test_spoken import RATE, SPOKEN, loud, sound_of, times
from tests.conftest import ROOT, Here, Lecture

pytestmark = [*needs_browser, pytest.mark.slow]

FPS = 10
TYPES = {"mp4": 'video/mp4; codecs="avc1.64000d, mp4a.40.2"', "webm": 'video/webm; codecs="vp9, opus"'}
HEARD, SILENT = 0.02, 1e-3  # how loud speech is, and what coding may leave of silence (root mean square)
SETTLED = 0.1  # seconds after a jump, until decoders no longer miss what came before

OPEN = """async ([data, type, captions, rate]) => {
    const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
    const video = document.createElement("video");
    const track = Object.assign(document.createElement("track"), {kind: "captions", default: true, src: captions});
    video.src = URL.createObjectURL(new Blob([bytes], {type}));
    video.append(track);
    const loaded = new Promise((ready, failed) => { track.onload = ready; track.onerror = failed; });
    const playable = new Promise((ready, failed) => { video.oncanplaythrough = ready; video.onerror = failed; });
    document.body.replaceChildren(video);
    await Promise.all([loaded, playable]);

    window.recorded = [];  // blocks of samples
    window.cues = [];      // what comes or goes, when by the film's clock, and after how many samples
    const heard = () => window.recorded.reduce((sum, block) => sum + block.length, 0);
    for (const cue of track.track.cues) {
        const note = what => () => window.cues.push([what, cue.text, video.currentTime, heard()]);
        [cue.onenter, cue.onexit] = [note("enter"), note("exit")];
    }
    const recorder = `registerProcessor("recorder", class extends AudioWorkletProcessor {
        process([input]) {
            if (input.length) this.port.postMessage(input[0].slice());
            return true;
        }
    })`;
    await window.context?.close();
    const context = window.context = new AudioContext({sampleRate: rate});
    await context.audioWorklet.addModule("data:text/javascript;base64," + btoa(recorder));
    const node = new AudioWorkletNode(context, "recorder");
    node.port.onmessage = ({data}) => window.recorded.push(data);
    context.createMediaElementSource(video).connect(node);
    node.connect(context.destination);
    await context.resume();
}"""
PLAY = """async (seconds) => {
    const video = document.querySelector("video");
    const start = video.currentTime;
    window.recorded.length = 0;
    window.cues.length = 0;
    const done = new Promise((ready, failed) => {
        video.onended = ready;
        video.onerror = () => failed(new Error(video.error.message));
        const look = () => video.currentTime >= start + seconds ? ready() : requestAnimationFrame(look);
        look();
    });
    await video.play();
    await done;
    video.pause();
    return {
        time: video.currentTime,
        ended: video.ended,
        bytes: video.webkitAudioDecodedByteCount,
        cues: window.cues,
        sound: window.recorded.map(block => Array.from(block)),
    };
}"""
STANDING = """() => Array.from(document.querySelector("video").textTracks[0].activeCues, cue => cue.text)"""
PLAY_AS_IT_STANDS = """async () => {
    const video = document.querySelector("video");
    const track = video.textTracks[0];
    const seen = [];
    track.oncuechange = () => seen.push(...Array.from(track.activeCues, cue => cue.text));
    const ended = new Promise((ready, failed) => {
        video.onended = ready;
        video.onerror = () => failed(new Error(video.error.message));
    });
    await video.play();
    await ended;
    return {mode: track.mode, seen, muted: video.muted, bytes: video.webkitAudioDecodedByteCount};
}"""


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lecture]:
    """A spoken lecture that was rendered, as MP4 and as WebM."""
    pytest.importorskip("hibari")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("attnviz.render.traces.library.TraceProcess", Here)
        patched.setenv("ATTNVIZ_VOICE", "hibari")
        patched.setenv("PYTHONPATH", str(ROOT))
        made = Lecture(tmp_path_factory.mktemp("spoken") / "a", SPOKEN)
        for kind in ("webm", "mp4"):
            made.film = made.film.with_suffix(f".{kind}")
            made.render("--format", kind)
        yield made


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with opened_page() as opened:
        empty = tmp_path_factory.mktemp("page") / "empty.html"
        empty.write_text("<!doctype html><title>empty</title><body></body>")
        opened.goto(empty.as_uri())
        yield opened


@pytest.fixture(scope="module", params=["mp4", "webm"])
def film(request: pytest.FixtureRequest, page: Any, spoken: Lecture) -> Path:
    """A film that is open in the browser, with its captions."""
    kind = request.param
    skip_without_codecs(page, TYPES[kind])
    path = spoken.film.with_suffix(f".{kind}")
    captions = embedded(path.with_suffix(".vtt"), "text/vtt")
    page.evaluate(OPEN, [base64_of(path), TYPES[kind], captions, RATE])
    return path


def frames_of(film: Path) -> list[np.ndarray]:
    with av.open(str(film)) as opened:
        return [frame.to_ndarray(format="rgb24") for frame in opened.decode(video=0)]


def captions_of(film: Path) -> list[tuple[float, float, str]]:
    text = film.with_suffix(".vtt").read_text()
    said = [block.partition("\n")[2] for block in text.strip().split("\n\n")[1:]]
    return [(start, end, each) for (start, end), each in zip(times(text), said, strict=True)]


def middle_of_the_longest_still(frames: list[np.ndarray]) -> int:
    starts = [0, *(at for at in range(1, len(frames)) if not np.array_equal(frames[at - 1], frames[at])), len(frames)]
    start, end = max(itertools.pairwise(starts), key=lambda still: still[1] - still[0])
    return (start + end) // 2


def place_of(part: np.ndarray, whole: np.ndarray) -> tuple[float, float]:
    """Return where a sound is in another one, in seconds, and how like what is there it is, at most 1."""
    size = 1 << (len(whole) + len(part)).bit_length()
    products = np.fft.irfft(np.fft.rfft(whole, size) * np.conj(np.fft.rfft(part, size)), size)
    at = int(products[: len(whole) - len(part) + 1].argmax())
    there = whole[at : at + len(part)]
    return at / RATE, float(there @ part / np.sqrt((there @ there) * (part @ part)))


def test_a_film_plays_to_its_end_and_speaks_while_its_captions_stand_there(page, film):
    page.evaluate(SEEK, 0)
    played = page.evaluate(PLAY, 1000)
    frames, captions, sound = frames_of(film), captions_of(film), sound_of(film)
    assert played["ended"]
    assert played["time"] == pytest.approx(len(frames) / FPS, abs=0.02)
    assert difference(picture_in(page), frames[-1]) < 1
    assert played["bytes"] > 0

    comings = [(what, text) for what, text, *_ in played["cues"]]
    expected = [(what, text) for *_, text in captions for what in ("enter", "exit")]
    assert comings[: len(expected) - 1] == expected[:-1]  # Chromium now and then lets the last one stand to the end
    recorded = np.concatenate(played["sound"])
    for (start, end, _), (_, _, came, since) in zip(captions, played["cues"][::2], strict=True):
        assert start <= came < end
        said = sound[round(start * RATE) : round(end * RATE)]
        assert loud(sound, start, end) > HEARD
        place, likeness = place_of(said, recorded)
        assert likeness > 0.9
        assert since / RATE - place == pytest.approx(came - start, abs=0.5)  # as late as the page heard of it
    after = place + len(said) / RATE + 0.3
    assert loud(recorded, after, len(recorded) / RATE) < SILENT


@pytest.mark.parametrize("where", ["still", "last caption", "first caption"])
def test_after_a_jump_picture_caption_and_sound_are_those_of_its_moment(page, film, where):
    frames, captions, sound = frames_of(film), captions_of(film), sound_of(film)
    start, end, _ = captions[-1 if where == "last caption" else 0]
    index = middle_of_the_longest_still(frames) if where == "still" else int((start + end) / 2 * FPS)
    moment = (index + 0.5) / FPS
    page.evaluate(SEEK, moment)
    assert difference(picture_in(page), frames[index]) < 1
    assert page.evaluate(STANDING) == [text for start, end, text in captions if start <= moment < end]

    assert loud(sound, moment, moment + 0.5) > HEARD
    played = np.concatenate(page.evaluate(PLAY, 0.6)["sound"])
    begins = int(np.flatnonzero(np.abs(played) > 1e-4)[0]) + round(SETTLED * RATE)
    place, likeness = place_of(played[begins : begins + round(0.3 * RATE)], sound)
    assert likeness > 0.9
    assert place - SETTLED == pytest.approx(moment, abs=0.1)


@pytest.mark.parametrize("shown", ["page of a batch", "notebook"])
def test_where_a_film_is_shown_it_has_sound_and_captions(page, spoken, tmp_path, monkeypatch, shown):
    skip_without_codecs(page, TYPES["mp4"])
    monkeypatch.chdir(spoken.film.parent)
    captions = spoken.film.with_suffix(".vtt")
    if shown == "notebook":
        html = f"<!doctype html><title>n</title>{Film([spoken.film, captions])._repr_html_()}"
    else:
        html = batch_page([Shown(("apple orange",), spoken.film, spoken.film.with_suffix(".png"), "")], "sheet.png")
    spoken.film.with_suffix(".html").write_text(html)
    page.goto(spoken.film.with_suffix(".html").as_uri())
    played = page.evaluate(PLAY_AS_IT_STANDS)
    assert played == {
        "mode": "showing",
        "seen": [text for *_, text in captions_of(spoken.film)],
        "muted": False,
        "bytes": played["bytes"],
    }
    assert played["bytes"] > 0
