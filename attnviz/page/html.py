"""The page's HTML: its frame, which scripts fill with what is known of the lecture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attnviz.input.web_pages import policy, templates

TEMPLATES = Path(__file__).with_name("templates")
POLICY = policy(
    script_src="'self'",
    style_src="'self'",
    img_src="'self' data:",
    media_src="'self' data: blob:",
    connect_src="'self'",
)
"""What the page may load: scripts, styles, film and pictures that lie beside it, and nothing from elsewhere."""


def page_html(data: dict[str, Any], scripts: Sequence[str]) -> str:
    """Return the HTML of a page; every text in it is escaped."""
    return templates(TEMPLATES).get_template("index.html").render(lecture=data, scripts=scripts, policy=POLICY)
