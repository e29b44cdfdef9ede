"""Every figure of the lecture's board chapters comes out of the program's own computation."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from attnviz.model.blackboard.run import run


def shown(array, decimals=2):
    """Return numbers as they stand on screen."""
    return np.vectorize(lambda value: f"{value:.{decimals}f}")(array.values).tolist()


@pytest.mark.parametrize("carry", ["exact", "displayed"])
def test_similarities(board, carry):
    trace = run(board("similarity_board"), None, words=["cherry", "orange", "phone"], carry=carry)

    def three(name, decimals=2):
        rows = shown(trace[name], decimals)
        return [rows[0][1], rows[0][2], rows[1][2]]

    assert three("dot", 0) == ["12", "3", "0"]
    assert three("angle", 0) == ["14", "76", "90"]
    assert three("cosine") == ["0.97", "0.24", "0.00"]
    assert three("scaled_dot") == ["8.49", "2.12", "0.00"]


@pytest.mark.parametrize("carry", ["exact", "displayed"])
def test_similarity_table(board, carry):
    words = ["orange", "apple", "phone", "and", "an"]
    table = run(board("fruit_and_tech"), None, words=words, carry=carry).similarity
    rows = shown(table)
    assert [rows[i][i] for i in range(5)] == ["1.00"] * 5
    assert rows[0] == ["1.00", "0.71", "0.00", "0.00", "0.00"]
    assert rows[1] == ["0.71", "1.00", "0.71", "0.00", "0.00"]
    assert rows[3] == ["0.00", "0.00", "0.00", "1.00", "1.00"]


def test_dividing_by_the_sum(board):
    trace = run(board("fruit_and_tech"), "an apple and an orange", words=["orange", "apple"], carry="displayed")
    assert shown(trace.normalised) == [["0.58", "0.42"], ["0.42", "0.58"]]
    exact = run(board("fruit_and_tech"), "an apple and an orange", words=["orange", "apple"])
    assert shown(exact.normalised, 3)[0] == ["0.586", "0.414"]


def test_dividing_by_a_sum_of_zero(board):
    trace = run(board("opposites"), "orange motorcycle")
    assert shown(trace.similarity) == [["1.00", "-1.00"], ["-1.00", "1.00"]]
    assert trace.similarity_sum.values.tolist() == [0, 0]
    assert trace.normalised.isnull().all()
    assert shown(trace.softmax) == [["0.88", "0.12"], ["0.12", "0.88"]]


@pytest.mark.parametrize("carry", ["exact", "displayed"])
def test_softmax(board, carry):
    model = board("fruit_and_tech")
    two = run(model, "an apple and an orange", words=["orange", "apple"], carry=carry)
    assert shown(two.softmax) == [["0.57", "0.43"], ["0.43", "0.57"]]
    four = run(model, "an apple and an orange", words=["orange", "apple", "and", "an"], carry=carry)
    assert shown(four.weights.sel(head="1", query="orange")) == ["0.40", "0.30", "0.15", "0.15"]
    assert shown(four.weights.sel(head="1", query="apple")) == ["0.30", "0.40", "0.15", "0.15"]


def test_apple_moves(board):
    model = board("fruit_and_tech")
    for carry, decimals, fruit, tech in [
        ("displayed", 2, ["1.14", "2.43", "0.00"], ["2.86", "1.14", "0.00"]),
        ("exact", 3, ["1.145", "2.427", "0.000"], ["2.855", "1.145", "0.000"]),
    ]:
        by_orange = run(model, "an apple and an orange", words=["apple", "orange"], carry=carry)
        by_phone = run(model, "an apple phone", words=["apple", "phone"], carry=carry)
        assert shown(by_orange.output.sel(token="apple"), decimals) == fruit
        assert shown(by_phone.output.sel(token="apple"), decimals) == tech


def test_coefficients_explode_and_words_gather(board):
    trace = run(board("fruit_and_tech"), "orange apple")
    growth = trace.similarity_powers.sel(query="orange").sum("key")
    assert (growth.diff("step") > 0).all()
    assert growth.sel(step=12) > 500
    spread = trace.repeated.max("token") - trace.repeated.min("token")
    assert spread.sel(step=0).max() > 1.9
    assert spread.sel(step=12).max() < 1e-3


def test_three_maps_separate_the_two_apples_differently(board):
    trace = run(board("three_maps"), "fruit-apple tech-apple orange phone")
    apart = trace.mapped_distance.sel(query="fruit-apple", key="tech-apple")
    assert apart.sel(map="good") > 2 * apart.sel(map="so-so") > 2 * apart.sel(map="bad")
    assert trace.determinant.values.tolist() == [1, 1, 1]
    assert trace.mapped_corners.sel(map="good", corner="1,1").values.tolist() == [1, 0]
    plane = trace.embeddings.values
    for index, matrix in enumerate(trace.maps.values):
        np.testing.assert_allclose(trace.mapped[index], plane @ matrix)
    nearer = trace.mapped_angle.sel(map="good", query="fruit-apple")
    assert nearer.sel(key="orange") < nearer.sel(key="phone")


@pytest.mark.parametrize("similarity", ["cosine", "dot", "scaled_dot"])
def test_attention_in_the_plane_of_each_map_is_that_of_a_head_whose_matrices_are_the_map(board, similarity):
    model = board("three_maps")
    model = replace(model, spec=model.spec.model_copy(update={"similarity": similarity}))
    trace = run(model, "orange apple phone")
    for index, matrix in enumerate(trace.maps.values):
        points = torch.from_numpy(trace.embeddings.values[:, :2] @ matrix)
        scores = points @ points.T
        if similarity == "cosine":
            scores = torch.nn.functional.cosine_similarity(points[:, None], points[None], dim=-1)
        elif similarity == "scaled_dot":
            scores = scores / 2**0.5
        weights = torch.softmax(scores, dim=-1)
        np.testing.assert_allclose(trace.mapped_scores[index], scores)
        np.testing.assert_allclose(trace.mapped_weights[index], weights)
        np.testing.assert_allclose(trace.mapped_attended[index], weights @ points)


def test_the_good_map_parts_the_meanings_of_apple_most(board):
    model = board("three_maps")
    fruit, tech = (
        run(model, None, words=[word, "apple"]).mapped_attended.sel(token="apple") for word in ("orange", "phone")
    )
    apart = np.linalg.norm(fruit - tech, axis=-1)
    assert [f"{value:.2f}" for value in apart] == ["2.36", "1.11", "4.31"]  # so-so, bad, good


def test_one_matrix_in_place_of_two_gives_the_same_dot_products(board):
    trace = run(board("three_heads"), "orange apple phone")
    for index in range(3):
        through = trace.embeddings.values @ trace.W_Q.values[index] @ trace.W_K.values[index].T
        np.testing.assert_allclose(trace.bilinear_queries[index], through)
        np.testing.assert_allclose(through @ trace.embeddings.values.T, trace.query_key_dot[index])


def test_values_lead_to_another_plane(board):
    words = ["orange", "apple", "and", "an"]
    trace = run(board("value_plane"), None, words=words, carry="displayed")
    weights = trace.weights.sel(head="attention", query="apple")
    assert shown(weights) == ["0.30", "0.40", "0.15", "0.15"]
    assert trace.W_V.sizes["d_model"] == 3
    assert trace.W_V.sizes["d_value"] == 2
    by_hand = sum(w * v for w, v in zip(weights.values, trace["values"].sel(head="attention").values, strict=True))
    assert shown(trace.output.sel(token="apple")) == [f"{value:.2f}" for value in by_hand]


def test_output_matrix_scales_the_useful_head_up(board):
    trace = run(board("three_heads"), "orange apple phone")
    assert trace.concatenated.sizes["d_concat"] == 6
    assert trace.output.sizes["d_output"] == 2
    before = np.linalg.norm(trace.head_outputs.values, axis=-1)
    after = trace.contribution_norm.values
    assert (after[0] > before[0]).all()
    assert (after[2] < before[2]).all()
    np.testing.assert_allclose(trace.head_contributions.sum("head"), trace.output)
