"""`attnviz schema`: the JSON Schema that lets an editor complete and check a storyboard."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), help="A folder whose scenes/ counts too.")
def command(folder: Path | None) -> None:
    """Print the JSON Schema of a storyboard, for editors."""
    import json

    from attnviz.commands.scenes import known_scenes
    from attnviz.storyboard.schema import storyboard_schema

    click.echo(json.dumps(storyboard_schema(known_scenes(folder).values()), indent=2, ensure_ascii=False))
