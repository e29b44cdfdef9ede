"""Templates: those that come with the project, and what is told of bad ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from attnviz.clips.facts import FACTS
from attnviz.clips.template import find_template, read_template, sentences_of, templates
from attnviz.clips.values import Value, in_narration
from attnviz.input.content_paths import builtin_storyboards
from attnviz.input.problems import ProblemsFound
from attnviz.storyboard.find_scene import find_scene, scene_folders
from attnviz.storyboard.mark_check import wrong_marks
from attnviz.storyboard.narration import parse
from attnviz.storyboard.verbs import read_scene

GOOD = """\
about: A test
parameters:
  most: {type: number, default: 0.5, about: how much is much}
  tone: {type: choice, choices: [dry, warm], default: dry, about: how it sounds}
title: ${short}
model: {name: "${model}", layer: "${layer}", head: "${head}"}
chapters:
  - title: C
    scenes:
      - scene: one_sentence
        focus: ${word}
        sentence: ${sentence}
        shots:
          - look: ${word}
            say:
              - when: weights[${word}, ${first}] > ${most}
                say: much, ${tone}
              - say: little
"""


def told(folder: Path, text: str) -> list[str]:
    path = folder / "t.yaml"
    path.write_text(text)
    with pytest.raises(ProblemsFound) as found:
        read_template(path)
    return [str(problem).replace(f"{folder}/", "") for problem in found.value.problems]


def test_the_templates_of_the_project_are_right() -> None:
    assert {*templates(Path("/nowhere"))} >= {"pull", "heads", "layers", "causal", "compare"}
    for path in templates(Path("/nowhere")).values():
        assert path.is_relative_to(builtin_storyboards())
        assert read_template(path).about


SHOTS = [
    (path.stem, scene["scene"], shot)
    for path in templates(Path("/nowhere")).values()
    for chapter in read_template(path).storyboard["chapters"]
    for scene in chapter["scenes"]
    for shot in scene["shots"]
]


@pytest.mark.parametrize(("template", "scene", "shot"), SHOTS)
def test_whichever_texts_are_taken_their_marks_name_plays(template: str, scene: str, shot: dict[str, Any]) -> None:
    folders = scene_folders(builtin_storyboards() / "clip.yaml")
    verb = read_scene(find_scene(scene, folders)).verbs[next(iter(shot))]
    values = {name: Value("x") for name in FACTS}
    sentences = [
        [option["say"] if isinstance(option, dict) else option for option in each] for each in sentences_of(shot["say"])
    ]
    # Each text is taken once, at least, with the first of the others
    for number, options in enumerate(sentences):
        for option in options:
            texts = [option if each is number else other[0] for each, other in enumerate(sentences)]
            pieces = parse(in_narration(" ".join(texts), values))
            names = {"word": None, "axis": None}
            assert [*wrong_marks(pieces, verb, names, lambda insert: None)] == []


def test_ones_own_templates_come_first(tmp_path: Path) -> None:
    (tmp_path / "clips").mkdir()
    own = tmp_path / "clips" / "pull.yaml"
    own.write_text(GOOD)
    assert find_template("pull", tmp_path) == own
    assert find_template("clips/pull.yaml", tmp_path) == own
    with pytest.raises(ProblemsFound, match="there is no template 'pul'; did you mean 'pull'"):
        find_template("pul", tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("${most}", "${mots}", "t.yaml:16: chapters.0.scenes.0.shots.0.say.0.when: nothing is called 'mots' here; did"),
        ("> ${most}", ">", "t.yaml:16: chapters.0.scenes.0.shots.0.say.0.when: 'weights"),
        ("say: little", "say: little {weights[", "t.yaml:18: chapters.0.scenes.0.shots.0.say.1.say: a '{' without"),
        ("- say: little", "- say: little\n                when: norm[x] > 0", "the last text has no `when`"),
        ("- say: little", "- sy: little", "expected one of several texts, with `say:`"),
        ("default: 0.5", "default: much", "t.yaml:3: parameters.most: expected a number, not 'much'"),
        ("default: dry", "default: wet", "expected one of dry, warm, not 'wet'"),
        ("type: choice, choices: [dry, warm]", "type: choice", "`choices` lists what"),
        ("  most:", "  word:", "t.yaml:3: parameters.word: 'word' says already"),
        ("type: number", "type: numbr", "t.yaml:3: parameters.most.type: expected"),
        ("about: A test\n", "", "this is not a template"),
        ("parameters:", "needs: [{otherwise: x}]\nparameters:", "expected either `claim` or `fact`"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in GOOD
    assert expected in "\n".join(told(tmp_path, GOOD.replace(old, new, 1)))


def test_parameters_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(GOOD)
    template = read_template(path)
    assert {name: value.plain for name, value in template.values({"most": "0.9"}).items()} == {
        "most": 0.9,
        "tone": "dry",
    }
    with pytest.raises(ProblemsFound) as found:
        template.values({"most": "x", "tone": "loud", "colour": "red"})
    assert [problem.message for problem in found.value.problems] == [
        "the template 't' has no parameter 'colour'",
        "parameter 'most': expected a number, not 'x'",
        "parameter 'tone': expected one of dry, warm, not 'loud'",
    ]
