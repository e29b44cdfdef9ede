"""`attnviz train`: a small transformer learns from a grammar or a text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from attnviz.commands._ending import ended_politely
from attnviz.commands._options import Target
from attnviz.input.whole_files import check_writable, no_empty_folder
from attnviz.model.trained.folder import MODEL

if TYPE_CHECKING:
    from attnviz.model.training.config import TrainingFile
    from attnviz.model.training.loop import Watch


@click.command(name="train", short_help="Train a small transformer on a grammar or a text.")
@click.argument("config", type=click.Path(path_type=Path))
@click.option(
    "--out", type=Target(path_type=Path, file_okay=False), required=True, help="Folder for the trained model."
)
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--steps", type=click.IntRange(1, 10_000_000), help="Steps to take, instead of the file's.")
def command(config: Path, out: Path, device: str, steps: int | None) -> None:
    """Train a small transformer on a grammar or a text.

    CONFIG is a YAML file: the shape of the model, what it learns from, and how. A training that was interrupted goes on
    when the same command is given again; the result is the same.
    """
    from attnviz.model.training.config import read_training
    from attnviz.model.training.folder import check_folder

    file = read_training(config, steps)
    check_folder(out, file)
    with ended_politely(), no_empty_folder(out):
        check_writable([out / MODEL])
        _train(file, out, device)


def _train(file: TrainingFile, out: Path, device: str) -> None:
    """Train, measure and write; print what was learnt."""
    from attnviz.model.device import device_of
    from attnviz.model.malloc import keep_freed_memory
    from attnviz.model.trained.course import STEPS, kept_steps
    from attnviz.model.trained.report import report_lines
    from attnviz.model.training.folder import CHECKPOINT, PICTURE
    from attnviz.model.training.loop import Training
    from attnviz.model.training.loss_curve import INSTALL, can_draw
    from attnviz.model.training.result import finish

    keep_freed_memory()
    training = Training(file, device_of(device))  # type: ignore[arg-type]
    training.resume(out)
    if training.done:
        click.echo(f"goes on after {training.done:,} of {file.spec.steps:,} steps", err=True)
    elif not (out / CHECKPOINT).exists() and kept_steps(out):
        click.echo(f"begins anew; what a training that was given up has left in '{out / STEPS}' is deleted", err=True)
    with _Progress(file.spec.steps) as progress:
        training.run(out, progress.watch)
    for line in report_lines(finish(training, out)):
        click.echo(line)
    click.echo(f"wrote {out}", err=True)
    if not can_draw():
        click.echo(f"the picture of the losses ({PICTURE}) is left out; to get it: {INSTALL}", err=True)


class _Progress:
    """A bar with the loss on the terminal; silent elsewhere."""

    def __init__(self, steps: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(stderr=True)
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._progress.add_task("training", total=steps)
        self.watch: Watch = self._show

    def _show(self, done: int, loss: float) -> None:
        self._progress.update(self._task, completed=done, description=f"loss {loss:.3f}")

    def __enter__(self) -> _Progress:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
