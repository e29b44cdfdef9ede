"""The page's HTML: its frame, which scripts fill with what is known of the lecture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jinja2

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self' data: blob:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
    )
)
"""What the page may load: scripts, styles, film and pictures that lie beside it, and nothing from elsewhere."""


def page_html(data: dict[str, Any], scripts: Sequence[str]) -> str:
    """Return the HTML of a page; every text in it is escaped."""
    loader = jinja2.PackageLoader("attnviz.page")
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.get_template("index.html").render(lecture=data, scripts=scripts, policy=POLICY)
