"""How a row of a form is measured: by a number, a date or a judgement; and what the form gives for it.

A fact is given only where the form says it beyond doubt. An actual that repeats its target, a level where a number is
asked for, another unit, a month that may lie before or behind its date: then the fact is missing, with the reason, and
the row stays undecided rather than wrong.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from perfrules import numbers, words
from perfrules.audit import naming
from perfrules.audit.forms import FormRow
from perfrules.audit.texts import Day, Said, bare
from perfrules.numbers import Exact
from perfrules.ruleset import model, units
from perfrules.ruleset.ranges import band

LEVELS = ("achieved", "partly", "missed")
_COST = ("cost", "成本", "经济成本", "社会成本", "生态环境成本")


@dataclass(frozen=True, slots=True)
class Measure:
    """How a row is measured.

    Attributes:
        method: `proportional`, `met_or_not` or `three_grades`.
        indicator: The keys `unit` and `target` of the indicator.
        fact: The keys of its fact, where it must be declared.
        given: What the form says of the fact: `value`, `level` or `missing`, and more.
    """

    method: str
    indicator: Mapping[str, Any]
    fact: Mapping[str, Any]
    given: Mapping[str, Any]


class Measuring:
    """Finds out how rows are measured, against one ruleset and for one year."""

    def __init__(self, declared: model.Declaration, year: int | None, lang: str) -> None:
        """Take the ruleset for its units and levels."""
        self.declared = declared
        self.year = year
        self.lang = lang
        self.levels = next((name for name, one in declared.levels.items() if len(one.steps) == len(LEVELS)), None)

    def measure(self, row: FormRow, group: str = "") -> Measure:
        """How one row is measured.

        Args:
            row: The row.
            group: The name of the group that it stands in, as the ruleset or the form has it.
        """
        if row.kind == "group":
            return self._judged("", row, "laid.missing.group")
        if row.target.kind == "number":
            return self._number(row, group)
        if row.target.kind == "date" and (deadline := self._deadline(row.target)):
            return self._date(row, deadline)
        return self._judged(self._level(row), row)

    def together(self, rows: list[FormRow]) -> Measure:
        """How several rows are measured that share one weight: achieved where each of them is met."""
        met = [self._met(row) for row in rows]
        return self._judged("achieved" if all(met) else "", rows[0], "laid.missing.shared")

    # -- numbers --------------------------------------------------------------------------------------------------

    def _number(self, row: FormRow, group: str) -> Measure:
        target, actual = row.target, row.actual
        unit = target.unit or (actual.unit if actual.kind == "number" else "")
        sign = target.sign
        if not sign and unit != "%" and naming.group(group) in _COST:
            sign = "<="  # nobody sets a cost to be reached
        shown = numbers.plain(target.number or 0)
        indicator = (
            {"unit": unit, "target": f"{sign} {shown}".strip()} if unit else {"target": f"{sign} {shown}".strip()}
        )
        beyond = [one.number for one in (target, actual) if one.number is not None and not 0 <= one.number <= 100]
        fact = {"kind": "number", "unit": unit} if unit == "%" and beyond else {}
        return Measure("proportional", indicator, fact, self._given(row, unit))

    def _given(self, row: FormRow, unit: str) -> dict[str, Any]:
        """The number that the form gives, or why it gives none."""
        actual = row.actual
        if reason := self._not_measured(row):
            return reason
        if actual.kind != "number":
            return self._missing("laid.missing.no-number", row)
        if actual.unit in ("", unit):
            return {"value": actual.number}
        if units.factor(actual.unit, unit, self.declared.units) is None:
            return self._missing("laid.missing.unit", row, unit=actual.unit, wanted=unit)
        return {"value": actual.number, "unit": actual.unit}

    def _not_measured(self, row: FormRow) -> dict[str, Any]:
        """Why an actual is none at all: there is nothing, or its target once more."""
        if row.actual.kind == "empty":
            return self._missing("laid.missing.empty", row)
        if row.actual.sign not in ("", "=="):  # =100% is 100 %
            same = bare(row.actual.text) == bare(row.target.text)
            return self._missing("laid.missing.echo" if same else "laid.missing.sign", row)
        return {}

    def _missing(self, key: str, row: FormRow, **values: object) -> dict[str, Any]:
        said = {"target": row.target.text, "actual": row.actual.text, **values}
        return {"missing": words.say(key, self.lang, said)}

    # -- dates ----------------------------------------------------------------------------------------------------

    def _date(self, row: FormRow, deadline: tuple[str, date]) -> Measure:
        sign, limit = deadline
        indicator = {"target": f"{sign} {limit.isoformat()}"}
        return Measure("met_or_not", indicator, {"kind": "date"}, self._day(row, sign, limit))

    def _day(self, row: FormRow, sign: str, limit: date) -> dict[str, Any]:
        """The day that the form gives, or why it gives none."""
        if reason := self._not_measured(row):
            return reason
        ends = self._ends(row.actual.day) if row.actual.day else None
        if ends is None:
            return self._missing("laid.missing.no-date", row)
        first, last = ends
        if sign == ">=":
            return self._one_day(row, first, last, first >= limit, last < limit)
        return self._one_day(row, last, first, last < limit or (sign == "<=" and last == limit), first > limit)

    def _one_day(self, row: FormRow, kept: date, broken: date, is_met: bool, is_missed: bool) -> dict[str, Any]:
        """One day for a time of several: one that tells whether the target is met, where they all tell the same."""
        same_month = (
            row.target.sign == "<"
            and row.target.day
            and row.actual.day
            and (row.target.day.month == row.actual.day.month and row.target.day.day is None)
        )  # 9月前 may include September
        if is_met and not same_month:
            return {"value": kept}
        if is_missed and not same_month:
            return {"value": broken}
        return self._missing("laid.missing.month", row)

    def _deadline(self, target: Said) -> tuple[str, date] | None:
        """The sign and day of a target that is a date; none where the form does not say the year."""
        ends = self._ends(target.day) if target.day else None
        if ends is None:
            return None
        first, last = ends
        if target.sign in (">=", ">"):
            return ">=", first
        return ("<", first) if target.sign == "<" else ("<=", last)

    def _ends(self, day: Day) -> tuple[date, date] | None:
        """The first and the last day that a date can mean."""
        year = day.year or self.year
        if year is None:
            return None
        try:
            if day.month is None:
                return date(year, 1, 1), date(year, 12, 31)
            if day.day is None:
                return date(year, day.month, 1), date(year, day.month, monthrange(year, day.month)[1])
            return date(year, day.month, day.day), date(year, day.month, day.day)
        except ValueError:  # the 29 February of another year
            return None

    # -- judgements -----------------------------------------------------------------------------------------------

    def _judged(self, level: str, row: FormRow, key: str = "laid.missing.no-level") -> Measure:
        fact = {"kind": "judgement", "levels": self.levels or "three_grades"}
        if level:
            return Measure("three_grades", {}, fact, {"level": self._step(level)})
        key = "laid.missing.empty" if row.actual.kind == "empty" and key.endswith("no-level") else key
        return Measure("three_grades", {}, fact, self._missing(key, row))

    def _step(self, level: str) -> str:
        """The id of a level in the ruleset."""
        return self.declared.levels[self.levels].steps[LEVELS.index(level)].id if self.levels else level

    def _level(self, row: FormRow) -> str:
        """The level that an actual says: by its name, by the words of its target, or by a rate of completion."""
        if row.actual.kind == "level":
            return row.actual.level
        same = bare(row.actual.text).rstrip("。;；") == bare(row.target.text).rstrip("。;；")
        if row.target.kind in ("words", "level") and same:
            return "achieved"
        if (
            row.target.kind == "words"
            and row.actual.unit == "%"
            and not row.actual.sign
            and row.actual.number is not None
        ):
            return self._by_rate(row.actual.number)
        return ""

    def _by_rate(self, rate: Exact) -> str:
        """The level in whose band a rate lies."""
        if self.levels is None:
            return "achieved" if rate == 100 else ""
        for level, step in zip(LEVELS, self.declared.levels[self.levels].steps, strict=True):
            low, high = band(step)
            if low <= rate <= high and rate not in (step.above, step.below):
                return level
        return ""

    def _met(self, row: FormRow) -> bool:
        """Whether a row plainly reaches its target."""
        measured = self.measure(row)
        if row.target.kind == "number" and "value" in measured.given and "unit" not in measured.given:
            value, target = measured.given["value"], row.target.number or 0
            if value == target:
                return row.target.sign not in ("<", ">")
            return row.target.sign != "==" and (value < target) is measured.indicator["target"].startswith("<")
        return measured.given.get("level") == self._step("achieved")
