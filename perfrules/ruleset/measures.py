"""Units in the formulas of a ruleset: which unit each comes to, and findings where two do not agree.

`formula.systems.units` says where units meet; here it is put into words, with what to write instead. One mistake is
told once: what it leads to is of no known unit, and a method that many rows share is told of for the first of them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from perfrules import numbers, words
from perfrules.formula.language import Formula
from perfrules.formula.render import literal, render
from perfrules.formula.systems import units
from perfrules.formula.systems.kinds import Kind
from perfrules.formula.systems.units import RATIO, Mismatch
from perfrules.numbers import Exact
from perfrules.rationals import ratio
from perfrules.ruleset.toml import KeyPath
from perfrules.ruleset.units import Conversions

if TYPE_CHECKING:
    from perfrules.ruleset.declare import Reading

_UNMEASURED = ("score", "when", "applies", "note_when", "assert")
"""The keys of formulas whose own unit nobody asks for."""


class Measures:
    """The units of one ruleset's formulas; findings go to the reading."""

    def __init__(self, reading: Reading, definitions: Mapping[str, str]) -> None:
        """Take the reading, and what `[units]` says."""
        self.reading = reading
        self.table = Conversions(definitions)
        self._told: set[tuple[KeyPath, int]] = set()

    def unit(
        self,
        path: KeyPath,
        formula: Formula,
        kinds: Mapping[str, Kind],
        scope: Mapping[str, tuple[str, Kind]],
        offset: int = 0,
    ) -> str | None:
        """The unit that a formula comes to, where it can be told; a finding where units in it do not agree.

        Args:
            path: Its place in the ruleset.
            formula: The formula, whose kinds are right.
            kinds: The kinds of facts and values, with their units.
            scope: The lines and kinds of the names that its place gives it.
            offset: How many characters stand before it in the text that is shown.
        """
        names = {}
        for label in formula.names:
            kind = scope[label][1] if label in scope else kinds.get(label)
            if kind is not None and kind.unit:
                names[label] = kind.unit
        giving = not units.GIVING.isdisjoint(formula.names)
        if len(names) + giving < (2 if path[-1] in _UNMEASURED else 1):
            return None
        unit, mismatches = units.check(formula.tree, names, self.table)
        for mismatch in mismatches:
            self._tell(path, mismatch, scope, offset)
        return None if mismatches else unit

    def declared(self, path: KeyPath, kind: Kind, unit: str | None, own: str = "") -> Kind:
        """A kind with the unit that its part declares; a finding where that is not what the formula comes to.

        Args:
            path: The place of the formula, or of the unit where there is no formula.
            kind: The kind of the formula, with its unit.
            unit: What the part declares.
            own: The fact, where a part is measured by one without a formula.
        """
        if not unit or kind.name not in ("number", "any"):
            return kind
        if kind.unit is None or self.table.agree(kind.unit, unit):
            return kind._replace(unit=unit)
        values: dict[str, Any] = {"unit": _word(kind.unit), "other": _word(unit), "name": own}
        if own:
            key = "unit-mismatch.own"
        elif kind.unit == RATIO and self.table.is_rate(unit):
            key = "unit-mismatch.declared-ratio"
        elif factor := self._conversion(kind.unit, unit):
            key = "unit-mismatch.declared-factor"
            values |= {**self._equation(kind.unit, unit), "how": _times(factor)}
        else:
            key = "unit-mismatch.declared"
        self.reading.note("unit-mismatch", path, key, **values)
        return kind._replace(unit=None)

    def target(self, path: KeyPath, value: Kind, target: Kind, text: str) -> bool:
        """Whether a target can be compared with its value; a finding at the target where their units differ."""
        return self._compared(path, (value, target), ("unit.value", "unit.target"), text.lstrip("<>=≤≥ "))

    def equal(self, path: KeyPath, sides: Sequence[Kind], text: str) -> bool:
        """Whether the two sides of a check can be compared; a finding at the second where their units differ."""
        return self._compared(path, sides, ("unit.left", "unit.right"), text)

    def _compared(self, path: KeyPath, kinds: Sequence[Kind], names: tuple[str, str], text: str) -> bool:
        one, two = kinds[0].unit, kinds[1].unit
        if not one or not two or self.table.agree(one, two):
            return True
        key, values = self._said(one, two)
        if factor := self._conversion(two, one):
            values["write"] = f"{text if text.isidentifier() else f'({text})'} {_times(factor)}"
        said = [words.Term(name) for name in names]
        ratio, percent = said if one == RATIO else said[::-1]
        named: dict[str, Any] = {"left": said[0], "right": said[1], "ratio": ratio, "percent": percent}
        self.reading.note("unit-mismatch", path, key, **named, **values)
        return False

    def _tell(self, path: KeyPath, mismatch: Mismatch, scope: Mapping[str, tuple[str, Kind]], offset: int) -> None:
        left, right = mismatch.left, mismatch.right
        start, end = right.col_offset + offset, (right.end_col_offset or right.col_offset) + offset
        if (path, start) in self._told:
            return
        self._told.add((path, start))
        say = _rows(scope) if path[0] in ("methods", "adjustments") else lambda node: None
        one, two = (words.shorten(render(node, say), 60) for node in (left, right))
        key, values = self._said(mismatch.unit, mismatch.other)
        if factor := self._conversion(mismatch.other, mismatch.unit):
            op, number = _scaling(factor)
            values["write"] = render(ast.BinOp(right, op, ast.Constant(number)), say)  # type: ignore[arg-type]  # exact
        ratio, percent = (one, two) if mismatch.unit == RATIO else (two, one)
        said: dict[str, Any] = {
            "left": _code(one),
            "right": _code(two),
            "ratio": _code(ratio),
            "percent": _code(percent),
        }
        self.reading.note("unit-mismatch", path, key, span=(start, end), **said, **values)

    def _said(self, one: str, two: str) -> tuple[str, dict[str, Any]]:
        """The entry of the table of messages about two units, and what it names."""
        values: dict[str, Any] = {"unit": _word(one), "other": _word(two), "one": one, "two": two}
        rates = [self.table.is_rate(unit) for unit in (one, two)]
        if self._conversion(one, two):
            return "unit-mismatch.factor", values | self._equation(one, two)
        if RATIO in (one, two) and any(rates):
            return "unit-mismatch.ratio", values
        if RATIO in (one, two) or any(rates):
            return "unit-mismatch.rate", values
        if self.table.is_money(one) and self.table.is_money(two):
            return "unit-mismatch.money", values
        return "unit-mismatch", values

    def _conversion(self, given: str, wanted: str) -> Exact | None:
        factor = self.table.factor(given, wanted)
        return None if factor == 1 else factor

    def _equation(self, one: str, two: str) -> dict[str, Any]:
        """Two units that convert, the larger first: 1 亿元 = 10000 万元."""
        factor = self.table.factor(one, two) or 1
        large, small = (one, two) if factor > 1 else (two, one)
        return {"large": large, "small": small, "factor": numbers.plain(self.table.factor(large, small) or 1)}


def _word(unit: str) -> object:
    return words.Term("unit.ratio") if unit == RATIO else (unit,)


def _code(text: str) -> dict[str, str]:
    """A part of a formula as a message names it: in Chinese with a space before the next word."""
    return {"zh": f"`{text}` ", "en": f"`{text}`"}


def _scaling(factor: Exact) -> tuple[ast.operator, Exact]:
    """How to multiply by a factor of conversion: by itself, or below 1 as a division."""
    if factor > 1:
        return ast.Mult(), factor
    return ast.Div(), numbers.normal(ratio(1, 1) / factor)


def _times(factor: Exact) -> str:
    op, number = _scaling(factor)
    return f"{'*' if isinstance(op, ast.Mult) else '/'} {literal(number)}"


def _rows(scope: Mapping[str, tuple[str, Kind]]) -> Callable[[ast.expr], str | None]:
    """Names what a method is given by its row: `staffing.value`."""

    def say(node: ast.expr) -> str | None:
        if not isinstance(node, ast.Name) or node.id not in scope:
            return None
        about, _, local = scope[node.id][0].partition("#")
        return f"{about.rpartition('.')[2]}.{local}" if local else None

    return say
