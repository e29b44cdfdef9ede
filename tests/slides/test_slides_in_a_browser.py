"""Slides in a real browser, from disk: by keys, by hand, on a phone, for everybody."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.browsers import needs_browser, opened_page
from tests.conftest import SHOTS, Here, Lecture
from tests.slides.test_slides import clips

pytestmark = [*needs_browser, pytest.mark.slow]

STATE = """() => {
    const film = document.querySelector("#stage video.seen");
    return film && {
        clip: decodeURI(film.src).split("/").at(-1), at: film.currentTime, length: film.duration,
        playing: !film.paused, plays: !film.paused || film.played.length > 0, ended: film.ended, muted: film.muted, caption: document.getElementById("caption").textContent,
    };
}"""
ENDED = "() => document.querySelector('#stage video.seen')?.ended"
AGAIN = "() => { const film = document.querySelector('#stage video.seen'); return film.currentTime < film.duration; }"
SLOWLY = "() => document.querySelectorAll('#stage video').forEach(film => { film.defaultPlaybackRate = film.playbackRate = 0.1; })"
PLAYED = "() => document.querySelector('#stage video.seen').played.length"
SEEN = "name => decodeURI(document.querySelector('#stage video.seen')?.src ?? '').endsWith(name)"
LAST = len(SHOTS)


@pytest.fixture(scope="module")
def deck(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("attnviz.render.traces.library.TraceProcess", Here)
        made = Lecture(tmp_path_factory.mktemp("slides") / "a #1 ü%")
        made.run("slides", "-o", made.folder / "deck")
    return made.folder / "deck"


class Shown:
    """A deck that is open in a browser."""

    def __init__(self, page: Any, deck: Path) -> None:
        self.page, self.names = page, [path.name for path in clips(deck)]
        self.complaints: list[str] = []
        page.on("console", lambda said: self.complaints.append(said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.address = (deck / "index.html").as_uri()
        page.goto(self.address)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def sees(self, number: int) -> dict[str, Any]:
        """Wait until a slide is seen, and return how it is."""
        self.page.wait_for_function(SEEN, arg=self.names[number - 1])
        found: dict[str, Any] = self.page.evaluate(STATE)
        return found

    def place(self) -> str:
        text: str = self.page.inner_text("#place")
        return text


@pytest.fixture
def shown(deck: Path) -> Iterator[Shown]:
    with opened_page() as page:
        opened = Shown(page, deck)
        yield opened
        assert opened.complaints == []


def test_a_slide_plays_stands_still_at_its_end_and_waits_for_a_key(shown):
    assert shown.page.inner_text("#begin .title") == "A small lecture"
    shown.press("ArrowRight")
    assert shown.sees(1)["plays"]
    shown.page.wait_for_function(ENDED)
    shown.page.evaluate("() => { document.getElementById('controls').style.display = 'none'; }")
    end = shown.page.locator("#stage video.seen").screenshot()
    shown.page.wait_for_timeout(600)
    state = shown.sees(1)
    assert (state["playing"], state["at"]) == (False, pytest.approx(state["length"], abs=0.01))
    assert shown.page.locator("#stage video.seen").screenshot() == end
    assert shown.place() == f"1 / {LAST} · Words"
    assert shown.page.url.endswith("#1")
    shown.press(" ")  # what played to its end gives way to the next
    assert shown.sees(2)["plays"]


def test_keys_lead_through_all_slides_and_back_where_each_stands_at_its_end(shown):
    for number in range(1, LAST + 1):
        shown.press("PageDown")
        assert shown.sees(number)["plays"]
    shown.press("ArrowRight")  # there is none after the last
    assert shown.sees(LAST)
    shown.press("ArrowLeft")
    state = shown.sees(LAST - 1)
    assert not state["playing"]
    assert state["at"] == pytest.approx(state["length"], abs=0.01)
    shown.press("r")
    shown.page.wait_for_function(AGAIN)
    shown.press("Home")
    assert shown.sees(1)["plays"]
    shown.press("PageUp")
    assert shown.sees(1)
    shown.press("End")
    assert not shown.sees(LAST)["plays"]
    for _ in range(LAST):  # quicker than anything can be loaded
        shown.press("ArrowLeft")
    assert shown.sees(1)
    assert shown.place().startswith("1 / ")


def test_a_pause_a_black_screen_sound_captions_and_what_is_said(shown):
    shown.page.evaluate(SLOWLY)  # so that there is time for all of it
    shown.press("ArrowRight", "c")
    shown.page.wait_for_function("() => document.getElementById('caption').textContent")
    state = shown.sees(1)
    assert state["caption"] == "The apple stands here."
    shown.press(" ")
    paused = shown.sees(1)
    assert not paused["playing"]
    shown.press("b")
    assert shown.page.is_visible("#black")
    shown.press("b", "n", "m")
    assert not shown.page.is_visible("#black")
    assert shown.page.inner_text("#said") == "The apple stands here."
    assert shown.sees(1)["muted"]
    shown.press(" ", "ArrowRight")
    assert shown.sees(2)["muted"]  # nor is it heard on the next
    assert shown.page.inner_text("#said") == ""


def test_all_slides_are_seen_at_once_and_chosen_by_keyboard(shown, axe):
    shown.press("o")
    buttons = shown.page.locator("#overview [data-slide]")
    assert buttons.count() == LAST
    assert shown.page.locator("#overview h3").all_inner_texts() == ["Words", "Heads"]
    assert shown.page.evaluate("() => document.activeElement.dataset.slide") == "1"
    assert axe(shown.page) == []
    shown.press(*["Tab"] * 4, "Enter")
    assert shown.sees(5)
    assert shown.place() == f"5 / {LAST} · Heads"


def test_an_address_with_a_number_opens_that_slide(shown):
    shown.page.goto(f"{shown.address}#6")
    shown.page.reload()
    state = shown.sees(6)
    assert (state["plays"], state["at"]) == (False, 0)
    shown.press(" ")
    shown.page.wait_for_function(PLAYED)


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)], ids=["desk", "phone"])
def test_everybody_can_use_it_at_any_size(shown, axe, size):
    width, height = size
    shown.page.set_viewport_size({"width": width, "height": height})
    assert axe(shown.page) == []
    shown.page.click("#begin button")
    shown.sees(1)
    assert axe(shown.page) == []
    for button in shown.page.locator("#controls button").all():
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 24
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    shown.page.click("[data-does=next]:visible >> nth=0")
    shown.sees(2)
    shown.page.click("[data-does=keys]")
    assert axe(shown.page) == []


def test_no_gap_is_seen_between_slides(shown):
    """From the end of a clip to the beginning of the next, the picture is one of the two."""
    shown.press("ArrowRight")
    shown.sees(1)
    shown.page.wait_for_function(ENDED)
    watch = """async () => {
        const seen = [];
        const stop = performance.now() + 800;
        document.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight"}));
        while (performance.now() < stop) {
            await new Promise(requestAnimationFrame);
            const films = document.querySelectorAll("#stage video.seen");
            seen.push([films.length, films[0].readyState]);
        }
        return seen;
    }"""
    seen = np.array(shown.page.evaluate(watch))
    assert (seen[:, 0] == 1).all()
    assert (seen[:, 1] >= 2).all()  # there is a picture
    assert shown.sees(2)


def test_printed_it_is_a_handout(shown):
    shown.page.emulate_media(media="print")
    assert not shown.page.is_visible("#stage")
    assert shown.page.inner_text(".on-paper") == "A small lecture"
    assert shown.page.locator("#overview img:visible").count() == LAST
    assert re.search("The apple stands here", shown.page.inner_text("#overview"))
