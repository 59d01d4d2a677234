"""The spots of a program at which a score turns: comparisons, limits, steps, and the parts of compound conditions.

A spot is where two expressions meet (`value` and `100`), or a condition that holds or not; its guards are what must
hold for anybody to look there: the branch it stands in, the bands before it, the other terms of its `and` and `or`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from perfrules.formula.evaluator import called
from perfrules.formula.render import render
from perfrules.ruleset.program import NO_PLACE, Line, Program, binary, call, constant, name

_OURS = ("sum", "live", "rounding", "difference")
"""Lines that nobody wrote: what they add up is tried where it comes from. So are values without a text."""

_SAID_ELSEWHERE = ("#met", "#applies", "#lower_is_better")
"""Conditions that are lines themselves, with spots of their own, or that a ruleset fixes."""

_STEPS = (0, 1)
"""The steps of `started` and `completed` that are tried: where nothing has begun, and where the first is full."""


class Guard(NamedTuple):
    """A condition, and what it must be."""

    test: ast.expr
    wanted: bool


Guards = tuple[Guard, ...]


class Spot(NamedTuple):
    """Where a score turns.

    Attributes:
        line: The line of the program that it stands in.
        form: `compare`, or the function whose limit or step it is; `truth` for a condition without two sides.
        left, right: The two expressions that meet; of a truth the condition itself, twice.
        guards: What must be for anybody to look there.
        part: The node that the author wrote.
    """

    line: Line
    form: str
    left: ast.expr
    right: ast.expr
    guards: Guards
    part: ast.expr


class Decision(NamedTuple):
    """A compound condition: its root, its terms (which hold no `and`, `or`, `not` themselves), and its guards."""

    line: Line
    root: ast.expr
    terms: tuple[ast.expr, ...]
    guards: Guards


def spots(program: Program) -> Iterator[Spot]:
    """Every spot of a program, line by line, from left to right."""
    for line in program.lines:
        if _is_written(line):
            walk = _Walk(line).walk(line.tree, _applying(program, line), test=line.of in ("applies", "owed", "holds"))
            yield from _new(walk)


def _is_written(line: Line) -> bool:
    return line.of not in _OURS and (line.of != "value" or bool(line.text))


def _new(found: Iterator[Spot]) -> Iterator[Spot]:
    """The spots of a line without those that say again what another has: an edge of a band is where the next begins."""
    seen: set[tuple[str, str]] = set()
    for spot in found:
        key = render(spot.left), render(spot.right)
        again = key in seen and spot.part.col_offset == NO_PLACE
        if not again and not (spot.line.of == "grade" and key[1] == "0"):  # no step of a scale is below 0
            yield spot
        seen.add(key)


def decisions(program: Program) -> Iterator[Decision]:
    """Every compound condition that an author wrote, line by line."""
    for line in program.lines:
        if _is_written(line):
            yield from _decisions(line, line.tree, _applying(program, line))


def text(line: Line, node: ast.expr) -> str:
    """A node of a line as its author wrote it; else as a formula says it."""
    if node.col_offset == NO_PLACE or not line.text:
        return render(node)
    return " ".join(line.text[node.col_offset : node.end_col_offset].split())


def _applying(program: Program, line: Line) -> Guards:
    """A line of a row counts only where the row applies."""
    section, _, identifier = line.about.partition(".")
    row = program.rows.get(identifier) if section == "indicators" else None
    if row is None or row.applies is None or line.name == row.applies:
        return ()
    return (Guard(name(row.applies), wanted=True),)


def _branches(node: ast.IfExp, guards: Guards) -> Iterator[tuple[ast.expr, Guards]]:
    yield node.body, (*guards, Guard(node.test, wanted=True))
    yield node.orelse, (*guards, Guard(node.test, wanted=False))


def _terms(node: ast.BoolOp, guards: Guards) -> Iterator[tuple[ast.expr, Guards]]:
    """Each term, with the others as they must be for it to decide."""
    neutral = isinstance(node.op, ast.And)
    for term in node.values:
        others = tuple(Guard(other, neutral) for other in node.values if other is not term)
        yield term, (*guards, *others)


class _Walk:
    """Walks the tree of one line."""

    def __init__(self, line: Line) -> None:
        self.line = line

    def walk(self, node: ast.expr, guards: Guards, *, test: bool) -> Iterator[Spot]:
        """The spots of a node; `test` says whether it is a condition."""
        match node:
            case ast.IfExp():
                yield from self.walk(node.test, guards, test=True)
                for branch, inside in _branches(node, guards):
                    yield from self.walk(branch, inside, test=test)
            case ast.BoolOp():
                for term, inside in _terms(node, guards):
                    yield from self.walk(term, inside, test=True)
            case ast.UnaryOp():
                yield from self.walk(node.operand, guards, test=test)
            case ast.Compare():
                yield Spot(self.line, "compare", node.left, node.comparators[0], guards, node)
                yield from self._all([node.left, node.comparators[0]], guards)
            case ast.BinOp():
                yield from self._all([node.left, node.right], guards)
            case ast.Call():
                yield from self._call(node, guards)
            case ast.Name() if test and not node.id.endswith(_SAID_ELSEWHERE):
                yield Spot(self.line, "truth", node, node, guards, node)

    def _all(self, nodes: list[ast.expr], guards: Guards) -> Iterator[Spot]:
        for node in nodes:
            yield from self.walk(node, guards, test=False)

    def _call(self, node: ast.Call, guards: Guards) -> Iterator[Spot]:
        form, arguments = called(node), node.args
        for left, right in _meetings(form, arguments):
            yield Spot(self.line, form, left, right, guards, node)
        if form == "known":
            yield Spot(self.line, "truth", node, node, guards, node)
        else:
            yield from self._all(arguments, guards)


def _meetings(form: str, arguments: list[ast.expr]) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The pairs of expressions at which a function turns."""
    if form == "clamp":
        yield from ((arguments[0], end) for end in arguments[1:])
    elif form in ("min", "max"):
        literal = [isinstance(argument, ast.Constant) for argument in arguments]
        for index, argument in enumerate(arguments):
            others = arguments[:index] + arguments[index + 1 :]
            if not literal[index] and not (len(arguments) == 2 and index == 1 and not literal[0]):
                yield argument, others[0] if len(others) == 1 else call(form, *others)
    elif form in ("started", "completed"):
        value, step = arguments
        yield from ((value, _times(step, count)) for count in _STEPS)
    elif form == "interpolate":
        points = [argument.value for argument in arguments[1:] if isinstance(argument, ast.Constant)]
        yield from ((arguments[0], constant(point[0])) for point in points)  # type: ignore[index]  # a pair of numbers


def _times(step: ast.expr, count: int) -> ast.expr:
    """A number of steps, as short as it can be said."""
    if count == 0:
        return constant(0)
    return step if count == 1 else binary(constant(count), ast.Mult(), step)


# -- compound conditions -----------------------------------------------------------------------------------------


def _decisions(line: Line, node: ast.expr, guards: Guards) -> Iterator[Decision]:
    if isinstance(node, ast.BoolOp):
        terms = tuple(_leaves(node))
        if any(term.col_offset != NO_PLACE for term in terms):  # the edges of a band are spots enough
            yield Decision(line, node, terms, guards)
        for term in terms:
            yield from _decisions(line, term, guards)
    elif isinstance(node, ast.IfExp):
        yield from _decisions(line, node.test, guards)
        for branch, inside in _branches(node, guards):
            yield from _decisions(line, branch, inside)
    else:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                yield from _decisions(line, child, guards)


def _leaves(node: ast.expr) -> Iterator[ast.expr]:
    """The terms of a condition that hold no `and`, `or` or `not` themselves."""
    for term, _ in conditions_of(node, ()):
        if term is node:
            yield node
        else:
            yield from _leaves(term)


def conditions_of(node: ast.expr, guards: Guards) -> Iterator[tuple[ast.expr, Guards]]:
    """The conditions that a condition joins, one level down, each with what must be for it to decide; else itself."""
    if isinstance(node, ast.BoolOp):
        yield from _terms(node, guards)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand, guards
    else:
        yield node, guards
