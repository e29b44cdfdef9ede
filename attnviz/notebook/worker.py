"""A command of the command line, run in a process of its own; what it gives comes back as data."""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from attnviz.input.parents import die_with_parent
from attnviz.input.problems import Problem, ProblemsFound

THIS = "attnviz.notebook.worker"


class Refused(ProblemsFound):
    """Bad input in a notebook, which shows the messages alone: how Python got there is of no use to anybody."""

    def _render_traceback_(self) -> list[str]:
        return [str(problem) for problem in self.problems]


@dataclass(frozen=True)
class Outcome:
    """What a command has written to its output and its errors, the files that it made, and what was wrong."""

    said: str
    warned: str
    files: tuple[Path, ...] = ()
    problems: tuple[Problem, ...] = ()
    crash: str = ""


def run_command(arguments: Sequence[str]) -> Outcome:
    """Run `attnviz ARGUMENTS` in a process of its own; raises `Refused` with what the command refuses."""
    # -P: a person's own files, where they happen to stand, are not modules of ours
    command = [sys.executable, "-P", "-m", THIS, str(os.getpid())]
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **streams, process_group=0) as process:  # type: ignore[call-overload]  # noqa: S603
        try:
            answer, _ = process.communicate(pickle.dumps(list(arguments)))
        except BaseException:
            process.terminate()  # which it takes as Ctrl-C: nothing is left half-written
            raise
    if process.returncode != 0:
        raise Refused(Problem(f"the process that renders has ended (exit status {process.returncode})"))
    outcome = pickle.loads(answer)  # noqa: S301 (written by our own worker)
    assert isinstance(outcome, Outcome)
    if outcome.problems:
        raise Refused(outcome.problems)
    if outcome.crash:
        raise RuntimeError(outcome.crash)
    return outcome


def work(questions: BinaryIO, answers: BinaryIO) -> None:
    """Read the arguments of one command, run it, and write its outcome."""
    arguments: list[str] = pickle.load(questions)  # noqa: S301 (written by our own parent)
    said, warned = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(warned):
        files, problems, crash = _ended(arguments)
    pickle.dump(Outcome(said.getvalue(), warned.getvalue(), files, problems, crash), answers)
    answers.flush()


def _ended(arguments: list[str]) -> tuple[tuple[Path, ...], tuple[Problem, ...], str]:
    """Run a command; return the files that it made, what it refused, and how it crashed."""
    import click

    from attnviz.cli import app
    from attnviz.input.odd_characters import explained
    from attnviz.input.surroundings import hush_libraries

    hush_libraries()
    try:
        made = app(arguments, prog_name="attnviz", standalone_mode=False)
    except ProblemsFound as found:
        return (), tuple(explained(problem) for problem in found.problems), ""
    except click.ClickException as error:
        return (), (Problem(error.format_message()),), ""
    except OSError as error:
        return (), (Problem(f"the operating system refused: {error}"),), ""
    except Exception:
        return (), (), traceback.format_exc()
    return tuple(getattr(made, "files", ())), (), ""


if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]))
    # What is pickled must be found under its own name, not as a part of `__main__`
    from attnviz.notebook.worker import work as work_as_imported

    work_as_imported(sys.stdin.buffer, sys.stdout.buffer)
