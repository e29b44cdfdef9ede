"""The page of a lecture for those who cannot see it: its track of descriptions, and the switch that has them spoken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browsers import needs_browser, opened_page, skip_without_codecs
from tests.conftest import Lecture

pytestmark = [*needs_browser, pytest.mark.slow]

SEEN = [
    "Show: apple. On screen, of embeddings: 2.00 for apple and fruitness.",
    "Move. On screen, of embeddings: 2.00 for apple and fruitness.",
]
CUES = """async () => {
    const {track} = document.querySelector("track[kind=descriptions]");
    track.mode = "hidden";
    while (!track.cues?.length) await new Promise(requestAnimationFrame);
    return Array.from(track.cues, cue => cue.text);
}"""
PLAY = "() => { document.getElementById('film').play().catch(() => {}); }"
STATE = """() => {
    const film = document.getElementById("film");
    return [film.paused, document.getElementById("described").textContent, film.currentTime];
}"""
A_VOICE = """
    window.spoken = [];
    window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
    Object.defineProperty(window, "speechSynthesis", {value: {
        getVoices: () => [{lang: "cs-CZ"}, {lang: "en-GB"}],
        cancel() { clearTimeout(this.ending); },
        speak(said) {
            window.spoken.push([said.text, said.lang, document.getElementById("film").paused]);
            this.ending = setTimeout(() => said.onend(), 200);
        },
    }});
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a small lecture."""
    lecture = Lecture(tmp_path_factory.mktemp("described"))
    lecture.run("page", "--only", "words", "-o", lecture.folder / "page")
    return lecture.folder / "page"


@pytest.fixture
def page(folder: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    with opened_page() as page:
        skip_without_codecs(page, "video/mp4; codecs=avc1.64000d")
        failures: list[str] = []
        page.on("console", lambda message: failures.append(message.text))
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.add_init_script(getattr(request, "param", ""))
        page.goto((folder / "index.html").as_uri())
        page.wait_for_selector("html[data-ready]")
        yield page
        assert failures == []


def stands_before(page: Any, text: str) -> None:
    """Wait until the film stands still, and this text is told."""
    page.wait_for_function(f"text => {{ const [still, told] = ({STATE})(); return still && told === text; }}", arg=text)


def test_the_track_says_what_the_file_says(page: Any, folder: Path) -> None:
    file = (folder / "lecture.descriptions.vtt").read_text()
    cues = page.evaluate(CUES)
    assert " ".join(cues[:2]) == SEEN[0]
    assert all(cue in file for cue in cues)
    assert len(cues) == file.count(" --> ")


def test_every_thumbnail_says_what_is_on_it(page: Any) -> None:
    told = page.locator(".thumbnail").evaluate_all(
        "all => all.map(each => [each.role, each.getAttribute('aria-label')])"
    )
    assert {role for role, _ in told} == {"img"}
    assert {text for _, text in told} >= set(SEEN)
    assert page.get_by_role("button", name=SEEN[0], include_hidden=True).count() == 1


def test_the_film_stands_still_before_each_shot_until_it_was_read(page: Any) -> None:
    assert page.get_attribute("#described", "role") == "status"
    page.click("#describe")
    page.evaluate(PLAY)
    stands_before(page, SEEN[0])
    assert page.get_attribute("#describe", "aria-pressed") == "true"
    assert page.evaluate(STATE)[2] < 0.3
    stands_before(page, SEEN[1])  # it went on by itself, there is no voice here
    page.evaluate(PLAY)  # somebody goes on
    page.wait_for_function(f"() => !({STATE})()[0]")
    assert page.evaluate(STATE)[1] == ""
    page.click("#describe")
    page.evaluate("() => { document.getElementById('film').currentTime = 0; }")
    page.wait_for_timeout(300)
    assert page.evaluate(STATE)[:2] == [False, ""]


@pytest.mark.parametrize("page", [A_VOICE], indirect=True)
def test_a_voice_says_it_while_the_film_stands_still(page: Any) -> None:
    page.focus("#describe")
    page.keyboard.press("Enter")
    page.evaluate(PLAY)
    page.wait_for_function("() => window.spoken.length >= 2")
    assert page.evaluate("() => window.spoken.slice(0, 2)") == [[text, "en-GB", True] for text in SEEN]
