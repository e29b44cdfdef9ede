"""Films in a real browser: they play to their end, and seeking shows the right picture.

Needs Playwright (extra `browser`) and an installed Chromium or Chrome.
"""

from fractions import Fraction

import av
import numpy as np
import pytest

from attnviz.publish.captions import Caption, webvtt
from attnviz.publish.film_kinds import write_moving_pictures
from attnviz.render.film.encoder import SegmentEncoder, still_packets
from attnviz.render.film.format import FilmFormat
from tests.browsers import SEEK, base64_of, difference, needs_browser, opened_page, picture_in, skip_without_codecs
from tests.publish.test_captions_read_back import LIKE_MARKS

pytestmark = needs_browser

WIDTH, HEIGHT, FPS = 320, 180, 30
STILL, MOTION = 45, 15
FRAMES = 2 * (STILL + MOTION)
TYPES = {"mp4": 'video/mp4; codecs="avc1.64000d"', "webm": 'video/webm; codecs="vp9"', "gif": "image/gif"}

OPEN = """async ([data, type]) => {
    const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
    const video = document.createElement("video");
    video.muted = true;
    video.src = URL.createObjectURL(new Blob([bytes], {type}));
    document.body.replaceChildren(video);
    await new Promise((ready, failed) => {
        video.oncanplaythrough = ready;
        video.onerror = () => failed(new Error(video.error.message));
    });
    return {width: video.videoWidth, height: video.videoHeight, duration: video.duration};
}"""
PLAY = """async () => {
    const video = document.querySelector("video");
    const shown = [];
    const note = (now, frame) => { shown.push(frame.mediaTime); video.requestVideoFrameCallback(note); };
    video.requestVideoFrameCallback(note);
    const ended = new Promise((ready, failed) => {
        video.onended = ready;
        video.onerror = () => failed(new Error(video.error.message));
    });
    await video.play();
    await ended;
    const quality = video.getVideoPlaybackQuality();
    return {time: video.currentTime, shown, frames: quality.totalVideoFrames, corrupted: quality.corruptedVideoFrames};
}"""
CAPTIONS = """async (text) => {
    const video = document.createElement("video");
    const track = document.createElement("track");
    track.kind = "captions";
    track.src = URL.createObjectURL(new Blob([text], {type: "text/vtt"}));
    video.append(track);
    document.body.replaceChildren(video);
    const loaded = new Promise((ready, failed) => { track.onload = ready; track.onerror = failed; });
    track.track.mode = "showing";
    await loaded;
    return Array.from(track.track.cues, cue => [cue.startTime, cue.endTime, cue.getCueAsHTML().textContent]);
}"""


def picture(index):
    """Two stills on different grounds, each followed by a square that moves."""
    scene, step = divmod(index, STILL + MOTION)
    step = max(0, step - STILL + 1)
    pixels = np.full((HEIGHT, WIDTH, 4), 255, np.uint8)
    pixels[..., :3] = (20, 40, 150) if scene else (14, 17, 22)
    pixels[60:110, 20 + 15 * step : 70 + 15 * step, :3] = (255, 200, 40)
    pixels[130:150, 40:280, :3] = 235
    return pixels


def segments_of(film_format, ready_made):
    for start in (0, STILL + MOTION):
        held = SegmentEncoder(film_format, still_packets(film_format) if ready_made else None)
        moving = SegmentEncoder(film_format)
        held.hold(picture(start), STILL)
        yield held.finish()
        for index in range(start + STILL, start + STILL + MOTION):
            moving.add(picture(index))
        yield moving.finish()


@pytest.fixture(scope="module")
def page():
    with opened_page() as opened:
        yield opened


@pytest.fixture(scope="module", params=["mp4", "webm", "mp4 plain", "webm plain"])
def film(request, page, tmp_path_factory):
    """A film open in the browser, and its frames as FFmpeg decodes them."""
    kind, *plain = request.param.split()
    skip_without_codecs(page, TYPES[kind])
    path = tmp_path_factory.mktemp("film") / f"film.{kind}"
    film_format = FilmFormat(WIDTH, HEIGHT, FPS, kind)
    segments = segments_of(film_format, ready_made=not plain)
    assert write_moving_pictures(path, film_format, segments, title="", chapters=[], captions=[]) == FRAMES
    facts = page.evaluate(OPEN, [base64_of(path), TYPES[kind]])
    assert (facts["width"], facts["height"]) == (WIDTH, HEIGHT)
    assert facts["duration"] == pytest.approx(FRAMES / FPS, abs=0.002)
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_it_plays_to_its_end(page, film):
    end = page.evaluate(PLAY)
    assert end["time"] == pytest.approx(FRAMES / FPS, abs=0.002)
    assert end["corrupted"] == 0
    # a slow machine may leave frames out, but what it shows are frames of the film, in order
    places = [round(time * FPS) for time in end["shown"]]
    assert places == sorted(places)
    assert np.allclose(end["shown"], [place / FPS for place in places], atol=0.001)
    assert difference(picture_in(page), film[-1]) < 1


# The middle of a still, its last frame, motion, backwards, the first frame of motion, the very end and beginning.
@pytest.mark.parametrize("index", [20, 44, 52, 80, 45, 59, 60, 110, 119, 0, 104, 105])
def test_seeking_shows_the_right_picture(page, film, index):
    page.evaluate(SEEK, float(Fraction(2 * index + 1, 2 * FPS)))
    seen = picture_in(page)
    differences = [difference(seen, frame) for frame in film]
    assert differences[index] < 1
    np.testing.assert_allclose(seen[5, 5], picture(index)[5, 5, :3], atol=10)
    same = {i for i in range(FRAMES) if np.array_equal(picture(i), picture(index))}
    assert min(range(FRAMES), key=differences.__getitem__) in same


def test_captions_show_what_is_said_whatever_looks_like_a_mark(page):
    said = [Caption(Fraction(n), Fraction(2 * n + 1, 2), (line, "and more")) for n, line in enumerate(LIKE_MARKS)]
    shown = page.evaluate(CAPTIONS, webvtt(said))
    assert shown == [[float(each.start), float(each.end), "\n".join(each.lines)] for each in said]
