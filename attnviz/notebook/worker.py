"""A command of the command line, run in a process of its own; what it gives comes back as data."""

from __future__ import annotations

import contextlib
import io
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from attnviz.input.answering import AnsweringProcess, ProcessEnded, answer_orders, answers_of_this_process
from attnviz.input.problems import Problem, ProblemsFound, refused_by_system

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
    """Run `attnviz ARGUMENTS` in a process of its own; raises `Refused` with what the command refuses.

    Each command gets a new process: files of models and scenes may have changed, and torch leaves threads.
    """
    process = AnsweringProcess(THIS)
    try:
        outcome = process.ask([*arguments])
    except ProcessEnded as ended:
        raise Refused(Problem(f"the process that was to do it has ended ({ended})")) from None
    finally:
        process.end()
    assert isinstance(outcome, Outcome)
    if outcome.problems:
        raise Refused(outcome.problems)
    if outcome.crash:
        raise RuntimeError(outcome.crash)
    return outcome


def outcome_of(arguments: list[str]) -> Outcome:
    """Run a command in this process."""
    said, warned = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(warned):
        files, problems, crash = _ended(arguments)
    return Outcome(said.getvalue(), warned.getvalue(), files, problems, crash)


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
        return (), (Problem(refused_by_system(error)),), ""
    except Exception:
        return (), (), traceback.format_exc()
    return tuple(getattr(made, "files", ())), (), ""


if __name__ == "__main__":
    # What is pickled must be found under its own name, not as a part of `__main__`
    from attnviz.notebook.worker import outcome_of as imported

    answer_orders(imported, *answers_of_this_process())
