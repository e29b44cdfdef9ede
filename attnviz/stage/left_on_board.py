"""What a scene takes over from the one before it on its board: words, which stand for the same there and here."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from manim import Mobject, VGroup, VMobject

from attnviz.input.writing import bare
from attnviz.stage.icons import Icon
from attnviz.stage.receipts import is_visible
from attnviz.stage.typesetting import Writing
from attnviz.stage.unparted import folded


class LeftWord(VGroup):
    """A word that was left on a board: its text, its icon, or both."""

    def __init__(self, text: Writing | None, picture: Icon | None) -> None:
        super().__init__(*[part.copy() for part in (text, picture) if part is not None])
        self.text = self[0] if text is not None else None
        self.picture = self[-1] if picture is not None else None

    def cause_of(self, goal: Mobject) -> VMobject:
        """Return from which of its parts something comes: an icon from the icon, all else from the text."""
        parts = [self.text, self.picture]
        if any(isinstance(part, Icon) for part in goal.get_family()):
            parts.reverse()
        return next(part for part in parts if part is not None)


def words_among(left: Iterable[Mobject], words: Collection[str]) -> dict[str, LeftWord]:
    """Return copies of those of these words that are visible, by the word; of several texts the largest."""
    wanted = {folded(word): word for word in words}
    texts, pictures = dict[str, Writing](), dict[str, Icon]()
    for part in [part for thing in left for part in thing.get_family()]:
        if isinstance(part, Writing):
            word = wanted.get(folded(bare(part.source))) or wanted.get(folded(part.source))
            larger = word not in texts or part.type_size > texts[word].type_size + 0.1
            if word and larger and is_visible(part):
                texts[word] = part
        elif isinstance(part, Icon) and (word := wanted.get(folded(part.word))) and is_visible(part):
            pictures.setdefault(word, part)
    return {word: LeftWord(texts.get(word), pictures.get(word)) for word in words if word in texts or word in pictures}
