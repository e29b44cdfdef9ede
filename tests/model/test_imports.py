"""The modules of the model room stand on one another: no import leads in a circle, late ones and types included."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import attnviz.model

ROOM = Path(attnviz.model.__file__).parent


def imported(path: Path, modules: set[str]) -> set[str]:
    """Return the modules of the room that a file imports anywhere: `from a import b` may mean a.b."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names & modules


def test_no_import_leads_in_a_circle():
    files = {
        ".".join(("attnviz", "model", *path.relative_to(ROOM).with_suffix("").parts)): path
        for path in ROOM.rglob("*.py")
        if path.name != "__init__.py"
    }
    graph = {name: imported(path, set(files)) for name, path in files.items()}
    assert graph["attnviz.model.door"]
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as found:
        raise AssertionError(" → ".join(found.args[1])) from None
