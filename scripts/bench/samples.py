"""What is rendered: a part of a storyboard, laid out in a folder of its own, where a shot of it can be changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from attnviz.input.content_paths import builtin_storyboards

MORE_WORDS = "And here are some more words, so that it takes a little longer."


@dataclass(frozen=True)
class Sample:
    """A part of a storyboard; a `silent` one is played without its narration, so that it hardly ever stands still."""

    title: str
    storyboard: Path
    only: tuple[str, ...]
    silent: bool = False


_LECTURE = builtin_storyboards() / "attention_math.yaml"
HALF_STILL = Sample("about half still", _LECTURE, ("attention/attention_table",))
ALWAYS_MOVING = Sample(
    "moves all the time", _LECTURE, ("attention/attention_table-2", "attention/attention_table-3"), silent=True
)


def lay_out(sample: Sample, folder: Path) -> Path:
    """Copy a sample's storyboard to a folder, beside links to its neighbours, and return the copy."""
    folder.mkdir()
    for entry in sample.storyboard.resolve().parent.iterdir():
        if entry.name != sample.storyboard.name:
            (folder / entry.name).symlink_to(entry)
    document = _document(sample.storyboard)
    if sample.silent:
        for shot in _shots(document):
            shot.value[:] = [(key, value) for key, value in shot.value if key.value != "say"]
    copy = folder / sample.storyboard.name
    copy.write_text(yaml.serialize(document, allow_unicode=True), encoding="utf-8")
    return copy


def say_more(storyboard: Path, shot: int) -> None:
    """Make the narration of a storyboard's shot (counted from 0) longer."""
    document = _document(storyboard)
    pairs = list(_shots(document))[shot].value
    said = [value for key, value in pairs if key.value == "say"]
    text = yaml.ScalarNode("tag:yaml.org,2002:str", " ".join([*(value.value for value in said), MORE_WORDS]))
    pairs[:] = [pair for pair in pairs if pair[0].value != "say"]
    pairs.append((yaml.ScalarNode("tag:yaml.org,2002:str", "say"), text))
    storyboard.write_text(yaml.serialize(document, allow_unicode=True), encoding="utf-8")


def _document(storyboard: Path) -> yaml.MappingNode:
    document = yaml.compose(storyboard.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    assert isinstance(document, yaml.MappingNode)  # it has been checked, and has shots
    return document


def _shots(document: yaml.Node) -> Iterator[yaml.MappingNode]:
    for chapter in _value(document, "chapters").value:
        for scene in _value(chapter, "scenes").value:
            yield from _value(scene, "shots").value


def _value(mapping: yaml.Node, name: str) -> yaml.Node:
    found: yaml.Node = next(value for key, value in mapping.value if key.value == name)
    return found
