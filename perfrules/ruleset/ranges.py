"""What a fact can be before it is known: its declared range, or what its kind implies; a level's band."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from perfrules.formula.systems.intervals import ANYTHING, EITHER, Bounds, Column, Interval, Options
from perfrules.numbers import Exact
from perfrules.ruleset import model
from perfrules.ruleset.names import NUMERIC

OPEN = float("inf")
"""The end of a range that has none."""


def limits(kind: str, declared: tuple[Any, Any] | None) -> tuple[Any, Any]:
    """The range of a fact or column: the declared one, or what its kind implies."""
    if declared is not None:
        return declared
    if kind in ("percent", "judgement"):
        return 0, 100
    return (0, OPEN) if kind in ("amount", "count") else (-OPEN, OPEN)


def band(step: model.LevelStep) -> tuple[Exact, Exact]:
    """The ends of a level's band, open ones included."""
    low = step.from_ if step.from_ is not None else step.above
    high = step.to if step.to is not None else step.below
    return (0 if low is None else low), (100 if high is None else high)


def bounds(facts: Mapping[str, model.Fact]) -> dict[str, Bounds]:
    """What each name that some facts give to formulas can be."""
    return {name: found for identifier, fact in facts.items() for name, found in bounds_of(identifier, fact).items()}


def bounds_of(identifier: str, fact: model.Fact) -> dict[str, Bounds]:
    """What each name of one fact can be: `f`, `f.item`, `t.column`."""
    if fact.kind == "checklist":
        items: dict[str, Bounds] = {f"{identifier}.{item}": EITHER for item in fact.items}
        return {identifier: (EITHER,) * len(fact.items), **items}
    if fact.kind == "table":
        names: dict[str, Bounds] = {identifier: Column(EITHER)}
        for name, column in fact.columns.items():
            names[f"{identifier}.{name}"] = Column(Interval(*limits(column.kind, column.range)))
        return names
    return {identifier: _simple(fact)}


def _simple(fact: model.Fact) -> Bounds:
    match fact.kind:
        case "truth":
            return EITHER
        case "choice":
            return Options(frozenset(fact.choices))
        case "text":
            return Options(None)
        case "date":
            return Interval(*(fact.range or (date.min, date.max)))
    return Interval(*limits(fact.kind, fact.range)) if fact.kind in NUMERIC else ANYTHING
