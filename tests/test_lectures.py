"""Every shot of every storyboard that comes with the project, played without drawing: receipts, layout, figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from attnviz.commands._open import open_storyboard
from attnviz.render.perform import PerformedShot, rehearse
from attnviz.stage.layout import faults

STORYBOARDS = sorted((Path(__file__).parent.parent / "storyboards").glob("*.yaml"))


@pytest.fixture(scope="module", params=STORYBOARDS, ids=lambda path: path.stem)
def lecture(request: pytest.FixtureRequest) -> tuple[str, list[PerformedShot]]:
    """Play a storyboard once for all the tests below."""
    return request.param.stem, rehearse(open_storyboard(request.param))


def test_every_number_has_a_receipt_that_names_its_origin(lecture) -> None:
    for shot in lecture[1]:
        for receipt in shot.receipts:
            assert receipt.array or receipt.formula, (shot.name, receipt)
            assert receipt.start <= receipt.end, (shot.name, receipt)


def test_the_shown_text_is_the_recorded_value(lecture) -> None:
    for shot in lecture[1]:
        for receipt in shot.receipts:
            text = receipt.text.removesuffix("°")
            percent = text.endswith(" %")
            text = text.removesuffix(" %")
            if text == "?":
                assert receipt.value != receipt.value
                continue
            places = len(text.partition(".")[2])
            value = receipt.value * 100 if percent else receipt.value
            assert abs(float(text) - value) <= 0.50001 * 10**-places, (shot.name, receipt)


def test_nothing_is_cut_off_too_small_or_covered(lecture) -> None:
    found = [f"{shot.name}: {fault}" for shot in lecture[1] for fault in faults(shot.layout)]
    assert found == []


def test_numbers_at_rest_stand_inside_the_frame(lecture) -> None:
    for shot in lecture[1]:
        for receipt in shot.receipts:
            x0, y0, x1, y1 = receipt.box
            assert 0 < x0 < x1 < 1, (shot.name, receipt)
            assert 0 < y0 < y1 < 1, (shot.name, receipt)


def test_every_shot_says_something_and_lasts(lecture) -> None:
    for shot in lecture[1]:
        assert shot.narration, shot.name
        assert 1 <= shot.frames / 60 <= 40, shot.name


FIGURES = {
    "similarity": ["12", "3", "0", "14°", "76°", "90°", "0.97", "0.24", "8.49", "2.12"],
    "attention": [
        "0.71",
        "0.58",
        "0.42",
        "0.57",
        "0.43",
        "0.88",
        "0.12",
        "0.40",
        "0.30",
        "0.15",
        "1.14",
        "2.43",
        "2.86",
    ],
}


@pytest.mark.parametrize("chapter", FIGURES)
def test_the_figures_of_the_first_lecture_come_out(lecture, chapter: str) -> None:
    name, shots = lecture
    if name != "attention_math":
        pytest.skip("another lecture")
    shown = {receipt.text for shot in shots if shot.name.startswith(f"{chapter}/") for receipt in shot.receipts}
    assert [figure for figure in FIGURES[chapter] if figure not in shown] == []
