"""The rows of a form as indicators of a plan: which id and dimension, how each is measured, what is given for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from perfrules import words
from perfrules.audit import naming
from perfrules.audit.forms import Form, FormRow, Section
from perfrules.audit.measures import Measure, Measuring
from perfrules.audit.naming import Ids
from perfrules.audit.placing import Places
from perfrules.audit.sheets import Cell
from perfrules.audit.texts import Said
from perfrules.errors import Finding
from perfrules.formula.language import FUNCTIONS
from perfrules.formula.reader import read as read_formula
from perfrules.numbers import Exact
from perfrules.ruleset import model, units
from perfrules.ruleset.library import Ruleset

EXECUTION = "execution_rate"
BUDGET, EXECUTED = "full_year_budget", "executed"
_GIVEN_TO_ROWS = {"weight", "value", "target", "met", "lower_is_better"}


Given = tuple[Mapping[str, Any], Cell]
"""What the form gives of a fact, and the cell it stands in; where it gives none, a cell with its text left out."""


def weight_of(row: FormRow) -> Exact:
    """分值, or else 权重占比; 0 where a form has neither."""
    return row.weight if row.weight is not None else row.share or 0


@dataclass(slots=True)
class Entry:
    """One indicator of the plan.

    Attributes:
        id: Its id.
        rows: The row of the form, and those that share its weight.
        dimension: The dimension it stands in.
        base: The indicator of the ruleset that it is, where it is one.
        measure: How it is measured; None where the ruleset says so.
        value: The fact that the form gives instead of what the ruleset computes.
    """

    id: str
    rows: list[FormRow]
    dimension: str
    base: model.Indicator | None = None
    measure: Measure | None = None
    value: str = ""

    @property
    def row(self) -> FormRow:
        """The row that has the weight."""
        return self.rows[0]

    @property
    def weight(self) -> Exact:
        """The weight on the form; 0 where none is said, or none that can be."""
        weight = weight_of(self.row)
        return weight if 0 <= weight <= model.MAX_WEIGHT else 0


@dataclass(eq=False)
class Draft:
    """A plan in the making."""

    form: Form
    framework: Ruleset
    lang: str
    entries: dict[str, Entry] = field(default_factory=dict)
    money: dict[str, Given] = field(default_factory=dict)
    facts: dict[str, Given] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Take every row of the form."""
        self.declared = self.framework.declaration
        self.places = Places(self.declared)
        self.measuring = Measuring(self.declared, self.form.year, self.lang)
        parameters = (name for method in self.declared.methods.values() for name in method.parameters)
        taken = [*self.declared.facts, *self.declared.values, *self.declared.indicators, *parameters]
        self.ids = Ids([*taken, EXECUTION, BUDGET, EXECUTED])
        self.names = {
            identifier: {naming.indicator(name) for name in names}
            for identifier, names in naming.titled(self.declared.indicators).items()
        }
        for row in self.form.rows:
            if row.shares is None:
                self._take(row, [row, *(one for one in self.form.rows if one.shares == row.index)])
        self._funds()

    # -- rows -----------------------------------------------------------------------------------------------------

    def _take(self, row: FormRow, rows: list[FormRow]) -> None:
        dimension = self.places.place(row)
        base = self._base(row, dimension)
        if row.weight is None and row.share is None:
            self._note(row, "form-unread.no-weight", name=row.name)
        elif not 0 <= weight_of(row) <= model.MAX_WEIGHT:
            self._note(row, "form-unread.weight", given=row.cell("weight").text)
        if base:
            entry = Entry(base, rows, self._home(base, dimension), self.declared.indicators[base])
            self.entries[base] = entry
            if row.kind != "execution":
                self._value(entry)
        elif row.kind == "execution":
            self.entries[EXECUTION] = Entry(EXECUTION, rows, dimension)
        else:
            self._new(row, rows, dimension)

    def _note(self, row: FormRow, key: str, **values: str) -> None:
        cell = row.cell("weight")
        self.findings.append(Finding("form-unread", "warning", cell.address, key, values, cell.where))

    def _new(self, row: FormRow, rows: list[FormRow], dimension: str) -> None:
        name = " / ".join(one.name for one in rows)
        identifier = self.ids.make(name, f"row_{row.index + 1}")
        group = row.level2 or self._title(dimension)
        measure = self.measuring.together(rows) if len(rows) > 1 else self.measuring.measure(row, group)
        self.entries[identifier] = Entry(identifier, rows, dimension, measure=measure)
        self.facts[identifier] = measure.given, row.cells.get("actual") or row.cell()._replace(text="")

    def _title(self, dimension: str) -> str:
        if dimension in self.places.added:
            return self.places.added[dimension].title
        return words.title(self.declared.dimensions[dimension].title, "zh", dimension)

    def _base(self, row: FormRow, dimension: str) -> str | None:
        """The indicator of the ruleset that a row is, by its name; of several that in its dimension."""
        wanted = naming.indicator("预算执行率" if row.kind == "execution" else row.name)
        found = [one for one, names in self.names.items() if wanted in names and one not in self.entries]
        if row.kind == "execution" and EXECUTION in self.names and EXECUTION not in self.entries:
            return EXECUTION
        return min(found, key=lambda one: dimension not in self._outwards(one), default=None)

    def _outwards(self, indicator: str) -> list[str]:
        return self.places.outwards(self.declared.indicators[indicator].dimension)

    def _home(self, indicator: str, dimension: str) -> str:
        """The dimension of a row that the ruleset has: its own, unless the form files it elsewhere."""
        return self.declared.indicators[indicator].dimension if dimension in self._outwards(indicator) else dimension

    def _value(self, entry: Entry) -> None:
        """Take the value of a row that the ruleset computes as the form prints it, where nothing else is read."""
        actual, base = entry.row.actual, entry.base
        unit = base.unit if base else None
        if base is None or base.value is None or actual.number is None or actual.sign or actual.unit not in ("", unit):
            return
        method = self.declared.methods.get(base.method or "")
        parts: list[model.Indicator | model.Method] = [base, *([method] if method else [])]
        formulas = [text for part in parts for text in _formulas(part)]
        read = {name for text in formulas for name in _names(text)} - set(method.parameters if method else ())
        if read <= _GIVEN_TO_ROWS:
            entry.value = self.ids.make(entry.row.name, f"row_{entry.row.index + 1}")
            self.facts[entry.value] = {"value": actual.number}, entry.row.cell("actual")

    # -- money ----------------------------------------------------------------------------------------------------

    def _funds(self) -> None:
        """The amounts of the form, as the facts that the ruleset has for them."""
        row, funds = self.form.execution, self.form.funds
        own = EXECUTION in self.entries and self.entries[EXECUTION].base is None
        known = {*self.declared.facts, *((BUDGET, EXECUTED) if own else ())}
        amounts: dict[str, tuple[Exact | None, Cell | None, str]] = {}
        if funds:
            columns = {
                "initial_budget": "initial",
                BUDGET: "budget",
                "funds_received": "received",
                EXECUTED: "executed",
            }
            for fact, column in columns.items():
                amounts[fact] = getattr(funds, column), funds.cells.get(column), self.form.money_unit
        if row and self._is_amount(row.target, BUDGET) and self._is_amount(row.actual, EXECUTED):
            amounts[BUDGET] = row.target.number, row.cell("target"), row.target.unit
            amounts[EXECUTED] = row.actual.number, row.cell("actual"), row.actual.unit
        for fact, (number, cell, unit) in amounts.items():
            if number is not None and cell is not None and fact in known:
                self.money[fact] = {"value": number, **self._unit(fact, unit)}, cell
        if row:
            for fact in (BUDGET, EXECUTED):
                if fact in known and fact not in self.money:
                    self.money[fact] = {"missing": words.say("laid.missing.amount", self.lang)}, row.cell("target")

    def _is_amount(self, said: Said, fact: str) -> bool:
        """Whether a cell of the execution is an amount; `≥95` is a rate that was aimed at, `5公里` nothing here."""
        declared = self.declared.facts.get(fact)
        wanted = (declared.unit if declared else "") or "万元"
        converts = not said.unit or units.factor(said.unit, wanted, self.declared.units) is not None
        return said.kind == "number" and not said.sign and converts

    def _unit(self, fact: str, unit: str) -> dict[str, str]:
        """The unit of an amount, where it is not that of its fact."""
        declared = self.declared.facts.get(fact)
        return {} if not unit or (declared.unit if declared else "万元") == unit else {"unit": unit}

    # -- groups ---------------------------------------------------------------------------------------------------

    def weight(self, dimension: str) -> Exact:
        """The weight of all rows below a dimension."""
        return sum(
            entry.weight for entry in self.entries.values() if dimension in self.places.outwards(entry.dimension)
        )

    def used(self) -> set[str]:
        """The dimensions that have a row, or stand around one."""
        return {one for entry in self.entries.values() for one in self.places.outwards(entry.dimension)}

    def sections(self) -> dict[str, Section]:
        """The groups of the first level by their dimension."""
        return {self.places.tops[one.name]: one for one in self.form.sections if one.name in self.places.tops}

    def dropped(self) -> Iterator[str]:
        """What of the ruleset the form does not have."""
        used = self.used()
        yield from (f"indicators.{one}" for one in self.declared.indicators if one not in self.entries)
        yield from (f"dimensions.{one}" for one in self.declared.dimensions if one not in used)

    def methods(self) -> set[str]:
        """The methods that the rows need and the ruleset does not have."""
        needed = {entry.measure.method for entry in self.entries.values() if entry.measure}
        return needed - self.declared.methods.keys()

    def default(self, dimension: str) -> str | None:
        """The method of rows that say none."""
        for one in self.places.outwards(dimension):
            if one in self.declared.dimensions and (method := self.declared.dimensions[one].method):
                return method
        return None


def _formulas(part: model.Indicator | model.Method) -> Iterator[str]:
    """What of a row or method reads facts, but for the value."""
    texts = [part.score, part.note_when, *(band.score for band in part.bands or [])]
    texts += [band.when for band in part.bands or []]
    if isinstance(part, model.Indicator):
        texts += [part.applies, (part.target or "").lstrip("<>=≥≤ ")]
    yield from filter(None, texts)


def _names(text: str) -> frozenset[str]:
    formula, findings = read_formula(text)
    return formula.names - FUNCTIONS.keys() if formula and not findings else frozenset(["?"])
