"""Which states a row can be in beside scored: found from its formulas and the ranges of the facts they read.

Missing and judged ask which facts are read. Undefined asks whether a divisor can be 0, or a value fall between bands,
under the conditions that lead there; where that is not certain, it is taken to be possible.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import pairwise
from typing import Any

from perfrules import numbers
from perfrules.evaluation.results import Status
from perfrules.formula.evaluator import Evaluator, called
from perfrules.formula.systems.bounds import BoundsSystem
from perfrules.formula.systems.exact import divide
from perfrules.formula.systems.intervals import ANYTHING, NOTHING, Interval, point
from perfrules.numbers import Exact
from perfrules.ruleset.names import fact_of
from perfrules.ruleset.program import Program, Row, bind
from perfrules.ruleset.ranges import bounds as bounds_of_facts

Conditions = tuple[tuple[ast.expr, bool], ...]

_BY_SECOND = frozenset(("percent", "started", "completed"))
_OF_ROWS = frozenset(("mean", "weighted_mean", "lowest_of", "highest_of"))
_SUPPOSED = "supposed"
"""The name that stands for an expression whose value is supposed; no formula can read it, since it is no line."""


class States:
    """Says for the rows of one program which states they can be in."""

    def __init__(self, program: Program) -> None:
        """Take the program."""
        self.program = program
        self.definitions = program.definitions()
        self._system = BoundsSystem(self.definitions)
        self._known: dict[tuple[str, Conditions], bool] = {}

    def of(self, row: Row) -> Iterator[Status]:
        """The states that a row can be in beside scored."""
        trees = [self.definitions[name] for name in (row.applies, row.score) if name]
        facts = [self.program.facts[name] for name in self._facts(trees)]
        if facts:
            yield Status.MISSING
        if self._undefined(trees[-1], tuple((tree, True) for tree in trees[:-1])):
            yield Status.UNDEFINED
        if any(fact.kind == "judgement" for fact in facts):
            yield Status.JUDGED
        if row.applies:
            yield Status.NOT_APPLICABLE

    def _facts(self, trees: Iterable[ast.expr]) -> set[str]:
        """The facts that formulas read, directly and through the lines before them."""
        found: set[str] = set()
        seen: set[str] = set()
        waiting = list(trees)
        while waiting:
            for node in ast.walk(waiting.pop()):
                if not isinstance(node, ast.Name) or node.id in seen:
                    continue
                seen.add(node.id)
                if node.id in self.definitions:
                    waiting.append(self.definitions[node.id])
                elif fact_of(node.id) in self.program.facts:
                    found.add(fact_of(node.id))
        return found

    # -- undefined ------------------------------------------------------------------------------------------------

    def _undefined(self, node: ast.expr, conditions: Conditions) -> bool:
        """Whether a formula may have no value under some conditions though every fact is known."""
        match node:
            case ast.Name(id=identifier):
                return identifier in self.definitions and self._line(identifier, conditions)
            case ast.IfExp():
                return (
                    self._undefined(node.test, conditions)
                    or self._undefined(node.body, (*conditions, (node.test, True)))
                    or self._undefined(node.orelse, (*conditions, (node.test, False)))
                )
            case ast.Call() if called(node) == "no_band":
                return self._reached(conditions)
        return (self._divides_by_zero(node, conditions)) or any(
            self._undefined(child, conditions) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)
        )

    def _line(self, identifier: str, conditions: Conditions) -> bool:
        key = identifier, conditions
        if key not in self._known:
            self._known[key] = self._undefined(self.definitions[identifier], conditions)
        return self._known[key]

    def _divides_by_zero(self, node: ast.expr, conditions: Conditions) -> bool:
        match node:
            case ast.BinOp(op=ast.Div(), right=divisor):
                return self._can_be(divisor, [0], conditions)
            case ast.Call() if called(node) in _BY_SECOND:
                return self._can_be(node.args[1], [0], conditions)
        return isinstance(node, ast.Call) and called(node) in _OF_ROWS

    def _reached(self, conditions: Conditions) -> bool:
        """Whether all conditions can come out so; exact where they compare one name with numbers."""
        run = self._run(dict(self._names))
        for test, outcome in conditions:
            if (narrowed := self._system.narrowed(run, test, outcome)) is None:
                return False
            run.names.update(narrowed)
        edges: dict[str, tuple[ast.expr, list[Exact]]] = {}
        for test, _ in conditions:
            for node in ast.walk(test):
                if isinstance(node, ast.Compare) and isinstance(node.comparators[0], ast.Constant):
                    value = node.comparators[0].value
                    if isinstance(value, Exact) and not isinstance(value, bool):
                        edges.setdefault(ast.dump(node.left), (node.left, []))[1].append(value)
        return all(self._can_be(name, _around(values), conditions) for name, values in edges.values())

    def _can_be(self, node: ast.expr, values: Iterable[Exact], conditions: Conditions) -> bool:
        """Whether a formula can have one of some values where conditions have come out so."""
        node = self._source(node)
        limits = self._run(self._names).visit(node)
        if not isinstance(limits, Interval):
            return True
        whole = (
            isinstance(node, ast.Name) and node.id in self.program.facts and self.program.facts[node.id].kind == "count"
        )
        name = node.id if isinstance(node, ast.Name) else _SUPPOSED
        tests = [(_supposing(test, node), outcome) for test, outcome in conditions]
        return any(
            limits.low <= value <= limits.high and all(self._can(test, outcome, name, value) for test, outcome in tests)
            for value in values
            if not whole or isinstance(value, int)
        )

    def _source(self, node: ast.expr) -> ast.expr:
        """What a name is another name of."""
        while isinstance(node, ast.Name) and isinstance(definition := self.definitions.get(node.id), ast.Name):
            node = definition
        return node

    def _can(self, test: ast.expr, outcome: bool, name: str, value: Exact) -> bool:
        """Whether a condition can come out so where a name has a value."""
        run = self._run({**self._names, name: point(value)})
        run.path = ((test, outcome),)  # so that the lines which read the name are worked out again
        found = run.visit(test)
        return found is not NOTHING and bool(found.true if outcome else found.false)

    def _run(self, names: dict[str, Any]) -> Evaluator:
        return Evaluator(self._system, names, lambda step: None)

    @cached_property
    def _names(self) -> dict[str, Any]:
        """The bounds of every name over the ranges of the facts."""
        names: dict[str, Any] = {name: point(value) for name, value in self.program.constants.items()}
        names.update(bounds_of_facts(self.program.facts))
        run = self._run(names)
        for name, tree in self.program.trees:
            found = run.visit(tree)
            names[name] = ANYTHING if found is NOTHING else found
        return names


def _around(values: list[Exact]) -> list[Exact]:
    """Numbers at, between and beside some numbers, whole ones among them where there are any."""
    ordered = sorted(set(values))
    between: list[Exact] = []
    for low, high in pairwise(ordered):
        between += [divide(low + high, 2), numbers.floor(low) + 1] if high > low else []
    return [*ordered, *between, numbers.ceil(ordered[0]) - 1, numbers.floor(ordered[-1]) + 1]


def _supposing(test: ast.expr, node: ast.expr) -> ast.expr:
    """A condition in which an expression, wherever it stands, is a name that can be given a value."""
    if isinstance(node, ast.Name):
        return test
    found: ast.expr = _Supposing(node).visit(bind(test, {}))
    return found


class _Supposing(ast.NodeTransformer):
    def __init__(self, supposed: ast.expr) -> None:
        self.kind = type(supposed)
        self.dumped = ast.dump(supposed)

    def visit(self, node: ast.AST) -> Any:
        if type(node) is self.kind and ast.dump(node) == self.dumped:
            return ast.Name(_SUPPOSED, ast.Load())
        return self.generic_visit(node)
