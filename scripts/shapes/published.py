"""The published shapes that are tried, as they stand in shapes.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import yaml


class Shape(NamedTuple):
    """A class of transformers, a model that people know it from, and the settings of a tiny one."""

    made_for: str
    like: str
    settings: dict[str, Any]


def shapes() -> list[Shape]:
    """Return all shapes, in the order of the alphabet."""
    families = yaml.safe_load(Path(__file__).with_name("shapes.yaml").read_text(encoding="utf-8"))
    sizes = families.pop("sizes")
    found = [
        Shape(made_for, like, sizes[family] | (more[0] if more else {}))
        for family, members in families.items()
        for made_for, like, *more in members
    ]
    return sorted(found, key=lambda shape: (shape.made_for.lower(), shape.like))
