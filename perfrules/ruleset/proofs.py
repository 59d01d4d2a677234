"""Whether every score stays in 0..weight for all facts in range, and whether a divisor can be 0.

Each question is answered *proved*, with *facts* for which it is otherwise (tried in the exact number system before they
are shown), or *undecided*. Nothing is clamped when scoring, so a score that can leave its weight will leave it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, NamedTuple

from perfrules import numbers, words
from perfrules.errors import Finding
from perfrules.formula.evaluator import Evaluator, Observer, called
from perfrules.formula.render import render
from perfrules.formula.systems.bounds import BoundsSystem
from perfrules.formula.systems.certificates import Box, is_never_negative
from perfrules.formula.systems.exact import Unknown
from perfrules.formula.systems.intervals import ANYTHING, NOTHING, Interval, point
from perfrules.formula.systems.paths import Path, PathsSystem, Undefined, is_possible
from perfrules.formula.systems.polynomials import Coefficient, TooComplex
from perfrules.formula.systems.quotients import Quotient
from perfrules.numbers import Exact
from perfrules.ruleset.examination import Examination
from perfrules.ruleset.places import place
from perfrules.ruleset.program import Branch, Program
from perfrules.ruleset.ranges import bounds
from perfrules.ruleset.witnesses import Witness, Witnesses

Answer = Literal["proved", "refuted", "undecided"]

_DIVISIONS = ("percent", "started", "completed")
"""Functions that divide by their second argument."""


class Proof(NamedTuple):
    """The answer for one score.

    Attributes:
        about: `indicators.x`, `dimensions.d` or `total`.
        answer: Whether the score stays in 0..weight.
        witness: Facts for which it does not.
        score: What it comes to with these.
        divisors: Divisors that can be 0, each with facts for which it is.
        open: Divisors of which neither is known.
    """

    about: str
    answer: Answer
    weight: Exact
    witness: Witness | None = None
    score: Exact | None = None
    divisors: tuple[tuple[ast.expr, Witness], ...] = ()
    open: tuple[ast.expr, ...] = ()


class Prover:
    """Proves what one program's scores can be; ranges and divisors are looked at once for all."""

    def __init__(self, program: Program) -> None:
        """Take a program."""
        self.program = program
        self.facts = bounds(program.facts)
        self.definitions = program.definitions()
        self.witnesses = Witnesses(program)
        self.ranges: dict[str, Any] = {}
        self.doubtful: dict[str, tuple[ast.expr, ...]] = {}
        self._look()

    def _look(self) -> None:
        """What each line can be, by intervals, and which of its divisors these do not keep from 0."""
        names: dict[str, Any] = {name: point(value) for name, value in self.program.constants.items()} | self.facts
        system = BoundsSystem(self.definitions)
        for name, tree in self.program.trees:
            seen: dict[int, Any] = {}
            zero: dict[int, ast.expr] = {}
            run = Evaluator(system, names, _noted(seen, zero))
            found = run.visit(tree)
            names[name] = ANYTHING if found is NOTHING else found
            self.doubtful[name] = tuple(zero.values())
        self.ranges = names

    @cached_property
    def proofs(self) -> tuple[Proof, ...]:
        """The proof of every score that is more than a sum."""
        return (*self.rows(), *self.branches())

    def rows(self) -> Iterator[Proof]:
        """The proof of every indicator, in file order."""
        for row in self.program.rows.values():
            yield self._prove(f"indicators.{row.id}", row.score, row.weight, row.applies, {})

    def branches(self) -> Iterator[Proof]:
        """The proof of every dimension and total that is not the plain sum of what stands below it."""
        total = (self.program.total,) if self.program.total else ()
        for branch in (*self.program.branches.values(), *total):
            about = f"dimensions.{branch.id}" if branch.id else "total"
            own = [self.program.by_name[name] for name in branch.lines if name in self.program.by_name]
            if any(line.of in ("score", "adjustment") and line.text for line in own):
                yield self._prove(about, branch.score, branch.weight, None, self._below(branch, about))

    def _below(self, branch: Branch, about: str) -> dict[str, Box]:
        """What a branch's own formulas read of its children, each in 0..weight as proved for them."""
        weight = _exact(branch.weight)
        given = {f"{about}#sum": Box(0, weight), f"{about}#weight": Box(0, weight)}
        return given | {f"{about}#{label}": Box(0, 100) for label in ("lowest", "highest")}

    def _prove(self, about: str, score: str, weight: Exact, applies: str | None, given: Mapping[str, Box]) -> Proof:
        wanted = _exact(weight)
        goal = self._before_rounding(self.definitions[score], wanted)
        closure = self.witnesses.closure((score, applies) if applies else (score,), given)
        divides = any(self.doubtful[name] for name in closure)
        problem = _Problem(self, goal, applies, wanted, given)
        if not divides and problem.is_proved_loosely(closure):
            return Proof(about, "proved", weight)
        return problem.examine(about, score, weight, closure)

    def _before_rounding(self, tree: ast.expr, weight: Coefficient) -> ast.expr:
        """The formula of a score before its last roundings, which keep ends that lie on their grid."""
        while True:
            if isinstance(tree, ast.Name) and tree.id in self.definitions:
                tree = self.definitions[tree.id]
            elif isinstance(tree, ast.Call) and called(tree) == "round":
                places: Any = tree.args[1].value if len(tree.args) > 1 and isinstance(tree.args[1], ast.Constant) else 0
                if (weight * 10**places).denominator != 1:
                    return tree
                tree = tree.args[0]
            else:
                return tree


class _Problem:
    """One score and the question whether it stays in 0..weight."""

    def __init__(
        self, prover: Prover, goal: ast.expr, applies: str | None, weight: Coefficient, given: Mapping[str, Box]
    ) -> None:
        self.prover = prover
        self.applies = applies
        self.weight = weight
        self.given = given
        self.definitions = {**prover.definitions, "#goal": goal}

    def _system(self, opaque: Mapping[str, Box]) -> PathsSystem:
        constants = self.prover.program.constants
        return PathsSystem(self.prover.facts, self.definitions, constants, {**opaque, **self.given})

    def is_proved_loosely(self, closure: Sequence[str]) -> bool:
        """Whether it is proved with measured values taken as numbers of their own, which leaves few paths."""
        opaque = {name: box for name in closure if (box := self._opaque(name))}
        try:
            return all(self._holds(path) for path in self._system(opaque).paths("#goal", self.applies))
        except (TooComplex, RecursionError):
            return False

    def _opaque(self, name: str) -> Box | None:
        """The range of a measured value that a formula makes; None of one that is a fact or no number."""
        line, found = self.prover.program.by_name[name], self.prover.ranges[name]
        if line.of not in ("value", "target", "rounding") or line.name.endswith("#score"):
            return None
        if isinstance(line.tree, ast.Name | ast.Constant) or not isinstance(found, Interval):
            return None
        ends = [None if isinstance(end, float) else end for end in found]
        return Box(*map(_exact, ends)) if all(end is None or isinstance(end, Exact) for end in ends) else None

    def _holds(self, path: Path) -> bool:
        """Whether the score is proved to stay in 0..weight on a path; one without a value leaves nothing."""
        if isinstance(path.value, Undefined):
            return True
        value: Quotient = path.value
        rest = value.bottom.scaled(self.weight) - value.top
        return all(is_never_negative(side, path.constraints, path.boxes) for side in (value.top, rest))

    def examine(self, about: str, score: str, weight: Exact, closure: Sequence[str]) -> Proof:
        """Look into every value: prove, or find facts for which it is otherwise."""
        try:
            paths = list(self._system({}).paths("#goal", self.applies))
        except (TooComplex, RecursionError):
            doubtful = [divisor for name in closure for divisor in self.prover.doubtful[name]]
            return self._searched(about, score, weight, (), self._zeros(score, dict.fromkeys(doubtful), ()))
        undefined = [path for path in paths if isinstance(path.value, Undefined) and path.value.divisors]
        possible = [path for path in undefined if is_possible(path)]
        divisors = {divisor: path for path in possible for divisor in path.value.divisors}
        zeros = self._zeros(score, divisors, possible)
        failing = [path for path in paths if not self._holds(path) and is_possible(path)]
        if not failing:
            return Proof(about, "proved", weight, None, None, *zeros)
        return self._searched(about, score, weight, failing, zeros)

    def _searched(
        self, about: str, score: str, weight: Exact, failing: Sequence[Path], zeros: tuple[Any, Any]
    ) -> Proof:
        found = None
        if not self.given:  # of a branch, the facts would have to be those of all its rows

            def leaves(names: Mapping[str, Any]) -> bool:
                return isinstance(names[score], Exact) and not 0 <= names[score] <= weight

            found = self.prover.witnesses.search([score], self.applies, failing, leaves)
        if found is None:
            return Proof(about, "undecided", weight, None, None, *zeros)
        return Proof(about, "refuted", weight, found[0], found[1][score], *zeros)

    def _zeros(
        self, score: str, divisors: Mapping[ast.expr, Any], paths: Sequence[Path]
    ) -> tuple[tuple[tuple[ast.expr, Witness], ...], tuple[ast.expr, ...]]:
        """Divisors that are 0 for some facts, with these facts; and those of which it is not known."""
        found: list[tuple[ast.expr, Witness]] = []
        left: list[ast.expr] = []
        for divisor in divisors:
            own = [path for path in paths if divisor in path.value.divisors]
            witness = self.prover.witnesses.search([score], self.applies, own, _is_zero(score, render(divisor)))
            if witness is None:
                left.append(divisor)
            else:
                found.append((divisor, witness[0]))
        return tuple(found), tuple(left)


def _is_zero(score: str, divisor: str) -> Callable[[Mapping[str, Any]], bool]:
    """Whether a score has no value because a divisor is 0."""

    def check(names: Mapping[str, Any]) -> bool:
        value = names[score]
        return isinstance(value, Unknown) and ("zero", divisor) in value.reasons

    return check


def _noted(seen: dict[int, Any], zero: dict[int, ast.expr]) -> Observer:
    """An observer that remembers the interval of every node, and divisors that may be 0."""
    return lambda step: _note(step[0], step[2], seen, zero)


def _note(node: ast.expr, value: Any, seen: dict[int, Any], zero: dict[int, ast.expr]) -> None:
    seen[id(node)] = value
    divisor: ast.expr | None = None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        divisor = node.right
    elif isinstance(node, ast.Call) and called(node) in _DIVISIONS:
        divisor = node.args[1]
    if divisor is None:
        return
    reach = seen.get(id(divisor), ANYTHING)
    if isinstance(reach, Interval) and reach.low <= 0 <= reach.high:
        zero[id(divisor)] = divisor


def _exact(value: Any) -> Any:
    return value if value is None or isinstance(value, int) else numbers.to_fraction(value)


# -- findings -------------------------------------------------------------------------------------------------------


def scores(examination: Examination) -> Iterator[Finding]:
    """Scores that can leave 0..weight, divisors that can be 0, and what is undecided of both."""
    reported: set[object] = set()
    for proof in examination.prover.proofs:
        yield from _of_score(examination, proof)
        yield from _of_divisors(examination, proof, reported)


def _of_score(examination: Examination, proof: Proof) -> Iterator[Finding]:
    path = _score_path(examination, proof.about)
    weight = numbers.plain(proof.weight)
    if proof.answer == "refuted" and proof.witness is not None and proof.score is not None:
        key = "score-out-of-range.below" if proof.score < 0 else "score-out-of-range.above"
        score, facts = numbers.shown(proof.score), proof.witness.shown()
        values = {"score": score, "weight": weight, "facts": facts}
        yield examination.finding("score-out-of-range", path, key, values=values)
    elif proof.answer == "undecided":
        yield examination.finding("range-undecided", path, "", "note", values={"weight": weight})


def _score_path(examination: Examination, about: str) -> tuple[str, ...]:
    """The key that says how a part scores."""
    section, _, identifier = about.partition(".")
    if section == "total":
        return ("total", "score") if examination.declared.total.score else ("total",)
    part: Any = getattr(examination.declared, section)[identifier]
    said = next((key for key in ("score", "bands", "method") if getattr(part, key, None) is not None), None)
    return (section, identifier, said) if said else (section, identifier)


def _of_divisors(examination: Examination, proof: Proof, reported: set[object]) -> Iterator[Finding]:
    """Divisors that can be 0, with facts, and those of which it is open; each place once, whatever rows read it."""
    divisors: list[tuple[ast.expr, Witness | None]] = [*proof.divisors, *((divisor, None) for divisor in proof.open)]
    for divisor, witness in divisors:
        found = place(examination.program, divisor)
        if found is None or found in reported:
            continue
        reported.add(found)
        path, span = found
        values = {"divisor": words.safe(render(divisor))}
        if witness is None:
            key = "range-undecided.divisor"
            yield examination.finding("range-undecided", path, key, "note", span=span, values=values)
        else:
            values["facts"] = witness.shown()
            yield examination.finding("zero-divisor", path, span=span, values=values)
