"""Polynomials over named variables, exactly: what the paths of a formula are made of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple

Monomial = tuple[str, ...]
"""The variables of a product, sorted; one that stands twice is squared. `()` is the constant."""

Coefficient = int | Fraction

MAX_TERMS = 400
"""Terms of a polynomial. A score over three facts has ten; beyond this nothing would be proved in time."""


class TooComplex(Exception):  # noqa: N818  (a signal to whoever asked for a proof: undecided)
    """A formula has too many paths, or polynomials too large to be looked at."""


class Direction(NamedTuple):
    """A polynomial up to a factor above 0 and a constant: `shape * scale + constant`.

    Attributes:
        shape: The polynomial without constant, with whole coefficients of no common factor, the first above 0.
        scale: What the shape is multiplied by; below 0 where the first coefficient is.
        constant: What is added.
    """

    shape: Polynomial
    scale: Coefficient
    constant: Coefficient


class Polynomial:
    """A sum of products of variables, each with its coefficient. Equal polynomials are equal, and hash alike."""

    __slots__ = ("_hash", "terms")

    def __init__(self, terms: Mapping[Monomial, Coefficient]) -> None:
        """Take coefficients by monomial; those of 0 are dropped."""
        self.terms = {monomial: coefficient for monomial, coefficient in terms.items() if coefficient}
        self._hash: int | None = None
        if len(self.terms) > MAX_TERMS:
            raise TooComplex

    def __eq__(self, other: object) -> bool:
        """Whether two polynomials have the same terms."""
        return isinstance(other, Polynomial) and self.terms == other.terms

    def __hash__(self) -> int:
        """A hash of the terms in any order."""
        if self._hash is None:
            self._hash = hash(frozenset(self.terms.items()))
        return self._hash

    def __repr__(self) -> str:
        """The terms, as one writes them."""
        shown = [f"{coefficient}*{'*'.join(monomial)}".rstrip("*") for monomial, coefficient in self.terms.items()]
        return " + ".join(shown) or "0"

    def __add__(self, other: Polynomial) -> Polynomial:
        """The sum."""
        terms = dict(self.terms)
        for monomial, coefficient in other.terms.items():
            terms[monomial] = terms.get(monomial, 0) + coefficient
        return Polynomial(terms)

    def __sub__(self, other: Polynomial) -> Polynomial:
        """The difference."""
        terms = dict(self.terms)
        for monomial, coefficient in other.terms.items():
            terms[monomial] = terms.get(monomial, 0) - coefficient
        return Polynomial(terms)

    def __neg__(self) -> Polynomial:
        """The polynomial with the other sign."""
        return Polynomial({monomial: -coefficient for monomial, coefficient in self.terms.items()})

    def __mul__(self, other: Polynomial) -> Polynomial:
        """The product."""
        terms: dict[Monomial, Coefficient] = {}
        for left, one in self.terms.items():
            for right, two in other.terms.items():
                monomial = tuple(sorted(left + right)) if left and right else left or right
                terms[monomial] = terms.get(monomial, 0) + one * two
        return Polynomial(terms)

    def scaled(self, factor: Coefficient) -> Polynomial:
        """The product with a number."""
        return Polynomial({monomial: coefficient * factor for monomial, coefficient in self.terms.items()})

    @property
    def constant(self) -> Coefficient:
        """The term without variables."""
        return self.terms.get((), 0)

    @property
    def is_constant(self) -> bool:
        """Whether there is no term with variables."""
        return not self.terms or (len(self.terms) == 1 and () in self.terms)

    @property
    def degree(self) -> int:
        """The most variables that are multiplied in one term."""
        return max(map(len, self.terms), default=0)

    @property
    def variables(self) -> frozenset[str]:
        """The variables of all terms."""
        return frozenset(variable for monomial in self.terms for variable in monomial)

    def direction(self) -> Direction:
        """The shape of a polynomial that is not constant, and how the polynomial is made of it."""
        varying = {monomial: coefficient for monomial, coefficient in self.terms.items() if monomial}
        denominator = math.lcm(*(coefficient.denominator for coefficient in varying.values()))
        factor = math.gcd(*(int(coefficient * denominator) for coefficient in varying.values()))
        scale = Fraction(factor, denominator)
        if varying[min(varying)] < 0:
            scale = -scale
        shape = Polynomial(
            {monomial: _whole(Fraction(coefficient) / scale) for monomial, coefficient in varying.items()}
        )
        return Direction(shape, scale, self.constant)

    def divided(self, divisor: Polynomial) -> Polynomial | None:
        """The exact quotient by another polynomial; None where it does not divide."""
        lead = max(divisor.terms, key=_order)
        quotient, rest = Polynomial({}), self
        while rest.terms:
            top = max(rest.terms, key=_order)
            monomial = _without(top, lead)
            if monomial is None:
                return None
            term = Polynomial({monomial: _whole(Fraction(rest.terms[top]) / divisor.terms[lead])})
            quotient, rest = quotient + term, rest - term * divisor
        return quotient

    def value(self, point: Mapping[str, Coefficient]) -> Coefficient:
        """The number at a point."""
        total: Coefficient = 0
        for monomial, coefficient in self.terms.items():
            term = coefficient
            for name in monomial:
                term = term * point[name]
            total += term
        return total


def constant(value: Coefficient) -> Polynomial:
    """A number as a polynomial."""
    return Polynomial({(): value})


def variable(name: str) -> Polynomial:
    """A variable as a polynomial."""
    return Polynomial({(name,): 1})


def product(factors: Iterable[Polynomial]) -> Polynomial:
    """The product of some polynomials; 1 of none."""
    result = ONE
    for factor in factors:
        result = result * factor
    return result


def _whole(value: Coefficient) -> Coefficient:
    return int(value) if value.denominator == 1 else value


def _order(monomial: Monomial) -> tuple[int, Monomial]:
    """Terms by degree, then by name: an order that products keep, so that division ends."""
    return len(monomial), monomial


def _without(monomial: Monomial, factor: Monomial) -> Monomial | None:
    left = list(monomial)
    for variable_ in factor:
        if variable_ not in left:
            return None
        left.remove(variable_)
    return tuple(left)


ONE = constant(1)
ZERO = Polynomial({})
