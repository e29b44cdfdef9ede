"""How many, and how long, as a person is told it."""

import pytest

from attnviz.input.in_words import clock, counted, duration


@pytest.mark.parametrize(("number", "told"), [(0, "0 shots"), (1, "1 shot"), (2, "2 shots")])
def test_one_is_singular(number, told):
    assert counted(number, "shot") == told


@pytest.mark.parametrize(
    ("seconds", "told", "shown"),
    [
        (0.4, "0 s", "0:00"),
        (9, "9 s", "0:09"),
        (59.6, "1 min 0 s", "1:00"),
        (185, "3 min 5 s", "3:05"),
        (3725, "62 min 5 s", "62:05"),
    ],
)
def test_times_are_rounded_to_seconds_before_minutes_are_taken_off(seconds, told, shown):
    assert (duration(seconds), clock(seconds)) == (told, shown)
