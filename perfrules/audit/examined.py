"""A form under examination: what the rules that look for faults share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from perfrules import numbers
from perfrules.audit.audited import AuditedGroup, AuditedRow, AuditedTotal
from perfrules.audit.drafting import EXECUTION
from perfrules.audit.forms import Form, FormRow
from perfrules.audit.plan import Plan
from perfrules.audit.sheets import Cell
from perfrules.audit.texts import Said
from perfrules.errors import Finding, Severity, Where
from perfrules.evaluation.evaluation import Evaluation
from perfrules.numbers import Exact
from perfrules.ruleset.loaded import Ruleset
from perfrules.ruleset.units import Conversions

HUNDREDTH = Fraction(1, 100)


@dataclass(frozen=True, eq=False)
class Examined:
    """A form, what it was read as, and what follows."""

    plan: Plan
    evaluation: Evaluation
    rows: tuple[AuditedRow, ...]
    groups: tuple[AuditedGroup, ...]
    total: AuditedTotal

    @property
    def form(self) -> Form:
        """The form."""
        return self.plan.form

    @property
    def framework(self) -> Ruleset:
        """The framework that it follows."""
        return self.plan.framework

    @cached_property
    def units(self) -> Conversions:
        """The conversions of the framework."""
        return Conversions(self.framework.declaration.units)

    @cached_property
    def scored(self) -> tuple[tuple[AuditedRow, FormRow], ...]:
        """The rows that have a score of their own, each with its row of the form."""
        return tuple((row, row.form) for row in self.rows if row.form is not None and row.form.shares is None)

    @cached_property
    def indicators(self) -> tuple[tuple[AuditedRow, FormRow], ...]:
        """Every row of an indicator, also where several share a score."""
        return tuple((row, row.form) for row in self.rows if row.form is not None and row.form.kind == "indicator")

    @cached_property
    def execution(self) -> tuple[AuditedRow, FormRow] | None:
        """The row of the budget's execution."""
        return next((pair for pair in self.scored if pair[1].kind == "execution"), None)

    @cached_property
    def unseen(self) -> Exact:
        """The points of the budget's execution, where the form has no row of it and they are what its rows lack."""
        declared = self.framework.declaration
        row, whole = declared.indicators.get(EXECUTION), declared.total.weight
        own = (row.weight or 0) if row and self.execution is None else 0
        return own if whole is None else min(own, max(whole - self.total.weight, 0))

    @cached_property
    def weighed_twice(self) -> bool:
        """Whether scores that carry their weight were multiplied by the weight once more."""
        from perfrules.audit.rules_sums import converted_twice

        return converted_twice(self) is not None

    def finding(
        self, severity: Severity, key: str, about: AuditedRow | str, where: Where | Cell | None, **values: object
    ) -> Finding:
        """A finding about a row, or another part of the form, at a cell; its code is the beginning of its key."""
        if isinstance(about, AuditedRow):
            values = {"title": dict(about.title), **values}
            about = f"indicators.{about.id}" if about.id else "rows"
        said = {name: shown(value) for name, value in values.items()}
        place = where.where if isinstance(where, Cell) else where
        return Finding(key.partition(".")[0], severity, about, key, said, place)


_SIGNS = {">=": "≥", "<=": "≤", "==": "=", ">": ">", "<": "<", "": ""}


def told(said: Said) -> str:
    """What a cell says, with the sign and the unit that stand in columns of their own."""
    if said.kind != "number" or said.number is None:
        return said.text
    sign = "" if re.match(r"[^\d.,-]", said.text) else _SIGNS[said.sign]
    unit = said.unit if said.text[-1:].isdigit() else ""
    return f"{sign}{said.text}{unit}"


def shown(value: object) -> object:
    """A value as a message names it: numbers as people write them."""
    if isinstance(value, bool) or not isinstance(value, Exact):
        return value
    return numbers.shown(value)


def places(cell: Cell | None) -> int:
    """The decimals that the number in a cell was written with."""
    if cell is None:
        return 0
    _, point, behind = cell.text.partition(".")
    digits = len(behind) - len(behind.lstrip("0123456789"))
    return digits if point else 0


def cell_of(row: FormRow, *columns: str) -> Cell | None:
    """The cell of the first of some columns that the form has."""
    return next((row.cells[column] for column in columns if column in row.cells), None)
