"""Pages on disk with the panel for a sentence of one's own, without a film, opened in a real browser."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attnviz.model.interface import Model
from attnviz.page.heat import HEAT, heat_css
from attnviz.page.html import POLICY
from attnviz.page.make import STATIC
from attnviz.page.own import MODELS, own_model, script_of
from attnviz.page.packing import lean, packed

TEMPLATE = STATIC.parent / "templates/index.html"
SCRIPTS = ("page.js", "lecture.js", "own-card.js", "own-views.js", "own.js")
STYLES = ("page.css", HEAT, "own.css")
COMPUTE = """([place, text, words, carry]) => {
    const model = attnviz.models[place];
    const {tokens, problems} = attnviz.read(model, text, words);
    if (problems.length) return {problems};
    const {arrays, labels, fingerprint} = attnviz.run(model, tokens, carry);
    const plain = Object.values(arrays).map(({name, dims, shape, data}) => [name, {dims, shape, data: [...data]}]);
    return {tokens, labels, fingerprint, arrays: Object.fromEntries(plain)};
}"""


def open_own(
    page: Any, folder: Path, models: Sequence[Model], decimals: int = 2, missing: Sequence[str] = (), **facts: Any
) -> None:
    """Open a page with the panel of models alone; `facts` are what a lecture adds to each, such as `examples`."""
    folder.mkdir(exist_ok=True)
    written = [own_model(model, decimals) for model in models]
    plain = [each | facts for each in written if not isinstance(each, str)]
    contents = {name: lean((STATIC / name).read_text()) for name in (*SCRIPTS, "page.css", "own.css")}
    data = {"own": {"missing": missing}, "arrays": {}, "numbers": {}, "shots": [], "traces": [], "decimals": decimals}
    data["thumbnails"] = {"size": [1, 1], "columns": 1, "file": ""}
    contents |= {HEAT: heat_css(), MODELS: script_of(plain), "data.js": packed(data)}
    contents["index.html"] = _html(["data.js", *SCRIPTS, *([MODELS] if plain else [])])
    for name, text in contents.items():
        (folder / name).write_text(text, encoding="utf-8")
    page.goto((folder / "index.html").as_uri())
    page.wait_for_selector("html[data-ready]")


def _html(scripts: Sequence[str]) -> str:
    """Return the page's own HTML, of which the panel alone is left."""
    panel = re.search(r'<section id="own".*?</section>', TEMPLATE.read_text(), re.DOTALL)
    assert panel
    styles = "".join(f'<link rel="stylesheet" href="{name}">' for name in STYLES)
    sources = "".join(f'<script src="{name}" defer></script>' for name in scripts)
    head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>own</title>'
    view = '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
    return f'<!doctype html><html lang="en">{head}{view}{styles}{sources}<main><h1>Own</h1><video id="film" hidden></video></main>{panel[0]}<p id="told" role="status" class="unseen"></p></html>'


def computed(page: Any, text: str, words: Sequence[str] | None = None, carry: str = "exact", place: int = 0) -> Any:
    """Return what a page computes of a sentence: tokens, labels, arrays, fingerprint; or `problems`, in words."""
    return page.evaluate(COMPUTE, [place, text, words, carry])
