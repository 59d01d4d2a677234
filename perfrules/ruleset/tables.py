"""Tables of conditions: where none holds, where two do, which can never be the first; by trying every cell.

Where every condition compares names with constants, the constants cut the range of each name into points and stretches
between them. Inside one combination of these, a cell, no condition changes, so that looking at one place of each cell
is complete.
"""

from __future__ import annotations

import ast
import itertools
import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from perfrules import numbers
from perfrules.numbers import Exact
from perfrules.ruleset.program import compare, constant, name

MAX_CELLS = 20_000
"""Cells of a table: two names with 70 thresholds each. Tables of standards have some dozens."""

Index = tuple[int, ...]


class NotSimple(Exception):  # noqa: N818  (a signal: search instead)
    """A condition does more than compare names with constants, or there are too many cells."""


class Domain(NamedTuple):
    """What a name can be: options, or numbers (days, counted from the first of all) between two ends.

    Attributes:
        low, high: The ends, None where open.
        whole: Whether only whole numbers are meant.
        options: What a truth value, choice or text can be.
        dates: Whether the numbers are days.
        label: What people call the name.
    """

    low: Fraction | None = None
    high: Fraction | None = None
    whole: bool = False
    options: tuple[Any, ...] = ()
    dates: bool = False
    label: str = ""


class Cell(NamedTuple):
    """One part of a name's range, and a value in it: a point (low is high), a stretch without its ends, an option."""

    low: Fraction | None
    high: Fraction | None
    sample: Any


class Axis(NamedTuple):
    """One name, and the parts of its range in order."""

    name: str
    domain: Domain
    cells: tuple[Cell, ...]

    def shown(self, first: int, last: int) -> str:
        """A run of cells as a condition: `60 <= value < 80`; empty where it is the whole range."""
        label = self.domain.label or self.name
        if self.domain.options:
            chosen = [_shown(cell.sample) for cell in self.cells[first : last + 1]]
            return f"{label} = {' / '.join(chosen)}"
        if first == last and self.cells[first].low is not None and self.cells[first].low == self.cells[first].high:
            return f"{label} = {self._text(self.cells[first].low)}"
        low = "" if first == 0 else self._end(self.cells[first].low, first, "low")
        high = "" if last == len(self.cells) - 1 else self._end(self.cells[last].high, last, "high")
        return f"{low}{label}{high}" if low or high else ""

    def position(self, value: Any) -> int | None:
        """The part of the range that a value lies in."""
        for index, (low, high, sample) in enumerate(self.cells):
            if self.domain.options or (low is not None and low == high):
                inside = sample == value
            else:
                inside = (low is None or low < value) and (high is None or value < high)
            if inside:
                return index
        return None

    def inside(self, index: int) -> Iterator[ast.expr]:
        """The conditions under which a number lies in a part of the range."""
        low, high, _ = self.cells[index]
        if self.domain.options:
            return
        if low is not None and low == high:
            yield compare(name(self.name), ast.Eq(), constant(numbers.read(low)))
            return
        if low is not None:
            yield compare(name(self.name), ast.Gt(), constant(numbers.read(low)))
        if high is not None:
            yield compare(name(self.name), ast.Lt(), constant(numbers.read(high)))

    def _end(self, end: Fraction | None, index: int, side: str) -> str:
        sign = "<=" if self.cells[index].low == self.cells[index].high else "<"
        return f"{self._text(end)} {sign} " if side == "low" else f" {sign} {self._text(end)}"

    def _text(self, end: Fraction | None) -> str:
        if end is None:
            return "∞"
        return date.fromordinal(int(end)).isoformat() if self.domain.dates else numbers.plain(numbers.read(end))


class Region(NamedTuple):
    """Connected cells: what they have in common, for people, one place inside, and the cells themselves."""

    text: str
    sample: Mapping[str, Any]
    cells: frozenset[Index]


class Table:
    """Conditions in order, the first that holds wins; None holds always.

    Args:
        tests: The conditions, over names and constants.
        domains: What each name can be.
        assumed: A condition outside of which the table is not asked.

    Raises:
        NotSimple: A condition does more than compare names with constants.
    """

    def __init__(
        self, tests: Sequence[ast.expr | None], domains: Mapping[str, Domain], assumed: ast.expr | None = None
    ) -> None:
        edges: dict[str, set[Any]] = {}
        for test in (*tests, assumed):
            if test is not None:
                _collect(test, edges)
        if not set(edges) <= set(domains):
            raise NotSimple
        self.axes = [_axis(identifier, domains[identifier], found) for identifier, found in edges.items()]
        if math.prod(len(axis.cells) for axis in self.axes) > MAX_CELLS:
            raise NotSimple
        self.matches: dict[Index, frozenset[int]] = {}
        for index in itertools.product(*(range(len(axis.cells)) for axis in self.axes)):
            at = self._sample(index)
            if assumed is None or holds(assumed, at):
                self.matches[index] = frozenset(
                    position for position, test in enumerate(tests) if test is None or holds(test, at)
                )

    def locate(self, values: Mapping[str, Any]) -> Index | None:
        """The cell that some values of the names lie in; None where one is outside its range."""
        found = [axis.position(values[axis.name]) for axis in self.axes]
        return None if None in found else tuple(one for one in found if one is not None)

    def inside(self, index: Index) -> list[ast.expr]:
        """The conditions under which names that are numbers lie in a cell."""
        return [test for axis, one in zip(self.axes, index, strict=True) for test in axis.inside(one)]

    def _sample(self, index: Index) -> dict[str, Any]:
        return {axis.name: axis.cells[one].sample for axis, one in zip(self.axes, index, strict=True)}

    # -- questions ------------------------------------------------------------------------------------------------

    def gaps(self) -> list[Region]:
        """Where no condition holds."""
        return self.regions(index for index, found in self.matches.items() if not found)

    def unreachable(self, position: int) -> bool:
        """Whether a condition never is the first that holds."""
        return not any(found and min(found) == position for found in self.matches.values())

    def cells(self, position: int) -> set[Index]:
        """The cells in which a condition holds."""
        return {index for index, found in self.matches.items() if position in found}

    def overlaps(self, one: int, other: int) -> list[Region]:
        """Where two conditions hold, unless the earlier lies wholly inside the later."""
        first, second = self.cells(one), self.cells(other)
        return [] if first <= second else self.regions(first & second)

    # -- regions --------------------------------------------------------------------------------------------------

    def regions(self, cells: Iterable[Index]) -> list[Region]:
        """Cells that touch each other as one region each, in the order of their first cells."""
        left, found = sorted(cells), []
        pending = set(left)
        for start in left:
            if start in pending:
                part = self._connected(start, pending)
                pending -= part
                texts = [self._text(box) for box in _boxes(part)]
                found.append(Region(" | ".join(texts), self._sample(self._typical(part)), frozenset(part)))
        return found

    def _connected(self, start: Index, among: set[Index]) -> set[Index]:
        reached, stack = {start}, [start]
        while stack:
            for near in self._neighbours(stack.pop()):
                if near in among and near not in reached:
                    reached.add(near)
                    stack.append(near)
        return reached

    def _neighbours(self, index: Index) -> Iterator[Index]:
        for position, axis in enumerate(self.axes):
            steps = range(len(axis.cells)) if axis.domain.options else (index[position] - 1, index[position] + 1)
            for step in steps:
                yield (*index[:position], step, *index[position + 1 :])

    def _typical(self, part: set[Index]) -> Index:
        """A cell in the middle of a region: a stretch rather than an end."""
        ordered = sorted(part)
        return ordered[len(ordered) // 2]

    def _text(self, box: Sequence[tuple[int, int]]) -> str:
        shown = [axis.shown(first, last) for axis, (first, last) in zip(self.axes, box, strict=True)]
        return ", ".join(filter(None, shown)) or "*"


def _boxes(part: set[Index]) -> Iterator[list[tuple[int, int]]]:
    """A region as few boxes, which may share cells: each grown from a cell, one axis after the other."""
    left = set(part)
    while left:
        box = [(one, one) for one in min(left)]
        for position in range(len(box)):
            for step in (-1, 1):
                while _grows(box, position, step, part):
                    first, last = box[position]
                    box[position] = (first - 1, last) if step < 0 else (first, last + 1)
        left -= set(_cells(box))
        yield box


def _grows(box: list[tuple[int, int]], position: int, step: int, part: set[Index]) -> bool:
    """Whether the next layer of cells at one side of a box belongs to a region."""
    edge = box[position][0] - 1 if step < 0 else box[position][1] + 1
    return all(cell in part for cell in _cells([*box[:position], (edge, edge), *box[position + 1 :]]))


def _cells(box: Sequence[tuple[int, int]]) -> Iterator[Index]:
    return itertools.product(*(range(first, last + 1) for first, last in box))


# -- conditions -----------------------------------------------------------------------------------------------------

_OPERATORS: dict[type[ast.AST], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}  # fmt: skip


def _collect(test: ast.expr, edges: dict[str, set[Any]]) -> None:
    """Gather what each name of a condition is compared with."""
    match test:
        case ast.BoolOp(values=terms):
            for term in terms:
                _collect(term, edges)
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            _collect(inner, edges)
        case ast.Constant(value=bool()):
            pass
        case ast.Name(id=truth):
            edges.setdefault(truth, set())
        case ast.Compare(left=left, comparators=[right]):
            sides = sorted((left, right), key=lambda side: not isinstance(side, ast.Name))
            edge = _literal(sides[1])
            if not isinstance(sides[0], ast.Name) or edge is None:
                raise NotSimple
            edges.setdefault(sides[0].id, set()).add(edge)
        case _:
            raise NotSimple


def _literal(node: ast.expr) -> Any:
    """The value of a literal, with its sign; None of anything else."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = _literal(node.operand)
        negative = isinstance(node.op, ast.USub)
        return -inner if negative and isinstance(inner, Fraction) else inner
    if not isinstance(node, ast.Constant):
        return None
    value: Any = node.value
    if isinstance(value, date):
        return Fraction(value.toordinal())
    if isinstance(value, Exact) and not isinstance(value, bool):
        return numbers.to_fraction(value)
    return value if isinstance(value, str | bool) else None


def holds(test: ast.expr, at: Mapping[str, Any]) -> bool:
    """Whether a simple condition holds at a place."""
    match test:
        case ast.BoolOp(op=op, values=terms):
            decide = all if isinstance(op, ast.And) else any
            return decide(holds(term, at) for term in terms)
        case ast.UnaryOp(operand=inner):
            return not holds(inner, at)
        case ast.Name(id=truth):
            return bool(at[truth])
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            one, other = (at[side.id] if isinstance(side, ast.Name) else _literal(side) for side in (left, right))
            return _OPERATORS[type(op)](one, other)
        case ast.Constant(value=value):
            return bool(value)
    raise NotSimple


# -- axes -----------------------------------------------------------------------------------------------------------


def _axis(identifier: str, domain: Domain, edges: set[Any]) -> Axis:
    if domain.options:
        options = [*domain.options, *sorted(edge for edge in edges if edge not in domain.options)]
        return Axis(identifier, domain, tuple(Cell(None, None, option) for option in options))
    inside = {edge for edge in edges if _within(edge, domain)} | {
        end for end in (domain.low, domain.high) if end is not None
    }
    points = sorted(inside)
    cells: list[Cell] = []
    for low, high in itertools.pairwise((None, *points, None)):
        if (low is None and domain.low is not None) or (low is not None and low == domain.high):
            stretch = None
        else:
            stretch = _between(low, high, domain)
        cells += [stretch] if stretch else []
        cells += [Cell(high, high, high)] if high is not None and (not domain.whole or high.denominator == 1) else []
    return Axis(identifier, domain, tuple(cells))


def _within(edge: Fraction, domain: Domain) -> bool:
    return (domain.low is None or edge >= domain.low) and (domain.high is None or edge <= domain.high)


def _between(low: Fraction | None, high: Fraction | None, domain: Domain) -> Cell | None:
    """The stretch between two points, with a plain value in it; None where it holds no value that is meant."""
    if low is None or high is None:
        sample = Fraction(0) if low is None and high is None else low + 1 if low is not None else (high or 0) - 1
        return Cell(low, high, Fraction(math.floor(sample)) if domain.whole else sample)
    first = Fraction(math.floor(low) + 1)
    if first < high:
        middle = Fraction(math.floor((low + high) / 2))
        return Cell(low, high, middle if low < middle < high else first)
    return None if domain.whole else Cell(low, high, (low + high) / 2)


def _shown(option: Any) -> str:
    return str(option).lower() if isinstance(option, bool) else str(option)
