"""What every head looks at: measures of a view, computed a second time, entry by entry, without torch."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from trained_models import trained

from attnviz.input.problems import ProblemsFound
from attnviz.input.questions import Read, entries_of
from attnviz.model.door import open_model
from attnviz.model.interface import Settings, View
from attnviz.model.views.arrays import EVERY_HEAD, KINDS, MOST_COMPARED
from attnviz.model.views.heads import compare_heads

TEXT = "an apple and an orange"
PLANE = (("fruit", ("apple", "orange", "lemon")), ("technology", ("phone", "laptop")))
GROUPS = ["", "fruit", "", "", "fruit"]
CLOSE = 1e-12  # sums of a few numbers of size 1 in float64


def seen(folder: Path, text: str = TEXT, words: list[str] | None = None, **shape: object):
    model = open_model(str(trained(folder / "mine", **shape)))
    return model, model.run(text, words, Settings(device="cpu"), View(2, "1", PLANE))


def kind_by_hand(query: int, key: int, sinks: set[int], groups: list[str]) -> str:
    if key in sinks:
        return "sinks"
    if (beside := {0: "itself", -1: "previous", 1: "next"}.get(key - query)) is not None:
        return beside
    return "group" if groups[key] and groups[key] == groups[query] else "others"


def by_hand(weights: np.ndarray, sinks: set[int], groups: list[str], causal: bool) -> dict[str, np.ndarray]:
    """Return the measures of one head's weights (query key)."""
    size = len(weights)
    shares = np.zeros((size, len(KINDS)))
    given: dict[str, list[float]] = {kind: [] for kind in KINDS}
    entropy, above = [], []
    for query, row in enumerate(weights):
        keys = range(query + 1) if causal else range(size)
        kinds = {key: kind_by_hand(query, key, sinks, groups) for key in keys}
        for key, kind in kinds.items():
            shares[query, KINDS.index(kind)] += row[key]
        if query not in sinks:
            for kind in {*kinds.values()}:
                given[kind].append(shares[query, KINDS.index(kind)])
        entropy.append(-sum(row[key] * math.log2(row[key]) for key in keys if row[key] > 0))
        above.append(sum(max(0.0, row[key] - 1 / len(keys)) for key in keys if key not in sinks))
    profile = [np.mean(given[kind]) if given[kind] else np.nan for kind in KINDS]
    return {
        "head_shares": shares, "head_profile": np.array(profile), "attention_entropy": np.array(entropy),
        "distance_from_uniform": np.array(above),
    }  # fmt: skip


@pytest.mark.parametrize("architecture", ["encoder", "decoder"])
def test_the_measures_are_those_of_a_second_computation(tmp_path: Path, architecture: str) -> None:
    model, trace = seen(tmp_path, architecture=architecture)
    whole = model.run(TEXT, None, Settings(device="cpu"))["weights"].values  # (layer head query key)
    causal = architecture == "decoder"
    assert np.array_equal(trace["all_weights"].values, whole)
    for layer, head in np.ndindex(*whole.shape[:2]):
        expected = by_hand(whole[layer, head], {0} if causal else set(), GROUPS, causal)
        for name, array in expected.items():
            np.testing.assert_allclose(trace[name].values[layer, head], array, atol=CLOSE)
    assert np.array_equal(
        trace["heads_over_half"].values, [[(whole[:, :, q, k] > 0.5).sum() for k in range(5)] for q in range(5)]
    )
    assert float(trace["number_of_heads"]) == len(list(np.ndindex(*whole.shape[:2])))
    assert np.array_equal(trace["largest_weight"].values, np.max(list(whole.reshape(-1, 5, 5)), axis=0))
    best = [max(trace["head_profile"].sel(kind=kind).values.ravel()) for kind in trace["kind"].values]
    np.testing.assert_array_equal(trace["largest_profile"].values, best)
    np.testing.assert_allclose(trace["head_shares"].sum("kind").values, 1, atol=CLOSE)
    assert trace["sinks"].values.tolist() == [float(causal), 0, 0, 0, 0]
    undefined = np.isnan(trace["head_profile"]).all(dim=("each_layer", "each_head"))
    assert [str(k) for k in trace["kind"].values if undefined.sel(kind=k)] == (["next"] if causal else ["sinks"])


def test_tokens_that_the_model_adds_are_sinks_and_no_neighbours() -> None:
    weights = torch.tensor([[[[0.1, 0.2, 0.3, 0.4], [0.6, 0.0, 0.2, 0.2], [0.1, 0.1, 0.1, 0.7], [0.25] * 4]]]).double()
    found = compare_heads(weights, [True, False, False, True], ["", "", "", ""])
    expected = by_hand(weights[0, 0].numpy(), {0, 3}, [""] * 4, causal=False)
    for name, array in expected.items():
        np.testing.assert_allclose(found[name][0, 0].numpy(), array, atol=CLOSE)
    assert found["sinks"].tolist() == [1, 0, 0, 1]
    profile = dict(zip(KINDS, found["head_profile"][0, 0].tolist(), strict=True))
    assert profile["sinks"] == pytest.approx((0.8 + 0.8) / 2)
    assert profile["next"] == pytest.approx(0.2)  # of the second token alone: after the third stands a sink


def test_an_even_row_is_at_no_distance_and_one_on_a_sink_neither() -> None:
    even, sink, word = [0.25] * 4, [0.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.0]
    found = compare_heads(torch.tensor([[[even, sink, word, even]]]).double(), [False, False, False, True], [""] * 4)
    assert found["distance_from_uniform"][0, 0].tolist() == [0.0, 0.0, 0.75, 0.0]
    assert found["attention_entropy"][0, 0].tolist() == [2.0, 0.0, 0.0, 2.0]


def test_how_far_a_head_looks_first_and_which_of_those_that_look_far_is_the_most_selective() -> None:
    far, near = [0.1, 0.2, 0.1, 0.6], [0.1, 0.2, 0.6, 0.1]  # from the first word on: three places, and two
    beside, on_sink = [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]
    even = [[0.25] * 4] * 3
    added = [False] * 4
    found = compare_heads(
        torch.tensor([[[far, *even], [near, *even]], [[beside, *even]] * 2]).double(), added, [""] * 4
    )
    assert found["attention_reach"][:, :, 0].tolist() == [[3, 2], [1, 1]]
    assert found["largest_distance_beyond"][0].item() == pytest.approx(0.35)  # 1 − ¼ of the third head is one beside
    assert found["attention_reach"][0, 0].tolist() == [3, 1, 2, 3]  # of equals the first
    found = compare_heads(torch.tensor([[[on_sink, *even]]]).double(), [False, False, False, True], [""] * 4)
    assert found["attention_reach"][0, 0, 0].item() == 0
    assert found["largest_distance_beyond"].isnan().tolist() == [True, True, False, False]


def test_measures_are_of_the_whole_sentence_whatever_words_are_shown(tmp_path: Path) -> None:
    model, trace = seen(tmp_path)
    few = model.run(TEXT, ["apple", "orange"], Settings(device="cpu"), View(2, "1", PLANE))
    np.testing.assert_array_equal(few["head_profile"], trace["head_profile"])
    np.testing.assert_array_equal(few["head_shares"], trace["head_shares"].sel(query=["apple", "orange"]))


def test_heads_are_not_compared_in_a_long_sentence_and_this_is_said(tmp_path: Path) -> None:
    long = " ".join(["apple", "orange"] * (MOST_COMPARED // 2) + ["phone"])
    _, trace = seen(tmp_path, long, context=MOST_COMPARED + 1)
    assert not {*EVERY_HEAD} & {*trace.data_vars}
    with pytest.raises(ProblemsFound, match=f"at most {MOST_COMPARED} tokens"):
        entries_of({"": trace}, Read("entries", "", "all_weights"))
