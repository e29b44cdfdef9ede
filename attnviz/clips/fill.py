"""A template, filled: its names get their values, and of its alternatives those are taken whose `when` is true."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from attnviz.clips.template import ALTERNATIVES, CLAIMS, Template, sentences_of
from attnviz.clips.values import AbsentError, Values, in_claim, in_data, in_narration

WRITTEN_BY = "# Written by `attnviz clip`"
"""With which a filled storyboard begins."""
Holds = Callable[[str], bool]
"""Tells whether a claim holds of a scene's numbers."""
Trial = Callable[[Mapping[str, Any], Mapping[str, Any]], Holds]
"""Gives what tries the claims of a scene, for a storyboard without chapters and the scene without its shots."""


@dataclass
class Filling:
    """Fills a template with values; `trial` tries claims on the numbers of its scenes."""

    values: Values
    trial: Trial
    _whole: dict[str, Any] = field(default_factory=dict)

    def storyboard(self, template: Template, keys: Mapping[str, Any]) -> dict[str, Any]:
        """Return the storyboard, with more keys: what it is about, say."""
        data = dict(template.storyboard)
        chapters = data.pop("chapters", None)
        self._whole = {**keys} | self._data(data)
        if isinstance(chapters, list):
            chapters = _those_there(self._chapter, chapters)
        return self._whole | {"chapters": chapters}

    def _chapter(self, chapter: Any) -> Any:
        """Return a chapter; the claims of its title are tried on the numbers of its first scene."""
        if not isinstance(chapter, dict) or not isinstance(chapter.get("scenes"), list):
            return self._data(chapter)
        scenes = _those_there(self._scene, chapter["scenes"])
        if not scenes:
            raise AbsentError("scenes")
        head = {key: value for key, value in chapter.items() if key not in ("scenes", "when")}
        holds = self.trial(self._whole, scenes[0])
        claims = self._claims(chapter, "when", holds)
        texts, of_title = self._texts(head, holds)
        _claim(scenes[0], [*claims, *of_title])
        return self._data(head) | texts | {"scenes": scenes}

    def _scene(self, scene: Any) -> Any:
        if not isinstance(scene, dict) or not isinstance(scene.get("shots"), list):
            return self._data(scene)
        head = {key: value for key, value in scene.items() if key not in ("shots", "when", "title")}
        filled = self._data(head)
        holds = self.trial(self._whole, filled)
        claims = self._claims(scene, "when", holds)
        texts, of_title = self._texts(scene, holds)
        filled = filled | texts | {"shots": _those_there(lambda shot: self._shot(shot, holds), scene["shots"])}
        if not filled["shots"]:
            raise AbsentError("shots")
        _claim(filled, [*claims, *of_title])
        return filled

    def _shot(self, shot: Any, holds: Holds) -> Any:
        if not isinstance(shot, dict):
            return self._data(shot)
        claims = self._claims(shot, "when", holds)
        own = {key: value for key, value in shot.items() if key not in (*ALTERNATIVES, *CLAIMS)}
        texts, of_texts = self._texts(shot, holds)
        every = dict.fromkeys(
            [*claims, *of_texts, *(in_claim(each, self.values) for each in _listed(shot.get("claim")))]
        )
        return self._data(own) | texts | ({"claim": [*every]} if every else {})

    def _claims(self, part: Mapping[str, Any], key: str, holds: Holds) -> list[str]:
        """Return the claims under a key; raises `AbsentError` if one does not hold: the part is left out."""
        claims = [in_claim(each, self.values) for each in _listed(part.get(key))]
        if not all(map(holds, claims)):
            raise AbsentError(key)
        return [claim for claim in claims if "[" in claim]  # what compares plain numbers says nothing of the model

    def _texts(self, part: Mapping[str, Any], holds: Holds) -> tuple[dict[str, str], list[str]]:
        """Return the texts of a part that can have alternatives, and what those claim that are taken."""
        texts, claims = dict[str, str](), list[str]()
        for key in ALTERNATIVES:
            said = []
            for options in sentences_of(part.get(key)):
                text, of_text = self._first_true(key, options, holds)
                said.append(text)
                claims += of_text
            if any(said):
                texts[key] = " ".join(filter(None, said))
        return texts, claims

    def _first_true(self, key: str, options: Sequence[Any], holds: Holds) -> tuple[str, list[str]]:
        """Return the first of several texts that is true, and what it claims; nothing if none is."""
        write = in_narration if key == "say" else in_data
        for option in options:
            whole = option if isinstance(option, dict) else {key: option}
            try:
                when = self._claims(whole, "when", holds)
                own = [in_claim(each, self.values) for each in _listed(whole.get("claim"))]
                return str(write(whole[key], self.values)), [*when, *own]
            except AbsentError:
                continue
        return "", []

    def _data(self, data: Any, key: str = "") -> Any:
        """Return keys and their values; of a model what is not there is left out, as by its own default."""
        if isinstance(data, str):
            return in_data(data, self.values)
        if isinstance(data, list):
            return [self._data(each) for each in data]
        if not isinstance(data, dict):
            return data
        filled = {}
        for name, value in data.items():
            if name in ALTERNATIVES and isinstance(value, list):
                continue
            try:
                filled[name] = self._data(value, name)
            except AbsentError:
                if key != "model":
                    raise
        return filled


def _those_there(fill: Callable[[Any], Any], parts: Sequence[Any]) -> list[Any]:
    """Return the parts of a list, filled; those that name what is not there are left out."""
    filled = []
    for part in parts:
        try:
            filled.append(fill(part))
        except AbsentError:
            continue
    return filled


def _claim(scene: Any, claims: Sequence[str]) -> None:
    """Let a scene's first shot claim something."""
    shots = scene.get("shots") if isinstance(scene, dict) else None
    if claims and isinstance(shots, list) and isinstance(shots[0], dict):
        shots[0]["claim"] = [*dict.fromkeys([*claims, *_listed(shots[0].get("claim"))])]


def _listed(claims: Any) -> list[str]:
    return [claims] if isinstance(claims, str) else [each for each in claims or () if isinstance(each, str)]


class _Dumper(yaml.SafeDumper):
    """Writes text in quotes where it is more than plain words, so that no sentence can be taken for YAML."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write everything out."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = text.isascii() and text.replace("_", "").replace("-", "").isalpha() and len(text) > 1
    plain = plain and text.lower() not in {"null", "true", "false", "yes", "no", "on", "off", "nan", "inf"}
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _text)


def written(storyboard: Mapping[str, Any], template: str) -> str:
    """Return a filled storyboard as YAML."""
    head = f"{WRITTEN_BY} from the template {template}; `attnviz render` makes the film again.\n"
    return head + str(yaml.dump(storyboard, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110))
