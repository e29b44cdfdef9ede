"""Scenes that share a board: what stands there goes over, and nothing depends on which shots are rendered together."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from attnviz.input.problems import ProblemsFound
from attnviz.render.cluster.jobs import do_job, jobs_of
from attnviz.render.film.format import FilmFormat
from attnviz.render.opening import open_storyboard
from attnviz.render.run import Wish, chosen_scenes, open_work
from attnviz.render.shots.selection import select
from attnviz.testing import rehearse
from tests.conftest import Here, Lecture

STORYBOARD = """\
title: A board
model: fruit
words_per_minute: 400
chapters:
  - title: One
    scenes:
      - {scene: small, board: main, sentence: apple orange, shots: [show: apple]}
  - title: Two
    scenes:
      - {scene: other, board: main, words: [orange, apple], shots: [greet: apple, point: ]}
      - {scene: other, words: [orange, apple], shots: [greet: apple]}
  - title: Three
    scenes:
      - {scene: small, board: main, sentence: apple orange, shots: [move: , show: orange]}
"""
SMALL = '''\
"""A number."""

from manim import UP, FadeIn

from attnviz.stage import Stage, Word, leaves, needs


class Small(Stage):
    """Numbers of words."""

    def setup(self) -> None:
        """Start with an empty stage."""
        self.line = None

    @leaves("number")
    def show(self, word: Word) -> None:
        """Show a number of a word."""
        new = self.formula("{w} {f}", words={"w": "of"}, f=self.number("embeddings", token=word, d_model="size"))
        if self.line:
            self.remove(self.line)
        self.line = new.shift(UP)
        self.play(FadeIn(self.line), run_time=0.4)

    @needs("number", say="there is no number to move; show one")
    def move(self) -> None:
        """Move the number."""
        self.play(self.line.animate.shift(UP), run_time=0.4)
'''
OTHER = '''\
"""A word."""

from manim import DOWN

from attnviz.stage import Stage, Word


class Other(Stage):
    """Words, which may come from the board."""

    def greet(self, word: Word) -> None:
        """Show a word, from where it stands, if it does."""
        self.word = self.prose(word, own=True)
        self.play(self.arrival(word, self.word), run_time=0.4)

    def point(self) -> None:
        """Move the word down."""
        self.play(self.word.animate.shift(2 * DOWN), run_time=0.4)
'''


@pytest.fixture
def lecture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lecture:
    monkeypatch.setattr("attnviz.render.traces.library.TraceProcess", Here)
    made = Lecture(tmp_path / "a", storyboard=STORYBOARD, scene=SMALL)
    (made.scene.parent / "other.py").write_text(OTHER)
    return made


def digests(lecture: Lecture, only: str) -> dict[str, str]:
    """Render some stills, and return the digest of each."""
    folder = lecture.folder / "stills"
    lecture.run("render", "--stills", "-o", folder, "--only", only)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted((folder / "stills").glob("*"))}


def test_scenes_of_a_board_are_found_and_what_they_need_is_kept(lecture: Lecture) -> None:
    scenes = select(open_storyboard(lecture.storyboard), ["three"])
    assert [(scene.name, scene.after, scene.resumes) for scene in scenes] == [
        ("one/small", "", ""),
        ("two/other", "one/small", ""),
        ("three/small", "two/other", "one/small"),
    ]
    assert [shot.name for scene in scenes for shot in scene.shots if shot.wanted] == [
        "three/small/move",
        "three/small/show",
    ]


def test_a_scene_goes_on_where_the_last_of_its_kind_left_off(lecture: Lecture) -> None:
    shots = rehearse(open_storyboard(lecture.storyboard))
    texts = {shot.name: [receipt.text for receipt in shot.receipts if receipt.end] for shot in shots}
    assert texts["one/small/show"] == ["1.00"]
    assert texts["two/other/greet"] == texts["two/other/point"] == []  # what another scene left has gone
    assert texts["three/small/move"] == ["1.00"]  # and is back, with its receipt
    assert texts["three/small/show"][-1] == "2.00"


def test_what_can_follow_is_checked_over_the_whole_board(lecture: Lecture) -> None:
    assert len(list(open_storyboard(lecture.storyboard).shots())) == 6
    lecture.change(
        lecture.storyboard,
        "small, board: main, sentence: apple orange, shots: [move",
        "small, words: [apple, orange], shots: [move",
    )
    with pytest.raises(ProblemsFound, match=r"board.yaml:14: there is no number to move; show one"):
        open_storyboard(lecture.storyboard)


@pytest.mark.slow
def test_a_picture_does_not_depend_on_what_else_is_rendered(lecture: Lecture, tmp_path: Path) -> None:
    alone = Lecture(tmp_path / "b", storyboard=STORYBOARD, scene=SMALL)
    (alone.scene.parent / "other.py").write_text(OTHER)
    [(name, digest)] = digests(alone, "three/small/show").items()
    assert digests(lecture, "three")[name] == digest
    lecture.render()
    assert lecture.plan() == {}
    assert lecture.render() == 0


@pytest.mark.slow
def test_a_change_reaches_the_scenes_that_take_it_over(lecture: Lecture) -> None:
    assert lecture.render() == 6
    lecture.change(
        lecture.storyboard,
        "board: main, sentence: apple orange, shots: [show: apple]",
        "board: main, sentence: apple orange, shots: [show: orange]",
    )
    plan = lecture.plan()
    assert plan["one/small/show"] == "word: apple → orange"
    for shot in ("two/other/greet", "three/small/move"):
        assert plan[shot] == "it begins with what show leaves: word: apple → orange"
    assert "two/other-2/greet" not in plan  # it is on no board


@pytest.mark.slow
def test_a_worker_elsewhere_plays_what_stood_on_the_board_before(lecture: Lecture, tmp_path: Path) -> None:
    opened = open_storyboard(lecture.storyboard)
    wish = Wish(FilmFormat(320, 180, 10), lecture.cache, only=("three/small/show",))
    work = open_work(opened, wish, chosen_scenes(opened, wish))
    [job] = jobs_of(work, work.unmade(), 1)
    assert [part.scene.name for part in job.scenes] == ["one/small", "two/other", "three/small"]
    assert do_job(job, 1).problems == ()
    assert work.followed().unmade() == []
