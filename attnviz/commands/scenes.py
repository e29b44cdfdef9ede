"""`attnviz scenes`: what a storyboard can ask for, read from the scenes' own source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from attnviz.input.problems import Problem, ProblemsFound, visible

if TYPE_CHECKING:
    from attnviz.storyboard.verbs import Parameter, SceneSource, Verb

ANOTHER = {"apple": "orange"}  # for the second word in an example


@click.command()
@click.argument("name", required=False)
@click.option("--folder", type=click.Path(path_type=Path), help="A folder whose scenes/ counts too.")
def command(name: str | None, folder: Path | None) -> None:
    """Show the scenes and verbs that a storyboard can use.

    Without NAME: all scenes, one line each. With NAME: its verbs, their arguments, and how to write them.
    """
    from attnviz.storyboard.find_scene import find_scene
    from attnviz.storyboard.verbs import read_scene

    if name is not None:
        text = description(read_scene(find_scene(name, _folders(folder))))
        click.echo("\n".join(map(visible, text.splitlines())))
        return
    scenes = known_scenes(folder)
    width = max(map(len, scenes), default=0)
    for scene in scenes.values():
        click.echo(visible(f"{scene.name:{width}}  {_first_line(scene.doc)}").rstrip())


def known_scenes(folder: Path | None) -> dict[str, SceneSource]:
    """Return all scenes by name: those of `folder`/scenes (default: here) first, then the built-in ones.

    Python files that are no scenes are passed over; what is wrong with a scene is told, and the others are returned.
    """
    from attnviz.storyboard.find_scene import scene_files
    from attnviz.storyboard.verbs import is_stage, read_scene

    scenes = {}
    for name, file in sorted(scene_files(_folders(folder)).items()):
        try:
            if is_stage(file):
                scenes[name] = read_scene(file)
        except ProblemsFound as found:
            for problem in found.problems:
                click.echo(str(problem), err=True)
    return scenes


def _folders(folder: Path | None) -> list[Path]:
    """Return where scenes are looked for; raise `ProblemsFound` if there is no such folder."""
    from attnviz.storyboard.find_scene import scene_folders

    if folder is not None and not folder.is_dir():
        what = "this is not a folder" if folder.exists() else "there is no such folder"
        raise ProblemsFound(Problem(what, folder))
    return scene_folders((folder or Path()) / "storyboard.yaml")


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
    values: dict[str, str] = {}
    for each in parameters:  # two words are not the same one
        example = each.type.example
        values[each.name] = ANOTHER.get(example, example) if example in values.values() else example
    return f"- {verb.name}: {{" + ", ".join(f"{name}: {value}" for name, value in values.items()) + "}"


def _first_line(doc: str) -> str:
    return doc.partition("\n")[0]
