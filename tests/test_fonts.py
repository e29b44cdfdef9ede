"""Fonts that a storyboard names: found, used for what the built-in ones lack and nothing else, and in the keys."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from fonts import LETTERS, tiny_font

from attnviz.input.fonts import find_font
from attnviz.input.problems import ProblemsFound
from attnviz.publish.sheet import draw_sheet
from attnviz.stage.typesetting import formula, prose
from attnviz.testing import undrawn
from tests.conftest import Lecture


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
