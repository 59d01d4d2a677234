"""What of a submission can be turned: each number, date, answer and choice of its facts is a knob.

Whoever looks for facts at which a ruleset decides otherwise (edge cases, changes that no case notices) turns knobs
from a base, and asks for the names that formulas then read, or for the facts as a submission says them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from perfrules import numbers
from perfrules.evaluation.submission import Submission, read_facts
from perfrules.formula.systems.exact import Unknown
from perfrules.numbers import Exact
from perfrules.rationals import ratio
from perfrules.ruleset import model
from perfrules.ruleset.library import Ruleset
from perfrules.ruleset.names import fact_of
from perfrules.ruleset.program import Program
from perfrules.ruleset.ranges import OPEN, limits

CENT = Fraction(1, 100)
"""How finely an amount, a percentage or another number is turned."""

MAX_ROWS = 5
"""Rows that a table is given at most."""

Turned = Mapping[str, Any]
"""Knobs that stand elsewhere than in the base, by label: numbers as fractions, dates as ordinals."""


class Knob(NamedTuple):
    """One thing of a submission that can be turned.

    Attributes:
        label: `posts`, `system.issued`, `projects[1].budget`, `projects#rows`.
        fact: The fact that it belongs to.
        kind: `number`, `count` (whole numbers only), `date`, or `options`.
        low, high: The ends of its range, perhaps infinite; of a date as ordinals.
        options: What it can be set to, where it is no number or date.
        names: The names of formulas that it moves.
    """

    label: str
    fact: str
    kind: str
    low: Any = -OPEN
    high: Any = OPEN
    options: tuple[Any, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def step(self) -> Fraction:
        """The distance between two neighbouring settings; in a narrow range a part of it."""
        if self.kind != "number":
            return Fraction(1)
        width, step = self.high - self.low, CENT
        while 0 < width < 20 * step:
            step /= 10
        return step

    def takes(self, value: Fraction) -> bool:
        """Whether the knob can be set to a number, and a file can say it in a few decimals."""
        places = 0 if self.kind in ("count", "date") else max(4, numbers.decimal_places(self.step) or 0)
        known = numbers.decimal_places(value)
        return self.low <= value <= self.high and known is not None and known <= places


class Panel:
    """All knobs of a ruleset, as a base submission sets them; facts that it lacks are given plausible values."""

    def __init__(self, ruleset: Ruleset, base: Submission | None = None) -> None:
        """Read the base.

        Raises:
            SubmissionError: The base cannot be read.
        """
        program = ruleset.program
        self.facts = program.facts
        self.levels = ruleset.declaration.levels
        self._texts = _compared_texts(program)
        given = read_facts(base, ruleset).names if base else {}
        self.given: set[str] = set()
        self.base: dict[str, Any] = {}
        self.knobs: dict[str, Knob] = {}
        self._labels: dict[str, list[str]] = {}
        for identifier, fact in self.facts.items():
            self._add(identifier, fact, given)
        self.constants = dict(program.constants)
        self._names = {name: value for fact in self.facts for name, value in self._names_of(fact, self.base)}
        self.moves: dict[str, list[Knob]] = {}
        for knob in self.knobs.values():
            for name in knob.names:
                self.moves.setdefault(name, []).append(knob)

    def _add(self, identifier: str, fact: model.Fact, given: Mapping[str, Any]) -> None:
        """Add the knobs of one fact, set as given or plausibly."""
        names = {name: value for name, value in given.items() if fact_of(name) == identifier}
        whole = bool(names) and not any(isinstance(value, Unknown) for value in _flat(names.values()))
        if whole:
            self.given.add(identifier)
        rows = len(names[identifier]) if whole and fact.kind == "table" else 2
        labels = self._labels[identifier] = []
        for knob in _knobs(identifier, fact, max(rows, 1), self._texts.get(identifier, ())):
            labels.append(knob.label)
            self.knobs[knob.label] = knob
            self.base[knob.label] = _set_as(knob, names, rows) if whole else _plausible(knob)

    # -- what the knobs come to -----------------------------------------------------------------------------------

    def names(self, turned: Turned) -> dict[str, Any]:
        """The values that formulas read by name, with some knobs turned."""
        names = {**self.constants, **self._names}
        if turned:
            values = {**self.base, **turned}
            for identifier in {self.knobs[label].fact for label in turned}:
                names.update(self._names_of(identifier, values))
        return names

    def raw(self, turned: Turned) -> dict[str, Any]:
        """The facts that a case must set: those turned away from the base, and those that the base does not give."""
        changed = {self.knobs[label].fact for label, value in turned.items() if value != self.base[label]}
        values = {**self.base, **turned}
        return {
            identifier: self._raw_of(identifier, values)
            for identifier in self.facts
            if identifier in changed or identifier not in self.given
        }

    def _names_of(self, identifier: str, values: Turned) -> Iterator[tuple[str, Any]]:
        fact, labels = self.facts[identifier], self._labels[identifier]
        if fact.kind == "checklist":
            answers = tuple(values[label] for label in labels)
            yield identifier, answers
            yield from zip(labels, answers, strict=True)
        elif fact.kind == "table":
            rows = list(self._rows(identifier, values))
            yield identifier, (True,) * len(rows)
            for column in fact.columns:
                yield f"{identifier}.{column}", tuple(row[column] for row in rows)
        else:
            yield identifier, _plain(self.knobs[identifier], values[identifier])

    def _rows(self, identifier: str, values: Turned) -> Iterator[dict[str, Any]]:
        """The rows of a table; more rows than there are knobs for repeat the last."""
        columns, most = self.facts[identifier].columns, len(self._labels[identifier]) - 1
        known = most // len(columns)
        for index in range(int(values[f"{identifier}#rows"])):
            labels = {column: f"{identifier}[{min(index, known - 1) + 1}].{column}" for column in columns}
            yield {column: _plain(self.knobs[label], values[label]) for column, label in labels.items()}

    def _raw_of(self, identifier: str, values: Turned) -> Any:
        fact = self.facts[identifier]
        if fact.kind == "checklist":
            answers = {item: values[f"{identifier}.{item}"] for item in fact.items}
            return {"value": answers}
        if fact.kind == "table":
            return [{name: _written(cell) for name, cell in row.items()} for row in self._rows(identifier, values)]
        value = _plain(self.knobs[identifier], values[identifier])
        if fact.kind == "judgement":
            return self._judged(fact, value)
        return _written(value)

    def _judged(self, fact: model.Fact, rate: Exact) -> Any:
        """A rate with the level that it lies in; alone where it lies in none."""
        for step in self.levels[str(fact.levels)].steps:
            low = (step.from_ is not None and rate >= step.from_) or (step.above is not None and rate > step.above)
            high = (step.to is not None and rate <= step.to) or (step.below is not None and rate < step.below)
            if low and high:
                return {"level": step.id, "rate": _written(rate)}
        return _written(rate)


def _compared_texts(program: Program) -> dict[str, tuple[str, ...]]:
    """The texts that each name is compared with."""
    found: dict[str, dict[str, None]] = {}
    for _, tree in program.trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare):
                sides = (node.left, node.comparators[0])
                names = [side.id for side in sides if isinstance(side, ast.Name)]
                texts = [side.value for side in sides if isinstance(side, ast.Constant) and isinstance(side.value, str)]
                for name in names:
                    found.setdefault(name, {}).update(dict.fromkeys(texts))
    return {name: tuple(texts) for name, texts in found.items()}


def _flat(values: Any) -> Iterator[Any]:
    for value in values:
        if isinstance(value, tuple):
            yield from value
        else:
            yield value


# -- the knobs of a fact -----------------------------------------------------------------------------------------


def _knobs(identifier: str, fact: model.Fact, rows: int, texts: tuple[str, ...]) -> Iterator[Knob]:
    if fact.kind == "checklist":
        for item in fact.items:
            label = f"{identifier}.{item}"
            yield Knob(label, identifier, "options", options=(True, False), names=(label, identifier))
    elif fact.kind == "table":
        every = (identifier, *(f"{identifier}.{column}" for column in fact.columns))
        for row in range(rows):
            for name, column in fact.columns.items():
                label = f"{identifier}[{row + 1}].{name}"
                yield _simple(label, identifier, column.kind, column.range, (f"{identifier}.{name}",))
        yield Knob(f"{identifier}#rows", identifier, "count", 0, max(rows, MAX_ROWS), names=every)
    elif fact.kind == "choice":
        yield Knob(identifier, identifier, "options", options=tuple(fact.choices), names=(identifier,))
    else:
        yield _simple(identifier, identifier, fact.kind, fact.range, (identifier,), texts)


def _simple(
    label: str, fact: str, kind: str, declared: Any, names: tuple[str, ...], texts: tuple[str, ...] = ()
) -> Knob:
    if kind == "truth":
        return Knob(label, fact, "options", options=(True, False), names=names)
    if kind == "text":
        return Knob(label, fact, "options", options=(*texts, "—"), names=names)
    if kind == "date":
        low, high = declared or (date(1900, 1, 1), date(2199, 12, 31))
        return Knob(label, fact, "date", low.toordinal(), high.toordinal(), names=names)
    low, high = (end if end in (OPEN, -OPEN) else numbers.to_fraction(end) for end in limits(kind, declared))
    return Knob(label, fact, "count" if kind == "count" else "number", low, high, names=names)


def _set_as(knob: Knob, names: Mapping[str, Any], rows: int) -> Any:
    """Where a knob stands in what a submission gave."""
    if knob.label.endswith("#rows"):
        return Fraction(rows)
    value = names[knob.names[0]]
    if "[" in knob.label:
        index = int(knob.label.partition("[")[2].partition("]")[0]) - 1
        if index >= len(value):
            return _plausible(knob)
        value = value[index]
    if isinstance(value, date):
        return value.toordinal()
    return value if isinstance(value, bool | str) else numbers.to_fraction(value)


def _plausible(knob: Knob) -> Any:
    """A setting inside the range for what is not given: 100 where that can be, the first option, everything true."""
    if knob.label.endswith("#rows"):
        return Fraction(2)
    if knob.options:
        return knob.options[0]
    preferred = date(2024, 1, 1).toordinal() if knob.kind == "date" else 100
    inside = max(knob.low, min(knob.high, preferred))
    return int(inside) if knob.kind == "date" else Fraction(inside.numerator, inside.denominator)


def _plain(knob: Knob, value: Any) -> Any:
    """A setting as formulas read it."""
    if knob.kind == "date":
        return date.fromordinal(int(value))
    if isinstance(value, Fraction):
        return numbers.normal(ratio(value.numerator, value.denominator))
    return value


def _written(value: Any) -> Any:
    """A value as a TOML file says it: whole numbers and decimals, dates, texts, truth values."""
    if isinstance(value, bool | str | date | int):
        return value
    return Decimal(numbers.plain(value))
