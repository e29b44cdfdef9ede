"""`attnviz clip`, as a person calls it."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import av
import pytest
from click.testing import CliRunner, Result

from attnviz.cli import app
from attnviz.input.problems import ProblemsFound
from attnviz.page.packing import unpacked
from attnviz.publish.lecture import BESIDE
from tests.conftest import ROOT

TINY = ("--resolution", "128,72", "--fps", "5", "--cache", "cache", "--jobs", "1")
PLAIN = """\
about: The tokens, and no more
title: ${short}
model: ${model}
chapters:
  - title: ${short}
    scenes:
      - scene: attention_table
        focus: ${word}
        sentence: ${sentence}
        shots:
          - show_sentence:
            say: “${word}” is moved farthest.
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, traces_made_here: None) -> Path:
    """A folder of one's own, with a template of one short shot."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "plain.yaml").write_text(PLAIN)
    return tmp_path


def called(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["clip", *map(str, arguments)], catch_exceptions=False)


def test_the_templates_are_listed_with_their_parameters(here: Path) -> None:
    text = PLAIN.replace("title:", "parameters: {much: {type: number, default: 3, about: how much}}\ntitle:", 1)
    (here / "clips" / "mine.yaml").write_text(text)
    listed = called("--list").output
    assert re.findall(r"^(\w+)", listed, re.MULTILINE)[:2] == ["mine", "plain"]
    assert re.search(r"^pull +What one word takes", listed, re.MULTILINE)
    assert re.search(r"^ +--set much=3 +how much \(number\)$", listed, re.MULTILINE)


def test_only_the_storyboard_is_written(here: Path) -> None:
    done = called(
        "an apple and an orange", "--model", "fruit_and_tech", "--storyboard", "mine.yaml", "--cache", "cache"
    )
    assert (done.output, done.exit_code) == ("wrote mine.yaml\n", 0)
    assert {path.name for path in here.iterdir()} == {"mine.yaml", "cache", "clips"}


def test_a_file_of_ones_own_is_not_written_over(here: Path) -> None:
    (here / "film.yaml").write_text("title: mine")
    board = ("an apple and an orange", "--model", "fruit_and_tech")
    for place in (("--storyboard", "film.yaml"), ("-o", "film.mp4")):
        with pytest.raises(ProblemsFound, match=r"^film\.yaml: a storyboard of a clip would be written here"):
            called(*board, *place, "--cache", "cache")
    assert (here / "film.yaml").read_text() == "title: mine"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Give a sentence, or --batch FILE."),
        (["an apple", "--batch", "b.csv"], "Give a sentence, or --batch FILE."),
        (["an apple", "--set", "x"], "--set x: there is no value; write it like --set name=value"),
        (["--batch", "b.csv", "-o", "film.mp4"], "the clips of a batch go into a folder"),
        (["an apple", "--page", "--stills"], "--page shows a film: leave out --storyboard, -s and --stills."),
        (["--batch", "b.csv"], "b.csv: there is no such file"),
        (["--batch", "b.csv", "--storyboard", "x.yaml"], "--storyboard writes one: a batch has one beside every clip."),
    ],
)
def test_what_is_asked_for_in_a_wrong_way(here: Path, arguments: list[str], told: str) -> None:
    try:
        assert told in called(*arguments).output
    except ProblemsFound as found:
        assert told in str(found)


@pytest.mark.slow
def test_a_clip_lies_beside_its_storyboard_which_makes_it_again(here: Path) -> None:
    done = called("an apple and an orange", "--model", "fruit_and_tech", "--template", "plain", *TINY, "-o", "film")
    assert done.exit_code == 0
    assert {path.suffix for path in (here / "film").iterdir()} == {".mp4", ".srt", ".vtt", ".json", ".yaml"}
    numbers = json.loads((here / "film" / "clip.numbers.json").read_text())
    assert numbers["shots"][0]["narration"] == "“orange” is moved farthest."
    again = CliRunner().invoke(app, ["render", "film/clip.yaml", *TINY, "-o", "film/clip.mp4"], catch_exceptions=False)
    assert again.output.startswith("up to date: film/clip.mp4")


@pytest.fixture
def aloud(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have clips spoken by hibari, which is not asked in other tests."""
    pytest.importorskip("hibari")
    monkeypatch.setenv("ATTNVIZ_VOICE", "hibari")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def has_sound(film: Path) -> bool:
    with av.open(str(film)) as opened:
        return bool(opened.streams.audio)


@pytest.mark.slow
@pytest.mark.parametrize(("word", "told"), [("ornament", ""), ("слово", "silent: the voice cannot say 'слово'\n")])
def test_where_there_is_a_word_that_the_voice_cannot_say_nobody_speaks(
    here: Path, aloud: None, word: str, told: str
) -> None:
    own = f"{PLAIN}          - show_similarity:\n            say: “{word}”, then.\n"
    (here / "clips" / "plain.yaml").write_text(own)
    asked = ("an apple and an orange", "--model", "fruit_and_tech", "--template", "plain", *TINY, "-o", "film.mp4")
    for summary in ("wrote film.mp4", "up to date: film.mp4"):
        done = called(*asked)
        assert done.exit_code == 0
        assert done.stdout.startswith(summary)
        assert done.stderr == told
    assert has_sound(here / "film.mp4") is not bool(told)
    captions = (here / "film.vtt").read_text()
    assert "“orange” is moved farthest." in captions
    assert f"“{word}”, then." in captions


@pytest.mark.slow
def test_a_batch_tells_in_which_of_its_clips_nobody_speaks(here: Path, aloud: None) -> None:
    options = "\n              - {when: '${tokens} == 1', say: слово}\n              - say: “${word}”"
    own = PLAIN.replace(" “${word}”", options)
    (here / "clips" / "plain.yaml").write_text(own)
    (here / "b.txt").write_text("apple\nan apple\n")
    done = called("--batch", "b.txt", "--model", "fruit_and_tech", "--template", "plain", *TINY, "-o", "all")
    (silent, spoken) = sorted((here / "all").glob("*.mp4"), key=has_sound)
    assert not has_sound(silent)
    assert has_sound(spoken)
    assert done.stderr == f"{silent.stem}: silent: the voice cannot say 'слово'\n"


def links_of(page: Path) -> list[str]:
    links = [html.unescape(link) for link in re.findall(r'(?:src|href|poster)="([^"]+)"', page.read_text())]
    return [link for link in links if not link.startswith("data:")]  # captions are in the page


@pytest.mark.slow
def test_a_clip_has_a_page_with_what_its_metadata_say(here: Path) -> None:
    done = called(
        "an apple & an orange", "--model", "fruit_and_tech", "--template", "plain", *TINY, "--page", "-o", "film.mp4"
    )
    assert done.output.splitlines()[-1] == "film.page/index.html: its page"
    folder = here / "film.page"
    for link in filter(lambda link: not link.startswith("#"), links_of(folder / "index.html")):
        assert (folder / link).is_file(), link
    with av.open(str(folder / "film.mp4")) as film:
        about = film.metadata["comment"]
    assert "model fruit_and_tech; the word “orange”" in about
    known = unpacked((folder / "data.js").read_text())
    assert (known["title"], known["about"]) == ("an apple & an orange", about)
    assert "<title>an apple &amp; an orange</title>" in (folder / "index.html").read_text()


@pytest.mark.slow
def test_a_batch_makes_what_it_can_and_when_it_is_run_again_only_what_is_new(here: Path) -> None:
    rows = 'sentence,name\n"an apple and an orange",one\nan unknown word,two\n"<b>an</b> apple & phone",three\n'
    (here / "b.csv").write_text(rows.replace("<b>an</b>", "an"))
    batch = ("--batch", "b.csv", "--model", "fruit_and_tech", "--template", "plain", *TINY, "-o", "all")
    with pytest.raises(ProblemsFound) as found:
        called(*batch)
    assert [(problem.file, problem.line) for problem in found.value.problems] == [(Path("b.csv"), 3)] * 2
    assert {path.name for path in (here / "all").glob("*.*")} >= {"one.mp4", "three.png", "index.html", "sheet.png"}
    page = here / "all" / "index.html"
    assert re.findall(r'<video [^>]*src="([^"]+)"', page.read_text()) == ["one.mp4", "three.mp4"]
    for link in links_of(page):
        assert (here / "all" / link).is_file()
    (here / "b.csv").write_text("sentence,name\nan apple and an orange,one\nan apple phone,four\n")
    done = called(*batch)
    assert (done.exit_code, done.output) == (0, "all/index.html: 2 of 2 clips, 1 of them new\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("option", "of_each"),
    [
        ("--sheet", {".mp4", *BESIDE, ".png", ".yaml", ".sheet.png"}),
        ("--stills", {".png", ".yaml", ".sheet.png", ".stills"}),
        ("-s", {".png", ".yaml"}),
    ],
)
def test_each_clip_of_a_batch_has_what_a_single_one_would_have(here: Path, option: str, of_each: set[str]) -> None:
    (here / "b.csv").write_text("sentence,name\nan apple and an orange,one\nan apple phone,two\n")
    batch = ("--batch", "b.csv", "--model", "fruit_and_tech", "--template", "plain", *TINY, "-o", "all", option)
    assert called(*batch).output == "all/index.html: 2 of 2 clips, 2 of them new\n"
    expected = {f"{name}{suffix}" for name in ("one", "two") for suffix in of_each}
    assert {path.name for path in (here / "all").iterdir()} == expected | {"index.html", "sheet.png"}
    for link in (links := links_of(here / "all" / "index.html")):
        assert (here / "all" / link).is_file(), link
    assert {"one.png", "two.yaml"} <= {*links}
    assert ("two.sheet.png" in links) == (".sheet.png" in of_each)
    stills = [*(here / "all").glob("*.stills/*.png")]
    assert len(stills) == (2 if option == "--stills" else 0)
    for still in stills:  # of one shot, which is the last
        assert still.read_bytes() == (here / "all" / f"{still.parent.stem}.png").read_bytes()
