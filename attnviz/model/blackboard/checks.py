"""What must fit together in a blackboard file: names, groups, and the shapes of vectors and matrices.

These checks read the plain data and pass over whatever is malformed (pydantic reports that),
so that a file's mistakes are all reported at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from attnviz.input.in_words import counted
from attnviz.input.problems import Problem, did_you_mean
from attnviz.model.interface import ALL_HEADS

if TYPE_CHECKING:
    from attnviz.input.validation import Place
    from attnviz.input.yamlsource import Source

Shape = tuple[int, int]
Found = Iterator[tuple["Place", str, str | None]]  # where, what is wrong, what was expected
MAX_NAME = 60


def problems_between(source: Source) -> list[Problem]:
    """Return every problem that concerns more than one value, in the order of the file."""
    data = source.data
    if not isinstance(data, dict):
        return []
    found = [*_names(data), *_words(data), *_groups(data), *_heads(data), *_maps(data)]
    problems = [Problem(message, source.path, source.line_of(at), hint) for at, message, hint in found]
    return sorted(problems, key=lambda problem: problem.line or 0)


def _names(data: dict[str, Any]) -> Found:
    """Names must be readable, and those in lists must differ."""
    axes = _list(data, "axes")
    heads = [head if isinstance(head, dict) else {} for head in _list(data, "heads")]
    for key, what in (("words", "word"), ("groups", "group"), ("maps", "map")):
        for name in _dict(data, key):
            yield from _name(what, name, (key, name))
    for index, name in enumerate(axes):
        yield from _name("axis", name, ("axes", index))
    for index, head in enumerate(heads):
        yield from _name("head", head.get("name"), ("heads", index, "name"))
    yield from _repeated("axis", axes, [("axes", index) for index in range(len(axes))])
    places: list[Place] = [("heads", index, "name") for index in range(len(heads))]
    yield from _repeated("head", [head.get("name") for head in heads], places)


def _name(what: str, name: Any, at: Place) -> Found:
    if not isinstance(name, str):
        return
    if not name.strip():
        yield at, f"a {what} has an empty name", None
    elif name != name.strip() or not name.isprintable():
        yield at, f"{what} {name!r} has spaces at its ends or characters that cannot be shown", None
    elif what == "head" and name == ALL_HEADS:
        yield at, f"a head is named '{ALL_HEADS}'", f"`head: {ALL_HEADS}` means all heads: choose another name"
    elif what == "group" and "," in name:
        yield at, f"group {name!r} has a comma in its name", "write it without"
    elif len(name) > MAX_NAME:
        yield at, f"the name of {what} '{name[:20]}…' is too long", f"at most {MAX_NAME} characters"


def _repeated(what: str, names: Iterable[Any], places: list[Place]) -> Found:
    seen: set[str] = set()
    for name, at in zip(names, places, strict=True):
        if isinstance(name, str) and name in seen:
            yield (
                at,
                f"two {'axes' if what == 'axis' else what + 's'} are named '{name}'",
                "give each its own name",
            )
        elif isinstance(name, str):
            seen.add(name)


def _words(data: dict[str, Any]) -> Found:
    """A word has one coordinate per axis."""
    axes = _list(data, "axes")
    for word, coordinates in _dict(data, "words").items():
        if axes and isinstance(coordinates, list) and len(coordinates) != len(axes):
            expected = f"expected {len(axes)}, one for each axis: {', '.join(map(str, axes))}"
            yield ("words", word), f"word '{word}' has {counted(len(coordinates), 'coordinate')}", expected


def _groups(data: dict[str, Any]) -> Found:
    """A group holds words of the model, and a word is in at most one group."""
    words = _dict(data, "words")
    home: dict[str, str] = {}
    for group, members in _dict(data, "groups").items():
        for index, word in enumerate(members if isinstance(members, list) else []):
            at: Place = ("groups", group, index)
            if not isinstance(word, str):
                continue
            if word not in words:
                hint = did_you_mean(word, words, "one of the model's words")
                yield at, f"group '{group}' names the unknown word '{word}'", hint
            elif word in home:
                where = (
                    f"twice in group '{group}'" if home[word] == group else f"in groups '{home[word]}' and '{group}'"
                )
                yield at, f"word '{word}' is {where}", "a word is in at most one group, once"
            else:
                home[word] = group


def _heads(data: dict[str, Any]) -> Found:
    """The matrices of the heads compose with the embeddings, with each other, and with W_O."""
    heads, axes = _list(data, "heads"), len(_list(data, "axes"))
    for index, head in enumerate(heads):
        if isinstance(head, dict):
            yield from _head(head, index, axes)
    values = [shape_of(head.get("W_V")) if isinstance(head, dict) else None for head in heads]
    widths = [value[1] if value else None for value in values]
    yield from _output(data.get("W_O"), widths if heads else [axes or None], bool(heads))


def _head(head: dict[str, Any], index: int, axes: int) -> Found:
    """The matrices of one head have a row for each axis; its queries and keys are equally wide."""
    owner = f"of head '{head.get('name', index + 1)}'"
    shapes = {key: shape_of(head.get(key)) for key in ("W_Q", "W_K", "W_V")}
    for key, shape in shapes.items():
        at: Place = ("heads", index, key)
        yield from _ragged(f"{key} {owner}", head.get(key), at)
        if shape and axes in (2, 3) and shape[0] != axes:
            message = f"{key} {owner} is {_show(shape)}, but the embeddings have {axes} axes"
            yield at, message, f"expected {axes}×k"
    W_Q, W_K = shapes["W_Q"], shapes["W_K"]
    if W_Q and W_K and W_Q[1] != W_K[1]:
        message = f"W_K {owner} is {_show(W_K)}, but its W_Q is {_show(W_Q)}"
        yield ("heads", index, "W_K"), message, "expected the same number of columns"


def _output(matrix: Any, widths: list[int | None], heads: bool) -> Found:
    """W_O has a row for every column of the concatenated heads."""
    if matrix is None:
        return
    yield from _ragged("W_O", matrix, ("W_O",))
    shape, known = shape_of(matrix), [width for width in widths if width]
    if shape and len(known) == len(widths) and shape[0] != sum(known):
        what = f"the {'heads’ values' if len(known) > 1 else 'head’s values' if heads else 'embeddings'}"
        sums = " + ".join(map(str, known)) + " = " if len(known) > 1 else ""
        total = sums + counted(sum(known), "column")
        yield ("W_O",), f"W_O is {_show(shape)}, but {what} have {total}", f"expected {sum(known)}×k"


def _maps(data: dict[str, Any]) -> Found:
    """A map is 2×2: it acts on the plane of the first two axes."""
    for name, matrix in _dict(data, "maps").items():
        at: Place = ("maps", name)
        yield from _ragged(f"map '{name}'", matrix, at)
        shape = shape_of(matrix)
        if shape and shape != (2, 2):
            message = f"map '{name}' is {_show(shape)}, but it acts on the plane of the first two axes"
            yield at, message, "expected 2×2"


def shape_of(matrix: Any) -> Shape | None:
    """Return (rows, columns) of a rectangular list of lists; None for anything else."""
    lengths = _row_lengths(matrix)
    return (len(lengths), lengths[0]) if lengths and len(set(lengths)) == 1 and lengths[0] else None


def _row_lengths(matrix: Any) -> list[int] | None:
    if isinstance(matrix, list) and matrix and all(isinstance(row, list) for row in matrix):
        return [len(row) for row in matrix]
    return None


def _ragged(name: str, matrix: Any, at: Place) -> Found:
    """All rows of a matrix have the same number of entries."""
    lengths = _row_lengths(matrix)
    if lengths and len(set(lengths)) > 1:
        usual = Counter(lengths).most_common(1)[0][0]
        row = next(index for index, length in enumerate(lengths) if length != usual)
        message = f"the rows of {name} differ: row {row + 1} has {counted(lengths[row], 'number')}"
        yield (*at, row), message, f"expected {usual}"


def _show(shape: Shape) -> str:
    return f"{shape[0]}×{shape[1]}"


def _list(data: dict[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    return value if isinstance(value, list) else []


def _dict(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}
