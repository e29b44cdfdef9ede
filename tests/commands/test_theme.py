"""`theme:` and `--theme`: the colours of a storyboard, from its first line to the pixels of all that is published."""

from __future__ import annotations

import re
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from attnviz.input.problems import ProblemsFound
from attnviz.input.theme_names import THEME_NAMES
from attnviz.stage import theme
from attnviz.storyboard.schema import storyboard_schema
from attnviz.testing import rehearse

FOR_PAPER = ("model: fruit\n", "model: fruit\ntheme: print\n")


def rgb(color: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return red, green, blue


def picture(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def looks_of(pixels: np.ndarray) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the colour of the ground, and the one that is farthest from it."""
    ground = pixels[-1, 0].astype(int)
    every = pixels.reshape(-1, 3).astype(int)
    return tuple(ground.tolist()), tuple(every[np.abs(every - ground).sum(axis=1).argmax()].tolist())


def is_in(pixels: np.ndarray, name: str) -> bool:
    """Tell whether ground and digits are a theme's; digits are thin at this size, and mixed with the ground."""
    wanted = theme.THEMES[name]
    ground, farthest = looks_of(pixels)
    return ground == rgb(wanted.ground) and np.abs(np.subtract(farthest, rgb(wanted.ink))).max() < 60


@pytest.mark.slow
def test_a_storyboard_for_paper_is_white_with_dark_ink(new_lecture) -> None:
    printed = new_lecture
    printed.change(printed.storyboard, *FOR_PAPER)
    code, out, err = printed.finish(printed.start("render", "--stills", "--only", "words"))
    assert (code, err) == (0, ""), out
    stills = sorted((printed.film.parent / "stills").iterdir())
    assert len(stills) == 4
    assert all(looks_of(picture(still))[0] == (255, 255, 255) for still in stills)
    assert is_in(picture(printed.film.parent / "stills" / "words--small--show.png"), "print")
    sheet = picture(printed.film.parent / "sheet.png")
    assert tuple(sheet[0, 0]) == rgb(theme.THEMES["print"].surface)
    assert looks_of(sheet[-40:])[1] == rgb(theme.THEMES["print"].ink)  # the names below the pictures


def test_the_option_wins_and_both_stay_in_the_cache(lecture) -> None:
    printed = lecture
    printed.change(printed.storyboard, *FOR_PAPER)
    assert printed.render("--only", "1/1/1") == 1
    assert film_is_in(printed.film, "print")
    assert printed.plan("--only", "1/1/1", "--theme", "light") == {"words/small/show": "print theme → light theme"}
    assert printed.render("--only", "1/1/1", "--theme", "light") == 1
    assert film_is_in(printed.film, "light")
    for options in ((), ("--theme", "light"), ("--theme", "print")):
        assert printed.plan("--only", "1/1/1", *options) == {}
    assert printed.render("--only", "1/1/1") == 0  # written anew, from what is in the cache
    assert film_is_in(printed.film, "print")


def film_is_in(film: Path, name: str) -> bool:
    """Tell whether the last frame of a film has a theme's ground and ink, as far as a film keeps colours."""
    with av.open(str(film)) as opened:
        *_, last = opened.decode(video=0)
        ground, farthest = looks_of(last.to_ndarray(format="rgb24"))
    wanted = theme.THEMES[name]
    far = [
        np.abs(np.subtract(seen, rgb(color))).max() for seen, color in ((ground, wanted.ground), (farthest, wanted.ink))
    ]
    return far[0] < 4 and far[1] < 70


def test_plays_that_children_draw_are_in_the_theme(lecture) -> None:
    lecture.run("render", "--jobs", 4, "--theme", "light", "--only", "1/1/2")
    assert film_is_in(lecture.film, "light")


def test_figures_are_in_the_theme(lecture) -> None:
    folder = lecture.folder / "figures"
    lecture.run("figures", "--only", "1/1/1", "-o", folder, "--theme", "print")
    assert is_in(picture(folder / "words--small--show.png"), "print")
    svg = (folder / "words--small--show.svg").read_text()
    assert re.search('<rect [^>]*fill="(#ffffff|#fff|white)"', svg)
    assert theme.THEMES["print"].ink in svg
    assert theme.THEMES["dark"].ink not in svg


def test_what_is_drawn_on_nothing_has_the_ink_of_its_theme(lecture) -> None:
    lecture.run(
        "render", "--jobs", 2, "--format", "mov", "-o", lecture.film.parent, "--theme", "light", "--only", "1/1/1"
    )
    with av.open(str(lecture.film.with_suffix(".mov"))) as opened:
        *_, last = opened.decode(video=0)
        pixels = last.to_ndarray(format="rgba")
    assert pixels[-1, 0, 3] == 0
    line = pixels[len(pixels) // 4 :]  # without the title, which has a halo
    assert line[line[..., 3] > 200][:, :3].max() < 128  # digits, which are light in the dark theme


def test_pictures_of_two_models_lie_on_a_sheet_of_the_theme(lecture) -> None:
    other = lecture.model.with_name("other.yaml")
    other.write_text(lecture.model.read_text().replace("apple: [2, 2, 1]", "apple: [2, 2.5, 1]"))
    sheet = lecture.folder / "diff.png"
    only = ("--only", "1/1/1", "--theme", "print")
    lecture.run("diff", "--old", "fruit", "--new", "other", "--jobs", 2, "-o", sheet, *only)
    assert tuple(picture(sheet)[0, 0]) == rgb(theme.THEMES["print"].surface)
    assert tuple(picture(sheet)[300, 40]) == (255, 255, 255)


@pytest.mark.parametrize(
    ("given", "hint"),
    [("ligth", "; did you mean 'light'?"), ("solarized", "; expected one of: dark, light, print")],
)
def test_an_unknown_theme_is_told_with_what_there_is(new_lecture, given, hint) -> None:
    code, out, err = new_lecture.finish(new_lecture.start("plan", "--theme", given))
    assert (code, out, err) == (2, "", f"--theme {given}: there is no such theme{hint}\n")
    new_lecture.change(new_lecture.storyboard, "model: fruit\n", f"model: fruit\ntheme: {given}\n")
    code, out, err = new_lecture.finish(new_lecture.start("plan"))
    expected = f"theme: expected 'dark', 'light' or 'print', not '{given}'"
    assert (code, out) == (2, "")
    assert err == f"{new_lecture.storyboard}:3: {expected}{hint if 'mean' in hint else ''}\n"


def test_a_theme_is_text(new_lecture) -> None:
    new_lecture.change(new_lecture.storyboard, "model: fruit\n", "model: fruit\ntheme: [dark]\n")
    with pytest.raises(ProblemsFound, match="3: theme: expected 'dark', 'light' or 'print', not a list"):
        new_lecture.run("plan")


def test_editors_know_the_themes() -> None:
    assert storyboard_schema([])["properties"]["theme"]["enum"] == list(THEME_NAMES)


def test_storyboards_that_are_played_in_turn_have_their_own_colours(lecture) -> None:
    from attnviz.render.opening import open_storyboard

    text, before = lecture.storyboard.read_text(), theme.NAME
    for name in ("print", "dark", "light"):
        lecture.storyboard.write_text(text.replace("model: fruit\n", f"model: fruit\ntheme: {name}\n"))
        rehearse(open_storyboard(lecture.storyboard), ["1/1/1"])
        assert before == theme.NAME
        lecture.run("render", "--stills", "--jobs", 1, "--only", "1/1/1")
        assert is_in(picture(lecture.film.parent / "stills" / "words--small--show.png"), name)
