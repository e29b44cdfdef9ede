"""Quizzes: exactly one option is right, by the numbers and by the digits that are shown."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
import xarray as xr
from hypothesis import given as holds
from hypothesis import strategies as st

from attnviz.worksheet.amounts import UnworkableError, digits
from attnviz.worksheet.asking import how_much, which
from attnviz.worksheet.quiz import quiz_of
from attnviz.worksheet.quiz_files import quiz_gift, quiz_html, quiz_json
from attnviz.worksheet.shown import Board
from tests.worksheet.test_worksheet import Page

WORDS = ["an", "apple", "and", "an#2"]


def board(values):
    words = WORDS[: len(values)]
    weights = xr.DataArray(np.array(values), dims=("query", "key"), coords={"query": words, "key": words})
    trace = xr.Dataset({"weights": weights, "dot": weights}, coords={"token": words}, attrs={"sentence": "any"})
    return Board(trace, 2, "row", None)


TABLES = st.integers(2, 4).flatmap(
    lambda n: st.lists(st.lists(st.floats(0, 1), min_size=n, max_size=n), min_size=n, max_size=n)
)


@holds(TABLES, st.sampled_from(["most", "least"]))
def test_which_word_has_one_answer_at_the_digits_shown(values, kind):
    try:
        asked = which(board(values), "weights", {"query": "an", "key": "apple"}, kind)
    except UnworkableError:
        row = sorted(values[0], reverse=kind == "most")
        assert digits(float(f"{row[0]:.6g}"), 2) == digits(float(f"{row[1]:.6g}"), 2)
        return
    shown = [float(digits(option.value, 2)) for option in asked.options]
    best = max(shown) if kind == "most" else min(shown)
    assert [place for place, value in enumerate(shown) if value == best] == [asked.right]
    assert len({option.text for option in asked.options}) == len(asked.options) == len(values)


@holds(TABLES)
def test_how_much_has_one_answer_at_the_digits_shown(values):
    try:
        asked = how_much(board(values), "weights", {"query": "an", "key": "apple"})
    except UnworkableError:
        assert len({digits(float(f"{value:.6g}"), 2) for row in values for value in row}) == 1
        return
    wanted = digits(float(f"{values[0][1]:.6g}"), 2, short=False)
    assert [option.text for option in asked.options].count(wanted) == 1
    assert asked.proof.text == asked.digits == wanted
    assert len({option.text for option in asked.options}) == len(asked.options) >= 2
    for option in asked.options:  # every other number is one of the table, too
        assert any(option.value == float(f"{value:.6g}") for row in values for value in row)


def test_a_word_that_comes_again_is_numbered():
    values = np.eye(4) + 0.1
    assert "an₂" in [option.text for option in which(board(values), "weights", {"query": "an", "key": "an"}).options]


@pytest.mark.slow
def test_answers_are_proved_by_numbers_of_the_film(every_kind):
    quiz = quiz_of(every_kind, 100)
    plain = json.loads(quiz_json(quiz))
    assert plain["questions"] == sorted(plain["questions"], key=lambda each: each["number"])
    assert len(plain["questions"]) >= 10
    traces = [trace for scene in every_kind.scenes for trace in scene.traces.load().values()]
    for each in plain["questions"]:
        receipt = each["receipt"]
        entry = [
            float(trace[receipt["array"]].sel(**receipt["coords"]).squeeze())
            for trace in traces
            if trace.attrs["fingerprint"] == receipt["fingerprint"]
            and trace.attrs["sentence"] == receipt["sentence"]
            and receipt["array"] in trace
            and all(label in trace[receipt["array"]][dim] for dim, label in receipt["coords"].items())
        ]
        assert any(value == pytest.approx(receipt["value"], rel=1e-5, abs=1e-9) for value in entry)
        assert receipt["seconds"] >= 0
        assert receipt["shot"] in {shot.name for shot in every_kind.wanted_shots()}
        if each["kind"] == "how_much":
            assert each["options"][each["right"]] == receipt["text"]


@pytest.mark.slow
def test_questions_are_made_of_claims(every_kind):
    quiz = quiz_of(every_kind, 100)
    [argmax] = [each for each in quiz.questions if each.claim == "argmax(weights[apple, :]) == apple"]
    assert argmax.asked.text == "Which word does “apple” take most from?"
    assert argmax.asked.proof.text == "apple"
    assert argmax.asked.digits == "0.40"
    assert len({question.text for question in quiz.questions}) == len(quiz.questions)
    assert len(quiz_of(every_kind, 3).questions) == 3


@pytest.mark.slow
def test_a_quiz_is_a_page_and_gift(every_kind):
    quiz = quiz_of(every_kind, 12)
    page = Page(quiz_html(quiz))
    assert page.open == []
    assert "Of <b>all</b> kinds & #more" in page.said
    assert page.tags.count("details") == len(quiz.questions)
    gift = quiz_gift(quiz)
    blocks = re.findall(r"^::Q\d+::\[plain\].*? \{\n(.*?)\n\}$", gift, flags=re.MULTILINE | re.DOTALL)
    assert len(blocks) == len(quiz.questions)
    assert all(block.count("\t=") == 1 and block.count("\t~") >= 1 for block in blocks)


def test_signs_of_gift_are_escaped():
    from attnviz.worksheet.quiz_files import _escaped

    assert _escaped("a = {b}: ~#\\\nc") == r"a \= \{b\}\: \~\#\\ c"
