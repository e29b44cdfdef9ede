"""`attnviz figures`: moments of a storyboard as PNG, SVG and PDF, named by chapter and shot."""

import re

import pytest
from PIL import Image

from attnviz.input.problems import ProblemsFound


@pytest.fixture
def folder(lecture):
    return lecture.folder / "figures"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_last_frame_of_every_shot_is_a_figure(lecture, folder):
    out = lecture.run("figures", "--only", "words", "-o", folder)
    assert out.splitlines()[-1] == f"4 figures written to {folder}"
    shots = ("show", "move", "wipe", "orange")
    assert names(folder) == sorted(f"words--small--{shot}.{kind}" for shot in shots for kind in ("pdf", "png", "svg"))
    with Image.open(folder / "words--small--show.png") as picture:
        assert picture.size == (320, 180)
        assert picture.text["Description"].startswith("Show: apple.")
    svg = (folder / "words--small--show.svg").read_text()
    assert "<title>words/small/show</title>" in svg
    seen = "Show: apple. On screen, of embeddings: 2.00 for apple and fruitness."
    assert re.findall("<desc>(.*)</desc>", svg) == [seen]
    assert "<path" in svg
    assert (folder / "words--small--show.pdf").read_bytes().startswith(b"%PDF")


def test_only_changed_figures(lecture, folder):
    lecture.run("figures", "-o", folder, "--as", "svg")
    lecture.change(lecture.model, "apple: [2, 2, 1]", "apple: [2, 2.5, 1]")
    out = lecture.run("figures", "-o", folder, "--as", "svg", "--changed")
    assert [line.rpartition("/")[2] for line in out.splitlines()[:-1]] == [
        "words--small--show.svg",
        "words--small--move.svg",
    ]
    assert out.splitlines()[-1] == f"2 figures written to {folder}, 5 unchanged"
    (folder / "words--small--wipe.svg").unlink()
    assert "1 figure written" in lecture.run("figures", "-o", folder, "--as", "svg", "--changed")


def test_a_read_only_folder_in_which_no_figure_has_changed_is_used(lecture, folder, read_only):
    refused = "^cannot write to '.*figures': (Read-only file system|Permission denied); choose another place"
    export = ("figures", "--only", "words", "-o", folder, "--as", "svg")
    lecture.run(*export)
    read_only(folder)
    assert lecture.run(*export, "--changed").endswith(f"0 figures written to {folder}, 4 unchanged\n")
    with pytest.raises(ProblemsFound, match=refused):
        lecture.run(*export)
    lecture.change(lecture.model, "apple: [2, 2, 1]", "apple: [2, 2.5, 1]")
    with pytest.raises(ProblemsFound, match=refused):
        lecture.run(*export, "--changed")


def test_moments_that_the_storyboard_names(lecture, folder):
    lecture.change(lecture.storyboard, "          - move:\n", "          - move:\n            figure: {moved: 1}\n")
    lecture.change(
        lecture.storyboard, "            id: grammar\n", "            id: grammar\n            figure: the-weight\n"
    )
    lecture.run("figures", "-o", folder, "--as", "png")
    assert names(folder) == ["heads--the-weight.png", "words--moved.png"]


def test_a_moment_that_never_comes(lecture, folder):
    lecture.change(lecture.storyboard, "          - move:\n", "          - move:\n            figure: {later: 3}\n")
    with pytest.raises(
        ProblemsFound, match=r"board\.yaml:12: figure 'later': the shot has only 1 play; count the plays"
    ):
        lecture.run("figures", "-o", folder)
    assert names(folder) == []


def test_kinds_of_files_that_are_not_made(lecture, folder):
    with pytest.raises(ProblemsFound, match="--as svg,jpg: there is no 'jpg'; expected some of png, svg, pdf"):
        lecture.run("figures", "-o", folder, "--as", "svg,jpg")
