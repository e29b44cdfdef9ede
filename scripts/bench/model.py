"""The command line of `scripts/bench_model`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

import click

from bench.model_contest import Entry, Standing, contest, difference, ratio
from bench.model_shapes import SHAPES, Task

PLAIN = "plain"
OURS = (
    Entry(PLAIN, "plain"),
    Entry("plain, torch's fused attention", "fused"),
    Entry("traced", "traced"),
    Entry("traced, as labelled datasets", "datasets"),
)
TRANSFORMERS = Entry("transformers, output_attentions", "transformers", package="'attnviz[pretrained]'")
TRAINING = (
    Entry("nanoGPT's recipe", "train-recipe"),
    Entry("attnviz train", "train"),
)
COLUMNS = ("", "ms per pass", "÷ plain", "MB more", "logits differ by")
TRAINING_COLUMNS = ("", "ms per step", "tokens per second", "÷ recipe", "MB more")
TURN = 0.3  # seconds at least, for each turn


@click.command()
@click.option("--shape", "shapes", multiple=True, type=click.Choice(list(SHAPES)), help="[default: small, gpt2]")
@click.option("--batch", "batches", multiple=True, type=click.IntRange(1), help="Texts at once. [default: 1, 32]")
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True, help="How often all is measured.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--threads", type=click.IntRange(1), help="Processor cores that torch uses. [default: all]")
@click.option(
    "--clock",
    type=click.Choice(["wall", "cpu"]),
    default="wall",
    show_default=True,
    help="Time that passes, or of processors: with one thread the steadier one on a busy machine.",
)
@click.option("--kept/--given-back", default=True, help="What becomes of memory that a pass has freed. [default: kept]")
@click.option(
    "--lens",
    multiple=True,
    metavar="PYTHON",
    help="A Python that has transformer-lens; repeatable. [default: this one]",
)
@click.option("--passes/--no-passes", default=True, help="Measure forward passes.")
@click.option("--training/--no-training", default=True, help="Measure training.")
@click.option("--quick", is_flag=True, help="One round of a tiny model: shows that all works, measures little.")
def main(
    *,
    shapes: tuple[str, ...],
    batches: tuple[int, ...],
    rounds: int,
    device: str,
    threads: int | None,
    clock: str,
    kept: bool,
    lens: tuple[str, ...],
    passes: bool,
    training: bool,
    quick: bool,
) -> None:
    """Measure what tracing and training a transformer take, compared with other libraries.

    docs/performance.md tells what is measured, and how. Leave the machine alone meanwhile.
    """
    if sys.platform != "linux":
        raise click.ClickException("the memory of a process is only measured on Linux")
    place = _device(device)
    click.echo(_machine(place))
    how = (place, threads or len(os.sched_getaffinity(0)), clock, kept, 0.0 if quick else TURN)
    if place == "cuda" and clock == "cpu":
        raise click.ClickException("the time of processors says nothing about a GPU")
    for shape in ("tiny",) if quick else shapes or ("small", "gpt2"):
        for batch in (batches or ((2,) if quick else (1, 32))) if passes else ():
            entries = (*OURS, *map(_lens, lens or (sys.executable,)), TRANSFORMERS)
            task = Task(shape, batch, *how)
            click.echo(f"\n{_described(task)}\n\n" + "\n".join(_table(contest(entries, task, 1 if quick else rounds))))
        if training:
            task = Task(shape, SHAPES[shape].trained, *how)
            click.echo(f"\nTraining. {_described(task)}\n")
            click.echo("\n".join(_training_table(task, contest(TRAINING, task, 1 if quick else rounds))))


def _table(standings: dict[str, Standing]) -> Iterator[str]:
    """Give the lines of the table of forward passes."""
    yield from _head(COLUMNS)
    plain = standings[PLAIN]
    for name, each in standings.items():
        if each.failed:
            yield f"| {name} | {each.failed} |{' |' * (len(COLUMNS) - 2)}"
            continue
        if each is plain or plain.failed:
            times, differs = "", ""
        else:
            times, differs = f"{ratio(each, plain):.2f}", f"{difference(each, plain):.0e}"
        cells = (f"{1000 * each.typical:.3g}", times, f"{each.memory / 1e6:.0f}", differs)
        yield f"| {name} | {' | '.join(cells)} |"


def _training_table(task: Task, standings: dict[str, Standing]) -> Iterator[str]:
    """Give the lines of the table of training."""
    yield from _head(TRAINING_COLUMNS)
    recipe = standings[TRAINING[0].name]
    tokens = task.batch * SHAPES[task.shape].tokens
    for name, each in standings.items():
        if each.failed:
            yield f"| {name} | {each.failed} |{' |' * (len(TRAINING_COLUMNS) - 2)}"
            continue
        times = (f"{1000 * each.typical:.3g}", f"{tokens / each.typical:,.0f}", f"{ratio(each, recipe):.2f}")
        yield f"| {name} | {' | '.join(times)} | {each.memory / 1e6:.0f} |"


def _head(columns: Sequence[str]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"{'|---' * len(columns)}|"


def _described(task: Task) -> str:
    shape = SHAPES[task.shape]
    return (
        f"{task.shape}: {shape.layers} layers × {shape.heads} heads × {shape.d_head} (d_model {shape.d_model}, "
        f"vocabulary {shape.vocabulary}), {task.batch} × {shape.tokens} tokens, float32, {task.device}, "
        f"threads: {task.threads}, clock: {task.clock}, freed memory is "
        f"{'kept' if task.kept else 'given back'}"
    )


def _lens(python: str) -> Entry:
    """Return the entry of the TransformerLens that a Python has."""
    code = "from importlib.metadata import version; print(version('transformer-lens'))"
    asked = subprocess.run([python, "-c", code], capture_output=True, text=True)  # noqa: S603
    which = f" {asked.stdout.strip()}" if asked.returncode == 0 else ""
    return Entry(f"TransformerLens{which}, run_with_cache", "lens", python, "transformer-lens")


def _device(wanted: str) -> str:
    import torch

    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if wanted == "cuda" and not torch.cuda.is_available():
        raise click.ClickException("there is no CUDA device on this machine")
    return wanted


def _machine(device: str) -> str:
    """Say what this machine is, and how busy it was before."""
    import torch

    processors = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in processors if line.startswith("model name")), "unknown")
    gpu = f", {torch.cuda.get_device_name()}" if device == "cuda" else ""
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores ({model}){gpu}; load before: {os.getloadavg()[0]:.1f}; torch {version('torch')}"


if __name__ == "__main__":
    main(prog_name="scripts/bench_model")
