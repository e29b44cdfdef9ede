"""Every shot of every storyboard that comes with the project, played without drawing: receipts, layout, figures."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from attnviz.commands._open import open_storyboard
from attnviz.render.perform import PerformedShot, rehearse
from attnviz.stage.layout import faults

STORYBOARDS = sorted((Path(__file__).parent.parent / "storyboards").glob("*.yaml"))


@cache
def rehearsed(path: Path) -> tuple[PerformedShot, ...]:
    """Play a storyboard once for all the tests below."""
    return tuple(rehearse(open_storyboard(path)))


@pytest.fixture(params=STORYBOARDS, ids=lambda path: path.stem)
def lecture(request: pytest.FixtureRequest) -> tuple[PerformedShot, ...]:
    return rehearsed(request.param)


def test_every_number_has_a_receipt_that_names_its_origin(lecture) -> None:
    for shot in lecture:
        for receipt in shot.receipts:
            assert receipt.array or receipt.formula, (shot.name, receipt)
            assert receipt.start <= receipt.end, (shot.name, receipt)


def test_the_shown_text_is_the_recorded_value(lecture) -> None:
    for shot in lecture:
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
    found = [f"{shot.name}: {fault}" for shot in lecture for fault in faults(shot.layout)]
    assert found == []


def test_numbers_at_rest_stand_inside_the_frame(lecture) -> None:
    for shot in lecture:
        for receipt in shot.receipts:
            x0, y0, x1, y1 = receipt.box
            assert 0 < x0 < x1 < 1, (shot.name, receipt)
            assert 0 < y0 < y1 < 1, (shot.name, receipt)


def test_every_shot_says_something_and_lasts(lecture) -> None:
    for shot in lecture:
        assert shot.narration, shot.name
        assert 1 <= shot.frames / 60 <= 40, shot.name


FIGURES = {
    "similarity": "12 3 0 14° 76° 90° 0.97 0.24 8.49 2.12",
    "attention": "0.71 0.58 0.42 0.57 0.43 0.88 0.12 0.40 0.30 0.15 1.14 2.43 2.86",
}


@pytest.mark.parametrize("chapter", FIGURES)
def test_the_figures_of_the_first_lecture_come_out(chapter: str) -> None:
    shots = rehearsed(next(path for path in STORYBOARDS if path.stem == "attention_math"))
    shown = {receipt.text for shot in shots if shot.name.startswith(f"{chapter}/") for receipt in shot.receipts}
    assert set(FIGURES[chapter].split()) - shown == set()


def test_chapters_and_narration_tell_the_first_lecture() -> None:
    shots = rehearsed(next(path for path in STORYBOARDS if path.stem == "attention_math"))
    chapters = list(dict.fromkeys(shot.chapter for shot in shots))
    assert chapters == ["Introduction", "Embeddings and context", "Similarity", "Attention"]
    told = " ".join(shot.narration for shot in shots)
    assert "{" not in told
    assert "NaN" not in told
