"""Worksheets and quizzes as HTML: Jinja2 templates that escape all text, without a script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attnviz.input.web_pages import policy, templates, this_style

FOLDER = Path(__file__).with_name("templates")


def page(template: str, content: dict[str, Any]) -> str:
    """Return a page with its style, which alone may be applied: nothing is loaded, and nothing can be run."""
    style = (FOLDER / "sheet.css").read_text(encoding="utf-8")
    allowed = policy(style_src=this_style(style))
    return templates(FOLDER).get_template(template).render(content, style=style, policy=allowed) + "\n"
