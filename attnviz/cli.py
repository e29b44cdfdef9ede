"""The command line: `attnviz COMMAND`. Each command lives in its own module and is imported only when it is called."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys

import click

from attnviz import __version__
from attnviz.input.encodable import check_arguments
from attnviz.input.odd_characters import explained
from attnviz.input.problems import ProblemsFound, refused_by_system
from attnviz.input.surroundings import hush_libraries

COMMANDS = {
    "render": "Render a storyboard to a lecture video.",
    "page": "Make a page with the film, on which every number can be pointed at.",
    "slides": "Make slides of a storyboard, one a shot.",
    "clip": "Make a film of what attention does with a sentence.",
    "plan": "Tell which shots would be drawn, and why.",
    "figures": "Export figures: last frames, or named moments, as PNG, SVG and PDF.",
    "figure": "Make one figure of a sentence, for a paper or a slide.",
    "diff": "Compare a storyboard under two models: numbers, and pictures side by side.",
    "check": "Report everything that is wrong with storyboards, without rendering.",
    "script": "Write the sheet to read from: what is said in each shot.",
    "worksheet": "Write a worksheet: a film's numbers to work out by hand.",
    "quiz": "Write a quiz: questions that a film answers.",
    "scenes": "Show the scenes and verbs that a storyboard can use.",
    "trace": "Run a model on a sentence and print every intermediate array.",
    "models": "Show which models are there, and how to get more.",
    "train": "Train a small transformer on a grammar or a text.",
    "schema": "Print the JSON Schema of a storyboard, for editors.",
    "serve": "Show a page on this machine: a sentence in, a clip out.",
    "cache": "Show what is kept of earlier renders, or make room.",
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports `attnviz.commands.NAME` when one is used.

    Listing them for `--help` uses the summaries above, so that help never waits for an import;
    a test holds the summaries equal to the commands' own first lines.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the command names in the order in which a person meets them."""
        return list(COMMANDS)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; raise `ProblemsFound` for what is not UTF-8 in any of them, whatever the command."""
        check_arguments(args)
        return super().parse_args(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the one command that is asked for."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"attnviz.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="attnviz")
def app() -> None:
    """Make lecture videos about attention in which every number comes from a real forward pass."""


def main() -> None:
    """Run the command line.

    Bad input is printed, one line a problem, and exits with 2; an interrupt exits with 130, and what the operating
    system refuses where nobody expected it with 1.
    """
    hush_libraries()
    try:
        status = app(standalone_mode=False)
    except ProblemsFound as found:
        for problem in found.problems:
            click.echo(str(explained(problem)), err=True)
        status = 2
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; nothing was half-written", err=True)
        status = 130
    except OSError as error:
        if os.environ.get("ATTNVIZ_DEBUG"):
            raise
        with contextlib.suppress(OSError):  # it may be the terminal that is gone
            click.echo(refused_by_system(error), err=True)
        status = 1
    sys.exit(status if isinstance(status, int) else 0)
