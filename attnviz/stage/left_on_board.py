"""What a scene takes over from the one before it on its board: words, which stand for the same there and here."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from manim import Mobject

from attnviz.input.writing import bare
from attnviz.stage.receipts import is_visible
from attnviz.stage.typesetting import Writing
from attnviz.stage.unparted import folded


def words_among(left: Iterable[Mobject], words: Collection[str]) -> dict[str, Writing]:
    """Return copies of the visible texts that are one of these words, by the word; of several the largest."""
    wanted = {folded(word): word for word in words}
    found: dict[str, Writing] = {}
    for text in [part for thing in left for part in thing.get_family() if isinstance(part, Writing)]:
        word = wanted.get(folded(bare(text.source))) or wanted.get(folded(text.source))
        if word and is_visible(text) and (word not in found or text.type_size > found[word].type_size + 0.1):
            found[word] = text
    return {word: text.copy() for word, text in found.items()}
