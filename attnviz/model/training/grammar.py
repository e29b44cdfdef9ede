"""A probabilistic grammar: sentences are drawn from it, and everything about them can be computed exactly. No torch.

The computations read a sentence from left to right and keep a *belief*: what may still come, as stacks of symbols,
each with its probability. Alternatives that go on in the same way fall together, so a belief stays small.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from attnviz.input.problems import Problem, ProblemsFound

FULL_STOP = "."
MOST_BELIEFS = 200_000


class Word(NamedTuple):
    """A word as a rule writes it, and what it is about ("" if nothing in particular)."""

    text: str
    topic: str = ""


Symbol = Word | str  # a word, or a rule's name
Stack = tuple[Symbol, ...]  # what is still to come
Belief = Mapping[Stack, float]


class Alternative(NamedTuple):
    """One way in which a rule can go on, and how often it does."""

    probability: float
    symbols: Stack


class Limits(NamedTuple):
    """What nobody can surpass who guesses the next words of a sentence, the first word given.

    `nats` is the entropy of the rest of a sentence, `words` how long it is, `right` how many of its words the best
    guesser gets right: each is an average over all sentences.
    """

    nats: float
    words: float
    right: float

    @property
    def perplexity(self) -> float:
        """Between how many equally likely words the best guesser chooses, on average."""
        return math.exp(self.nats / self.words)

    @property
    def accuracy(self) -> float:
        """The share of words that the best guesser gets right."""
        return self.right / self.words


class Grammar:
    """Rules without recursion; a sentence is what the start rule gives, and a full stop."""

    def __init__(self, start: str, rules: Mapping[str, Sequence[Alternative]], ambiguous: Sequence[str] = ()) -> None:
        self.rules, self.ambiguous = rules, tuple(ambiguous)
        self.start: Stack = (start, Word(FULL_STOP))
        self._openings: dict[Stack, dict[tuple[str, Stack], float]] = {(): {}}
        self._drawn = {
            name: (
                [alternative.symbols for alternative in alternatives],
                list(itertools.accumulate(alternative.probability for alternative in alternatives)),
            )
            for name, alternatives in rules.items()
        }

    @cached_property
    def vocabulary(self) -> tuple[str, ...]:
        """Every word, in alphabetical order, after the full stop."""
        symbols = (symbol for each in self.rules.values() for _, stack in each for symbol in stack)
        return (FULL_STOP, *sorted({symbol.text for symbol in symbols if isinstance(symbol, Word)}))

    @cached_property
    def longest(self) -> int:
        """The number of words of the longest sentence."""
        lengths: dict[str, int] = {}

        def length(symbol: Symbol) -> int:
            if isinstance(symbol, Word):
                return 1
            if symbol not in lengths:
                lengths[symbol] = max(sum(map(length, stack)) for _, stack in self.rules[symbol])
            return lengths[symbol]

        return sum(map(length, self.start))

    def draw(self, source: random.Random) -> list[Word]:
        """Return a random sentence with its topics."""
        words, stack = [], list(reversed(self.start))
        while stack:
            symbol = stack.pop()
            if isinstance(symbol, Word):
                words.append(symbol)
            else:
                ways, shares = self._drawn[symbol]
                stack.extend(reversed(source.choices(ways, cum_weights=shares)[0]))
        return words

    def sentences(self) -> Iterator[tuple[tuple[str, ...], float]]:
        """Yield every sentence with its probability, several times if it can be built in several ways."""

        def spelled(stack: Stack, probability: float) -> Iterator[tuple[tuple[str, ...], float]]:
            if not stack:
                yield (), probability
            for (word, rest), share in self._begin(stack).items():
                for words, whole in spelled(rest, probability * share):
                    yield (word, *words), whole

        yield from spelled(self.start, 1.0)

    def after(self, prefix: Iterable[str]) -> Belief:
        """Return what may come after the first words of a sentence; the sum is the probability of those words."""
        belief: Belief = {self.start: 1.0}
        for word in prefix:
            belief = self._following(belief).get(word, {})
        return belief

    def next_words(self, prefix: Iterable[str]) -> dict[str, float]:
        """Return the probability of every word that can come next; nothing if nothing can."""
        belief = self.after(prefix)
        whole = sum(belief.values())
        return {word: sum(each.values()) / whole for word, each in self._following(belief).items()}

    def along(self, words: Iterable[str]) -> Iterator[dict[str, float]]:
        """Yield, for every place of a sentence, the probability of each word that can follow those before."""
        belief: Belief = {self.start: 1.0}
        for word in words:
            whole, following = sum(belief.values()), self._following(belief)
            yield {each: sum(after.values()) / whole for each, after in following.items()}
            belief = following.get(word, {})

    def probability(self, words: Iterable[str]) -> float:
        """Return the probability of a sentence (with its full stop)."""
        return self.after(words).get((), 0.0)

    def fillers(self, words: Sequence[str], place: int) -> dict[str, float]:
        """Return the probability of every word that can stand at a place of a sentence, given all its other words."""
        found = {}
        for word, belief in self._following(self.after(words[:place])).items():
            for later in words[place + 1 :]:
                belief = self._following(belief).get(later, {})
            found[word] = belief.get((), 0.0)
        whole = sum(found.values())
        return {word: share / whole for word, share in found.items() if share}

    @cached_property
    def limits(self) -> Limits:
        """The exact limits of guessing, over all sentences; raises `ProblemsFound` if there is too much to count."""
        first = self._following({self.start: 1.0})
        shares = [sum(belief.values()) for belief in first.values()]
        parts = [self._limits(belief, share) for belief, share in zip(first.values(), shares, strict=True)]
        return Limits(*(sum(share * part[i] for share, part in zip(shares, parts, strict=True)) for i in range(3)))

    def _limits(self, belief: Belief, whole: float) -> Limits:
        """Return the limits after some words, whose probability is `whole`."""
        key = frozenset((stack, round(share / whole, 12)) for stack, share in belief.items())
        known = self._known_limits
        if key not in known:
            if len(known) > MOST_BELIEFS:
                raise ProblemsFound(Problem("the grammar is too entangled to compute its entropy"))
            following = self._following(belief)
            nats = words = right = 0.0
            for each in following.values():
                part = sum(each.values())
                later, share = self._limits(each, part), part / whole
                nats += share * (later.nats - math.log(share))
                words += share * (later.words + 1)
                right += share * later.right
            best = max((sum(each.values()) / whole for each in following.values()), default=0.0)
            known[key] = Limits(nats, words, right + best)
        return known[key]

    @cached_property
    def _known_limits(self) -> dict[frozenset[tuple[Stack, float]], Limits]:
        return {}

    def _following(self, belief: Belief) -> dict[str, dict[Stack, float]]:
        """Return, for every word that can come next, what may come after it; sums are probabilities."""
        found: dict[str, dict[Stack, float]] = {}
        for stack, probability in belief.items():
            for (word, rest), share in self._begin(stack).items():
                after = found.setdefault(word, {})
                after[rest] = after.get(rest, 0.0) + probability * share
        return found

    def _begin(self, stack: Stack) -> dict[tuple[str, Stack], float]:
        """Return every first word that a stack can give, with what is then left of it, and how likely both are."""
        if stack not in self._openings:
            found: dict[tuple[str, Stack], float] = {}
            first, rest = stack[0], stack[1:]
            if isinstance(first, Word):
                found[first.text, rest] = 1.0
            else:
                for probability, symbols in self.rules[first]:
                    for opening, share in self._begin((*symbols, *rest)).items():
                        found[opening] = found.get(opening, 0.0) + probability * share
            self._openings[stack] = found
        return self._openings[stack]
