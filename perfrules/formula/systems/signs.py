"""Signs of a shape minus an edge, and the range that a shape is left with once one of them is taken."""

from __future__ import annotations

from typing import NamedTuple

from perfrules.formula.systems.polynomials import Coefficient

NEGATIVE, NULL, POSITIVE = -1, 0, 1
IS_ABOVE, IS_NOT_BELOW, IS_NULL = frozenset((POSITIVE,)), frozenset((NULL, POSITIVE)), frozenset((NULL,))
"""The signs that questions ask for."""


class Range(NamedTuple):
    """Where a shape lies on a path; an end may be excluded, and single numbers inside."""

    low: Coefficient | None = None
    low_open: bool = False
    high: Coefficient | None = None
    high_open: bool = False
    without: frozenset[Coefficient] = frozenset()


def sign(value: Coefficient) -> int:
    """The sign of a number."""
    return (value > 0) - (value < 0)


def signs(known: Range, edge: Coefficient) -> frozenset[int]:
    """The signs that a shape minus an edge can have, where the shape is known to lie in a range."""
    low, low_open, high, high_open, without = known
    found = set()
    if high is None or high > edge:
        found.add(POSITIVE)
    if low is None or low < edge:
        found.add(NEGATIVE)
    inside = (low is None or low < edge or (low == edge and not low_open)) and (
        high is None or high > edge or (high == edge and not high_open)
    )
    if inside and edge not in without:
        found.add(NULL)
    return frozenset(found)


def narrowed(known: Range, edge: Coefficient, signs: frozenset[int]) -> Range:
    """The range that is left where the shape minus an edge has one of some signs."""
    low, low_open, high, high_open, without = known
    if NEGATIVE not in signs and (low is None or edge >= low):
        low, low_open = edge, NULL not in signs or (low == edge and low_open)
    if POSITIVE not in signs and (high is None or edge <= high):
        high, high_open = edge, NULL not in signs or (high == edge and high_open)
    if NULL not in signs:
        without = without | {edge}
    return Range(low, low_open, high, high_open, without)
