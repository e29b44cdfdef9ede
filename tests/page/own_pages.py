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
{scripts}"""
SCRIPTS = ("reading.js", "attention.js", "transformer.js", "blackboard.js", "forward.js")
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
    for name in SCRIPTS:
        (folder / name).write_text((STATIC / name).read_text())
    scripts = "".join(f'<script src="{name}"></script>' for name in (*SCRIPTS, "model.js"))
    (folder / "index.html").write_text(PAGE.format(policy=POLICY, scripts=scripts))
    page.goto((folder / "index.html").as_uri())


def computed(page: Any, text: str, words: Sequence[str] | None = None, carry: str = "exact", place: int = 0) -> Any:
    """Return what a page computes of a sentence: tokens, labels, arrays, fingerprint; or `problems`, in words."""
    return page.evaluate(COMPUTE, [place, text, words, carry])
