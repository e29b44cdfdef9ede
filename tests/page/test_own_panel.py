"""Somebody types a sentence of their own into a page: what is seen, pointed at, refused, and reached with keys alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from attnviz.model.door import open_model
from attnviz.model.interface import Settings
from tests.browsers import needs_browser, opened_page
from tests.page.own_pages import open_own

pytestmark = needs_browser
HOSTILE = "</script><svg/onload=alert(1)>"
BOARD = f"""\
kind: blackboard
axes: [x, y]
words: {{apple: [1, 0], orange: [0.5, 1], phone: [-1, 0.25], '{HOSTILE}': [1, 1]}}
groups: {{fruit: [apple, orange], technology: [phone]}}
similarity: scaled_dot
"""
EXAMPLES = [{"text": "they peeled an apple", "words": None, "layer": "2", "head": "3", "focus": "apple"}]
LIT = ".own-table [aria-current]"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with opened_page() as opened:
        yield opened


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """The browser's page, of which nothing must be complained on its console."""
    complaints: list[str] = []
    browser.on("console", complain := lambda message: complaints.append(message.text))
    browser.on("pageerror", fail := lambda error: complaints.append(str(error)))
    yield browser
    browser.remove_listener("console", complain)
    browser.remove_listener("pageerror", fail)
    assert complaints == []


@pytest.fixture
def small(page: Any, tmp_path: Path) -> Any:
    open_own(page, tmp_path / "page", [open_model("small")], examples=EXAMPLES, opens="small", carry="exact")
    return page


@pytest.fixture
def board(page: Any, tmp_path: Path) -> Any:
    (tmp_path / "board.yaml").write_text(BOARD)
    example = {"text": "apple orange phone", "words": ["phone", "apple"], "layer": "1", "head": None, "focus": None}
    open_own(page, tmp_path / "page", [open_model(str(tmp_path / "board.yaml"))], examples=[example], carry="displayed")
    return page


def write(page: Any, text: str) -> None:
    page.fill("#own-text", text)
    page.press("#own-text", "Enter")


def cells(page: Any) -> list[list[str]]:
    return [row.locator("button").all_inner_texts() for row in page.locator(".own-table tbody tr").all()]


def rows_of_card(page: Any) -> dict[str, str]:
    names, told = (page.locator(f".own-card {each}").all_inner_texts() for each in ("dt", "dd"))
    return dict(zip(names, told, strict=True))


def weights(text: str, layer: int, head: int) -> list[list[str]]:
    trace = open_model("small").run(text, None, Settings())
    table = trace["weights"].sel(layer=str(layer), head=str(head)).values
    return [[f"{weight:.2f}" for weight in row] for row in table]


def test_a_lecture_s_sentence_stands_there_with_its_layer_and_head(small: Any) -> None:
    assert small.input_value("#own-text") == "they peeled an apple"
    assert cells(small) == weights("they peeled an apple", 2, 3)
    assert small.locator(".own-words [aria-pressed=true] .word").inner_text() == "apple"
    assert small.locator(".own-table thead th").all_inner_texts() == ["they", "peeled", "an", "apple"]


def test_a_sentence_layer_and_head_can_be_chosen(small: Any) -> None:
    write(small, "please buy an apple and an orange")
    small.get_by_role("radio", name="1", exact=True).first.check()  # layer 1; the head stays
    assert cells(small) == weights("please buy an apple and an orange", 1, 3)
    assert small.locator(".own-table thead th").all_inner_texts()[2:6] == ["an₁", "apple", "and", "an₂"]
    small.locator(".own-words button").nth(3).click()
    shares = small.locator(".own-words .share").all_inner_texts()
    assert shares == weights("please buy an apple and an orange", 1, 3)[3]
    assert small.locator(".own-arcs path").count() == sum(share >= "0.01" for share in shares[:4])
    assert small.get_by_role("status").first.inner_text().startswith("“apple” looks most at ")


def test_the_likeliest_next_words_are_those_of_the_model(small: Any) -> None:
    trace = open_model("small").run("they peeled an", None, Settings())
    likely = trace["probabilities"].isel(token=-1).to_series().sort_values(ascending=False)
    write(small, "they peeled an")
    shown = small.locator(".own-guesses li").all_inner_texts()
    assert [each.split("\n")[0] for each in shown] == list(likely[likely >= 0.001].index[:8])
    assert shown[0].split("\n")[1] == f"{100 * likely.iloc[0]:.1f} %"


def test_every_number_has_its_card_and_leads_to_what_it_is_made_of(small: Any) -> None:
    trace = open_model("small").run("they peeled an apple", None, Settings()).sel(layer="2", head="3")
    small.locator(".own-table tbody tr").nth(3).locator("button").nth(1).click()
    assert small.locator(LIT).count() == 1
    card = rows_of_card(small)
    weight = float(trace["weights"].sel(query="apple", key="peeled"))
    assert float(card["value"]) == pytest.approx(weight, rel=1e-9)
    assert card["row"] == "apple (query)"
    assert card["column"] == "peeled (key)"
    assert card["array"] == "weights, 4 × 4 × 4 × 4"
    assert card["model"] == f"small, {open_model('small').run('apple', None, Settings()).attrs['fingerprint']}"
    assert card["formula"].startswith("softmax(scores)\n= ")
    for name in ("score_exponentials", "scores", "query_key_dot"):
        small.locator(".own-card .entry").first.click()
        value = float(trace[name].sel(query="apple", key="peeled"))
        assert rows_of_card(small)["array"].startswith(name)
        assert float(rows_of_card(small)["value"]) == pytest.approx(value, rel=1e-9)
    small.locator(".own-card .entry").nth(1).click()
    assert float(rows_of_card(small)["value"]) == pytest.approx(float(trace["keys"].sel(token="peeled", d_head="1")))


def test_what_the_mask_hides_is_told(small: Any) -> None:
    small.get_by_role("radio", name="scores").check()
    small.locator(".own-table tbody tr").first.locator("button").nth(2).click()
    assert rows_of_card(small)["formula"].endswith("an comes later: the mask hides it")
    assert small.locator(".own-number").inner_text() == "−∞"


def test_the_code_of_a_card_computes_its_number(small: Any) -> None:
    small.locator(".own-table tbody tr").nth(2).locator("button").nth(1).click()
    place = {"layer": "2", "head": "3", "query": "an", "key": "peeled"}
    code = small.evaluate(
        """([sentence, place]) => {
            const [model] = attnviz.models, {tokens} = attnviz.read(model, sentence);
            return attnviz.ownCode({...attnviz.run(model, tokens), sentence, words: null}, "weights", place);
        }""",
        ["they peeled an apple", place],
    )
    lines = code.splitlines()
    assert lines[0] == "from attnviz import trace"
    seen: list[float] = []

    def trace(sentence: str, model: str) -> Any:
        return open_model(model).run(sentence, None, Settings())

    exec("\n".join(lines[1:]), {"trace": trace, "print": seen.append})
    assert seen == [pytest.approx(float(rows_of_card(small)["value"]), rel=1e-9)]


def test_unknown_words_are_told_with_what_is_near_and_what_was_there_stays_dim(small: Any) -> None:
    write(small, "they peled an aple")
    assert small.locator(".own-problems li").all_inner_texts() == [
        "the model does not know the word 'peled'; did you mean 'peeled'?",
        "the model does not know the word 'aple'; did you mean 'apple'?",
    ]
    assert small.locator("#own-text").get_attribute("aria-invalid") == "true"
    assert small.locator(".own-result").evaluate("each => each.inert")
    small.locator(".own-known summary").click()
    small.fill("#own-text", "they peeled an")
    small.locator(".own-known").get_by_role("button", name="orange", exact=True).click()
    assert small.input_value("#own-text") == "they peeled an orange"
    assert cells(small) == weights("they peeled an orange", 2, 3)
    assert small.locator("#own-text").get_attribute("aria-invalid") == "false"


def test_of_many_problems_some_are_told(small: Any) -> None:
    write(small, "q w e r t z")
    assert small.locator(".own-problems li").all_inner_texts()[-1] == "and 2 more like these"


def test_hostile_input_stays_text(board: Any) -> None:
    board.on("dialog", lambda dialog: pytest.fail(dialog.message))
    write(board, f"apple {HOSTILE} {HOSTILE}")
    assert board.locator(".own-table thead th").all_inner_texts()[0] == "apple"
    problems = board.locator(".own-problems li").all_inner_texts()
    assert problems == []
    write(board, f"apple <b>{HOSTILE}</b>")
    assert HOSTILE in board.locator(".own-problems").inner_text()
    assert board.locator("#own .word svg, #own li svg, #own b b, #own script").count() == 0


def test_on_a_blackboard_words_are_taken_off_the_board_and_numbers_carried_on_as_shown(
    board: Any, tmp_path: Path
) -> None:
    model = open_model(str(tmp_path / "board.yaml"))

    def expected(words: list[str] | None, carry: str) -> list[list[str]]:
        trace = model.run("apple orange phone", words, Settings(carry=carry))  # type: ignore[arg-type]
        return [[f"{weight:.2f}" for weight in row] for row in trace["weights"].values[0]]

    assert cells(board) == expected(["phone", "apple"], "displayed")
    board.get_by_role("checkbox", name="orange").check()
    assert cells(board) == expected(["phone", "apple", "orange"], "displayed")
    assert board.evaluate("document.activeElement.type") == "checkbox"
    board.get_by_role("radio", name="exact").check()
    assert cells(board) == expected(["phone", "apple", "orange"], "exact")
    fingerprint = model.run("apple", None, Settings()).attrs["fingerprint"]
    assert rows_of_card(board)["model"] == f"board, {fingerprint}"
    assert board.locator(".own-guesses").inner_text() == ""
    assert board.locator(".own-words .group-1").inner_text() == "phone"


def test_what_was_typed_stays_with_another_model_that_can_read_it(page: Any, tmp_path: Path) -> None:
    (tmp_path / "board.yaml").write_text(BOARD)
    models = [open_model("small"), open_model(str(tmp_path / "board.yaml"))]
    open_own(page, tmp_path / "page", models, examples=[{"text": "apple", "words": None}], carry="exact")
    for typed, kept in (("apple and orange", "apple"), ("an apple", "apple"), ("orange phone", "orange phone")):
        page.locator("[id=own-choice-model-0]").check()
        page.locator("#own-text").fill(typed)
        page.locator("#own-text").press("Enter")
        page.locator("[id=own-choice-model-1]").check()
        assert page.locator("#own-text").input_value() == kept


def test_all_can_be_done_with_keys_alone(small: Any) -> None:
    small.focus("#own-text")
    small.keyboard.press("Control+A")
    small.keyboard.type("please buy an orange")
    small.keyboard.press("Enter")
    small.locator("#own input[name=own-layer]:checked").focus()
    small.keyboard.press("ArrowLeft")
    assert cells(small) == weights("please buy an orange", 1, 3)
    assert small.evaluate("document.activeElement.name") == "own-layer"
    small.locator(".own-words button[tabindex='0']").focus()
    small.keyboard.press("ArrowLeft")
    small.keyboard.press("Enter")
    assert small.locator(".own-words [aria-pressed=true] .word").inner_text() == "an"
    assert small.evaluate("document.activeElement.querySelector('.word').textContent") == "an"
    small.keyboard.press("Tab")  # into the table: at the cell whose card is open
    assert small.evaluate("document.activeElement.getAttribute('aria-current')") == "true"
    small.keyboard.press("ArrowUp")
    small.keyboard.press("Enter")
    assert rows_of_card(small)["row"] == "buy (query)"
    told = small.locator("#own-panel > .unseen").text_content()
    assert told == f"{small.locator('.own-number').inner_text()}: {small.locator('.own-card .meaning').inner_text()}"


def test_a_phone_has_room_for_it(small: Any) -> None:
    small.set_viewport_size({"width": 390, "height": 844})
    write(small, "the cashier at the bank brought a new phone to the girl by the river .")
    assert small.evaluate("document.documentElement.scrollWidth") <= 390
    for lit in (".own-words [aria-pressed=true]", LIT):  # wide things are scrolled to what is looked at
        box = small.locator(lit).bounding_box()
        assert 0 <= box["x"] <= 390 - box["width"]
    small.locator(".own-table td button").first.click()
    assert small.locator(".own-card .own-number").is_visible()
    sizes = small.locator("#own button:visible").evaluate_all(
        "all => all.map(each => each.getBoundingClientRect()).map(({width, height}) => Math.min(width, height))"
    )
    assert min(sizes) >= 24
    small.set_viewport_size({"width": 1280, "height": 720})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_anybody_from_using_it(small: Any, axe: Any, scheme: str) -> None:
    small.emulate_media(color_scheme=scheme)
    assert axe(small) == []
    small.get_by_role("radio", name="scores").check()
    small.locator(".own-known summary").click()
    assert axe(small, ["serious", "critical", "moderate"]) == []
    write(small, "aple")
    assert axe(small) == []
    small.emulate_media(color_scheme="light")


def test_a_page_without_such_a_model_says_so(page: Any, tmp_path: Path) -> None:
    why = "“smollm2” is a published model, and too large to run in this page."
    open_own(page, tmp_path, [], missing=[why])
    assert page.locator("#own-panel").inner_text() == why
    assert page.locator("#own").is_visible()


def test_a_receipt_is_copied_as_json(small: Any) -> None:
    small.context.grant_permissions(["clipboard-read", "clipboard-write"])
    small.get_by_role("button", name="Copy as JSON").click()
    small.locator(".own-copy").get_by_text("Copied").wait_for()
    receipt = json.loads(small.evaluate("navigator.clipboard.readText()"))
    assert receipt["coords"]["query"] == "apple"
    assert receipt["value"] == float(rows_of_card(small)["value"])
