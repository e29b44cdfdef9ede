"""The two trained models that come with the project: small enough, readable, and as good as their reports say."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from attnviz.input.content_paths import builtin_storyboards
from attnviz.model.trained.folder import digest_of, load_trained, read_trained
from attnviz.model.trained.report import report_lines
from attnviz.model.training import evaluation
from attnviz.model.training.config import TrainingFile, read_training
from attnviz.model.training.data import GrammarData, data_of
from attnviz.model.training.evaluation_heads import looks
from attnviz.model.training.evaluation_senses import senses
from attnviz.model.training.result import FILES

NAMES = ("small", "small-encoder")


def folder_of(name: str) -> Path:
    return builtin_storyboards() / "models" / name


def opened(name: str) -> tuple[TrainingFile, GrammarData]:
    file = read_training(folder_of(name) / "training.yaml")
    data = data_of(file)
    assert isinstance(data, GrammarData)
    return file, data


@pytest.mark.parametrize("name", NAMES)
def test_it_is_small_whole_and_never_a_pickle(name: str) -> None:
    files = list(folder_of(name).iterdir())
    assert {path.name for path in files} == set(FILES)
    assert sum(path.stat().st_size for path in files) <= 2_000_000
    spec = read_trained(folder_of(name))
    _, data = opened(name)
    assert spec.tokenizer.vocabulary == data.tokenizer.vocabulary
    assert len(digest_of(folder_of(name))) == 12
    assert len(report_lines(spec.report)) == 10


@pytest.mark.slow
@torch.no_grad()
@pytest.mark.parametrize("name", NAMES)
def test_its_report_is_true(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    monkeypatch.setattr(evaluation, "MASKED_SENTENCES", 60)
    model, report = load_trained(folder_of(name)), read_trained(folder_of(name)).report
    _, data = opened(name)
    masked = name == "small-encoder"
    rows = data.drawn(report["drawn"]["texts"])[: 80 if masked else None]
    found = evaluation._guessing(model, rows, data, masked=masked)
    tolerance = 0.08 if masked else 0.01  # of masked words, only some are asked for again
    for who in ("model", "best_possible"):
        assert found[who]["accuracy"] == pytest.approx(report["drawn"][who]["accuracy"], abs=tolerance)
        assert found[who]["nats"] == pytest.approx(report["drawn"][who]["nats"], abs=2 * tolerance)
    data.grammar.ambiguous = ("apple", "bat")
    for word, measured in senses(model, data).items():
        for one, other in zip(measured["layers"], report["ambiguous"][word]["layers"], strict=True):
            assert one["cosine"] == pytest.approx(other["cosine"], abs=0.02)
            assert one["probe"] == pytest.approx(other["probe"], abs=0.03)


@torch.no_grad()
@pytest.mark.parametrize("name", NAMES)
def test_heads_look_where_the_report_says(name: str) -> None:
    model, report = load_trained(folder_of(name)), read_trained(folder_of(name)).report
    _, data = opened(name)
    for one, other in zip(looks(model, data, evaluation.SENTENCES), report["heads"], strict=True):
        assert {"layer", "head", "most"} <= set(one)
        for kind, weight in one.items():
            assert weight == (other[kind] if isinstance(weight, str) else pytest.approx(other[kind], abs=0.01)), kind


@pytest.mark.parametrize("name", NAMES)
def test_it_has_learnt_nearly_what_can_be_learnt(name: str) -> None:
    report = read_trained(folder_of(name)).report
    own, best = report["drawn"]["model"], report["drawn"]["best_possible"]
    assert own["accuracy"] > best["accuracy"] - 0.04
    assert own["nats"] < best["nats"] + 0.15


def test_what_is_apple_is_clear_where_the_clue_can_be_seen() -> None:
    for name in NAMES:
        first, *_, last = read_trained(folder_of(name)).report["ambiguous"]["apple"]["layers"]
        assert first["probe"] < 0.65
        assert last["clue_before"] > 0.95
        assert last["cosine"] < first["cosine"] - 0.3
    causal = read_trained(folder_of("small")).report["ambiguous"]["apple"]["layers"][-1]
    encoder = read_trained(folder_of("small-encoder")).report["ambiguous"]["apple"]["layers"][-1]
    assert causal["only_clue_after"] < 0.6  # a causal model does not see what comes after
    assert encoder["only_clue_after"] > 0.95


@torch.no_grad()
def test_it_goes_on_with_what_fits() -> None:
    model, tokenizer = load_trained(folder_of("small")), read_trained(folder_of("small")).tokenizer
    expected = {"please buy an": "apple", "they peeled an": "apple", "apple unveiled a new": "phone"}
    for text, word in expected.items():
        ids = torch.tensor([[piece.number for piece in tokenizer.pieces(text)]])
        best = tokenizer.vocabulary[int(model(ids)[0, -1].argmax())]
        assert best == word, text
