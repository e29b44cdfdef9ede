"""Templates: storyboards with `about:`, `parameters:` and `${name}` in their values, read and checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from attnviz.clips.facts import FACTS
from attnviz.clips.values import NAMED, Value, Values, in_claim, in_data, in_narration
from attnviz.input.content_paths import builtin_storyboards, expanded
from attnviz.input.problems import Problem, ProblemsFound, did_you_mean
from attnviz.input.validation import Place
from attnviz.input.yamlsource import Source, read_yaml
from attnviz.storyboard.claim_grammar import parse_claim
from attnviz.storyboard.narration import parse
from attnviz.storyboard.problem_list import ProblemList
from attnviz.storyboard.strict_keys import Keys

OF_A_TEMPLATE = ("about", "parameters", "needs")  # what a filled storyboard has not
ALTERNATIVES = ("say", "title")  # texts of which one can be chosen by `when`
CLAIMS = ("claim", "when")
Kind = Literal["text", "word", "number", "choice"]
Setting = str | int | float


class ParameterKeys(Keys):
    """A template's own parameter: its type, what it is if it is not given, and what it is for."""

    type: Kind
    about: Annotated[str, Field(min_length=1, max_length=300)]
    default: Setting
    choices: Annotated[list[str], Field(min_length=1, max_length=50)] | None = None

    @model_validator(mode="after")
    def _fits(self) -> ParameterKeys:
        if (self.type == "choice") != (self.choices is not None):
            raise PydanticCustomError("attnviz", "`choices` lists what a parameter of the type `choice` can be")
        read_setting(self, self.default)
        return self


class NeedKeys(Keys):
    """What a template needs: a claim that holds of the sentence's trace, or a fact; and what is told without it."""

    claim: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    fact: Literal[tuple(FACTS)] | None = None  # type: ignore[valid-type]
    otherwise: Annotated[str, Field(min_length=1, max_length=300)]

    @model_validator(mode="after")
    def _one_of_them(self) -> NeedKeys:
        if (self.claim is None) == (self.fact is None):
            raise PydanticCustomError("attnviz", "expected either `claim` or `fact`")
        return self


class TemplateKeys(Keys):
    """The keys that a template has besides a storyboard's."""

    model_config = ConfigDict(extra="ignore")

    about: Annotated[str, Field(min_length=1, max_length=300)]
    parameters: dict[Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$", max_length=40)], ParameterKeys] = Field(
        default_factory=dict
    )
    needs: list[NeedKeys] = Field(default_factory=list)


@dataclass(frozen=True)
class Template:
    """A checked template: what it is about, its own parameters, what it needs, and the storyboard with its names."""

    name: str
    path: Path
    about: str
    parameters: Mapping[str, ParameterKeys]
    needs: tuple[NeedKeys, ...]
    storyboard: Mapping[str, Any] = field(repr=False)

    def names(self, fact: str) -> bool:
        """Tell whether a fact is named in the storyboard."""
        return any(found["name"] == fact for _, text in _texts(self.storyboard, ()) for found in NAMED.finditer(text))

    def values(self, given: Mapping[str, str]) -> Values:
        """Return the values of the parameters, of which some are given; raises `ProblemsFound` with all faults."""
        problems, values = list[Problem](), dict[str, Value]()
        for name in given:
            if name not in self.parameters:
                hint = did_you_mean(name, self.parameters, "the parameters")
                problems.append(Problem(f"the template '{self.name}' has no parameter '{name}'", hint=hint))
        for name, parameter in self.parameters.items():
            try:
                values[name] = Value(read_setting(parameter, given.get(name, parameter.default)))
            except PydanticCustomError as error:
                problems.append(Problem(f"parameter '{name}': {error.message()}", hint=parameter.about))
        if problems:
            raise ProblemsFound(problems)
        return values


def read_setting(parameter: ParameterKeys, given: Setting) -> Setting:
    """Return a parameter's value, which may be given as text; raises `PydanticCustomError` if it is none."""
    if parameter.type == "number":
        try:
            return float(given) if "." in str(given) else int(given)
        except ValueError:
            raise PydanticCustomError("attnviz", "expected a number, not {given}", {"given": repr(given)}) from None
    if parameter.choices is not None and given not in parameter.choices:
        expected = {"choices": ", ".join(parameter.choices), "given": repr(given)}
        raise PydanticCustomError("attnviz", "expected one of {choices}, not {given}", expected)
    return str(given)


def templates(near: Path) -> dict[str, Path]:
    """Return the files of all templates by name: those in `clips/` of a folder, then the built-in ones."""
    files = [*sorted((near / "clips").glob("*.yaml")), *sorted((builtin_storyboards() / "clips").glob("*.yaml"))]
    found: dict[str, Path] = {}
    for file in files:
        found.setdefault(file.stem, file)
    return found


def find_template(name: str, near: Path) -> Path:
    """Return the file of a template: of a name, or of a path that ends in .yaml; raises `ProblemsFound`."""
    if name.endswith(".yaml"):
        return near / expanded(name)
    known = templates(near)
    if name not in known:
        hint = did_you_mean(name, known, "the templates")
        raise ProblemsFound(Problem(f"there is no template '{name[:60]}'", hint=hint))
    return known[name]


def read_template(path: Path) -> Template:
    """Return a template; raise `ProblemsFound` with all that is wrong with its names, claims and parameters.

    What a storyboard must be is told once it is filled.
    """
    source = read_yaml(path)
    problems = ProblemList(source)
    if not isinstance(source.data, dict) or "about" not in source.data:
        hint = "a template begins with `about:`; `attnviz render` makes films of storyboards"
        raise ProblemsFound(Problem("this is not a template", path, 1, hint))
    try:
        keys = TemplateKeys.model_validate({key: source.data[key] for key in OF_A_TEMPLATE if key in source.data})
    except ValueError as error:
        problems.add_errors(error, TemplateKeys, ())  # type: ignore[arg-type]
        problems.finish()
        raise
    for name in [name for name in keys.parameters if name in FACTS]:
        problems.add(("parameters", name), f"'{name}' says already: {FACTS[name]}", "choose another name")
    samples = {name: Value("x") for name in FACTS} | {
        name: Value(read_setting(each, each.default)) for name, each in keys.parameters.items()
    }
    _check_texts(problems, source, samples)
    problems.finish()
    rest = {key: value for key, value in source.data.items() if key not in OF_A_TEMPLATE}
    return Template(path.stem, path, keys.about, keys.parameters, tuple(keys.needs), rest)


def _check_texts(problems: ProblemList, source: Source, samples: Values) -> None:
    for at, text in _texts(source.data, ()):
        if at[0] in ("about", "parameters"):
            continue
        unknown = [found["name"] for found in NAMED.finditer(text) if found["name"] not in samples]
        for name in unknown:
            problems.add(at, f"nothing is called '{name}' here", did_you_mean(name, samples, "one of"))
        if not unknown:
            _check_written(problems, at, text, samples)
    for at, options in _alternatives(source.data, ()):
        parts = sentences_of(options)
        for number, each in enumerate(parts):
            one = parts[0] is options
            _check_alternatives(problems, at if one else (*at, number), each, needed=one)


def _check_written(problems: ProblemList, at: Place, text: str, samples: Values) -> None:
    """Report a narration or a claim that cannot be read, whatever the values are."""
    key = next((step for step in reversed(at) if isinstance(step, str)), "")
    read: Callable[[str], object] | None = None
    if key == "say":
        read, text = parse, in_narration(text, samples)
    elif key in CLAIMS:
        read, text = parse_claim, in_claim(text, samples)
    try:
        _ = read(text) if read else in_data(text, samples)
    except ProblemsFound as found:
        problems.add_all(at, found)


def sentences_of(written: Any) -> list[list[Any]]:
    """Return the alternatives of each sentence of a text: of one, which has several or is as it is, or of a list."""
    if written is None:
        return []
    if not isinstance(written, list):
        return [[written]]
    if any(isinstance(each, list | str) for each in written):
        return [each if isinstance(each, list) else [each] for each in written]
    return [written]


def _check_alternatives(problems: ProblemList, at: Place, options: list[Any], *, needed: bool) -> None:
    """Report alternatives of a text that are none; where one is `needed`, the last is always true, without a `when`."""
    key = str(next(step for step in reversed(at) if isinstance(step, str)))
    for number, option in enumerate(options):
        place = (*at, number)
        if isinstance(option, str) and len(options) == 1:
            continue
        if not isinstance(option, dict) or not isinstance(option.get(key), str):
            problems.add(place, f"expected one of several texts, with `{key}:`", f"write `- {{when: …, {key}: …}}`")
        elif unknown := [each for each in option if each not in (key, "when", "claim")]:
            problems.add((*place, unknown[0]), "unknown key", f"expected one of: when, {key}, claim")
        elif "when" not in option and number < len(options) - 1:
            problems.add(place, "the texts after this one are never taken", "give it a `when`")
        elif "when" in option and number == len(options) - 1 and needed:
            problems.add(place, "the last text has no `when`: it is taken if no other one is true", "add one")


def _texts(data: Any, at: Place) -> Iterator[tuple[Place, str]]:
    """Yield every text of the data but its keys, with its place."""
    if isinstance(data, str):
        yield at, data
    for step, each in _parts(data):
        yield from _texts(each, (*at, step))


def _alternatives(data: Any, at: Place) -> Iterator[tuple[Place, list[Any]]]:
    for step, each in _parts(data):
        if step in ALTERNATIVES and isinstance(each, list):
            yield (*at, step), each
        else:
            yield from _alternatives(each, (*at, step))


def _parts(data: Any) -> Iterator[tuple[str | int, Any]]:
    yield from data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
