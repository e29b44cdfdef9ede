"""The page in a real browser, opened from disk: the film, its numbers and their cards, by mouse, touch and keyboard."""

from __future__ import annotations

import functools
import http.server
import json
import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import xarray as xr
from click.testing import CliRunner

from tests.page.conftest import OpenedPage, made

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def target(opened: OpenedPage, text: str) -> Any:
    """Return the first target of a number that is written so."""
    return (
        opened.page.locator("#targets button")
        .filter(has_not_text="*")
        .and_(opened.page.locator(f'[aria-label^="{text},"]'))
        .first
    )


def test_it_plays_to_the_end_and_captions_come(opened: OpenedPage) -> None:
    page = opened.page
    seen = page.evaluate("""async () => {
        const {film} = attnviz.page, track = film.textTracks[0], seen = [];
        track.oncuechange = () => seen.push(...Array.from(track.activeCues, cue => cue.text));
        film.playbackRate = 8;
        const ended = new Promise((ready, failed) => { film.onended = ready; film.onerror = failed; });
        await film.play();
        await ended;
        return {seen, mode: track.mode, time: film.currentTime, duration: attnviz.lecture.duration};
    }""")
    assert seen["mode"] == "showing"
    assert seen["time"] * 1000 == pytest.approx(seen["duration"], abs=150)
    assert seen["seen"][0].startswith("Imagine a plane")
    assert len(set(seen["seen"])) > 10
    said = page.locator(".line.now").inner_text()
    assert "That is attention." in said
    assert page.locator("#targets button").count() > 5  # the last frame can be pointed at, too


def test_after_a_jump_into_a_still_its_numbers_are_targets_where_they_are_drawn(opened: OpenedPage) -> None:
    opened.still("softmax")
    page = opened.page
    on_screen = page.evaluate("() => attnviz.lecture.onScreen(attnviz.page.now()).map(({number}) => number.text)")
    labels = page.locator("#targets button").evaluate_all("all => all.map(each => each.getAttribute('aria-label'))")
    assert sorted(label.split(",")[0] for label in labels) == sorted(on_screen)
    places = page.locator("#targets button").evaluate_all("""all => all.map(each => {
        const [own, frame] = [each.getBoundingClientRect(), document.getElementById('targets').getBoundingClientRect()];
        return {x: (own.x + own.width / 2 - frame.x) / frame.width, y: (own.y + own.height / 2 - frame.y) / frame.height,
            box: each.box.map(edge => edge / 10000), least: Math.min(own.width, own.height)};
    })""")
    for place in places:
        left, top, right, bottom = place["box"]
        assert place["x"] == pytest.approx((left + right) / 2, abs=1e-3)
        assert place["y"] == pytest.approx((top + bottom) / 2, abs=1e-3)
        assert place["least"] >= 24
    frame = page.locator("#targets").bounding_box()
    assert frame["width"] / frame["height"] == pytest.approx(16 / 9, rel=1e-3)


def test_numbers_in_flight_are_targets_where_they_fly(opened: OpenedPage) -> None:
    """At the fourth of the seven moments that a receipt tells of, the target is where it says: in the middle of its time."""
    page = opened.page
    flown = page.evaluate("""async () => {
        const {lecture, page} = attnviz, found = [];
        for (const number of lecture.numbers.filter(({ways}) => ways.length && ways[0][1] - ways[0][0] > 600).slice(-6)) {
            const way = number.ways[0], middle = (box, axis) => (box[axis] + box[axis + 2]) / 2;
            page.seek((way[0] + way[1]) / 2);
            await new Promise(ready => page.film.addEventListener("seeked", ready, {once: true}));
            const [along, aside] = [way[13] / 250, way[20] / 250];
            const [right, down] = [0, 1].map(axis => middle(way.slice(6), axis) - middle(way.slice(2), axis));
            const place = [middle(way, 2) + along * right - aside * down, middle(way, 3) + along * down + aside * right];
            const boxes = [...document.querySelectorAll("#targets button")].filter(target => target.number === number)
                .map(target => [middle(target.box, 0), middle(target.box, 1)]);
            found.push(Math.min(...boxes.map(box => Math.hypot(box[0] - place[0], box[1] - place[1]))));
        }
        return found;
    }""")
    assert len(flown) == 6
    assert max(flown) < 100  # of 10,000: a frame is up to 100 ms off the time that is asked for


MOMENTS = [
    (
        "show-similarity",
        "0.71",
        "similarity",
        {"value": "0.71", "formula": "x · y / (norm(x) norm(y))\n≈ 6 / (3 · 2.83)"},
    ),
    ("softmax", "0.57", "softmax", {"value": "0.57", "formula": "exponentials / exponential_sum\n≈ 2.72 / 4.75"}),
    ("pull", "1.14", "output", {"value": "1.14", "formula": "weights · embeddings\n= 0.43 · 0 + 0.57 · 2"}),
]


@pytest.mark.parametrize(("shot", "text", "array", "rows"), MOMENTS)
def test_the_card_of_a_number_says_what_it_is(
    opened: OpenedPage, shot: str, text: str, array: str, rows: dict[str, str]
) -> None:
    opened.still(shot)
    target(opened, text).click()
    assert opened.page.locator("#card-number").inner_text() == text
    assert opened.row("array").startswith(array)
    for row, expected in rows.items():
        assert opened.row(row).split(" · rounded")[0] == expected
    assert opened.row("model").startswith("fruit_and_tech · ")
    assert opened.row("sentence") == "an apple and an orange"
    assert opened.row("kind") == "read from the model"
    assert opened.page.locator("#card td [aria-current]").inner_text() == text


def test_inputs_lead_on_to_their_own_cards_and_back(opened: OpenedPage) -> None:
    opened.still("softmax")
    target(opened, "0.57").click()
    opened.page.locator("#card .worked .entry").first.click()
    assert opened.row("array").startswith("exponentials")
    assert opened.row("formula") == "exp(similarity)\n≈ e1"
    opened.page.locator("#card .worked .entry").first.click()
    assert opened.row("array").startswith("similarity")
    for _ in range(2):
        opened.page.get_by_role("button", name="← Back").click()
    assert opened.row("array").startswith("softmax")


def test_what_is_derived_and_what_is_schematic_says_so(opened: OpenedPage) -> None:
    opened.still("softmax")
    opened.page.locator('#targets [aria-label^="1.00, exponential_sum"]').first.click()
    assert opened.row("kind").startswith("derived")
    assert opened.row("formula") == "exponential_sum[apple] / exponential_sum[apple]\n4.75 / 4.75"
    opened.still("show-plane")
    opened.page.locator('#targets [aria-label*="tick of the axis"]').first.click()
    assert opened.row("kind").startswith("schematic")


def test_the_code_of_a_number_computes_it(opened: OpenedPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from attnviz.notebook import programs

    monkeypatch.setattr(programs, "traced", functools.partial(traced_here, tmp_path / "trace.nc"))
    for shot, text in COPIED:
        opened.still(shot)
        opened.page.locator(f'#targets [aria-label^="{text}"]').first.click()
        code = opened.page.evaluate("() => document.querySelector('#card pre').textContent")
        assert 3 <= len(code.splitlines()) <= 6
        printed = list[float]()
        exec(compile(code, "copied", "exec"), {"print": printed.append})
        assert printed == [float(opened.row("value").split(" ")[0])]


COPIED = [
    ("show-similarity", "0.71, similarity"),
    ("show-similarity", "45°"),
    ("softmax", "0.57"),
    ("softmax", "1.00, exponential_sum"),
    ("pull", "2.43"),
    ("pull-2", "2.86"),
    ("pull-2", "43 %"),
]


def traced_here(file: Path, arguments: Sequence[str]) -> Any:
    """Do what `attnviz trace ARGUMENTS` does, in this process, which is quicker."""
    from attnviz.cli import app

    result = CliRunner().invoke(app, ["trace", "--save", str(file), *arguments])
    assert result.exception is None, result.exception
    with xr.open_dataset(file, engine="h5netcdf") as found:
        return found.load()


def test_by_keyboard_alone(opened: OpenedPage) -> None:
    opened.still("softmax")
    page = opened.page
    page.locator("#film").focus()
    for _ in range(12):  # the player's own controls come first
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.closest('#targets') !== null"):
            break
    focused = "() => document.activeElement.getAttribute('aria-label')"
    assert page.evaluate(focused).startswith("1.00, similarity orange orange")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused).startswith("0.71, similarity apple orange")
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    assert page.evaluate(focused).startswith("0.43, softmax apple orange")
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "card"
    assert page.locator("#card-number").inner_text() == "0.43"
    page.keyboard.press("Escape")
    assert page.locator("#card").is_hidden()
    assert page.evaluate(focused).startswith("0.43, softmax apple orange")
    page.locator("[role=tab][aria-selected=true]").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("() => document.activeElement.textContent") == "Numbers"
    assert page.locator("#numbers").is_visible()


def test_sentences_and_chapters_lead_to_their_moments(opened: OpenedPage) -> None:
    page = opened.page
    page.locator(".said", has_text="Now put it next to a phone.").click()
    starts = page.evaluate("() => attnviz.lecture.said.map(({text, start}) => [text, start])")
    [start] = [start for text, start in starts if text.startswith("Now put it")]
    page.wait_for_function("start => Math.abs(attnviz.page.now() - start) < 20", arg=start)
    assert page.locator(".line.now").inner_text().endswith("Now put it next to a phone.")
    page.get_by_role("button", name="Similarity becomes attention").click()
    start = page.evaluate("() => attnviz.lecture.chapters[1].start")
    page.wait_for_function("start => Math.abs(attnviz.page.now() - start) < 20", arg=start)
    page.locator("#transcript .entry", has_text="57%").first.click()
    assert page.locator("#card-number").inner_text() == "0.57"
    assert opened.row("row").startswith("apple")


def test_an_address_leads_to_a_moment_and_a_number(opened: OpenedPage, quickstart_page: Path) -> None:
    opened.still("softmax")
    opened.page.locator('#targets [aria-label^="0.43, softmax orange"]').click()
    time = opened.page.evaluate("() => attnviz.page.now()")
    address = opened.page.evaluate("() => attnviz.page.address(attnviz.page.now(), attnviz.page.opened.id)")
    opened.go(address)
    assert opened.page.evaluate("() => attnviz.page.now()") == pytest.approx(time, abs=60)
    assert opened.page.locator("#card .name").inner_text() == "softmax orange → apple"
    opened.go((quickstart_page / "index.html").as_uri() + "?t=20")
    assert opened.page.evaluate("() => attnviz.page.now()") == pytest.approx(20_000, abs=5)


def test_the_search_finds_what_is_said_and_numbers(opened: OpenedPage) -> None:
    page = opened.page
    page.locator("#query").fill("0.43")
    found = page.locator("#found").inner_text()
    shown = page.evaluate(
        "() => new Set(attnviz.lecture.numbers.filter(({text}) => text === '0.43').map(({array, entry}) => `${array} ${entry}`)).size"
    )
    assert f"On screen: {shown} of" in found
    page.locator("#found .number").first.click()
    assert page.locator("#card-number").inner_text() == "0.43"
    page.locator("#query").fill("two meanings")
    assert "Said: 1 of" in page.locator("#found").inner_text()
    page.locator("#query").fill("")
    assert page.locator("#transcript").is_visible()
    page.locator("#tab-numbers").click()
    page.locator("#only-now").check()
    count = page.evaluate("() => attnviz.lecture.onScreen(attnviz.page.now()).length")
    assert page.locator("#numbers .number").count() == count


def test_a_search_ranks_by_names_and_knows_models_and_chapters(opened: OpenedPage) -> None:
    page = opened.page
    first = page.locator("#found .number").first
    page.locator("#query").fill("weight of apple on orange")
    assert first.locator(".name").inner_text() == "weights apple → orange"
    assert first.locator(".where").inner_text().startswith("an apple and an orange · ")
    page.locator("#query").fill("fruit_and_tech similarity becomes softmax")  # a model, a chapter, and an array
    assert first.locator(".name").inner_text().startswith("softmax ")
    page.locator("#query").fill("43%")  # as it is said; on screen there is a space
    assert re.fullmatch(r"43\s%", first.locator("b").inner_text())
    page.locator("#query").fill("")


def test_a_moment_of_a_number_is_one_before_it_fades(opened: OpenedPage) -> None:
    page = opened.page
    times = page.evaluate("""() => attnviz.lecture.numbers.map(number => {
        const time = Number(/t=([\\d.]+)/.exec(attnviz.page.linkTo(number, "").href)[1]) * 1000;
        const still = attnviz.lecture.shots.some((_, shot) => Math.abs(attnviz.lecture.stillOf(shot) - time) < 100);
        return {inside: number.start - 50 <= time && time <= number.end + 50, still, left: number.end - time, whole: number.end - number.start};
    })""")
    assert all(each["inside"] for each in times)
    assert all(each["left"] >= min(1200, each["whole"] / 2) - 60 for each in times if not each["still"])


def test_escape_closes_a_card_that_a_time_on_it_has_opened_anew(opened: OpenedPage) -> None:
    opened.still("softmax")
    target(opened, "0.57").click()
    opened.page.locator("#card a.entry").last.click()
    opened.page.keyboard.press("Escape")
    assert opened.page.locator("#card").is_hidden()


def test_the_view_for_a_talk_can_be_left_without_a_keyboard(opened: OpenedPage) -> None:
    opened.still("softmax")
    page = opened.page
    target(opened, "0.57").click()
    page.get_by_role("button", name="Slides").click()
    assert page.locator("#card").is_hidden()
    assert not page.evaluate("() => attnviz.page.film.controls")  # nothing lies on the picture
    page.get_by_role("button", name="End the slides").click()
    assert page.locator("header").is_visible()
    assert page.evaluate("() => attnviz.page.film.controls")


def test_keys_step_from_shot_to_shot_in_the_view_for_a_talk(opened: OpenedPage) -> None:
    page = opened.page
    page.get_by_role("button", name="Slides").click()
    still = "shot => Math.abs(attnviz.page.now() - attnviz.lecture.stillOf(shot)) < 100 && attnviz.page.film.paused"
    page.keyboard.press("ArrowRight")
    page.wait_for_function(still, arg=0)
    page.evaluate("() => { attnviz.page.film.playbackRate = 8; }")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(still, arg=1)
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(still, arg=0)
    assert not page.locator("header").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("header").is_visible()


def test_on_a_phone_nothing_is_wider_than_it_and_a_tap_opens_the_nearest_number(
    browser: Any, quickstart_page: Path
) -> None:
    opened = OpenedPage(
        browser, (quickstart_page / "index.html").as_uri(), viewport={"width": 390, "height": 844}, has_touch=True
    )
    opened.still("show-similarity")
    page = opened.page
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    box = page.locator('#targets [aria-label^="0.71, similarity apple orange"]').bounding_box()
    assert min(box["width"], box["height"]) >= 24
    page.touchscreen.tap(box["x"] + box["width"] / 2 + 3, box["y"] + box["height"] / 2 - 2)
    assert page.locator("#card .name").inner_text() == "similarity apple → orange"
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    page.locator("#tab-numbers").click()
    page.locator("#numbers .number").first.tap()
    film, card = page.locator("#stage").bounding_box(), page.locator("#card").bounding_box()
    assert film["y"] + film["height"] <= card["y"] + 1 < 844 / 2  # right below the film, not somewhere above it
    assert page.locator("#panels").bounding_box()["height"] <= 844 * 0.6 + 1
    assert opened.faults == []
    opened.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out(browser: Any, quickstart_page: Path, axe: Any, scheme: str) -> None:
    opened = OpenedPage(browser, (quickstart_page / "index.html").as_uri(), color_scheme=scheme)
    opened.still("softmax")
    target(opened, "0.57").click()
    for tab in ("transcript", "numbers", "shots", "about"):
        opened.page.locator(f"#tab-{tab}").click()
        assert axe(opened.page) == []
    opened.page.locator("#query").fill("apple")
    assert axe(opened.page) == []
    opened.context.close()


def test_from_a_server_it_asks_for_nothing_but_its_own_files(browser: Any, quickstart_page: Path) -> None:
    handler = functools.partial(_Quiet, directory=str(quickstart_page))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        opened = OpenedPage(browser, address)
        opened.still("pull")
        assert {re.sub(r"^(data|blob):.*", "", url) for url in opened.asked} >= {
            f"{address}data.js",
            f"{address}page.js",
        }
        assert all(url.startswith((address, "data:", "blob:")) or url == "about:blank" for url in opened.asked)
        assert opened.faults == []
        opened.context.close()
        server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


EVIL = '</script><script>window.hit = 1</script><img src=x onerror="window.hit = 1">&amp;"\'$x[[ 7 * 7 ]]'
HOSTILE = """\
title: {title}
about: {title}
model: hostile
chapters:
  - title: {title}
    scenes:
      - scene: attention_table
        words: ["<b>x</b>", "</script>"]
        shots:
          - show_similarity:
            say: {title}
"""
HOSTILE_MODEL = """\
kind: blackboard
axes: [<u>one</u>, two]
words: {"<b>x</b>": [2, 1], "</script>": [0, 3]}
similarity: cosine
weights: softmax
"""


def test_hostile_texts_stay_text(browser: Any, tmp_path: Path, traces_made_here: None) -> None:
    storyboard = tmp_path / "hostile.yaml"
    storyboard.write_text(HOSTILE.format(title=json.dumps(EVIL)))
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "hostile.yaml").write_text(HOSTILE_MODEL)
    folder = made(storyboard, tmp_path / "page", tmp_path / "cache")
    opened = OpenedPage(browser, (folder / "index.html").as_uri())
    page = opened.page
    assert page.title() == EVIL
    assert page.locator("h1").inner_text() == EVIL
    assert page.locator("#transcript h3").inner_text() == EVIL
    opened.still("show-similarity")
    page.locator("#targets button").first.click()
    assert "<b>x</b>" in page.locator("#card").inner_text()
    for tab in ("numbers", "shots", "about"):
        page.locator(f"#tab-{tab}").click()
    page.locator("#query").fill("<b>")
    assert page.evaluate("() => window.hit") is None
    assert page.locator("#card b, #numbers .name b, main script, main img, u").count() == 0
    assert opened.faults == []
    opened.context.close()
