"""The seam: what a number system offers to the evaluator.

Systems offer it without inheriting from it, and only type checkers read it; so it is a module of its own, which no
program loads.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from perfrules.formula.evaluator import Evaluator


class Tables(Protocol):
    """What every number system has: operators and functions over its values, and what becomes of those that fail."""

    @property
    def operators(self) -> Mapping[type[ast.AST], Callable[..., Any]]:
        """What each operator does."""

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """What each function does."""

    def recover(self, node: ast.expr, operands: Sequence[ast.expr], values: Sequence[Any], error: Exception) -> Any:
        """The value of an operator or function that could not take its operands."""


class System(Tables, Protocol):
    """A number system: the meaning of the language over one kind of value."""

    def constant(self, node: ast.Constant) -> Any:
        """The value of a literal."""

    def name(self, run: Evaluator, node: ast.Name) -> Any:
        """The value of a name."""

    def choose(self, run: Evaluator, test: ast.expr, then: ast.expr, orelse: ast.expr) -> Any:
        """`then if test else orelse`; the three arrive unevaluated."""

    def all_(self, run: Evaluator, terms: Sequence[ast.expr]) -> Any:
        """`and` of unevaluated terms."""

    def any_(self, run: Evaluator, terms: Sequence[ast.expr]) -> Any:
        """`or` of unevaluated terms."""

    def call(self, run: Evaluator, node: ast.Call, arguments: list[Any]) -> Any:
        """A function of the table, with its arguments evaluated."""


class DirectSystem(Tables, Protocol):
    """A number system whose literals are what was read, whose names are simply looked up, and whose tests decide.

    A test is True or False, or has another value, which is then that of the whole.
    """

    def unite(self, values: Iterable[Any]) -> Any:
        """The value of `and` or `or` over terms that do not decide it, given those that are neither true nor false."""
