"""Claims: what is parsed, what is refused before anything is computed, and whether they hold by given numbers."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnviz.input.problems import ProblemsFound
from attnviz.storyboard.claim_grammar import FUNCTIONS, MAX_DEPTH, MAX_TOKENS, RELATIONS, Claim, parse_claim
from attnviz.storyboard.claim_kinds import check_claim
from attnviz.storyboard.claim_values import Entries, outcome_of
from attnviz.storyboard.narration import selection

WORDS = ("apple", "orange", "an#2")
WEIGHTS = {
    ("apple", "apple"): 0.5,
    ("apple", "orange"): 0.3,
    ("apple", "an#2"): 0.2,
    ("orange", "apple"): 0.25,
    ("orange", "orange"): 0.5,
    ("orange", "an#2"): 0.25,
    ("an#2", "apple"): math.nan,
    ("an#2", "orange"): -math.inf,
    ("an#2", "an#2"): 1.0,
}
DIMENSIONS = {"weights": {"head": ("1",), "query": WORDS, "key": WORDS}, "norm": {"token": WORDS}, "total": {}}
NORM = {"apple": 2.0, "orange": 4.0, "an#2": 0.1 + 0.2}


def left_open(insert):
    if insert.array not in DIMENSIONS:
        raise ProblemsFound([])
    known = DIMENSIONS[insert.array]
    return {dim: known[dim] for dim, label in selection(insert, known).items() if label is None}


def look_up(insert):
    chosen = selection(insert, DIMENSIONS[insert.array])
    if insert.array == "total":
        return Entries((7.0,))
    if insert.array == "norm":
        labels = WORDS if chosen["token"] is None else (chosen["token"],)
        return Entries(tuple(NORM[label] for label in labels), "token", labels)
    queries, keys = (WORDS if chosen[dim] is None else (chosen[dim],) for dim in ("query", "key"))
    values = tuple(WEIGHTS[query, key] for query in queries for key in keys)
    one = chosen["query"] is None or chosen["key"] is None
    return Entries(values, "key", keys if chosen["key"] is None else queries) if one else Entries(values)


def outcome(text, decimals=2):
    claim = parse_claim(text)
    check_claim(claim, left_open, WORDS)
    return outcome_of(claim, look_up, decimals)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("weights[apple, orange] > weights[apple, an#2]", True),
        ("weights[apple, orange] < weights[apple, an#2]", False),
        ("weights[Apple, key=orange] >= 30%", True),
        ("0.2 < weights[apple, orange] < 0.4", True),
        ("0.2 < weights[apple, orange] < 0.3", False),
        ("weights[apple, orange] <= 0.3 <= weights[apple, apple]", True),
        ("abs(sum(weights[apple, :]) - 1) < 0.01", True),
        ("sum(weights[apple, :]) == 1 == sum(weights[query=orange, key=:])", True),
        ("argmax(weights[apple, :]) == apple", True),
        ("argmax(weights[apple, :]) == APPLE", True),
        ("argmax(weights[apple, :]) == orange", False),
        ("argmax(weights[apple, :]) != orange", True),
        ('argmin(weights[apple, :]) == "an#2"', True),
        ("argmax(weights[apple, :]) == argmax(weights[:, orange]) ", False),
        ('"an#2" != argmax(weights[apple, :]) == apple', True),
        ("max(weights[apple, :], 0.6) == 0.6", True),
        ("min(norm[:]) == norm[an#2] == 0.3", True),  # 0.1 + 0.2, but for its seventeenth digit
        ("norm[apple] * 2 <= norm[orange]", True),
        ("norm[apple]*norm[apple]-norm[orange]==0", True),
        ("norm[orange] / norm[apple] - 2 * -1 == 4", True),
        ("sqrt(norm[orange]) == 2", True),
        ("total == 7", True),
        ("weights[an#2, orange] == -inf", True),
        ("weights[an#2, orange] ≤ −∞ ≤ 0 ≠ 1 · 2 × 3", True),
        ("weights[apple, orange] ≈ 0.2951", True),  # 0.30
        ("weights[apple, orange] ~= 0.2949", False),  # 0.29
        ("1 / 3 == 0.333333", True),
    ],
)
def test_claims_hold_or_not(text, holds):
    assert outcome(text).holds is holds
    assert outcome(text).why is None


def test_what_is_shown_decides_what_is_nearly_equal():
    assert not outcome("weights[apple, orange] ≈ 0.2951", 3).holds
    assert outcome("-0.001 ≈ 0").holds  # nobody sees its sign


def test_both_sides_are_told_as_they_were_written():
    told = outcome("0.5 < norm[apple] * 2 <= max( norm[:] )")
    assert told.values == (("norm[apple] * 2", 4.0), ("max( norm[:] )", 4.0))
    told = outcome("argmax(weights[apple, :]) == orange")
    assert dict(told.values) == {"argmax(weights[apple, :])": "apple", "max(weights[apple, :])": 0.5}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("weights[an#2, apple] < 1", "weights[an#2, apple] is undefined (NaN)"),
        ("weights[an#2, apple] != weights[an#2, apple]", "weights[an#2, apple] is undefined (NaN)"),
        ("max(weights[an#2, :]) < 2", "weights[an#2, :] is undefined (NaN)"),
        ("argmax(weights[an#2, :]) == apple", "weights[an#2, :] is undefined (NaN)"),
        ("inf - inf < 1", "inf - inf is undefined"),
        ("sqrt(1 - norm[apple]) >= 0", "sqrt(1 - norm[apple]) is undefined"),
        ("1 / (norm[apple] - 2) > 0", "1 / (norm[apple] - 2) divides by zero"),
        ("argmin(weights[orange, :]) != orange", "argmin(weights[orange, :]) is not one word: apple and an#2 are equal"),
    ],
)  # fmt: skip
def test_what_is_undefined_does_not_hold(text, why):
    assert (outcome(text).holds, outcome(text).why) == (False, why)


def sums(depth):
    """Return a strategy of sums of products: text, and by its structure the exact value and the sum of absolute values.

    Only plain numbers divide, so that a float is wrong by the last digits of that sum at most.
    """
    number = st.integers(1, 99).map(lambda n: (str(n), Fraction(n), Fraction(n)))
    factor = number if not depth else st.one_of(number, sums(depth - 1).map(lambda each: (f"({each[0]})", *each[1:])))
    signed = st.one_of(factor, factor.map(lambda each: (f"-{each[0]}", -each[1], each[2])))
    more = st.one_of(st.tuples(st.just("*"), signed), st.tuples(st.just("/"), number))
    product = st.tuples(signed, st.lists(more, max_size=3)).map(multiplied)
    return st.tuples(product, st.lists(st.tuples(st.sampled_from("+-"), product), max_size=3)).map(summed)


def multiplied(product):
    (text, value, size), others = product
    for sign, (more, factor, its_size) in others:
        text = f"{text}{sign} {more}"
        value, size = (value * factor, size * its_size) if sign == "*" else (value / factor, size / factor)
    return text, value, size


def summed(parts):
    (text, value, size), others = parts
    for sign, (more, product, its_size) in others:
        text, size = f"{text} {sign}{more}", size + its_size
        value += product if sign == "+" else -product
    return text, value, size


@given(sums(1), st.sampled_from("<>"), st.integers(-10, 10))
def test_operators_bind_as_in_mathematics(written, relation, offset):
    text, exact, size = written
    bound = math.floor(exact) + offset
    found = outcome_of(parse_claim(f"total - 7 + {text} {relation} {bound}"), look_up)
    [(_, value)] = found.values
    rounding = 1e-14 * float(size + 7)  # a float has sixteen digits, and a number goes through forty operations at most
    assert value == pytest.approx(float(exact), rel=1e-5, abs=rounding)
    if abs(exact - bound) > 1e-5 * float(abs(exact) + abs(bound)) + rounding:  # six digits are compared
        assert found.holds is ((exact < bound) if relation == "<" else (exact > bound))


SIGNS = "()[],:.+-*/=<>^%\"'#&|≈≤∞−· "
NAMES = ("apple", "an#2", "weights", "norm", "total", "x", "inf", "0.5", "1e9", "1e999")
WHOLE = ("weights[apple, orange]", "weights[apple, :]", "argmax(weights[apple, :])")
PIECES = st.sampled_from([*FUNCTIONS, *RELATIONS, *SIGNS, *NAMES, *WHOLE])


@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=12).map("".join), st.lists(PIECES).map(" ".join)))
def test_any_text_is_a_claim_or_a_problem(text):
    try:
        claim = parse_claim(text)
        check_claim(claim, left_open, WORDS)
    except ProblemsFound:
        return
    assert isinstance(claim, Claim)
    found = outcome_of(claim, look_up)
    assert isinstance(found.holds, bool)
    assert parse_claim(claim.source) == claim


def test_the_size_of_a_claim_is_bounded():
    for text in ("(" * 400, "-" * 400 + "1 < 2", "1 < " * 150 + "2", "abs(" * 100 + "1" + ")" * 100 + "< 2"):
        with pytest.raises(ProblemsFound) as found:
            parse_claim(text)
        assert len(str(found.value)) < 250
    deep = "(" * (MAX_DEPTH - 1) + "1" + ")" * (MAX_DEPTH - 1)
    assert outcome(f"{deep} < 2").holds
    long = " + ".join(["1"] * (MAX_TOKENS // 2 - 2))
    assert outcome(f"{long} < {MAX_TOKENS}").holds
