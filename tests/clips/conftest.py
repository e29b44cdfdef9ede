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


@pytest.fixture
def wish(tmp_path: Path) -> Wish:
    return Wish(format=film_format("l"), cache=tmp_path / "cache")


@pytest.fixture
def fill(tmp_path: Path, wish: Wish, traces_made_here: None) -> Fill:
    """Return what is in the storyboard that a sentence becomes."""

    def filled_with(sentence: str, template: str = "", **asked: Any) -> dict[str, Any]:
        if template:
            (tmp_path / "own.yaml").write_text(template)
            asked["template"] = "own.yaml"
        request = ClipRequest(sentence, near=tmp_path, **asked)
        data = read_yaml(filled(request, tmp_path / "clip.yaml", wish)).data
        assert isinstance(data, dict)
        return data

    return filled_with
