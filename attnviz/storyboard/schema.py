"""The JSON Schema of a storyboard (draft 2020-12) with every scene's verbs, for completion and checks in editors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from attnviz.storyboard.keys import ChapterKeys, SceneKeys, ShotKeys, StoryboardKeys
from attnviz.storyboard.verbs import SceneSource, Verb

Schema = dict[str, Any]


def storyboard_schema(scenes: Iterable[SceneSource]) -> Schema:
    """Return the schema of storyboards that use these scenes."""
    known = list(scenes)
    definitions: Schema = {}
    whole = _keys(StoryboardKeys, definitions)
    definitions["chapter"] = _keys(ChapterKeys, definitions)
    definitions["scene"] = scene = _keys(SceneKeys, definitions)
    whole["properties"]["chapters"]["items"] = {"$ref": "#/$defs/chapter"}
    definitions["chapter"]["properties"]["scenes"]["items"] = {"$ref": "#/$defs/scene"}
    scene["properties"]["scene"] |= {"enum": [each.name for each in known]}
    scene["allOf"] = [
        {
            "if": {"properties": {"scene": {"const": each.name}}, "required": ["scene"]},
            "then": {
                "properties": {
                    "scene": {"description": each.doc},
                    "shots": {"items": {"$ref": f"#/$defs/{each.name}.shot"}},
                }
            },
        }
        for each in known
    ]
    for each in known:
        definitions[f"{each.name}.shot"] = _shot(each)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "attnviz storyboard",
        **whole,
        "$defs": dict(sorted(definitions.items())),
    }


def _keys(model: type[BaseModel], definitions: Schema) -> Schema:
    """Return the schema of one level's keys, without pydantic's generated titles; its `$defs` go to `definitions`."""
    schema = model.model_json_schema()
    definitions.update(_untitled(schema.pop("$defs", {})))
    return dict(_untitled(schema))


def _untitled(schema: Any) -> Any:
    """Return a schema without generated titles, which are strings (a property that is called `title` is a mapping)."""
    if isinstance(schema, list):
        return [_untitled(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _untitled(value) for key, value in schema.items() if key != "title" or not isinstance(value, str)}


def _shot(scene: SceneSource) -> Schema:
    """Return the schema of a scene's shots: exactly one verb, and the keys that every shot may have."""
    common = _keys(ShotKeys, {})["properties"]
    return {
        "type": "object",
        "properties": {name: _arguments(verb) for name, verb in scene.verbs.items()} | common,
        "additionalProperties": False,
        "oneOf": [{"required": [name]} for name in scene.verbs],
    }


def _arguments(verb: Verb) -> Schema:
    """Return the schema of a verb's value: a mapping of arguments, the first argument alone, or nothing."""
    types = {name: _untitled(parameter.type.json_schema()) for name, parameter in verb.parameters.items()}
    required = [name for name, parameter in verb.parameters.items() if parameter.default is None]
    mapping = {"type": "object", "properties": types, "required": required, "additionalProperties": False}
    choices: list[Schema] = [mapping]
    first = next(iter(types), None)
    if first is not None and set(required) <= {first}:
        choices.append(types[first])
    if not required:
        choices.append({"type": "null"})
    return {"description": verb.doc, "anyOf": choices}
