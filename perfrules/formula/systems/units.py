"""The units number system: in which unit a formula's number is, as far as the units of its names say.

Run when a ruleset is loaded, over formulas whose kinds are right; nothing is converted, then or later. A value here is
the name of a unit, a literal's own number (it may be the factor of a conversion), or None where nothing is known. What
is not known agrees with everything: a formula is refused only for two units that were both declared.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

from perfrules import numbers
from perfrules.formula.evaluator import Evaluator, OperandError, called
from perfrules.numbers import Exact
from perfrules.rationals import ratio

PERCENT, DAY = "%", "天"
RATIO = "1"
"""The unit of one amount over another of the same unit: 0.95 where a percentage is 95."""

GIVING = frozenset(("percent", "share", "days"))
"""The functions whose result has a unit whatever they are given."""

Unit = str | Exact | None


class Table(Protocol):
    """What units have to do with each other."""

    def agree(self, one: str, two: str) -> bool:
        """Whether numbers in the two units can be added and compared as they are."""

    def factor(self, given: str, wanted: str) -> Exact | None:
        """What a number in one unit is multiplied by to be in another; None where they do not convert."""

    def scaled(self, unit: str, number: Exact) -> str | None:
        """The unit of a number that was multiplied by exactly a factor of conversion; None by any other."""


class Mismatch(NamedTuple):
    """Two parts of a formula whose units do not agree, and the units; `right` is where it shows."""

    left: ast.expr
    right: ast.expr
    unit: str
    other: str


def check(tree: ast.expr, names: dict[str, Any], table: Table) -> tuple[str | None, list[Mismatch]]:
    """The unit of a tree, and where units meet that do not agree.

    Args:
        tree: A checked tree of the core language whose kinds are right.
        names: The units of the names it reads; a name without one is of an unknown unit.
        table: What units have to do with each other.
    """
    system = UnitsSystem(table)
    unit = Evaluator(system, names, lambda step: None).visit(tree)
    return (unit if isinstance(unit, str) else None), system.mismatches


def _named(*values: Unit) -> list[tuple[int, str]]:
    """The units among some values, with their positions."""
    return [(position, value) for position, value in enumerate(values) if isinstance(value, str)]


class UnitsSystem:
    """The number system of the check of units; collects `mismatches`."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.mismatches: list[Mismatch] = []
        self.operators: Mapping[type[ast.AST], Callable[..., Any]] = {
            ast.Add: self._agreed, ast.Sub: self._agreed, ast.Mult: self._product, ast.Div: self._quotient,
            ast.USub: _own, ast.UAdd: _own, ast.Not: _none, ast.Lt: self._compared, ast.LtE: self._compared,
            ast.Gt: self._compared, ast.GtE: self._compared, ast.Eq: self._compared, ast.NotEq: self._compared,
        }  # fmt: skip
        self.functions: Mapping[str, Callable[..., Any]] = {
            "min": self._agreed, "max": self._agreed, "clamp": self._agreed, "percent": self._percent,
            "started": self._compared, "completed": self._compared, "abs": _own, "round": _own, "floor": _own,
            "ceil": _own, "sum": _own, "mean": _own, "weighted_mean": _own, "lowest_of": _own, "highest_of": _own,
            "share": lambda *_: PERCENT, "days": lambda *_: DAY,
        }  # fmt: skip

    # -- operations -----------------------------------------------------------------------------------------------

    def _agreed(self, *values: Unit) -> str | None:
        """The unit of numbers that are added, or of which one is chosen."""
        found = _named(*values)
        for (first, unit), (position, other) in pairwise(found):
            if not self.table.agree(unit, other):
                raise OperandError(position, first, unit, other)
        return next((unit for _, unit in found if unit != RATIO), found[0][1] if found else None)

    def _compared(self, *values: Unit) -> None:
        self._agreed(*values)

    def _percent(self, part: Unit, whole: Unit) -> str:
        self._agreed(part, whole)
        return PERCENT

    def _product(self, left: Unit, right: Unit) -> str | None:
        for unit, number in ((left, right), (right, left)):
            if isinstance(unit, str) and number is not None and not isinstance(number, str):
                return self.table.scaled(unit, number)
        return None

    def _quotient(self, left: Unit, right: Unit) -> str | None:
        if not isinstance(left, str) or right is None:
            return None
        if not isinstance(right, str):
            return self.table.scaled(left, numbers.normal(ratio(1, 1) / right)) if right else None
        factor = self.table.factor(left, right)
        if factor is not None and factor != 1:  # the quotient is wrong by the factor
            raise OperandError(1, 0, left, right)
        return RATIO if factor == 1 else None

    # -- what the evaluator asks ----------------------------------------------------------------------------------

    def constant(self, node: ast.Constant) -> Unit:
        """A literal is its own number; anything else has no unit."""
        value: Any = node.value
        return value if isinstance(value, numbers.Exact) and not isinstance(value, bool) else None

    def name(self, run: Evaluator, node: ast.Name) -> Unit:
        """The unit of a name."""
        unit: str | None = run.names.get(node.id)
        return unit

    def choose(self, run: Evaluator, test: ast.expr, then: ast.expr, orelse: ast.expr) -> Unit:
        """The unit of the branches, which must agree."""
        run.visit(test)
        values = [run.visit(then), run.visit(orelse)]
        try:
            return self._agreed(*values)
        except OperandError as error:
            return self.recover(orelse, (then, orelse), values, error)

    def all_(self, run: Evaluator, terms: Sequence[ast.expr]) -> None:
        """Conditions have no unit, and what stands in them may."""
        for term in terms:
            run.visit(term)

    any_ = all_

    def call(self, run: Evaluator, node: ast.Call, arguments: list[Any]) -> Unit:
        """The unit of a function's result; None where the table has no such function."""
        function = self.functions.get(called(node), _none)
        unit: str | None = function(*arguments)
        return unit

    def recover(self, node: ast.expr, operands: Sequence[ast.expr], values: Sequence[Any], error: Exception) -> Unit:
        """Keep the mismatch; what comes of it is of no known unit, so that one mistake is told once."""
        if not isinstance(error, OperandError):
            raise error
        first, unit, other = error.details
        left: Any = first
        self.mismatches.append(Mismatch(operands[left], operands[error.position], str(unit), str(other)))
        return None


def _own(value: Unit, *_: Unit) -> str | None:
    return value if isinstance(value, str) else None


def _none(*_: Unit) -> None:
    return None
