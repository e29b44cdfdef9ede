"""The rooms: who may import whom, how large things may be, and that scenes hold no data of their own."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "model": {"input"},
    "storyboard": {"input"},
    "stage": {"input", "storyboard"},
    "render": {"input"} | {"stage", "storyboard", "model"},
    "publish": {"input"} | {"render", "storyboard", "stage"},
}
# Plain data that other rooms name in their own: which part of a model is looked at, and how it is computed.
OPEN_TO = {"storyboard": {"attnviz.model.interface"}, "publish": {"attnviz.model.interface"}}
SOURCES = sorted((ROOT / "attnviz").rglob("*.py")) + sorted((ROOT / "scenes").rglob("*.py"))
SCENES = sorted((ROOT / "scenes").rglob("*.py"))


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_what_it_may(room: str) -> None:
    for path in (ROOT / "attnviz" / room).rglob("*.py"):
        modules = {module for module in imports_of(path) if module.startswith("attnviz.")} - OPEN_TO.get(room, set())
        ours = {module.split(".")[1] for module in modules}
        assert ours - MAY_IMPORT[room] - {room} == set(), name(path)


def test_only_argument_types_lead_from_the_stage_to_the_storyboard() -> None:
    for path in (ROOT / "attnviz" / "stage").rglob("*.py"):
        for module in imports_of(path):
            if module.startswith("attnviz.storyboard"):
                assert (path.name, module) == ("arguments.py", "attnviz.storyboard.argument_types")


@pytest.mark.parametrize("path", SCENES, ids=name)
def test_a_scene_imports_the_stage_manim_and_numpy_only(path: Path) -> None:
    for module in imports_of(path):
        assert module.split(".")[0] in {"manim", "numpy", *sys.stdlib_module_names} or module.startswith(
            "attnviz.stage"
        ), module


@pytest.mark.parametrize("path", SCENES, ids=name)
def test_a_scene_has_no_random_numbers_and_no_data(path: Path) -> None:
    source = path.read_text()
    for word in ("import random", "from random", ".random", "default_rng", "open(", "load("):
        assert word not in source
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            numbers = [e for e in node.elts if isinstance(e, ast.Constant) and isinstance(e.value, (int, float))]
            assert len(numbers) <= 4, f"{name(path)}:{node.lineno} holds a table of numbers"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not isinstance(node, ast.Expr):
            assert "http" not in node.value


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_files_and_functions_are_small(path: Path) -> None:
    source = path.read_text()
    assert path in SCENES or len(source.splitlines()) <= 300  # a scene reads from top to bottom in one place
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert (node.end_lineno or 0) - node.lineno < 50, f"{name(path)}: {node.name}"


def test_importing_the_command_line_imports_neither_torch_nor_manim() -> None:
    import subprocess

    code = "import attnviz.cli, attnviz.commands.check, sys; print(sorted({'torch', 'manim', 'xarray'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
