"""Projection of vectors of any dimension onto a plane, and the share of each vector that the plane shows.

Row vectors: a point is (x − centre) · basisᵀ / unit. All is computed on the CPU in float64, so that every device, and
every run, gives the same picture.
"""

# ruff: noqa: F722 (axis names in quotes are jaxtyping's notation)

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.model import attention

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

# What is smaller than this, compared with what it was computed from, may be the rounding of float32 parameters.
NOTHING = 1e-6


@dataclass(frozen=True, eq=False)
class Projection:
    """A plane through the space of a model's vectors, with two axes that stand at right angles.

    `basis` are the axes' directions, of length 1; `unit` is how far one has to go along each to move by 1.0.
    `angle` lies between the two directions that the axes were made from, in degrees, before they were made
    orthogonal; `variance` is the share of the vectors' variance along each axis. None: there is no such thing.
    `variance_shown` is the share, 0 … 1, of the variance of the words that the plane was laid through, which it shows.
    """

    axes: tuple[str, str]
    basis: Float[Tensor, "plane=2 d_model"]
    centre: Float[Tensor, " d_model"]
    unit: Float[Tensor, "plane=2"]
    angle: float | None = None
    variance: tuple[float, float] | None = None
    variance_shown: float = 1.0

    def points(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch plane"]:
        """Return the coordinates of orthogonally projected vectors, in units of the axes."""
        return (_exact(x) - self.centre) @ self.basis.T / self.unit

    def share(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch"]:
        """Return how much of each vector the plane shows, 0 … 1: ‖part in the plane‖² / ‖x − centre‖².

        Of the centre itself it shows all.
        """
        seen = _exact(x) - self.centre
        whole = seen.square().sum(dim=-1)
        shown = (seen @ self.basis.T).square().sum(dim=-1)
        return torch.where(whole > 0, shown / whole, 1.0).clamp(max=1.0)  # rounding alone would give more than 1

    def laid_through(self, words: Float[Tensor, "word d_model"]) -> Projection:
        """Return the plane with how much of these words' variance it shows: Σ‖part in the plane‖² / Σ‖x − mean‖²."""
        spread = _exact(words) - _exact(words).mean(dim=0)
        shown = (spread @ self.basis.T).square().sum() / spread.square().sum()
        return replace(self, variance_shown=min(1.0, float(shown)))

    def restriction(self, matrix: Float[Tensor, "d_model d_model"]) -> Float[Tensor, "plane plane"]:
        """Return the linear map x · M restricted to the plane, as it acts on displacements in units of the axes.

        Components that leave the plane are dropped, as in the picture.
        """
        return self.unit.unsqueeze(1) * (self.basis @ _exact(matrix) @ self.basis.T) / self.unit


def named_plane(
    classes: Mapping[str, Float[Tensor, "_ d_model"]], neutral: Float[Tensor, "_ d_model"] | None = None
) -> Projection:
    """Return the plane of the first two classes of words, whose centroids lie at 1 on their own axes.

    The first axis points from the centre to the first class; the second to the second, as far as that is at right
    angles to the first (Gram–Schmidt). The centre is the mean of the centroids of all classes, `neutral` words being
    one more. With two alone it is the origin: seen from the middle between them, they lie in opposite directions.
    Raises `ProblemsFound` if there are fewer than two classes, or their directions span no plane.
    """
    if len(classes) < 2:
        raise ProblemsFound(Problem("a plane has two axes", hint="give two classes of words, by name"))
    groups = [*classes.items(), *([] if neutral is None else [("neutral words", neutral)])]
    centroids = torch.stack([_checked(words, repr(name)).mean(dim=0) for name, words in groups])
    centre = centroids.mean(dim=0) if len(groups) > 2 else torch.zeros_like(centroids[0])
    first, second = centroids[:2] - centre
    axes = (groups[0][0], groups[1][0])
    for axis, direction in zip(axes, (first, second), strict=True):
        if direction.norm() <= NOTHING * centroids.norm(dim=-1).max():
            hint = "choose words that have more in common with one another than with all others"
            raise ProblemsFound(Problem(f"the words of {axis!r} lie around the centre, in no direction", hint=hint))
    across = _beside(_beside(second, first), first)  # twice: once leaves rounding that a short remainder magnifies
    if across.norm() <= NOTHING * second.norm():
        hint = "choose other words"
        raise ProblemsFound(Problem(f"the directions of {axes[0]!r} and {axes[1]!r} are parallel", hint=hint))
    unit = torch.stack((first.norm(), across.norm()))
    basis = torch.stack((first, across)) / unit.unsqueeze(1)
    angle = float(attention.angle(first.unsqueeze(0), second.unsqueeze(0)))
    return Projection(axes, basis, centre, unit, angle=angle).laid_through(torch.cat([words for _, words in groups]))


def pca_plane(vectors: Float[Tensor, "word d_model"]) -> Projection:
    """Return the plane that keeps the most of the vectors' variance, their mean being its centre.

    Along each axis the coordinate with the greatest share counts positive, so that the picture is never mirrored.
    Raises `ProblemsFound` if the vectors all lie on a line.
    """
    words = _checked(vectors, "the plane")
    centre = words.mean(dim=0)
    sizes, directions = torch.linalg.svd(words - centre, full_matrices=False)[1:]
    if len(sizes) < 2 or sizes[1] <= NOTHING * words.norm(dim=-1).max():
        raise ProblemsFound(Problem("the vectors lie on a line", hint="a plane takes three words at least"))
    basis = directions[:2]
    greatest = basis.gather(1, basis.abs().argmax(dim=1, keepdim=True))
    shares = sizes.square() / sizes.square().sum()
    variance = (float(shares[0]), float(shares[1]))
    plane = Projection(
        ("first component", "second component"), basis * greatest.sign(), centre, _ones(), variance=variance
    )
    return plane.laid_through(words)


def own_plane(names: Sequence[str]) -> Projection:
    """Return the plane of a model that has two dimensions, by their names; raise `ProblemsFound` if it has others."""
    if len(names) != 2:
        hint = "choose two classes of words, or the principal components"
        raise ProblemsFound(Problem(f"a model of {len(names)} dimensions is not a plane itself", hint=hint))
    return Projection((names[0], names[1]), torch.eye(2, dtype=torch.float64), torch.zeros_like(_ones()), _ones())


def aligned_with(
    plane: Projection, vectors: Float[Tensor, "word d_model"], old_points: Float[Tensor, "word plane"]
) -> Projection:
    """Return the plane, turned or mirrored within itself so that the vectors lie where they lay in an old picture.

    That is orthogonal Procrustes (Schönemann, 1966): the sum of the squared distances becomes as small as it can,
    measured in the vectors' own space, where turning changes no distance. `residual` tells what is left of them.
    """
    flat = replace(plane, unit=_ones()).points(vectors)
    left, _, right = torch.linalg.svd(flat.T @ (_exact(old_points) * plane.unit))
    turn = left @ right
    axes = (f"{plane.axes[0]}, turned", f"{plane.axes[1]}, turned")
    variance = None
    if plane.variance is not None:  # principal components do not vary together, so that their variances add up
        mixed = torch.tensor(plane.variance, dtype=torch.float64) @ turn.square()
        variance = (float(mixed[0]), float(mixed[1]))
    return replace(plane, axes=axes, basis=turn.T @ plane.basis, variance=variance)


def residual(
    plane: Projection, vectors: Float[Tensor, "word d_model"], old_points: Float[Tensor, "word plane"]
) -> float:
    """Return how far the vectors lie from where they lay: root mean square distance, in units of the axes."""
    gaps = plane.points(vectors) - _exact(old_points)
    return float(gaps.square().sum(dim=-1).mean().sqrt())


def _beside(x: Tensor, direction: Tensor) -> Tensor:
    """Return the component of a vector that is orthogonal to a direction."""
    return x - (x @ direction) / (direction @ direction) * direction


def _exact(x: Tensor) -> Tensor:
    return x.detach().to("cpu", torch.float64)


def _ones() -> Tensor:
    return torch.ones(2, dtype=torch.float64)


def _checked(words: Tensor, what: str) -> Tensor:
    """Return words' vectors in float64; raises `ProblemsFound` if there are none, or if they are not finite."""
    if not len(words):
        raise ProblemsFound(Problem(f"there are no words for {what}"))
    if not words.isfinite().all():
        raise ProblemsFound(Problem(f"the vectors of {what} hold values that are no finite numbers"))
    return _exact(words)
