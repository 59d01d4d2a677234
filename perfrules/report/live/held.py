"""What the cells of a live workbook hold: facts as they were submitted, rows of tables, and how a cell says a value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from perfrules import numbers
from perfrules.evaluation.facts import Given
from perfrules.formula.systems.exact import Unknown
from perfrules.formula.systems.spreadsheet.formulas import Formula
from perfrules.formula.systems.spreadsheet.literals import NA, serial
from perfrules.numbers import Exact
from perfrules.ruleset import model


class FactCell(NamedTuple):
    """One cell to fill in.

    Attributes:
        name: What it holds: `f`, `f.item`, `f.level`.
        fact: The fact that it belongs to.
        title: What it is, for people.
        kind: `number`, `date`, `text`, or `option` where there are options.
        options: The texts to choose from.
        held: What stands in it now; None where it is blank.
        reads: The formula that reads it; None where others do.
    """

    name: str
    fact: str
    title: str
    kind: str
    options: tuple[str, ...]
    held: Any
    reads: Formula | None


class Block(NamedTuple):
    """The cells of a table.

    Attributes:
        fact: The fact.
        columns: Its columns by id.
        rows: What stands in its rows.
        room: The rows that it has room for.
        read: The columns of numbers, by id, as formulas read them: the least and the greatest that there may be.
        now: What formulas read there now.
    """

    fact: str
    columns: Mapping[str, model.Column]
    rows: tuple[Mapping[str, Any], ...]
    room: int
    read: Mapping[str, tuple[Any, Any]]
    now: Mapping[str, tuple[Any, ...]]


class Said(NamedTuple):
    """What there is to read: values of names, what was said of facts, and levels."""

    names: Mapping[str, Any]
    given: Mapping[str, Given]
    levels: Mapping[str, str]


def as_float(value: Any) -> Any:
    """A number, day or end of a range as a cell holds it; NA where it is unknown, what is no number as it is."""
    if isinstance(value, Unknown):
        return NA
    if isinstance(value, date):
        return float(serial(value))
    return float(numbers.to_fraction(value)) if isinstance(value, Exact) and not isinstance(value, bool) else value
