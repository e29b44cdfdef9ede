"""The mathematics, compared with torch's own and with the same written a second time in plain Python."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import TypeCheckError
from torch.nn import functional as F  # noqa: N812

from attnviz.model import attention
from tests.tolerances import ACTIVATION, close


def vectors(rows: int, columns: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


tables = st.integers(1, 6).flatmap(
    lambda n: st.lists(
        st.lists(st.floats(-700, 700, allow_subnormal=False), min_size=n, max_size=n), min_size=1, max_size=5
    )
)


def test_axis_names_are_checked():
    with pytest.raises(TypeCheckError):
        attention.dot(vectors(2, 3), vectors(2, 4))


def test_attention_is_torchs_own():
    q, k, v = vectors(4, 8), vectors(5, 8, 1), vectors(5, 3, 2)
    scale = v.abs().max() * (1 + 2 * (q.abs() @ k.abs().T).max() / 8**0.5)
    terms = 8 + 1 + 2 * 5 + ACTIVATION
    close(attention.attention(q, k, v), F.scaled_dot_product_attention(q, k, v), "float64", terms, scale)


def test_cosine_is_torchs_own():
    q, k = vectors(4, 8), vectors(5, 8, 1)
    expected = F.cosine_similarity(q.unsqueeze(1), k.unsqueeze(0), dim=-1)
    close(attention.cosine(q, k), expected, "float64", 3 * 8 + 4, 1.0)


def test_cosine_with_a_zero_vector_is_zero_and_its_angle_undefined():
    zero, x = torch.zeros(1, 3, dtype=torch.float64), vectors(2, 3)
    assert attention.cosine(zero, x).tolist() == [[0, 0]]
    assert attention.normalise_rows(zero).tolist() == [[0, 0, 0]]
    assert attention.angle(zero, x).isnan().all()


@settings(deadline=None, max_examples=50)
@given(tables)
def test_softmax_is_torchs_own_and_rows_sum_to_one(rows):
    table = torch.tensor(rows, dtype=torch.float64)
    weights = attention.softmax(table)
    terms = 2 * table.shape[1] + ACTIVATION
    close(weights, F.softmax(table, dim=-1), "float64", terms, 1 + 2 * table.abs().max())
    close(weights.sum(-1), torch.ones(len(rows)), "float64", terms)


def test_softmax_does_not_overflow():
    table = torch.tensor([[1e6, 0.0], [-1e6, -1e6]], dtype=torch.float64)
    assert attention.softmax(table).tolist() == [[1, 0], [0.5, 0.5]]


def test_everything_against_plain_python():
    x, y = [[1.0, 4.0], [0.0, 3.0]], [[3.0, 0.0], [-2.0, 1.0], [0.5, -1.5]]
    q, k = torch.tensor(x, dtype=torch.float64), torch.tensor(y, dtype=torch.float64)
    for i, a in enumerate(x):
        exponentials = []
        for j, b in enumerate(y):
            dot = sum(s * t for s, t in zip(a, b, strict=True))
            cosine = dot / (math.hypot(*a) * math.hypot(*b))
            assert attention.products(q, k)[i, j].tolist() == [s * t for s, t in zip(a, b, strict=True)]
            assert attention.dot(q, k)[i, j].item() == dot  # of small whole numbers and halves: exact
            close(attention.scaled_dot(q, k)[i, j], dot / 2**0.5, "float64", 3)
            close(attention.cosine(q, k)[i, j], cosine, "float64", 8, 1.0)
            slope = math.degrees(1 / math.sqrt(1 - cosine**2))  # of acos
            close(attention.angle(q, k)[i, j], math.degrees(math.acos(cosine)), "float64", 8 + ACTIVATION, 180 + slope)
            exponentials.append(math.exp(dot))
        softmax = attention.softmax(attention.dot(q, k))[i].tolist()
        close(softmax, [e / sum(exponentials) for e in exponentials], "float64", 2 * len(y) + ACTIVATION)
    close(attention.distance(q)[0, 1], math.dist(*x), "float64", 5)


def test_angle_is_exact_where_acos_is_not():
    x = torch.tensor([[0.1, 0.2, 0.3], [-0.1, -0.2, -0.3]], dtype=torch.float64)
    assert attention.angle(x, x).tolist() == [[0, 180], [180, 0]]


def test_rows_that_cancel_have_no_quotient():
    table = torch.tensor([[0.1 + 0.2, -0.3], [1.0, 3.0]], dtype=torch.float64)
    sums = attention.row_sum(table)
    assert sums.tolist() == [0, 4]
    quotient = attention.divide_rows(table, sums)
    assert quotient[0].isnan().all()
    assert quotient[1].tolist() == [0.25, 0.75]


def test_scaled_dot_of_unit_vectors_is_cosine_over_root_d():
    unit = attention.normalise_rows(vectors(3, 4))
    close(attention.scaled_dot(unit, unit), attention.cosine(unit, unit) / 2, "float64", 3 * 4, 1.0)


def test_two_matrices_act_as_one_bilinear_map():
    x, W_Q, W_K = vectors(4, 3), vectors(3, 2, 1), vectors(3, 2, 2)
    apart = attention.dot(attention.linear(x, W_Q), attention.linear(x, W_K))
    together = attention.dot(attention.linear(x, attention.bilinear(W_Q, W_K)), x)
    summed = x.abs() @ W_Q.abs() @ W_K.abs().T @ x.abs().T
    close(apart, together, "float64", 2 * 3 + 2, summed)


@settings(deadline=None, max_examples=30)
@given(st.permutations(range(5)), st.integers(0, 1000))
def test_attention_is_permutation_equivariant(order, seed):
    x, order = vectors(5, 3, seed), torch.tensor(order)
    permuted, straight = attention.attention(x[order], x[order], x[order]), attention.attention(x, x, x)[order]
    scale = x.abs().max() * (1 + 2 * (x.abs() @ x.abs().T).max())
    close(permuted, straight, "float64", 3 + 1 + 2 * 5 + ACTIVATION, scale)
