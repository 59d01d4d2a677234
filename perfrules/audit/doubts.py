"""Rows that can be read in two ways: what a rule would make of such a row is not held against it."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from perfrules import numbers
from perfrules.audit import comparable, nature
from perfrules.audit.forms import FormRow
from perfrules.evaluation.results import Ends, RowResult
from perfrules.numbers import Exact

Doubt = Literal["", "direction", "unit", "standard"]


def of(row: FormRow, result: RowResult, claimed: Exact | None, *, own_standard: bool) -> tuple[Doubt, Ends | None]:
    """In which ways a row can be read, and the least and greatest score of them; none where there is one way.

    A row without a sign of which more or less may be better, and one that asks for exactly a number and has more, is
    doubtful only where the claimed score fits the other way; one that is scored by a standard in words, only where
    the claimed score does not fit ours.

    Args:
        row: The row of the form.
        result: What follows by our reading.
        claimed: The score that is claimed.
        own_standard: Whether the form scores the row by words of its own, and the framework does not know the row.
    """
    derived = result.exact
    if derived is not None and own_standard and claimed is not None and not _fits(derived, claimed):
        return "standard", (Fraction(0), result.weight)
    if row.kind == "execution" or row.target.number is None or row.actual.number is None:
        return "", None
    if comparable.mixed(row):
        return "unit", (Fraction(0), result.weight)
    if derived is None or claimed is None or not _has_other_way(row) or _fits(derived, claimed):
        return "", None
    return ("direction", (derived, result.weight)) if _fits(result.weight, claimed) else ("", None)


def _fits(derived: Exact, claimed: Exact) -> bool:
    """Whether a score is the derived one, as far as two decimals say."""
    return bool(numbers.round_half_away(derived, 2) == numbers.round_half_away(claimed, 2))


def _has_other_way(row: FormRow) -> bool:
    """Whether a row that misses its target by our reading would meet it by another."""
    target, actual = row.target.number, row.actual.number
    if target is None or actual is None or target == actual:
        return False
    return (row.target.sign == "==" and actual > target) or (row.target.sign == "" and nature.either_way(row))
