"""What every array of a trace is: its dimensions, its meaning, its formula. Data only: no torch, no numpy."""

from __future__ import annotations

from typing import NamedTuple

DimLabels = tuple[str, ...] | tuple[int, ...]  # along one dimension
LabelsByDim = dict[str, tuple[str, ...]]


class ArrayInfo(NamedTuple):
    """Dimensions (as in the trace), a one-line meaning, and how it is computed from the arrays before it."""

    dims: tuple[str, ...]
    meaning: str
    formula: str


def _info(dims: str, meaning: str, formula: str) -> ArrayInfo:
    return ArrayInfo(tuple(dims.split()), meaning, formula)


EMBEDDING_ARRAYS = {
    "embeddings": _info("token d_model", "the words' coordinates", "x"),
    "norm": _info("token", "size of each vector", "√(x · x)"),
    "unit_vectors": _info("token d_model", "each vector divided by its norm", "x / norm"),
    "products": _info("query key d_model", "coordinate-wise products, which add up to the dot product", "xᵢ yᵢ"),
    "dot": _info("query key", "dot product of the embeddings", "x · y"),
    "cosine": _info("query key", "cosine of the angle between the embeddings", "x · y / (norm(x) norm(y))"),
    "scaled_dot": _info("query key", "dot product divided by the root of the dimension", "x · y / √d"),
    "angle": _info("query key", "angle between the embeddings, in degrees", "arccos(cosine)"),
    "similarity": _info("query key", "the similarity that the model uses", "one of dot, cosine, scaled_dot"),
    "similarity_sum": _info("query", "sum of each row of similarities", "sum(similarity)"),
    "normalised": _info("query key", "each row of similarities divided by its sum", "similarity / similarity_sum"),
    "exponentials": _info("query key", "e to the power of each similarity", "exp(similarity)"),
    "exponential_sum": _info("query", "sum of each row of exponentials", "sum(exponentials)"),
    "similarity_max": _info("query", "largest similarity of each row", "max(similarity)"),
    "shifted": _info("query key", "each similarity less the largest of its row", "similarity − similarity_max"),
    "shifted_exponentials": _info("query key", "e to the power of each shifted similarity", "exp(shifted)"),
    "shifted_sum": _info("query", "sum of each row of shifted exponentials", "sum(shifted_exponentials)"),
    "softmax": _info("query key", "each row of exponentials divided by its sum", "exponentials / exponential_sum"),
    "similarity_powers": _info(
        "step query key", "the similarity table applied again and again, step 0 … 12", "similarity ^ step"
    ),
}

HEAD_ARRAYS = {
    "queries": _info("head token d_head", "each word's query", "embeddings · W_Q"),
    "keys": _info("head token d_head", "each word's key", "embeddings · W_K"),
    "values": _info("head token d_value", "each word's value", "embeddings · W_V"),
    "query_key_dot": _info("head query key", "dot product of query and key", "query · key"),
    "scores": _info("head query key", "similarity of query and key", "similarity(query, key)"),
    "score_exponentials": _info("head query key", "e to the power of each score", "exp(scores)"),
    "score_sum": _info(
        "head query",
        "what each row is divided by to give the weights",
        "sum(score_exponentials) or sum(scores)",
    ),
    "weights": _info("head query key", "how much each word (row) attends to each (column)", "softmax(scores)"),
    "head_outputs": _info("head token d_value", "the values, combined by the weights", "weights · values"),
    "concatenated": _info("token d_concat", "the heads' outputs side by side", "head_outputs, side by side"),
    "head_contributions": _info(
        "head token d_output", "what each head adds to the output", "head_outputs · its rows of W_O"
    ),
    "contribution_norm": _info("head token", "size of what each head adds to the output", "norm(head_contributions)"),
    "output": _info("token d_output", "where attention moves each word", "concatenated · W_O"),
    "repeated": _info(
        "step token d_model",
        "the layer applied again and again, step 0 … 12",
        "attention(… attention(embeddings))",
    ),
    "W_Q": _info("head d_model d_head", "the queries' matrix", "given"),
    "W_K": _info("head d_model d_head", "the keys' matrix", "given"),
    "W_V": _info("head d_model d_value", "the values' matrix", "given"),
    "W_O": _info("d_concat d_output", "the output matrix", "given"),
    "bilinear": _info(
        "head d_model d_model_key",
        "queries' and keys' matrix as one, x B yᵀ being the dot product",
        "W_Q · W_Kᵀ",
    ),
    "bilinear_queries": _info(
        "head token d_model_key",
        "each word through that one matrix; times a word it is the dot product of query and key",
        "embeddings · bilinear",
    ),
}
OF_MAPS = ("mapped_scores", "mapped_weights", "mapped_attended")
BLACKBOARD_ONLY = ("repeated", "bilinear_queries", "mapped_output", *OF_MAPS)
"""Arrays that models with layers lack: their words are normalised and shifted on the way, and no map is their own."""

MAP_ARRAYS = {
    "maps": _info("map plane_in plane", "the model's named maps of the plane of its first two axes", "given"),
    "determinant": _info("map", "how much each map enlarges areas; negative if it flips the plane", "ad − bc"),
    "mapped": _info("map token plane", "the words after each map", "x · M"),
    "mapped_corners": _info("map corner plane", "the unit square's corners after each map", "corner · M"),
    "mapped_output": _info("map token plane", "the words after attention and then each map", "output · M"),
    "mapped_scores": _info("map query key", "similarity of two words after each map", "similarity(x M, y M)"),
    "mapped_weights": _info(
        "map query key",
        "how much each word (row) attends to each (column) in the plane of each map",
        "softmax(mapped_scores)",
    ),
    "mapped_attended": _info(
        "map token plane", "where that attention moves each word in the plane of each map", "mapped_weights · mapped"
    ),
    "plane_distance": _info("query key", "distance between two words in the plane, before any map", "norm(x − y)"),
    "plane_angle": _info(
        "query key", "angle between two words in the plane, before any map, in degrees", "angle(x, y)"
    ),
    "mapped_distance": _info("map query key", "distance between two mapped words", "norm(x M − y M)"),
    "mapped_cosine": _info("map query key", "cosine of the angle between two mapped words", "cosine(x M, y M)"),
    "mapped_angle": _info("map query key", "angle between two mapped words, in degrees", "angle(x M, y M)"),
}

EXPERIMENT_ARRAYS = {
    "dot_growth": _info(
        "dimension",
        "root mean square of the dot products of random vectors",
        "√(mean((x · y)²)), xᵢ, yᵢ ~ N(0, 1)",
    ),
    "scaled_dot_growth": _info(
        "dimension", "the same, of scaled dot products", "√(mean((x · y / √d)²)), xᵢ, yᵢ ~ N(0, 1)"
    ),
    "root_dimension": _info("dimension", "the growth that theory expects", "√d"),
    "dot_pairs": _info("dimension", "how many pairs of random vectors are measured", "given"),
    "dot_samples": _info("dimension sample", "some of the dot products of random vectors", "x · y, xᵢ, yᵢ ~ N(0, 1)"),
}

# The arrays of each experiment, and the labels along their dimensions.
EXPERIMENTS = {"dot_growth": tuple(EXPERIMENT_ARRAYS)}
DIMENSIONS = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1000)
SAMPLES = 60
EXPERIMENT_LABELS = {"dimension": DIMENSIONS, "sample": tuple(range(1, SAMPLES + 1))}

STEPS = 12  # how often a table, or the layer, is applied again
CORNERS = ("0,0", "1,0", "1,1", "0,1")

ARRAYS = {**EMBEDDING_ARRAYS, **HEAD_ARRAYS, **MAP_ARRAYS, **EXPERIMENT_ARRAYS}
