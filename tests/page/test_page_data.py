"""What a page knows: every receipt of the film with its value, labels and inputs; and how little room that takes."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attnviz.model.door import opened_model
from attnviz.model.interface import Settings, View
from attnviz.page.formulas import is_derived, named_in
from attnviz.page.numbers_csv import numbers_csv
from attnviz.page.packing import packed, unpacked
from attnviz.page.tables import KeptArrays
from attnviz.page.workings import KINDS, holds, taken, workings_of
from tests.conftest import ROOT

MOST = 300_000  # bytes that a browser loads besides film and model


def unfolded(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def entry_of(arrays: list[dict[str, Any]], array: int, entry: int) -> tuple[dict[str, str], Any]:
    """Return the labels and the value of an entry, as the page finds them."""
    own = arrays[array]
    index = np.unravel_index(entry, [len(labels) for labels in own["labels"]])
    labels = {dim: own["labels"][at][place] for at, (dim, place) in enumerate(zip(own["dims"], index, strict=True))}
    return labels, own["values"][entry]


@pytest.mark.slow
def test_every_receipt_is_there_with_its_value_its_labels_and_its_times(quickstart_page: Path) -> None:
    film = json.loads((quickstart_page / "lecture.numbers.json").read_text())
    data = unpacked((quickstart_page / "data.js").read_text())
    arrays, numbers = unfolded(data["arrays"]), unfolded(data["numbers"])
    assert len(numbers) == len(film["numbers"]) > 100
    for number, receipt in zip(numbers, film["numbers"], strict=True):
        assert (number["text"], number["formula"]) == (receipt["text"], receipt["formula"])
        assert [number["start"], number["end"]] == [round(receipt[name] * 1000) for name in ("start", "end")]
        left, top = number["left"], number["top"]
        box = [left, top, left + number["width"], top + number["height"]]
        assert box == [round(edge * 10_000) for edge in receipt["box"]]
        assert len(number["ways"]) == len(receipt["ways"])
        if receipt["array"] is None:
            assert (number["array"], number["value"]) == (-1, receipt["value"])
            continue
        labels, value = entry_of(arrays, number["array"], number["entry"])
        assert (arrays[number["array"]]["name"], value) == (receipt["array"], receipt["value"])
        assert labels.items() >= receipt["coords"].items()
        trace = data["traces"][number["trace"]]
        assert [trace[name] for name in ("sentence", "model", "fingerprint")] == [
            receipt[name] for name in ("sentence", "model", "fingerprint")
        ]
    [derived] = {number["formula"] for number in numbers if number["derived"]}
    assert derived == "exponential_sum[apple] / exponential_sum[apple]"
    [inputs] = {json.dumps(number["inputs"]) for number in numbers if number["derived"]}
    assert [entry_of(arrays, *place)[0] for _, _, *place in json.loads(inputs)] == [{"query": "apple"}] * 2


@pytest.mark.slow
def test_all_but_the_film_is_small_and_a_second_time_nothing_is_written(quickstart_page: Path, tmp_path: Path) -> None:
    loaded = [
        path
        for path in quickstart_page.iterdir()
        if path.suffix in (".html", ".css", ".js", ".avif") and path.name != "model.js"
    ]
    assert sum(path.stat().st_size for path in loaded) < MOST / 2  # a whole lecture has thirty times as many numbers
    from tests.page.conftest import QUICKSTART, made

    before = {path.name: path.stat().st_mtime_ns for path in quickstart_page.iterdir()}
    made(QUICKSTART, quickstart_page, quickstart_page.parent / "cache")
    assert {path.name: path.stat().st_mtime_ns for path in quickstart_page.iterdir()} == before


@pytest.mark.slow
def test_sentences_have_their_times_and_their_numbers(quickstart_page: Path) -> None:
    data = unpacked((quickstart_page / "data.js").read_text())
    arrays = unfolded(data["arrays"])
    every = [(shot, said) for shot in data["shots"] for said in shot["said"]]
    [said] = [said for _, said in every if said["text"].startswith("Apple takes")]
    words = [said["text"][start:end] for start, end, *_ in said["numbers"]]
    assert words == ["43%", "57%"]
    assert [entry_of(arrays, *place) for _, _, *place in said["numbers"]] == [
        ({"head": "1", "query": "apple", "key": "orange"}, 0.43),
        ({"head": "1", "query": "apple", "key": "apple"}, 0.57),
    ]
    for shot, said in every:
        assert shot["start"] <= said["start"] < said["end"] <= shot["end"]
    for shot in data["shots"]:
        words = [
            " ".join(each).split()
            for each in ([text for *_, text in shot["captions"]], [said["text"] for said in shot["said"]])
        ]
        assert words[0] == words[1]
    assert " ".join(said["text"] for _, said in every).count(".") > 10


CASES = [
    ("fruit_and_tech", "an apple and an orange", ("orange", "apple"), View(), "displayed"),
    ("fruit_and_tech", "an apple and an orange", None, View(), "exact"),
    ("three_heads", "orange apple phone", None, View(head="good"), "exact"),
    ("three_maps", "orange phone", None, View(), "displayed"),
    ("small", "apple unveiled a new phone", None, View(layer=2, head="1"), "exact"),
]


@pytest.mark.parametrize(("model", "text", "words", "view", "carry"), CASES)
def test_workings_give_the_entries_that_the_model_has_computed(
    model: str, text: str, words: tuple[str, ...] | None, view: View, carry: Any
) -> None:
    trace = opened_model(model, ROOT / "storyboards").run(text, words, Settings(carry=carry), view)
    worked = set()
    for name, array in trace.data_vars.items():
        for working in workings_of(trace, str(name)):
            every = [dict(zip(map(str, array.dims), map(str, labels), strict=True)) for labels in _labels(array)]
            if not all(
                holds(trace, working, labels, float(value))
                for labels, value in zip(every, array.values.ravel(), strict=True)
            ):
                continue
            worked.add(str(name))
            for labels, value in list(zip(every, array.values.ravel(), strict=True))[:5]:
                assert holds(trace, working, labels, float(value))
                off = float(value) + 0.02 * max(1.0, abs(float(value)))
                assert not np.isfinite(value) or not holds(trace, working, labels, off)
    assert worked >= {"weights", "head_outputs", "query_key_dot", "score_sum", "dot", "norm", "exponentials"}


def _labels(array: Any) -> Any:
    from itertools import product

    return product(*(array[dim].values for dim in array.dims))


def test_of_a_large_array_what_is_needed_is_kept_and_what_stands_first() -> None:
    trace = opened_model("small", ROOT / "storyboards").run("apple unveiled a new phone", None, Settings(), View())
    arrays = KeptArrays()
    kept = arrays.of(0, trace, "embeddings", None)  # type: ignore[arg-type]  # 5 × 64
    large = arrays.of(0, trace, "probabilities", None)  # type: ignore[arg-type]  # 5 × 280
    index = large.index_of({"token": "new", "vocabulary": "phone"})
    assert index is not None
    large.needed[index] = None
    arrays.settle()
    assert list(map(len, kept.kept)) == [5, 64]
    assert list(map(len, large.kept)) == [5, 13]
    assert large.values()[large.place(index)] == float(trace.probabilities.sel(token="new", vocabulary="phone"))
    assert large.index_of({"token": "nowhere", "vocabulary": "phone"}) is None


def test_what_is_worked_out_is_kept_with_all_that_it_is_worked_out_from() -> None:
    trace = opened_model("fruit_and_tech", ROOT / "storyboards").run("an apple and an orange", None, Settings(), View())
    arrays = KeptArrays()
    weights = arrays.of(0, trace, "weights", None)  # type: ignore[arg-type]
    weights.needed[0, 0, 0] = None
    arrays.settle()
    assert [array.name for array in arrays] == ["weights", "scores", "queries", "keys", "embeddings"]
    for array in arrays:
        for operand in array.working.operands if array.working else ():
            assert taken(trace, operand, array.labels_of(next(iter(array.needed))))
            assert array.working
            assert array.working.kind in KINDS


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("norm[apple] / norm[orange]", [("norm", {"token": "apple"}), ("norm", {"token": "orange"})]),
        ("dot[apple, orange] - 1", [("dot", {"query": "apple", "key": "orange"})]),
        ("norm[nowhere] / dot[apple]", []),
        ("tick of the norm", []),
        ("(norm[apple] of 'other' + 1)", [("norm", {"token": "apple"})]),
    ],
)
def test_a_formula_names_entries_by_their_labels(formula: str, expected: list[Any]) -> None:
    model = opened_model("fruit_and_tech", ROOT / "storyboards")
    traces = {
        "one": model.run("an apple and an orange", ("apple", "orange"), Settings(), View()),
        "other": model.run("an apple phone", ("apple", "phone"), Settings(), View()),
    }
    found = list(named_in(formula, traces, "one"))
    assert [(each.array, each.coords) for each in found] == expected
    assert [each.sentence for each in found] == ["other" if "other" in formula else "one"] * len(expected)
    assert is_derived(formula, traces) is not formula.startswith("tick")


def test_labels_may_have_any_signs_in_them() -> None:
    import xarray as xr

    words = ["a, b]", "a", "]", "[c], [d"]
    trace = xr.Dataset({"dot": (("query", "key"), np.eye(4))}, {"query": words, "key": words})
    for query in words:
        for key in words:
            [found] = named_in(f"dot[{query}, {key}] · 2", {"": trace}, "")
            assert (found.coords, found.end) == ({"query": query, "key": key}, len(f"dot[{query}, {key}]"))


def test_nothing_in_the_data_can_leave_it() -> None:
    data = {"title": '</script><script>alert(1)</script>"; alert(2) // \u2028'}
    script = packed(data)
    assert unpacked(script) == data
    assert set(script.split('"')[3]) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")


def test_a_table_of_numbers_holds_no_formulas_of_spreadsheets() -> None:
    number = {
        "text": "-0.5",
        "value": -0.5,
        "array": "a",
        "coords": {"token": "=1+1"},
        "formula": "=cmd",
        "sentence": "+x",
    }
    rest = dict.fromkeys(("model", "fingerprint", "layer", "head", "shot"), "-y") | {"start": 0.5, "end": 1.0}
    [row] = csv.DictReader(numbers_csv(json.dumps({"numbers": [number | rest]})).splitlines())
    assert (row["text"], row["value"], row["labels"]) == ("-0.5", "-0.5", "token==1+1")
    assert (row["formula"], row["sentence"], row["model"]) == ("'=cmd", "'+x", "'-y")
