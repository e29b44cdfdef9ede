"""Pages on disk that compute with a model of their own, opened in a real browser."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attnviz.page.own import own_model, script_of

STATIC = Path(__file__).parents[2] / "attnviz/page/static"
POLICY = "default-src 'none'; script-src 'self' file:; style-src 'self' file:"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>own</title>
<meta http-equiv="Content-Security-Policy" content="{policy}">
<script src="forward.js"></script><script src="model.js"></script>"""
COMPUTE = """([place, text, words, carry]) => {
    const model = attnviz.models[place];
    const {tokens, problems} = attnviz.read(model, text, words);
    if (problems.length) return {problems};
    const {arrays, labels, fingerprint} = attnviz.run(model, tokens, carry);
    const plain = Object.values(arrays).map(({name, dims, shape, data}) => [name, {dims, shape, data: [...data]}]);
    return {tokens, labels, fingerprint, arrays: Object.fromEntries(plain)};
}"""


def open_own(page: Any, folder: Path, models: Sequence[Any], decimals: int = 2) -> None:
    """Open a page without anything to see, which has models and the code that computes with them."""
    folder.mkdir(exist_ok=True)
    written = [own_model(model, decimals) for model in models]
    (folder / "model.js").write_text(script_of([each for each in written if not isinstance(each, str)]))
    (folder / "forward.js").write_text((STATIC / "forward.js").read_text())
    (folder / "index.html").write_text(PAGE.format(policy=POLICY))
    page.goto((folder / "index.html").as_uri())


def computed(page: Any, text: str, words: Sequence[str] | None = None, carry: str = "exact", place: int = 0) -> Any:
    """Return what a page computes of a sentence: tokens, labels, arrays, fingerprint; or `problems`, in words."""
    return page.evaluate(COMPUTE, [place, text, words, carry])
