"""The example rows that a new plan begins with: one for each dimension that its framework leaves open.

The points that a dimension has left are shared among the dimensions at the end of its branch, in whole points.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import count
from typing import NamedTuple

from perfrules import numbers, words
from perfrules.numbers import Exact
from perfrules.ruleset.library import Ruleset
from perfrules.ruleset.program import Branch

_EACH = 10
"""Points of a dimension where nothing says how many there are to share."""


class Row(NamedTuple):
    """An example row in a dimension that a framework leaves to its plans.

    Attributes:
        path: The titles of its dimensions, from the top.
        has_method: Whether a dimension says how it scores.
    """

    id: str
    dimension: str
    title: str
    path: str
    weight: Fraction
    has_method: bool


def example_rows(framework: Ruleset, lang: str) -> Iterator[Row]:
    """One row for each dimension at the end of the tree, with the weight that the framework leaves it."""
    program, dimensions = framework.program, framework.declaration.dimensions
    taken = {*program.facts, *framework.declaration.values, *framework.declaration.indicators}
    tops = [branch for branch in program.branches.values() if branch.within is None]
    total = framework.declaration.total.weight
    for branch, weight in _shared(framework, tops, None if total is None else fraction(total)):
        path = [branch]
        while path[0].within is not None:
            path.insert(0, program.branches[path[0].within])
        titles = [words.title(one.title, lang, one.id) for one in path]
        number = next(number for number in count(1) if f"{branch.id[:70]}_{number}" not in taken)
        title = words.say("starter.row", lang, {"title": titles[-1]})
        has_method = any(dimensions[one.id].method for one in path)
        yield Row(f"{branch.id[:70]}_{number}", branch.id, title, " · ".join(titles), weight, has_method)


def _shared(framework: Ruleset, branches: list[Branch], room: Fraction | None) -> Iterator[tuple[Branch, Fraction]]:
    """The dimensions at the end of the tree that have points left for rows, and how many."""
    program, dimensions = framework.program, framework.declaration.dimensions
    declared = {branch.id: dimensions[branch.id].weight for branch in branches}
    fixed = {name: fraction(weight) for name, weight in declared.items() if weight is not None}
    free = len(branches) - len(fixed)
    shares = iter(_split(room - sum(fixed.values()), free) if room is not None else [Fraction(_EACH)] * free)
    for branch in branches:
        points = fixed[branch.id] if branch.id in fixed else next(shares)
        points -= sum(fraction(program.rows[row].weight) for row in branch.rows)
        if branch.dimensions:
            yield from _shared(framework, [program.branches[name] for name in branch.dimensions], points)
        elif points > 0:
            yield branch, points


def _split(points: Fraction, parts: int) -> list[Fraction]:
    """Points in whole parts, the first ones greater by one where they do not divide; all in the first where too few."""
    whole, rest = divmod(points, parts) if parts else (0, Fraction(0))
    if whole < 1 or rest.denominator > 1:
        return [points, *[Fraction(0)] * (parts - 1)]
    return [Fraction(whole + (index < rest)) for index in range(parts)]


def fraction(value: Exact) -> Fraction:
    """A number as Python's fraction."""
    return Fraction(numbers.plain(value))
