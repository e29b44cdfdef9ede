"""The words at the heads of a table: all in one size, none wider than its room, words that come again numbered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from uniseg.graphemecluster import grapheme_clusters  # type: ignore[import-untyped]

from attnviz.input.questions import told_apart
from attnviz.stage import theme
from attnviz.stage.typesetting import Writing, prose

SMALLEST_WORD = float(theme.SMALLEST)
"""The type size below which a word is cut short rather than set smaller."""


def cut_short(word: str, letters: int) -> str:
    """Return the first letters of a word and an ellipsis, or the word if it has no more.

    Letters are counted as readers do (UAX #29): no sign is parted from what it stands on.
    """
    found = list(grapheme_clusters(word))
    return word if len(found) <= letters else "".join(found[:letters]) + "…"


def fitted_words(
    labels: Sequence[str], most: float, *, size: float, colors: Mapping[str, str], bold: bool = False,
    among: Sequence[str] | None = None,
) -> list[Writing]:  # fmt: skip
    """Set tokens' words in one size, none wider than `most`: all smaller where it must be, and at last cut short.

    They are told apart from all that they stand `among`.
    """

    def write(word: str, label: str) -> Writing:
        return prose(word, size=size, color=colors.get(label, theme.INK), bold=bold, own=True)

    words = told_apart(labels, among)
    texts = [write(word, label) for word, label in zip(words, labels, strict=True)]
    widest = max((text.width for text in texts), default=most)
    if widest <= most:
        return texts
    size = max(SMALLEST_WORD, size * most / widest)
    texts = []
    for word, label in zip(words, labels, strict=True):
        text, letters = write(word, label), len(list(grapheme_clusters(word)))
        while text.width > most and letters > 1:
            letters = max(1, min(letters - 1, int(letters * most / text.width)))
            text = write(cut_short(word, letters), label)
        texts.append(text)
    return texts
