"""The costs of a label's places, computed for all of them at once."""

import numpy as np

from attnviz.stage.placement import costs_of, find_places, overlap, overlaps

BOUNDS = (-6.9, -3.8, 6.9, 3.0)


def rects(count, seed):
    corners = np.random.default_rng(seed).uniform(-7, 6, (count, 2))
    return [(float(x), float(y), float(x) + 1.3, float(y) + 0.7) for x, y in corners]


def test_costs_are_to_the_last_bit_those_of_plain_sums():
    places, taken = rects(32, 1), rects(150, 2)
    plain = [
        10 * sum(overlap(rect, other) for other in taken)
        + 40 * ((rect[2] - rect[0]) * (rect[3] - rect[1]) - overlap(rect, BOUNDS))
        for rect in places
    ]
    assert any(plain)
    assert costs_of(places, taken, BOUNDS).tolist() == plain
    assert overlaps(places, taken)[3, 5] == overlap(places[5], taken[3])


def test_where_nothing_is_taken_a_label_stands_close_to_the_right():
    [place] = find_places([(1.0, 0.4)], [np.zeros(3)])
    assert 0.5 < place[0] < 1.0
    assert abs(place[1]) < 0.5
