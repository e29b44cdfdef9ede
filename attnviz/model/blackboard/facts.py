"""What is told of a blackboard beside its numbers: what each array is as this model computes it, and its fingerprint.

Needs no torch.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from attnviz.model.arrays import ARRAYS
from attnviz.model.blackboard.file import BlackboardSpec
from attnviz.model.without import altered_formula


def fingerprint_of(spec: BlackboardSpec, settings: Mapping[str, Any], without: tuple[str, ...] = ()) -> str:
    """Return 12 hex digits of a SHA-256 over a model's parameters and the settings of the computation.

    The sentence and the device are left out: the same model on another machine has the same fingerprint.
    """
    counted = {key: settings[key] for key in ("dtype", "carry", "decimals")}
    parameters = spec.model_dump(exclude={"title"}) | ({"without": without} if without else {})
    text = json.dumps([parameters, counted], sort_keys=True, ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def description_of(name: str, spec: BlackboardSpec, without: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the meaning and formula of an array, as this model computes it."""
    formula = altered_formula(name, ARRAYS[name].formula, without)
    if name == "similarity":
        formula = ARRAYS[spec.similarity].formula
    elif name == "scores":
        formula = {"dot": "q · k", "cosine": "q · k / (norm(q) norm(k))", "scaled_dot": "q · k / √d"}[spec.similarity]
    elif name == "weights" and spec.weights == "normalised":
        formula = "scores / score_sum"
    elif name == "mapped_weights" and spec.weights == "normalised":
        formula = "mapped_scores / their sum"
    elif spec.weights == "scores" and name in ("weights", "mapped_weights"):
        formula = "mapped_scores" if name == "mapped_weights" else "scores"
    elif name == "score_sum":
        formula = "sum(scores)" if spec.weights == "normalised" else "sum(score_exponentials)"
    elif name in ("queries", "keys", "values") and not spec.heads:
        formula = "embeddings"
    elif name == "output" and spec.W_O is None:
        formula = "concatenated" if spec.heads else "weights · embeddings"
    meaning = ARRAYS[name].meaning
    if name == "similarity":
        meaning = f"{meaning}: {spec.similarity}"
    return {"description": meaning, "formula": formula}
