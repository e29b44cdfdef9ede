"""A list of problems, located by file and line, so that checking can go on after the first one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from pydantic import ValidationError

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.validation import Place, dotted, problems_of, value_at
from attnviz.input.yamlsource import Source
from attnviz.storyboard.strict_keys import Keys

KeysT = TypeVar("KeysT", bound=Keys)


@dataclass
class ProblemList:
    """The problems found in one storyboard so far."""

    source: Source
    problems: list[Problem] = field(default_factory=list)
    told: set[Place] = field(default_factory=set)  # reported already: further errors here are consequences

    def add(self, at: Place, message: str, hint: str | None = None) -> None:
        """Add a problem with the value at a place, unless that place has been reported already."""
        if at in self.told:
            return
        where = f"{dotted(at)}: " if at else ""
        self.problems.append(Problem(f"{where}{message}", self.source.path, self.source.line_of(at), hint))

    def add_all(self, at: Place, found: ProblemsFound) -> None:
        """Add problems raised elsewhere; those without a file are located at this place."""
        for problem in found.problems:
            if problem.file is None:
                self.add(at, problem.message, problem.hint)
            elif problem not in self.problems:
                self.problems.append(problem)

    def add_errors(self, error: ValidationError, annotation: Any, at: Place) -> None:
        """Add the errors that pydantic found in the value at a place, validated as `annotation`."""
        self.problems += problems_of(error, annotation, self.source, at, self.told)

    def keys(self, model: type[KeysT], at: Place) -> KeysT:
        """Return the validated keys at a place; invalid ones are reported and replaced by stand-ins."""
        data = value_at(self.source.data, at)
        try:
            return model.model_validate(data)
        except ValidationError as error:
            self.add_errors(error, model, at)
            wrong = {str(each["loc"][0]) for each in error.errors() if each["loc"]}
        if not isinstance(data, dict):
            data, wrong = {}, set(model.stand_ins)
        sound = {name: value for name, value in data.items() if name not in wrong}
        return model.model_validate(sound | {name: model.stand_ins[name] for name in wrong & set(model.stand_ins)})

    def list_at(self, at: Place, key: str) -> list[Place]:
        """Return the places of a list's items; empty if it is not a list (which `keys` reports)."""
        data = value_at(self.source.data, at)
        items = data.get(key) if isinstance(data, dict) else None
        return [(*at, key, index) for index in range(len(items))] if isinstance(items, list) else []

    def finish(self) -> None:
        """Raise `ProblemsFound` with all problems in file order, if there are any."""
        if self.problems:
            here = self.source.path
            unique = list(dict.fromkeys(replace(problem) for problem in self.problems))
            raise ProblemsFound(sorted(unique, key=lambda each: (each.file != here, each.line or 0)))
