"""The same finding with plainer facts: 95 of 100 is easier to believe, and to type, than 95.9405 of 100.99."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from perfrules import numbers
from perfrules.ruleset import model
from perfrules.ruleset.names import NUMERIC
from perfrules.ruleset.ranges import limits

Holds = Callable[[Mapping[str, Any]], bool]

_PLAIN = tuple(Fraction(one) for one in (100, 10, 1, 1000, 20, 10000))
_FEW_DIGITS = 5
_TRIED = 8


def plainest(
    facts: Mapping[str, model.Fact], choices: Mapping[str, Sequence[Any]], point: Mapping[str, Any], holds: Holds
) -> dict[str, Any]:
    """Facts with plainer numbers that still show what was found, where there are any.

    Args:
        facts: What each fact can be.
        choices: Values that are worth trying for each, the plainest first.
        point: The facts that were found.
        holds: Whether other facts show it too.
    """
    simple = dict(point)
    for name, values in choices.items():
        for value in values[:_TRIED]:
            if value == simple[name]:
                break
            if facts[name].kind in NUMERIC and holds({**simple, name: value}):
                simple[name] = value
                break
    return _in_proportion(facts, simple, holds)


def _in_proportion(facts: Mapping[str, model.Fact], point: dict[str, Any], holds: Holds) -> dict[str, Any]:
    """All amounts and counts times one factor, where that makes them shorter: ratios stay what they are."""
    sizes = {name: _exact(point[name]) for name, fact in facts.items() if fact.kind in ("number", "amount", "count")}
    if max(map(_digits, sizes.values()), default=0) <= _FEW_DIGITS:
        return point
    for size in filter(None, sizes.values()):
        for plain in _PLAIN:
            scaled = {name: other * plain / abs(size) for name, other in sizes.items()}
            if sum(map(_digits, scaled.values())) >= sum(map(_digits, sizes.values())):
                continue
            other = {**point, **{name: numbers.read(value) for name, value in scaled.items()}}
            if all(_fits(facts[name], value) for name, value in scaled.items()) and holds(other):
                return other
    return point


def _exact(value: Any) -> Fraction:
    return numbers.to_fraction(value)


def _digits(value: Fraction) -> int:
    return len(str(value))


def _fits(fact: model.Fact, value: Fraction) -> bool:
    low, high = limits(fact.kind, fact.range)
    return low <= value <= high and (fact.kind != "count" or value.denominator == 1)
