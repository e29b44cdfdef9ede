"""All numbers of a film as a table, for spreadsheets: what `lecture.numbers.json` has of each, a row a number."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

COLUMNS = ("text", "value", "array", "labels", "formula", "sentence", "model", "fingerprint", "layer", "head", "shot")
TIMES = ("start", "end")
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def numbers_csv(numbers_json: str) -> str:
    """Return the numbers of a film as CSV, from its numbers as JSON; times are in seconds."""
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerow([*COLUMNS, *TIMES])
    for number in json.loads(numbers_json)["numbers"]:
        plain = number | {"labels": _labels(number["coords"])}
        writer.writerow([_cell(plain[name]) for name in COLUMNS] + [number[name] for name in TIMES])
    return rows.getvalue()


def _labels(coords: Mapping[str, str]) -> str:
    return ", ".join(f"{dim}={label}" for dim, label in coords.items())


def _cell(value: Any) -> Any:
    """Return what stands in a cell; what a spreadsheet would take for a formula, and is no number, is quoted."""
    if isinstance(value, str) and value.startswith(_FORMULA_SIGNS) and not _is_number(value):
        return f"'{value}"
    return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
