"""How a model has learnt: the arrays of the steps that its training has kept, against a second computation by hand."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from trained_models import WORDS, trained, trained_in_steps

from attnviz.input.content_paths import builtin_storyboards
from attnviz.input.problems import ProblemsFound
from attnviz.model.chosen import chosen_steps
from attnviz.model.door import open_model
from attnviz.model.interface import Settings, View
from attnviz.model.published.source import PublishedSource
from attnviz.model.trained.course import kept_steps, smoothed
from attnviz.model.trained.folder import read_trained
from attnviz.model.training.folder import FILES
from attnviz.model.views.learning import LEARNING_ARRAYS, MOST_LOSSES

EXACT = Settings(device="cpu", dtype="float64")
LEARNING = builtin_storyboards() / "models" / "learning"
SENTENCE = "the orange beside the phone is"
CLASSES = {
    "technology": ("phone", "laptop", "tablet", "computer"),
    "fruitness": ("orange", "banana", "lemon", "cherry"),
    "small": ("the", "a", "is", "beside"),
}
VIEW = View(1, "2", tuple(CLASSES.items()), "", 12)
STEPS = (0, 10, 20, 40, 60, 80, 100, 140, 200, 300, 400, 600)


@pytest.fixture(scope="module")
def seen():
    return open_model("learning").run(SENTENCE, None, EXACT, VIEW)


def parameters(step: int) -> dict[str, np.ndarray]:
    return {name: each.astype(float) for name, each in load_file(LEARNING / f"steps/{step:06}.safetensors").items()}


def directions(step: int) -> dict[str, np.ndarray]:
    rows = parameters(step)["embedding.W_E"]
    vocabulary = read_trained(LEARNING).tokenizer.vocabulary
    return {word: row / np.sqrt(row @ row) for word, row in zip(vocabulary, rows, strict=True)}


def test_every_array_has_its_labels(seen):
    assert tuple(seen["training_step"].values) == tuple(map(str, STEPS))
    for name, info in LEARNING_ARRAYS.items():
        assert seen[name].dims == info.dims, name
    assert list(seen["axis"].values) == ["technology", "fruitness"]
    groups = dict(zip(seen["vocabulary"].values, seen["vocabulary_group"].values, strict=True))
    assert (groups["lemon"], groups["tablet"], groups["beside"]) == ("fruitness", "technology", "small")
    assert groups["apple"] == ""


@pytest.mark.parametrize("step", STEPS)
def test_points_are_the_directions_of_that_steps_embeddings_in_the_last_ones_plane(seen, step):
    last, now = directions(600), directions(step)
    means = {name: np.mean([last[word] for word in words], axis=0) for name, words in CLASSES.items()}
    centre = np.mean([*means.values()], axis=0)
    across = means["technology"] - centre
    up = means["fruitness"] - centre
    up = up - (up @ across) / (across @ across) * across
    for word in ("apple", "orange", "phone", "is", "microsoft"):
        shown = seen["step_points"].sel(training_step=str(step), vocabulary=word).values
        by_hand = [(now[word] - centre) @ axis / (axis @ axis) for axis in (across, up)]
        assert shown == pytest.approx(by_hand, rel=1e-9, abs=1e-9)  # float64, sums of eight products


@pytest.mark.parametrize("step", STEPS)
def test_weights_are_those_of_a_forward_pass_with_that_steps_parameters(seen, step):
    p = parameters(step)
    vocabulary = read_trained(LEARNING).tokenizer.vocabulary
    words = SENTENCE.split()
    x = p["embedding.W_E"][[vocabulary.index(word) for word in words]] + p["embedding.W_P"][: len(words)]
    x = x / np.sqrt((x * x).mean(axis=1, keepdims=True) + 1e-5) * p["decoder.layers.0.attention_norm.scale"]
    second = slice(4, 8)  # the columns of head 2
    q, k = (x @ p[f"decoder.layers.0.attention.{name}"][:, second] for name in ("W_Q", "W_K"))
    scores = np.where(np.tri(len(words), dtype=bool), q @ k.T / np.sqrt(4), -np.inf)
    by_hand = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    shown = seen["step_weights"].sel(training_step=str(step), layer="1", head="2").values
    assert shown == pytest.approx(by_hand, rel=1e-9, abs=1e-12)


def test_the_loss_is_the_running_mean_of_the_table_and_the_floor_is_the_reports(seen):
    with (LEARNING / "loss.csv").open() as file:
        losses = [float(row["loss"]) for row in csv.DictReader(file)]
    for step in STEPS[:-1]:  # the loss of a step is measured before it is taken
        half = min(6, step // 8, 599 - step)
        mean = np.mean(losses[step - half : step + half + 1])
        assert seen["loss"].sel(update=str(step)).item() == pytest.approx(mean, rel=1e-9)
    assert seen["loss"].sel(update="600").item() == pytest.approx(losses[-1], rel=1e-9)
    assert seen.sizes["update"] <= MOST_LOSSES + len(STEPS)
    report = read_trained(LEARNING).report
    assert seen["loss_floor"].values.tolist() == [report["limits"]["nats"]]


def test_a_short_training_keeps_every_loss(tmp_path):
    trace = open_model(str(trained_in_steps(tmp_path / "mine", [0, 9]))).run("an apple", None, EXACT, View(steps=5))
    assert list(trace["update"].values) == [str(step) for step in range(10)]
    assert "loss_floor" not in trace
    assert trace["loss"].values[:-1] == pytest.approx(smoothed([3 / step + 1 for step in range(1, 10)]))


def test_the_trained_models_own_numbers_are_those_of_the_last_step(seen):
    """The weights in the view of the model itself: the same code, but other files."""
    assert np.array_equal(seen["step_weights"].sel(training_step="600").values, seen["weights"].values)


def test_only_words_that_are_shown_are_rows_and_columns():
    found = open_model("learning").run(SENTENCE, ["orange", "phone", "is"], EXACT, VIEW)
    assert list(found["query"].values) == list(found["key"].values) == ["orange", "phone", "is"]
    assert found["step_weights"].shape == (12, 1, 1, 3, 3)


@pytest.mark.parametrize("architecture", ["decoder", "encoder"])
@pytest.mark.parametrize("head", ["2", "all"])
def test_any_folder_will_do(tmp_path, architecture, head):
    folder = trained_in_steps(tmp_path / "mine", [0, 3, 7], architecture=architecture)
    model = open_model(str(folder))
    view = View(3, head, steps=12)
    found = model.run("an apple and an orange", None, EXACT, view)
    assert found["step_weights"].shape == (3, 1, 2 if head == "all" else 1, 5, 5)
    assert found["step_weights"].sum("key").values == pytest.approx(1)
    assert found["step_points"].shape == (3, len(WORDS), 2)
    for step in (0, 3, 7):  # the same as of a model that ends with these parameters
        shutil.copy(folder / f"steps/{step:06}.safetensors", folder / "model.safetensors")
        of_step = open_model(str(folder)).run("an apple and an orange", None, EXACT, View(3, head))
        assert np.array_equal(found["step_weights"].sel(training_step=str(step)).values, of_step["weights"].values)
    known = model.contents(model.tokens("an apple and an orange"), view)
    assert known.labels["training_step"] == ("0", "3", "7")
    assert set(known.arrays) == set(map(str, found.data_vars))


def test_without_classes_the_plane_is_where_the_last_embeddings_spread_most(tmp_path):
    folder = trained_in_steps(tmp_path / "mine", [0, 7])
    found = open_model(str(folder)).run("an apple", None, EXACT, View(steps=2))
    rows = load_file(folder / "model.safetensors")["embedding.W_E"].astype(float)[[len(w) > 1 for w in WORDS]]
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    sizes = np.linalg.svd(unit - unit.mean(axis=0), compute_uv=False)
    shown = found["step_points"].sel(training_step="7", vocabulary=[w for w in WORDS if len(w) > 1]).values
    assert np.linalg.norm(shown, axis=0) == pytest.approx(sizes[:2])
    assert list(found["axis"].values) == ["first component", "second component"]


def test_one_step_alone_is_a_view_too(tmp_path):
    found = open_model(str(trained_in_steps(tmp_path / "mine", [7]))).run("an apple", None, EXACT, View(steps=12))
    assert list(found["training_step"].values) == ["7"]


def test_many_steps_are_thinned_evenly_and_keep_the_first_and_the_last():
    kept = [*range(0, 1001, 10)]
    assert chosen_steps(12, kept, "m") == [0, 90, 180, 270, 360, 450, 550, 640, 730, 820, 910, 1000]
    assert chosen_steps(2, kept, "m") == [0, 1000]
    assert chosen_steps(101, kept, "m") == chosen_steps(500, kept, "m") == kept
    assert chosen_steps((30, 0, 30), kept, "m") == [0, 30]
    for most in range(2, 102):
        found = chosen_steps(most, kept, "m")
        assert len(found) == most
        assert (found[0], found[-1]) == (0, 1000)


def test_only_the_steps_that_are_looked_at_change_what_was_computed(tmp_path):
    folder = trained_in_steps(tmp_path / "mine", [0, 3, 5, 7])

    def digests() -> tuple[str, str]:
        model = open_model(str(folder))
        return model.digest((0, 3, 7)), model.digest()

    before = digests()
    assert digests() == before
    shutil.copy(folder / "steps/000000.safetensors", folder / "steps/000005.safetensors")
    assert digests() == before
    shutil.copy(folder / "steps/000000.safetensors", folder / "steps/000003.safetensors")
    other = digests()
    assert other[0] != before[0]
    assert other[1] == before[1]
    with (folder / "loss.csv").open("a") as file:
        file.write("8,1,0.01\n")
    assert digests()[0] not in (before[0], other[0])


def told(folder: Path, view: View, text: str = "an apple") -> Iterator[str]:
    """Yield what is said when a view is checked, and when it is computed."""
    model = open_model(str(folder))
    for ask in (lambda: model.contents(model.tokens(text), view), lambda: model.run(text, None, EXACT, view)):
        with pytest.raises(ProblemsFound) as found:
            ask()
        yield str(found.value)


def test_a_training_that_has_left_no_steps_is_told_before_anything_is_computed(tmp_path):
    folder = trained_in_steps(tmp_path / "mine", [0, 7])
    shutil.rmtree(folder / "steps")
    for message in told(folder, View(steps=12)):
        assert "the training of the model 'mine' has left no steps to play" in message
        assert "train the model again" in message


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "the losses of the training are not there"),
        ("", "not a line for every step"),
        ("step,loss\n1,low\n", "this is not a table of losses"),
        ("1,2,3\n4,5,6\n", "this is not a table of losses"),
        ("step,loss\n1,3\n2,nan\n", "a loss is no finite number"),
        ("step,loss\n1,3\n3,2\n", "not a line for every step"),
        ("step,loss\n1,3\n2,2\n", "the parameters after 7 steps, but loss.csv tells of 2"),
    ],
)
def test_a_bad_table_of_losses_is_told(tmp_path, content, why):
    folder = trained_in_steps(tmp_path / "mine", [0, 7])
    (folder / "loss.csv").unlink()
    if content is not None:
        (folder / "loss.csv").write_text(content)
    for message in told(folder, View(steps=12)):
        assert why in message


def test_steps_that_were_not_kept_are_told_with_those_that_were(tmp_path):
    folder = trained_in_steps(tmp_path / "mine", [0, 3, 7])
    for message in told(folder, View(steps=(0, 4, 5))):
        assert "has not kept its parameters after 4 and 5 steps; it has after: 0, 3, 7" in message


def damaged(path: Path) -> str:
    path.write_bytes(path.read_bytes()[:-100])
    return "cut short"


def of_another_shape(path: Path) -> str:
    content = load_file(path)
    save_file(content | {"embedding.W_E": content["embedding.W_E"][:-1]}, path)
    return "'embedding.W_E' is 9 × 8, but the model's is 10 × 8"


def undefined(path: Path) -> str:
    content = load_file(path)
    content["embedding.W_E"][0, 0] = np.nan
    save_file(content, path)
    return "holds NaN"


@pytest.mark.parametrize("harm", [damaged, of_another_shape, undefined])
def test_a_file_of_a_step_that_is_not_right_is_told_by_its_name(tmp_path, harm):
    path = trained_in_steps(tmp_path / "mine", [0, 3, 7]) / "steps/000003.safetensors"
    why = harm(path)
    with pytest.raises(ProblemsFound, match=why) as found:
        open_model(str(tmp_path / "mine")).run("an apple", None, EXACT, View(steps=12))
    assert "000003.safetensors" in str(found.value)


def test_the_last_step_of_another_training_is_told(tmp_path):
    trained_in_steps(tmp_path / "mine", [0, 3, 7])
    trained(tmp_path / "mine", seed=99)
    with pytest.raises(ProblemsFound, match="had after its last step, 7, are not those it has now"):
        open_model(str(tmp_path / "mine")).run("an apple", None, EXACT, View(steps=12))
    open_model(str(tmp_path / "mine")).run("an apple", None, EXACT, View(steps=(0, 3)))  # of these nobody can know


def test_a_word_of_the_plane_that_the_model_does_not_know_is_told(tmp_path):
    folder = trained_in_steps(tmp_path / "mine", [0, 7])
    view = View(plane=(("fruit", ("orange", "kiwi")), ("technology", ("phone",))), steps=12)
    for message in told(folder, view):
        assert "kiwi" in message


def test_what_has_no_training_is_told_so(tmp_path):
    with pytest.raises(ProblemsFound, match="'two_heads' is a blackboard, and has not been trained"):
        open_model("two_heads").contents(None, View(steps=12))
    with pytest.raises(ProblemsFound, match="of the training of 'minilm' nothing is known; leave `steps` out"):
        PublishedSource("minilm", None).course()
    for message in told(trained_in_steps(tmp_path / "mine", [0, 7]), View(like="small", steps=12)):
        assert "leave `like` or `steps` out" in message


def test_without_steps_it_is_said_how_to_get_their_arrays():
    model = open_model("learning")
    known = model.contents(model.tokens(SENTENCE), View())
    assert "step_weights" not in known.arrays
    assert "write `steps: 12`" in known.absent["step_weights"]


def test_the_model_that_comes_with_the_steps_is_small_and_close_to_what_is_possible():
    files = [path for path in LEARNING.rglob("*") if path.is_file()]
    assert {path.name for path in files} - {path.name for path in kept_steps(LEARNING).values()} == set(FILES)
    assert tuple(kept_steps(LEARNING)) == STEPS
    assert sum(path.stat().st_size for path in files) < 200_000
    drawn = read_trained(LEARNING).report["drawn"]
    assert drawn["model"]["nats"] < drawn["best_possible"]["nats"] + 0.05
