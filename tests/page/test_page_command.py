"""`attnviz page`, and `--page` of others, as a person calls them: what is refused, and where things go."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from attnviz.cli import app
from attnviz.input.problems import ProblemsFound
from attnviz.page.packing import unpacked
from tests.conftest import Lecture
from tests.page.conftest import QUICKSTART


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("page", "-o", "lecture.mp4"), "--output lecture.mp4: a page is a folder; name a folder"),
        (("render", "--page", "-s"), "a page shows a film; leave out -s and --stills"),
        (("render", "--page", "--stills"), "a page shows a film; leave out -s and --stills"),
        (
            ("render", "--page", "--format", "mov"),
            "--format mov: browsers do not play it on a page; expected one of mp4, webm",
        ),
    ],
)
def test_what_no_page_can_show_is_refused(
    arguments: tuple[str, ...], problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, [*arguments, str(QUICKSTART)])
    assert isinstance(result.exception, ProblemsFound)
    assert [str(each) for each in result.exception.problems] == [problem]
    assert not list(tmp_path.glob("*.mp4"))


@pytest.mark.parametrize("name", ["index.html", "data.js", "page.css", "model.js", "lecture.numbers.csv"])
def test_a_folder_where_a_file_of_the_page_goes_is_told_of_before_anything_is_drawn(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "page" / name).mkdir(parents=True)
    result = CliRunner().invoke(app, ["page", str(QUICKSTART), "-o", "page"])
    assert isinstance(result.exception, ProblemsFound)
    assert str(result.exception) == f"cannot write 'page/{name}': it is a folder; choose another place"
    assert [path.name for path in (tmp_path / "page").iterdir()] == [name]


@pytest.mark.slow
def test_beside_a_film_its_page_is_a_folder_that_needs_nothing_else(
    new_lecture: Lecture, traces_made_here: None
) -> None:
    said = new_lecture.run("render", "--page")
    folder = new_lecture.film.parent / "lecture.page"
    assert said.splitlines()[-1] == f"{folder / 'index.html'}: its page"
    for name in ("lecture.mp4", "lecture.vtt", "lecture.srt", "lecture.numbers.json"):
        assert (folder / name).read_bytes() == (new_lecture.film.parent / name).read_bytes()
    known = unpacked((folder / "data.js").read_text())
    assert [chapter["title"] for chapter in known["chapters"]] == ["Words", "Heads"]
    assert [shot["name"] for shot in known["shots"]] == list(Lecture.shots)
    new_lecture.change(new_lecture.storyboard, "The apple stands here.", "Here stands the apple.")
    new_lecture.run("render", "--page")
    known = unpacked((folder / "data.js").read_text())
    assert [said["text"] for said in known["shots"][0]["said"]] == ["Here stands the apple."]
    assert (folder / "lecture.vtt").read_bytes() == new_lecture.film.with_suffix(".vtt").read_bytes()
