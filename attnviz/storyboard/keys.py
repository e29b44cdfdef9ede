"""The keys of a storyboard at each level, as pydantic models; nested levels are validated by models of their own."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from attnviz.input.convention import Convention
from attnviz.input.theme_names import ThemeName
from attnviz.model.interface import HEAD, PARTS, Carry
from attnviz.storyboard.strict_keys import Keys, by_type
from attnviz.storyboard.voice_keys import ChosenVoice

MAX_TOKENS = 100  # as many as a model accepts; models limit the length of sentences themselves

Name = Annotated[str, Field(min_length=1, max_length=200)]
Words = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=100)]],
    Field(min_length=1, max_length=MAX_TOKENS, description="tokens on the board, in this order"),
]
SentenceText = Annotated[str, Field(min_length=1, max_length=10_000, description="the sentence to attend over")]


UNKNOWN = "?"  # stands for a model that is missing or invalid
FILE_NAME = "[A-Za-z0-9][A-Za-z0-9_-]*"


def _slug(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
        raise PydanticCustomError("attnviz", "expected a name of a-z, 0-9 and '-'")
    return value


def _file_name(value: str) -> str:
    if not re.fullmatch(FILE_NAME, value):
        message = "expected a figure's name: a letter or digit first, then letters (a-z), digits, - or _"
        raise PydanticCustomError("attnviz", message)
    return value


def _one_line(value: str) -> str:
    line = " ".join(value.split())
    if not line:
        raise PydanticCustomError("attnviz", "expected some text")
    if "\n" in value.strip():
        raise PydanticCustomError("attnviz", "a title is one line", {"hint": "take the line break out"})
    return line


def _language(value: str) -> str:
    import langcodes

    if not langcodes.tag_is_valid(value):
        hint = "write a BCP 47 tag: en, de, pt-BR, zh-Hant"
        raise PydanticCustomError("attnviz", "not a language: {tag}", {"tag": repr(value), "hint": hint})
    return langcodes.standardize_tag(value)


Language = Annotated[str, Field(min_length=1, max_length=35), AfterValidator(_language)]
FontName = Annotated[str, Field(min_length=1, max_length=200)]
FontNames = (
    FontName
    | Annotated[list[FontName], Field(max_length=10)]
    | Annotated[dict[FontName, FontName], Field(max_length=10)]
)
Title = Annotated[str, Field(max_length=200, description="a title, in one line"), AfterValidator(_one_line)]


FigureName = Annotated[
    str, Field(max_length=80, json_schema_extra={"pattern": f"^{FILE_NAME}$"}), AfterValidator(_file_name)
]
Plays = Annotated[int, Field(ge=1, description="after so many plays of the shot")]
Moments = Annotated[
    dict[FigureName, Plays], Field(min_length=1, max_length=20, json_schema_extra={"additionalProperties": False})
]
Figures = Annotated[
    Annotated[FigureName, Tag("name")] | Annotated[Moments, Tag("moments")],
    by_type(
        {str: "name", dict: "moments"},
        "expected a figure's name, or names and after how many plays each is",
        "write `figure: the-end` or `figure: {the-start: 1, later: 3}`",
    ),
]
ClaimText = Annotated[str, Field(min_length=1, max_length=500)]
Claims = Annotated[
    Annotated[ClaimText, Tag("one")] | Annotated[list[ClaimText], Field(min_length=1, max_length=20), Tag("several")],
    by_type(
        {str: "one", list: "several"},
        "expected a comparison of numbers, or a list of them",
        "write `claim: weights[apple, orange] > 0.4`",
    ),
]
Step = Annotated[int, Field(ge=0, le=10_000_000)]
Steps = Annotated[
    Annotated[int, Field(ge=2, le=100), Tag("count")]
    | Annotated[list[Step], Field(min_length=1, max_length=100), Tag("list")],
    by_type(
        {int: "count", list: "list"},
        "expected how many of the kept steps are shown at most, or a list of them",
        "write `steps: 12` or `steps: [0, 100, 1000]`",
    ),
]


Part = Annotated[
    str, Field(min_length=1, max_length=100, json_schema_extra={"pattern": f"^({'|'.join(PARTS)}|{HEAD}.+)$"})
]
Without = Annotated[
    Annotated[Part, Tag("one")] | Annotated[list[Part], Field(min_length=1, max_length=50), Tag("several")],
    by_type(
        {str: "one", list: "several"},
        f"expected what is taken out of the model: {', '.join(PARTS)}, {HEAD}2, or a list of these",
        "write `without: mask` or `without: [mask, sqrt_d]`",
    ),
]


class ModelKeys(Keys):
    """A model, and the layer, head and plane of it that scenes show."""

    stand_ins: ClassVar[dict[str, Any]] = {"name": UNKNOWN}
    name: Name = Field(description="a model's name, or its path")
    layer: int | None = Field(None, ge=1, le=1024, description="the layer that is looked at (default: the first)")
    head: Name | int | None = Field(None, description="the head whose weights are shown (default: the first), or `all`")
    plane: Annotated[dict[Name, Words], Field(min_length=2, max_length=8)] | None = Field(
        None,
        description="lists of words, read alone or as 'an *orange*' in a sentence, by the names of their classes: "
        "the first two are the axes, all are colours",
    )
    like: Name | None = Field(
        None,
        description="an older model: without `plane`, words lie as near as can be to where they lay in its picture",
    )
    steps: Steps = Field(
        default_factory=list,
        description="how many of the steps that the training of a trained model has kept are shown at most, or which: "
        "for scenes that play how it has learnt",
    )

    without: Without = Field(
        default_factory=list,
        description="what is taken out of the model's computation, one or a list: sqrt_d, mask, positions, softmax, "
        "head=2 (of the layer that is looked at) or head=3.2 (head 2 of layer 3)",
    )

    @field_validator("like")
    @classmethod
    def _without_a_plane(cls, like: str | None, info: ValidationInfo) -> str | None:
        if like and info.data.get("plane"):
            message = "a plane of named classes always lies the same way"
            raise PydanticCustomError(
                "attnviz", "{message}", {"message": message, "hint": "leave `like` or `plane` out"}
            )
        return like


_NameOrKeys = Annotated[Name, Tag("known")] | Annotated[ModelKeys, Tag("looked at")]
_NAME_OR_KEYS: dict[type, str] = {str: "known", dict: "looked at", ModelKeys: "looked at"}
_MODEL = "expected a model: its name or path, or name, layer, head, plane, steps, without"
OneModel = Annotated[_NameOrKeys, by_type(_NAME_OR_KEYS, _MODEL)]
ChosenModel = Annotated[
    _NameOrKeys | Annotated[list[OneModel], Field(min_length=1, max_length=10), Tag("first")],
    by_type({**_NAME_OR_KEYS, list: "first"}, f"{_MODEL}, or a list"),
]


class StoryboardKeys(Keys):
    """A storyboard: a lecture in chapters, scenes and shots."""

    stand_ins: ClassVar[dict[str, Any]] = {"title": "?", "model": UNKNOWN, "chapters": [None]}
    title: Title
    about: Annotated[str, Field(max_length=2000)] = Field("", description="what the film's metadata say of it")
    model: ChosenModel = Field(
        description="a model's name or path, or {name, layer, head, plane, steps, without}, or a list: the first there"
    )
    carry: Carry = Field("exact", description="displayed: compute with the shown digits, as at a board")
    convention: Convention = Field(
        "row", description="vectors are rows (x W, as in the papers) or columns (W x) in every product that is drawn"
    )
    decimals: int = Field(2, ge=0, le=6, description="how numbers are shown")
    language: Language = Field("en", description="the language of the narration, a tag such as en, de or zh-Hant")
    font: FontNames = Field(
        [], description="fonts, by family or file, for letters that the built-in ones lack; or {script: font}"
    )
    theme: ThemeName = Field(
        "dark", description="the colours: dark, light (bright rooms and projectors) or print (white, for paper)"
    )
    words_per_minute: int = Field(150, ge=60, le=400, description="reading speed of the narration, in English words")
    voice: ChosenVoice = Field("auto", description="who speaks: an engine's name, or {engine, model, speed, …}")
    chapters: list[Any] = Field(min_length=1, max_length=100)


class ChapterKeys(Keys):
    """A chapter, by which viewers navigate: its title and its scenes."""

    stand_ins: ClassVar[dict[str, Any]] = {"title": "?", "scenes": [None]}
    title: Title
    scenes: list[Any] = Field(min_length=1, max_length=100)


class SentenceKeys(Keys):
    """One of a scene's named sentences: its text, its words, or both."""

    text: SentenceText | None = None
    words: Words | None = None


class SceneKeys(Keys):
    """A scene, one unbroken stage: its file, what it attends over, and its shots."""

    stand_ins: ClassVar[dict[str, Any]] = {"scene": "?", "model": UNKNOWN, "shots": [None]}
    scene: Name = Field(description="the scene's file, without .py")
    title: Title | None = Field(None, description="stands top left, after the chapter's title")
    board: Name | None = Field(
        None, description="a name; scenes of one board go on from what stands there, in this chapter or a later one"
    )
    model: ChosenModel | None = Field(None, description="a model for this scene only")
    carry: Carry | None = None
    sentence: SentenceText | None = None
    words: Words | None = None
    sentences: dict[str, SentenceText | SentenceKeys] | None = Field(
        None, min_length=1, max_length=20, description="several sentences by name; the first is the default"
    )
    focus: Name | None = Field(None, description="the word that gets the focus colour")
    shots: list[Any] = Field(min_length=1)


class ShotKeys(Keys):
    """The keys that a shot can have besides its verb."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    id: Annotated[str, AfterValidator(_slug), Field(max_length=80)] | None = Field(
        None, description="a name of a-z, 0-9 and '-'"
    )
    say: str | None = Field(None, max_length=5000, description="narration, with {inserts} and [marks]")
    claim: Claims = Field(
        default_factory=list,
        description="what is said of numbers, as a comparison that must hold: weights[apple, orange] > 0.4",
    )
    hold: float = Field(0.0, ge=0, le=60, description="seconds to wait at the end")
    figure: Figures = Field(
        default_factory=dict, description="the name of the shot's end as a figure, or of moments after so many plays"
    )
