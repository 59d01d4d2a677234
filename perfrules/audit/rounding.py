"""Several rounding differences with one cause, proved by the sums that hold exactly.

A check of two sums is a linear form of facts that should be 0. Two differences are one and the same where their forms
differ by a combination of forms that are exactly 0: then either follows from the other, and a figure that makes up
for one makes up for both. Solved exactly, by elimination over rationals.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.results import CheckResult
from perfrules.formula.systems.exact import Unknown
from perfrules.numbers import Exact, to_fraction

Form = dict[str, Fraction]


@dataclass(frozen=True, slots=True)
class Cause:
    """Differences that are one.

    Attributes:
        checks: The checks that differ.
        difference: By how much each does.
        proved_by: The checks that hold exactly and prove it, in file order; of a single difference none.
    """

    checks: tuple[CheckResult, ...]
    difference: Fraction
    proved_by: tuple[CheckResult, ...]


def causes(evaluation: Evaluation) -> list[Cause]:
    """The differences within tolerance, those that are one together."""
    forms = {check.id: form for check in evaluation.checks if (form := _form(evaluation, check)) is not None}
    exact = {check.id: check for check in evaluation.checks if check.id in forms and check.difference == 0}
    groups: list[list[CheckResult]] = []
    used: list[set[str]] = []
    for check in evaluation.checks:
        if check.status != "pass" or not check.difference:
            continue
        for group, proofs in zip(groups, used, strict=True):
            proof = _same(forms.get(group[0].id), forms.get(check.id), {name: forms[name] for name in exact})
            if proof is not None:
                group.append(check)
                proofs.update(proof)
                break
        else:
            groups.append([check])
            used.append(set())
    return [
        Cause(
            tuple(group),
            abs(group[0].difference or Fraction(0)),
            tuple(exact[name] for name in exact if name in proofs),
        )
        for group, proofs in zip(groups, used, strict=True)
    ]


def _same(one: Form | None, two: Form | None, exact: Mapping[str, Form]) -> set[str] | None:
    """The exact forms whose combination is the difference, or the sum, of two others; None where there is none."""
    if one is None or two is None:
        return None
    for sign in (1, -1):
        found = _combination(_plus(one, two, Fraction(-sign)), exact)
        if found is not None:
            return found
    return None


def _plus(one: Form, two: Form, times: Fraction) -> Form:
    found = dict(one)
    for name, factor in two.items():
        found[name] = found.get(name, Fraction(0)) + times * factor
    return {name: factor for name, factor in found.items() if factor}


def _combination(wanted: Form, forms: Mapping[str, Form]) -> set[str] | None:
    """The forms that a form is a combination of; None where it is none.

    Each form carries its own name along as an unknown of its own, so that what is left of them says who took part.
    """
    pivots: list[tuple[str, Form]] = []
    for name, form in forms.items():
        reduced = _reduce({**form, f"#{name}": Fraction(1)}, pivots)
        pivot = next((key for key in reduced if not key.startswith("#")), None)
        if pivot is not None:
            pivots.append((pivot, reduced))
    left = _reduce(wanted, pivots)
    if any(not key.startswith("#") for key in left):
        return None
    return {key[1:] for key in left}


def _reduce(form: Form, pivots: Iterable[tuple[str, Form]]) -> Form:
    for pivot, row in pivots:
        if form.get(pivot):
            form = _plus(form, row, -form[pivot] / row[pivot])
    return form


# -- checks as linear forms --------------------------------------------------------------------------------------


def _form(evaluation: Evaluation, check: CheckResult) -> Form | None:
    """Left side less right side, as factors of facts; None where a side is no plain sum of them."""
    lines = next(one for one in evaluation.ruleset.program.checks if one.id == check.id)
    if lines.equal is None:
        return None
    left, right = (_linear(evaluation, ast.Name(side, ast.Load())) for side in lines.equal)
    return None if left is None or right is None else _plus(left, right, Fraction(-1))


def _linear(evaluation: Evaluation, tree: ast.expr) -> Form | None:
    """The factors of the facts in a tree; the constant part is under an empty name."""
    program = evaluation.ruleset.program
    match tree:
        case ast.Name(id=name) if name in program.by_name:
            return _linear(evaluation, program.by_name[name].tree)
        case ast.Name(id=name):
            value = evaluation.results.get(name)
            usable = isinstance(value, Exact) and not isinstance(value, bool | Unknown)
            return {name: Fraction(1)} if usable else None
        case ast.Constant(value=value) if isinstance(value, Exact) and not isinstance(value, bool):
            return {"": to_fraction(value)}
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            one, two = _linear(evaluation, left), _linear(evaluation, right)
            sign = Fraction(1 if isinstance(op, ast.Add) else -1)
            return None if one is None or two is None else _plus(one, two, sign)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _product(_linear(evaluation, left), _linear(evaluation, right))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _linear(evaluation, operand)
            return None if inner is None else _plus({}, inner, Fraction(-1))
    return None


def _product(one: Form | None, two: Form | None) -> Form | None:
    for form, other in ((one, two), (two, one)):
        if form is not None and other is not None and form.keys() <= {""}:
            return {name: factor * form.get("", Fraction(0)) for name, factor in other.items()}
    return None
