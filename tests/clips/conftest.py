"""What tests of clips have in common: storyboards filled here, without another process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attnviz.clips.make import filled
from attnviz.clips.request import ClipRequest
from attnviz.commands._options import film_format
from attnviz.input.yamlsource import read_yaml
from attnviz.render.run import Wish

Fill = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the storyboards of all tests: models that are looked up there are opened once."""
    return tmp_path_factory.mktemp("clips")


@pytest.fixture
def wish(shared: Path) -> Wish:
    return Wish(format=film_format("l"), cache=shared / "cache")


@pytest.fixture
def fill(tmp_path: Path, shared: Path, wish: Wish, traces_made_here: None) -> Fill:
    """Return what is in the storyboard that a sentence becomes."""

    def filled_with(sentence: str, template: str = "", **asked: Any) -> dict[str, Any]:
        if template:
            (tmp_path / "own.yaml").write_text(template)
            asked["template"] = "own.yaml"
        request = ClipRequest(sentence, near=tmp_path, **asked)
        data = read_yaml(filled(request, shared / "clip.yaml", wish)).data
        assert isinstance(data, dict)
        return data

    return filled_with
