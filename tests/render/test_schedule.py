"""When plays start: at their marks, in time for the numbers that are said, and else with the clauses."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnviz.render.shots.beats import Beat, beats_of
from attnviz.render.shots.said import Said
from attnviz.render.shots.schedule import (
    EARLY,
    HURRIED,
    LATE,
    LEISURELY,
    OUTLASTS,
    READABLE,
    SLOWEST,
    out_of_step,
    play_bringing,
    schedule,
)
from attnviz.render.shots.timing import SETTLED, Timing, timing_of
from attnviz.storyboard.cues import NumberNamed
from attnviz.storyboard.length import SPOKEN_PAUSE
from attnviz.storyboard.narration import Insert, parse
from attnviz.storyboard.reading import read_aloud
from attnviz.storyboard.told import NumberAt, Told, told
from attnviz.testing import open_stage, traces_of, undrawn

WEIGHT = NumberNamed("weights", {"query": "apple", "key": "orange"})


def said(text: str, *, aloud: bool = True, words_per_minute: float = 150) -> Said:
    """Return what is said by a voice that speaks as fast as one reads; every number is the weight."""
    plain = told(parse(text), lambda insert: 0.43)
    numbers = tuple(NumberAt(each.insert, each.start, each.end, WEIGHT) for each in plain.numbers)
    words = read_aloud(plain.text, words_per_minute)
    seconds = words[-1].ends if words else 0.0
    return Said(Told(plain.text, plain.marks, numbers), seconds, words, "a sound" if aloud else None, 24_000)


def beats(*lengths: float, names: str = "", bringing: int | None = None) -> list[Beat]:
    found, now = [], 0.0
    for place, (length, name) in enumerate(zip(lengths, names or " " * len(lengths), strict=True)):
        found.append(Beat(name.strip(), now, now + length, (WEIGHT,) if place == bringing else ()))
        now += length
    return found


def starts(spoken: Said, plays: list[Beat]) -> list[float]:
    return [start for start, _ in schedule(spoken, plays)]


def word_time(spoken: Said, word: str) -> float:
    return spoken.when(spoken.told.text.index(word))


def test_a_mark_starts_its_play_as_the_word_after_it_is_spoken():
    spoken = said("Here is the plane, and here come [b] words, each at its [c] place.")
    plays = beats(1, 1, 1, names="abc")
    assert starts(spoken, plays)[1:] == [word_time(spoken, "words,"), word_time(spoken, "place.")]


def test_a_mark_without_a_name_starts_the_play_after_the_last_one_that_was_marked():
    spoken = said("One, [b] two, and [] three words come here.")
    plays = beats(0.3, 0.3, 0.3, 0.3, names="abcd")
    assert starts(spoken, plays)[1:3] == [word_time(spoken, "two"), word_time(spoken, "three")]


def test_of_plays_with_one_name_the_next_is_meant():
    spoken = said("Two words come, [a] first this one and then [a] that one.")
    plays = beats(0.3, 0.3, names="aa")
    assert starts(spoken, plays) == [word_time(spoken, "first"), word_time(spoken, "that")]


def test_plays_without_marks_begin_with_the_clauses():
    spoken = said("This is the first clause, this is the second one, and here is the third.")
    assert starts(spoken, beats(0.5, 0.5, 0.5)) == list(spoken.clauses)


def test_more_plays_than_clauses_are_spread_evenly():
    spoken = said("Nothing but a single clause that has a few words")
    found = starts(spoken, beats(0.2, 0.2, 0.2, 0.2))
    gaps = [after - before for before, after in pairwise(found)]
    assert gaps == pytest.approx([gaps[0]] * 3)
    assert found[0] == 0


def test_a_number_that_is_said_is_there_in_time():
    spoken = said("After a while that is taken up by words, apple gives {weights} of itself to orange.")
    plays = beats(0.6, 0.6, 0.6, bringing=1)
    found = schedule(spoken, plays)
    word = word_time(spoken, "0.43")
    assert word - 1 <= found[1][0] + 0.6 <= word + LATE
    assert out_of_step(spoken, plays, *zip(*found, strict=True)) == []


def test_numbers_that_come_together_come_between_their_words():
    spoken = said("Here {one} and {two}.")
    times = ((0, 0.4), (0.4, 1.6), (1.6, 2.0), (2.0, 3.2))  # a number takes longer to say than a word
    words = tuple(replace(word, begins=a, ends=b) for word, (a, b) in zip(spoken.words, times, strict=True))
    two = NumberNamed("weights", {"query": "apple", "key": "apple"})
    numbers = [replace(number, named=named) for number, named in zip(spoken.told.numbers, (WEIGHT, two), strict=True)]
    spoken = replace(spoken, told=replace(spoken.told, numbers=tuple(numbers)), words=words, seconds=3.2)
    (first, first_end), (second, _) = [(begins, ends) for _, begins, ends in spoken.numbers()]
    assert second - first > EARLY + READABLE  # so that it would be early, if it came with the first word
    plays = [replace(beat, numbers=(WEIGHT, two)) for beat in beats(0.5)]
    found = schedule(spoken, plays)
    there = found[0][0] + 0.5
    assert second - EARLY <= there <= first_end + LATE
    assert out_of_step(spoken, plays, *zip(*found, strict=True)) == []


def test_a_number_that_cannot_be_there_in_time_is_told():
    spoken = said("Now {weights} comes at the very beginning of a sentence that is long enough.")
    plays = beats(3.0, 1.0, bringing=1)
    [(source, late)] = out_of_step(spoken, plays, *zip(*schedule(spoken, plays), strict=True))
    assert (source, late > LATE) == ("{weights}", True)


def test_a_number_that_is_said_twice_need_not_come_twice():
    spoken = said("It is {w}, and after all of this has been said and done, it is still the same {w}.")
    plays = beats(1, bringing=0)
    [(start, pace)] = schedule(spoken, plays)
    assert out_of_step(spoken, plays, [start], [pace]) == []
    spoken = said("After all of this has been said and done, it is still the same {w}.")
    assert [off < -1 for _, off in out_of_step(spoken, plays, [0.0], [1.0])] == [True]


def test_a_mark_is_stronger_than_a_number():
    spoken = said("Apple gives {weights} of itself, and here it is [b] on screen.")
    assert starts(spoken, beats(0.5, 0.5, names="ab", bringing=1))[1] == word_time(spoken, "on")


def test_plays_that_would_outlast_the_words_are_hurried_up_to_a_limit():
    spoken = said("Just a few words and some more, which take a while, and others after them.")
    paces = {pace for _, pace in schedule(spoken, beats(spoken.seconds / 2, spoken.seconds / 2 + OUTLASTS + 0.2))}
    assert len(paces) == 1
    assert HURRIED < paces.pop() < 1
    assert {pace for _, pace in schedule(spoken, beats(60.0))} == {HURRIED}


def test_a_play_is_hurried_so_that_the_next_can_start_at_its_mark():
    spoken = said("These words are for the first play, and [b] these for the second one.")
    mark = word_time(spoken, "these for")
    first, second = schedule(spoken, beats(1.2 * mark, 0.5, names="ab"))
    assert second[0] == mark
    assert HURRIED < first[1] < 1
    late = schedule(spoken, beats(2 * mark, 0.5, names="ab"))[1][0]
    assert late == pytest.approx(HURRIED * 2 * mark)


def test_plays_take_their_time_while_somebody_speaks():
    text = "A long sentence is said here, while only one thing moves."
    assert schedule(said(text), beats(1.0)) == [(0.0, LEISURELY)]
    assert schedule(said(text, aloud=False), beats(1.0)) == [(0.0, 1.0)]


def test_a_play_ends_with_the_words_rather_than_just_before():
    spoken = said("These are five words, no more.")
    [(_, pace)] = schedule(spoken, beats(1.1), lingers=0.1)
    assert pace == round((spoken.seconds + 0.1) / 1.1, 2) > LEISURELY


def test_nothing_waits_where_nothing_is_said():
    assert schedule(said(""), beats(1.0, 2.0)) == [(0.0, 1.0), (1.0, 1.0)]


def test_what_moves_by_the_clock_is_left_alone():
    timing = Timing(reading=9.0)
    assert timing.in_step(said("Nine seconds, say."), beats(1.0), timed=True) == timing


def test_a_spoken_shot_pauses_after_its_last_word_and_shortly_after_its_last_motion():
    spoken = said("Just a few words.")
    timing = timing_of(spoken, 0.0)
    assert timing.rest_after(0.0) == pytest.approx(spoken.seconds + SPOKEN_PAUSE)
    assert timing.rest_after(spoken.seconds) == pytest.approx(SPOKEN_PAUSE)
    assert timing.rest_after(spoken.seconds + 1) == SETTLED
    assert timing_of(spoken, 2.0).rest_after(spoken.seconds + 9) == SETTLED + 2
    silent = timing_of(said("Just a few words.", aloud=False), 0.0)
    assert silent.rest_after(silent.reading + 1) == silent.pause


def test_a_number_that_a_mark_names_may_be_written_in_any_way():
    spoken = said("Apple [indicate: weights[apple, orange]] gives some to orange.")
    found = replace(spoken.told, marks=tuple(replace(mark, named=(WEIGHT,)) for mark in spoken.told.marks))
    [cue] = [cue for cue in replace(spoken, told=found).cues() if cue.gesture]
    assert (cue.text, cue.number, cue.gesture) == ("", WEIGHT, "indicate")


def test_what_is_said_can_be_pointed_at_when_it_is_said():
    spoken = said("Apple [indicate: orange] gives {weights} to orange. That is all.")
    cues = spoken.cues()
    assert [cue.begins for cue in cues] == sorted(cue.begins for cue in cues)
    assert [(cue.text, cue.gesture) for cue in cues if cue.text == "orange"] == [("orange", "indicate"), ("orange", "")]
    [gesture] = [cue for cue in cues if cue.gesture]
    assert (gesture.begins, gesture.ends) == pytest.approx(
        (word_time(spoken, "gives"), word_time(spoken, "That")), abs=1e-3
    )
    assert [cue.number for cue in cues if cue.text == "0.43"] == [WEIGHT]


def test_a_gesture_at_a_very_short_clause_goes_on_to_the_next_comma_but_not_into_the_next_sentence():
    spoken = said(
        "See [indicate: lemon, blueberry] a lemon, a blueberry, and more. Then [indicate: apple] apple. Last."
    )
    ends = {cue.text: cue.ends for cue in spoken.cues() if cue.gesture}
    assert ends["lemon"] == ends["blueberry"] == pytest.approx(word_time(spoken, "and"), abs=1e-3)
    assert ends["apple"] == pytest.approx(word_time(spoken, "Last."), abs=1e-3)


def test_the_last_play_goes_on_into_the_pause():
    spoken = said("A sentence is said here, and then another one.")
    plays = beats(spoken.seconds / LEISURELY + 0.3)
    ends = [timing_of(spoken, 0.0, ends_chapter=last).in_step(spoken, plays, timed=False) for last in (False, True)]
    overs = [timing.starts[0] + timing.paces[0] * plays[0].seconds - spoken.seconds for timing in ends]
    assert overs == pytest.approx([SPOKEN_PAUSE - SETTLED, 0.4], abs=0.01 * plays[0].seconds)


@given(
    st.lists(st.floats(0.1, 4.0), min_size=1, max_size=8),
    st.lists(
        st.tuples(st.sampled_from(["word", "clause,", "end."]), st.sampled_from(["", "[a] ", "[b] ", "[] "])),
        max_size=25,
    ),
    st.integers(0, 7),
)
def test_plays_come_in_their_order_and_never_at_once(lengths, words, bringing):
    spoken = said(" ".join(mark + word for word, mark in words) + (" {weights}" if words else ""))
    plays = beats(*lengths, names=("abba" * 2)[: len(lengths)], bringing=bringing)
    found = schedule(spoken, plays)
    for (start, pace), play, (after, _) in zip(found, plays, [*found[1:], (math.inf, 1.0)], strict=True):
        assert start >= 0
        assert HURRIED <= pace <= SLOWEST
        assert start + min(pace, 1) * play.seconds <= after + 1e-9


def test_an_insert_names_its_number_by_what_it_tells():
    spoken = said("{weights}")
    assert spoken.told.numbers[0].insert == Insert(None, "weights", (), None, "{weights}")


@pytest.mark.parametrize("sentence", [None, "fruit"])
def test_a_play_brings_the_numbers_that_are_said_however_its_verb_names_the_default_sentence(sentence):
    spoken = NumberNamed("weights", {"query": "apple", "key": "orange"})
    other = NumberNamed("weights", {"query": "apple", "key": "phone"}, "tech")
    sentences = {"fruit": {"text": "an apple and an orange", "words": ["orange", "apple"]}}
    sentences |= {"tech": {"text": "an apple phone", "words": ["phone", "apple"]}}
    with undrawn():
        stage = open_stage("embedding_plane", traces_of("fruit_and_tech", sentences))
        stage.begin_shot("pull")
        stage.perform("show_words", {"words": ["orange", "phone", "apple"]})
        stage.perform("pull", {"word": "apple", "toward": "orange", "sentence": sentence})
        stage.perform("pull", {"word": "apple", "toward": "phone", "sentence": "tech"})
        names = [beat.name for beat in beats_of(stage)]
        brought = [play_bringing(each, beats_of(stage)) for each in (spoken, other)]
    shares = [place for place, name in enumerate(names) if name == "share"]
    assert brought == shares
