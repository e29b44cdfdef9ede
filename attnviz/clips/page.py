"""The page of a batch: every clip with its sentence, its captions, and what it is of. No script, no address outside."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

_HEAD = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Clips</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem }
main { display: grid; gap: 2rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)) }
figure { margin: 0 } video, img { width: 100% } h2 { font-size: 1.1rem; overflow-wrap: anywhere }
figcaption { overflow-wrap: anywhere }
</style>
"""


class Shown(NamedTuple):
    """A clip on the page: its sentence, its film, its last frame, and what the film says of itself."""

    sentence: str
    film: Path
    still: Path
    about: str


def page_of(clips: Sequence[Shown], sheet: str) -> str:
    """Return the page as HTML; its links are relative to its folder, in which the clips lie."""
    parts = [_HEAD, "<h1>Clips</h1>", "<main>", *map(_figure, clips), "</main>"]
    parts.append(f'<p><a href="{_link(sheet)}">All last frames on one sheet</a></p>')
    return "\n".join(parts) + "\n</html>\n"


def _figure(clip: Shown) -> str:
    film, still = _link(clip.film.name), _link(clip.still.name)
    captions = _link(clip.film.with_suffix(".vtt").name)
    moving = f'<img src="{film}" alt="">'
    if clip.film.suffix != ".gif":
        track = f'<track default kind="captions" src="{captions}">'
        moving = f'<video controls preload="none" poster="{still}" src="{film}">{track}</video>'
    storyboard = _link(clip.film.with_suffix(".yaml").name)
    about = f'{escape(clip.about)} (<a href="{film}">film</a>, <a href="{storyboard}">storyboard</a>)'
    heading = f'<h2 dir="auto">{escape(clip.sentence)}</h2>'
    return f"<figure>{heading}{moving}<figcaption>{about}</figcaption></figure>"


def _link(name: str) -> str:
    return escape(quote(name))
