"""Scenes with helpers beside them: as one file, and as a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import MODEL, STORYBOARD, Lecture

HELPER = """\
from manim import UP

STEP = 0.5 * UP
"""
SCENE = """\
from manim import Write

from attnviz.stage import Stage, Word

from .ways import STEP


class Small(Stage):
    def show(self, word: Word) -> None:
        self.line = self.formula("f = {f}", f=self.number("embeddings", token=word, d_model="fruitness"))
        self.play(Write(self.line), run_time=0.4)

    def move(self) -> None:
        self.play(self.line.animate.shift(STEP), run_time=0.4)

    def wipe(self) -> None:
        self.clear_stage(run_time=0.2)
"""
SHORT = STORYBOARD.partition("  - title: Heads")[0]


def lecture_of(folder: Path, where: str, helper: str = HELPER, scene: str = SCENE) -> Lecture:
    """Return a lecture whose scene is a file (`scenes`) or a folder (`scenes/small`), with its helper beside it."""
    made = Lecture(folder, SHORT, scene, MODEL)
    made.scene.unlink()
    made.scene = folder / where / ("small.py" if where == "scenes" else "__init__.py")
    made.scene.parent.mkdir(exist_ok=True)
    made.scene.write_text(scene)
    (made.scene.parent / "ways.py").write_text(helper)
    return made


@pytest.fixture(params=["scenes", "scenes/small"])
def lecture(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lecture:
    from tests.conftest import Here

    monkeypatch.setattr("attnviz.render.traces.library.TraceProcess", Here)
    return lecture_of(tmp_path, request.param)


@pytest.mark.slow
def test_a_helper_beside_a_scene_is_imported_and_a_change_of_it_is_drawn(lecture: Lecture) -> None:
    assert lecture.render() == 4
    assert lecture.render() == 0
    lecture.change(lecture.scene.parent / "ways.py", "0.5 * UP", "0.7 * UP")
    name = (lecture.scene.parent / "ways.py").relative_to(lecture.folder / "scenes")
    assert lecture.plan() == dict.fromkeys(lecture.shots[:4], f"scene file {name} changed")
    assert lecture.render() == 4
    assert not list(lecture.folder.rglob("__pycache__"))


def test_an_error_in_a_helper_is_placed_there(lecture: Lecture) -> None:
    from attnviz.input.problems import ProblemsFound

    lecture.change(lecture.scene.parent / "ways.py", "0.5 * UP", "0.5 * DOWN")
    with pytest.raises(ProblemsFound, match=r"NameError: name 'DOWN' is not defined") as found:
        lecture.render()
    assert (found.value.problems[0].file, found.value.problems[0].line) == (lecture.scene.parent / "ways.py", 3)


def test_an_absolute_import_of_a_helper_is_told_how_to_be_written(lecture: Lecture) -> None:
    from attnviz.input.problems import ProblemsFound

    lecture.change(lecture.scene, "from .ways", "from ways")
    with pytest.raises(ProblemsFound) as found:
        lecture.render()
    assert found.value.problems[0].hint == "for a module beside the scene, write `from .ways import …`"


def test_a_folder_wins_over_a_file_of_the_same_name_as_in_python(tmp_path: Path) -> None:
    from attnviz.storyboard.find_scene import find_scene

    (tmp_path / "small").mkdir()
    for file in (tmp_path / "small.py", tmp_path / "small" / "__init__.py"):
        file.write_text("")
    assert find_scene("small", [tmp_path]) == tmp_path / "small" / "__init__.py"


def test_a_worker_without_the_scene_gets_it_with_its_helper(lecture: Lecture, tmp_path: Path) -> None:
    from attnviz.render.cache.sources import Sources
    from attnviz.render.cache.store import Store

    sent = Sources(Store(tmp_path / "other")).beside_scene(lecture.scene)
    where = lecture.scene.parent.relative_to(lecture.folder / "scenes")
    assert set(sent) == {str(where / name) for name in (lecture.scene.name, "ways.py")}
