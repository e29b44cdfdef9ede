"""Tries the published shapes of models, and writes what became of them into docs/pretrained.md.

usage: scripts/published_shapes [CLASS ...]      (with classes: only tells what becomes of them, and writes nothing)
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from shapes.published import Shape, shapes
from shapes.trying import Outcome, tried

PAGE = Path(__file__).resolve().parents[2] / "docs" / "pretrained.md"
BEGIN, END = "<!-- scripts/published_shapes writes this -->\n", "<!-- until here -->\n"
HEADING = "| class | known from | direction | difference from eager attention |\n|---|---|---|---|\n"
REFUSED = "| class | known from | its attention cannot be recorded, because |\n|---|---|---|\n"
DIRECTIONS = {"encoder": "bidirectional", "decoder": "causal", "encoder_decoder": "bidirectional; causal"}


def row(outcome: Outcome) -> str:
    """Return the line of a table that says what became of a shape."""
    shape = outcome.shape
    if outcome.refusal:
        return f"| `{shape.made_for}` | {shape.like} | {outcome.refusal} |\n"
    difference = f"{outcome.difference:.1g}" if outcome.difference else "0"
    return f"| `{shape.made_for}` | {shape.like} | {DIRECTIONS[outcome.architecture]} | {difference} |\n"


def tables(outcomes: Sequence[Outcome]) -> str:
    """Return the tables of what is traced and of what is refused."""
    traced = [row(outcome) for outcome in outcomes if not outcome.refusal]
    refused = [row(outcome) for outcome in outcomes if outcome.refusal]
    told = f"{len(traced)} of {len(outcomes)} shapes are traced:\n\n"
    return f"{told}{HEADING}{''.join(traced)}\n{len(refused)} are refused:\n\n{REFUSED}{''.join(refused)}"


def in_a_folder(shape: Shape) -> Outcome:
    """Try a shape in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="attnviz-shape-") as folder:
        return tried(shape, Path(folder))


@click.command()
@click.argument("classes", nargs=-1)
def main(classes: tuple[str, ...]) -> None:
    """Try the published shapes of models, and write what became of them into docs/pretrained.md."""
    chosen = [shape for shape in shapes() if not classes or shape.made_for in classes]
    outcomes = []
    for shape in chosen:
        outcomes.append(in_a_folder(shape))
        click.echo(row(outcomes[-1]), nl=False)
    if not classes:
        before, _, rest = PAGE.read_text().partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{tables(outcomes)}\n{END}{rest.partition(END)[2]}")


if __name__ == "__main__":
    main()
