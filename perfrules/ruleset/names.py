"""The names that formulas read: facts, their items and columns, and what kind each is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from perfrules.formula.systems.kinds import DATE, NUMBER, TEXT, TRUTH, Kind
from perfrules.ruleset import model

NUMERIC = ("number", "amount", "count", "percent", "judgement")
"""The kinds of fact that a formula reads as a number."""

ITEMS, ROWS, COLUMN, TEXT_COLUMN = Kind("items"), Kind("rows"), Kind("column", bits=64), Kind("text-column")


def kinds(facts: Mapping[str, model.Fact]) -> dict[str, Kind]:
    """The kind of every name that the facts give to formulas: `f`, `f.item`, `t.column`."""
    return {name: kind for identifier, fact in facts.items() for name, kind in _names(identifier, fact)}


def _names(identifier: str, fact: model.Fact) -> Iterator[tuple[str, Kind]]:
    if fact.kind in NUMERIC:
        yield identifier, NUMBER
    elif fact.kind == "checklist":
        yield identifier, ITEMS
        yield from ((f"{identifier}.{item}", TRUTH) for item in fact.items)
    elif fact.kind == "table":
        yield identifier, ROWS
        for name, column in fact.columns.items():
            yield f"{identifier}.{name}", COLUMN if column.kind in NUMERIC else TEXT_COLUMN
    elif fact.kind == "choice":
        yield identifier, Kind("choice", frozenset(fact.choices))
    else:
        yield identifier, {"truth": TRUTH, "date": DATE}.get(fact.kind, TEXT)


def fact_of(name: str) -> str:
    """The fact that a name belongs to: `f` of `f.item`."""
    return name.partition(".")[0]
