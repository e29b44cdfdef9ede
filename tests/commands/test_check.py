from __future__ import annotations

import pytest

from attnviz.input.content_paths import builtin_scenes
from attnviz.input.problems import ProblemsFound
from attnviz.render.opening import open_storyboard
from attnviz.storyboard.find_scene import find_scene
from attnviz.storyboard.verbs import read_scene

# What takes longer to import than all that `check` does: a third of a second on an idle machine.
HEAVY = {
    "torch",
    "transformers",
    "tokenizers",
    "manim",
    "numpy",
    "pandas",
    "scipy",
    "xarray",
    "av",
    "PIL",
    "typst",
    "rich",
    "jinja2",
}


def test_a_good_storyboard_is_summed_up_without_heavy_imports(folder, cli):
    done = cli("check", folder / "s.yaml", after=f"print(sorted({HEAVY} & sys.modules.keys()))")
    assert (done.stdout, done.stderr, done.returncode) == (
        "ok: 1 chapter, 1 scene, 2 shots, about 1 min 8 s\n[]\n", "", 0,
    )  # fmt: skip


def test_all_problems_of_all_files_are_printed(folder, cli):
    good, bad, none = folder / "s.yaml", folder / "bad.yaml", folder / "none.yaml"
    bad.write_text(good.read_text().replace("apple#2", "aple").replace("weights[", "wights["))
    done = cli("check", bad, none, good)
    assert done.returncode == 2
    assert done.stdout == f"{good}: ok: 1 chapter, 1 scene, 2 shots, about 1 min 8 s\n"
    shots = "chapters.0.scenes.0.shots"
    assert done.stderr.splitlines() == [
        f"{bad}:10: {shots}.0.say: '{{wights[apple, orange]:percent}}': unknown array 'wights'; "
        "did you mean 'weights'?",
        f"{bad}:11: {shots}.1.pull.word: unknown word 'aple'; expected a word of the sentence "
        "(one of: apple, apple#2, orange)",
        f"{none}: there is no such file",
    ]


def test_a_models_own_mistakes_are_told_at_its_file(folder, cli):
    (folder / "models/fruit.yaml").write_text("kind: blackboard\naxes: [x, y]\nword: {}\n")
    done = cli("check", folder / "s.yaml")
    assert done.returncode == 2
    assert f"{folder / 'models/fruit.yaml'}:3: word: unknown key; did you mean 'words'?" in done.stderr.splitlines()
    assert not any("s.yaml" in line for line in done.stderr.splitlines())


def test_unknown_words_are_told_at_the_sentence(folder, cli):
    path = folder / "s.yaml"
    path.write_text(path.read_text().replace("apple orange apple", "apple oragne"))
    done = cli("check", path)
    assert done.stderr.splitlines()[0] == (
        f"{path}:7: chapters.0.scenes.0.sentence: the model does not know the word 'oragne'; did you mean 'orange'?"
    )


def test_inserts_that_the_trace_does_not_have(folder, cli):
    path = folder / "s.yaml"
    inserts = {
        "{output[apple, nonsense]}": "unknown d_output 'nonsense'; expected one of: x, y",
        "{repeated[99, apple, x]}": "unknown step '99'; did you mean '9'?",
        "{head_contributions[apple, x]}": "there is no array 'head_contributions' here; its file has no W_O",
        "{dot_growth[4]}": "unknown array 'dot_growth'; ",
        "{queries[apple, z]}": "unknown d_head 'z'; expected one of: x, y",
    }
    text = path.read_text()
    for insert, message in inserts.items():
        path.write_text(text.replace("{embeddings[orange, y]}", insert))
        done = cli("check", path)
        assert done.returncode == 2
        assert done.stderr.startswith(f"{path}:10: chapters.0.scenes.0.shots.0.say: '{insert}': {message}")


def test_a_measurement_can_be_said_where_there_is_no_sentence(tmp_path, cli):
    path = tmp_path / "s.yaml"
    say = "say: 'About {dot_growth[4]:.1f}.'"
    head = (
        "title: T\nmodel: fruit_and_tech\nchapters: [{title: A, scenes: [{scene: dot_growth, shots: [{show_growth: , "
    )
    path.write_text(f"{head}{say}}}]}}]}}]\n")
    assert cli("check", path).stdout.startswith("ok: 1 chapter, 1 scene, 1 shot, about ")
    path.write_text(f"{head}{say.replace('[4]', '[5]')}}}]}}]}}]\n")
    assert cli("check", path).stderr.startswith(
        f"{path}:3: chapters.0.scenes.0.shots.0.say: '{{dot_growth[5]:.1f}}': unknown dimension '5'; "
    )


def test_a_misspelt_file_and_what_could_command_a_terminal(folder, cli):
    done = cli("check", folder / "models" / "fruits.yaml")
    assert done.stderr.endswith(f": there is no such file; did you mean '{folder / 'models' / 'fruit.yaml'}'?\n")
    (folder / "s.yaml").write_text('"\\e]0;owned\\a\\u202e": 1\n')
    done = cli("check", folder / "s.yaml")
    assert (done.returncode, done.stderr.replace("\n", "").isprintable()) == (2, True)
    assert r"\x1b]0;owned\x07\u202e: the text contains the control character U+001B; remove it" in done.stderr


EDGES = ["embedding_plane", "attention_table", "similarity", "linear_map"]
ONE = "abcdefghijklmnopqrstuvwxyz"
LETTERS = [a + b for a in ONE[:10] for b in ONE[:6]]


@pytest.mark.parametrize("scene", EDGES)
@pytest.mark.parametrize(
    ("sentence", "shots", "message"),
    [
        ("words: [aa]", "[{SHOT}]", None),
        (f"words: {LETTERS}", "[{SHOT}]", None),
        ("sentence: " + " ".join(LETTERS), "[{SHOT}]", None),
        ("sentence: " + "aa " * 101, "[{SHOT}]", "the sentence has 101 words; at most 100 fit; choose some with `words`"),
        ("sentence: " + "aa " * 1001, "[{SHOT}]", "the sentence has 1001 words; at most 1000 can be read"),
        ("words: []", "[{SHOT}]", "expected at least 1 item(s), not 0"),
        ("sentence: aa", "[]", "expected at least 1 item(s), not 0"),
        ("sentence: aa", "[{SHOT, id: x}, {SHOT, id: x}]", "the id 'x' is used twice; the first is in line 8"),
        ("sentence: aa", "[{SHOT}]\n        shots: []", "the key 'shots' is written twice; the first is in line 8"),
        ("words: [aa, aa]", "[{SHOT}]", None),
        ("sentence: aa\n        words: [aa, aa]", "[{SHOT}]", "'aa' is asked for more often than it stands in the sentence"),
    ],
)  # fmt: skip
def test_the_edges_of_every_scene(tmp_path, scene, sentence, shots, message):
    first = next(iter(read_scene(find_scene(scene, [builtin_scenes()])).verbs.values()))
    required = [each for each in first.parameters.values() if each.default is None]
    shot = f"{first.name}: {{" + ", ".join(f"{each.name}: [aa]" for each in required) + "}"
    words = "".join(f"  {word}: [{n}, {60 - n}]\n" for n, word in enumerate(LETTERS))
    (tmp_path / "board.yaml").write_text(f"kind: blackboard\naxes: [x, y]\nwords:\n{words}")
    path = tmp_path / "s.yaml"
    path.write_text(
        f"title: T\nmodel: board\nchapters:\n  - title: A\n    scenes:\n      - scene: {scene}\n"
        f"        {sentence}\n        shots: {shots.replace('SHOT', shot)}\n"
    )
    if message is None:
        assert open_storyboard(path)
        return
    with pytest.raises(ProblemsFound) as found:
        open_storyboard(path)
    assert message in str(found.value.problems[0])


def test_chapters_without_scenes(folder):
    path = folder / "s.yaml"
    path.write_text("title: T\nmodel: fruit\nchapters: [{title: A, scenes: []}, {title: A, scenes: []}]\n")
    with pytest.raises(ProblemsFound) as found:
        open_storyboard(path)
    assert [problem.message for problem in found.value.problems] == [
        "chapters.0.scenes: expected at least 1 item(s), not 0",
        "chapters.1.scenes: expected at least 1 item(s), not 0",
        "chapters.1.title: there is already a chapter 'A'",
    ]


ORDER = """\
title: Out of order
model: fruit
chapters:
- title: A
  scenes:
  - scene: embedding_plane
    words: [orange, apple]
    shots:
    - show_plane: left
    - pull: {word: apple, toward: orange}
    - pull: {word: orange, toward: apple}
    - show_plane: left
    - show_weights: apple
  - scene: embedding_plane
    words: [orange, apple]
    shots:
    - show_words: [orange, apple]
    - show_weights: apple
    - turn_back:
"""


def test_all_shots_that_come_too_early_or_twice_are_told(folder, cli):
    (folder / "s.yaml").write_text(ORDER)
    done = cli("check", folder / "s.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.replace(f"{folder}/", "").splitlines() == [
        "s.yaml:10: 'orange' is not on the plane yet; show it first with show_words",
        "s.yaml:12: the plane is already there; leave this shot out, or start a new scene",
        "s.yaml:19: the plane is not turned; leave this shot out, or write turn before it",
    ]


def test_shots_that_are_misread_leave_their_order_untold(folder, cli):
    (folder / "s.yaml").write_text(ORDER.replace("show_plane: left\n    - pull", "show_word: [orange]\n    - pull"))
    first, *others = cli("check", folder / "s.yaml").stderr.splitlines()
    assert "did you mean 'show_words'" in first
    assert [":19:" in others[0], len(others)] == [True, 1]
