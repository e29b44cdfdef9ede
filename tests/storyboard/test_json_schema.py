from __future__ import annotations

import json

from attnviz.storyboard.schema import storyboard_schema
from attnviz.storyboard.verbs import read_scene


def test_the_schema_knows_every_verb_and_argument(desk):
    schema = storyboard_schema(read_scene(desk.scenes / f"{name}.py") for name in ("plane", "card"))
    json.dumps(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["required"] == ["title", "model", "chapters"]
    definitions = schema["$defs"]
    assert definitions["scene"]["properties"]["scene"]["enum"] == ["plane", "card"]
    assert definitions["scene"]["allOf"][1]["then"]["properties"]["shots"]["items"] == {"$ref": "#/$defs/card.shot"}
    shot = definitions["plane.shot"]
    assert list(shot["properties"]) == [
        "show_words", "pull", "label", "turn", "compare", "nudge", "write", "wipe", "id", "say", "claim", "hold", "figure",
    ]  # fmt: skip
    pull = shot["properties"]["pull"]
    assert pull["description"] == "Pull one word toward another."
    assert pull["anyOf"][0]["required"] == ["word", "toward"]
    assert pull["anyOf"][0]["properties"]["part"] == {
        "type": "number", "minimum": 0, "maximum": 1, "description": "a number from 0 to 1",
    }  # fmt: skip
    assert len(pull["anyOf"]) == 1
    assert [each.get("type") for each in shot["properties"]["write"]["anyOf"]] == ["object", "string"]
    assert [each.get("type") for each in shot["properties"]["wipe"]["anyOf"]] == ["object", "null"]


def test_the_schema_refuses_a_figure_that_cannot_name_a_file(desk):
    figure = storyboard_schema([read_scene(desk.scenes / "plane.py")])["$defs"]["plane.shot"]["properties"]["figure"]
    name, moments = figure["oneOf"]
    assert name["pattern"] == "^[A-Za-z0-9][A-Za-z0-9_-]*$"
    assert list(moments["patternProperties"]) == [name["pattern"]]
    assert moments["patternProperties"][name["pattern"]]["minimum"] == 1
    assert moments["additionalProperties"] is False


def references(schema):
    if isinstance(schema, dict):
        yield from [schema["$ref"]] if "$ref" in schema else []
        schema = list(schema.values())
    for each in schema if isinstance(schema, list) else []:
        yield from references(each)


def test_every_reference_leads_somewhere(desk):
    schema = storyboard_schema([read_scene(desk.scenes / "plane.py")])
    found = set(references(schema))
    assert found == {
        "#/$defs/chapter",
        "#/$defs/scene",
        "#/$defs/plane.shot",
        "#/$defs/SentenceKeys",
        "#/$defs/ModelKeys",
        "#/$defs/VoiceKeys",
    }
    assert found <= {f"#/$defs/{name}" for name in schema["$defs"]}
