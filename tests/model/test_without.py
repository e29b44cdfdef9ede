"""What if: one thing taken out of the real computation, against a second computation that is written out here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from torch.nn import functional as F  # noqa: N812

from attnviz.input.content_paths import builtin_storyboards
from attnviz.input.problems import ProblemsFound
from attnviz.input.scratch import ScratchFolder
from attnviz.model.catalog import find_model
from attnviz.model.door import open_model
from attnviz.model.interface import Part, Settings, View
from attnviz.model.lint.trace import check_trace
from attnviz.model.trained.folder import load_trained
from attnviz.model.transformer_trace import trace_texts
from attnviz.render.cache.sources import Sources
from attnviz.render.cache.store import Store
from attnviz.render.opening import open_storyboard
from attnviz.render.shots.selection import select
from attnviz.render.traces.library import TraceLibrary, to_bytes
from tests.tolerances import close, sensitivity, transformer_terms
from tests.trained_models import trained, trained_in_steps

SENTENCE = "an apple and an orange"
IDS = [0, 1, 2, 0, 3]  # in the vocabulary of `trained_models`
CPU = Settings("cpu")


def computed(model, without, ids=IDS):
    """Return the weights (layer head query key) and the logits of a text, step by step, with or without each part."""
    config, p = model.config, dict(model.named_parameters())
    x, n, d = p["embedding.W_E"][ids], len(ids), config.d_head
    if config.positions == "learned" and "positions" not in without:
        x = x + p["embedding.W_P"][:n]
    turn = torch.polar(
        torch.ones(n, d // 2, dtype=torch.float64),
        torch.arange(n)[:, None] * 10_000.0 ** (-2 * torch.arange(d // 2, dtype=torch.float64) / d),
    )
    seen = torch.ones(n, n).tril() if config.architecture == "decoder" and "mask" not in without else torch.ones(n, n)
    stack, every = config.architecture, []
    for layer in range(config.layers):
        own = {name.removeprefix(f"{stack}.layers.{layer}."): each for name, each in p.items()}
        norm = [F.layer_norm(x, x.shape[-1:], own["attention_norm.scale"], own["attention_norm.shift"], 1e-5)]
        for head in range(config.heads):
            columns = slice(head * d, (head + 1) * d)
            q, k, v = (norm[0] @ own[f"attention.{name}"][:, columns] for name in ("W_Q", "W_K", "W_V"))
            if config.positions == "rotary" and "positions" not in without:
                pairs = [torch.complex(y[:, : d // 2], y[:, d // 2 :]) * turn for y in (q, k)]
                q, k = (torch.cat((y.real, y.imag), -1) for y in pairs)
            scores = q @ k.T if "sqrt_d" in without else q @ k.T / d**0.5
            shares = scores * seen if "softmax" in without else scores.exp() * seen
            weights = shares if "softmax" in without else shares / shares.sum(-1, keepdim=True)
            every.append(weights)
            if f"head={layer + 1}.{head + 1}" not in without:
                x = x + weights @ v @ own["attention.W_O"][columns]
        inner = F.layer_norm(x, x.shape[-1:], own["feed_forward_norm.scale"], own["feed_forward_norm.shift"], 1e-5)
        x = x + F.gelu(inner @ own["feed_forward.W_in"]) @ own["feed_forward.W_out"]
    last = F.layer_norm(x, x.shape[-1:], p[f"{stack}.final_norm.scale"], p[f"{stack}.final_norm.shift"], 1e-5)
    weights = torch.stack(every).reshape(config.layers, config.heads, n, n)
    return {"all_weights": weights, "logits": last @ p["embedding.W_E"].T}


CASES = [
    ("decoder", "learned", ()),
    ("decoder", "learned", ("sqrt_d",)),
    ("decoder", "learned", ("mask",)),
    ("decoder", "learned", ("positions",)),
    ("decoder", "rotary", ("positions",)),
    ("decoder", "learned", ("softmax",)),
    ("decoder", "learned", ("head=2.1",)),
    ("decoder", "rotary", ("sqrt_d", "mask", "positions", "softmax", "head=1.1", "head=3.2")),
    ("encoder", "learned", ("sqrt_d",)),
    ("encoder", "rotary", ("positions",)),
    ("encoder", "learned", ("softmax", "head=1.2")),
]


@pytest.mark.parametrize(("architecture", "positions", "without"), CASES)
def test_a_trained_model_is_computed_anew(tmp_path, architecture, positions, without):
    folder = trained(tmp_path / "m", architecture=architecture, positions=positions, bias=False)
    found = open_model(str(folder)).run(SENTENCE, None, CPU, View(2, "1", without=without))
    model = load_trained(folder).double()
    with torch.no_grad():
        expected = computed(model, without)
    scales = sensitivity(model, lambda changed: {n: each.detach() for n, each in computed(changed, without).items()})
    for name, each in expected.items():
        close(found[name], each, "float64", transformer_terms(model.config), scales[name], name)
    whole = open_model(str(folder)).run(SENTENCE, None, CPU, View(2, "1"))
    assert np.allclose(found.logits, whole.logits) == (not without)


@pytest.mark.parametrize("without", [("mask",), ("mask", "softmax")])
def test_nothing_of_a_batch_shows_in_its_texts(tmp_path, without):
    """A decoder needs no padding mask, unless its own mask is taken out."""
    model = load_trained(trained(tmp_path / "m")).double()
    texts = [[0, 1, 2, 0, 3], [4, 1], [5, 6, 1, 4]]
    for text, trace in zip(texts, trace_texts(model, texts, without=without), strict=True):
        [alone] = trace_texts(model, [text], without=without)
        np.testing.assert_allclose(trace.logits, alone.logits, rtol=1e-9, atol=1e-12)
        assert trace["mask"].values.all()
        assert trace.weights.values[..., 0, 1:].all()  # the first word sees the others


def test_what_is_taken_out_is_said(tmp_path):
    model = open_model(str(trained(tmp_path / "m", positions="rotary")))
    found = model.run(SENTENCE, None, CPU, View(2, "1", without=("head=2", "softmax", "mask", "mask", "sqrt_d")))
    assert found.attrs["model"] == "m without √d, the mask, softmax and head 2.2"
    assert found.attrs["without"].splitlines() == ["sqrt_d", "mask", "softmax", "head=2.2"]
    assert found.attrs["weights"] == "scores"
    assert {name: found[name].formula for name in ("scores", "weights", "all_weights", "mask", "head_outputs")} == {
        "scores": "query · key",
        "weights": "scores",
        "all_weights": "scores",
        "mask": "always",
        "head_outputs": "weights · values, 0 for head 2.2",
    }
    assert found.queries.formula.endswith("rotated (RoPE)")
    turned = model.altered(["positions"])
    assert turned.arrays()["queries"].formula == "normed · W_Q"
    assert turned.missing()["rotation_angles"] == "it was taken out with the model's positions"
    assert "unturned_keys" not in turned.run(SENTENCE, None, CPU)


def test_what_no_longer_is_there_is_refused_with_the_reason(tmp_path):
    model, view = open_model(str(trained(tmp_path / "m"))), View(without=("softmax",))
    contents, trace = model.contents(model.tokens(SENTENCE), view), model.run(SENTENCE, None, CPU, view)
    assert {*contents.arrays} == {*map(str, trace.data_vars)}
    for name in ("softmax", "exponentials", "score_sum", "attention_entropy", "head_shares"):
        assert contents.absent[name] == "it was taken out with the model's softmax"
        assert name in trace.attrs["absent"].split(",")
    assert trace.attrs["absent_hint"] == "it was taken out with the model's softmax"
    for head in ("all", "2"):
        view = View(2, head, without=("positions",))
        assert {*model.contents(model.tokens(SENTENCE), view).arrays} == {
            *map(str, model.run(SENTENCE, None, CPU, view).data_vars)
        }


def test_pictures_of_both_can_be_compared(tmp_path):
    """A model without something has the planes of the whole model: words before the first layer stand where they stood."""
    model = open_model(str(trained(tmp_path / "m")))
    plane = (("fruit", ("apple", "orange")), ("technology", ("phone", "laptop")))
    whole, without = (
        model.run(SENTENCE, None, CPU, View(plane=plane, without=each)) for each in ((), ("head=1.1", "sqrt_d"))
    )
    np.testing.assert_array_equal(whole.variance_shown, without.variance_shown)
    np.testing.assert_array_equal(whole.point_steps[0], without.point_steps[0])
    assert not np.allclose(whole.point_steps[1], without.point_steps[1])


@pytest.mark.parametrize("view", [View(), View(2, "2"), View(3, "all")])
def test_the_whole_model_stays_as_it_is(tmp_path, view):
    folder = trained(tmp_path / "m")
    model = open_model(str(folder))
    before = to_bytes(open_model(str(folder)).run(SENTENCE, None, CPU, view))
    for part in ("sqrt_d", "mask", "positions", "softmax", "head=2"):
        model.run(SENTENCE, None, CPU, View(without=(part,)))
    assert to_bytes(model.run(SENTENCE, None, CPU, view)) == before


REFUSALS = [
    ("small-encoder", "mask", "mask cannot be taken out of the model 'small-encoder'; it has no mask"),
    ("small", "softmx", "'softmx' is nothing that can be taken out of a model; did you mean 'softmax'?"),
    ("small", "head=9", "the model 'small' has no head '9'"),
    ("small", "head=9.1", "the model 'small' has no head '9.1'"),
    ("small", "head=", "the model 'small' has no head ''"),
    ("fruit_and_tech", "mask", "mask cannot be taken out of the model 'fruit_and_tech'; it has no mask"),
    ("fruit_and_tech", "positions", "positions cannot be taken out of the model 'fruit_and_tech'; it has none"),
    ("fruit_and_tech", "sqrt_d", "its similarity is cosine, which is not divided by √d"),
    ("three_heads", "head=bad one", "the model 'three_heads' has no head 'bad one'; "),
]


@pytest.mark.parametrize(("name", "part", "told"), REFUSALS)
def test_what_cannot_be_taken_out_is_refused(name, part, told):
    model = open_model(name, builtin_storyboards())
    for ask in (lambda: model.altered([part]), lambda: model.contents(None, View(without=("softmax", part)))):
        with pytest.raises(ProblemsFound) as found:
            ask()
        assert told in str(found.value)


def test_a_model_without_positions_has_none_to_take_out(tmp_path):
    with pytest.raises(ProblemsFound, match="it has none: where a word stands"):
        open_model(str(trained(tmp_path / "m", positions="none"))).altered(["positions"])


def test_a_training_is_shown_as_it_was(tmp_path):
    model = open_model(str(trained_in_steps(tmp_path / "m", [1, 2])))
    with pytest.raises(ProblemsFound, match="a training is shown as it was"):
        model.contents(None, View(steps=2, without=("mask",)))


@pytest.mark.parametrize("part", ["sqrt_d", "mask", "softmax", "head=2.1"])
def test_a_trace_that_hides_what_was_taken_out_contradicts_itself(tmp_path, part):
    model = open_model(str(trained(tmp_path / "m")))
    found = model.altered([part]).run(SENTENCE, None, CPU)
    kinds = {"similarity": "scaled_dot", "weights": "softmax"}
    secret = found.assign_attrs(kinds, without="")
    if part == "mask":
        secret = secret.drop_vars("mask")
    with pytest.raises(ProblemsFound, match="contradicts itself"):
        check_trace(secret, model.arrays(), "m")
    for name in ("scores", "weights", "head_outputs", "concatenated", "output"):
        broken = found.copy(deep=True)
        broken[name].values[1, ..., 1, 0] += 0.5
        with pytest.raises(ProblemsFound, match="contradicts itself"):
            check_trace(broken, model.arrays(), "m")


# Blackboards


def board(tmp_path, name, **changes):
    data = yaml.safe_load(find_model(name).read_text()) | changes
    path = tmp_path / f"{name}.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False))
    return path


@pytest.mark.parametrize("carry", ["exact", "displayed"])
def test_a_board_without_the_root_is_the_one_with_dot_products(tmp_path, carry):
    settings = Settings("cpu", carry=carry)
    scaled = open_model(str(board(tmp_path, "three_heads", similarity="scaled_dot")))
    found = scaled.run("apple orange", None, settings, View(without=("sqrt_d",)))
    other = open_model(str(board(tmp_path, "three_heads", similarity="dot"))).run("apple orange", None, settings)
    assert found.drop_attrs().identical(other.drop_attrs())
    assert found.attrs["model"] == "three_heads without √d"
    assert found.scores.formula == other.scores.formula == "q · k"


def test_a_board_without_softmax_takes_the_scores():
    model = open_model("three_heads", builtin_storyboards())
    found = model.run("apple orange", None, CPU, View(without=("softmax",)))
    spec = model.spec
    x = np.array([spec.words[word] for word in ("apple", "orange")], dtype=float)
    for head in spec.heads:
        q, k, v = (x @ np.array(matrix) for matrix in (head.W_Q, head.W_K, head.W_V))
        scores = q @ k.T / (np.sqrt(q.shape[1]) if spec.similarity == "scaled_dot" else 1)
        if spec.similarity == "cosine":
            scores = scores / np.outer(np.linalg.norm(q, axis=1), np.linalg.norm(k, axis=1))
        own = found.sel(head=head.name)
        np.testing.assert_allclose(own.weights, scores, atol=1e-12)
        np.testing.assert_allclose(own.head_outputs[:, : v.shape[1]], scores @ v, atol=1e-12)
    assert found.weights.formula == "scores"
    assert not {"softmax", "score_sum", "exponentials"} & {*map(str, found.data_vars)}
    assert found.attrs["absent_hint"] == "its weights are the scores themselves"


@pytest.mark.parametrize("carry", ["exact", "displayed"])
def test_a_head_of_a_board_leaves_the_rows_of_the_others(tmp_path, carry):
    settings = Settings("cpu", carry=carry)
    whole = open_model("three_heads", builtin_storyboards())
    out = whole.spec.heads[1]
    rows, width = sum(len(head.W_V[0]) for head in whole.spec.heads[:1]), len(out.W_V[0])
    W_O = [[0.0] * len(row) if rows <= place < rows + width else row for place, row in enumerate(whole.spec.W_O)]
    cut = open_model(str(board(tmp_path, "three_heads", W_O=W_O))).run("apple orange", None, settings)
    found = whole.run("apple orange", None, settings, View(without=(f"head={out.name}",)))
    for name in ("output", "head_contributions", "contribution_norm", "weights"):
        np.testing.assert_array_equal(found[name], cut[name], err_msg=name)
    assert not found.head_outputs.sel(head=out.name).any()
    assert found.attrs["model"] == f"three_heads without head {out.name}"
    assert found.head_outputs.formula == f"weights · values, 0 for head {out.name}"
    assert found.attrs["fingerprint"] != whole.run("apple orange", None, settings).attrs["fingerprint"]


def test_a_board_may_be_written_without_softmax(tmp_path):
    written = open_model(str(board(tmp_path, "three_heads", weights="scores"))).run("apple orange", None, CPU)
    taken = open_model("three_heads", builtin_storyboards()).run("apple orange", None, CPU, View(without=("softmax",)))
    assert written.drop_attrs().identical(taken.drop_attrs())


# Storyboards

FILM = """\
title: What if
model: {name: small, layer: 2, head: 1}
chapters:
  - title: As it is, and without
    scenes:
      - scene: attention_table
        sentence: apple unveiled a new phone
        shots:
          - show_similarity:
      - scene: attention_table
        model: {name: small, layer: 2, head: 1, without: WITHOUT}
        sentence: apple unveiled a new phone
        shots:
          - show_similarity:
            say: Phone takes {weights[phone, apple]:percent} from apple.
            claim: weights[phone, apple] > 5
"""


def film(tmp_path: Path, without: str) -> Path:
    path = tmp_path / "film.yaml"
    path.write_text(FILM.replace("WITHOUT", without))
    return path


@pytest.mark.parametrize(
    ("written", "view"),
    [
        ("mask", ("mask",)),
        ("[mask, sqrt_d]", ("mask", "sqrt_d")),
        ("head=2", ("head=2",)),
        ("[head=3.2]", ("head=3.2",)),
    ],
)
def test_a_storyboard_takes_something_out(tmp_path, written, view):
    first, second = open_storyboard(film(tmp_path, written)).scenes()
    assert (first.view, second.view) == (View(2, "1"), View(2, "1", without=view))


@pytest.mark.parametrize(
    ("written", "line", "told"),
    [
        ("head=7", 11, "the model 'small' has no head '7'"),
        ("[mask, scale]", 11, "'scale' is nothing that can be taken out of a model; expected one of: sqrt_d"),
        ("3", 11, "expected what is taken out of the model: sqrt_d, mask, positions, softmax, head=2, or a list"),
        ("[]", 11, "without"),
    ],
)
def test_a_wrong_part_is_told_with_its_line(tmp_path, written, line, told):
    with pytest.raises(ProblemsFound) as found:
        open_storyboard(film(tmp_path, written))
    [problem] = found.value.problems
    assert problem.line == line
    assert told in str(problem)


def test_both_are_kept_under_keys_of_their_own(tmp_path):
    with ScratchFolder("without") as folder:
        store = Store(Path(folder))
        keys = []
        for part, called in (("mask", "the mask"), ("softmax", "softmax")):
            storyboard = open_storyboard(film(tmp_path, part))
            specs = [scene.spec for scene in select(storyboard)]
            library = TraceLibrary(storyboard, specs, store, Sources(store), device="cpu")
            scenes = library.scenes()
            keys += [scene.key for scene in scenes]
            [altered] = scenes[1].load().values()
            assert altered.attrs["model"] == f"small without {called}"
            assert len(library.missing.wanted) == 0
    assert keys[0] == keys[2]
    assert len({*keys}) == 3


def test_only_a_part_of_a_trace_is_computed_without(tmp_path):
    model = open_model(str(trained(tmp_path / "m"))).altered(["head=2"], layer=3)
    whole, part = (model.run(SENTENCE, None, CPU, part=each) for each in (Part(), Part(["head_outputs"], "3", "2")))
    assert whole.attrs["without"] == part.attrs["without"] == "head=3.2"
    assert not part.head_outputs.values.any()
    np.testing.assert_array_equal(part.head_outputs, whole.head_outputs.sel(layer=["3"], head=["2"]))
