"""`attnviz scenes`: what a storyboard can ask for, read from the scenes' own source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from attnviz.problems import Problem, ProblemsFound, did_you_mean

if TYPE_CHECKING:
    from attnviz.storyboard.verbs import Parameter, SceneSource, Verb


@click.command()
@click.argument("name", required=False)
@click.option("--folder", type=click.Path(path_type=Path), help="A folder whose scenes/ counts too.")
def command(name: str | None, folder: Path | None) -> None:
    """Show the scenes and verbs that a storyboard can use.

    Without NAME: all scenes, one line each. With NAME: its verbs, their arguments, and how to write them.
    """
    scenes = known_scenes(folder)
    if name is None:
        width = max(map(len, scenes), default=0)
        for scene in scenes.values():
            click.echo(f"{scene.name:{width}}  {_first_line(scene.doc)}".rstrip())
    elif name in scenes:
        click.echo(description(scenes[name]))
    else:
        raise ProblemsFound(Problem(f"unknown scene '{name}'", hint=did_you_mean(name, scenes, "scene")))


def known_scenes(folder: Path | None) -> dict[str, SceneSource]:
    """Return all scenes by name: those of `folder`/scenes (default: here) first, then the built-in ones."""
    from attnviz.storyboard.find_scene import scene_files, scene_folders
    from attnviz.storyboard.verbs import read_scene

    beside = (folder or Path()) / "storyboard.yaml"
    return {name: read_scene(file) for name, file in sorted(scene_files(scene_folders(beside)).items())}


def description(scene: SceneSource) -> str:
    """Return everything that a person needs to use a scene."""
    needs = "" if scene.needs_sentence else "\n(needs no sentence)"
    parts = [f"{scene.name}: {scene.doc or scene.class_name}{needs}"]
    for verb in scene.verbs.values():
        lines = [str(verb), *(f"    {line}".rstrip() for line in verb.doc.splitlines())]
        lines += [
            f"    {parameter.name}: {parameter.type.words}"
            + ("" if parameter.default is None else f" (default: {parameter.default})")
            for parameter in verb.parameters.values()
        ]
        parts.append("\n".join([*lines, *(f"    {line}" for line in examples(verb))]))
    return "\n\n".join(parts)


def examples(verb: Verb) -> list[str]:
    """Return lines of YAML that use a verb: with what it requires, then with everything."""
    every = list(verb.parameters.values())
    required = [parameter for parameter in every if parameter.default is None]
    return list(dict.fromkeys([_written(verb, required), _written(verb, every)]))


def _written(verb: Verb, parameters: list[Parameter]) -> str:
    """Return a shot as it is written with these parameters."""
    if not parameters:
        return f"- {verb.name}:"
    if parameters == list(verb.parameters.values())[:1]:
        return f"- {verb.name}: {parameters[0].type.example}"
    return f"- {verb.name}: {{" + ", ".join(f"{each.name}: {each.type.example}" for each in parameters) + "}"


def _first_line(doc: str) -> str:
    return doc.partition("\n")[0]
