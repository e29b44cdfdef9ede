"""Labels beside a recording, as Audacity exports them: when a word, or a mark of the storyboard, is heard.

A line is `begins<TAB>ends<TAB>label`, in seconds. A label is words of the text, or a mark as it is written there
(`[arrow]`); labels come in the order of the text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.whole_files import disk_says
from attnviz.storyboard.told import MarkAt

MOST_BYTES = 1_000_000
_LIKE = "lines like 1.25<TAB>1.25<TAB>orange, as Audacity exports labels"


@dataclass(frozen=True)
class Anchor:
    """A place in a text, counted in characters, and when it is spoken: seconds since the recording began."""

    at: int
    seconds: float


def labels_of(recording: Path) -> Path:
    """Return where the labels of a recording would be."""
    return recording.with_suffix(".txt")


def anchors_in(path: Path, text: str, marks: Sequence[MarkAt], seconds: float) -> list[Anchor]:
    """Return what a file of labels says of a text, in its order; the recording is so many `seconds` long.

    Raises `ProblemsFound`, with the file and the line, for all that cannot be read or found.
    """
    anchors: list[Anchor] = []
    problems: list[Problem] = []
    left = list(marks)
    for line, begins, label in _lines(path):
        after = anchors[-1] if anchors else Anchor(0, 0.0)
        if not after.seconds <= begins <= seconds:
            when = f"before the label above it, at {after.seconds:.2f} s" if begins < after.seconds else "after the end"
            problems.append(Problem(f"'{label}' is {when}", path, line, hint=f"the sound is {seconds:.1f} s long"))
            continue
        at = _mark_place(label, left, after.at) if label.startswith("[") else _word_place(label, text, after.at)
        if at is None:
            hint = "write words of the text, or a mark as in the storyboard; labels come in the order of the text"
            problems.append(Problem(f"'{label}' is not in what is said from here on", path, line, hint))
            continue
        anchors.append(Anchor(at, begins))
    if problems:
        raise ProblemsFound(problems)
    return anchors


def _mark_place(label: str, left: list[MarkAt], after: int) -> int | None:
    """Return where the next mark that is written so stands, and take it from those that are left."""
    plain = re.sub(r"\s", "", label)
    for index, mark in enumerate(left):
        if re.sub(r"\s", "", mark.mark.source) == plain and mark.at >= after:
            del left[: index + 1]
            return mark.at
    return None


def _word_place(label: str, text: str, after: int) -> int | None:
    """Return where the next words of the text begin that a label quotes; capitals and punctuation do not matter."""
    words = re.findall(r"\w+", label)
    if not words:
        return None
    found = re.compile(r"\b" + r"\W+".join(map(re.escape, words)) + r"\b", re.IGNORECASE).search(text, after)
    return found.start() if found else None


def _lines(path: Path) -> Iterator[tuple[int, float, str]]:
    """Yield the number of each line, when its label begins, and the label."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ProblemsFound(Problem("too large for a file of labels", path, hint=f"expected {_LIKE}"))
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ProblemsFound(Problem("is not UTF-8", path, hint=f"expected {_LIKE}")) from None
    except OSError as error:
        raise ProblemsFound(Problem(f"cannot be read: {disk_says(error)}", path)) from error
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("\\"):  # Audacity notes frequencies there
            continue
        begins, *rest = line.split("\t")
        label = rest[-1].strip() if len(rest) == 2 else ""
        seconds = _seconds(begins)
        if seconds is None or not label:
            raise ProblemsFound(Problem("is no label", path, number, hint=f"expected {_LIKE}"))
        yield number, seconds, label


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text.replace(",", "."))
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
