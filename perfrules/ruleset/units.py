"""Units that convert into one another: `"万元" = "10000 元"`."""

from __future__ import annotations

from collections.abc import Mapping

from perfrules import numbers
from perfrules.numbers import Exact


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
    while unit in units and (found := definition(units[unit])):
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
    return numbers.read(numbers.Ratio(1, 1) * from_factor / to_factor)
