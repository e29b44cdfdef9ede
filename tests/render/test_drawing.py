"""Drawing by forked children: crashes, hangs, refusals, and the bytes that don't depend on how many there are."""

import os

import pytest

from attnviz.input.problems import ProblemsFound
from attnviz.render.shots import children, renderer

pytestmark = pytest.mark.slow

# Run where a shot is drawn, in the child alone: where it is played undrawn, no segments are wanted.
ONLY_DRAWN = "if self.renderer.segments is not None and not HERE.with_name('{name}').exists():\n            "
ONCE = ONLY_DRAWN + "HERE.with_name('{name}').touch()\n            "
HEAD = "import os, pathlib, signal, threading\n\nHERE = pathlib.Path(__file__)\n"


def hurt(lecture, what, name="done", guard=ONCE):
    """Have the verb `move` do something before it plays."""
    lecture.change(lecture.scene, '"""A small scene."""\n', f'"""A small scene."""\n\n{HEAD}')
    verb = '"""Move the number."""\n        '
    lecture.change(lecture.scene, verb, verb + guard.format(name=name) + what + "\n        ")


@pytest.fixture
def short_patience(monkeypatch):
    defaults = children.Children.__init__.__defaults__
    monkeypatch.setattr(children.Children.__init__, "__defaults__", (*defaults[:-1], 3.0))


CRASHES = {
    "killed": ("os.kill(os.getpid(), signal.SIGKILL)", r"the process was ended by SIGKILL \(out of memory\? try fewer --jobs\)"),
    "ended": ("os._exit(7)", "the process ended with status 7"),
    "stuck": ("threading.Event().wait()", "it stood still for 3 s"),
}  # fmt: skip


@pytest.mark.parametrize("crash", CRASHES)
def test_what_goes_wrong_once_is_tried_again(lecture, short_patience, crash):
    lecture.run("render")
    hurt(lecture, CRASHES[crash][0])
    assert lecture.render() == 7
    assert lecture.plan() == {}
    assert lecture.scene.with_name("done").exists()


@pytest.mark.parametrize("crash", CRASHES)
def test_what_goes_wrong_again_is_named_and_the_others_are_kept(lecture, short_patience, crash):
    hurt(lecture, CRASHES[crash][0], guard=ONLY_DRAWN)
    before = lecture.files()
    with pytest.raises(ProblemsFound, match=rf"drawing words/small/move failed twice: {CRASHES[crash][1]}; ") as found:
        lecture.render()
    assert len(found.value.problems) == 1
    assert lecture.files() == before
    assert list(lecture.plan()) == ["words/small/move"]
    lecture.scene.with_name("done").touch()
    assert lecture.render() == 1


def test_two_shots_that_fail_are_both_named(lecture):
    hurt(lecture, "os._exit(1)", guard=ONLY_DRAWN)
    lecture.change(
        lecture.storyboard, "          - wipe:\n", "          - move:\n            id: again\n          - wipe:\n"
    )
    with pytest.raises(ProblemsFound) as found:
        lecture.render()
    assert [str(problem).split()[1] for problem in found.value.problems] == ["words/small/move", "words/small/again"]


def test_a_refusal_in_a_verb_stops_at_once_with_its_place(lecture):
    hurt(lecture, "1 / 0", guard=ONLY_DRAWN)
    with pytest.raises(
        ProblemsFound, match=r"small\.py:\d+: ZeroDivisionError: division by zero, while playing words/small/move"
    ):
        lecture.render()


def test_a_play_of_a_shot_that_goes_wrong_is_told_with_the_shot(lecture, monkeypatch):
    monkeypatch.setattr(renderer.ShotSegments, "_draw_to", lambda *arguments: os._exit(9))
    lecture.change(lecture.storyboard, "stands here.", "stands here, where apples stand.")
    with pytest.raises(ProblemsFound, match=r"drawing words/small/show failed twice: .*ended with status 9"):
        lecture.run("render", "--jobs", 3)


def test_the_bytes_do_not_depend_on_the_number_of_children(lecture):
    """With more jobs than shots, plays of one shot are drawn beside one another."""
    films = []
    for jobs in (1, 2, 30):
        lecture.cache = lecture.folder / f"cache-{jobs}"
        assert "7 drawn" in lecture.run("render", "--jobs", jobs)
        films.append(lecture.files())
    assert films[0] == films[1] == films[2]


def test_force_draws_all_anew_and_alike(lecture):
    before = lecture.files()
    assert lecture.render("--force") == 7
    assert lecture.files() == before
    assert lecture.render() == 0


def test_pictures_are_drawn_when_they_are_wanted_and_kept(lecture):
    out = lecture.run("render", "--stills")
    assert "7 drawn" in out
    assert lecture.plan() == {}
    assert len(list((lecture.film.parent / "stills").iterdir())) == 7
    assert "0 drawn" in lecture.run("render", "--stills")
    lecture.change(lecture.model, "apple: [2, 2, 1]", "apple: [2, 2.2, 1]")
    stills = {path.name: path.read_bytes() for path in (lecture.film.parent / "stills").iterdir()}
    lecture.run("render", "--stills")
    changed = {
        path.name for path in (lecture.film.parent / "stills").iterdir() if path.read_bytes() != stills[path.name]
    }
    assert changed == {"words--small--show.png", "words--small--move.png"}
