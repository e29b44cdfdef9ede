"""Storyboards with something changed, and sentences that nobody would write."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

import yaml

ODD_TEXTS = (
    *(
        "",
        " ",
        "\t",
        "\u00a0",
        "\u3000",
        "：",
        "\ufeff",
        "\u200b",
        "\u202e",
        "\u2028",
        "\x00",
        "\x1b[31m",
        "\ud800",
        "\r\n",
    ),
    *(
        "é",
        "e\u0301",
        "橙",
        "ส้ม",
        "🍎",
        "❤\ufe0f",
        "👍🏽",
        "'",
        '"',
        "`",
        "$",
        "#",
        "&a",
        "*a",
        "!!python/name:os.system",
    ),
    *("{{", "}}", "{", "}", "[", "<b>", "\\an8", "-->", "../x", "/etc/passwd", "%s%n", "; rm", "a" * 300),
    *("~", "null", "true", "yes", "1e999", "-0", ".nan", "0x10", "1_000", "9" * 400),
    *("apple", "orange", "an#2", "apple#9", "all"),
)
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 1, 2, 7, 10**12, 1.5, float("inf"), float("nan")),
    *([], {}, [None], {"a": 1}, [[]], "", "x", "left", "apple"),
)


def mutated(text: str, rng: random.Random) -> str:
    """Return a storyboard with one to three things changed, in its text or in its data."""
    for _ in range(rng.randint(1, 3)):
        text = rng.choice((in_text, in_text, in_data, in_data, in_data))(text, rng)
    return text


def in_text(text: str, rng: random.Random) -> str:
    """Change a line or a character."""
    lines = text.splitlines(keepends=True)
    if not lines:
        return text
    at = rng.randrange(len(lines))
    changes: tuple[Callable[[], str], ...] = (
        lambda: lines.pop(at),
        lambda: lines.insert(at, lines[rng.randrange(len(lines))]) or "",
        lambda: _swap(lines, at, rng.randrange(len(lines))),
        lambda: _set(lines, at, " " * rng.randint(1, 4) + lines[at]),
        lambda: _set(lines, at, lines[at].replace(" ", "", rng.randint(1, 3))),
        lambda: _set(lines, at, _with(lines[at], rng)),
        lambda: _set(
            lines,
            at,
            re.sub(r"\w+", lambda found: rng.choice(ODD_TEXTS) if rng.random() < 0.2 else found[0], lines[at]),
        ),
    )
    rng.choice(changes)()
    return "".join(lines)


def in_data(text: str, rng: random.Random) -> str:
    """Change a value, a key, or the order of things."""
    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return in_text(text, rng)
    inside = list(_inside(data))
    if not inside:
        return in_text(text, rng)
    parent, key = rng.choice(inside)
    other, other_key = rng.choice(inside)
    change = rng.randrange(6)
    if change == 0:
        parent[key] = rng.choice(ODD_VALUES)
    elif change == 1 and isinstance(parent[key], str):
        parent[key] = _with(parent[key], rng)
    elif change == 2 and isinstance(parent, dict):
        parent[rng.choice(ODD_TEXTS)] = parent.pop(key)
    elif change == 3:
        del parent[key]
    elif change == 4 and isinstance(parent, list):
        parent.insert(rng.randrange(len(parent) + 1), parent[key])
    else:
        parent[key], other[other_key] = other[other_key], parent[key]
    try:
        return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
    except (yaml.YAMLError, RecursionError, UnicodeError):
        return text


def hostile_sentence(rng: random.Random) -> str:
    """Return words in a row, among them some that are none."""
    known = ("an", "apple", "and", "orange", "phone", "a")
    share = rng.choice((0, 0.2, 1))  # of words that nobody would write
    words = [rng.choice(ODD_TEXTS if rng.random() < share else known) for _ in range(rng.randint(0, 12))]
    joined = rng.choice((" ", " ", " ", "", "\n")).join(words)
    return joined.replace("\x00", "")  # no operating system passes it on


def _inside(data: Any) -> list[tuple[Any, Any]]:
    """Return every value in nested data, as what holds it and its key there; what holds itself is entered once."""
    found: list[tuple[Any, Any]] = []
    waiting, entered = [data], set()
    while waiting:
        parent = waiting.pop()
        if id(parent) in entered:
            continue
        entered.add(id(parent))
        keys = list(parent) if isinstance(parent, dict) else range(len(parent)) if isinstance(parent, list) else ()
        for key in keys:
            found.append((parent, key))
            waiting.append(parent[key])
    return found


def _with(text: str, rng: random.Random) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(ODD_TEXTS) + text[at + rng.choice((0, 0, 1, 5)) :]


def _set(lines: list[str], at: int, line: str) -> str:
    lines[at] = line
    return line


def _swap(lines: list[str], one: int, other: int) -> str:
    lines[one], lines[other] = lines[other], lines[one]
    return ""
