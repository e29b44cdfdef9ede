"""The trace: labels, receipts, carrying, precision, devices; and heads compared with torch's own."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attnviz.input.problems import ProblemsFound
from attnviz.model.arrays import ARRAYS, EXPERIMENT_ARRAYS
from attnviz.model.blackboard.run import run
from attnviz.model.blackboard.tensors import load_blackboard
from attnviz.model.catalog import find_model, known_models
from attnviz.model.rounding import round_as_displayed
from tests.tolerances import attention_terms, close

BOARDS = [name for name in known_models() if find_model(name).is_file()]
NUMBERS = st.floats(-1e6, 1e6)


@pytest.mark.parametrize("name", BOARDS)
@pytest.mark.parametrize("carry", ["exact", "displayed"])
def test_every_board_runs_and_its_arrays_are_as_announced(board, name, carry):
    model = board(name)
    trace = run(model, None, words=list(model.spec.words), carry=carry)
    for array_name, array in trace.data_vars.items():
        assert array.dims == ARRAYS[array_name].dims
        assert array.attrs["description"]
        assert array.attrs["formula"]
        assert set(array.dims) <= set(trace.coords)
    assert len(set(trace.token.values)) == len(trace.token)


def test_boards_together_show_every_array(board):
    names = {str(array) for name in BOARDS for array in run(board(name), None, words=_two(board, name))}
    assert names == set(ARRAYS) - set(EXPERIMENT_ARRAYS)


def _two(board, name):
    return list(board(name).spec.words)[:2]


def test_labels_groups_and_attrs(board):
    trace = run(board("fruit_and_tech"), "An apple, and an orange!", device="cpu")
    assert trace.token.values.tolist() == ["an", "apple", "and", "an#2", "orange"]
    assert trace.word.values.tolist() == ["an", "apple", "and", "an", "orange"]
    assert trace.group.values.tolist() == ["small", "", "small", "small", "fruit"]
    assert trace.d_model.values.tolist() == trace.d_output.values.tolist() == ["technology", "fruitness", "other"]
    assert trace["head"].values.tolist() == ["1"]
    fingerprint = trace.attrs.pop("fingerprint")
    assert len(fingerprint) == 12
    assert set(fingerprint) <= set("0123456789abcdef")
    assert trace.attrs == {
        "model": "fruit_and_tech",
        "sentence": "An apple, and an orange!",
        "similarity": "cosine",
        "weights": "softmax",
        "groups": "fruit,technology,small",
        "device": "cpu",
        "dtype": "float64",
        "carry": "exact",
        "decimals": 2,
    }


def test_fingerprint_tells_models_and_settings_apart(board, write):
    model = board("fruit_and_tech")
    first = run(model, "apple phone").attrs["fingerprint"]
    assert run(model, "an orange", device="cpu").attrs["fingerprint"] == first
    others = {run(model, "apple", carry="displayed").attrs["fingerprint"]}
    others.add(run(model, "apple", dtype="float32").attrs["fingerprint"])
    others.add(run(model, "apple", decimals=3).attrs["fingerprint"])
    others.add(run(board("two_heads"), "apple").attrs["fingerprint"])
    assert first not in others
    assert len(others) == 4


def test_ragged_heads_are_padded_with_nan(board):
    trace = run(board("two_heads"), "apple and orange")
    assert trace.d_concat.values.tolist() == ["meaning-1", "meaning-2", "grammar-1"]
    assert trace["values"].sel(head="grammar", d_value="2").isnull().all()
    assert not trace["values"].sel(head="meaning").isnull().any()
    assert not trace.output.isnull().any()


def test_heads_are_torchs_multi_head_attention(write):
    size, heads = 2, 2
    torch.manual_seed(0)
    theirs = torch.nn.MultiheadAttention(size, heads, bias=False, batch_first=True, dtype=torch.float64)
    W_Q, W_K, W_V = (part.detach().T for part in theirs.in_proj_weight.chunk(3))
    lines = ["kind: blackboard", "axes: [x, y]", "similarity: scaled_dot", "words:"]
    words = {"a": [0.3, -1.2], "b": [2.5, 0.1], "c": [-0.7, 0.9]}
    lines += [f"  {word}: {coordinates}" for word, coordinates in words.items()]
    lines.append("heads:")
    for head in range(heads):
        lines.append(f"  - name: h{head}")
        lines += [
            f"    {key}: {W[:, head : head + 1].tolist()}" for key, W in (("W_Q", W_Q), ("W_K", W_K), ("W_V", W_V))
        ]
    lines.append(f"W_O: {theirs.out_proj.weight.detach().T.tolist()}")
    trace = run(load_blackboard(write("\n".join(lines))), "a b c")
    x = torch.tensor(list(words.values()), dtype=torch.float64).unsqueeze(0)
    output, weights = theirs(x, x, x, average_attn_weights=False)
    terms, scale = attention_terms(size, 1, heads, 3), 1 + np.abs(trace.scores.values).max()
    close(trace.output, output[0], "float64", terms, scale * np.abs(trace["values"].values).max())
    close(trace.weights, weights[0], "float64", terms, scale)


def test_float32_agrees_with_float64(board):
    for name in ("fruit_and_tech", "two_heads", "three_maps"):
        model = board(name)
        words = list(model.spec.words)
        wide, narrow = (run(model, None, words=words, dtype=dtype) for dtype in ("float64", "float32"))
        for array in wide.data_vars:
            assert narrow[array].dtype == np.float32
            # 12 times a table of so many words is applied, or the layer: each time sums of so many, and exponentials
            terms = 12 * attention_terms(3, 3, 2, len(words))
            values = wide[array].values[np.isfinite(wide[array].values)]
            # an exponential's relative error is that of its exponent, an angle's is that of a cosine, in degrees
            magnified = {
                "exponentials": wide.similarity,
                "exponential_sum": wide.similarity,
                "softmax": wide.similarity,
            }
            magnified |= dict.fromkeys(("score_exponentials", "score_sum", "weights"), wide.scores)
            size = max(1.0, np.abs(values).max()) * (1 + float(np.abs(magnified.get(array, 0 * wide.norm)).max()))
            close(narrow[array], wide[array], "float32", terms, size, str(array))


def test_a_board_reader_can_redo_every_displayed_step(board):
    trace = run(board("three_heads"), "orange apple phone", carry="displayed")
    dots = trace.query_key_dot.values
    half = 0.005 + 1e-12  # of the last decimal that is shown
    np.testing.assert_allclose(trace.scores, np.round(dots / math.sqrt(2), 2), rtol=0, atol=half)
    by_hand = trace.weights.values @ trace["values"].values
    np.testing.assert_allclose(trace.head_outputs, by_hand, rtol=0, atol=half)
    close(trace.score_sum, trace.score_exponentials.values.sum(-1), "float64", 3)


@given(st.lists(NUMBERS, min_size=1, max_size=8), st.integers(0, 6))
def test_displayed_is_what_a_format_shows_and_idempotent(numbers, decimals):
    once = round_as_displayed(torch.tensor(numbers, dtype=torch.float64), decimals)
    assert once.tolist() == [float(f"{number:.{decimals}f}") for number in numbers]
    assert torch.equal(round_as_displayed(once, decimals), once)
    assert not any(math.copysign(1, number) < 0 and number == 0 for number in once.tolist())


def test_displayed_rounds_the_exact_binary_value():
    assert round_as_displayed(torch.tensor([1.115, 2.675, -0.001, math.nan]), 2).tolist()[:3] == [
        *torch.tensor([1.12, 2.67]).tolist(),
        0.0,
    ]
    exact = round_as_displayed(torch.tensor([1.115, 2.675, -0.001], dtype=torch.float64), 2)
    assert exact.tolist() == [1.11, 2.67, 0.0]


def test_exponentials_that_overflow_or_vanish_still_give_weights(write):
    text = "kind: blackboard\naxes: [x, y]\nsimilarity: dot\nwords: {big: [100, 0], far: [-100, 0]}\n"
    for carry in ("exact", "displayed"):
        trace = run(load_blackboard(write(text)), "big far", carry=carry)
        assert np.isinf(trace.exponentials.sel(query="big", key="big"))
        assert trace.softmax.values.tolist() == [[1, 0], [0, 1]]
        assert trace.weights.values.tolist() == [[[1, 0], [0, 1]]]


def test_normalised_weights_and_a_zero_vector(write):
    text = "kind: blackboard\naxes: [x, y]\nweights: normalised\nwords: {a: [1, 1], o: [0, 0]}\n"
    trace = run(load_blackboard(write(text)), "a o")
    assert trace.weights.sel(query="a").values.tolist() == [[pytest.approx(1), 0]]
    assert trace.weights.sel(query="o").isnull().all()
    assert trace.weights.attrs["formula"] == "scores / score_sum"


def test_output_in_another_space_is_not_repeated(board):
    trace = run(board("value_plane"), "apple orange")
    assert "repeated" not in trace
    assert trace.d_output.values.tolist() == ["attention-1", "attention-2"]


@settings(deadline=None, max_examples=15)
@given(st.permutations(["orange", "apple", "phone", "and"]))
def test_order_of_words_does_not_matter(order):
    from attnviz.model.catalog import find_model

    model = load_blackboard(find_model("two_heads"))
    straight = run(model, "orange apple phone and")
    turned = run(model, None, words=order)
    for name in ("output", "weights", "cosine"):
        given_order = turned[name].sel({d: straight[d] for d in straight[name].dims if d in ("token", "query", "key")})
        scale = max(1.0, np.abs(straight[name].values).max()) * (1 + np.abs(straight.scores.values).max())
        close(given_order, straight[name], "float64", attention_terms(3, 2, 2, 4), scale)


def test_asking_for_a_gpu_that_is_not_there(board, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ProblemsFound, match="there is no CUDA device on this machine; use 'cpu' or 'auto'"):
        run(board("opposites"), "orange", device="cuda")
    assert run(board("opposites"), "orange").attrs["device"] == "cpu"


def test_too_many_decimals(board):
    with pytest.raises(ProblemsFound, match=r"decimals is 7; expected 0 … 6"):
        run(board("opposites"), "orange", decimals=7)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("carry", ["exact", "displayed"])
def test_a_gpu_gives_the_same_numbers(board, carry):
    model = board("two_heads")
    words = list(model.spec.words)
    here, there = (run(model, None, words=words, device=device, carry=carry) for device in ("cpu", "cuda"))
    assert there.attrs["device"] == "cuda"
    assert here.attrs["fingerprint"] == there.attrs["fingerprint"]
    for name in here.data_vars:
        values = here[name].values[np.isfinite(here[name].values)]
        scale = max(1.0, np.abs(values).max()) * (1 + np.abs(here.scores.values).max())
        close(there[name], here[name], "float64", 12 * attention_terms(3, 2, 2, len(words)), scale, str(name))
