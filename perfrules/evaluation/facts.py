"""What a submission may say of a fact, read as the fact's kind: exact values, or findings.

A value that cannot be read as its kind refuses the submission. A value outside its fact's range, or a rate outside
its level, is an error finding, and the fact counts as missing. Readers are made once for a ruleset.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from perfrules import numbers
from perfrules.errors import Finding
from perfrules.formula.language import literal_date
from perfrules.formula.systems.exact import Reason, Unknown
from perfrules.formula.systems.intervals import Bounds, Interval
from perfrules.numbers import Exact
from perfrules.rationals import ratio
from perfrules.ruleset import model, units
from perfrules.ruleset.names import NUMERIC
from perfrules.ruleset.program import Program
from perfrules.ruleset.ranges import OPEN, band, bounds_of, limits

if TYPE_CHECKING:
    from perfrules.evaluation.rolled import Source

MAX_ROWS = 10_000
"""Rows of a table fact."""

MAX_TEXT = 20_000
"""Characters of a text in a submission."""


class Unreadable(Exception):  # noqa: N818  (a signal inside this floor, which becomes a finding)
    """A value that is not of its fact's kind, or files that cannot be; carries an entry of the table of messages."""

    def __init__(self, key: str, **values: Any) -> None:
        """Take the message and what it names."""
        super().__init__(key)
        self.key = key
        self.values = values


class Given(NamedTuple):
    """What a submission says of one fact.

    Attributes:
        submitted: The value as given.
        unit: The unit as given.
        source, note, by: Where it comes from, a remark, who judged.
        level: For a judged fact, its level.
        missing: Why it is not given.
    """

    submitted: Any = None
    unit: str | None = None
    source: str = ""
    note: str = ""
    by: str = ""
    level: str | None = None
    missing: str = ""


@dataclass(slots=True)
class Facts:
    """The facts of one submission as values of names, with what was said of each and what is wrong.

    `sources` has, of a table that was rolled up from other submissions, the submission that each row is of.
    """

    names: dict[str, Any] = field(default_factory=dict)
    given: dict[str, Given] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    levels: dict[str, str] = field(default_factory=dict)
    sources: dict[str, tuple[Source, ...]] = field(default_factory=dict)


def _truth(value: Any) -> bool:
    if value is True or value is False:
        return bool(value)
    raise Unreadable("unreadable-value.truth")


def _date(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and (found := literal_date(value)):
        return found
    raise Unreadable("unreadable-value.date")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Unreadable("unreadable-value.text")
    if len(value) > MAX_TEXT:
        raise Unreadable("unreadable-value.long", limit=MAX_TEXT)
    if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
        raise Unreadable("unreadable-value.surrogate")
    return value


_SIMPLE: dict[str, Callable[[Any], Any]] = {
    "number": numbers.read, "amount": numbers.read, "count": numbers.read, "percent": numbers.read,
    "judgement": numbers.read,
    "truth": _truth, "date": _date, "text": _text,
}  # fmt: skip


AtOnce = Callable[[Any], Any]
"""What a value is that is given as nearly every value is; None where it must be read with more care."""


def _truth_at_once(value: Any) -> bool | None:
    return value if value is True or value is False else None


class FactReader:
    """Reads one fact of a ruleset."""

    def __init__(self, identifier: str, fact: model.Fact, declared: model.Declaration) -> None:
        """Prepare what does not depend on the submission."""
        self.id = identifier
        self.fact = fact
        self.units = declared.units
        self.low, self.high = limits(fact.kind, fact.range)
        ranged = fact.kind in NUMERIC or (fact.kind == "date" and fact.range is not None)
        self.least = self.low if ranged and self.low != -OPEN else None
        self.most = self.high if ranged and self.high != OPEN else None
        self.simple = _SIMPLE.get(fact.kind)
        levels = declared.levels.get(fact.levels or "")
        self.steps = {step.id: step for step in levels.steps} if levels else {}

    def unknowns(self) -> dict[str, Any]:
        """The names of the fact, each missing."""
        missing = Unknown([Reason("missing", self.id)])
        names: dict[str, Any] = {self.id: missing}
        if self.fact.kind == "checklist":
            names[self.id] = (missing,) * len(self.fact.items)
            names |= {f"{self.id}.{item}": missing for item in self.fact.items}
        elif self.fact.kind == "table":
            names |= {f"{self.id}.{column}": missing for column in self.fact.columns}
        return names

    # -- values ---------------------------------------------------------------------------------------------------

    def read(self, value: Any, facts: Facts) -> None:
        """Put the fact's names into `facts`, or a finding.

        Raises:
            Unreadable, NumberError: The value is not of the fact's kind.
        """
        simple = self.simple
        if simple is not None:
            exact = simple(value)
            if (self.least is not None and exact < self.least) or (self.most is not None and exact > self.most):
                self.out_of_range(exact, facts)
            else:
                facts.names[self.id] = exact
        elif self.fact.kind == "choice":
            if not isinstance(value, str) or value not in self.fact.choices:
                raise Unreadable("unreadable-value.choice", choices=tuple(self.fact.choices))
            facts.names[self.id] = value
        elif self.fact.kind == "checklist":
            self._checklist(value, facts)
        else:
            self._table(value, facts)

    def out_of_range(
        self, value: Any, facts: Facts, about: str | None = None, ends: tuple[Any, Any] | None = None
    ) -> None:
        """Put a finding into `facts`: a value of the fact, or of one of its cells, is outside its range."""
        low, high = ends or (self.low, self.high)
        given = numbers.shown(value) if isinstance(value, Exact) else str(value)
        unit = self.fact.unit if about is None else None
        values = {"value": f"{given} {unit}" if unit else given, "low": _end(low), "high": _end(high)}
        facts.findings.append(Finding("out-of-range", "error", f"facts.{about or self.id}", "", values))

    def measured(self, value: Any, unit: str | None, facts: Facts) -> None:
        """Read a value that was given with its unit.

        Raises:
            Unreadable: The value is not of the fact's kind, or the unit does not convert into the fact's.
        """
        if unit is None or unit == self.fact.unit or self.fact.kind not in NUMERIC:
            self.read(value, facts)
            return
        factor = units.factor(unit, self.fact.unit or "", self.units)
        if factor is None:
            raise Unreadable("unit-unknown", unit=unit, wanted=self.fact.unit or "—")
        self.read(ratio(1, 1) * numbers.read(value) * factor, facts)

    def judged(self, level: str, rate: Any, facts: Facts) -> None:
        """Read a level, and the rate inside its band where there is one.

        Raises:
            Unreadable: There is no such level, or the rate is no number.
        """
        if level not in self.steps:
            raise Unreadable("unreadable-value.level", level=level, levels=tuple(self.steps))
        facts.levels[self.id] = level
        if rate is None:
            facts.names[self.id] = Unknown([Reason("judged", self.id)])
            return
        exact, step = numbers.read(rate), self.steps[level]
        low, high = band(step)
        outside = exact < low or exact > high or exact in (step.above, step.below)
        if not outside:
            facts.names[self.id] = exact
            return
        del facts.levels[self.id]
        values = {"rate": numbers.shown(exact), "level": level, "low": _end(low), "high": _end(high)}
        facts.findings.append(Finding("level-mismatch", "error", f"facts.{self.id}", "", values))

    def _checklist(self, value: Any, facts: Facts) -> None:
        if not isinstance(value, Mapping):
            raise Unreadable("unreadable-value.checklist")
        for item in value:
            if item not in self.fact.items:
                raise Unreadable("unreadable-value.item", item=item, items=tuple(self.fact.items))
        answers = []
        for item in self.fact.items:
            label = f"{self.id}.{item}"
            answer = _truth(value[item]) if item in value else Unknown([Reason("missing", label)])
            facts.names[label] = answer
            answers.append(answer)
        facts.names[self.id] = tuple(answers)

    def _table(self, value: Any, facts: Facts) -> None:
        if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
            raise Unreadable("unreadable-value.table")
        if len(value) > MAX_ROWS:
            raise Unreadable("unreadable-value.rows", limit=MAX_ROWS)
        for row in value:
            for key in row:
                if key not in self.fact.columns:
                    raise Unreadable("unreadable-value.column", column=key, columns=tuple(self.fact.columns))
        facts.names[self.id] = (True,) * len(value)
        for name, column in self.fact.columns.items():
            cells = [self._cell(name, column, index, row, facts) for index, row in enumerate(value)]
            facts.names[f"{self.id}.{name}"] = tuple(cells)

    def _cell(self, name: str, column: model.Column, index: int, row: Mapping[str, Any], facts: Facts) -> Any:
        label = f"{self.id}[{index + 1}].{name}"
        if name not in row:
            return Unknown([Reason("missing", label)])
        return cell_within(self, label, column, read_cell(label, column, row[name]), facts)

    # -- bounds ---------------------------------------------------------------------------------------------------

    def bounds(self, level: str | None) -> dict[str, Bounds]:
        """What each name of the fact can be while it is not known."""
        if level is not None:
            return {self.id: Interval(*band(self.steps[level]))}
        return bounds_of(self.id, self.fact)


def read_cell(label: str, column: model.Column, given: Any) -> Any:
    """The value of a cell of a table, as its column's kind.

    Raises:
        Unreadable: It is not of that kind.
    """
    try:
        return _SIMPLE[column.kind](given)
    except Unreadable as error:
        raise Unreadable(error.key, cell=label, **error.values) from None
    except numbers.NumberError as error:
        raise Unreadable(f"unreadable-value.{error.reason}", cell=label) from None


def cell_within(reader: FactReader, label: str, column: model.Column, value: Any, facts: Facts) -> Any:
    """The value of a cell; unknown, with a finding, where it is out of the column's range."""
    low, high = limits(column.kind, column.range)
    if (column.kind in NUMERIC or column.range is not None) and not low <= value <= high:
        reader.out_of_range(value, facts, label, (low, high))
        return Unknown([Reason("missing", label)])
    return value


def _end(value: Any) -> str:
    if value in (OPEN, -OPEN):
        return "∞" if value == OPEN else "-∞"
    return numbers.plain(value) if isinstance(value, Exact) else str(value)


@lru_cache(maxsize=64)
def prepared(program: Program) -> tuple[dict[str, FactReader], dict[str, Any]]:
    """For a program: a reader for each fact, and the names as they are before anything is submitted."""
    readers = {
        identifier: FactReader(identifier, fact, program.declaration) for identifier, fact in program.facts.items()
    }
    names: dict[str, Any] = dict(program.constants)
    for reader in readers.values():
        names |= reader.unknowns()
    return readers, names


@lru_cache(maxsize=64)
def at_once(program: Program) -> dict[str, AtOnce]:
    """For a program: of the facts whose usual values can be read at once, how."""
    readers, _ = prepared(program)
    kinds = {name: reader.fact.kind for name, reader in readers.items()}
    numeric = {name: numbers.usual(readers[name].low, readers[name].high) for name in kinds if kinds[name] in NUMERIC}
    return {**numeric, **{name: _truth_at_once for name in kinds if kinds[name] == "truth"}}
