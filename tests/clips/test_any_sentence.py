"""Whatever a class shouts: a storyboard that is right and tells the truth, or one clear message."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from attnviz.clips.make import filled
from attnviz.clips.request import ClipRequest
from attnviz.input.problems import ProblemsFound
from attnviz.render.opening import contents_of
from attnviz.render.run import Wish
from attnviz.render.shots.claims import untrue
from attnviz.storyboard import load
from tests.lecture_folders import claims_tried

WORDS = st.sampled_from(["an", "apple", "orange", "the", "phone", ".", "and", "she", "peeled"])
KNOWN = st.lists(WORDS, min_size=1, max_size=30).map(" ".join)
ODD = st.text(max_size=40)
# Of letters that the built-in fonts draw, so that most become a storyboard
DRAWN = st.text(st.characters(max_codepoint=0x24F, exclude_categories=("Cc", "Cs")), max_size=40)


def made_or_refused(sentence: str, model: str, folder: Path, wish: Wish) -> bool:
    """Return whether a sentence becomes a storyboard; hold that it is right, or that what is told is clear."""
    try:
        path = filled(ClipRequest(sentence, model=model, near=folder), folder / "clip.yaml", wish)
    except ProblemsFound as found:
        assert found.problems
        for problem in found.problems:
            assert problem.file is None
            assert "\n" not in str(problem)
            assert len(str(problem)) < 700
        return False
    storyboard = load(path, vocabulary=contents_of)
    assert untrue(claims_tried(storyboard, wish.cache), path) == []
    return True


LITTLE = settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.slow
@given(KNOWN)
@LITTLE
def test_any_words_that_a_small_model_knows(traces_made_here: None, shared: Path, wish: Wish, sentence: str) -> None:
    assert made_or_refused(sentence, "small", shared, wish)


@given(ODD)
@settings(LITTLE, max_examples=20)
@example("an {apple} ${word}")
@example("apple " * 2000)
def test_any_text_for_a_small_model(traces_made_here: None, shared: Path, wish: Wish, sentence: str) -> None:
    made_or_refused(sentence, "small", shared, wish)


@pytest.mark.slow
@pytest.mark.pretrained
@given(DRAWN)
@settings(LITTLE, max_examples=4)
@example("Don't \"quote\" it's a 'test'!")
@example("<b>#set text(red)</b> $x^2$ & {weights[a,b]} ${word}")
@example("- a: [b, 'c'] # comment")
@example("}} {{ {x")
@example('"""')
@example("~")
@example("[CLS] hi [SEP]")
@example("שלום עולם")
@example("word " * 80)
def test_any_text_for_a_published_model(traces_made_here: None, shared: Path, wish: Wish, sentence: str) -> None:
    pytest.importorskip("transformers", reason="needs the extra `pretrained`")
    made_or_refused(sentence, "minilm", shared, wish)
