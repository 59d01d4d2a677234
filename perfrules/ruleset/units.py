"""Units that convert into one another: `"万元" = "10000 元"`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property

from perfrules import numbers
from perfrules.formula.systems.units import DAY, PERCENT, RATIO
from perfrules.numbers import Exact
from perfrules.rationals import ratio

MAX_STEPS = 10
"""Definitions that lead from a unit to the one it is counted in: `亿元`, `万元`, `元` take two."""

_SPELLINGS = {
    **dict.fromkeys(("百分点", "个百分点", "百分比", "percent", "per cent", "pp", "percentage points"), PERCENT),
    **dict.fromkeys(("日", "自然日", "日历日", "日历天", "day", "days", "calendar days"), DAY),
}
"""Other words for the units that functions of the language give."""

_MONEY = re.compile(
    r"(人民币|[美欧港日韩澳加])?[十百千万亿]*元|人民币|yuan|rmb|cny|usd|eur|gbp|hkd|jpy|(us )?dollars?|euros?|[¥$€£]",
    re.IGNORECASE,
)


def definition(meaning: str) -> tuple[Exact, str] | None:
    """The factor and the unit of a definition such as `10000 元`; None where it is none."""
    factor, _, unit = meaning.strip().partition(" ")
    try:
        value = numbers.parse(factor)
    except numbers.NumberError:
        return None
    return (value, unit.strip()) if unit.strip() and value > 0 else None


def _to_base(unit: str, units: Mapping[str, str]) -> tuple[Exact, str]:
    factor: Exact = 1
    seen = {unit}
    while len(seen) <= MAX_STEPS and unit in units and (found := definition(units[unit])):
        factor, unit = factor * found[0], found[1]
        if unit in seen:
            break
        seen.add(unit)
    return factor, unit


def factor(given: str, wanted: str, units: Mapping[str, str]) -> Exact | None:
    """What a number in one unit is multiplied by to be in another; None where they do not convert."""
    if given == wanted:
        return 1
    from_factor, from_base = _to_base(given, units)
    to_factor, to_base = _to_base(wanted, units)
    if from_base != to_base:
        return None
    return numbers.read(ratio(1, 1) * from_factor / to_factor)


class Conversions:
    """What the units of one ruleset have to do with each other."""

    def __init__(self, units: Mapping[str, str]) -> None:
        """Take the definitions, as `[units]` says them."""
        self.units = units
        self._bases: dict[str, tuple[Exact, str]] = {}

    def _base(self, unit: str) -> tuple[Exact, str]:
        """How many of which unit one of a unit is, in the end."""
        if unit not in self._bases:
            self._bases[unit] = _to_base(self._spelt(unit), self.units)
        return self._bases[unit]

    def _spelt(self, unit: str) -> str:
        """A unit as `[units]` or the language spells it: `％` and `个百分点` are `%`."""
        if unit in self.units:
            return unit
        plain = unicodedata.normalize("NFKC", unit).strip()
        return _SPELLINGS.get(plain.casefold(), plain)

    def factor(self, given: str, wanted: str) -> Exact | None:
        """What a number in one unit is multiplied by to be in another; None where they do not convert."""
        if given == wanted:
            return 1
        (from_factor, from_base), (to_factor, to_base) = self._base(given), self._base(wanted)
        return numbers.normal(ratio(1, 1) * from_factor / to_factor) if from_base == to_base else None

    def agree(self, one: str, two: str) -> bool:
        """Whether numbers in the two units can be added and compared as they are.

        A ratio may be compared with a number of times or heads (`3 times`, `18 pupils a teacher`), never with a
        percentage or with money.
        """
        if one == two or self.factor(one, two) == 1:
            return True
        if RATIO in (one, two):
            other = two if one == RATIO else one
            return not (self.is_rate(other) or self.is_money(other))
        return False

    def scaled(self, unit: str, number: Exact) -> str | None:
        """The unit of a number that was multiplied by exactly a factor of conversion; None by any other."""
        if number == 1:
            return unit
        if number <= 0 or not self.units:
            return None
        own, base = self._base(unit)
        return self._by_factor.get((base, numbers.to_fraction(ratio(1, 1) * own / number)))

    @cached_property
    def _by_factor(self) -> dict[tuple[str, Fraction], str]:
        """The units by what they are counted in, and how many of it one is."""
        found: dict[tuple[str, Fraction], str] = {}
        for unit in self.units:
            factor_, base = self._base(unit)
            found.setdefault((base, numbers.to_fraction(factor_)), unit)
            found.setdefault((base, Fraction(1)), base)
        return found

    def is_rate(self, unit: str) -> bool:
        """Whether a unit counts parts of a hundred or of a thousand."""
        return self._spelt(unit) in (PERCENT, "‰")

    def is_money(self, unit: str) -> bool:
        """Whether a unit is one of money, by its name or by what it converts into."""
        return any(_MONEY.fullmatch(name) for name in (self._spelt(unit), self._base(unit)[1]))
