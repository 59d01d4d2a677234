"""The one evaluator: it walks a formula's checked tree; what the numbers *are* is a parameter.

A number system says what a constant is, how a condition chooses, how `and` and `or` decide, and gives two tables:
operators and functions. Branches and terms reach it unevaluated. Every node passes through one method, which tells
an observer `(node, path, value)`: that is the trace, in every system, always.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from simpleeval import SimpleEval

if TYPE_CHECKING:
    from perfrules.formula.seam import System

Path = tuple[tuple[ast.expr, bool], ...]
"""The branches that lead to a node: conditions, and whether each was taken to hold."""

Observer = Callable[[tuple[ast.expr, Path, Any]], object]


class OperandError(Exception):
    """An operator or function cannot take one of its operands; `position` counts from 0."""

    def __init__(self, position: int, *details: object) -> None:
        """Name the operand, and say what the number system wants to know about it."""
        super().__init__(position, *details)
        self.position = position
        self.details = details


def called(node: ast.Call) -> str:
    """The name of the function that a call of the core language calls."""
    function: Any = node.func
    return str(function.id)


RECOVERABLE = (ZeroDivisionError, OperandError, TypeError, AttributeError)
"""What an operator or function may raise over operands that it cannot take; `recover` raises what it does not know."""


class Evaluator(SimpleEval):  # type: ignore[misc]  # simpleeval has no type hints
    """Walks trees of the core language over one number system.

    `SimpleEval.__init__` builds a table of bound methods and touches the warning filters each time; nothing of that is
    needed here, which makes an evaluator cheap enough for every evaluation to have its own, free of shared state.
    """

    def __init__(self, system: System, names: dict[str, Any], observe: Observer) -> None:
        """Take the number system, the values of names, and who is told of every node."""
        self.system = system
        self.operators = system.operators
        self.functions = system.functions
        self.names = names
        self.observe = observe
        self.path: Path = ()

    def _eval(self, node: Any) -> Any:
        """The value of a node: the one method that every node passes through."""
        value = _HANDLERS[node.__class__](self, node)
        self.observe((node, self.path, value))
        return value

    visit = _eval


def _constant(run: Evaluator, node: ast.Constant) -> Any:
    return run.system.constant(node)


def _name(run: Evaluator, node: ast.Name) -> Any:
    return run.system.name(run, node)


def _unaryop(run: Evaluator, node: ast.UnaryOp) -> Any:
    operand = run.visit(node.operand)
    try:
        return run.operators[node.op.__class__](operand)
    except RECOVERABLE as error:
        return run.system.recover(node, (node.operand,), (operand,), error)


def _compare(run: Evaluator, node: ast.Compare) -> Any:
    right_node = node.comparators[0]
    left = run.visit(node.left)
    right = run.visit(right_node)
    try:
        return run.operators[node.ops[0].__class__](left, right)
    except RECOVERABLE as error:
        return run.system.recover(node, (node.left, right_node), (left, right), error)


def _boolop(run: Evaluator, node: ast.BoolOp) -> Any:
    decide = run.system.all_ if node.op.__class__ is ast.And else run.system.any_
    return decide(run, node.values)


def _ifexp(run: Evaluator, node: ast.IfExp) -> Any:
    return run.system.choose(run, node.test, node.body, node.orelse)


def _binop(run: Evaluator, node: ast.BinOp) -> Any:
    left = run.visit(node.left)
    right = run.visit(node.right)
    try:
        return run.operators[node.op.__class__](left, right)
    except RECOVERABLE as error:
        return run.system.recover(node, (node.left, node.right), (left, right), error)


def _call(run: Evaluator, node: ast.Call) -> Any:
    arguments = [run.visit(argument) for argument in node.args]
    try:
        return run.system.call(run, node, arguments)
    except RECOVERABLE as error:
        return run.system.recover(node, node.args, arguments, error)


_HANDLERS: dict[type[ast.AST], Callable[[Evaluator, Any], Any]] = {
    ast.Constant: _constant, ast.Name: _name, ast.UnaryOp: _unaryop, ast.BinOp: _binop, ast.BoolOp: _boolop,
    ast.Compare: _compare, ast.IfExp: _ifexp, ast.Call: _call,
}  # fmt: skip
