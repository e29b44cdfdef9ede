"""Values where a template names them, `${word}`: in a text, in a narration, in a claim; each has its own escapes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attnviz.storyboard.narration import quoted

NAMED = re.compile(r"\$\{(?P<name>[a-z][a-z0-9_]*)\}")
_BRACKETS = re.compile(r"[{}\[\]]")
_NAMED = r"\$\{[a-z][a-z0-9_]*\}"
_INSIDE = rf'"[^"]*"|{_NAMED}'
_PIECES = re.compile(  # as `attnviz.storyboard.narration` reads them, but that names are in braces, too
    rf"{NAMED.pattern}|\{{\{{|\}}\}}|\[\[|\]\]|(?P<inside>\{{(?:{_INSIDE}|[^{{}}\"])*\}}"
    rf"|\[(?:{_INSIDE}|\[(?:{_INSIDE}|[^\[\]\"])*\]|[^\[\]\"])*\])|[^${{}}\[\]]+|."
)


class AbsentError(Exception):
    """A template names what is not there for this sentence, such as a second word of a sentence of one."""


@dataclass(frozen=True)
class Value:
    """What a name in a template stands for: `plain` in a storyboard's keys, `spoken` (or else as it is) in texts."""

    plain: Any
    spoken: str = ""

    @property
    def said(self) -> str:
        """How it stands within a text."""
        return self.spoken or str(self.plain)

    @property
    def label(self) -> str:
        """How it stands within an insert or a claim: a number as it is, all else in quotes."""
        return str(self.plain) if isinstance(self.plain, int | float) else quoted(str(self.plain))


Values = Mapping[str, Value]


def value_of(name: str, values: Values) -> Value:
    """Return the value of a name; raises `AbsentError` if there is none."""
    if name not in values:
        raise AbsentError(name)
    return values[name]


def in_data(text: str, values: Values) -> Any:
    """Return a text of a storyboard's keys with its values: a text that is nothing but a name is the value itself."""
    if whole := NAMED.fullmatch(text):
        return value_of(whole["name"], values).plain
    return NAMED.sub(lambda found: value_of(found["name"], values).said, text)


def in_claim(text: str, values: Values) -> str:
    """Return a claim with its values as labels, or as numbers."""
    return NAMED.sub(lambda found: value_of(found["name"], values).label, text)


def in_narration(text: str, values: Values) -> str:
    """Return a narration with its values: as labels within its inserts and marks, else as they are said."""
    written = list[str]()
    for found in _PIECES.finditer(text):
        if found["name"]:
            written.append(_BRACKETS.sub(r"\g<0>\g<0>", value_of(found["name"], values).said))
        else:
            written.append(in_claim(found[0], values) if found["inside"] else found[0])
    return "".join(written)
