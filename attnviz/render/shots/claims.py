"""What becomes of the claims of shots by the traces, which are not loaded again for what is in the store already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from attnviz.input.problems import Problem, ProblemsFound
from attnviz.render.cache.store import digest
from attnviz.render.shots.narrate import entries_said
from attnviz.storyboard.claim_values import Entries, Outcome, outcome_of

if TYPE_CHECKING:
    from pathlib import Path

    from attnviz.input.questions import Traces
    from attnviz.render.cache.sources import Sources
    from attnviz.render.cache.store import Store
    from attnviz.render.shots.selection import PlannedScene
    from attnviz.render.shots.work import Work
    from attnviz.render.traces.library import SceneTraces
    from attnviz.storyboard.claim_grammar import Claim
    from attnviz.storyboard.narration import Insert
    from attnviz.storyboard.types import Storyboard

ClaimMode = Literal["stop", "warn", "off"]  # what a claim that does not hold does to a film
_OUTCOMES = "claims"


@dataclass(frozen=True)
class TriedClaim:
    """A claim of a shot, by its full name, that was tried on a model's numbers."""

    shot: str
    model: str
    claim: Claim
    outcome: Outcome

    def problem(self, file: Path) -> Problem | None:
        """Return what is told of a claim that does not hold, with the numbers; None if it does."""
        if self.outcome.holds:
            return None
        found = ", ".join(f"{source} = {_shown(value)}" for source, value in self.outcome.values)
        told = "; ".join(each for each in (found, self.outcome.why) if each)
        message = f"the claim '{self.claim.source}' does not hold with the model '{self.model}': {told}"
        return Problem(message, file, self.claim.line)


def claim_code(sources: Sources) -> str:
    """Return the digest of the code that tries claims."""
    return digest(sources.of_package("render/shots/claims.py"))


class ClaimTrial:
    """Tries claims on traces, each once: what was found by this `code` is kept in a store."""

    def __init__(self, storyboard: Storyboard, store: Store, code: str) -> None:
        self._storyboard, self._store, self._code = storyboard, store, code

    def of_scene(self, scene: PlannedScene, traces: SceneTraces) -> Iterator[TriedClaim]:
        """Yield the claims of a scene's wanted shots; raises `ProblemsFound`, placed, for one that names nothing."""
        model = scene.spec.view.name_of(scene.spec.model)
        for shot in scene.shots:
            for claim in shot.shot.claims if shot.wanted else ():
                yield TriedClaim(shot.name, model, claim, self._outcome(claim, traces))

    def _outcome(self, claim: Claim, traces: SceneTraces) -> Outcome:
        key = digest(claim.source, traces.key, self._storyboard.decimals, self._code)
        kept = self._store.read(_OUTCOMES, key)
        if kept is not None:
            return Outcome(kept["holds"], tuple((source, value) for source, value in kept["values"]), kept["why"])
        loaded = traces.load()
        try:
            outcome = outcome_of(claim, lambda insert: numbers_named(insert, loaded), self._storyboard.decimals)
        except ProblemsFound as found:
            at = self._storyboard.path, claim.line
            raise ProblemsFound(Problem(each.message, *at, each.hint) for each in found.problems) from None
        self._store.note(_OUTCOMES, key, vars(outcome))
        return outcome


def with_claims(work: Work, mode: ClaimMode) -> Work:
    """Return the work with what became of its claims.

    Unless they only warn, `ProblemsFound` is raised with all that do not hold.
    """
    if mode == "off" or not any(shot.shot.claims for scene in work.scenes for shot in scene.shots):
        return work
    trial = ClaimTrial(work.storyboard, work.store, work.claim_code)
    tried = tuple(each for scene in work.scenes for each in trial.of_scene(scene, scene.traces))
    problems = untrue(tried, work.storyboard.path)
    if problems and mode == "stop":
        raise stopped(problems)
    return replace(work, claims=tried)


def untrue(tried: Iterable[TriedClaim], file: Path) -> list[Problem]:
    """Return what is told of the claims that do not hold."""
    return [problem for each in tried if (problem := each.problem(file))]


def stopped(problems: Iterable[Problem]) -> ProblemsFound:
    """Return what is raised for claims that do not hold, with a way out."""
    hint = "correct it and what is said, or go on with --claims warn"
    return ProblemsFound(replace(problem, hint=hint) for problem in problems)


def numbers_named(insert: Insert, traces: Traces) -> Entries:
    """Return the numbers that a claim's reference names, with their labels if these lie along one dimension."""
    found = entries_said(insert, traces)
    values = tuple(map(float, found.values.ravel()))
    if found.ndim != 1:
        return Entries(values)
    [dimension] = found.dims
    return Entries(values, str(dimension), tuple(str(label) for label in found[dimension].values))


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.6g}".replace("-", "−").replace("inf", "∞")
