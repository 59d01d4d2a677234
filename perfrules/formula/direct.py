"""The same walk, prepared: for a number system whose names are simply looked up, which is the exact one.

What a node is, which operator it has and where its operands come from does not change from one evaluation to the next.
So a node's *visit* is made once, with all of that in it, and an evaluation calls visits. It is a module of its own
because every score is computed this way and nothing else is: systems that narrow names or read a formula's words need
the nodes.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from perfrules.formula.evaluator import RECOVERABLE, Evaluator, called

if TYPE_CHECKING:
    from perfrules.formula.seam import DirectSystem

MAX_PREPARED = 4096
"""Trees whose visits are kept. A ruleset of 200 indicators has some 500."""


class DirectEvaluator(Evaluator):
    """Computes trees by their visits, over a system whose names are simply looked up.

    Two thirds of a formula's nodes are names and literals that an operation takes. They are read in place and not
    noted, since a leaf's value is its own or its name's.
    """

    def __init__(self, system: DirectSystem, names: Names, trace: Trace) -> None:
        """Take the number system, the values of names, and where the value of every operation is noted."""
        self.system: Any = system
        self.names = names
        self.trace = trace

    def _eval(self, node: Any) -> Any:
        """The value of a node."""
        return prepare(node, self.system)(self.names, self.trace)

    visit = _eval


Names = dict[str, Any]
Trace = dict[ast.expr, Any]
"""The value of every node that was visited, in the order of the visits."""

Visit = Callable[[Names, Trace], Any]
"""Gives the value of one node and notes it. It keeps nothing of an evaluation: threads may share it."""


@lru_cache(maxsize=MAX_PREPARED)
def prepare(tree: ast.expr, system: DirectSystem) -> Visit:
    """The visit of a tree; that of a tree seen before is at hand."""
    return _visit(tree, system)


def _visit(node: ast.expr, system: DirectSystem) -> Visit:
    return _VISITS[node.__class__](node, system)


def _name(node: ast.Name, _: DirectSystem) -> Visit:
    name = node.id

    def visit(names: Names, trace: Trace) -> Any:
        value = names[name]
        trace[node] = value
        return value

    return visit


def _constant(node: ast.Constant, _: DirectSystem) -> Visit:
    value: Any = node.value

    def visit(_: Names, trace: Trace) -> Any:
        trace[node] = value
        return value

    return visit


def _ifexp(node: ast.IfExp, system: DirectSystem) -> Visit:
    """The branch taken; an undecided test is the answer itself."""
    test, then, orelse = _visit(node.test, system), _visit(node.body, system), _visit(node.orelse, system)

    def visit(names: Names, trace: Trace) -> Any:
        value = test(names, trace)
        if value is True:
            value = then(names, trace)
        elif value is False:
            value = orelse(names, trace)
        trace[node] = value
        return value

    return visit


def _boolop(node: ast.BoolOp, system: DirectSystem) -> Visit:
    """`and` and `or` as Kleene has them: one deciding term decides, in any order."""
    decisive = node.op.__class__ is ast.Or
    otherwise = not decisive
    terms = [_visit(term, system) for term in node.values]
    unite = system.unite

    def visit(names: Names, trace: Trace) -> Any:
        undecided = []
        for term in terms:
            value = term(names, trace)
            if value is decisive:
                break
            if value is not otherwise:
                undecided.append(value)
        else:
            value = unite(undecided) if undecided else otherwise
        trace[node] = value
        return value

    return visit


def _unaryop(node: ast.UnaryOp, system: DirectSystem) -> Visit:
    """A sign or `not`; what it stands before is noted, be it a leaf."""
    function, operand, recover = system.operators[node.op.__class__], _visit(node.operand, system), system.recover

    def visit(names: Names, trace: Trace) -> Any:
        value = operand(names, trace)
        try:
            result = function(value)
        except RECOVERABLE as error:
            result = recover(node, (node.operand,), (value,), error)
        trace[node] = result
        return result

    return visit


def _binop(node: ast.BinOp, system: DirectSystem) -> Visit:
    return _operation(node, system, system.operators[node.op.__class__], (node.left, node.right))


def _compare(node: ast.Compare, system: DirectSystem) -> Visit:
    return _operation(node, system, system.operators[node.ops[0].__class__], (node.left, node.comparators[0]))


def _call(node: ast.Call, system: DirectSystem) -> Visit:
    return _operation(node, system, system.functions[called(node)], node.args)


_VISITS: dict[type[ast.AST], Callable[[Any, DirectSystem], Visit]] = {
    ast.Constant: _constant, ast.Name: _name, ast.UnaryOp: _unaryop, ast.BinOp: _binop, ast.BoolOp: _boolop,
    ast.Compare: _compare, ast.IfExp: _ifexp, ast.Call: _call,
}  # fmt: skip


# -- operators and functions -------------------------------------------------------------------------------------
# The same few lines stand here for each way in which operands come. With `_of_any` alone, the walk over the 26
# indicators of the benchmark takes 1.4 times as long.

Function = Callable[..., Any]


def _operation(node: ast.expr, system: DirectSystem, function: Function, operands: Sequence[ast.expr]) -> Visit:
    """The visit of an operator or function over its operands, of which the leaves are read in place."""
    kinds = [operand.__class__ for operand in operands]
    if kinds == [ast.Name, ast.Name]:
        return _of_two_names(node, system, function, operands)
    if kinds.count(ast.Name) == len(kinds) > 1:
        return _of_names(node, system, function, operands)
    if kinds[1:] == [ast.Constant, ast.Constant]:
        return _of_value_and_two_literals(node, system, function, operands)
    if len(kinds) != 2:
        return _of_any(node, system, function, operands)
    if kinds[0] is ast.Constant:
        shape = _of_literal_and_value
    elif kinds[1] is ast.Constant:
        shape = _of_name_and_literal if kinds[0] is ast.Name else _of_value_and_literal
    else:
        shape = _of_name_and_value if kinds[0] is ast.Name else _of_two
    return shape(node, system, function, operands)


def _of_any(node: ast.expr, system: DirectSystem, function: Function, operands: Sequence[ast.expr]) -> Visit:
    literals: list[Any] = [getattr(operand, "value", None) for operand in operands]
    readers = [
        (position, _reader(operand, system))
        for position, operand in enumerate(operands)
        if not isinstance(operand, ast.Constant)
    ]
    recover = system.recover

    def visit(names: Names, trace: Trace) -> Any:
        values = literals.copy()
        for position, read in readers:
            values[position] = read(names, trace)
        try:
            value = function(*values)
        except RECOVERABLE as error:
            value = recover(node, operands, values, error)
        trace[node] = value
        return value

    return visit


def _of_names(node: ast.expr, system: DirectSystem, function: Function, operands: Sequence[Any]) -> Visit:
    pick = itemgetter(*[operand.id for operand in operands])
    recover = system.recover

    def visit(names: Names, trace: Trace) -> Any:
        values = pick(names)
        try:
            value = function(*values)
        except RECOVERABLE as error:
            value = recover(node, operands, values, error)
        trace[node] = value
        return value

    return visit


def _of_two_names(node: ast.expr, system: DirectSystem, function: Function, operands: Sequence[Any]) -> Visit:
    first, second = operands[0].id, operands[1].id
    recover = system.recover

    def visit(names: Names, trace: Trace) -> Any:
        left, right = names[first], names[second]
        try:
            value = function(left, right)
        except RECOVERABLE as error:
            value = recover(node, operands, (left, right), error)
        trace[node] = value
        return value

    return visit


def _of_value_and_two_literals(
    node: ast.expr, system: DirectSystem, function: Function, operands: Sequence[Any]
) -> Visit:
    read, second, third = _reader(operands[0], system), operands[1].value, operands[2].value
    recover = system.recover

    def visit(names: Names, trace: Trace) -> Any:
        first = read(names, trace)
        try:
            value = function(first, second, third)
        except RECOVERABLE as error:
            value = recover(node, operands, (first, second, third), error)
        trace[node] = value
        return value

    return visit


def _of_two(node: ast.expr, system: DirectSystem, function: Function, operands: Sequence[ast.expr]) -> Visit:
    read_left, read_right = _reader(operands[0], system), _reader(operands[1], system)
    recover = system.recover

    def visit(names: Names, trace: Trace) -> Any:
        left, right = read_left(names, trace), read_right(names, trace)
        try:
            value = function(left, right)
        except RECOVERABLE as error:
            value = recover(node, operands, (left, right), error)
        trace[node] = value
        return value

    return visit


def _of_name_and_value(node: ast.expr, system: DirectSystem, function: Function, operands: Sequence[Any]) -> Visit:
    name, read = operands[0].id, _reader(operands[1], system)
    recover = system.recover

    def visit(names: Names, trace: Trace) -> Any:
        left, right = names[name], read(names, trace)
        try:
            value = function(left, right)
        except RECOVERABLE as error:
            value = recover(node, operands, (left, right), error)
        trace[node] = value
        return value

    return visit


def _of_literal_and_value(node: ast.expr, system: DirectSystem, function: Function, operands: Sequence[Any]) -> Visit:
    left, read = operands[0].value, _reader(operands[1], system)
    recover = system.recover

    def visit(names: Names, trace: Trace) -> Any:
        right = read(names, trace)
        try:
            value = function(left, right)
        except RECOVERABLE as error:
            value = recover(node, operands, (left, right), error)
        trace[node] = value
        return value

    return visit


def _of_value_and_literal(node: ast.expr, system: DirectSystem, function: Function, operands: Sequence[Any]) -> Visit:
    read, right = _reader(operands[0], system), operands[1].value
    recover = system.recover

    def visit(names: Names, trace: Trace) -> Any:
        left = read(names, trace)
        try:
            value = function(left, right)
        except RECOVERABLE as error:
            value = recover(node, operands, (left, right), error)
        trace[node] = value
        return value

    return visit


def _of_name_and_literal(node: ast.expr, system: DirectSystem, function: Function, operands: Sequence[Any]) -> Visit:
    name, right = operands[0].id, operands[1].value
    recover = system.recover

    def visit(names: Names, trace: Trace) -> Any:
        left = names[name]
        try:
            value = function(left, right)
        except RECOVERABLE as error:
            value = recover(node, operands, (left, right), error)
        trace[node] = value
        return value

    return visit


def _reader(operand: ast.expr, system: DirectSystem) -> Visit:
    """Reads an operand; of a leaf nobody is told."""
    if isinstance(operand, ast.Name):
        name = operand.id
        return lambda names, trace: names[name]
    if isinstance(operand, ast.Constant):
        value: Any = operand.value
        return lambda names, trace: value
    return _visit(operand, system)
