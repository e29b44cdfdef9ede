"""What a scene's shots write of its sentences, as far as its source tells: for what is checked before it is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attnviz.input.writing import is_punctuation
from attnviz.storyboard.types import SentenceSpec, Shot
from attnviz.storyboard.verbs import SceneSource


def shown_of_sentences(source: SceneSource, sentences: Sequence[SentenceSpec], shots: Sequence[Shot]) -> dict[str, str]:
    """Return what is surely written of sentences, by their names: all of one, or its words on the board."""
    specs = {each.name: each for each in sentences}
    meant = list(zip(shots, _sentences_meant(shots, next(iter(specs), None)), strict=True))
    words = {name for shot, name in meant if shot.verb in source.writes_words and name in specs}
    whole = {name for shot, name in meant if shot.verb in source.writes_sentence and name in specs}
    return {
        name: _whole(spec) if name in whole else _words(spec) for name, spec in specs.items() if name in words | whole
    }


def _sentences_meant(shots: Sequence[Shot], first: str | None) -> Iterator[str | None]:
    """Yield the sentence that each shot is about; None where it is not known.

    A verb that names none means the first or, where it goes on with what is there, the one that was named before.
    """
    named = {first}
    for shot in shots:
        given = shot.arguments.get("sentence")
        named.add(first if given is None else given)
        yield given if given is not None else first if named == {first} else None


def _whole(sentence: SentenceSpec) -> str:
    return " ".join(sentence.words or ()) if sentence.text is None else sentence.text


def _words(sentence: SentenceSpec) -> str:
    """Return the words on the board: those that were chosen, or all of the text, in which some models read no signs."""
    if sentence.words is not None:
        return " ".join(sentence.words)
    return "".join(letter for letter in sentence.text or "" if not is_punctuation(letter))
