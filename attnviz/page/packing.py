"""Data for a page, packed: as a script, since a page on disk may run scripts that lie beside it, but not read files."""

from __future__ import annotations

import base64
import gzip
import json
import re
from typing import Any

_COMMENT = re.compile(r"^[ \t]*/\*(?:(?!\*/).)*\*/[ \t]*\n", re.MULTILINE | re.DOTALL)


def packed(data: dict[str, Any]) -> str:
    """Return a script that leaves data in `window.attnviz_data`: JSON, made smaller by gzip, as base64.

    Nothing of a text in the data can be read as anything else there.
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return (
        f'"use strict";\nwindow.attnviz_data = "{base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()}";\n'
    )


def lean(text: str) -> str:
    """Return a script or a style sheet without what serves those alone who read its source.

    That is indentation, empty lines, and comments that are lines of their own; the first one says what the file is,
    and stays. No line may be inside a text.
    """
    first = _COMMENT.match(text)
    lines = (line.strip() for line in _COMMENT.sub("", text).splitlines())
    return (first[0] if first else "") + "".join(f"{line}\n" for line in lines if line)


def unpacked(script: str) -> dict[str, Any]:
    """Return the data that `packed` wrote into a script."""
    data = json.loads(gzip.decompress(base64.b64decode(script.split('"')[3])))
    assert isinstance(data, dict)
    return data
