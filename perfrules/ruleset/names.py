"""The names that formulas read: facts, their items and columns, and what kind each is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from perfrules.formula.systems.kinds import DATE, NUMBER, TEXT, TRUTH, Kind
from perfrules.formula.systems.units import PERCENT
from perfrules.ruleset import model

NUMERIC = ("number", "amount", "count", "percent", "judgement")
"""The kinds of fact that a formula reads as a number."""

ITEMS, ROWS, COLUMN, TEXT_COLUMN = Kind("items"), Kind("rows"), Kind("column", bits=64), Kind("text-column")


def kinds(facts: Mapping[str, model.Fact]) -> dict[str, Kind]:
    """The kind of every name that the facts give to formulas: `f`, `f.item`, `t.column`."""
    return {name: kind for identifier, fact in facts.items() for name, kind in _names(identifier, fact)}


def _names(identifier: str, fact: model.Fact) -> Iterator[tuple[str, Kind]]:
    if fact.kind in NUMERIC:
        yield identifier, _measured(NUMBER, fact)
    elif fact.kind == "checklist":
        yield identifier, ITEMS
        yield from ((f"{identifier}.{item}", TRUTH) for item in fact.items)
    elif fact.kind == "table":
        yield identifier, ROWS
        for name, column in fact.columns.items():
            yield f"{identifier}.{name}", _measured(COLUMN, column) if column.kind in NUMERIC else TEXT_COLUMN
    elif fact.kind == "choice":
        yield identifier, Kind("choice", frozenset(fact.choices))
    else:
        yield identifier, {"truth": TRUTH, "date": DATE}.get(fact.kind, TEXT)


def _measured(kind: Kind, declared: model.Fact | model.Column) -> Kind:
    """A kind of number with the unit that is declared; percentages, and rates that are judged, need not say theirs."""
    unit = PERCENT if declared.unit is None and declared.kind in ("percent", "judgement") else declared.unit
    return kind._replace(unit=unit) if unit else kind


def fact_of(name: str) -> str:
    """The fact that a name belongs to: `f` of `f.item`."""
    return name.partition(".")[0]
