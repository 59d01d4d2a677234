"""The kinds number system: what a formula *is*, before there are facts: number, truth, choice, date or text.

Run when a ruleset is loaded. An unknown name, a wrong kind or a choice that is not declared is a finding, and the
value after it is of any kind, so that one mistake is reported once. Along with the kind goes the size, in bits, that
a number can grow to: a chain of products that could fill the memory is refused before there is anything to multiply.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from perfrules import words
from perfrules.errors import Finding
from perfrules.formula.evaluator import Evaluator, OperandError, called
from perfrules.formula.language import FUNCTIONS, MAX_BITS

FACT_BITS = 32
"""Bits that a fact counts for: numerator and denominator of an ordinary amount. Literals count their own."""


class Kind(NamedTuple):
    """What a value is.

    Attributes:
        name: `number`, `truth`, `choice`, `date`, `text`, `items` (a checklist), `rows` (a table), `column`, `point`,
            `nothing` (never a value) or `any` (after a mistake).
        options: The ids of a choice.
        bits: How large a number can grow.
        divided: Whether a division went into it: the sum of two such numbers is as large as both.
        unit: The unit that a name's number is in, where one is said; kept here for the system `units`.
    """

    name: str
    options: frozenset[str] | None = None
    bits: int = 1
    divided: bool = False
    unit: str | None = None


NUMBER, TRUTH, DATE, TEXT = Kind("number", bits=FACT_BITS), Kind("truth"), Kind("date"), Kind("text")
ANY, POINT, NOTHING = Kind("any"), Kind("point"), Kind("nothing")
_ORDERED = ("number", "date")


def _expect(name: str, *values: Kind) -> None:
    for position, value in enumerate(values):
        if value.name not in (name, "any", "nothing"):
            raise OperandError(position, "wrong-kind", name, value)


def _sum(left: Kind, right: Kind) -> Kind:
    _expect("number", left, right)
    divided = left.divided or right.divided
    bits = left.bits + right.bits if divided else max(left.bits, right.bits)
    return Kind("number", bits=bits + 1, divided=divided)


def _product(left: Kind, right: Kind) -> Kind:
    _expect("number", left, right)
    return Kind("number", bits=left.bits + right.bits, divided=left.divided or right.divided)


def _quotient(left: Kind, right: Kind) -> Kind:
    return _product(left, right)._replace(divided=True)


def _signed(value: Kind) -> Kind:
    _expect("number", value)
    return value._replace(name="number", options=None)


def _not(value: Kind) -> Kind:
    _expect("truth", value)
    return TRUTH


def _order(left: Kind, right: Kind) -> Kind:
    if left.name in _ORDERED or left.name == "any":
        if right.name not in (left.name, "any") and (left.name != "any" or right.name not in _ORDERED):
            raise OperandError(1, "wrong-kind", left.name if left.name != "any" else "number", right)
        return TRUTH
    raise OperandError(0, "wrong-kind", "number", left)


def _same(left: Kind, right: Kind) -> Kind:
    for position, (one, other) in enumerate(((left, right), (right, left))):
        if (
            one.name == "text"
            and one.options
            and other.name == "choice"
            and not one.options <= (other.options or one.options)
        ):
            raise OperandError(position, "no-option", other, one)
    kinds = {left.name, right.name}
    for position, one in enumerate((left, right)):
        if one.name in ("items", "rows", "column", "point"):
            raise OperandError(position, "wrong-kind", "number", one)
    if len(kinds - {"any"}) > 1 and kinds != {"text", "choice"}:
        raise OperandError(1, "wrong-kind", left.name, right)
    if left.name == right.name == "choice" and left.options != right.options:
        raise OperandError(1, "wrong-kind", "choice", right)
    return TRUTH


_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: _sum, ast.Sub: _sum, ast.Mult: _product, ast.Div: _quotient,
    ast.USub: _signed, ast.UAdd: _signed, ast.Not: _not, ast.Lt: _order, ast.LtE: _order, ast.Gt: _order,
    ast.GtE: _order, ast.Eq: _same, ast.NotEq: _same,
}  # fmt: skip
_DIVIDED = ("percent", "interpolate", "mean", "weighted_mean", "share", "started", "completed")
"""Functions that divide by one argument, or multiply with it."""


class KindsSystem:
    """The number system of the static check; collects `findings`.

    Args:
        about: What the formula belongs to.
        known: Every name that could have been meant, for the near miss.
        checks: Whether the formula stands in a check, where `known(fact)` may be asked.
    """

    operators = _OPERATORS
    functions: Mapping[str, Callable[..., Any]] = {}

    def __init__(self, about: str, known: Mapping[str, Kind], checks: bool = False) -> None:
        self.about = about
        self.known = known
        self.checks = checks
        self.findings: list[Finding] = []

    def note(self, node: ast.expr, code: str, key: str = "", **values: object) -> None:
        """Add a finding about a node."""
        span = (node.col_offset, node.end_col_offset or node.col_offset + 1)
        self.findings.append(Finding(code, "error", self.about, key, {"span": span, **values}))

    def constant(self, node: ast.Constant) -> Kind:
        """The kind of a literal."""
        value: Any = node.value
        if isinstance(value, bool):
            return TRUTH
        if isinstance(value, str):
            return Kind("text", frozenset((value,)))
        if isinstance(value, tuple):
            return Kind("point", bits=4 * FACT_BITS)
        if isinstance(value, int) or hasattr(value, "numerator"):
            return Kind("number", bits=value.numerator.bit_length() + value.denominator.bit_length())
        return DATE

    def name(self, run: Evaluator, node: ast.Name) -> Kind:
        """The kind of a name that is declared; a finding for one that is not."""
        kind: Kind | None = run.names.get(node.id)
        if kind is None:
            near = words.nearest(node.id, self.known)
            self.note(node, "unknown-name", "unknown-name.near" if near else "", name=node.id, near=near or "")
            return ANY
        return kind

    def truth(self, run: Evaluator, node: ast.expr) -> None:
        """Check a condition: it must be a truth value."""
        kind = run.visit(node)
        if kind.name not in ("truth", "any"):
            self.note(node, "wrong-kind", "wrong-kind.condition", given=words.Term(f"kind.{kind.name}"))

    def choose(self, run: Evaluator, test: ast.expr, then: ast.expr, orelse: ast.expr) -> Kind:
        """The kind of the branches, which must agree."""
        self.truth(run, test)
        left, right = run.visit(then), run.visit(orelse)
        for one, other in ((left, right), (right, left)):
            if one.name in ("any", "nothing"):
                return other  # type: ignore[no-any-return]
        if left.name != right.name:
            given = words.Term(f"kind.{right.name}")
            self.note(orelse, "wrong-kind", "wrong-kind.branches", wanted=words.Term(f"kind.{left.name}"), given=given)
            return ANY
        options = left.options | right.options if left.options and right.options else None
        return Kind(left.name, options, max(left.bits, right.bits), left.divided or right.divided)

    def all_(self, run: Evaluator, terms: Sequence[ast.expr]) -> Kind:
        """`and` takes conditions and is one."""
        for term in terms:
            self.truth(run, term)
        return TRUTH

    any_ = all_

    def call(self, run: Evaluator, node: ast.Call, arguments: list[Any]) -> Kind:
        """The kind of a function's result; its arguments must be of the kinds in the table."""
        name = called(node)
        function = FUNCTIONS[name]
        if name == "known" and not self.checks:
            self.note(node, "not-allowed", "not-allowed.known")
        for position, kind in enumerate(arguments):
            wanted = function.kinds[min(position, len(function.kinds) - 1)]
            if not _fits(kind, wanted, node.args[position], name):
                raise OperandError(position, "wrong-kind", wanted, kind)
        bits = [kind.bits for kind in arguments]
        if name == "interpolate":  # of all its points, the two around the value meet
            bits = [bits[0], 2 * max(bits[1:])]
        divided = name in _DIVIDED or any(kind.divided for kind in arguments)
        size = sum(bits) + FACT_BITS if name in _DIVIDED else max(bits)
        return Kind(function.result, bits=size, divided=divided)

    def recover(self, node: ast.expr, operands: Sequence[ast.expr], values: Sequence[Any], error: Exception) -> Kind:
        """Note the operand that does not fit."""
        if not isinstance(error, OperandError):
            raise error
        operand, kind = operands[error.position], values[error.position]
        problem, *details = error.details
        if problem == "no-option":
            self._no_option(operand, *details)
        else:
            wanted, given = words.Term(f"kind.{details[0]}"), words.Term(f"kind.{kind.name}")
            self.note(operand, "wrong-kind", "", wanted=wanted, given=given)
        return TRUTH if isinstance(node, ast.Compare) else ANY

    def _no_option(self, operand: ast.expr, choice: Any, text: Any) -> None:
        options = sorted(choice.options or ())
        given = next(iter(text.options or ()), "")
        near = words.nearest(given, options)
        key = "wrong-kind.option-near" if near else "wrong-kind.option"
        self.note(operand, "wrong-kind", key, option=given, options=tuple(options), near=near or "")


def _fits(kind: Kind, wanted: str, node: ast.expr, function: str) -> bool:
    if wanted == "fact":
        return isinstance(node, ast.Name)
    if wanted == "items":
        return kind.name in ("items", "any") or (kind.name == "rows" and function == "count")
    if wanted == "places":
        return True
    return kind.name in (wanted, "any")


def check(
    tree: ast.expr,
    names: dict[str, Kind],
    *,
    about: str = "",
    wanted: str | None = None,
    known: Mapping[str, Kind] | None = None,
    checks: bool = False,
) -> tuple[Kind, list[Finding]]:
    """The kind of a tree, and everything that is wrong with it.

    Args:
        tree: A checked tree of the core language.
        names: The kinds of the names it may read.
        about: What it belongs to.
        wanted: The kind it must be of, if it must.
        known: Names to find the near miss in; `names` unless said.
        checks: Whether it stands in a check, where `known(fact)` may be asked.
    """
    system = KindsSystem(about, names if known is None else known, checks)
    kind: Kind = Evaluator(system, names, lambda step: None).visit(tree)
    if wanted and kind.name not in (wanted, "any", "nothing"):
        key = "wrong-kind.condition" if wanted == "truth" else "wrong-kind.result"
        given = words.Term(f"kind.{kind.name}")
        system.note(tree, "wrong-kind", key, wanted=words.Term(f"kind.{wanted}"), given=given)
    if kind.bits > MAX_BITS:
        system.note(tree, "too-large", "too-large.bits", limit=MAX_BITS)
    return kind, system.findings
