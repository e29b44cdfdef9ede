"""The growth of dot products, played without drawing: real samples, and what is read from them."""

import numpy as np
import pytest

from attnviz.input.problems import ProblemsFound
from attnviz.model.experiments import dot_growth
from attnviz.testing import open_stage, play


@pytest.fixture
def scene():
    return open_stage("dot_growth", {"": dot_growth()})


def shot(scene, verb, **arguments):
    played = play(scene, verb, **arguments)
    assert played.faults == [], verb
    return played.at_rest


def test_every_dot_is_a_real_sample(scene):
    seen = shot(scene, "show_samples")
    dimensions = [r.text for r in seen if r.formula and r.formula.startswith("dimension of")]
    assert dimensions == [str(d) for d in dot_growth()["dimension"].values]
    heights = np.array([column.heights for column in scene.funnel.columns])
    np.testing.assert_allclose(heights / scene.funnel.unit, dot_growth()["dot_samples"].values, rtol=1e-5)


def test_the_measured_size_stands_beside_the_root_of_the_dimension(scene):
    seen = shot(scene, "show_growth")
    for array in ("dot_growth", "root_dimension"):
        found = [r.text for r in seen if r.array == array]
        assert found == [f"{v:.1f}" for v in dot_growth()[array].values]


def test_divided_by_the_root_the_dots_stay_in_a_band(scene):
    seen = shot(scene, "scale")
    found = [float(r.text) for r in seen if r.array == "scaled_dot_growth"]
    assert len(found) == len(scene.funnel.names)
    assert all(0.95 < value < 1.05 for value in found)
    roots = np.sqrt(dot_growth()["dimension"].values)[:, None]
    heights = np.array([column.heights for column in scene.funnel.columns])
    np.testing.assert_allclose(heights / scene.funnel.unit, dot_growth()["dot_samples"].values / roots, rtol=1e-5)


def test_some_dimensions_only(scene):
    seen = shot(scene, "show_samples", dimensions=[2, 64, 512])
    assert [r.text for r in seen if r.formula and r.formula.startswith("dimension of")] == ["2", "64", "512"]
    shot(scene, "show_growth")
    shot(scene, "scale")


def test_the_columns_make_room_for_more_rows_of_numbers(scene):
    shot(scene, "show_samples")
    before = scene.funnel.ticks.height
    shot(scene, "show_growth")
    assert scene.funnel.ticks.height < before
    heights = np.array([column.heights for column in scene.funnel.columns])
    np.testing.assert_allclose(heights / scene.funnel.unit, dot_growth()["dot_samples"].values, rtol=1e-5)
    zero, *_ = [tick[0] for tick, v in zip(scene.funnel.ticks, scene.funnel.tick_values, strict=True) if v == 0]
    assert zero.get_start()[1] == pytest.approx(scene.funnel.zero.get_start()[1])
    assert {column.zero for column in scene.funnel.columns} == {scene.funnel.middle}


@pytest.mark.parametrize(
    ("dimensions", "message"),
    [([2, 4], "do not make a picture"), ([2, 4, 5], "no dimension '5'")],
)
def test_refused_dimensions(scene, dimensions, message):
    with pytest.raises(ProblemsFound, match=message):
        shot(scene, "show_samples", dimensions=dimensions)


def test_a_verb_is_not_played_twice(scene):
    shot(scene, "scale")
    for verb in ("show_samples", "show_growth", "scale"):
        with pytest.raises(ProblemsFound, match="already"):
            shot(scene, verb)
