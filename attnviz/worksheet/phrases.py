"""How the numbers of an array are asked for: one of them, or where the largest of some stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Phrases(NamedTuple):
    """Questions about an array, with its labels in braces.

    `one` asks for an entry; `most` (and `least`, with the other end) for the label `along` a dimension at which the
    largest stands, a word's own entry left out if it is not to be among the `others` only. `places` are the decimals
    that are shown, if these are not the storyboard's.
    """

    one: str
    most: str = ""
    least: str = ""
    along: str = ""
    others_only: bool = False
    places: int | None = None


_TAKES = Phrases(
    "How much does {query} take from {key}?",
    "Which word does {query} take most from?",
    "Which word does {query} take least from?",
    "key",
)
PHRASES: Mapping[str, Phrases] = {
    "weights": _TAKES,
    "softmax": _TAKES,
    "all_weights": _TAKES._replace(
        one="How much does {query} take from {key} in head {each_head} of layer {each_layer}?"
    ),
    "step_weights": _TAKES._replace(
        one="After {step} steps of training, how much does {query} take from {key}?",
        most="After {step} steps of training, which word does {query} take most from?",
        least="After {step} steps of training, which word does {query} take least from?",
    ),
    "normalised": Phrases(
        "Each similarity is divided by the sum of its row. What does {query} get for {key}?",
        "Each similarity is divided by the sum of its row. For which word does {query} get most?",
        "Each similarity is divided by the sum of its row. For which word does {query} get least?",
        "key",
    ),
    "similarity": Phrases(
        "How similar are {query} and {key}, by the measure of the film?",
        "Which other word is most similar to {query}?",
        "Which other word is least similar to {query}?",
        "key",
        others_only=True,
    ),
    "scores": Phrases(
        "What is the score of {key} for {query}?",
        "Which word has the highest score for {query}?",
        "Which word has the lowest score for {query}?",
        "key",
    ),
    "query_key_dot": Phrases("What is the dot product of the query of {query} and the key of {key}?"),
    "dot": Phrases(
        "What is the dot product of {query} and {key}?",
        "With which other word has {query} the largest dot product?",
        "With which other word has {query} the smallest dot product?",
        "key",
        others_only=True,
    ),
    "cosine": Phrases(
        "What is the cosine of the angle between {query} and {key}?",
        "With which other word has {query} the largest cosine?",
        "With which other word has {query} the smallest cosine?",
        "key",
        others_only=True,
    ),
    "scaled_dot": Phrases("What is the scaled dot product of {query} and {key}?"),
    "angle": Phrases("How many degrees are there between {query} and {key}?", others_only=True, places=0),
    "norm": Phrases(
        "How long is the vector of {token}?",
        "Which word has the longest vector?",
        "Which word has the shortest vector?",
        "token",
    ),
    "exponentials": Phrases("What is e to the power of the similarity of {query} and {key}?"),
    "embeddings": Phrases(
        "What is the {d_model} of {token}?",
        "Which word has most {d_model}?",
        "Which word has least {d_model}?",
        "token",
    ),
    "points": Phrases("Where on the axis of {axis} does {token} stand?"),
    "point_steps": Phrases("Where on the axis of {axis} does {token} stand after layer {depth}?"),
    "output": Phrases("What is the {d_output} of {token} after attention?"),
    "mixed_points": Phrases("Where on the axis of {axis} would this head alone take {token}?"),
    "queries": Phrases("What is coordinate {d_head} of the query of {token}?"),
    "keys": Phrases("What is coordinate {d_head} of the key of {token}?"),
    "values": Phrases("What is coordinate {d_value} of the value of {token}?"),
    "head_outputs": Phrases("The values, mixed for {token}: what is coordinate {d_value}?"),
    "contribution_norm": Phrases(
        "How long is what head {head} adds to {token}?",
        "Which head adds most to {token}?",
        "Which head adds least to {token}?",
        "head",
    ),
    "determinant": Phrases("What is the determinant of the map {map}?"),
    "mapped": Phrases("What is the {plane} of {token} after the map {map}?"),
    "plane_distance": Phrases("How far apart are {query} and {key} before any map?"),
    "mapped_distance": Phrases(
        "How far apart are {query} and {key} after the map {map}?",
        "Which map takes {query} and {key} farthest apart?",
        "Which map leaves {query} and {key} closest together?",
        "map",
    ),
}
OF_SCORES = PHRASES["scores"]
"""How similarities are asked for that are the scores of a model with layers."""
