"""Evaluate again by a ruleset that was changed in one place: only the lines that the change reaches.

A change of one row reaches its own lines, its dimensions and the total: six lines of a hundred. What a submission
says of the facts is not read again, unless the change is of how facts are read.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any, NamedTuple

from perfrules.cases.generated.bench import names_of, needs
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.results import Status, status_of
from perfrules.evaluation.scoring import evaluate
from perfrules.formula.direct import DirectEvaluator
from perfrules.formula.evaluator import called
from perfrules.formula.systems.exact import EXACT, Unknown
from perfrules.numbers import Exact
from perfrules.ruleset.library import Ruleset
from perfrules.ruleset.program import Program


class _Line(NamedTuple):
    """A line that a change may reach: whether it is itself changed, and what it reads."""

    name: str
    tree: ast.expr
    changed: bool
    reads: frozenset[str]


class Rerun:
    """What a changed ruleset makes of submissions that were evaluated before."""

    def __init__(self, before: Ruleset, after: Ruleset, *, reads_alike: bool) -> None:
        """Compare two programs.

        Args:
            before: The ruleset as it was.
            after: The ruleset as it is now.
            reads_alike: Whether both read facts in the same way.
        """
        self.after = after
        self._constants = _constants(before.program, after.program) if reads_alike else None
        self._lines = None if self._constants is None else _reached(before.program, after.program, self._constants)
        self._outward = _outward(after.program)
        self._notes_alike = _notes(before) == _notes(after)

    @property
    def is_silent(self) -> bool:
        """Whether the change reaches nothing that a case could expect."""
        if self._lines is None or not self._notes_alike:
            return False
        return self._outward.isdisjoint(line.name for line in self._lines)

    def evaluation(self, before: Evaluation, *, bounds: bool = False) -> Evaluation | None:
        """The evaluation of the same submission by the changed ruleset; None where nothing that counts differs.

        Args:
            before: The evaluation by the ruleset as it was.
            bounds: Whether bounds are asked for, which may differ where nothing else does.

        Raises:
            SubmissionError: The changed ruleset refuses the submission.
        """
        if self._lines is None or self._constants is None:
            return evaluate(self.after, before.submission)
        old = before.results
        names = {**old, **self._constants}
        visit = DirectEvaluator(EXACT, names, {}).visit
        moved = set(self._constants)
        for line in self._lines:
            if line.changed or not line.reads.isdisjoint(moved):
                value = visit(line.tree)
                if not _same(value, old[line.name]):
                    names[line.name] = value
                    moved.add(line.name)
        if not bounds and self._notes_alike and moved.isdisjoint(self._outward):
            return None
        return Evaluation(self.after, before.submission, before.facts, names, {})


def _same(one: Any, two: Any) -> bool:
    if isinstance(one, Unknown) or isinstance(two, Unknown):
        return isinstance(one, Unknown) and isinstance(two, Unknown) and one.reasons == two.reasons
    return type(one) is type(two) and bool(one == two)


def _notes(ruleset: Ruleset) -> list[Any]:
    """What a case could expect of a ruleset besides its lines: its findings, and weights by way of coverage."""
    return [one.code for one in ruleset.findings] + [row.weight for row in ruleset.program.rows.values()]


def _constants(before: Program, after: Program) -> dict[str, Exact | bool] | None:
    """The constants that differ; None where the programs have not the same lines and constants."""
    lines = [[name for name, _ in program.trees] for program in (before, after)]
    if lines[0] != lines[1] or before.constants.keys() != after.constants.keys():
        return None
    return {name: value for name, value in after.constants.items() if before.constants[name] != value}


def _reached(before: Program, after: Program, constants: Iterable[str]) -> list[_Line]:
    """The lines that differ, and those that read them."""
    old, touched = dict(before.trees), set(constants)
    known, reached = needs(before), []
    for name, tree in after.trees:
        changed = not _alike(old[name], tree)
        if changed or not known[name].isdisjoint(touched):
            touched.add(name)
            reached.append(_Line(name, tree, changed, names_of(tree)))
    return reached


def _alike(one: Any, two: Any) -> bool:
    """Whether two trees say the same."""
    if one.__class__ is not two.__class__:
        return False
    match one:
        case ast.Name():
            return bool(one.id == two.id)
        case ast.Constant():
            return type(one.value) is type(two.value) and bool(one.value == two.value)
        case ast.Call():
            return called(one) == called(two) and _all_alike(one.args, two.args)
        case ast.Compare():
            same = one.ops[0].__class__ is two.ops[0].__class__
            return same and _alike(one.left, two.left) and _alike(one.comparators[0], two.comparators[0])
        case ast.IfExp():
            return _alike(one.test, two.test) and _alike(one.body, two.body) and _alike(one.orelse, two.orelse)
        case ast.BinOp():
            return one.op.__class__ is two.op.__class__ and _alike(one.left, two.left) and _alike(one.right, two.right)
        case ast.UnaryOp():
            return one.op.__class__ is two.op.__class__ and _alike(one.operand, two.operand)
    return one.op.__class__ is two.op.__class__ and _all_alike(one.values, two.values)


def _all_alike(ones: list[ast.expr], twos: list[ast.expr]) -> bool:
    return len(ones) == len(twos) and all(map(_alike, ones, twos))


# -- what a case could expect ------------------------------------------------------------------------------------


def _outward(program: Program) -> frozenset[str]:
    """The lines that a case could expect something of."""
    found = {name for row in program.rows.values() for name in (row.applies, row.score, row.owed) if name}
    branches = (*program.branches.values(), *filter(None, [program.total]))
    found |= {name for branch in branches for name in (branch.score, branch.grade, branch.live) if name}
    found |= {check.holds for check in program.checks} | {
        check.difference for check in program.checks if check.difference
    }
    return frozenset(found | program.declaration.values.keys())


def outcome(evaluation: Evaluation) -> list[Any]:
    """Everything of an evaluation that a case could expect, in an order that a small change of a ruleset keeps."""
    program, results = evaluation.ruleset.program, evaluation.results
    found: list[Any] = []
    for row in program.rows.values():
        applies = results[row.applies] if row.applies else True
        counts = applies is not False
        found += [_plain(applies), _plain(results[row.score]) if counts else None]
        found.append(counts and row.owed is not None and results[row.owed] is True)
    for branch in (*program.branches.values(), *filter(None, [program.total])):
        if branch.live and results[branch.live] == 0:
            found += [None, None]
        else:
            found += [_plain(results[branch.score]), _plain(results[branch.grade]) if branch.grade else None]
    for check in program.checks:
        found += [_plain(results[check.holds]), _shows_difference(results, check.difference)]
    found += [_plain(results.get(name)) for name in evaluation.ruleset.declaration.values]
    if any(isinstance(value, Status) for value in found):  # then there is a coverage to expect
        found.append(evaluation.coverage)
    return found + codes(evaluation)


def _shows_difference(results: dict[str, Any], name: str | None) -> bool:
    """Whether two sides of a check differ, be it within the tolerance."""
    return name is not None and not isinstance(results[name], Unknown) and bool(results[name])


def codes(evaluation: Evaluation) -> list[str]:
    """The codes of what was found in the facts and in the ruleset."""
    return sorted(finding.code for finding in (*evaluation.facts.findings, *evaluation.ruleset.findings))


def _plain(value: Any) -> Any:
    return status_of(value) if isinstance(value, Unknown) else value
