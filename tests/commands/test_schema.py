from __future__ import annotations

import importlib
import json

import pytest

from attnviz.cli import COMMANDS


def test_the_schema_is_json_with_the_scenes(folder, cli):
    done = cli("schema", "--folder", folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "dots" in json.loads(done.stdout)["$defs"]["scene"]["properties"]["scene"]["enum"]


@pytest.mark.parametrize("name", ["check", "scenes", "schema"])
def test_first_help_lines_are_the_summaries(name):
    command = importlib.import_module(f"attnviz.commands.{name}").command
    assert command.help.splitlines()[0] == COMMANDS[name]


def test_a_broken_scene_is_told_and_left_out(folder, cli):
    (folder / "scenes" / "broken.py").write_text("class Broken(Stage)\n")
    done = cli("schema", "--folder", folder)
    names = json.loads(done.stdout)["$defs"]["scene"]["properties"]["scene"]["enum"]
    assert (done.returncode, "dots" in names, "broken" in names) == (0, True, False)
    assert done.stderr == f"{folder / 'scenes' / 'broken.py'}:1: the scene is not valid Python: expected ':'\n"
