"""The forward pass of a blackboard model, step by step, every named result written down.

With `carry: displayed` each step computes with the rounded results before it. `norm`, `unit_vectors`,
`cosine` and `angle` come straight from the vectors, so that a cosine stays within [−1, 1] and 14.04° does not
become 14.07°; √d is not a result with a name, and is not rounded.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from attnviz.model import attention
from attnviz.model.arrays import OF_MAPS, STEPS
from attnviz.model.blackboard.tensors import HeadMatrices

if TYPE_CHECKING:
    from torch import Tensor

    from attnviz.model.blackboard.file import Similarity, Weights
    from attnviz.model.blackboard.tensors import LayerParameters
    from attnviz.model.rounding import StepWriter

UNIT_SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def compare_embeddings(embeddings: Tensor, similarity: Similarity, writer: StepWriter) -> None:
    """Write every similarity of the embeddings (token d_model), and what becomes of the model's own."""
    tables = measure_pairs(embeddings, writer)
    compare_rows(tables[similarity], writer)


def measure_pairs(vectors: Tensor, writer: StepWriter) -> dict[Similarity, Tensor]:
    """Write sizes and angles of vectors (token d_model); return every similarity (query key) by its name."""
    writer.write("norm", attention.norm(vectors))
    writer.write("unit_vectors", attention.normalise_rows(vectors))
    products = writer.write("products", attention.products(vectors, vectors))
    dots = writer.write("dot", products.sum(dim=-1))
    cosines = writer.write("cosine", attention.cosine(vectors, vectors))
    scaled = writer.write("scaled_dot", attention.scaled(dots, vectors.shape[-1]))
    writer.write("angle", attention.angle(vectors, vectors))
    return {"dot": dots, "cosine": cosines, "scaled_dot": scaled}


def compare_rows(table: Tensor, writer: StepWriter) -> None:
    """Write what becomes of a table of similarities (query key): its rows divided, its softmax, its powers."""
    writer.write("similarity", table)
    sums = writer.write("similarity_sum", attention.row_sum(table))
    writer.write("normalised", attention.divide_rows(table, sums))
    exponentials = writer.write("exponentials", torch.exp(table))
    sums = writer.write("exponential_sum", exponentials.sum(dim=-1))
    writer.write("softmax", _softmax(table, exponentials, sums))
    largest = writer.write("similarity_max", table.amax(dim=-1))
    shifted = writer.write("shifted", table - largest.unsqueeze(-1))
    exponentials = writer.write("shifted_exponentials", torch.exp(shifted))
    writer.write("shifted_sum", exponentials.sum(dim=-1))
    powers = [torch.eye(len(table), dtype=table.dtype, device=table.device)]
    for _ in range(STEPS):
        powers.append(writer.rounded(powers[-1] @ table))
    writer.write("similarity_powers", torch.stack(powers))


def attention_layer(vectors: Tensor, layer: LayerParameters, writer: StepWriter) -> Tensor:
    """Write one attention layer for vectors (token d_model); return its output (token d_output)."""
    outputs = []
    for place, head in enumerate(layer.heads or (None,)):
        queries = writer.write_head("queries", attention.linear(vectors, head.W_Q) if head else vectors)
        keys = writer.write_head("keys", attention.linear(vectors, head.W_K) if head else vectors)
        values = writer.write_head("values", attention.linear(vectors, head.W_V) if head else vectors)
        scores = _scores(queries, keys, layer.similarity, writer)
        weights = _weights(scores, layer.weights, writer)
        mixed = attention.weighted_sum(weights, values)
        outputs.append(writer.write_head("head_outputs", torch.zeros_like(mixed) if place in layer.silent else mixed))
    concatenated = writer.write("concatenated", attention.concatenate(outputs))
    if layer.W_O is None:
        return writer.write("output", concatenated)
    first_row = 0
    for output in outputs:
        rows = layer.W_O[first_row : first_row + output.shape[-1]]
        first_row += output.shape[-1]
        contribution = writer.write_head("head_contributions", attention.linear(output, rows))
        writer.write_head("contribution_norm", attention.norm(contribution))
    return writer.write("output", attention.linear(concatenated, layer.W_O))


def repeat_layer(embeddings: Tensor, layer: LayerParameters, writer: StepWriter) -> None:
    """Write the layer applied 0, 1, 2 … 12 times (step token d_model): the words gather."""
    steps = [embeddings]
    for _ in range(STEPS):
        steps.append(attention_layer(steps[-1], layer, writer.blank()))
    writer.write("repeated", torch.stack(steps))


def map_plane(embeddings: Tensor, output: Tensor | None, maps: Tensor, writer: StepWriter) -> None:
    """Write what each map (map plane_in plane) does to the plane, and how far it parts the words."""
    writer.write("determinant", maps[:, 0, 0] * maps[:, 1, 1] - maps[:, 0, 1] * maps[:, 1, 0])
    corners = torch.tensor(UNIT_SQUARE, dtype=maps.dtype, device=maps.device)
    writer.write("mapped_corners", corners @ maps)
    mapped = writer.write("mapped", embeddings[:, :2] @ maps)
    if output is not None:
        writer.write("mapped_output", output[:, :2] @ maps)
    writer.write("plane_distance", attention.distance(embeddings[:, :2]))
    writer.write("plane_angle", attention.angle(embeddings[:, :2], embeddings[:, :2]))
    writer.write("mapped_distance", torch.stack([attention.distance(points) for points in mapped]))
    writer.write("mapped_cosine", torch.stack([attention.cosine(points, points) for points in mapped]))
    writer.write("mapped_angle", torch.stack([attention.angle(points, points) for points in mapped]))


def attend_in_maps(embeddings: Tensor, maps: Tensor, layer: LayerParameters, writer: StepWriter) -> None:
    """Write attention as it is in the plane of each map (map plane_in plane): with W_Q = W_K = W_V = the map."""
    heads = tuple(HeadMatrices(each, each, each) for each in maps)
    planes = writer.blank()
    attention_layer(embeddings[:, :2], replace(layer, heads=heads, W_O=None, silent=()), planes)
    for name, found in zip(OF_MAPS, ("scores", "weights", "head_outputs"), strict=True):
        writer.write(name, torch.stack(planes.by_head[found]))


def _scores(queries: Tensor, keys: Tensor, similarity: Similarity, writer: StepWriter) -> Tensor:
    dots = writer.write_head("query_key_dot", attention.products(queries, keys).sum(dim=-1))
    scores = {
        "dot": lambda: dots,
        "cosine": lambda: attention.cosine(queries, keys),
        "scaled_dot": lambda: attention.scaled(dots, queries.shape[-1]),
    }[similarity]()
    return writer.write_head("scores", scores)


def _weights(scores: Tensor, kind: Weights, writer: StepWriter) -> Tensor:
    if kind == "scores":
        return writer.write_head("weights", scores)
    exponentials = writer.write_head("score_exponentials", torch.exp(scores))
    if kind == "normalised":
        sums = writer.write_head("score_sum", attention.row_sum(scores))
        return writer.write_head("weights", attention.divide_rows(scores, sums))
    sums = writer.write_head("score_sum", exponentials.sum(dim=-1))
    return writer.write_head("weights", _softmax(scores, exponentials, sums))


def _softmax(scores: Tensor, exponentials: Tensor, sums: Tensor) -> Tensor:
    """Return exponentials / sums as written down; the stable softmax where these are 0 or overflow."""
    usable = (sums > 0) & (sums < math.inf)
    return torch.where(usable.unsqueeze(-1), attention.divide_rows(exponentials, sums), attention.softmax(scores))
