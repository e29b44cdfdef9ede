"""Mutated storyboards and hostile sentences through the command line: nothing may end in a traceback, or hang.

What `check` accepts is rendered as pictures; what is refused then must have been known to `check --deep`. The same seed
makes the same inputs. usage: scripts/fuzz_inputs [--storyboards N] [--sentences N] [--renders N] [--seed N]
"""

from __future__ import annotations

import random
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click
from click.testing import CliRunner

from attnviz.cli import app
from attnviz.input.problems import ProblemsFound
from fuzz.mutations import hostile_sentence, mutated

ROOT = Path(__file__).resolve().parents[2]
MODELS = ("small", "small-encoder", "fruit_and_tech")
PATIENCE = 5  # seconds for one `check` or `trace`
PATIENCE_OF_RENDER = 120
SMALL = ("-r", "320,180", "--fps", "10", "--jobs", "1")


class TooLongError(Exception):
    """A command took too long."""


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Raise `TooLongError` in the block when it takes longer."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLongError(f"more than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def outcome(arguments: list[str], seconds: int) -> tuple[str, str]:
    """Run a command in this process; return "ok", "refused" or "FAULT", and what was said."""
    try:
        with time_limit(seconds):
            result = CliRunner().invoke(app, arguments)
    except TooLongError as late:
        return "FAULT", str(late)
    error = result.exception
    if error is None or (isinstance(error, SystemExit) and not error.code):
        return "ok", result.output
    if isinstance(error, ProblemsFound):
        return "refused", str(error)
    if isinstance(error, SystemExit) and error.code == 2:
        return "refused", result.output.strip().splitlines()[-1]
    return "FAULT", f"{type(error).__name__}: {error}"


def storyboards(
    rng: random.Random, count: int, folder: Path, told: Callable[[str], None]
) -> tuple[Counter[str], list[Path]]:
    """Check mutated storyboards; return how they ended, and those that were accepted."""
    sources = [path.read_text() for path in sorted((ROOT / "storyboards").glob("*.yaml"))]
    ends: Counter[str] = Counter()
    accepted = []
    for number in range(count):
        path = folder / f"{number}.yaml"
        path.write_bytes(mutated(rng.choice(sources), rng).encode(errors="surrogatepass"))
        end, said = outcome(["check", str(path)], PATIENCE)
        ends[end] += 1
        if end == "ok":
            accepted.append(path)
        elif end == "FAULT":
            told(f"check {path.name}: {said}")
    return ends, accepted


def sentences(rng: random.Random, count: int, told: Callable[[str], None]) -> Counter[str]:
    """Trace hostile sentences."""
    ends: Counter[str] = Counter()
    for _ in range(count):
        sentence, model = hostile_sentence(rng), rng.choice(MODELS)
        end, said = outcome(["trace", "--model", model, "--array", "weights", "--", sentence], PATIENCE)
        ends[end] += 1
        if end == "FAULT":
            told(f"trace {sentence!r} --model {model}: {said}")
    return ends


def renders(boards: list[Path], folder: Path, told: Callable[[str], None]) -> Counter[str]:
    """Render accepted storyboards as pictures; a refusal is told if `check --deep` does not know of it."""
    ends: Counter[str] = Counter()
    for path in boards:
        where = ["--cache", str(folder / "cache"), "-o", str(folder / "out")]
        end, said = outcome(["render", str(path), "--stills", *SMALL, *where], PATIENCE_OF_RENDER)
        if end == "refused" and outcome(["check", str(path), "--deep", *where[:2]], PATIENCE_OF_RENDER)[0] != end:
            end, said = "FAULT", f"refused, which `check --deep` did not know: {said}"
        ends[end] += 1
        if end == "FAULT":
            told(f"render {path.name}: {said}")
        shutil.rmtree(folder / "out", ignore_errors=True)
    return ends


@click.command()
@click.option("--storyboards", "boards", default=2000, help="How many storyboards are checked.")
@click.option("--sentences", "texts", default=500, help="How many sentences are traced.")
@click.option("--renders", "pictures", default=100, help="How many accepted storyboards are rendered.")
@click.option("--seed", default=0, help="Other inputs.")
@click.option("--keep", type=click.Path(path_type=Path), help="A folder for the storyboards.")
def main(boards: int, texts: int, pictures: int, seed: int, keep: Path | None) -> None:
    """Look for inputs that end in a traceback, or hang, or are refused too late."""
    faults: list[str] = []

    def told(line: str) -> None:
        faults.append(line)
        click.echo(line)

    rng = random.Random(seed)  # noqa: S311 (inputs for a test)
    with tempfile.TemporaryDirectory(prefix="attnviz-fuzz-") as temporary:
        folder = keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        checked, accepted = storyboards(rng, boards, folder, told)
        traced = sentences(rng, texts, told)
        rendered = renders(rng.sample(accepted, min(pictures, len(accepted))), folder, told)
    click.echo("| command | ok | refused | faults |\n|---|---|---|---|")
    for name, ends in (("check", checked), ("trace", traced), ("render --stills", rendered)):
        click.echo(f"| {name} | {ends['ok']} | {ends['refused']} | {ends['FAULT']} |")
    raise SystemExit(bool(faults))


if __name__ == "__main__":
    main(prog_name="scripts/fuzz_inputs")
