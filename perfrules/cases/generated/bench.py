"""Where settings are tried: the value of any part of a program over turned knobs, from the lines that it needs."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any

from perfrules import numbers
from perfrules.cases.generated.knobs import Knob, Panel
from perfrules.cases.generated.spots import Guard
from perfrules.formula.direct import DirectEvaluator
from perfrules.formula.systems.exact import EXACT
from perfrules.numbers import Exact
from perfrules.ruleset.names import fact_of
from perfrules.ruleset.program import Program

MAX_WORK = 5_000_000
"""Lines of a program that the searches over a ruleset may evaluate, some ten seconds: the same on every machine."""

MAX_SPOT_WORK = 500_000
"""Lines that the search for one spot may evaluate."""

_OVERHEAD = 5
"""What an evaluation costs besides its lines, in lines."""

Setting = dict[str, Any]
"""The knobs that stand elsewhere than in the base, by label."""


class Exhausted(Exception):  # noqa: N818  (a signal between these modules)
    """A search evaluated more than it may."""


@lru_cache(maxsize=64)
def needs(program: Program) -> dict[str, frozenset[str]]:
    """For each line every name that it comes down to: the lines before it, values, facts."""
    found: dict[str, frozenset[str]] = {}
    for line, tree in program.trees:
        own = names_of(tree)
        found[line] = own.union(*(found.get(read, frozenset()) for read in own))
    return found


def facts_of(program: Program, lines: Iterable[str]) -> set[str]:
    """The facts that some lines come down to."""
    known = needs(program)
    names = {fact_of(name) for line in lines for name in known[line]}
    return names & program.facts.keys()


class Bench:
    """Evaluates parts of a program over turned knobs; only the lines that a part needs."""

    def __init__(self, program: Program, panel: Panel, work: int = MAX_WORK, each: int = MAX_SPOT_WORK) -> None:
        """Take a program and its knobs, and how many lines all searches and each of them may evaluate."""
        self.panel = panel
        self.left = work
        self.each = each
        self._trees = dict(program.trees)
        self._order = {line: index for index, (line, _) in enumerate(program.trees)}
        self._needs = needs(program)
        self._plans: dict[int, tuple[ast.expr, list[tuple[str, ast.expr]], frozenset[str]]] = {}
        self._literals: dict[int, frozenset[Fraction]] = {}

    def _plan(self, node: ast.expr) -> tuple[list[tuple[str, ast.expr]], frozenset[str]]:
        """The lines that a node needs, in order, and every name that it comes down to."""
        known = self._plans.get(id(node))
        if known is None:
            own = names_of(node)
            names = own.union(*(self._needs.get(read, frozenset()) for read in own))
            lines = sorted((read for read in names if read in self._order), key=self._order.__getitem__)
            known = self._plans[id(node)] = node, [(line, self._trees[line]) for line in lines], names
        return known[1], known[2]

    def value(self, node: ast.expr, setting: Mapping[str, Any]) -> Any:
        """The value of a node over turned knobs.

        Raises:
            Exhausted: The search has evaluated as much as it may.
        """
        self.left -= _OVERHEAD + len(self._plan(node)[0])
        if self.left < 0:
            raise Exhausted
        return self.peek(node, setting)

    def peek(self, node: ast.expr, setting: Mapping[str, Any]) -> Any:
        """The same, without counting."""
        lines, _ = self._plan(node)
        names = self.panel.names(setting)
        visit = DirectEvaluator(EXACT, names, {}).visit
        for line, tree in lines:
            names[line] = visit(tree)
        return visit(node)

    @contextlib.contextmanager
    def share(self) -> Iterator[None]:
        """Give a search its share of the work that is left; it ends with `Exhausted` when that is done."""
        kept = max(0, self.left - self.each)
        self.left -= kept
        try:
            yield
        finally:
            self.left = max(0, self.left) + kept

    def knobs(self, *nodes: ast.expr) -> list[Knob]:
        """The knobs that move some nodes, in the order in which they read them."""
        read: dict[str, None] = {}
        for node in nodes:
            self._read(node, read)
        return list({knob.label: knob for name in read for knob in self.panel.moves.get(name, ())}.values())

    def _read(self, node: ast.expr, read: dict[str, None]) -> None:
        """Collect the names that a node comes down to, in the order in which they are met."""
        for child in ast.walk(node):
            if isinstance(child, ast.Name) and child.id not in read:
                read[child.id] = None
                if child.id in self._trees:
                    self._read(self._trees[child.id], read)

    def literals(self, node: ast.expr) -> frozenset[Fraction]:
        """The numbers that stand in a node, and in the lines it needs."""
        if id(node) not in self._literals:
            trees = [node, *(tree for _, tree in self._plan(node)[0])]
            found = (child.value for tree in trees for child in ast.walk(tree) if isinstance(child, ast.Constant))
            exact = (one for one in found if isinstance(one, Exact) and not isinstance(one, bool))
            self._literals[id(node)] = frozenset(map(numbers.to_fraction, exact))
        return self._literals[id(node)]

    def resolve(self, node: ast.expr) -> ast.expr:
        """What a name of a line stands for."""
        while isinstance(node, ast.Name) and node.id in self._trees:
            node = self._trees[node.id]
        return node

    def holds(self, guards: Iterable[Guard], setting: Setting) -> bool:
        """Whether every guard is as it must be."""
        return all(self.value(guard.test, setting) is guard.wanted for guard in guards)

    def gap(self, left: ast.expr, right: ast.expr, setting: Setting) -> Fraction | None:
        """How far the left expression is above the right one; of dates in days; None where that cannot be said."""
        one, two = self.value(left, setting), self.value(right, setting)
        if isinstance(one, date) and isinstance(two, date):
            return Fraction((one - two).days)
        if isinstance(one, bool) or isinstance(two, bool) or not (isinstance(one, Exact) and isinstance(two, Exact)):
            return None
        return numbers.to_fraction(one) - numbers.to_fraction(two)


def names_of(tree: ast.expr) -> frozenset[str]:
    """The names that a tree reads."""
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
