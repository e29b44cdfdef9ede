"""The page of a batch of clips: their films, captions, what they are of. No script, no address outside."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from attnviz.input.embedded import embedded
from attnviz.input.web_pages import policy, this_style
from attnviz.input.whole_files import replacing
from attnviz.publish.descriptions import descriptions_of
from attnviz.publish.lecture import film_files
from attnviz.render.film.format import PLAYED

if TYPE_CHECKING:
    from attnviz.clips.request import ClipRequest
    from attnviz.publish.lecture import LectureFiles, Made

_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem }
main { display: grid; gap: 2rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)) }
figure { margin: 0 } video, img { width: 100% } h1, h2 { overflow-wrap: anywhere }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem } figcaption { overflow-wrap: anywhere }
"""
_POLICY = policy(style_src=this_style(_STYLE), img_src="'self'", media_src="'self' data:")
_PAGE = Template("""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="$policy">
<title>$title</title>
<style>$style</style>
$body
</html>
""")


class Shown(NamedTuple):
    """A clip on a page: its sentence, or the two that it compares, its film, its last frame, and what the film says.

    The files beside the film are named after it; there may be pictures only, and a sheet of the clip's own. `alt` tells
    what is to be seen on the last frame.
    """

    sentences: tuple[str, ...]
    film: Path | None
    still: Path
    about: str
    sheet: Path | None = None
    alt: str = ""


def shown_of(request: ClipRequest, files: LectureFiles, made: Made) -> Shown:
    """Return how a clip is shown that was made with its last frame, at least."""
    assert files.last_frame is not None
    sentences = (request.sentence,) if request.other is None else (request.sentence, request.other)
    [last] = descriptions_of(made.shots[-1:], made.fps)
    return Shown(sentences, files.film, files.last_frame, made.about, files.sheet, last.alt)


def batch_page(clips: Sequence[Shown], sheet: str) -> str:
    """Return the page of a batch as HTML; its links are relative to its folder, in which the clips lie, all made."""
    figures = [_figure(clip) for clip in clips]
    sheets = f'<p><a href="{_link(sheet)}">All last frames on one sheet</a></p>'
    return _page("Clips", "<h1>Clips</h1>", "<main>", *figures, "</main>", sheets)


def write_page(path: Path, page: str) -> None:
    """Write a page; an older one stays until the new one is complete. Raises `ProblemsFound`."""
    with replacing(path) as new:
        new.write_text(page, encoding="utf-8")


def _page(title: str, *body: str) -> str:
    return _PAGE.substitute(title=escape(title), style=_STYLE, policy=_POLICY, body="\n".join(body))


def _figure(clip: Shown) -> str:
    headings = "".join(f'<h2 dir="auto">{escape(sentence)}</h2>' for sentence in clip.sentences)
    links = {"storyboard": _link((clip.film or clip.still).with_suffix(".yaml").name)}
    links |= {"sheet": _link(clip.sheet.name)} if clip.sheet is not None else {}
    shown = f'<img src="{_link(clip.still.name)}" alt="{escape(clip.alt)}">'
    if clip.film is not None:
        numbers, described, _, captions, _, film = (_link(path.name) for path in film_files(clip.film))
        links = {"film": film, "captions": captions, "descriptions": described, "numbers": numbers} | links
        shown = _moving(clip.film, _link(clip.still.name), escape(clip.alt))
    listed = ", ".join(f'<a href="{link}">{name}</a>' for name, link in links.items())
    return f"<figure>{headings}{shown}<figcaption>{escape(clip.about)} ({listed})</figcaption></figure>"


def _moving(film: Path, still: str, alt: str) -> str:
    """Return what shows a film: a player, or a picture, where browsers do not play it."""
    if film.suffix.removeprefix(".") in PLAYED:
        tracks = _track(film, ".vtt", 'default kind="captions" label="captions"')
        tracks += _track(film, ".descriptions.vtt", 'kind="descriptions" srclang="en" label="descriptions"')
        return f'<video controls preload="none" poster="{still}" src="{_link(film.name)}">{tracks}</video>'
    return f'<img src="{_link(film.name) if film.suffix == ".gif" else still}" alt="{alt}">'


def _track(film: Path, suffix: str, attributes: str) -> str:
    """Return a track, which is within the page: browsers read none that lie beside a page on disk."""
    return f'<track {attributes} src="{embedded(film.with_suffix(suffix), "text/vtt")}">'


def _link(name: str) -> str:
    return escape(quote(name))
