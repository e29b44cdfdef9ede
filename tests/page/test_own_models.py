"""Which models a lecture's page brings along, with which sentences; and that they are there when the page is opened."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from attnviz.cli import app
from attnviz.input.content_paths import builtin_storyboards
from attnviz.model.door import open_model
from attnviz.model.interface import Settings
from attnviz.page.heat import LEVELS, heat_css
from attnviz.page.make import STATIC
from attnviz.page.own import COMPUTING, own_model, own_models, script_of
from attnviz.page.packing import lean
from attnviz.render.opening import open_storyboard
from attnviz.stage import theme
from attnviz.stage.numbers import Number
from attnviz.stage.tables.fills import look
from tests.browsers import needs_browser, opened_page
from tests.conftest import Here

HOSTILE = "</script><script>alert(1)</script>"
LECTURE = """\
title: Two models
model: small
chapters:
  - title: One
    scenes:
      - {scene: attention_table, sentence: they peeled an orange, focus: orange, shots: [{show_similarity: null}]}
      - scene: attention_table
        model: fruit_and_tech
        carry: displayed
        sentence: an apple for the orange
        words: [orange, apple]
        shots: [{show_similarity: null}]
"""


def models_of(script: str) -> list[dict[str, Any]]:
    *_, data = script.partition("attnviz.models = [")
    found: list[dict[str, Any]] = json.loads("[" + data.removesuffix(";\n"))
    return found


def test_a_lecture_brings_its_models_trained_ones_first(tmp_path: Path) -> None:
    (tmp_path / "lecture.yaml").write_text(LECTURE)
    own = own_models(open_storyboard(tmp_path / "lecture.yaml"))
    small, board = models_of(own.script)
    assert own.missing == ()
    assert (small["name"], small["opens"], small["carry"]) == ("small", "small", "exact")
    assert (board["name"], board["carry"]) == ("fruit_and_tech", "displayed")
    assert small["examples"] == [
        {"text": "they peeled an orange", "words": None, "layer": "1", "head": None, "focus": "orange"}
    ]
    # what a blackboard does not know is left out, if the lecture leaves it out
    assert [(each["text"], each["words"]) for each in board["examples"]] == [("orange apple", None)]


def test_chosen_words_of_a_blackboard_are_those_of_the_lecture() -> None:
    own = own_models(open_storyboard(builtin_storyboards() / "quickstart.yaml"))
    [board] = models_of(own.script)
    assert [(each["text"], each["words"]) for each in board["examples"]] == [
        ("an apple and an orange", ["orange", "apple"]),
        ("an apple phone", ["phone", "apple"]),
    ]
    assert board["fingerprints"]["displayed"] == open_model("fruit_and_tech").run(
        "apple", None, Settings(carry="displayed")
    ).attrs["fingerprint"]  # fmt: skip


def test_the_script_of_the_small_model_is_small() -> None:
    written = own_model(open_model("small"))
    assert len(script_of([written])) < 1_200_000  # type: ignore[list-item]


def test_no_text_of_a_model_ends_its_script(tmp_path: Path) -> None:
    (tmp_path / "board.yaml").write_text(f"kind: blackboard\naxes: [x, y]\nwords: {{'{HOSTILE}': [1, 0], é: [0, 1]}}\n")
    script = script_of([own_model(open_model(str(tmp_path / "board.yaml")))])  # type: ignore[list-item]
    data = script.rpartition("attnviz.models = ")[2]
    assert "<" not in data
    assert data.isascii()
    assert models_of(script)[0]["vocabulary"] == [HOSTILE, "é"]


def test_a_lean_script_is_the_same_script() -> None:
    source = "/* What\n   it is. */\n'use strict';\n\n    /* why\n       so */\n    const a = 1; // here\n    /* b */ const b = 2;\n"
    assert lean(source) == "/* What\n   it is. */\n'use strict';\nconst a = 1; // here\n/* b */ const b = 2;\n"
    for path in [*STATIC.glob("*.js"), *COMPUTING.glob("*.js")]:  # no text goes on in the next line
        assert [line for line in path.read_text().splitlines() if line.count("`") % 2] == [], path.name


def test_only_what_computes_with_its_kinds_of_models_is_in_a_script() -> None:
    small, board = (own_model(open_model(name)) for name in ("small", "fruit_and_tech"))
    assert "runBlackboard = " not in script_of([small])  # type: ignore[list-item]
    assert "runTransformer = " not in script_of([board])  # type: ignore[list-item]
    assert {"runBlackboard = ", "runTransformer = "} <= {
        part
        for part in ("runBlackboard = ", "runTransformer = ")
        if part in script_of([small, board])  # type: ignore[list-item]
    }


@pytest.mark.parametrize("name", ["light", "dark"])
def test_cells_are_as_bright_as_in_films(name: Any) -> None:
    rules = dict(rule.removesuffix("}").split("{") for rule in heat_css().splitlines())
    at = ["light", "dark"].index(name)
    with theme.in_use(name):
        for level in (0, 1, 10, LEVELS):
            expected = look(Number(level / LEVELS, "1", "weights"))
            background = rules[f".weight-{level}"].split(";")[0]
            assert background.removeprefix("background:light-dark(").removesuffix(")").split(",")[at] == str(
                expected.fill.to_hex().lower()
            )
        for number, level in ((0.5, 0.4), (1, 0.8), (1.7, 0.88), (20, 0.99)):
            expected, nearest = look(Number(number, "1", "scores")), f".size-{round(level * LEVELS)}"
            ink = rules[nearest].split("color:light-dark(")[1].removesuffix(")").split(",")[at]
            assert ink == expected.ink


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the small lecture, as a person makes it."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "lecture.yaml").write_text(LECTURE)
    arguments = ["page", str(folder / "lecture.yaml"), "-r", "320,180", "--fps", "5", "-o", str(folder / "page")]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("attnviz.render.traces.library.TraceProcess", Here)
        result = CliRunner().invoke(app, [*arguments, "--cache", str(folder / "cache")])
    assert result.exit_code == 0, result.output
    return folder / "page"


@pytest.fixture(scope="module")
def page(made: Path) -> Iterator[Any]:
    with opened_page() as opened:
        yield opened


@pytest.mark.slow
@needs_browser[0]
@needs_browser[1]
def test_the_page_of_a_lecture_has_them(page: Any, made: Path) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((made / "index.html").as_uri())
    page.wait_for_selector("html[data-ready]")
    assert page.input_value("#own-text") == "they peeled an orange"
    page.get_by_role("radio", name="fruit_and_tech").check()
    assert page.input_value("#own-text") == "orange apple"
    weights = open_model("fruit_and_tech").run("orange apple", None, Settings(carry="displayed"))["weights"].values[0]
    shown = page.locator(".own-table td button").all_inner_texts()
    assert shown == [f"{weight:.2f}" for weight in weights.ravel()]
    assert complaints == []


@pytest.mark.slow
@needs_browser[0]
@needs_browser[1]
@pytest.mark.parametrize("model", ["small", "fruit_and_tech"])
def test_the_code_of_a_card_gives_its_number(page: Any, made: Path, model: str, capsys: Any) -> None:
    page.goto((made / "index.html").as_uri())
    page.wait_for_selector("html[data-ready]")
    page.get_by_role("radio", name=model, exact=True).check()
    if model == "fruit_and_tech":
        page.fill("#own-text", "an apple and an orange")
        page.press("#own-text", "Enter")
        page.get_by_role("checkbox", name="and", exact=True).uncheck()
    page.locator(".own-table td button").nth(1).click()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy as code").last.click()
    page.locator(".own-copy").get_by_text("Copied").wait_for()
    exec(page.evaluate("navigator.clipboard.readText()"), {})
    value = page.locator(".own-card .value").inner_text()
    assert float(capsys.readouterr().out) == pytest.approx(float(value), rel=1e-9)
