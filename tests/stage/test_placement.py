"""The costs of a label's places, computed for all of them at once; lines cut at the edges of a box."""

import numpy as np

from attnviz.stage.placement import clipped, costs_of, overlap, overlaps

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


def test_a_line_is_cut_at_the_edges_of_a_box():
    start, way, box = np.array([-1.0, 0.0, 0.0]), np.array([2.0, 1.0, 0.0]), (-0.5, -3.0, 1.0, 3.0)
    for cut in (clipped(start, way, box), clipped(start, way, box, (0.0, 2.0))):
        assert np.allclose(cut, [[-0.5, 0.25, 0], [1, 1, 0]])
    assert np.allclose(clipped(start, way, box, (0.0, 0.5)), [[-0.5, 0.25, 0], [0, 0.5, 0]])
    assert clipped(start, way, box, (0.0, 0.1)) is None  # it ends before the box
    assert clipped(start, np.array([0.0, 1.0, 0.0]), box) is None  # it runs beside the box
    assert clipped(start, np.zeros(3), box) is None
