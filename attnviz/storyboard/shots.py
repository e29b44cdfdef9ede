"""Reading shots: the verb with its arguments, id, narration, claims and figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from attnviz.input.convention import COMPOSED
from attnviz.input.problems import Problem, ProblemsFound, did_you_mean
from attnviz.input.validation import Place, shown, value_at
from attnviz.model.interface import Contents
from attnviz.storyboard.argument_types import ArgumentType, resolve
from attnviz.storyboard.claim_grammar import Claim, parse_claim
from attnviz.storyboard.claim_kinds import check_claim
from attnviz.storyboard.figures import read_figures
from attnviz.storyboard.keys import ShotKeys
from attnviz.storyboard.mark_check import wrong_marks
from attnviz.storyboard.narration import Insert, Spoken, parse, selection
from attnviz.storyboard.order_check import out_of_order
from attnviz.storyboard.problem_list import ProblemList
from attnviz.storyboard.product_check import wrong_products
from attnviz.storyboard.reserved import SHOT_KEYS
from attnviz.storyboard.types import Shot
from attnviz.storyboard.verbs import SceneSource, Verb


@dataclass
class SceneContext:
    """What the shots of one scene can refer to.

    `boards` tells, by sentence, what can be named (None if the sentence itself is invalid). `figures` and `ids` map the
    names of the storyboard's figures and the ids of the scene's shots so far to their places.
    """

    source: SceneSource
    boards: Mapping[str, Contents | None]
    problems: ProblemList
    figures: dict[str, Place]
    ids: dict[str, Place] = field(default_factory=dict)

    def names(self, only: str | None = None) -> dict[str, Any]:
        """Return the names that argument types are validated against; None where they are unknown, which accepts any.

        `only` restricts them to those of one sentence.
        """
        boards = [board for name, board in self.boards.items() if only in (None, name)]
        sound = [board for board in boards if board is not None]
        whole = len(sound) == len(boards)

        def merged(attribute: str) -> list[str] | None:
            return list(dict.fromkeys(n for board in sound for n in getattr(board, attribute))) if whole else None

        heads = [board.labels.get("head") for board in boards if board is not None]
        known = whole and None not in heads
        return {
            "word": merged("tokens"),
            "sentence": [name for name in self.boards if name],
            "elsewhere": None if only is None else self._elsewhere(only),
            "axis": merged("axes"),
            "map": merged("maps"),
            "head": list(dict.fromkeys(head for each in heads for head in each or ())) if known else None,
        }

    def _elsewhere(self, sentence: str) -> dict[str, str]:
        """Return the words of the scene's other sentences, each with the first sentence that has it."""
        others = {name: board.tokens for name, board in self.boards.items() if board is not None and name != sentence}
        return {word: name for name, words in reversed(others.items()) for word in words}


def read_shots(context: SceneContext, places: list[Place]) -> tuple[Shot, ...]:
    """Return the shots of a scene at the given places; faults are added to the context's problems.

    Whether they can follow one another is told by `report_order`, once it is known what they go on from.
    """
    problems = context.problems
    wanted = [_explicit_id(context, at) for at in places]
    shots = []
    for at, explicit in zip(places, wanted, strict=True):
        data = value_at(problems.source.data, at)
        if not isinstance(data, dict):
            problems.add(at, f"expected a verb with its arguments, not {shown(data)}", "write `verb: arguments`")
            continue
        keys = problems.keys(ShotKeys, at)
        verb = _verb(context, at, data)
        pieces = _narration(context, at, keys.say, verb)
        claims = _claims(context, at, keys.claim)
        arguments = {} if verb is None else _arguments(context, verb, (*at, verb.name), data[verb.name])
        figures = read_figures(problems, at, keys.figure, context.figures)
        if verb is not None:
            shot_id = explicit or _automatic_id(verb.name, context.ids)
            context.ids.setdefault(shot_id, at)
            line = problems.source.line_of(at)
            shots.append(Shot(shot_id, verb.name, arguments, pieces, keys.hold, line, figures, claims, verb.seen))
            _report_products(context, verb, line)
    return tuple(shots)


def _report_products(context: SceneContext, verb: Verb, line: int) -> None:
    """Report products that a shot would draw of tables that cannot be multiplied."""
    contents = next(iter(context.boards.values()), None)
    for product, message in wrong_products(verb.products, contents) if contents else ():
        file = context.source.path
        where = f"{COMPOSED} (at {file.parent.name}/{file.name}:{product.line})"
        context.problems.problems.append(Problem(message, context.problems.source.path, line, where))


def report_order(context: SceneContext, shots: Iterable[Shot], before: Iterable[Shot] = ()) -> None:
    """Report shots that cannot be played after those before them, in the words in which the stage would refuse them.

    `before` are the shots of the earlier scenes on the same stage.
    """
    file = context.problems.source.path
    for shot, message, hint in out_of_order(shots, context.source.verbs, next(iter(context.boards), None), before):
        context.problems.problems.append(Problem(message, file, shot.line, hint))


def _explicit_id(context: SceneContext, at: Place) -> str | None:
    """Return the id that a shot was given, and reserve it before any other shot is named automatically."""
    data = value_at(context.problems.source.data, at)
    given = data.get("id") if isinstance(data, dict) else None
    if not isinstance(given, str):
        return None
    if given in context.ids:
        line = context.problems.source.line_of((*context.ids[given], "id"))
        context.problems.add((*at, "id"), f"the id '{given}' is used twice", f"the first is in line {line}")
    context.ids.setdefault(given, at)
    return given


def _automatic_id(verb: str, taken: Mapping[str, Place]) -> str:
    """Return an id made of the verb's name: `show-words`, or `show-words-2` if that is taken."""
    base = verb.replace("_", "-").strip("-").lower()
    name, count = base, 1
    while name in taken:
        count += 1
        name = f"{base}-{count}"
    return name


def _verb(context: SceneContext, at: Place, data: Mapping[str, Any]) -> Verb | None:
    """Return the one verb of a shot; None after reporting that it has none or several."""
    verbs = context.source.verbs
    known = [key for key in data if key in verbs]
    unknown = [key for key in data if key not in verbs and key not in SHOT_KEYS]
    options = [*verbs, *sorted(SHOT_KEYS)] if known else list(verbs)
    for key in unknown:
        what = "unknown key" if known else f"scene '{context.source.name}' has no such verb"
        context.problems.add((*at, key), what, did_you_mean(key, options, "one of"))
    if len(known) > 1:
        message = f"a shot has one verb, but here are {len(known)}: {', '.join(known)}"
        context.problems.add(at, message, "start another shot with '- '")
    elif not known and not unknown:
        context.problems.add(at, "a shot needs a verb", f"expected one of: {', '.join(verbs)}")
    return verbs[known[0]] if len(known) == 1 else None


def _arguments(context: SceneContext, verb: Verb, at: Place, value: Any) -> dict[str, Any]:
    """Return the checked arguments of a verb.

    A mapping gives the arguments by parameter name, and an empty value gives none. Any other value is the first
    argument; so is a mapping with other keys, if the first parameter can be a mapping.
    """
    problems = context.problems
    if value is None or value == {}:
        given: dict[str, tuple[Place, Any]] = {}
    elif _is_first_argument(verb, value):
        if not verb.parameters:
            problems.add(at, "this verb takes no arguments", f"write `{verb.name}:`")
            return {}
        given = {next(iter(verb.parameters)): (at, value)}
    else:
        given = {name: ((*at, name), each) for name, each in value.items()}
    for name in [name for name in given if name not in verb.parameters]:
        hint = did_you_mean(name, verb.parameters, "one of") if verb.parameters else "this verb takes no arguments"
        problems.add(given.pop(name)[0], "unknown parameter", hint)
    for parameter in verb.parameters.values():
        if parameter.default is None and parameter.name not in given:
            problems.add(at, f"missing '{parameter.name}'", f"expected {parameter.type.words}")
    names = context.names(_sentence_meant(context, verb, given))
    return {
        name: checked
        for name, (place, each) in given.items()
        for checked in _checked(problems, verb.parameters[name].type, place, each, names)
    }


def _sentence_meant(context: SceneContext, verb: Verb, given: Mapping[str, tuple[Place, Any]]) -> str | None:
    """Return the sentence that a verb's words belong to; None if that may be any of the scene's.

    For a verb with a parameter `sentence`, it is the one given there or, by default, the scene's first.
    """
    parameter = verb.parameters.get("sentence")
    if parameter is None or "SentenceName" not in parameter.type.source:
        return None
    wanted = given.get("sentence", (None, None))[1]
    if wanted is None:
        return next(iter(context.boards), None) if parameter.default is not None else None
    return next((name for name in context.boards if name.casefold() == str(wanted).casefold()), None)


def _is_first_argument(verb: Verb, value: Any) -> bool:
    """Return whether a value is the first argument rather than a mapping of arguments."""
    if not isinstance(value, dict):
        return True
    first = next(iter(verb.parameters.values()), None)
    return first is not None and first.type.takes_mapping and not all(key in verb.parameters for key in value)


def _checked(problems: ProblemList, kind: ArgumentType, at: Place, value: Any, names: dict[str, Any]) -> list[Any]:
    """Return a list of the validated argument; an empty one after reporting what is wrong with it."""
    try:
        return [kind.adapter.validate_python(value, context=names)]
    except ValidationError as error:
        problems.add_errors(error, kind.annotation, at)
        return []


def read_focus(context: SceneContext, at: Place, focus: str) -> str | None:
    """Return the focus word as spelt in the sentence; None after reporting that there is no such word."""
    checked = _checked(context.problems, resolve("Word"), at, focus, context.names())
    return str(checked[0]) if checked else None


def _narration(context: SceneContext, at: Place, say: str | None, verb: Verb | None) -> tuple[Spoken, ...]:
    """Return the pieces of a shot's narration, its inserts checked against the trace's arrays, its marks, too."""
    try:
        pieces = parse(" ".join((say or "").split()))
    except ProblemsFound as found:
        context.problems.add_all((*at, "say"), found)
        return ()
    for insert in pieces:
        if isinstance(insert, Insert):
            try:
                _check_insert(context, insert)
            except ProblemsFound as found:
                context.problems.add_all((*at, "say"), found)
    for problem in wrong_marks(pieces, verb, context.names(), lambda insert: _check_insert(context, insert)):
        context.problems.add((*at, "say"), problem.message, problem.hint)
    return pieces


def _claims(context: SceneContext, at: Place, claims: str | Sequence[str]) -> tuple[Claim, ...]:
    """Return the claims of a shot, each with its line, with all that they name checked against the trace's arrays."""
    one = isinstance(claims, str)
    places: list[Place] = [
        (*at, "claim") if one else (*at, "claim", index) for index in range(1 if one else len(claims))
    ]
    checked = []
    for place, text in zip(places, [claims] if isinstance(claims, str) else claims, strict=True):
        try:
            claim = parse_claim(text, context.problems.source.line_of(place))
            check_claim(claim, lambda insert: _left_open(context, insert), context.names()["word"] or ())
        except ProblemsFound as found:
            context.problems.add_all(place, found)
        else:
            checked.append(claim)
    return tuple(checked)


def _left_open(context: SceneContext, insert: Insert) -> dict[str, tuple[str, ...] | None]:
    """Return the dimensions along which a claim asks for all entries; raise `ProblemsFound` (without a place)."""
    chosen, labels = _check_insert(context, insert)
    return {dimension: labels.get(dimension) for dimension, label in chosen.items() if label is None}


def _check_insert(context: SceneContext, insert: Insert) -> tuple[dict[str, str | None], Mapping[str, tuple[str, ...]]]:
    """Return what an insert selects, and the labels that are known by dimension.

    Raises `ProblemsFound` (without a place) if it names a sentence, array or label that does not exist.
    """
    sentences = [name for name in context.boards if name]
    if insert.sentence is not None and insert.sentence not in sentences:
        hint = did_you_mean(insert.sentence, sentences, "the sentences")
        raise ProblemsFound(Problem(f"'{insert.source}': unknown sentence '{insert.sentence}'", hint=hint))
    board = context.boards[insert.sentence or next(iter(context.boards))] if context.boards else Contents()
    if board is None:  # told already: whatever the claim asks for could be there
        return {str(place): label for place, (_, label) in enumerate(insert.labels)}, {}
    arrays = dict(board.arrays)
    for experiment in context.source.experiments:
        arrays |= board.experiments.get(experiment, {})
    if insert.array not in arrays and insert.array in board.absent:
        hint = board.absent[insert.array]
        raise ProblemsFound(Problem(f"'{insert.source}': there is no array '{insert.array}' here", hint=hint))
    if insert.array not in arrays:
        joined = any(part in arrays for part in insert.array.split("-"))  # a claim's minus, taken for a hyphen
        hint = "put blanks around the minus" if joined else did_you_mean(insert.array, arrays, "the arrays")
        raise ProblemsFound(Problem(f"'{insert.source}': unknown array '{insert.array}'", hint=hint))
    known = {dimension: tuple(map(str, labels)) for dimension, labels in board.labels.items()}
    chosen = selection(insert, {dimension: known.get(dimension) for dimension in arrays[insert.array]})
    for dimension, labels in board.head_labels.items():
        head, label = chosen.get("head"), chosen.get(dimension)
        if head is not None and label is not None and label not in labels[head]:
            hint = f"it has: {', '.join(labels[head])}"
            raise ProblemsFound(Problem(f"'{insert.source}': head '{head}' has no {dimension} '{label}'", hint=hint))
    return chosen, known
