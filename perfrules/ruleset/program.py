"""The program: what a ruleset comes to, as one ordered list of named formulas.

Bands, methods, `applies`, dimension scores, adjustments, scales and checks are all said in formulas here, so that a
number system needs to know nothing else. A name with `#` is a line of the program: `indicators.x#value`,
`dimensions.d#score`, `total#grade`. Names without are facts and values.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeVar

from perfrules.formula.language import FUNCTIONS
from perfrules.numbers import Exact
from perfrules.ruleset import model

NO_PLACE = -1
"""Where a node begins that nobody wrote."""

Node = TypeVar("Node", bound=ast.expr)


class Line(NamedTuple):
    """One named formula.

    Attributes:
        name: What later lines read it by.
        tree: Its checked tree; names in it are facts, values, constants and earlier lines.
        of: What it is: `value target met applies score adjustment rounding owed sum live grade difference holds`.
        about: The part of the ruleset it serves, such as `indicators.x`.
        text: The formula as its author wrote it; empty where nobody wrote it.
        source: The part of the ruleset that says so, where that is another one: `methods.m`, `adjustments.a`.
        rounded: Whether the tree rounds the formula: `round(formula, places)`.
    """

    name: str
    tree: ast.expr
    of: str
    about: str
    text: str = ""
    source: str = ""
    rounded: bool = False


class Row(NamedTuple):
    """Where the program keeps what belongs to one indicator: names of lines, or None where there is none."""

    id: str
    indicator: model.Indicator
    weight: Exact
    unit: str | None
    score: str
    lines: tuple[str, ...]
    value: str | None = None
    target: str | None = None
    operator: str = ""
    met: str | None = None
    applies: str | None = None
    owed: str | None = None
    method: str | None = None
    bands: tuple[model.Band, ...] = ()
    policy: str = "rescale"
    alternative: str | None = None


class Branch(NamedTuple):
    """One dimension, or the total (id `""`): its children, and where the program keeps its score."""

    id: str
    title: Mapping[str, str]
    within: str | None
    weight: Exact
    dimensions: tuple[str, ...]
    rows: tuple[str, ...]
    score: str
    lines: tuple[str, ...]
    live: str | None
    earnable: str
    grade: str | None = None


class CheckLines(NamedTuple):
    """Where the program keeps one check."""

    id: str
    check: model.Check
    holds: str
    difference: str | None = None
    equal: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """A ruleset as formulas, in the order in which to evaluate them."""

    declaration: model.Declaration
    facts: Mapping[str, model.Fact]
    constants: Mapping[str, Exact | bool]
    lines: tuple[Line, ...]
    rows: Mapping[str, Row]
    branches: Mapping[str, Branch]
    total: Branch | None
    checks: tuple[CheckLines, ...]
    trees: tuple[tuple[str, ast.expr], ...] = ()
    by_name: Mapping[str, Line] = field(default_factory=dict)

    def definitions(self) -> dict[str, ast.expr]:
        """The tree of every line, by name."""
        return dict(self.trees)

    def without(self, broken: Iterable[str]) -> Program:
        """The program without the lines of broken parts (`indicators.x`, `methods.m`), and without what reads them."""
        parts, known = set(broken), {*self.constants}
        kept: dict[str, Line] = {}
        for line in self.lines:
            read = {node.id for node in ast.walk(line.tree) if isinstance(node, ast.Name)} - set(FUNCTIONS)
            read = {one for one in read if one.partition(".")[0] not in self.facts}
            if not {line.about, line.source} & parts and all(one in kept or one in known for one in read):
                kept[line.name] = line
        rows = {
            identifier: row
            for identifier, row in self.rows.items()
            if row.score in kept and all(name in kept for name in row.lines)
        }
        branches = {
            identifier: one for identifier, one in self.branches.items() if all(map(kept.__contains__, one.lines))
        }
        total = self.total if self.total and all(name in kept for name in self.total.lines) else None
        return replace(
            self, lines=tuple(kept.values()), rows=rows, branches=branches, total=total, by_name=kept,
            trees=tuple((name, line.tree) for name, line in kept.items()),
        )  # fmt: skip


def authorities(declared: model.Declaration, row: Row) -> tuple[str, ...]:
    """The texts that an indicator stands on: its own and its method's, else its dimension's, else the ruleset's."""
    method = declared.methods.get(row.method or "")
    own = tuple(text for text in (row.indicator.authority, method.authority if method else "") if text.strip())
    outer = [dimension.authority for _, dimension in declared.outwards(row.indicator.dimension)]
    nearest = next((text for text in (*outer, declared.ruleset.authority) if text.strip()), None)
    return own or ((nearest,) if nearest else ())


# -- building trees ----------------------------------------------------------------------------------------------


def name(identifier: str) -> ast.Name:
    """A node that reads a name and was not written by anybody."""
    return _placed(ast.Name(identifier, ast.Load()))


def constant(value: Any) -> ast.Constant:
    """A literal that was not written by anybody."""
    return _placed(ast.Constant(value))


def call(function: str, *arguments: ast.expr) -> ast.Call:
    """A call of a function of the language."""
    return _placed(ast.Call(name(function), list(arguments), []))


def binary(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.BinOp:
    """An arithmetic operation."""
    return _placed(ast.BinOp(left, op, right))


def compare(left: ast.expr, op: ast.cmpop, right: ast.expr) -> ast.Compare:
    """A comparison."""
    return _placed(ast.Compare(left, [op], [right]))


def choose(then: ast.expr, test: ast.expr, orelse: ast.expr) -> ast.IfExp:
    """`then if test else orelse`."""
    return _placed(ast.IfExp(test, then, orelse))


def every(terms: list[ast.expr]) -> ast.expr:
    """`and` of some conditions; the condition itself where there is one."""
    return terms[0] if len(terms) == 1 else _placed(ast.BoolOp(ast.And(), terms))


def negate(test: ast.expr) -> ast.expr:
    """`not`."""
    return _placed(ast.UnaryOp(ast.Not(), test))


def plus(terms: Iterable[ast.expr]) -> ast.expr:
    """The sum of some terms; 0 of none."""
    listed = list(terms)
    return call("plus", *listed) if listed else constant(0)


def _placed(node: Node) -> Node:
    node.lineno = node.end_lineno = 1
    node.col_offset = node.end_col_offset = NO_PLACE
    return node


def bind(tree: ast.expr, locals_: Mapping[str, str], shift: int = 0) -> ast.expr:
    """A copy of a tree in which local names (`value`) read the lines of one row (`indicators.x#value`).

    Args:
        tree: The tree of a formula.
        locals_: The line that each local name reads.
        shift: How many characters stand before the formula in the text that is shown.
    """
    return _Binder(locals_, shift).copy(tree)


class _Binder:
    def __init__(self, locals_: Mapping[str, str], shift: int) -> None:
        self.locals = locals_
        self.shift = shift

    def copy(self, node: ast.expr) -> ast.expr:
        copied = self._copy(node)
        copied.lineno = copied.end_lineno = 1
        shift = 0 if node.col_offset == NO_PLACE else self.shift
        copied.col_offset, copied.end_col_offset = node.col_offset + shift, (node.end_col_offset or 0) + shift
        return copied

    def _copy(self, node: ast.expr) -> ast.expr:
        match node:
            case ast.Name(id=identifier):
                return ast.Name(self.locals.get(identifier, identifier), ast.Load())
            case ast.Constant(value=value):
                return ast.Constant(value)
            case ast.UnaryOp():
                return ast.UnaryOp(node.op, self.copy(node.operand))
            case ast.BinOp():
                return ast.BinOp(self.copy(node.left), node.op, self.copy(node.right))
            case ast.BoolOp():
                return ast.BoolOp(node.op, [self.copy(term) for term in node.values])
            case ast.Compare():
                return ast.Compare(self.copy(node.left), node.ops, [self.copy(node.comparators[0])])
            case ast.IfExp():
                return ast.IfExp(self.copy(node.test), self.copy(node.body), self.copy(node.orelse))
            case ast.Call(func=ast.Name(id=function)):
                return ast.Call(_placed(ast.Name(function, ast.Load())), [self.copy(arg) for arg in node.args], [])
        raise TypeError(f"not a node of the core language: {node!r}")
