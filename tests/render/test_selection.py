"""Names of shots, and `--only`."""

from pathlib import Path

import pytest

from attnviz.input.problems import ProblemsFound
from attnviz.model.interface import View
from attnviz.render.shots.selection import select, slug
from attnviz.storyboard.types import Chapter, SceneSpec, Shot, Storyboard


def scene(name, *shots):
    made = tuple(Shot(id=shot, verb=shot, arguments={}, narration=(), hold=0.0, line=1) for shot in shots)
    return SceneSpec(name, Path(f"{name}.py"), "X", "Title", "model", "exact", (), None, made, (), 1, View())


BOARD = Storyboard(
    Path("a.yaml"),
    "Lecture",
    "model",
    "exact",
    2,
    "en",
    150,
    (
        Chapter("One word, two meanings", (scene("plane", "show", "pull", "pull-2"), scene("table", "show")), 1),
        Chapter("Heads", (scene("plane", "show"), scene("plane", "show", "split")), 1),
    ),
)


def wanted(*only):
    return [shot.name for scene in select(BOARD, only) for shot in scene.shots if shot.wanted]


def test_every_shot_has_a_name_of_its_own():
    assert wanted() == [
        "one-word-two-meanings/plane/show",
        "one-word-two-meanings/plane/pull",
        "one-word-two-meanings/plane/pull-2",
        "one-word-two-meanings/table/show",
        "heads/plane/show",
        "heads/plane-2/show",
        "heads/plane-2/split",
    ]


@pytest.mark.parametrize(
    ("only", "names"),
    [
        (["heads"], ["heads/plane/show", "heads/plane-2/show", "heads/plane-2/split"]),
        (["2/2"], ["heads/plane-2/show", "heads/plane-2/split"]),
        (["1/table"], ["one-word-two-meanings/table/show"]),
        (["2/plane-2/2", "1/1/1"], ["one-word-two-meanings/plane/show", "heads/plane-2/split"]),
    ],
)
def test_only_takes_names_and_numbers(only, names):
    assert wanted(*only) == names


def test_earlier_shots_of_a_scene_are_replayed_and_later_ones_left_out():
    [only_scene] = select(BOARD, ["1/plane/pull"])
    assert [(shot.shot.id, shot.wanted) for shot in only_scene.shots] == [("show", False), ("pull", True)]


@pytest.mark.parametrize(
    ("only", "message"),
    [
        ("haeds", "--only haeds: there is no chapter 'haeds'; did you mean 'heads'?"),
        ("3", "--only 3: there is no chapter '3'; expected one of (or 1 … 2): one-word-two-meanings, heads"),
        ("heads/tabel", "--only heads/tabel: there is no scene 'tabel'; expected one of (or 1 … 2): plane, plane-2"),
        ("1/1/poll", "--only 1/1/poll: there is no shot 'poll'; did you mean 'pull'"),
        ("1/1/1/1", "--only 1/1/1/1: too many parts; expected CHAPTER[/SCENE[/SHOT]]"),
    ],
)
def test_a_choice_of_nothing_is_refused(only, message):
    with pytest.raises(ProblemsFound) as found:
        select(BOARD, [only])
    assert str(found.value).startswith(message)


def test_slugs_keep_letters_of_any_script():
    assert slug("One word, two meanings!") == "one-word-two-meanings"
    assert slug("Čeština") == "čeština"
    assert slug("?!") == "untitled"


def test_slugs_are_short_enough_for_a_file_name_and_stay_distinct():
    long = "A very long title " * 12
    assert slug(long) == "a-very-long-title-a-very-long-title-a-very-long-title-a-very"
    assert len(slug("注意" * 100).encode()) <= 120
    chapters = tuple(Chapter(f"{long}{end}", (scene("plane", "show"),), 1) for end in "ab")
    board = Storyboard(Path("a.yaml"), "Lecture", "model", "exact", 2, "en", 150, chapters)
    assert [each.name for each in select(board)] == [f"{slug(long)}/plane", f"{slug(long)}-2/plane"]
