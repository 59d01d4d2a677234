"""Rows drawn at random for a ruleset: nulls, NaN, zeros, values at and beside every literal of its formulas.

Half of the numbers are ones that a decision could turn on: the ends of ranges, the literals of formulas, and products
of an earlier number of the row with a round share, such as 606.69 against 567.00.
"""

from __future__ import annotations

import ast
from datetime import date, timedelta
from random import Random
from typing import Any

import polars as pl

from perfrules import numbers
from perfrules.frames.names import names_of
from perfrules.numbers import Exact
from perfrules.ruleset.library import Ruleset
from perfrules.ruleset.names import NUMERIC, fact_of
from perfrules.ruleset.ranges import OPEN, limits

SHARES = (1, 1, 1, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.05, 1.07, 1.1, 1.2, 1.3, 2)


def rows(ruleset: Ruleset, count: int, random: Random, *, missing: float = 0.02) -> pl.DataFrame:
    """So many rows, with a column for each name that scores read."""
    names = names_of(ruleset.program)[1]
    drawing = _Drawing(ruleset, random, missing)
    schema = {name: drawing.type_of(name) for name in names}
    return pl.DataFrame([drawing.row(names) for _ in range(count)], schema=schema, orient="row")


class _Drawing:
    def __init__(self, ruleset: Ruleset, random: Random, missing: float) -> None:
        self.facts = ruleset.program.facts
        self.levels = ruleset.declaration.levels
        self.random = random
        self.missing = missing
        self.literals = _literals(ruleset) or [1.0]

    def type_of(self, name: str) -> Any:
        fact = self.facts[fact_of(name)]
        if fact.kind == "checklist" or fact.kind == "truth":
            return pl.Boolean
        if name.endswith(".level"):
            return pl.String
        return pl.Float64 if fact.kind in NUMERIC else pl.Date if fact.kind == "date" else pl.String

    def row(self, names: tuple[str, ...]) -> list[Any]:
        drawn: list[float] = []
        return [None if self.random.random() < self.missing else self._cell(name, drawn) for name in names]

    def _cell(self, name: str, drawn: list[float]) -> Any:
        fact, random = self.facts[fact_of(name)], self.random
        if self.type_of(name) == pl.Boolean:
            return random.random() < 0.8
        if name.endswith(".level"):
            steps = [step.id for step in self.levels[str(fact.levels)].steps]
            return random.choice([None, None, "nonsense", *steps])
        if fact.kind == "choice":
            return random.choice(["nonsense", *fact.choices, *fact.choices])
        if fact.kind == "date":
            return date(2022, 1, 1) + timedelta(days=random.randint(-10, 800))
        if fact.kind not in NUMERIC:
            return random.choice(["a", "b"])
        number = self._number(*limits(fact.kind, fact.range), drawn)
        drawn += [number] if abs(number) < 1e9 else []
        return number

    def _number(self, low: Any, high: Any, drawn: list[float]) -> float:
        random, least, most = self.random, _end(low, -1000.0), _end(high, 100_000.0)
        pick = random.random()
        if pick < 0.03:
            return random.choice([float("nan"), float("inf"), least - 1, most + 1])
        if pick < 0.1:
            return random.choice([least, most, 0.0])
        if pick < 0.4:
            return random.choice(self.literals)
        if pick < 0.75 and drawn:
            return round(random.choice(drawn) * random.choice(SHARES), random.choice((0, 2, 2)))
        if pick < 0.9:
            return float(random.randint(int(max(least, -50)), int(max(least, min(most, 200))) + 1))
        return round(random.uniform(least, min(most, least + 10 ** random.randint(0, 6))), 2)


def _literals(ruleset: Ruleset) -> list[float]:
    nodes = (node for line in ruleset.program.lines for node in ast.walk(line.tree) if isinstance(node, ast.Constant))
    found = {_float(node.value) for node in nodes if isinstance(node.value, Exact) and not isinstance(node.value, bool)}
    return sorted(found)


def _float(value: Any) -> float:
    return float(numbers.to_fraction(value))


def _end(end: Any, open_: float) -> float:
    return open_ if end in (OPEN, -OPEN) else _float(end)
