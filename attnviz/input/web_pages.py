"""What all pages for browsers have in common: whatever is put into them is escaped, and nothing is loaded from afar."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def templates(folder: Path) -> Environment:
    """Return the Jinja2 templates of a folder; every text that is put into them is escaped, for HTML and XML alike."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def policy(**allowed: str) -> str:
    """Return a Content-Security-Policy that forbids all but what is named: `policy(img_src="'self' data:")`."""
    rules = {"default_src": "'none'", "base_uri": "'none'", "form_action": "'none'"} | allowed
    return "; ".join(f"{name.replace('_', '-')} {sources}" for name, sources in rules.items())


def this_style(style: str) -> str:
    """Return what allows one style that stands in a page, and no other: a source for `style_src`."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"
