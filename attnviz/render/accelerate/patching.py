"""Replacing attributes of Manim's classes and modules for a while."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def replaced(*replacements: tuple[Any, str, Any]) -> Iterator[None]:
    """Set attributes, given as (owner, name, value), for as long as the block lasts; one may be new to its owner."""
    missing = object()
    before = [(owner, name, vars(owner).get(name, missing)) for owner, name, _ in replacements]
    for owner, name, value in replacements:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for owner, name, own in reversed(before):
            if own is missing:
                delattr(owner, name)
            else:
                setattr(owner, name, own)
