"""From a tree of the core language back to text: as a formula, or with the values in it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import date
from typing import Any

from perfrules import numbers
from perfrules.formula.language import OPERATORS

_TIGHTNESS: dict[type[ast.AST], int] = {
    ast.IfExp: 1, ast.Or: 2, ast.And: 3, ast.Not: 4, ast.Lt: 5, ast.LtE: 5, ast.Gt: 5, ast.GtE: 5, ast.Eq: 5,
    ast.NotEq: 5, ast.Add: 6, ast.Sub: 6, ast.Mult: 7, ast.Div: 7, ast.USub: 8, ast.UAdd: 8,
}  # fmt: skip
_LEAF = 9


def local(name: str) -> str:
    """A name as its formula says it: `indicators.x#value` is `value` there."""
    return name.rpartition("#")[2]


def literal(value: Any) -> str:
    """A constant as a formula writes it."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, numbers.Exact):
        return numbers.plain(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))})"
    return f'"{value.isoformat() if isinstance(value, date) else value}"'


def render(node: ast.expr, say: Callable[[ast.expr], str | None] = lambda node: None) -> str:
    """The text of a tree, with the parentheses it needs.

    Args:
        node: The tree.
        say: What to write for a node instead; None: the node itself.
    """
    return _Renderer(say).text(node)


class _Renderer:
    def __init__(self, say: Callable[[ast.expr], str | None]) -> None:
        self.say = say

    def text(self, node: ast.expr, least: int = 0) -> str:
        """The text of a node, in parentheses where it binds less tightly than `least`."""
        said = self.say(node)
        if said is None:
            text, tightness = self._plain(node)
        else:
            text, tightness = said, 8 if said.startswith("-") else _LEAF
        return f"({text})" if tightness < least else text

    def _plain(self, node: ast.expr) -> tuple[str, int]:
        match node:
            case ast.Constant():
                return literal(node.value), _LEAF
            case ast.Name():
                return local(node.id), _LEAF
            case ast.Call(func=ast.Name(id="plus")):
                return " + ".join(self.text(term, 7) for term in node.args), _LEAF if len(node.args) == 1 else 6
            case ast.Call(func=ast.Name(id=name)):
                return f"{name}({', '.join(self.text(argument) for argument in node.args)})", _LEAF
            case ast.IfExp():
                then, test = self.text(node.body, 2), self.text(node.test, 2)
                return f"{then} if {test} else {self.text(node.orelse, 1)}", 1
            case ast.UnaryOp():
                tight = _TIGHTNESS[type(node.op)]
                space = " " if isinstance(node.op, ast.Not) else ""
                return f"{OPERATORS[type(node.op)]}{space}{self.text(node.operand, tight)}", tight
            case ast.BoolOp():
                tight = _TIGHTNESS[type(node.op)]
                return f" {OPERATORS[type(node.op)]} ".join(self.text(term, tight + 1) for term in node.values), tight
            case ast.Compare():
                return self._binary(node.left, node.ops[0], node.comparators[0], 6)
            case ast.BinOp():
                return self._binary(node.left, node.op, node.right, _TIGHTNESS[type(node.op)])
        raise TypeError(f"not a node of the core language: {node!r}")

    def _binary(self, left: ast.expr, op: ast.AST, right: ast.expr, least: int) -> tuple[str, int]:
        text = f"{self.text(left, least)} {OPERATORS[type(op)]} {self.text(right, least + 1)}"
        return text, _TIGHTNESS[type(op)]
