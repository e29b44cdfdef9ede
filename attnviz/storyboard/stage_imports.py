"""What a scene's module imports from the stage, read from its source."""

from __future__ import annotations

import ast


def stage_imports(module: ast.Module) -> dict[str, str]:
    """Return the names in a module of what it imports from `attnviz.stage`, each with its name there."""
    return {
        alias.asname or alias.name: alias.name
        for node in module.body
        if isinstance(node, ast.ImportFrom) and node.module == "attnviz.stage"
        for alias in node.names
    }
