"""The model that a storyboard names or, of several, the first that is on this machine."""

from __future__ import annotations

from typing import NamedTuple

from attnviz.input.problems import NotInstalled, none_there
from attnviz.input.validation import Place
from attnviz.model.interface import View
from attnviz.storyboard.keys import UNKNOWN, ChosenModel, ModelKeys, OneModel
from attnviz.storyboard.sentences import Boards
from attnviz.storyboard.types import ModelChoice


class Chosen(NamedTuple):
    """A model's name, the view of it that scenes show, where the storyboard says so, and what the choice was."""

    name: str
    view: View
    at: Place
    choice: ModelChoice | None = None


def choose(boards: Boards, model: ChosenModel, at: Place) -> Chosen:
    """Return the model that is written at a place; of a list the first that is there.

    What is wrong with any model of a list is reported, whichever is taken, so that a storyboard that is right on one
    machine is right on all. That one is not there is wrong only if none is.
    """
    if not isinstance(model, list):
        return Chosen(*named_model(model), at)
    found: dict[str, Chosen] = {}
    missing: dict[str, NotInstalled] = {}
    listed = [Chosen(*named_model(each), (*at, index)) for index, each in enumerate(model)]
    for one in listed:
        if one.name in found or one.name in missing:
            boards.problems.add(one.at, f"the model '{one.name}' is twice in the list", "leave one of them out")
        elif told := boards.missing(one.name, one.view):
            missing[one.name] = told
        else:
            boards.ask(one.name, None, one.view, one.at)
            found[one.name] = one
    if not found:
        boards.problems.add_all(at, none_there(missing))
        return Chosen(UNKNOWN, View(), at)
    taken, names = next(iter(found.values())), tuple(one.name for one in listed)
    before = tuple(problem for name in names[: names.index(taken.name)] for problem in missing[name].problems)
    return taken._replace(choice=ModelChoice(taken.name, names, before) if len(names) > 1 else None)


def named_model(model: OneModel) -> tuple[str, View]:
    """Return a model's name, and the view of it that scenes show."""
    if not isinstance(model, ModelKeys):
        return model, View()
    head = None if model.head is None else str(model.head)
    plane = tuple((name, tuple(words)) for name, words in (model.plane or {}).items())
    steps = model.steps if isinstance(model.steps, int) else tuple(model.steps) or None
    without = (model.without,) if isinstance(model.without, str) else tuple(model.without)
    return model.name, View(model.layer, head, plane, model.like or "", steps, without)
