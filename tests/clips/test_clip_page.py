"""The page of a batch of clips: what anybody has typed stays text, and links lead to the files beside it."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from attnviz.clips.page import Shown, batch_page


class Seen(HTMLParser):
    """Notes the tags, the links and the texts of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags, self.links, self.texts = list[str](), list[str](), list[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [unquote(value or "") for name, value in attrs if name in ("src", "href", "poster")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def page_of(clip: Shown) -> str:
    return batch_page([clip], "sheet.png")


def test_text_is_text_and_links_are_relative(tmp_path: Path) -> None:
    evil, other = '<script>alert(1)</script> & "x" </h2></title> $body', "</title><i>other</i>"
    (tmp_path / "a?b#c%20.vtt").write_text(captions := f"WEBVTT\n\n00:00.000 --> 00:01.000\n{evil}\n")
    (tmp_path / "a?b#c%20.descriptions.vtt").write_text("WEBVTT\n")
    seen = Seen(page_of(Shown((evil, other), tmp_path / "a?b#c%20.mp4", tmp_path / "ü.png", "by <i>me</i>", alt=evil)))
    for text in (evil, other, "by <i>me</i>"):
        assert text in "".join(seen.texts)
    assert not {"script", "i"} & set(seen.tags)
    beside = {f"a?b#c%20.{suffix}" for suffix in ("mp4", "vtt", "descriptions.vtt", "yaml", "numbers.json")} | {"ü.png"}
    track, told = (link for link in seen.links if link.startswith("data:"))
    assert set(seen.links) - {"sheet.png", track, told} == beside
    assert base64.b64decode(told.removeprefix("data:text/vtt;base64,")).decode() == "WEBVTT\n"
    assert base64.b64decode(track.removeprefix("data:text/vtt;base64,")).decode() == captions


@pytest.mark.parametrize(
    ("film", "shown"),
    [("a.mp4", "a.mp4"), ("a.webm", "a.webm"), ("a.gif", "a.gif"), ("a.mov", "a.png"), ("a.frames", "a.png")],
)
def test_what_browsers_do_not_play_is_a_picture(film: str, shown: str, tmp_path: Path) -> None:
    for suffix in (".vtt", ".descriptions.vtt"):
        (tmp_path / "a.vtt").with_suffix(suffix).write_text("WEBVTT\n")
    page = page_of(Shown(("x",), tmp_path / film, Path("a.png"), "", alt='a "table"'))
    tag = "video" if film in ("a.mp4", "a.webm") else "img"
    assert re.findall(r'<(video|img) [^>]*src="([^"]+)"', page) == [(tag, shown)]
    assert tag == "video" or f'<img src="{shown}" alt="a &quot;table&quot;">' in page
    assert f'<a href="{film}">film</a>' in page


def test_only_films_pictures_and_its_own_style_may_be_loaded() -> None:
    page = page_of(Shown(("x",), None, Path("a.png"), ""))
    [style] = re.findall("<style>(.*?)</style>", page, flags=re.DOTALL)
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    [rules] = re.findall('<meta http-equiv="Content-Security-Policy" content="([^"]+)">', page)
    assert set(rules.split("; ")) == {
        *("default-src 'none'", "base-uri 'none'", "form-action 'none'", "img-src 'self'", "media-src 'self' data:"),
        f"style-src 'sha256-{allowed}'",
    }
