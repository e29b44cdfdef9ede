"""The sentences of a scene: one, several by name, or words alone."""

from __future__ import annotations

import re

from attnviz.input.problems import NotInstalled, ProblemsFound
from attnviz.input.validation import Place
from attnviz.model.interface import Contents, View
from attnviz.storyboard.keys import SceneKeys, SentenceKeys
from attnviz.storyboard.problem_list import ProblemList
from attnviz.storyboard.types import SentenceSpec, Vocabulary

ONLY = "sentence"  # the name of the sentence in a scene that has just one
_NAME = re.compile(r"[^\W\d][\w-]*")


def read_sentences(problems: ProblemList, at: Place, keys: SceneKeys) -> tuple[SentenceSpec, ...]:
    """Return the sentences of a scene, the default first."""
    if keys.sentences is None:
        if keys.sentence is None and keys.words is None:
            return ()
        place: Place = (*at, "words" if keys.sentence is None else "sentence")
        spec = _spec(problems, place, ONLY, keys.sentence, keys.words)
        return () if spec is None else (spec,)
    if keys.sentence is not None or keys.words is not None:
        hint = "put words under a sentence: `name: {text: …, words: […]}`"
        problems.add((*at, "sentences"), "give either `sentences`, or `sentence` and `words`", hint)
    specs = []
    for name, sentence in keys.sentences.items():
        each = sentence if isinstance(sentence, SentenceKeys) else SentenceKeys(text=sentence)
        place = (*at, "sentences", name)
        if not _NAME.fullmatch(name):
            problems.add(place, f"'{name[:60]}' cannot name a sentence", "a letter first, then letters, digits, - or _")
        specs.append(_spec(problems, place, name, each.text, each.words))
    return tuple(spec for spec in specs if spec is not None)


def _spec(
    problems: ProblemList, at: Place, name: str, text: str | None, words: list[str] | None
) -> SentenceSpec | None:
    """Return one sentence, or None after reporting what is wrong with it."""
    if text is None and words is None:
        problems.add(at, "a sentence needs a text, words, or both")
        return None
    if text is not None and not text.strip():
        problems.add(at, "the sentence is empty")
        return None
    line = problems.source.line_of(at)
    return SentenceSpec(name, text, None if words is None else tuple(words), line)


class Boards:
    """What can be named for each model and sentence, asked once each."""

    def __init__(self, vocabulary: Vocabulary, problems: ProblemList) -> None:
        self.vocabulary = vocabulary
        self.problems = problems
        self.answers: dict[object, Contents | ProblemsFound] = {}

    def ask(self, model: str, sentence: SentenceSpec | None, view: View, at: Place) -> Contents | None:
        """Return what can be named for a sentence (or a model alone); None after reporting why that is unknown."""
        text, words = (None, None) if sentence is None else (sentence.text, sentence.words)
        if any(place[: len(at)] == at for place in self.problems.told):
            return None  # its unreadable characters have been reported
        answer = self._answer(model, text, words, view)
        if isinstance(answer, ProblemsFound):
            self.problems.add_all(at, answer)
            return None
        return answer

    def missing(self, model: str, view: View) -> NotInstalled | None:
        """Return what is told of a model that is not on this machine; None for one that is there, or is none."""
        answer = self._answer(model, None, None, view)
        return answer if isinstance(answer, NotInstalled) else None

    def _answer(
        self, model: str, text: str | None, words: tuple[str, ...] | None, view: View
    ) -> Contents | ProblemsFound:
        asked = (model, text, words, view)
        if asked not in self.answers:
            try:
                self.answers[asked] = self.vocabulary(model, self.problems.source.path.parent, text, words, view)
            except ProblemsFound as found:
                self.answers[asked] = found
        return self.answers[asked]
