"""A reader's own sentence: the models of a lecture as a script, with which the page computes their forward pass anew.

A trained model is written as its parameters, in float32 as they are kept, with its words; a blackboard as its words
with coordinates and its matrices. The scripts in `computing/` compute with them, under the same names.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from attnviz.input.problems import ProblemsFound
from attnviz.model.blackboard.contents import labels_of as labels_of_board
from attnviz.model.blackboard.facts import description_of
from attnviz.model.blackboard.facts import fingerprint_of as fingerprint_of_board
from attnviz.model.blackboard.model import BlackboardModel
from attnviz.model.door import opened_model
from attnviz.model.interface import Model
from attnviz.model.layered import LayeredModel
from attnviz.model.trained.folder import read_parameters
from attnviz.model.trained.source import TrainedSource
from attnviz.model.transformer_arrays import is_parameter, labels_of
from attnviz.model.transformer_config import fingerprint_of
from attnviz.page.packing import lean
from attnviz.stage.theme import SMALL_WORDS

if TYPE_CHECKING:
    import numpy as np

    from attnviz.model.arrays import ArrayInfo, DimLabels
    from attnviz.model.blackboard.file import BlackboardSpec
    from attnviz.model.tokenizer import Tokenizer
    from attnviz.storyboard.types import SceneSpec, SentenceSpec, Storyboard

MOST_PARAMETERS = 4_000_000
"""A model with more is not written: its script would be larger than 20 MB, and a sentence take seconds."""
MODELS = "model.js"
COMPUTING = Path(__file__).parent / "computing"
_BOTH = {"transformer", "blackboard"}
_SCRIPTS = {
    "attention": _BOTH,
    "transformer": {"transformer"},
    "blackboard": {"blackboard"},
    "reading": _BOTH,
    "forward": _BOTH,
}
"""The scripts that compute, each with the kinds of models that it is for; later ones use earlier ones."""
_OF_BOARD = (
    *("embeddings", "norm", "queries", "keys", "values", "query_key_dot", "scores", "score_exponentials", "score_sum"),
    *("weights", "head_outputs", "concatenated", "head_contributions", "contribution_norm", "output"),
)
"""The arrays of a blackboard that a page computes: those of its attention."""
_OF_TEXT = ("token", "query", "key")


class OwnModels(NamedTuple):
    """What a page needs to compute with a lecture's models, and a sentence for each model that it cannot compute with.

    `script` is the text of `model.js`: what computes, and the models, as `attnviz.models`; "" if there is none.
    """

    script: str
    missing: tuple[str, ...]


def own_models(storyboard: Storyboard) -> OwnModels:
    """Return the models of a lecture's scenes for its page, with the lecture's sentences to begin with.

    Trained models come first: they know more words than a blackboard.
    """
    scenes: dict[str, list[SceneSpec]] = {}
    for scene in storyboard.scenes():
        if scene.sentences:
            scenes.setdefault(scene.model, []).append(scene)
    found, missing = [], []
    for name, own in scenes.items():
        model = opened_model(name, storyboard.path.parent)
        written = own_model(model, storyboard.decimals)
        if isinstance(written, str):
            missing.append(written)
        else:
            found.append(written | {"opens": name, "carry": own[0].carry, "examples": _examples(model, own)})
    found.sort(key=lambda model: model["kind"] == "blackboard")
    return OwnModels(script_of(found) if found else "", tuple(missing))


def own_model(model: Model, decimals: int = 2) -> dict[str, Any] | str:
    """Return a model as plain data from which a page can compute its forward pass, or in a sentence why there is none.

    Numbers are shown with so many `decimals`; a blackboard may round to them on the way.
    """
    if isinstance(model, BlackboardModel):
        return _blackboard(model, decimals)
    if isinstance(model, LayeredModel) and isinstance(model.source, TrainedSource):
        return _trained(model.source, decimals)
    return f"“{model.name}” is a published model, and too large to run in this page."


def script_of(models: Sequence[Mapping[str, Any]]) -> str:
    """Return the text of a script that can compute with models, and lists them as `attnviz.models`."""
    kinds = {model["kind"] for model in models}
    code = [(COMPUTING / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS if kinds & _SCRIPTS[name]]
    text = json.dumps(models, ensure_ascii=True, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    return "".join([*map(lean, code), f"attnviz.models = {text};\n"])


def _trained(source: TrainedSource, decimals: int) -> dict[str, Any] | str:
    """Return a folder that `attnviz train` has written, or why there is nothing for a page."""
    config, tokenizer = source.spec.config, source.spec.tokenizer
    reading = _reading(tokenizer)
    if reading is None:
        return f"“{source.name}” reads pieces of words, which this page cannot cut."
    if config.parameters > MOST_PARAMETERS:
        return f"“{source.name}” has {config.parameters:,} parameters, too many to run in this page."
    try:
        parameters = read_parameters(source.folder, config)
    except ProblemsFound as found:
        return f"“{source.name}” does not run in this page: {found.problems[0].message}."
    arrays = {name: info for name, info in source.arrays().items() if not is_parameter(name)}
    return {
        "kind": "transformer",
        "name": source.name,
        "decimals": decimals,
        "fingerprint": fingerprint_of(config, parameters),
        "config": config.model_dump(exclude={"title"}),
        "reading": reading,
        "vocabulary": tokenizer.vocabulary,
        "labels": _labels(labels_of(config, tokenizer.vocabulary), arrays),
        "arrays": arrays,
        "parameters": {name: _packed(array) for name, array in parameters.items()},
    }


def _blackboard(model: BlackboardModel, decimals: int) -> dict[str, Any]:
    """Return a blackboard's words and matrices."""
    spec = model.spec
    settings = {carry: {"dtype": "float64", "carry": carry, "decimals": decimals} for carry in ("exact", "displayed")}
    arrays = {
        name: info._replace(formula=description_of(name, spec)["formula"])
        for name, info in model.arrays().items()
        if name in _OF_BOARD
    }
    return {
        "kind": "blackboard",
        "name": model.name,
        "decimals": decimals,
        "fingerprints": {carry: fingerprint_of_board(spec, each) for carry, each in settings.items()},
        "vocabulary": list(spec.words),
        "coordinates": list(spec.words.values()),
        "colours": _colours(spec),
        "similarity": spec.similarity,
        "weights": spec.weights,
        "heads": [head.model_dump() for head in spec.heads],
        "W_O": spec.W_O,
        "labels": _labels(labels_of_board(spec, []), arrays),
        "arrays": arrays,
    }


def _colours(spec: BlackboardSpec) -> list[int]:
    """Return of each word which of the groups' colours it has; -1 for small words, and for words of no group."""
    groups = [group for group in spec.groups if group != SMALL_WORDS]
    found = [spec.group_of(word) for word in spec.words]
    return [groups.index(group) if group in groups else -1 for group in found]


def _examples(model: Model, scenes: Iterable[SceneSpec]) -> list[dict[str, Any]]:
    """Return the sentences of scenes, each once, with the words that are chosen of it, and the layer and head shown."""
    examples: dict[tuple[str, tuple[str, ...] | None], dict[str, Any]] = {}
    for scene in scenes:
        for sentence in scene.sentences:
            text, words = _as_typed(model, sentence)
            place = {"layer": str(scene.view.layer or 1), "head": scene.view.head, "focus": scene.focus}
            examples.setdefault((text, words), {"text": text, "words": words} | place)
    return list(examples.values())


def _as_typed(model: Model, sentence: SentenceSpec) -> tuple[str, tuple[str, ...] | None]:
    """Return a sentence as a reader would type it, all of whose words the model knows, and the words chosen of it.

    Only a blackboard computes with chosen words alone.
    """
    if sentence.text is None:
        return " ".join(sentence.words or ()), None
    if sentence.words is None or not isinstance(model, BlackboardModel):
        return sentence.text, None
    chosen = [token.label for token in model.tokens(sentence.text, sentence.words)]
    try:
        model.tokens(sentence.text)
    except ProblemsFound:  # words that are left out need not be known
        return " ".join(token.word for token in model.tokens(sentence.text, sentence.words)), None
    return sentence.text, tuple(chosen)


def _reading(tokenizer: Tokenizer) -> dict[str, Any] | None:
    """Return how whole words are read, as `attnviz train` has it; None for a tokenizer of any other kind."""
    settings = json.loads(tokenizer.inner.to_str())
    model, added = settings["model"], settings["added_tokens"]
    steps = settings["normalizer"] or {"type": "Sequence", "normalizers": []}
    steps = [step["type"] for step in steps.get("normalizers", [steps])]
    cut = settings["pre_tokenizer"] or {"type": ""}
    pieces = {"Whitespace": "words", "WhitespaceSplit": "spaces"}.get(cut["type"])
    plain = all(not (each["lstrip"] or each["rstrip"] or each["single_word"] or each["normalized"]) for each in added)
    written = sorted(tokenizer.inner.get_vocab().items(), key=lambda each: each[1])
    whole = [word for word, _ in written] == list(tokenizer.vocabulary) and model.get("unk_token") not in dict(written)
    known = steps in ([], ["Lowercase"], ["NFC", "Lowercase", "NFC"]) and len(added) <= 1 and plain
    if model["type"] != "WordLevel" or settings["post_processor"] or not (pieces and known and whole):
        return None
    mask = added[0]["content"] if added else None
    return {"pieces": pieces, "lower": "Lowercase" in steps, "nfc": "NFC" in steps, "mask": mask}


def _labels(labels: Mapping[str, DimLabels], arrays: Mapping[str, ArrayInfo]) -> dict[str, list[str]]:
    """Return the labels along the dimensions of arrays, but for those that count the words of a text."""
    used = {dim for info in arrays.values() for dim in info.dims} - {*_OF_TEXT}
    return {dim: [str(each) for each in labels[dim]] for dim in labels if dim in used}


def _packed(array: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Return a parameter's shape, and its numbers as float32, the least significant byte first, in base64."""
    return {"shape": array.shape, "data": base64.b64encode(array.astype("<f4").tobytes()).decode()}
