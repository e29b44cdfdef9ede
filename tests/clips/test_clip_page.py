"""The page of a batch: what anybody has typed stays text, and links lead to the files beside it."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

from attnviz.clips.page import Shown, page_of


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


def test_text_is_text_and_links_are_relative() -> None:
    evil = '<script>alert(1)</script> & "x" </h2>'
    folder = Path("/somewhere/else")
    clips = [Shown(evil, folder / "a?b#c%20.mp4", folder / "ü.png", "by <i>me</i>")]
    seen = Seen(page_of(clips, "sheet.png"))
    assert evil in "".join(seen.texts)
    assert "by <i>me</i>" in "".join(seen.texts)
    assert "script" not in seen.tags
    assert "i" not in seen.tags
    assert set(seen.links) == {"a?b#c%20.mp4", "ü.png", "a?b#c%20.vtt", "a?b#c%20.yaml", "sheet.png"}


def test_what_is_no_video_is_a_picture() -> None:
    assert Seen(page_of([Shown("x", Path("a.gif"), Path("a.png"), "")], "sheet.png")).tags.count("img") == 1
