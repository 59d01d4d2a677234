"""Which weights of a document can be moved against each other, and what adds up to what."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from perfrules.cases.mutated.mutations import Change, Weighed, moved
from perfrules.ruleset.library import Ruleset
from perfrules.ruleset.toml import Document, KeyPath


def weight_changes(document: Document, ruleset: Ruleset) -> Iterator[Change]:
    """A point moved between neighbouring weights of a document, so that every sum still holds.

    Args:
        document: What is changed.
        ruleset: A ruleset that is made of it, which says what stands in what.
    """
    yield from moved(document, list(_weighed(document, ruleset)))


def _weighed(document: Document, ruleset: Ruleset) -> Iterator[Weighed]:
    """The rows of a document that have weights, and its dimensions that have nothing in them here, in file order."""
    declared, rows = ruleset.declaration, document.data.get("indicators", {})
    homes = {row.dimension for name, row in declared.indicators.items() if name in rows}
    filled = set(homes)
    for name in homes:
        filled.update(_ancestors(ruleset, name))
    for section in document.data:
        if section == "indicators":
            for name, part in rows.items():
                weight = _weight(part)
                if weight is not None and name in declared.indicators:
                    others = _sharing(ruleset, name)
                    above = (*others, *_above(ruleset, declared.indicators[name].dimension, include=True))
                    yield Weighed(("indicators", name, "weight"), weight, above)
        elif section == "dimensions":
            for name, part in document.data[section].items():
                weight = _weight(part)
                if weight is not None and name not in filled and name in declared.dimensions:
                    yield Weighed(("dimensions", name, "weight"), weight, _above(ruleset, name, include=False))


def _weight(part: Any) -> int | Decimal | None:
    weight = part.get("weight") if isinstance(part, dict) else None
    return weight if isinstance(weight, int | Decimal) and not isinstance(weight, bool) else None


def _ancestors(ruleset: Ruleset, dimension: str) -> Iterator[str]:
    """The dimensions that a dimension stands in, the nearest first."""
    within = ruleset.declaration.dimensions[dimension].within
    while within is not None:
        yield within
        within = ruleset.declaration.dimensions[within].within


def _above(ruleset: Ruleset, dimension: str, *, include: bool) -> tuple[KeyPath, ...]:
    """The weights that a weight in a dimension goes into: up to the first that is no sum of what stands below."""
    found: list[KeyPath] = []
    for name in ([dimension] if include else []) + list(_ancestors(ruleset, dimension)):
        if ruleset.declaration.dimensions[name].score not in (None, "earned"):
            return tuple(found)
        found.append(("dimensions", name, "weight"))
    return (*found, ("total", "weight"))


def _sharing(ruleset: Ruleset, row: str) -> tuple[KeyPath, ...]:
    """The weights of the alternatives of a row, which are the same."""
    rows = ruleset.declaration.indicators
    pairs = [(name, other.instead_of) for name, other in rows.items() if other.instead_of]
    return tuple(
        ("indicators", other, "weight") for one, two in pairs for row_, other in ((one, two), (two, one)) if row_ == row
    )
