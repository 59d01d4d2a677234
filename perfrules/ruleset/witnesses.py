"""Facts that show something: found by trying ends of ranges, thresholds and solved constraints, in exact arithmetic."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import islice
from random import Random
from typing import Any, NamedTuple

from perfrules import numbers, words
from perfrules.formula.direct import DirectEvaluator
from perfrules.formula.systems import exact
from perfrules.formula.systems.certificates import Box, Constraint
from perfrules.formula.systems.exact import EXACT
from perfrules.formula.systems.paths import Path
from perfrules.formula.systems.polynomials import Polynomial
from perfrules.numbers import Exact
from perfrules.ruleset import model
from perfrules.ruleset.names import NUMERIC, fact_of
from perfrules.ruleset.plainer import plainest
from perfrules.ruleset.program import Program
from perfrules.ruleset.ranges import OPEN, limits

MAX_TRIES = 500
"""Submissions that are tried for one question; most witnesses are among the first twenty."""

_FAR = 1_000_000
_SEED = 53


class Witness(NamedTuple):
    """Facts of a submission, as formulas read them."""

    facts: Mapping[str, Any]

    def shown(self) -> str:
        """The facts as one line: `staff_in_post = 95, staff_posts = 0`."""
        return ", ".join(f"{words.safe(name)} = {_shown(value)}" for name, value in self.facts.items())


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Exact):
        return numbers.plain(value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(_shown, value))}]"
    return words.safe(str(value))


class Witnesses:
    """Searches the facts of one program. The same question finds the same facts every time."""

    def __init__(self, program: Program) -> None:
        """Take a program."""
        self.program = program
        self.order = {name: index for index, (name, _) in enumerate(program.trees)}
        self.trees = dict(program.trees)
        self.reads = {name: _names(tree) for name, tree in program.trees}

    def closure(self, roots: Iterable[str], stop: Iterable[str] = ()) -> list[str]:
        """The lines that some lines are made of, themselves included, in the order of the program."""
        found, pending, stopped = set(), [name for name in roots if name in self.trees], set(stop)
        while pending:
            name = pending.pop()
            if name not in found and name not in stopped:
                found.add(name)
                pending += [read for read in self.reads[name] if read in self.trees]
        return sorted(found, key=self.order.__getitem__)

    def facts_of(self, lines: Iterable[str]) -> dict[str, model.Fact]:
        """The facts that some lines read, in the order of the ruleset."""
        read = {fact_of(name) for line in lines for name in self.reads.get(line, (line,))}
        return {identifier: fact for identifier, fact in self.program.facts.items() if identifier in read}

    def search(
        self,
        roots: Sequence[str],
        applies: str | None,
        paths: Sequence[Path],
        wanted: Callable[[Mapping[str, Any]], bool],
    ) -> tuple[Witness, Mapping[str, Any]] | None:
        """Facts with which some lines have wanted values, and every value; None where none were found.

        Args:
            roots: The lines.
            applies: A condition that must hold with these facts.
            paths: Ways through formulas whose constraints the facts had better satisfy.
            wanted: Says whether the values of names are what is looked for.
        """
        lines = self.closure([*roots, applies] if applies else roots)
        facts = self.facts_of([*lines, *roots])
        tries_ = _Tries(facts, [self.trees[name] for name in lines])

        def found(point: Mapping[str, Any]) -> Mapping[str, Any] | None:
            names = self._run(lines, facts, point)
            return names if (applies is None or names[applies] is True) and wanted(names) else None

        for point in tries_.points(paths):
            if found(point) is not None:
                simple = plainest(facts, tries_.choices, point, lambda other: found(other) is not None)
                names = found(simple)
                return None if names is None else (Witness(simple), names)
        return None

    def holding(self, test: ast.expr, applies: str | None, paths: Sequence[Path]) -> Witness | None:
        """Facts for which a condition over names of the program holds; None where none were found."""
        roots = sorted(_names(test))

        def wanted(names: Mapping[str, Any]) -> bool:
            return exact.evaluate(test, dict(names)) is True

        found = self.search(roots, applies, paths, wanted)
        return found and found[0]

    def _run(self, lines: Sequence[str], facts: Mapping[str, model.Fact], point: Mapping[str, Any]) -> dict[str, Any]:
        """The exact value of every line, given a value for every fact."""
        names: dict[str, Any] = dict(self.program.constants)
        for identifier, fact in facts.items():
            names |= as_names(identifier, fact, point[identifier])
        visit = DirectEvaluator(EXACT, names, {}).visit
        for name in lines:
            names[name] = visit(self.trees[name])
        return names


def tries(program: Program, count: int) -> Iterator[dict[str, Any]]:
    """Facts worth trying on a whole ruleset, in the shape of a submission: ends of ranges, thresholds, what is near."""
    points = _Tries(program.facts, [tree for _, tree in program.trees]).points(())
    for point in islice(points, count):
        yield {identifier: as_submitted(program.facts[identifier], value) for identifier, value in point.items()}


def as_submitted(fact: model.Fact, value: Any) -> Any:
    """The value of a fact as a submission says it."""
    if fact.kind == "checklist":
        return dict(zip(fact.items, value, strict=True))
    if fact.kind == "table":
        return [dict(zip(fact.columns, cells, strict=True)) for cells in zip(*value, strict=True)]
    return value


def as_names(identifier: str, fact: model.Fact, value: Any) -> dict[str, Any]:
    """The names that one fact gives to formulas, where its value is known."""
    if fact.kind == "checklist":
        return {identifier: value} | {f"{identifier}.{item}": one for item, one in zip(fact.items, value, strict=True)}
    if fact.kind == "table":
        columns = {f"{identifier}.{name}": cells for name, cells in zip(fact.columns, value, strict=True)}
        return {identifier: (True,) * len(value[0]), **columns}
    return {identifier: value}


def _names(tree: ast.expr) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


class _Tries:
    """The submissions that are tried for one question."""

    def __init__(self, facts: Mapping[str, model.Fact], trees: Iterable[ast.expr]) -> None:
        self.facts = facts
        self.random = Random(_SEED)  # noqa: S311  (the same facts every time, nothing secret)
        literals = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        self.literals: list[Any] = sorted((one for one in literals if not isinstance(one, tuple | bool)), key=repr)
        self.choices = {identifier: list(self._values(fact)) for identifier, fact in facts.items()}

    # -- values of one fact ---------------------------------------------------------------------------------------

    def _values(self, fact: model.Fact) -> Iterator[Any]:
        """Values worth trying for a fact: ends of its range, thresholds, and what lies beside them."""
        if fact.kind in NUMERIC:
            yield from self._numbers(fact.kind, fact.range)
        elif fact.kind == "date":
            yield from self._dates(fact.range)
        elif fact.kind == "truth":
            yield from (True, False)
        elif fact.kind == "choice":
            yield from fact.choices
        elif fact.kind == "checklist":
            count = len(fact.items)
            for _ in range(2 * count + 2):
                yield tuple(self.random.random() < 0.5 for _ in range(count))
            yield from ((True,) * count, (False,) * count)
        elif fact.kind == "table":
            yield from self._tables(fact)
        else:
            yield from ("", *(one for one in self.literals if isinstance(one, str)))

    def _numbers(self, kind: str, declared: tuple[Any, Any] | None) -> list[Any]:
        low, high = limits(kind, declared)
        low = None if low == -OPEN else _fraction(low)
        high = None if high == OPEN else _fraction(high)
        near = [_fraction(one) for one in self.literals if isinstance(one, Exact)]
        wished = [Fraction(0), Fraction(1), Fraction(100), Fraction(_FAR), Fraction(-_FAR), *near]
        wished += [one + step for one in near for step in (1, -1, Fraction(1, 100), Fraction(-1, 100))]
        wished += [end for end in (low, high) if end is not None]
        if low is not None and high is not None:
            wished += [(low + high) / 2, low + (high - low) / 1000, low + 1, high - 1]
        inside = [one for one in wished if (low is None or one >= low) and (high is None or one <= high)]
        whole = [one for one in inside if kind != "count" or one.denominator == 1]
        ordered = sorted(set(whole), key=lambda one: (one.denominator, abs(one), one))
        return [numbers.read(one) for one in ordered] or [numbers.read(low or 0)]

    def _dates(self, declared: tuple[Any, Any] | None) -> list[date]:
        low, high = declared or (date(1949, 10, 1), date(2100, 1, 1))
        near = [one for one in self.literals if isinstance(one, date)]
        wished = [low, high, *(one + timedelta(days=step) for one in near for step in (-1, 0, 1))]
        return sorted({one for one in wished if low <= one <= high})

    def _tables(self, fact: model.Fact) -> Iterator[Any]:
        for rows in (1, 2, 3, 1, 2):
            columns = []
            for column in fact.columns.values():
                if column.kind in NUMERIC:
                    cells = self._numbers(column.kind, column.range)
                    columns.append(tuple(self.random.choice(cells) for _ in range(rows)))
                elif column.kind == "date":
                    columns.append(tuple(self.random.choice(self._dates(column.range)) for _ in range(rows)))
                else:
                    columns.append((column.kind == "truth" or "",) * rows)
            yield tuple(columns)

    # -- whole submissions ----------------------------------------------------------------------------------------

    def points(self, paths: Sequence[Path]) -> Iterator[dict[str, Any]]:
        """Submissions to try: plain ones first, then such as satisfy the constraints of the paths."""
        for pick in (0, -1):
            yield {identifier: values[pick] for identifier, values in self.choices.items()}
        for count in range(MAX_TRIES):
            point = {identifier: self.random.choice(values) for identifier, values in self.choices.items()}
            if paths and count % 4:
                self._repair(point, paths[count % len(paths)])
            yield point

    def _repair(self, point: dict[str, Any], path: Path) -> None:
        """Move a submission towards what a path asks for: each constraint is solved for one of its facts."""
        numeric = {name for name, fact in self.facts.items() if fact.kind in (*NUMERIC, "date")}
        for _ in range(3):
            for constraint in path.constraints:
                variables = constraint.polynomial.variables
                if variables and variables <= numeric:
                    self._satisfy(point, constraint, path.boxes)

    def _satisfy(self, point: dict[str, Any], constraint: Constraint, boxes: Mapping[str, Box]) -> None:
        at = {name: _as_number(point[name]) for name in constraint.polynomial.variables}
        value = constraint.polynomial.value(at)
        if value > 0 or (value == 0 and not constraint.strict):
            return
        names = sorted(at)
        self.random.shuffle(names)
        for name in names:
            slope = _slope(constraint.polynomial, name, at)
            if slope is None or slope == 0:
                continue
            margin = self.random.choice((Fraction(0), Fraction(1, 100), Fraction(1)))
            margin = margin if margin or not constraint.strict else Fraction(1, 1000)
            moved = self._rounded(name, at[name] - value / slope + (margin if slope > 0 else -margin))
            low, high = boxes[name]
            if (low is None or moved >= low) and (high is None or moved <= high):
                point[name] = self._as_value(name, moved)
                return

    def _rounded(self, name: str, value: Fraction) -> Fraction:
        return Fraction(round(value)) if self.facts[name].kind in ("count", "date") else value

    def _as_value(self, name: str, value: Fraction) -> Any:
        if self.facts[name].kind != "date":
            return numbers.read(value)
        return date.fromordinal(max(1, min(int(value), date.max.toordinal())))


def _slope(polynomial: Polynomial, name: str, at: Mapping[str, Fraction]) -> Fraction | None:
    """How fast a polynomial grows with one variable; None where it is not linear in it."""
    slope = Fraction(0)
    for monomial, coefficient in polynomial.terms.items():
        times = monomial.count(name)
        if times > 1:
            return None
        if times:
            part = Fraction(coefficient)
            for other in monomial:
                part *= 1 if other == name else at[other]
            slope += part
    return slope


def _fraction(value: Any) -> Fraction:
    return numbers.to_fraction(value)


def _as_number(value: Any) -> Fraction:
    return Fraction(value.toordinal()) if isinstance(value, date) else _fraction(value)
