"""What a formula's value is in every row of a frame: a number, something else, nothing at all, or the same literal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from perfrules import numbers
from perfrules.formula.systems.columns.floats import Number
from perfrules.formula.systems.columns.footing import NOWHERE, Footing, together
from perfrules.formula.systems.columns.terms import Term


@dataclass(frozen=True, slots=True, eq=False)
class Plain:
    """A truth value, text or date in every row; null where it is unknown."""

    term: Term
    footing: Footing


@dataclass(frozen=True, slots=True, eq=False)
class Nothing:
    """What is unknown in every row."""

    footing: Footing


Literal = Fraction | bool | str | date
Value = Number | Plain | Nothing | Literal


def of(value: Any) -> Any:
    """A literal of the language as a value: a number as a fraction, anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, numbers.Exact):
        return value
    return numbers.to_fraction(value)


def footing_of(value: Any) -> Footing:
    """What a value rests on; of the items of a checklist, what all of them do."""
    if isinstance(value, tuple):
        return together(map(footing_of, value))
    return value.footing if isinstance(value, Number | Plain | Nothing) else NOWHERE


def term_of(value: Any) -> Any:
    """The column of what is no number; a literal as it is."""
    return value.term if isinstance(value, Plain) else value
