"""Fonts that a storyboard names: found, used for what the built-in ones lack and nothing else, and in the keys."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from fonts import LETTERS, tiny_font

from attnviz.input.fonts import Font, find_font, undrawable
from attnviz.input.problems import ProblemsFound
from attnviz.input.scripts import characters_of, scripts_named
from attnviz.publish.sheet import draw_sheet
from attnviz.render.opening import open_storyboard
from attnviz.stage.typesetting import formula, prose
from attnviz.testing import undrawn
from tests.conftest import Lecture
from tests.lecture_folders import written

BOARD = """\
title: T
font: {Arab: tiny.ttf, Han: tiny.ttf}
model: fruit_and_tech
chapters:
  - title: C
    scenes:
      - scene: title_card
        shots:
          - show_title: A title
"""


def complaint(name: str, folder: Path) -> str:
    with pytest.raises(ProblemsFound) as found:
        find_font(name, folder)
    return str(found.value)


def test_a_font_is_a_file_beside_the_storyboard(tmp_path: Path) -> None:
    font = find_font("tiny.ttf", tiny_font(tmp_path / "tiny.ttf").parent)
    assert (font.family, font.files) == ("Tiny Han", (tmp_path / "tiny.ttf",))
    tiny_font(tmp_path / "tiny.ttf", side=700)
    assert find_font("tiny.ttf", tmp_path).digest != font.digest


def test_what_is_no_font_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.otf").write_text("a font")
    assert complaint("a.otf", tmp_path) == "'a.otf' is not a font; expected OpenType: .otf, .ttf, .ttc, .otc"
    assert complaint("b.ttf", tmp_path) == (
        "there is no font file 'b.ttf'; a font's path is seen from the storyboard's folder"
    )
    assert complaint("No Such Family 7", tmp_path).startswith(
        "this system has no font 'No Such Family 7'; it may be a file, too; "
    )


def test_it_sets_what_the_built_in_fonts_lack_and_nothing_else(tmp_path: Path) -> None:
    font = find_font("tiny.ttf", tiny_font(tmp_path / "tiny.ttf").parent)
    with undrawn():
        basic = prose("apple – π", own=True)
        with pytest.raises(ProblemsFound, match=r"the fonts cannot draw '橙' .*`font:` in the storyboard"):
            prose(LETTERS, own=True)
    with undrawn([font]):
        squares = prose(LETTERS, own=True).family_members_with_points()
        again = prose("apple – π", own=True)
        word = formula("{w}", words={"w": LETTERS}, colors={"w": "#ffffff"})
    assert [square.width / square.height for square in squares] == pytest.approx([7 / 8, 7 / 8])
    assert len(word.family_members_with_points()) == 2
    for one, other in zip(basic.family_members_with_points(), again.family_members_with_points(), strict=True):
        np.testing.assert_array_equal(one.points, other.points)
    with undrawn(), pytest.raises(ProblemsFound, match="the fonts cannot draw"):
        prose(LETTERS, own=True)


def width_of_square(fonts: Sequence[Font]) -> float:
    with undrawn(fonts):
        square, beside = prose(f"{LETTERS[0]}x", own=True), prose("x", own=True)
        return float(square.family_members_with_points()[0].height / beside.height)


def test_each_script_has_its_font(tmp_path: Path) -> None:
    tiny_font(tmp_path / "large.ttf", "Large")
    tiny_font(tmp_path / "small.ttf", "Small", side=500)
    large = find_font("large.ttf", tmp_path, ("Arab",))
    small = find_font("small.ttf", tmp_path, ("Hani",))
    with_small = width_of_square([small])
    assert width_of_square([large, small]) == with_small
    assert width_of_square([large]) == pytest.approx(with_small * 8 / 5)  # no font is chosen for it: any that has it
    assert width_of_square([find_font("large.ttf", tmp_path), small]) == width_of_square([large])
    assert undrawable(LETTERS + "果", [large, small]) == ["果"]


@pytest.mark.parametrize(
    ("name", "scripts"),
    [
        ("Arab", ("Arab",)),
        ("arabic", ("Arab",)),
        ("Canadian Aboriginal", ("Cans",)),
        ("Old_Italic", ("Ital",)),
        ("Hant", ("Hani",)),
        ("Jpan", ("Hani", "Hira", "Kana")),
    ],
)
def test_scripts_have_codes_and_names(name: str, scripts: tuple[str, ...]) -> None:
    assert scripts_named(name) == scripts


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Arabi", "did you mean 'Arabic' or 'Arab' or 'Armi'?"),
        ("Zyyy", "a code of ISO 15924 or Unicode's name is expected: Arab, Hans, Jpan, Devanagari"),
        ("🙂", "a code of ISO 15924 or Unicode's name is expected: Arab, Hans, Jpan, Devanagari"),
    ],
)
def test_an_unknown_script_is_told(name: str, hint: str) -> None:
    with pytest.raises(ProblemsFound) as found:
        scripts_named(name)
    assert str(found.value) == f"unknown script '{name}'; {hint}"


def test_signs_that_scripts_share_are_of_each() -> None:
    def has(script: str, sign: str) -> bool:
        return any(first <= ord(sign) <= last for first, last in characters_of([script]))

    assert all(has("Arab", sign) for sign in "سی،ً")
    assert all(has("Hani", sign) and has("Hira", sign) for sign in "、。")
    assert not any(has(script, letter) for script, letter in (("Hira", "苹"), ("Hebr", "س")))


def test_a_storyboard_names_a_font_for_each_script(tmp_path: Path) -> None:
    tiny_font(tmp_path / "tiny.ttf")
    board = written(tmp_path, {"s.yaml": BOARD})
    assert [font.scripts for font in open_storyboard(board).fonts] == [("Arab",), ("Hani",)]
    board.write_text(BOARD.replace("Arab:", "Arabi:").replace("Han:", "Hans: tiny.ttf, Hant:"))
    with pytest.raises(ProblemsFound) as found:
        open_storyboard(board)
    assert [f"{each.line}: {each}".replace(f"{board}:", "") for each in found.value.problems] == [
        "2: 2: font.Arabi: unknown script 'Arabi'; did you mean 'Arabic' or 'Arab' or 'Armi'?",
        "2: 2: font.Hant: 'Hant' and 'Hans' are written with the same letters; leave one of them out",
    ]


def test_names_on_a_sheet_are_set_in_it(tmp_path: Path) -> None:
    font = find_font("tiny.ttf", tiny_font(tmp_path / "tiny.ttf").parent)
    from io import BytesIO

    from PIL import Image

    picture = BytesIO()
    Image.new("RGB", (32, 18)).save(picture, "png")
    with_font, without = (draw_sheet([(LETTERS, picture.getvalue())], fonts=fonts) for fonts in ([font], []))
    assert with_font.tobytes() != without.tobytes()
    assert np.asarray(with_font.convert("L"))[380:].max() > 200


@pytest.mark.slow
def test_another_font_of_the_same_name_draws_anew(lecture: Lecture) -> None:
    tiny_font(lecture.folder / "tiny.ttf")
    lecture.change(lecture.storyboard, "model: fruit\n", "model: fruit\nfont: tiny.ttf\n")
    assert lecture.render() == 7
    assert lecture.plan() == {}
    tiny_font(lecture.folder / "tiny.ttf", side=700)
    [reason] = set(lecture.plan().values())
    assert re.fullmatch(r"font Tiny Han \w{16} → \w{16}", reason)
    shutil.move(lecture.folder / "tiny.ttf", lecture.folder / "other.ttf")
    with pytest.raises(ProblemsFound, match=r"board\.yaml:3: font: there is no font file 'tiny\.ttf'"):
        lecture.run("plan")
