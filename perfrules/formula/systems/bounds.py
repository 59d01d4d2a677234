"""The bounds number system: what a formula *can* be, while facts are missing or judged only to a level.

A number or date is an interval, a truth value the set of its possible answers, a choice or text the set of its
possible options. Inside a branch whose test compares a name with something, the name is narrowed to what the test
allows. Two occurrences of one name are otherwise treated as independent, so bounds are safe, not always tight.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from perfrules.formula.evaluator import Evaluator, Observer, called
from perfrules.formula.systems.intervals import (
    FALSE,
    FUNCTIONS,
    NOTHING,
    OPERATORS,
    TRUE,
    Bounds,
    Interval,
    Nothing,
    Options,
    Truth,
    hull,
    is_point,
    meet,
    negate,
    point,
)

MAX_INLINED = 500
"""Nodes of a named value that is evaluated again inside a narrowed branch; larger ones keep their outer bounds."""


class BoundsSystem:
    """The number system of bounds; `definitions` are the trees of named values, for narrowing through them."""

    operators = OPERATORS
    functions = FUNCTIONS

    def __init__(self, definitions: Mapping[str, ast.expr] | None = None) -> None:
        """Take the trees of named values; those that are too large to look into are left out."""
        self._trees = definitions or {}
        self._small: dict[str, ast.expr | None] = {}

    def definition(self, name: str) -> ast.expr | None:
        """The tree of a named value, if it has one that is small enough to look into."""
        if name not in self._small:
            tree = self._trees.get(name)
            small = tree is not None and sum(1 for _ in ast.walk(tree)) <= MAX_INLINED
            self._small[name] = tree if small else None
        return self._small[name]

    def constant(self, node: ast.Constant) -> Bounds:
        """A literal: a point; the points of an interpolation stay literal."""
        value: Any = node.value
        return value if isinstance(value, tuple) else point(value)

    def name(self, run: Evaluator, node: ast.Name) -> Bounds:
        """The bounds of a name; a named value is computed again from what is narrowed here."""
        bounds: Bounds = run.names[node.id]
        if not run.path or is_point(bounds):
            return bounds
        definition = self.definition(node.id)
        if definition is None or len(run.path) > 20:
            return bounds
        inlined = Evaluator(self, run.names, _unobserved)
        inlined.path = run.path
        found: Bounds = meet(bounds, inlined.visit(definition))
        return found

    def choose(self, run: Evaluator, test: ast.expr, then: ast.expr, orelse: ast.expr) -> Bounds:
        """Both branches where the test is undecided, each narrowed to what the test allows."""
        decided: Truth | Nothing = run.visit(test)
        if isinstance(decided, Nothing):
            return decided
        reached: Bounds = NOTHING
        for outcome, branch in ((True, then), (False, orelse)):
            if decided.true if outcome else decided.false:
                reached = hull(reached, self._branch(run, test, outcome, branch))
        return reached

    def _branch(self, run: Evaluator, test: ast.expr, outcome: bool, branch: ast.expr) -> Bounds:
        narrowed = self.narrowed(run, test, outcome)
        if narrowed is None:
            return NOTHING
        path = run.path
        run.path = (*path, (test, outcome))
        try:
            with _narrower(run.names, narrowed):
                found: Bounds = run.visit(branch)
        finally:
            run.path = path
        return found

    def narrowed(self, run: Evaluator, test: ast.expr, outcome: bool) -> dict[str, Bounds] | None:
        """The names that the outcome of a test narrows; None where the outcome cannot be."""
        narrowing = _Narrowing(self, run)
        return narrowing.names if narrowing.assume(test, outcome) else None

    def all_(self, run: Evaluator, terms: Sequence[ast.expr]) -> Truth:
        """Kleene's `and`."""
        values = [run.visit(term) for term in terms]
        known = [value for value in values if value is not NOTHING]
        return Truth(all(value.true for value in known), any(value.false for value in known))

    def any_(self, run: Evaluator, terms: Sequence[ast.expr]) -> Truth:
        """Kleene's `or`."""
        values = [run.visit(term) for term in terms]
        known = [value for value in values if value is not NOTHING]
        return Truth(any(value.true for value in known), all(value.false for value in known))

    def call(self, run: Evaluator, node: ast.Call, arguments: list[Any]) -> Any:
        """A function of the table."""
        if NOTHING in arguments and called(node) != "rescale":
            return NOTHING
        return run.functions[called(node)](*arguments)

    def recover(self, node: ast.expr, operands: Sequence[ast.expr], values: Sequence[Any], error: Exception) -> Bounds:
        """No operation of this system fails but on nothing, which stays nothing."""
        if NOTHING in values:
            return NOTHING
        raise error


@contextmanager
def _narrower(names: dict[str, Any], narrowed: Mapping[str, Bounds]) -> Iterator[None]:
    """Narrow some names for a while."""
    before = {name: names[name] for name in narrowed}
    names.update(narrowed)
    try:
        yield
    finally:
        names.update(before)


def _unobserved(step: object) -> None:
    """Nobody is told of a node that is only looked through."""


_NEGATED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
}  # fmt: skip
_MIRRORED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE, ast.Eq: ast.Eq, ast.NotEq: ast.NotEq,
}  # fmt: skip


class _Narrowing:
    """What follows for names when tests are assumed to have come out one way."""

    def __init__(self, system: BoundsSystem, run: Evaluator) -> None:
        self.system = system
        self.run = run
        self.names: dict[str, Bounds] = {}

    def assume(self, test: ast.expr, outcome: bool) -> bool:
        """Take the test to have this outcome; False where it cannot."""
        match test:
            case ast.UnaryOp(op=ast.Not()):
                return self.assume(test.operand, not outcome)
            case ast.BoolOp():
                return self._terms(test, outcome)
            case ast.Compare():
                return self._comparison(test, outcome)
            case ast.Name():
                definition = self.system.definition(test.id)
                if definition is not None and not self.assume(definition, outcome):
                    return False
                return self._limit(test, TRUE if outcome else FALSE)
        return True

    def _terms(self, test: ast.BoolOp, outcome: bool) -> bool:
        if isinstance(test.op, ast.And) is outcome:
            return all(self.assume(term, outcome) for term in test.values)
        # One of the terms must decide; where only one still can, it does.
        able = [term for term in test.values if self._can(term, outcome)]
        return self.assume(able[0], outcome) if len(able) == 1 else bool(able)

    def _can(self, term: ast.expr, outcome: bool) -> bool:
        value = self._value(term)
        return value is not NOTHING and bool(value.true if outcome else value.false)

    def _value(self, node: ast.expr) -> Any:
        quiet = Evaluator(self.system, self.run.names, _unobserved)
        quiet.path = self.run.path
        with _narrower(self.run.names, self.names):
            return quiet.visit(node)

    def _comparison(self, test: ast.Compare, outcome: bool) -> bool:
        op: type[ast.AST] = type(test.ops[0])
        op = op if outcome else _NEGATED[op]
        left, right = test.left, test.comparators[0]
        return self._side(left, op, right) and self._side(right, _MIRRORED[op], left)

    def _side(self, name: ast.expr, op: type[ast.AST], other: ast.expr) -> bool:
        if not isinstance(name, ast.Name):
            return True
        against = self._value(other)
        match against:
            case Nothing():
                return False
            case Interval() if op in (ast.Lt, ast.LtE):
                return self._limit(name, Interval(_least(against), against.high))
            case Interval() if op in (ast.Gt, ast.GtE):
                return self._limit(name, Interval(against.low, _most(against)))
            case _ if op is ast.Eq:
                return self._limit(name, against)
            case Truth() if is_point(against):
                return self._limit(name, negate(against))
            case Options() if is_point(against):
                return self._without(name, against)
        return True

    def _without(self, name: ast.Name, option: Options) -> bool:
        current = self._value(name)
        if not isinstance(current, Options) or current.possible is None or option.possible is None:
            return True
        return self._limit(name, Options(current.possible - option.possible)) and current.possible != option.possible

    def _limit(self, name: ast.Name, bounds: Bounds) -> bool:
        current = self.names.get(name.id, self.run.names.get(name.id))
        if current is None:
            return True
        narrower = meet(current, bounds)
        if narrower is NOTHING:
            return False
        self.names[name.id] = narrower
        definition = self.system.definition(name.id)
        return self._limit(definition, bounds) if isinstance(definition, ast.Name) else True


def _least(against: Interval) -> Any:
    return date.min if isinstance(against.high, date) else -math.inf


def _most(against: Interval) -> Any:
    return date.max if isinstance(against.low, date) else math.inf


def evaluate(
    tree: ast.expr,
    names: dict[str, Any],
    definitions: Mapping[str, ast.expr] | None = None,
    observe: Observer = _unobserved,
) -> Any:
    """The bounds of a tree, given the bounds of its names."""
    return Evaluator(BoundsSystem(definitions), names, observe).visit(tree)
