"""The stage's public face: all that a scene needs, documented, and nothing that nobody uses."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

import attnviz.stage as face

ROOT = Path(__file__).parents[2]
SCENES = sorted((ROOT / "scenes").rglob("*.py"))
GUIDE = (ROOT / "docs" / "authoring.md").read_text()
OFFERED = sorted(face.__all__)


def taken_from_the_stage(path: Path) -> set[str]:
    """Return the names that a scene imports from the face."""
    tree = ast.parse(path.read_text())
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "attnviz.stage"]
    return {alias.name for node in imports for alias in node.names}


TAKEN = {name for path in SCENES for name in taken_from_the_stage(path)}


@pytest.mark.parametrize("path", SCENES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_scene_looks_at_the_stage_s_face_only(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and not node.level:
            assert not (node.module or "").startswith("attnviz.") or node.module == "attnviz.stage"


@pytest.mark.parametrize("name", OFFERED)
def test_what_is_offered_is_used_by_a_scene_or_told_in_the_guide(name: str) -> None:
    assert name in TAKEN or re.search(rf"\b{name}\b", GUIDE)


@pytest.mark.parametrize("name", OFFERED)
def test_what_can_be_called_is_documented(name: str) -> None:
    offered = getattr(face, name)
    if inspect.isclass(offered) or inspect.isfunction(offered):
        assert len(inspect.getdoc(offered) or "") > 20
