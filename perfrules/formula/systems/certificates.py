"""Proofs that a polynomial is never below 0 where some others are not, with certificates of exact numbers.

The certificate is an identity: the polynomial is a sum of things that are not below 0 (constraints, distances to the
ends of ranges, products of two of these), each times a number that is not below 0. Finding the numbers is a linear
program, solved by the simplex method over rationals; none found means undecided, never refuted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import NamedTuple

from perfrules.formula.systems.polynomials import ONE, ZERO, Coefficient, Monomial, Polynomial, constant, variable

MAX_GENERATORS = 160
"""Things not below 0 that a certificate may be made of: bounds the size of the linear program."""

MAX_DEGREE = 6
"""Degree of the products among them; a higher one was never needed by a scoring rule."""

MAX_PIVOTS = 200
"""Steps of the simplex method; the programs at hand take fewer than 40."""

End = Coefficient | None


class Box(NamedTuple):
    """The least and greatest value of a variable, None where there is none."""

    low: End
    high: End


Boxes = Mapping[str, Box]


class Constraint(NamedTuple):
    """A polynomial that is not below 0; above 0 where it is strict."""

    polynomial: Polynomial
    strict: bool = False


# -- ranges of polynomials ----------------------------------------------------------------------------------------


def span(polynomial: Polynomial, boxes: Boxes) -> Box:
    """Ends between which a polynomial lies; not always the nearest."""
    low: End = 0
    high: End = 0
    for monomial, coefficient in polynomial.terms.items():
        ends = _scaled(_monomial(monomial, boxes), coefficient)
        low = None if low is None or ends.low is None else low + ends.low
        high = None if high is None or ends.high is None else high + ends.high
    return Box(low, high)


def _scaled(box: Box, factor: Coefficient) -> Box:
    low, high = (None if end is None else end * factor for end in box)
    return Box(low, high) if factor > 0 else Box(high, low)


def _monomial(monomial: Monomial, boxes: Boxes) -> Box:
    result = Box(1, 1)
    for name in dict.fromkeys(monomial):
        result = _times(result, _power(boxes[name], monomial.count(name)))
    return result


def _power(box: Box, exponent: int) -> Box:
    if exponent == 1:
        return box
    low, high = (None if end is None else end**exponent for end in box)
    if exponent % 2:
        return Box(low, high)
    if box.low is not None and box.low >= 0:
        return Box(low, high)
    if box.high is not None and box.high <= 0:
        return Box(high, low)
    return Box(0, None if low is None or high is None else max(low, high))


def _times(left: Box, right: Box) -> Box:
    """The product of two ranges, from its corners; an open end times 0 is 0, since every value is finite."""
    one, two = _ends(left), _ends(right)
    corners = [0 if x == 0 or y == 0 else x * y for x in one for y in two]
    low, high = min(corners), max(corners)
    return Box(None if isinstance(low, float) else low, None if isinstance(high, float) else high)


def _ends(box: Box) -> tuple[Coefficient | float, Coefficient | float]:
    return -math.inf if box.low is None else box.low, math.inf if box.high is None else box.high


# -- proofs -------------------------------------------------------------------------------------------------------


def is_never_negative(goal: Polynomial, constraints: Sequence[Constraint], boxes: Boxes) -> bool:
    """Whether a certificate is found that the goal is not below 0 wherever the constraints hold, inside the boxes."""
    low = span(goal, boxes).low
    if low is not None and low >= 0:
        return True
    relevant = _relevant(goal, constraints)
    return any(_certificate(goal, generators) is not None for generators in _stages(goal, relevant, boxes))


def is_impossible(constraints: Sequence[Constraint], boxes: Boxes) -> bool:
    """Whether a certificate is found that the constraints never hold together, inside the boxes."""
    for polynomial, strict in constraints:
        high = span(polynomial, boxes).high
        if high is not None and (high < 0 or (strict and high == 0)):
            return True
    return any(_contradiction(generators) for generators in _stages(ZERO, constraints, boxes))


def _relevant(goal: Polynomial, constraints: Sequence[Constraint]) -> list[Constraint]:
    """The constraints that share variables with the goal, directly or through one another."""
    variables, left, chosen = set(goal.variables), list(constraints), []
    while reached := [one for one in left if one.polynomial.variables & variables]:
        chosen += reached
        left = [one for one in left if one not in reached]
        variables.update(*(one.polynomial.variables for one in reached))
    return chosen


def _stages(goal: Polynomial, constraints: Sequence[Constraint], boxes: Boxes) -> Iterator[list[Constraint]]:
    """Growing sets of what is not below 0: first as given, then with products."""
    variables = sorted(goal.variables.union(*(one.polynomial.variables for one in constraints)))
    ranges = [Constraint(one) for name in variables for one in _distances(name, boxes[name])]
    plain = [*constraints, *ranges]
    monomials = _monomials([goal, *(one.polynomial for one in plain)])
    yield _distinct([*plain, *_monomial_ranges(monomials, boxes)])
    degree = max([goal.degree, 2, *(one.polynomial.degree for one in constraints)])
    products = [
        Constraint(one.polynomial * two.polynomial, one.strict and two.strict)
        for one, two in combinations_with_replacement(plain, 2)
        if one.polynomial.degree + two.polynomial.degree <= min(degree, MAX_DEGREE)
    ]
    monomials |= _monomials([one.polynomial for one in products])
    yield _distinct([*plain, *products, *_monomial_ranges(monomials, boxes)])


def _distances(name: str, box: Box) -> Iterator[Polynomial]:
    """How far a variable is from the ends of its range."""
    if box.low is not None:
        yield variable(name) - constant(box.low)
    if box.high is not None:
        yield constant(box.high) - variable(name)


def _monomials(polynomials: Iterable[Polynomial]) -> set[Monomial]:
    return {monomial for polynomial in polynomials for monomial in polynomial.terms if len(monomial) > 1}


def _monomial_ranges(monomials: set[Monomial], boxes: Boxes) -> Iterator[Constraint]:
    for monomial in sorted(monomials):
        low, high = _monomial(monomial, boxes)
        term = Polynomial({monomial: 1})
        if low is not None:
            yield Constraint(term - constant(low))
        if high is not None:
            yield Constraint(constant(high) - term)


def _distinct(generators: Iterable[Constraint]) -> list[Constraint]:
    return list(dict.fromkeys(generators))[:MAX_GENERATORS]


def _certificate(goal: Polynomial, generators: Sequence[Constraint]) -> list[Fraction] | None:
    """Numbers not below 0 by which the generators, and 1, add up to the goal."""
    columns = [one.polynomial for one in generators] + [ONE]
    rows = sorted({monomial for one in (goal, *columns) for monomial in one.terms})
    matrix = [[Fraction(column.terms.get(row, 0)) for column in columns] for row in rows]
    numbers = feasible(matrix, [Fraction(goal.terms.get(row, 0)) for row in rows])
    if numbers is None:
        return None
    added = ZERO
    for number, column in zip(numbers, columns, strict=True):
        added = added + column.scaled(number)
    return numbers if added == goal else None


def _contradiction(generators: Sequence[Constraint]) -> bool:
    """Whether the generators add up to a number below 0, or to 0 with a strict one among them."""
    columns = [one.polynomial for one in generators] + [ONE]
    rows = sorted({monomial for one in columns for monomial in one.terms})
    matrix = [[Fraction(column.terms.get(row, 0)) for column in columns] for row in rows]
    # The strict ones and the number taken off must come to 1 together, or all numbers 0 would do.
    matrix.append([Fraction(1 if one.strict else 0) for one in generators] + [Fraction(1)])
    return feasible(matrix, [Fraction(0)] * len(rows) + [Fraction(1)]) is not None


def feasible(matrix: list[list[Fraction]], wanted: list[Fraction]) -> list[Fraction] | None:
    """Numbers x not below 0 with matrix * x = wanted, by the first phase of the simplex method; None if none are found.

    Bland's rule for the choice of columns, so that it cannot go in circles.
    """
    count, width = len(matrix), len(matrix[0])
    tableau = [
        [value if right >= 0 else -value for value in row] + [abs(right)]
        for row, right in zip(matrix, wanted, strict=True)
    ]
    basis = [width + index for index in range(count)]  # one artificial variable a row, not stored
    cost = [sum((row[column] for row in tableau), Fraction(0)) for column in range(width + 1)]
    for _ in range(MAX_PIVOTS):
        if cost[width] == 0:
            break
        entering = next((column for column in range(width) if cost[column] > 0 and column not in basis), None)
        if entering is None:
            return None
        ratios = [
            (row[width] / row[entering], basis[index], index) for index, row in enumerate(tableau) if row[entering] > 0
        ]
        if not ratios:
            return None
        leaving = min(ratios)[2]
        _pivot(tableau, cost, leaving, entering)
        basis[leaving] = entering
    if cost[width] != 0:
        return None
    numbers = [Fraction(0)] * width
    for index, column in enumerate(basis):
        if column < width:
            numbers[column] = tableau[index][width]
    return numbers


def _pivot(tableau: list[list[Fraction]], cost: list[Fraction], leaving: int, entering: int) -> None:
    """Exchange one variable of the basis; the cost row is that of the sum of the artificial variables."""
    pivot = tableau[leaving][entering]
    tableau[leaving] = [value / pivot if value else value for value in tableau[leaving]]
    chosen = tableau[leaving]
    for index, row in enumerate(tableau):
        factor = row[entering]
        if index != leaving and factor:
            tableau[index] = [
                value - factor * other if other else value for value, other in zip(row, chosen, strict=True)
            ]
    factor = cost[entering]
    for column, other in enumerate(chosen):
        if other:
            cost[column] -= factor * other
