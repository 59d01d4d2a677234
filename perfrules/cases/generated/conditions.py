"""Pairs of settings that show each term of a compound condition deciding it: MC/DC.

A pair is *unique-cause* where only that term and the outcome differ. Terms that are tied together, such as `x < 5` and
`x > 10`, may leave no such pair; then one is taken in which, in both settings, the outcome would turn if that term
alone did: *masking*.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from perfrules.cases.generated.bench import Bench, Setting
from perfrules.cases.generated.solving import Solver
from perfrules.cases.generated.spots import Decision, Guard, Guards, conditions_of

Truths = tuple[bool, ...]


class Pair(NamedTuple):
    """Two settings that show a term deciding: it holds in the first and fails in the second; None if none is found."""

    term: ast.expr
    holds: Setting | None
    fails: Setting | None
    masking: bool = False


def pairs(solver: Solver, decision: Decision, pool: Sequence[Setting]) -> Iterator[Pair]:
    """A pair for each term that facts can turn, from the settings of a pool where they serve, else searched for.

    Args:
        solver: Searches.
        decision: The compound condition.
        pool: Settings that there are anyway.

    Raises:
        Exhausted: The searches have taken all their evaluations.
    """
    study = _Study(solver.bench, decision)
    known = study.known(pool)
    for index, (term, others) in enumerate(zip(decision.terms, _neutral(decision.root), strict=True)):
        if not solver.bench.knobs(term):
            continue
        found = study.pair(index, known)
        if found is None or found.masking:
            known = {**study.known(_searched(solver, decision, term, others)), **known}
            found = study.pair(index, known)
        yield found or Pair(term, None, None)


def _neutral(node: ast.expr, guards: Guards = ()) -> Iterator[Guards]:
    """For each term of a condition, what the others must be so that it decides."""
    for term, inside in conditions_of(node, guards):
        if term is node:
            yield guards
        else:
            yield from _neutral(term, inside)


def _searched(solver: Solver, decision: Decision, term: ast.expr, others: Guards) -> Iterator[Setting]:
    """Settings in which the others leave the decision to a term, and it holds or fails; each also near the other."""
    around = [*others, *decision.guards]
    with solver.bench.share():
        for wanted in (True, False):
            found = solver.meet({}, [Guard(term, wanted), *around])
            if found is not None:
                yield found
                near = solver.meet(found, [Guard(term, not wanted), *around])
                if near is not None:
                    yield near


class _Study:
    """The truths of one decision's terms."""

    def __init__(self, bench: Bench, decision: Decision) -> None:
        self.bench = bench
        self.decision = decision

    def known(self, settings: Sequence[Setting] | Iterator[Setting]) -> dict[Truths, Setting]:
        """The settings where the decision is reached, by the truths of its terms; the first of each."""
        found: dict[Truths, Setting] = {}
        for setting in settings:
            truths = tuple(self.bench.value(term, setting) for term in self.decision.terms)
            if all(isinstance(truth, bool) for truth in truths) and self.bench.holds(self.decision.guards, setting):
                found.setdefault(truths, setting)
        return found

    def pair(self, index: int, known: Mapping[Truths, Setting]) -> Pair | None:
        """The best pair for a term among known settings."""
        term, root = self.decision.terms[index], self.decision.root
        masking = None
        for one, two in itertools.product(known, repeat=2):
            if not one[index] or two[index] or self.outcome(root, one) is self.outcome(root, two):
                continue
            pair = Pair(term, known[one], known[two], masking=_turned(one, index) != two)
            if not pair.masking:
                return pair
            if all(
                self.outcome(root, truths) is not self.outcome(root, _turned(truths, index)) for truths in (one, two)
            ):
                masking = masking or pair
        return masking

    def outcome(self, node: ast.expr, truths: Truths) -> bool:
        """What a condition comes to when its terms are as given."""
        if isinstance(node, ast.BoolOp):
            every = [self.outcome(term, truths) for term in node.values]
            return all(every) if isinstance(node.op, ast.And) else any(every)
        if isinstance(node, ast.UnaryOp):
            return not self.outcome(node.operand, truths)
        return truths[next(index for index, term in enumerate(self.decision.terms) if term is node)]


def _turned(truths: Truths, index: int) -> Truths:
    return (*truths[:index], not truths[index], *truths[index + 1 :])
