"""Source files as what pictures follow from: their meaning counts, not how they are written."""

import shutil
from pathlib import Path

import pytest

from attnviz.render.cache import sources
from attnviz.render.cache.sources import Sources, changes, libraries
from attnviz.render.cache.store import Store

PACKAGE = sources.PACKAGE
HELPER = '"""Helps."""\n\nFAR = 3\n'
SCENE = '''\
"""A scene."""

from manim import UP

from attnviz.stage import Stage
from .helper import FAR


class Small(Stage):
    """A stage."""

    def show(self) -> None:
        """Show nothing."""
        # not yet
        self.wait(FAR)
'''


@pytest.fixture
def package(tmp_path, monkeypatch):
    copy = Path(shutil.copytree(PACKAGE, tmp_path / "attnviz", ignore=shutil.ignore_patterns("__pycache__", "*.so")))
    monkeypatch.setattr(sources, "PACKAGE", copy)
    return copy


@pytest.fixture
def scene(tmp_path):
    folder = tmp_path / "scenes"
    folder.mkdir()
    (folder / "helper.py").write_text(HELPER)
    (folder / "small.py").write_text(SCENE)
    return folder / "small.py"


def digests(tmp_path, scene):
    """Return what a run finds that has nothing but the store of earlier ones."""
    found = Sources(Store(tmp_path / "cache"))
    try:
        return found.of_scene(scene)
    finally:
        found.save()


def edited(tmp_path, scene, file, old, new):
    """Return under which names the digests change with a file, and change back with it."""
    before, text = digests(tmp_path, scene), file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    changed = changes(before, digests(tmp_path, scene))
    file.write_text(text)
    assert digests(tmp_path, scene) == before
    return changed


def test_a_scene_follows_from_its_file_what_it_imports_and_what_draws(tmp_path, scene):
    found = set(digests(tmp_path, scene))
    assert {"scenes/small.py", "scenes/helper.py"} <= found
    assert {"attnviz/stage/scene.py", "attnviz/stage/theme.py", "attnviz/stage/typesetting.py"} <= found
    assert {"attnviz/render/shots/renderer.py", "attnviz/render/film/encoder.py"} <= found
    assert any(name.startswith("attnviz/render/accelerate/") and name.endswith(".c") for name in found)
    assert not any(name.startswith(("attnviz/model/", "attnviz/publish/", "attnviz/commands/")) for name in found)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# not yet", "# not yet, but soon"),
        ('"""Show nothing."""', '"""Show nothing at all."""'),
        ('"""A scene."""', '"""Another\n\nscene."""'),
        ("self.wait(FAR)", "self.wait(\n            FAR,\n        )"),
        ("class Small", "\n\n\nclass Small"),
    ],
)
def test_how_a_scene_is_written_changes_nothing(tmp_path, scene, old, new):
    assert edited(tmp_path, scene, scene, old, new) == []


@pytest.mark.parametrize(
    ("old", "new"), [("self.wait(FAR)", "self.wait(2 * FAR)"), ("def show", "def tell"), ("import UP", "import DOWN")]
)
def test_what_a_scene_says_changes_it(tmp_path, scene, old, new):
    assert edited(tmp_path, scene, scene, old, new) == ["scenes/small.py"]


def test_a_module_beside_a_scene_changes_it(tmp_path, scene):
    assert edited(tmp_path, scene, scene.parent / "helper.py", "3", "4") == ["scenes/helper.py"]
    assert edited(tmp_path, scene, scene.parent / "helper.py", "Helps", "Does") == []


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("stage/frame.py", "MARGIN = ", "MARGIN = 0.5 + "),
        ("stage/receipts.py", "VISIBLE = ", "VISIBLE = 0.1 + "),
        ("input/significant.py", "SIGNIFICANT = 6", "SIGNIFICANT = 5"),
        ("render/film/encoder.py", "import", "import this\nimport"),
    ],
)
def test_the_stage_and_what_draws_change_a_scene(tmp_path, package, scene, file, old, new):
    assert edited(tmp_path, scene, package / file, old, new) == [f"attnviz/{file}"]


@pytest.mark.parametrize(
    "file",
    [
        "model/blackboard/run.py",
        "publish/film.py",
        "commands/render.py",
        "render/shots/planning.py",
        "storyboard/verbs.py",
    ],
)
def test_other_rooms_do_not(tmp_path, package, scene, file):
    before = digests(tmp_path, scene)
    assert (package / file).is_file()
    (package / file).write_text("NEW = 1\n")
    assert digests(tmp_path, scene) == before


def test_what_the_model_room_computes_with_is_known(tmp_path, package):
    def found():
        return Sources(Store(tmp_path / "cache")).of_package("model/blackboard/run.py")

    before = found()
    attention = package / "model" / "attention.py"
    attention.write_text(attention.read_text() + "\nNEW = 1\n")
    assert changes(before, found()) == ["attnviz/model/attention.py"]


def test_a_scene_that_cannot_be_parsed_still_has_a_digest(tmp_path, scene):
    scene.write_text("def broken(:\n")
    first = digests(tmp_path, scene)["scenes/small.py"]
    scene.write_text("def broken(::\n")
    assert digests(tmp_path, scene)["scenes/small.py"] != first


def test_modules_that_import_each_other_come_to_an_end(tmp_path, scene):
    (scene.parent / "helper.py").write_text("import small\nFAR = 3\n")
    assert "scenes/helper.py" in digests(tmp_path, scene)


def test_versions_of_what_draws_are_known(monkeypatch):
    before = libraries()
    assert {"python", "cairo", "manim", "numpy", "av", "typst"} <= set(before)
    version = sources.version
    monkeypatch.setattr(sources, "version", lambda name: "99.9" if name == "manim" else version(name))
    assert changes(before, libraries()) == ["manim"]
