"""`%load_ext attnviz`: `%%attnviz` renders the storyboard in a cell, `%attnviz …` is the command line."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.notebook.films import Film
from attnviz.notebook.programs import made, traced
from attnviz.notebook.worker import Refused, run_command

if TYPE_CHECKING:
    import xarray as xr
    from IPython.core.interactiveshell import InteractiveShell


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Add the magics to a notebook; IPython calls this for `%load_ext attnviz`."""
    shell.magics_manager.register_function(attnviz_magic, magic_kind="line_cell", magic_name="attnviz")


def attnviz_magic(line: str, cell: str | None = None) -> Film | xr.Dataset | None:
    """Run a command: `%attnviz trace "an apple and an orange" --model small`; `%%attnviz -q m` renders the cell."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        hint = "put quotation marks around the sentence"
        raise Refused(Problem(f"%attnviz {line}: {str(error).lower()}", hint=hint)) from None
    return run_line(words) if cell is None else render_cell(words, cell)


def run_line(words: Sequence[str]) -> Film | xr.Dataset | None:
    """Run a command: return the trace or the film that it makes, or show what it says."""
    if words[:1] == ["trace"] and not _options_in(words) & {"--json", "--save", "--help", "-h"}:
        return traced(words[1:])
    outcome = run_command([*words] or ["--help"])
    print(outcome.said, end="")
    return made(outcome) if outcome.files else None


def render_cell(words: Sequence[str], cell: str) -> Film:
    """Render the storyboard in a cell: models and scenes are looked for beside the notebook.

    The film lies in `out/cell-…/`, named by what is in the cell, unless it is named with -o.
    """
    name = f"cell-{hashlib.sha256(cell.encode()).hexdigest()[:8]}"
    storyboard = Path(f".{name}.yaml")
    storyboard.write_text(cell, encoding="utf-8")
    target = [] if _options_in(words) & {"-o", "--output"} else ["-o", f"out/{name}"]
    try:
        return made(run_command(["render", *words, *target, "--", str(storyboard)]))
    except ProblemsFound as found:
        raise Refused(_of_the_cell(problem, storyboard) for problem in found.problems) from None
    finally:
        storyboard.unlink(missing_ok=True)


def _options_in(words: Sequence[str]) -> set[str]:
    """Return the options that are given, by name, also those whose value is written to them: `--save=x.nc`, `-ofilm`.

    What comes after `--` is no option.
    """
    given = [*words[: words.index("--")]] if "--" in words else words
    return {word.partition("=")[0] if word.startswith("--") else word[:2] for word in given if word[:1] == "-"}


def _of_the_cell(problem: Problem, storyboard: Path) -> Problem:
    """Return a problem of a cell's storyboard with its line in the cell, which comes after the magic's own."""
    if problem.file is None or problem.file.name != storyboard.name:
        return problem
    where = "" if problem.line is None else f"line {problem.line + 1} of the cell: "
    return replace(problem, message=f"{where}{problem.message}", file=None, line=None)
