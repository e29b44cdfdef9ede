# Messages stand in one piece, as a person would search for them.

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from attnviz.input.problems import ProblemsFound
from attnviz.storyboard.argument_types import VOCABULARY, WORDS, resolve
from attnviz.storyboard.order import Clause
from attnviz.storyboard.verbs import read_scene


@pytest.fixture
def scene_file(tmp_path):
    def write(source: str | bytes):
        path = tmp_path / "scene.py"
        path.write_bytes(source.encode() if isinstance(source, str) else source)
        return path

    return write


def complaints(path) -> list[str]:
    with pytest.raises(ProblemsFound) as found:
        read_scene(path)
    return [str(problem).replace(f"{path}:", "") for problem in found.value.problems]


def test_verbs_are_read_from_the_source(desk):
    scene = read_scene(desk.scenes / "plane.py")
    assert (scene.name, scene.class_name, scene.doc) == ("plane", "Plane", "Words as points.")
    assert list(scene.verbs) == ["show_words", "pull", "label", "turn", "compare", "nudge", "write", "wipe"]
    assert str(scene.verbs["pull"]) == "pull(word: Word, toward: Word, part: Fraction = 1)"
    assert scene.verbs["pull"].doc == "Pull one word toward another."
    assert (scene.experiments, scene.needs_sentence) == (("dot_growth",), True)
    assert not read_scene(desk.scenes / "card.py").needs_sentence


def test_helpers_are_no_verbs(scene_file):
    source = """
class _Private: ...
class Scene(Stage):
    @property
    def size(self): ...
    @staticmethod
    def shape(): ...
    def construct(self): ...
    def setup(self): ...
    def verb(self): ...
"""
    assert list(read_scene(scene_file(source)).verbs) == ["verb"]


def test_a_changed_file_is_read_again(scene_file):
    assert list(read_scene(scene_file("class A(Stage):\n    def a(self): ...")).verbs) == ["a"]
    assert list(read_scene(scene_file("class A(Stage):\n    def bb(self): ...")).verbs) == ["bb"]


@pytest.mark.parametrize(
    ("source", "messages"),
    [
        ("", ["1: a scene's file has one class, but here is: none; names that start with '_' do not count"]),
        ("class A(Stage): ...\nclass B: ...", ["1: a scene's file has one class, but here is: A, B; names that start with '_' do not count"]),
        ("class A: ...", ["1: no class of this file is a Stage; write class A(Stage)"]),
        ("class A\n", ["1: the scene is not valid Python: expected ':'"]),
        ("class A(Stage):\n    def a(self, x): ...", ["2: verb 'a': parameter 'x' has no type; write x: Word, or another"]),
        ("class A(Stage):\n    def a(self, x: Wrod): ...", ["2: verb 'a': parameter 'x': unknown type 'Wrod'; did you mean 'Word'?"]),
        ("class A(Stage):\n    def a(self, *x: int): ...", ["2: verb 'a': a verb takes only named parameters; no *args, **kwargs or '/'"]),
        ("class A(Stage):\n    async def a(self): ...", ["2: verb 'a': a verb cannot be async"]),
        ("class A(Stage):\n    def say(self): ...", ["2: verb 'say': this name is a key of every shot; choose another name"]),
        ("class A(Stage):\n    def add(self): ...", ["2: a verb cannot be called 'add': manim's Scene has a method or attribute of that name; choose another name, or let it start with '_'"]),
        ("class A(Stage):\n    x = 1\n    def read(self): ...", ["3: a verb cannot be called 'read': Stage has a method or attribute of that name; choose another name, or let it start with '_'"]),
        ("class A(Stage):\n    experiments = 3", ["1: 'experiments' must be names, like (\"dot_growth\",)"]),
        ("class A(Stage):\n    experiments = f()", ["2: 'experiments' must be written out"]),
    ],
)  # fmt: skip
def test_bad_scenes(scene_file, source, messages):
    assert complaints(scene_file(source)) == messages


STAGE = "from attnviz.stage import needs, leaves as brings\nEARLY = 'not yet; wait'\nclass A(Stage):\n    "


@pytest.mark.parametrize(
    ("above", "message"),
    [
        ("@needs('word {wrod}', say=EARLY)", "@needs names 'wrod', which is no parameter"),
        ("@needs(EARLY.upper(), say=EARLY)", "@needs must be given texts, or names of texts in this file"),
        ("@needs('a')", "@needs is written @needs(…, say=…)"),
        ("@brings('a', say=EARLY)", "@brings is written @brings(…)"),
        ("@brings(LATE)", "@brings must be given texts, or names of texts in this file"),
    ],
)
def test_bad_declarations(scene_file, above, message):
    (told,) = complaints(scene_file(f"{STAGE}{above}\n    def a(self, word: Word): ..."))
    assert told == f"5: verb 'a': {message}"


def test_declarations_are_read_from_the_source(scene_file):
    source = STAGE + "@needs('word {word}', say=EARLY)\n    @brings('a', 'b')\n    def a(self, word: Word): ..."
    assert read_scene(scene_file(source)).verbs["a"].order == (
        Clause("needs", ("word {word}",), "not yet; wait"),
        Clause("leaves", ("a", "b")),
    )


def test_other_decorators_declare_nothing(scene_file):
    source = "from mine import needs\nclass A(Stage):\n    @needs(3)\n    @f.g(x)\n    def a(self): ..."
    assert read_scene(scene_file(source)).verbs["a"].order == ()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=40) | st.text("class A(Stage):\n def()'\"\\\t", max_size=40).map(str.encode))
def test_any_file_is_a_scene_or_a_problem(scene_file, content):
    try:
        read_scene(scene_file(content))
    except ProblemsFound as found:
        problems = found.problems
        assert problems


@pytest.mark.parametrize(
    ("annotation", "good", "bad", "words"),
    [
        ("str", "a", 1, "text"),
        ("int", 1, True, "a whole number"),
        ("float", 1, "1", "a number"),
        ("bool", False, 0, "true or false"),
        ("Count", 1000, 1001, "a whole number from 1 to 1000"),
        ("Steps", 1, 0, "a whole number from 1 to 12"),
        ("Fraction", 0.0, 1.1, "a number from 0 to 1"),
        ("Degrees", -90.5, float("nan"), "an angle in degrees, from -360 to 360"),
        ("arguments.Word", "apple", None, "a word of the sentence"),
        ("Word | None", None, 1, "a word of the sentence, or nothing"),
        ("list[Word]", ["a"], "a", "a list, each a word of the sentence"),
        ("dict[str, list[int]]", {"a": [1]}, {"a": 1}, "a mapping, from text to a list, each a whole number"),
        ("Literal['a', 2]", 2, "b", "one of a, 2"),
        ("'list[int]'", [1], [None], "a list, each a whole number"),
    ],
)
def test_argument_types(annotation, good, bad, words):
    kind = resolve(annotation)
    assert kind.words == kind.json_schema()["description"] == words
    assert kind.adapter.validate_python(good) == good
    with pytest.raises(ValidationError):
        kind.adapter.validate_python(bad)


@pytest.mark.parametrize(
    "annotation", ["set[int]", "object", "list", "list[x]", "lambda: 1", "f()", "1", "x y", "Literal[f()]"]
)
def test_other_types_are_refused(annotation):
    with pytest.raises(ProblemsFound):
        resolve(annotation)


def test_every_type_has_words():
    assert VOCABULARY.keys() == WORDS.keys()


def test_reserved_names_are_those_of_manim_and_of_the_stage():
    from manim import Scene

    from attnviz.stage import Stage
    from attnviz.storyboard.reserved import SCENE_NAMES, STAGE_NAMES

    to_override = {"construct", "setup", "tear_down"}
    scene = {name for name in {*dir(Scene), *vars(Scene())} if not name.startswith("_")} - to_override
    stage = {name for name in dir(Stage) if not name.startswith("_")} - to_override
    assert (scene, stage - scene) == (SCENE_NAMES, STAGE_NAMES)


def listing(doc: str) -> str:
    return f'class A(Stage):\n    def a(self):\n        """Do it.\n\n        {doc}\n        """'


def test_a_docstring_lists_the_plays_of_a_verb_in_its_last_paragraph(scene_file):
    assert read_scene(scene_file(listing("Plays: way, all_rows."))).verbs["a"].plays == ("way", "all_rows")
    assert read_scene(scene_file(listing("Plays: way,\n        share,  sum"))).verbs["a"].plays == (
        "way",
        "share",
        "sum",
    )
    for without in ("Plays: way.\n\n        And more.", "It plays: way.", "Playing"):
        assert read_scene(scene_file(listing(without))).verbs["a"].plays == ()


@pytest.mark.parametrize(
    ("doc", "message"),
    [
        ("Plays: Way.", "'Way' is not the name of a play"),
        ("Plays: all rows.", "'all rows' is not the name of a play"),
        ("Plays: .", "'' is not the name of a play"),
        ("Plays: way, way.", "the play 'way' is listed twice"),
        ("Plays: way, focus.", "no play can be called 'focus', which is a gesture"),
    ],
)
def test_a_list_of_plays_that_cannot_be_marked_is_refused(scene_file, doc, message):
    with pytest.raises(ProblemsFound) as found:
        read_scene(scene_file(listing(doc)))
    [problem] = found.value.problems
    assert (problem.line, problem.message) == (2, f"verb 'a': {message}")
    assert problem.hint == "end the docstring with a paragraph such as `Plays: plane, words.`"
