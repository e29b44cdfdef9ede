"""Planes through many dimensions: against numpy, by hand, and what must hold whatever the vectors."""

import math

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from attnviz.input.problems import ProblemsFound
from attnviz.model.views.projection import Projection, aligned_with, named_plane, own_plane, pca_plane, residual
from tests import tolerances

# Behind one another stand: means of some words, a few sums over at most 12 coordinates, and perhaps a decomposition of a
# matrix, whose backward error is a modest multiple of d_model (Higham, §19.3), taken as d_model² here.
ROUNDINGS = 12**2 + 6 * 12
SEEDS = st.integers(0, 2**31)


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def close(ours, theirs, scale=None):
    """Compare two computations in float64; `scale` is the size of what was added up, at least that of the result."""
    least = max(1.0, float(np.abs(np.asarray(theirs)).max(initial=0.0)))
    tolerances.close(
        ours, theirs, "float64", ROUNDINGS, least if scale is None else np.maximum(np.asarray(scale), least)
    )


def reach(plane, *vectors):
    """Return how large vectors are in units of the plane's shorter axis: what their points are the differences of."""
    longest = max(float(each.norm(dim=-1).max()) for each in (plane.centre, *vectors))
    return longest / float(plane.unit.min())


def stretch(plane, matrix):
    """Return how large the entries of a map can be when they are measured in units of the axes."""
    return float(torch.linalg.matrix_norm(matrix.double(), 2) * plane.unit.max() / plane.unit.min())


@st.composite
def named_planes(draw):
    seed, d_model = draw(SEEDS), draw(st.integers(2, 12))
    names = ["fruit", "technology", "animals"][: draw(st.integers(2, 3))]
    sizes = [draw(st.integers(1, 4)) for _ in names]
    classes = {
        name: random(size, d_model, seed=seed + k) for k, (name, size) in enumerate(zip(names, sizes, strict=True))
    }
    neutral = draw(st.sampled_from([None, random(3, d_model, seed=seed + 9)]))
    return named_plane(classes, neutral)


@st.composite
def pca_planes(draw):
    return pca_plane(random(draw(st.integers(3, 9)), draw(st.integers(2, 12)), seed=draw(SEEDS)))


PLANES = st.one_of(named_planes(), pca_planes(), st.just(own_plane(("fruit", "technology"))))


@settings(deadline=None)
@given(PLANES)
def test_the_axes_stand_at_right_angles(plane):
    close(plane.basis @ plane.basis.T, np.eye(2))


@settings(deadline=None)
@given(PLANES, SEEDS, st.sampled_from([(), (4,), (2, 3)]))
def test_a_plane_shows_a_share_of_a_vector(plane, seed, batch):
    x = 10 * random(*batch, len(plane.centre), seed=seed)
    share = plane.share(x)
    assert share.shape == batch
    assert ((share >= 0) & (share <= 1)).all()
    assert plane.points(x).shape == (*batch, 2)
    foot = plane.centre + plane.points(x) * plane.unit @ plane.basis  # what is seen, back among the vectors
    size = plane.centre.norm() + x.norm(dim=-1)
    close(plane.share(foot), torch.ones(batch), size / (foot - plane.centre).norm(dim=-1))
    hidden = (x - foot).square().sum(dim=-1) / (x - plane.centre).square().sum(dim=-1)
    close(share + hidden, torch.ones(batch), size / (x - plane.centre).norm(dim=-1))


@given(PLANES)
def test_of_its_centre_a_plane_shows_all(plane):
    assert plane.share(plane.centre) == 1
    close(plane.points(plane.centre), (0.0, 0.0))


@settings(deadline=None)
@given(PLANES, SEEDS)
def test_a_matrix_that_keeps_the_plane_moves_points_as_its_restriction(plane, seed):
    d_model = len(plane.centre)
    close(plane.restriction(torch.eye(d_model)), np.eye(2), stretch(plane, torch.eye(d_model)))
    inside = random(2, 2, seed=seed)
    rest = torch.eye(d_model, dtype=torch.float64) - plane.basis.T @ plane.basis
    keeps = plane.basis.T @ inside @ plane.basis + rest @ random(d_model, d_model, seed=seed + 1) @ rest
    moves = random(5, 2, seed=seed + 2) @ plane.basis  # displacements within the plane
    before, after = plane.points(plane.centre + moves), plane.points(plane.centre + moves @ keeps)
    close(before @ plane.restriction(keeps), after, reach(plane, moves) * stretch(plane, keeps))


@settings(deadline=None)
@given(PLANES, SEEDS)
def test_what_a_matrix_takes_out_of_the_plane_is_dropped(plane, seed):
    matrix = random(*2 * (len(plane.centre),), seed=seed)
    for axis in range(2):  # one step of 1.0 along the axis
        step = plane.unit[axis] * plane.basis[axis]
        size = reach(plane, step @ matrix) + stretch(plane, matrix)
        close(plane.restriction(matrix)[axis], plane.points(plane.centre + step @ matrix), size)


def as_numbers(plane):
    return [value.tolist() if isinstance(value, torch.Tensor) else value for value in vars(plane).values()]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_same_vectors_give_the_same_plane_bit_by_bit(dtype):
    words = random(6, 9).to(dtype)
    groups = {"fruit": words[:2], "technology": words[2:4]}
    assert as_numbers(pca_plane(words)) == as_numbers(pca_plane(words.clone()))
    assert as_numbers(named_plane(groups, words[4:])) == as_numbers(named_plane(dict(groups), words[4:].clone()))
    assert pca_plane(words).points(words).dtype == torch.float64


def test_named_directions_by_numpy():
    fruit, technology, animals, neutral = (random(3, 7, seed=seed).numpy() for seed in range(4))
    words = {"fruit": fruit, "technology": technology, "animals": animals}
    plane = named_plane({name: torch.tensor(each) for name, each in words.items()}, torch.tensor(neutral))

    centre = np.mean([each.mean(axis=0) for each in (*words.values(), neutral)], axis=0)
    raw = np.stack([fruit.mean(axis=0) - centre, technology.mean(axis=0) - centre])
    q, r = np.linalg.qr(raw.T)  # Gram–Schmidt, up to signs
    q, r = q * np.sign(np.diag(r)), r * np.sign(np.diag(r))[:, None]
    close(plane.centre, centre)
    close(plane.basis, q.T)
    close(plane.unit, np.diag(r))
    cosine = raw[0] @ raw[1] / np.linalg.norm(raw[0]) / np.linalg.norm(raw[1])
    close(plane.angle, math.degrees(math.acos(cosine)), 180 / math.sqrt(1 - cosine**2))  # the slope of acos
    x = random(5, 7, seed=5).numpy()
    seen = (x - centre) @ np.linalg.pinv(raw) @ raw  # orthogonal projection onto what the raw directions span
    close(plane.share(torch.tensor(x)), (seen**2).sum(axis=1) / ((x - centre) ** 2).sum(axis=1))


@settings(deadline=None)
@given(st.integers(2, 12), st.booleans(), SEEDS)
@example(2, True, 1481)  # almost parallel
def test_the_centroids_of_the_classes_lie_at_one(d_model, alone, seed):
    fruit, technology = random(3, d_model, seed=seed), random(2, d_model, seed=seed + 1)
    plane = named_plane(
        {"fruit": fruit, "technology": technology}, None if alone else random(4, d_model, seed=seed + 2)
    )
    size = reach(plane, fruit, technology)
    close(plane.points(fruit.mean(dim=0)), (1.0, 0.0), size)
    close(plane.points(technology.mean(dim=0))[1], 1.0, size)
    if alone:
        close(plane.centre, np.zeros(d_model))


def test_named_directions_by_hand():
    words = {"fruit": torch.tensor([[2.0, 0.0, 0.0]]), "technology": torch.tensor([[3.0, 3.0, 0.0], [3.0, 3.0, 0.0]])}
    plane = named_plane(words)
    assert plane.axes == ("fruit", "technology")
    close(plane.angle, 45, 180)
    close(plane.unit, (2.0, 3.0))
    close(plane.points(torch.tensor([4.0, 3.0, 9.0])), (2.0, 1.0))
    close(plane.share(torch.tensor([3.0, 4.0, 5.0])), 0.5)
    shear = torch.tensor([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    close(plane.restriction(shear), [[1.0, 2 / 3], [0.0, 1.0]])


def test_principal_components_by_numpy():
    words = random(10, 6).numpy() * np.array([5, 4, 3, 2, 1, 1])
    plane = pca_plane(torch.tensor(words))
    values, vectors = np.linalg.eigh(np.cov(words.T))
    close(torch.tensor(plane.variance, dtype=torch.float64), values[[-1, -2]] / values.sum())
    for axis, vector in zip(plane.basis.numpy(), vectors.T[[-1, -2]], strict=True):
        close(abs(axis @ vector), 1, float(values[-1]) / np.diff(np.sort(values)[-3:]).min())  # by the spectral gap
        assert axis[np.abs(axis).argmax()] > 0
    close(plane.points(torch.tensor(words)).mean(dim=0), (0.0, 0.0), reach(plane, torch.tensor(words)))
    total = ((words - words.mean(axis=0)) ** 2).sum()
    close(plane.points(torch.tensor(words)).square().sum(dim=0), values[[-1, -2]] / values.sum() * total)
    assert plane.axes == ("first component", "second component")
    assert plane.angle is None


def test_a_models_own_two_dimensions():
    plane = own_plane(("fruit", "technology"))
    x = random(4, 2)
    assert plane.axes == ("fruit", "technology")
    close(plane.points(x), x)
    close(plane.share(x), torch.ones(4))
    close(plane.restriction(matrix := random(2, 2, seed=1)), matrix)


@settings(deadline=None)
@given(PLANES, SEEDS, st.floats(0, 2 * math.pi), st.booleans())
def test_a_turned_picture_is_turned_back(plane, seed, angle, mirrored):
    words = plane.centre + random(6, len(plane.centre), seed=seed)
    turn = torch.tensor([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]], dtype=torch.float64)
    turn[:, 1] *= -1 if mirrored else 1
    old = plane.points(words) * plane.unit @ turn / plane.unit
    turned = aligned_with(plane, words, old)
    flat = (plane.points(words) * plane.unit).numpy()
    condition = np.linalg.cond(flat.T @ flat)  # how sharply the best turn is determined
    close(turned.points(words), old, condition * reach(plane, words))
    close(residual(turned, words, old), 0, condition * reach(plane, words))
    close(turned.basis @ turned.basis.T, np.eye(2))
    close(turned.share(words), plane.share(words), condition)
    close(aligned_with(plane, words, plane.points(words)).basis, plane.basis, condition)


@settings(deadline=None)
@given(pca_planes(), SEEDS)
def test_no_other_turn_is_closer(plane, seed):
    words, old = random(6, len(plane.centre), seed=seed), random(6, 2, seed=seed + 1)
    best = residual(aligned_with(plane, words, old), words, old)
    for step in range(72):
        angle = math.tau * step / 72
        cos, sin = math.cos(angle), math.sin(angle)
        turn = torch.tensor([[cos, -sin], [sin, cos]], dtype=torch.float64)
        for mirror in (1, -1):
            basis = turn @ torch.diag(torch.tensor([1.0, mirror])).double() @ plane.basis
            other = Projection(plane.axes, basis, plane.centre, plane.unit)
            noise = 2 * tolerances.gamma(ROUNDINGS, "float64") * (reach(plane, words) + float(old.abs().max()))
            assert best <= residual(other, words, old) + noise


def test_a_retrained_model_looks_like_the_old_one():
    words = random(8, 5) * torch.tensor([4.0, 3.9, 1, 1, 1])
    old = pca_plane(words)
    q, _ = np.linalg.qr(random(5, 5, seed=1).numpy())
    again = words @ torch.tensor(q) + 0.01 * random(8, 5, seed=2)  # the same, seen from elsewhere, and not quite
    plane = pca_plane(again)
    turned = aligned_with(plane, again, old.points(words))
    assert residual(turned, again, old.points(words)) < 0.05
    assert turned.axes == ("first component, turned", "second component, turned")
    seen = turned.points(again).square().sum(dim=0) / (again - again.mean(dim=0)).square().sum()
    close(torch.tensor(turned.variance, dtype=torch.float64), seen)
    close(sum(turned.variance), sum(plane.variance))


def test_how_far_a_picture_is_from_another():
    plane, words = own_plane(("a", "b")), torch.zeros(2, 2)
    assert residual(plane, words, torch.tensor([[3.0, 4.0], [0.0, 0.0]])) == math.sqrt(12.5)


ALONG, UP = torch.tensor([[1.0, 2.0, 2.0]]), torch.tensor([[0.0, 1.0, 0.0]])


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: named_plane({"fruit": ALONG}), "a plane has two axes; give two classes of words, by name"),
        (lambda: named_plane({"fruit": ALONG, "tech": -3 * ALONG}), "'fruit' and 'tech' are parallel"),
        (lambda: named_plane({"fruit": ALONG, "tech": 0.1 * ALONG}), "'fruit' and 'tech' are parallel"),
        (lambda: named_plane({"fruit": ALONG, "tech": 0 * ALONG}), "'tech' lie around the centre, in no direction"),
        (lambda: named_plane({"fruit": ALONG, "tech": UP}, 2 * ALONG - UP), "'fruit' lie around the centre"),
        (lambda: named_plane({"fruit": ALONG, "tech": UP[:0]}), "there are no words for 'tech'"),
        (lambda: named_plane({"fruit": ALONG, "tech": UP / 0}), "the vectors of 'tech' hold values that are no"),
        (lambda: pca_plane(torch.cat((ALONG, UP))), "the vectors lie on a line; a plane takes three words"),
        (lambda: pca_plane(torch.cat((ALONG, 2 * ALONG, -ALONG))), "the vectors lie on a line"),
        (lambda: pca_plane(torch.ones(4, 1)), "the vectors lie on a line"),
        (lambda: own_plane(("a", "b", "c")), "a model of 3 dimensions is not a plane itself"),
    ],
)
def test_what_is_no_plane(make, complaint):
    with pytest.raises(ProblemsFound, match=complaint):
        make()
