"""The words at the heads of a table: all in one size, none wider than its room, words that come again numbered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attnviz.stage import theme
from attnviz.stage.names import SUBSCRIPTS
from attnviz.stage.reading import visible_word
from attnviz.stage.typesetting import Writing, prose

SMALLEST_WORD = 24.0
"""The type size below which a word is cut short rather than set smaller."""


def told_apart(labels: Sequence[str]) -> list[str]:
    """Return tokens' words as they are read; those of a word that stands there more than once are numbered: apple₂."""
    words = [visible_word(label) for label in labels]
    which = [label.rpartition("#")[2] if label != word else "1" for label, word in zip(labels, words, strict=True)]
    return [
        word + (number.translate(SUBSCRIPTS) if words.count(word) > 1 else "")
        for word, number in zip(words, which, strict=True)
    ]


def fitted_words(
    labels: Sequence[str], most: float, *, size: float, colors: Mapping[str, str], bold: bool = False
) -> list[Writing]:
    """Set tokens' words in one size, none wider than `most`: all smaller where it must be, and at last cut short."""

    def write(word: str, label: str) -> Writing:
        return prose(word, size=size, color=colors.get(label, theme.INK), bold=bold, own=True)

    words = told_apart(labels)
    texts = [write(word, label) for word, label in zip(words, labels, strict=True)]
    widest = max((text.width for text in texts), default=most)
    if widest <= most:
        return texts
    size = max(SMALLEST_WORD, size * most / widest)
    texts = []
    for word, label in zip(words, labels, strict=True):
        text = write(word, label)
        while text.width > most and len(word) > 1:
            word = word[: max(1, min(len(word) - 1, int(len(word) * most / text.width)))]
            text = write(word + "…", label)
        texts.append(text)
    return texts
