"""A lecture as slides: the folder that is written, its clips, and what manim-slides reads."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from attnviz.input.problems import ProblemsFound
from attnviz.slides.deck import Deck, Slide, data_script, file_names, manim_slides, page
from tests.commands.test_spoken import RATE, SPOKEN, loud, sound_of
from tests.conftest import SHOTS, Lecture

HOSTILE = "</p></script><script>alert(1)</script><img src=x onerror=alert(1)> & {{ deck }} \"quoted\" 'so'"


@pytest.fixture
def deck(lecture: Lecture) -> Path:
    folder = lecture.folder / "deck"
    lecture.run("slides", "-o", folder)
    return folder


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as film:
        return [bytes(packet) for packet in film.demux(video=0) if packet.size]


def clips(folder: Path) -> list[Path]:
    return sorted((folder / "clips").iterdir())


def test_every_shot_is_a_clip_and_one_after_the_other_they_are_the_film_not_encoded_again(lecture, deck):
    assert [path.stem.partition("-")[2] for path in clips(deck)] == [name.rpartition("/")[2] for name in SHOTS]
    assert [packet for clip in clips(deck) for packet in packets(clip)] == packets(lecture.film)


def test_stills_are_the_pictures_in_which_shots_end(lecture, deck):
    for clip, still in zip(clips(deck), sorted((deck / "stills").iterdir()), strict=True):
        with av.open(str(clip)) as film, Image.open(still) as small:
            *_, end = film.decode(video=0)
            assert small.size == (480, 270)
            expected = np.asarray(end.to_image().resize(small.size), float)
            assert np.abs(np.asarray(small.convert("RGB"), float) - expected).mean() < 4


def test_manim_slides_finds_its_clips_from_the_folder_above(lecture, deck):
    presentation = json.loads((deck / "slides" / "board.json").read_text())
    assert presentation["resolution"] == [320, 180]
    assert re.fullmatch("#[0-9a-f]{6}", presentation["background_color"])
    assert [deck / slide["file"] for slide in presentation["slides"]] == clips(deck)
    assert [slide["notes"] for slide in presentation["slides"]] == ["The apple stands here.", *[""] * 6]


def test_manim_slides_itself_reads_it(deck):
    config = pytest.importorskip("manim_slides.config", reason="manim-slides is not installed")
    presentation = config.PresentationConfig.from_file(deck / "slides" / "board.json")
    assert [slide.file for slide in presentation.slides] == clips(deck)
    assert [slide.rev_file for slide in presentation.slides] == clips(deck)
    assert {slide.type for slide in presentation.slides} == {config.SlideType.Video}


def test_a_deck_is_left_alone_until_something_changes_and_then_nothing_old_is_left(lecture, deck):
    assert lecture.run("slides", "-o", deck).startswith(f"up to date: {deck / 'index.html'}: 7 slides, ")
    (deck / "clips" / "mine.mp4").write_text("a lecturer's own")
    (deck / "stills" / "01-mine.webp").mkdir()
    before = {path: path.stat().st_mtime_ns for path in deck.rglob("*.mp4")}
    lecture.change(lecture.storyboard, "          - move:\n", "")
    assert lecture.run("slides", "-o", deck).startswith(f"wrote {deck / 'index.html'}: 6 slides, ")
    names = [path.name for path in clips(deck)]
    assert names == ["01-show.mp4", "02-wipe.mp4", *names[2:]]
    assert (len(names), names[-1]) == (7, "mine.mp4")
    assert len(list((deck / "stills").glob("*-*.webp"))) == 6 + 1
    assert (deck / "stills" / "01-mine.webp").is_dir()  # a folder is none of ours, whatever its name
    assert deck / "clips" / "mine.mp4" in before


def test_shots_that_a_film_has_are_not_drawn_again_and_parts_can_be_chosen(lecture):
    folder = lecture.folder / "part"
    told = lecture.run("slides", "-o", folder, "--only", "heads")
    assert re.search(r": 3 slides, \d+:\d\d, [\d.]+ MB, 0 drawn$", told.strip())
    assert [path.name for path in clips(folder)] == ["01-meaning.mp4", "02-wipe.mp4", "03-grammar.mp4"]


def test_what_browsers_do_not_play_is_refused(lecture):
    from attnviz.commands._options import film_format
    from attnviz.render.opening import open_storyboard
    from attnviz.render.run import Wish
    from attnviz.slides.make import make_slides

    wish = Wish(film_format("l", kind="gif"), lecture.cache)
    with pytest.raises(ProblemsFound, match="slides cannot be of gif; choose mp4 or webm"):
        make_slides(open_storyboard(lecture.storyboard), wish, lecture.folder / "deck")


@pytest.mark.slow
def test_a_clip_speaks_its_piece_when_its_captions_stand_there(tmp_path, traces_made_here, monkeypatch):
    pytest.importorskip("hibari")
    monkeypatch.setenv("ATTNVIZ_VOICE", "hibari")
    spoken = Lecture(tmp_path / "spoken", SPOKEN)
    spoken.run("slides", "-o", tmp_path / "deck")
    data = json.loads((tmp_path / "deck" / "data.js").read_text().removeprefix("window.deck = ").rstrip(";\n"))
    show, move, wipe = data["slides"]
    assert "with sound" in (tmp_path / "deck" / "index.html").read_text()
    assert show["captions"][0][2].startswith("This is an apple")
    assert move["captions"][-1][2] == "Now it moves."
    assert wipe["captions"] == []
    for slide in (show, move):
        sound = sound_of(tmp_path / "deck" / slide["clip"])
        for start, end, _ in slide["captions"]:
            assert 0 <= start < end <= len(sound) / RATE + 0.1
            assert loud(sound, start, end) > 0.02


class Tags(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


def test_hostile_text_stays_text():
    [names] = file_names(["a/b/c"], ".mp4")
    slide = Slide("a/b/c", HOSTILE, *names, HOSTILE, 1.0, ())
    made = Deck(HOSTILE, "en", (320, 180), "#000000", True, (slide,))
    tags = Tags(page(made))
    assert [attributes.get("src") for tag, attributes in tags.tags if tag == "script"] == ["data.js", "slides.js"]
    assert [attributes["src"] for tag, attributes in tags.tags if tag == "img"] == ["stills/01-c.webp"]
    assert not any(name.startswith("on") for _, attributes in tags.tags for name in attributes)
    assert (
        tags.text.count(HOSTILE) == 6
    )  # twice the title of the page, its heading, the chapter, what is said, on paper
    assert json.loads(data_script(made).removeprefix("window.deck = ").rstrip(";\n"))["slides"][0]["chapter"] == HOSTILE
    assert json.loads(manim_slides(made))["slides"][0]["notes"] == HOSTILE


def test_names_sort_as_slides_follow_each_other():
    names = [clip for clip, _ in file_names([f"a/b/shot-{n}" for n in range(120)], ".webm")]
    assert names == sorted(names)
    assert names[0] == "clips/001-shot-0.webm"
