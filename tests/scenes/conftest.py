"""Manim, set up once for all tests of a module: what was measured of words that are set is kept meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from attnviz.testing import undrawn


@pytest.fixture(autouse=True, scope="module")
def manim_set_up() -> Iterator[None]:
    """Set Manim up as a rehearsal does."""
    with undrawn():
        yield
