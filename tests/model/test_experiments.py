"""The measured growth of dot products."""

import numpy as np

from attnviz.model.arrays import ARRAYS
from attnviz.model.experiments import EXPERIMENTS, PAIRS, dot_growth


def test_dot_products_grow_like_the_root_of_the_dimension():
    measured = EXPERIMENTS["dot_growth"]()
    assert measured.dimension.values.tolist() == [2, 4, 8, 16, 32, 64, 128, 256, 512, 1000]
    assert PAIRS >= 2000
    np.testing.assert_allclose(measured.dot_growth / measured.root_dimension, 1, atol=0.06)
    np.testing.assert_allclose(measured.scaled_dot_growth, 1, atol=0.06)
    assert set(measured.dot_pairs.values.tolist()) == {PAIRS}
    assert measured.dot_samples.shape == (10, 60)
    for name, array in measured.data_vars.items():
        assert array.dims == ARRAYS[name].dims


def test_the_measurement_can_be_repeated():
    assert dot_growth().identical(dot_growth.__wrapped__())
