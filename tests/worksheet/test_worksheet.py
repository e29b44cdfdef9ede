"""Worksheets: the key follows from what is printed, and nothing of a person's is markup."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from attnviz.input.problems import ProblemsFound
from attnviz.worksheet.formulas import line_text
from attnviz.worksheet.paper import worksheet_pdf, worksheet_pngs
from attnviz.worksheet.sheet import ORDER, worksheet_html, worksheet_of
from tests.worksheet.conftest import BOARD, followed_board

pytestmark = pytest.mark.slow


def table(grid):
    return np.array([[float(cell.replace("−", "-").replace("∞", "inf")) for cell in row] for row in grid.cells])


def softmax(rows):
    powers = np.exp(rows)
    return powers / powers.sum(axis=-1, keepdims=True)


# Each kind by its formula as numpy has it, from nothing but the tables that are printed.
SOLVED = {
    "dot": lambda x: [x[0] @ x[1]],
    "cosine": lambda x: [x[0] @ x[1] / np.linalg.norm(x[0]) / np.linalg.norm(x[1])],
    "scaled_dot": lambda x: [x[0] @ x[1] / math.sqrt(x.shape[1])],
    "shares": lambda s: [s / s.sum()],
    "softmax": lambda s: [softmax(s)],
    "mask": lambda s: [softmax(s)],
    "weights": lambda s: [softmax(s)],
    "move": lambda a, x: [a @ x],
    "mixture": lambda a, v: [a @ v],
    "map": lambda x, m: [x @ m],
    "distance": lambda x, m: [np.linalg.norm((x[0] - x[1]) @ m)],
    "determinant": lambda m: [np.linalg.det(m)],
    "query": lambda x, w: [x @ w],
    "keys": lambda x, w: [x @ w],
    "values": lambda x, w: [x @ w],
    "scores": lambda q, k: [q @ k.T / math.sqrt(q.shape[1])],
    "head": lambda q, k, v: [
        scores := q @ k.T / math.sqrt(q.shape[1]),
        softmax(scores),
        softmax(scores) @ v,
    ],
    "heads": lambda y, w: [y.reshape(1, -1), y.reshape(1, -1) @ w],
}


def test_every_kind_is_set(every_kind):
    assert {each.kind for each in worksheet_of(every_kind).exercises} == {*ORDER} == {*SOLVED}


@pytest.mark.parametrize("kind", ORDER)
def test_the_key_lies_within_its_tolerance_of_what_numpy_makes_of_what_is_printed(every_kind, kind):
    for exercise in (each for each in worksheet_of(every_kind).exercises if each.kind == kind):
        found = SOLVED[kind](*map(table, exercise.given))
        for result, solved in zip(exercise.results, found, strict=True):
            off = np.abs(table(result.grid()) - np.atleast_2d(solved)).ravel()
            answers = [answer for row in result.answers for answer in row]
            for answer, found_off in zip(answers, off, strict=True):
                tolerance = float(answer.tolerance(2) or 0)
                assert found_off <= tolerance + 1e-9, (kind, answer)
                assert abs(answer.value - float(answer.text.replace("−", "-"))) <= max(
                    tolerance, 5e-7 * abs(answer.value)
                )
                assert tolerance <= 0.1 * max(1, abs(answer.value)) + 0.01  # it tells something


def test_whoever_rounds_every_step_is_right_too(every_kind):
    for exercise in worksheet_of(every_kind).exercises:
        for answer in exercise.answers:
            worked, shown = (float(t.replace("−", "-")) for t in (answer.worked.text, answer.text))
            assert abs(worked - shown) <= float(answer.tolerance(2) or 0) + 1e-9


def test_what_is_given_is_what_the_trace_has(every_kind):
    [softmax_row] = [
        each
        for each in worksheet_of(every_kind).exercises
        if each.kind == "softmax" and each.facts["model"] == "fruit_and_tech"
    ]
    assert softmax_row.given[0].cells == (("0.71", "1", "0", "0"),)
    assert softmax_row.given[0].columns == ("orange", "apple", "and", "an")
    assert softmax_row.results[0].grid().cells == (("0.30", "0.40", "0.15", "0.15"),)
    assert softmax_row.moment.shot == "a-row/attention_table-2/softmax"


def test_masks_hide_what_comes_later(every_kind):
    [mask] = [each for each in worksheet_of(every_kind).exercises if each.kind == "mask"]
    assert "−∞" in mask.given[0].cells[0]
    assert all(
        result == "0.00"
        for given, result in zip(mask.given[0].cells[0], mask.results[0].grid().cells[0], strict=True)
        if given == "−∞"
    )


class Page(HTMLParser):
    """Counts elements, and keeps the text of those that matter."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.said, self.open = [], "", []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.said += data


def test_the_page_is_well_formed_and_a_title_stays_text(every_kind):
    sheet = worksheet_of(every_kind)
    page = Page(worksheet_html(sheet, key=True))
    assert page.open == []
    assert "Of <b>all</b> kinds & #more" in page.said
    assert not {"b", "script", "img", "link"} & {*page.tags}
    assert page.tags.count("details") == page.tags.count("article") == len(sheet.exercises)


def test_without_the_key_no_answer_is_on_the_sheet(every_kind):
    sheet = worksheet_of(every_kind)
    page = Page(worksheet_html(sheet, key=False))
    assert "details" not in page.tags
    empty = re.findall(r'<table class="empty">.*?</table>', worksheet_html(sheet, key=False), flags=re.DOTALL)
    assert len(empty) == sum(len(each.results) for each in sheet.exercises)
    assert all(not re.search(r"<td>[^<]", each) for each in empty)


def test_the_sheet_is_printed_with_its_title_as_text(every_kind):
    pdfium = pytest.importorskip("pypdfium2")
    sheet = worksheet_of(every_kind)
    with_key, without = worksheet_pdf(sheet, key=True), worksheet_pdf(sheet, key=False)
    assert worksheet_pdf(sheet, key=False) == without
    document = pdfium.PdfDocument(with_key)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    assert "Of <b>all</b> kinds & #more" in text
    assert "Key" in text
    assert len(document) > len(pdfium.PdfDocument(without)) == len(worksheet_pngs(sheet, key=False, ppi=20))


HOSTILE = """\
title: '#panic("no") $x$ {{ 7 * 7 }} </style><script>alert(1)</script>'
model: small
convention: column
chapters:
  - title: A row
    scenes:
      - scene: attention_table
        model: {name: small, layer: 1, head: 1}
        sentence: the new phone of apple
        focus: apple
        shots:
          - show_similarity:
            say: Scores.
          - softmax: apple
            say: Weights.
"""


def test_hostile_texts_stay_texts_and_columns_are_columns(tmp_path):
    sheet = worksheet_of(followed_board(tmp_path, HOSTILE))
    page = Page(worksheet_html(sheet, key=True))
    assert "</style><script>alert(1)</script>" in page.said
    assert "{{ 7 * 7 }}" in page.said
    assert "script" not in page.tags
    assert worksheet_pdf(sheet, key=True).startswith(b"%PDF")
    first = next(each for each in sheet.exercises if each.kind == "softmax")
    assert line_text(first.title) == "The attention column of apple"
    assert first.given[0].columns == ("apple",)
    assert first.given[0].rows == ("the", "new", "phone", "of", "apple")
    assert table(first.results[0].grid()).sum() == pytest.approx(1, abs=0.03)


def test_a_film_without_numbers_makes_no_worksheet(tmp_path):
    board = BOARD[: BOARD.index("  - title: Two words")] + (
        "  - title: Nothing\n    scenes:\n      - scene: title_card\n        shots:\n"
        "          - show_title: {title: Nothing}\n            say: Nothing.\n"
    )
    with pytest.raises(ProblemsFound, match="nothing that could be worked out"):
        worksheet_of(followed_board(tmp_path, board))
