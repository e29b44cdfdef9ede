"""Training: it learns, it can be interrupted anywhere, and what it leaves is checked when it is read."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from PIL import Image
from safetensors.torch import load_file, save, save_file

from attnviz.commands import train as train_command
from attnviz.input.problems import ProblemsFound
from attnviz.model.trained.folder import digest_of, load_parameters, load_trained, read_trained
from attnviz.model.trained.report import report_lines
from attnviz.model.training import evaluation, evaluation_senses, grammar, loss_curve
from attnviz.model.training.config import read_training
from attnviz.model.training.data import IGNORED, GrammarData, data_of, masked_tokens, next_tokens
from attnviz.model.training.folder import CHECKPOINT, FILES
from attnviz.model.training.loop import Training, identity_of, loss_of
from attnviz.model.training.result import finish
from attnviz.model.training.words import MASK
from tests.tolerances import close, sensitivity, transformer_terms

GRAMMAR = """\
kind: grammar
start: s
ambiguous: [bat]
rules:
  s: <who> saw the bat:animal in the cave:animal | <who> swung the bat:sport at the ball:sport | <place> <who> saw the <thing>
  place: near the field:sport | near the <hole>
  hole: cave:animal | barn:animal
  thing: bat:animal | owl | ball
  who: the <job> | anna | tom | eva | jan
  job: farmer | doctor | singer | baker | pilot | judge
"""
CONFIG = """\
kind: training
title: Tiny
model: {architecture: decoder, context: 12, layers: 2, d_model: 16, heads: 2}
grammar: words
steps: 30
batch: 16
warmup: 5
learning_rate: 0.01
save_every: 10
"""
RARE = """\
kind: grammar
start: s
ambiguous: [bat]
rules:
  s: the bat:animal flies:animal at <n> | the bat:animal sleeps:animal | the bat:sport breaks:sport | <n> is like <n>
  n: night | dawn | noon | eve | home | mud | sun | sea
"""
TEXT = "the cat sat on the mat and the dog sat on the log while it rained all day long in the town\n" * 60


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure on few sentences."""
    monkeypatch.setattr(evaluation, "SENTENCES", 60)
    monkeypatch.setattr(evaluation, "MASKED_SENTENCES", 20)
    monkeypatch.setattr(evaluation_senses, "DRAWN", 2000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "words.yaml").write_text(GRAMMAR)
    (tmp_path / "tiny.yaml").write_text(CONFIG)
    (tmp_path / "text.txt").write_text(TEXT)
    return tmp_path


def change(folder: Path, old: str, new: str) -> Path:
    text = (folder / "tiny.yaml").read_text()
    assert old in text
    (folder / "tiny.yaml").write_text(text.replace(old, new))
    return folder / "tiny.yaml"


def as_encoder(folder: Path) -> Path:
    return change(change(folder, "decoder", "encoder").parent, "warmup", "objective: masked_token\nwarmup")


def as_text(folder: Path) -> Path:
    return change(folder, "grammar: words", "text: text.txt\nvocabulary: 300")


def train(path: Path, out: Path, steps: int | None = None) -> Training:
    out.mkdir(exist_ok=True)
    training = Training(read_training(path, steps), "cpu")
    training.resume(out)
    training.run(out, lambda done, loss: None)
    return training


def files(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("kind", ["decoder", "encoder", "text"])
def test_it_learns_and_leaves_a_folder_that_can_be_read(folder: Path, kind: str) -> None:
    path = {"decoder": lambda each: each / "tiny.yaml", "encoder": as_encoder, "text": as_text}[kind](folder)
    training = train(path, folder / "out")
    assert training.losses[-5:].mean() < training.losses[:5].mean() - 0.5
    report = finish(training, folder / "out")
    steps = {f"steps/{step:06}.safetensors" for step in (0, 10, 20, 30)}
    assert set(files(folder / "out")) == set(FILES) | steps
    spec = read_trained(folder / "out")
    assert tuple(spec.report["sha256"]) == ("config.yaml", "tokenizer.json", "model.safetensors")
    assert spec.report == report == json.loads(json.dumps(report))
    assert report["unseen"]["model"]["perplexity"] < 300
    lines = report_lines(spec.report)
    assert len(lines) == (3 if kind == "text" else 7)
    model = load_trained(folder / "out")
    assert not model.training
    assert all(
        torch.equal(one, other) for one, other in zip(model.parameters(), training.model.parameters(), strict=True)
    )
    assert (folder / "out/loss.csv").read_text().count("\n") == 31
    with Image.open(folder / "out/loss.png") as picture:
        assert picture.size == (960, 540)
        assert picture.convert("RGB").getpixel((2, 2)) == (14, 17, 22)  # the films' ground
    assert report_lines({}) == []


def test_a_picture_shows_every_loss_their_means_and_the_best_possible(tmp_path: Path) -> None:
    from matplotlib.figure import Figure

    drawn: list[Figure] = []
    losses = [3.0 / (1 + step / 50) + 0.1 * (step % 2) for step in range(500)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Figure, "savefig", lambda figure, *_, **__: drawn.append(figure))
        loss_curve.draw_curve(tmp_path / "loss.png", losses, "what $x$ costs", 0.25, "the best possible: 0.250")
    [axes] = drawn[0].axes
    raw, means, best = axes.lines
    assert raw.get_xdata()[[0, -1]].tolist() == [1, 500]
    assert raw.get_ydata().tolist() == losses
    assert means.get_ydata().tolist() == loss_curve.smoothed(losses)
    assert set(best.get_ydata()) == {0.25}
    assert axes.get_title("left") == "what $x$ costs"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["the best possible: 0.250"]
    low, high = axes.get_ylim()
    assert low <= 0.25 <= max(losses) <= high


@pytest.mark.usefixtures("quick")
def test_without_matplotlib_the_picture_is_left_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: (name != "matplotlib" and found(name, *rest)) or None
    )
    done = CliRunner().invoke(
        train_command.command, [str(folder / "tiny.yaml"), "--out", str(folder / "out"), "--device", "cpu"]
    )
    assert done.exit_code == 0, done.output
    assert "the picture of the losses (loss.png) is left out; to get it: pip install 'attnviz[train]'" in done.stderr
    assert {path.name for path in (folder / "out").iterdir()} == {*FILES, "steps"} - {"loss.png"}


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("kind", "keep"), [("decoder", ""), ("encoder", ""), ("text", ""), ("decoder", "keep: [3, 12, 25]")]
)
def test_the_same_seed_gives_the_same_bytes_also_after_an_interruption(folder: Path, kind: str, keep: str) -> None:
    path = {"decoder": lambda each: each / "tiny.yaml", "encoder": as_encoder, "text": as_text}[kind](folder)
    path.write_text(f"{path.read_text()}{keep}\n")
    finish(train(path, folder / "one"), folder / "one")

    class StoppedError(Exception):
        pass

    def stop(done: int, loss: float) -> None:
        if done == 20:
            raise StoppedError

    halved = Training(read_training(path), "cpu")
    (folder / "two").mkdir()
    with pytest.raises(StoppedError):
        halved.run(folder / "two", stop)
    assert (folder / "two" / CHECKPOINT).exists()
    resumed = Training(read_training(path), "cpu")
    resumed.resume(folder / "two")
    assert resumed.done == 10
    resumed.run(folder / "two", lambda done, loss: None)
    finish(resumed, folder / "two")
    assert files(folder / "one") == files(folder / "two")
    assert digest_of(folder / "one") == digest_of(folder / "two")
    finish(train(change(folder, "steps", "seed: 7\nsteps"), folder / "three"), folder / "three")
    assert digest_of(folder / "three") != digest_of(folder / "one")


def command(path: Path, out: Path, *options: str) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "attnviz", "train", str(path), "--out", str(out), *options]


@pytest.mark.slow
def test_a_killed_training_ends_like_an_undisturbed_one(folder: Path) -> None:
    path = change(folder, "steps: 30", "steps: 80")
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(command(path, folder / "killed"), env=environment, stderr=subprocess.DEVNULL)
    while not (folder / "killed/steps/000030.safetensors").exists() and process.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    process.send_signal(signal.SIGKILL)
    assert process.wait(60) == -signal.SIGKILL
    assert not (folder / "killed/model.safetensors").exists()
    again = CliRunner().invoke(train_command.command, [str(path), "--out", str(folder / "killed")])
    assert again.exit_code == 0, again.output
    assert "goes on after" in again.stderr
    assert again.stdout.startswith("next word, in ")
    finish(train(path, folder / "whole"), folder / "whole")
    assert files(folder / "whole") == files(folder / "killed")
    refused = CliRunner().invoke(train_command.command, [str(path), "--out", str(folder / "killed")])
    assert isinstance(refused.exception, ProblemsFound)
    assert "there is a trained model in" in str(refused.exception)


def test_steps_that_are_chosen_are_kept_and_the_last_is_always(folder: Path) -> None:
    path = change(folder, "save_every: 10", "save_every: 10\nkeep: [3, 0, 12, 25]")

    train(path, folder / "out")
    assert [*files(folder / "out/steps")] == [f"{step:06}.safetensors" for step in (0, 3, 12, 25, 30)]
    train(path, folder / "few", steps=10)
    assert [*files(folder / "few/steps")] == ["000000.safetensors", "000003.safetensors", "000010.safetensors"]


def test_a_training_that_chooses_no_steps_goes_on_from_what_was_left_before_one_could(folder: Path) -> None:
    """`keep` is no part of what a training without it is known by."""
    spec = read_training(folder / "tiny.yaml").spec
    before = json.loads(spec.model_dump_json())
    del before["keep"]
    known = hashlib.sha256(json.dumps(before, separators=(",", ":")).encode())
    file = read_training(folder / "tiny.yaml")
    known.update(repr(file.grammar and file.grammar.rules).encode())
    assert identity_of(file) == known.hexdigest()


@pytest.mark.parametrize(
    ("keep", "why"),
    [
        ("[0, 31]", "keep: there are 30 steps, and no step 31"),
        ("[]", "keep"),
        ("[-1]", "keep"),
        ("[0.5]", "keep"),
        ("all", "keep"),
    ],
)
def test_steps_that_cannot_be_kept_are_told_with_their_line(folder: Path, keep: str, why: str) -> None:
    path = change(folder, "save_every: 10", f"keep: {keep}")
    line = path.read_text().splitlines().index(f"keep: {keep}") + 1
    with pytest.raises(ProblemsFound, match=rf"tiny\.yaml:{line}: {why}"):
        read_training(path)


def test_another_training_does_not_go_on_from_this_one(folder: Path) -> None:
    train(folder / "tiny.yaml", folder / "out")
    with pytest.raises(ProblemsFound, match="another training was begun here and not finished"):
        train(change(folder, "batch: 16", "batch: 8"), folder / "out")
    change(folder, "batch: 8", "batch: 16")
    (folder / "words.yaml").write_text(GRAMMAR.replace("eva", "lea"))
    with pytest.raises(ProblemsFound, match="another training"):
        train(folder / "tiny.yaml", folder / "out")
    nothing_about_it = save({"losses": torch.zeros(30)}, {"training": '{"identity": "1"}'})
    for damaged in (b"not this", save({"losses": torch.zeros(30)}), nothing_about_it):
        (folder / "out" / CHECKPOINT).write_bytes(damaged)
        said = "is damaged" if damaged == b"not this" else "no training that was interrupted has left this"
        with pytest.raises(ProblemsFound, match=f"{said}.*; choose another folder, or delete the file to begin anew"):
            train(folder / "tiny.yaml", folder / "out")


def test_a_training_does_not_go_on_from_a_damaged_checkpoint(folder: Path) -> None:
    path = change(folder, "steps: 30", "steps: 2")
    train(path, folder / "out")
    checkpoint = folder / "out" / CHECKPOINT
    whole = checkpoint.read_bytes()
    fewer = whole.replace(b'\\"done\\": 2', b'\\"done\\": 1')
    assert fewer != whole
    for damaged in (whole[:-99] + bytes([whole[-99] ^ 1]) + whole[-98:], fewer):
        checkpoint.write_bytes(damaged)
        with pytest.raises(
            ProblemsFound, match=r"its checksum is another; copy it again, or choose another folder, or"
        ):
            train(path, folder / "out")
    start = whole.index(b', \\"sha256')
    before = whole.replace(whole[start : whole.index(b"}", start)], b" " * (whole.index(b"}", start) - start))
    checkpoint.write_bytes(before)  # as it was written before there were checksums
    assert train(path, folder / "out").done == 2


def test_a_text_that_changes_meanwhile_is_another_training(folder: Path) -> None:
    training = Training(read_training(as_text(folder)), "cpu")
    (folder / "text.txt").write_text(TEXT.replace("dog", "fox"))
    training.run(folder / "out", lambda done, loss: None)
    with pytest.raises(ProblemsFound, match="another training was begun here"):
        Training(read_training(folder / "tiny.yaml"), "cpu").resume(folder / "out")


def test_what_cannot_be_counted_is_told_before_the_training(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammar, "MOST_BELIEFS", 3)
    with pytest.raises(ProblemsFound, match="too entangled"):
        Training(read_training(folder / "tiny.yaml"), "cpu")


def test_a_folder_for_the_steps_that_is_a_file_is_told(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "steps").write_text("")
    with pytest.raises(ProblemsFound, match=r"cannot write to '.*steps'"):
        train(folder / "tiny.yaml", folder / "out")


@pytest.mark.usefixtures("quick")
def test_the_grammar_in_the_docs_can_be_learnt(folder: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "training.md").read_text()
    [block] = re.findall(r"```yaml\n(kind: grammar.*?)```", page, flags=re.DOTALL)
    (folder / "words.yaml").write_text(block)
    report = finish(train(folder / "tiny.yaml", folder / "out", steps=2), folder / "out")
    assert report["unseen"]["texts"] == 60
    assert report["ambiguous"]["bat"]["meanings"] == ["animal", "sport"]
    assert None not in [report["ambiguous"]["bat"]["layers"][0][each] for each in ("cosine", "probe")]


@pytest.mark.usefixtures("quick")
def test_one_step_is_a_training(folder: Path) -> None:
    report = finish(train(as_text(folder), folder / "out", steps=1), folder / "out")
    assert report["steps"] == 1
    assert (folder / "out/loss.csv").read_text().count("\n") == 2


@pytest.mark.usefixtures("quick")
def test_a_meaning_that_is_never_held_out_is_not_measured(folder: Path) -> None:
    """JSON has no NaN; and where there is nothing to measure, people read a dash."""
    (folder / "words.yaml").write_text(RARE)
    report = finish(train(folder / "tiny.yaml", folder / "out", steps=1), folder / "out")
    json.loads((folder / "out/report.json").read_text(), parse_constant=pytest.fail)
    assert [layer["cosine"] for layer in report["ambiguous"]["bat"]["layers"]] == [None] * 3
    lines = "\n".join(report_lines(report))
    assert "cosine of the mean vectors — — —" in lines
    assert "nan" not in lines


def test_a_training_that_goes_astray_is_told(folder: Path) -> None:
    path = change(folder, "learning_rate: 0.01", "learning_rate: 1.0")
    training = Training(read_training(path), "cpu")
    with torch.no_grad():
        training.model.embedding.W_E.fill_(float("nan"))
    with pytest.raises(ProblemsFound, match="the loss is not a number after 20 steps; try a smaller"):
        training.run(folder, lambda done, loss: None)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("decoder", "encoder", ":3: model.architecture: a model that learns 'next_token' must be 'decoder'"),
        ("context: 12", "context: 6", ":3: model.context: the grammar's longest sentence has"),
        ("d_model: 16", "d_model: 15", ":3: model.heads: 2 heads cannot share the 15 coordinates"),
        ("grammar: words", "grammar: word", ":4: unknown grammar 'word'"),
        ("grammar: words", "text: none.txt", ":4: there is no text file"),
        ("grammar: words", "text: ~nobody-of-this-name/a.txt", ":4: there is no text file"),
        ("grammar: words", "grammar: ~nobody-of-this-name/a.yaml", ": there is no such file"),
        ("grammar: words", "grammar: words\ntext: text.txt", ":5: there are both a text and a grammar"),
        ("grammar: words\n", "", ":1: there is nothing to learn from"),
        ("context: 12", "context: 12, vocabulary: 9", ":3: model.vocabulary: it follows from the text"),
        ("steps: 30", "step: 30", ":5: step: unknown key; did you mean 'steps'"),
        ("batch: 16", "batch: 0", ":6: batch: expected 1 or more, not 0"),
        ("grammar: words", "text: short.txt", "the text has only"),
        (
            "grammar: words",
            "grammar: one",
            ":4: the grammar has too few sentences (different ones in 2,000 draws: 1), of which none is held out; about 100",
        ),
    ],
)
def test_mistakes_in_a_training_file_are_told(folder: Path, old: str, new: str, message: str) -> None:
    (folder / "short.txt").write_text("so short")
    (folder / "one.yaml").write_text("kind: grammar\nstart: s\nrules:\n  s: hello there\n")
    with pytest.raises(ProblemsFound) as found:
        data_of(read_training(change(folder, old, new)))
    assert message in str(found.value)


def test_the_loss_is_the_mean_over_what_is_to_be_said(folder: Path) -> None:
    training = Training(read_training(folder / "tiny.yaml"), "cpu")
    rows = [[1, 2, 3], [4, 5]]
    batch = next_tokens(rows)
    assert batch.inputs.tolist() == [[1, 2], [4, 5]]
    assert batch.targets.tolist() == [[2, 3], [5, IGNORED]]
    shares = training.model(batch.inputs).log_softmax(dim=-1)
    expected = -(shares[0, 0, 2] + shares[0, 1, 3] + shares[1, 0, 5]) / 3
    scales = sensitivity(training.model, lambda changed: {"loss": loss_of(changed, batch)})
    close(loss_of(training.model, batch), expected, "float32", transformer_terms(training.model.config), scales["loss"])


def test_of_masked_texts_some_tokens_are_to_be_said(folder: Path) -> None:
    rows = [[index % 40 for index in range(start, start + 30)] for start in range(400)] + [[3]]
    batch = masked_tokens(rows, 50, 0.2, step=3)
    chosen = batch.targets != IGNORED
    assert batch.lengths is not None
    assert batch.lengths[-1] == 1
    assert chosen.any(dim=1).all()
    assert not chosen[-1, 1:].any()
    assert chosen[:-1].float().mean() == pytest.approx(0.2, abs=0.02)
    assert (batch.inputs[chosen] == 50).float().mean() == pytest.approx(0.8, abs=0.03)
    assert (batch.inputs[chosen] == batch.targets[chosen]).float().mean() == pytest.approx(0.1, abs=0.03)
    assert torch.equal(batch.inputs[:-1][~chosen[:-1]], torch.tensor(rows[:-1])[~chosen[:-1]])


def test_held_out_sentences_are_never_trained_on(folder: Path) -> None:
    data = data_of(read_training(folder / "tiny.yaml"))
    assert isinstance(data, GrammarData)
    held_out = {tuple(row) for row in data.held_out(50)}
    learnt = {tuple(row) for step in range(40) for row in data.rows(step, 50)}
    assert held_out
    assert not held_out & learnt
    assert data.rows(3, 5) == data.rows(3, 5) != data.rows(4, 5)
    assert data.tokenizer.vocabulary == (*data.grammar.vocabulary, MASK)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    (folder / "words.yaml").write_text(GRAMMAR)
    (folder / "tiny.yaml").write_text(CONFIG.replace("steps: 30", "steps: 2"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluation, "SENTENCES", 30)
        patch.setattr(evaluation_senses, "DRAWN", 2000)
        finish(train(folder / "tiny.yaml", folder / "out"), folder / "out")
    return folder / "out"


def refuse(path: Path, mode: str = "r") -> None:
    raise PermissionError(13, "Permission denied", str(path))


def test_damaged_folders_are_refused_with_one_clear_problem(trained: Path, tmp_path: Path) -> None:
    tensors = load_file(trained / "model.safetensors")
    without = {name: tensor for name, tensor in tensors.items() if name != "embedding.W_E"}
    narrower = tensors | {"embedding.W_E": tensors["embedding.W_E"][:, :8].contiguous()}
    damages = {
        "there is no 'embedding.W_E'": without,
        "the model has no 'extra'": tensors | {"extra": torch.zeros(1)},
        "but the model's is": narrower,
        "'embedding.W_E' holds NaN; copy it again": tensors | {"embedding.W_E": tensors["embedding.W_E"] / 0 * 0},
        "'embedding.W_E' holds infinity": tensors | {"embedding.W_E": tensors["embedding.W_E"].abs() / 0},
        "'embedding.W_E' is of int32 numbers, not floats": tensors | {"embedding.W_E": tensors["embedding.W_E"].int()},
    }
    for message, damaged in damages.items():
        folder = Path(shutil.copytree(trained, tmp_path / str(len(message))))
        save_file(damaged, folder / "model.safetensors")
        with pytest.raises(ProblemsFound, match=message) as found:
            load_trained(folder)
        assert len(found.value.problems) == 1
    folder = Path(shutil.copytree(trained, tmp_path / "cut"))
    (folder / "model.safetensors").write_bytes((trained / "model.safetensors").read_bytes()[:-100])
    with pytest.raises(ProblemsFound, match=r"the file is cut short: [0-9,]+ of at least [0-9,]+ bytes; copy it again"):
        load_trained(folder)
    with pytest.MonkeyPatch.context() as patch:  # a root may read everything
        patch.setattr("pathlib.Path.open", refuse)
        with pytest.raises(ProblemsFound, match="the file cannot be read: Permission denied"):
            load_parameters(load_trained(trained), folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    for function in (load_trained, digest_of):
        with pytest.raises(ProblemsFound, match="the file cannot be read: No such file"):
            function(folder)
    for report in ("[1]", '{"a": 1}', '{"heads": [{}]}', '{"heads": [], "unseen": {"model": {"accuracy": "a"}}}'):
        (folder / "report.json").write_text(report)
        with pytest.raises(ProblemsFound, match="this is not a report"):
            read_trained(folder)
    config = (folder / "config.yaml").read_text()
    (folder / "config.yaml").write_text(config.replace("vocabulary: ", "vocabulary: 1"))
    with pytest.raises(ProblemsFound, match="tokens, but config"):
        read_trained(folder)


def test_reading_about_a_trained_model_needs_no_torch(trained: Path) -> None:
    code = (
        "import sys, pathlib; from attnviz.model.trained.folder import read_trained, digest_of; from attnviz.model.trained import report\n"
        "folder = pathlib.Path(sys.argv[1]); report.report_lines(read_trained(folder).report); digest_of(folder)\n"
        "from attnviz.model.training.config import read_training; import attnviz.commands.train\n"
        "print(sorted({'torch', 'manim', 'xarray', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(trained)], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
def test_a_gpu_learns_too(folder: Path) -> None:
    training = Training(read_training(change(folder, "steps: 30", "steps: 100")), "cuda")
    training.run(folder, lambda done, loss: None)
    assert training.losses[-10:].mean() < training.losses[:5].mean() - 0.5
