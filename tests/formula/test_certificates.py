"""Polynomials obey the laws of arithmetic; a certificate is found where one exists, and never where there is none."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfrules.formula.systems.certificates import (
    Box,
    Constraint,
    feasible,
    is_impossible,
    is_never_negative,
    span,
)
from perfrules.formula.systems.polynomials import (
    ONE,
    ZERO,
    Polynomial,
    TooComplex,
    constant,
    product,
    variable,
)

X, Y, Z = (variable(name) for name in "xyz")
OPEN = Box(None, None)
UNIT = {"x": Box(0, 1), "y": Box(0, 1), "z": Box(0, 1)}


def number(value: Any) -> Polynomial:
    return constant(Fraction(value))


coefficients = st.fractions(min_value=-9, max_value=9, max_denominator=4)
monomials = st.lists(st.sampled_from("xyz"), max_size=3).map(lambda names: tuple(sorted(names)))
polynomials = st.dictionaries(monomials, coefficients, max_size=5).map(Polynomial)
points = st.fixed_dictionaries({name: st.fractions(min_value=0, max_value=1, max_denominator=8) for name in "xyz"})


@given(polynomials, polynomials, polynomials, points)
def test_polynomials_are_numbers_at_every_point(a: Polynomial, b: Polynomial, c: Polynomial, at: Any) -> None:
    assert (a + b).value(at) == a.value(at) + b.value(at)
    assert (a - b).value(at) == a.value(at) - b.value(at)
    assert (a * b).value(at) == a.value(at) * b.value(at)
    assert a * (b + c) == a * b + a * c
    assert a - a == ZERO
    assert a * ONE == a == product([a])


@given(polynomials, polynomials)
def test_what_was_multiplied_divides(a: Polynomial, b: Polynomial) -> None:
    if b.terms:
        assert (a * b).divided(b) == a
        rest = a * b + ONE
        if not b.is_constant:
            quotient = rest.divided(b)
            assert quotient is None or quotient * b == rest


@given(polynomials)
def test_a_polynomial_is_its_shape_stretched_and_moved(a: Polynomial) -> None:
    if not a.is_constant:
        shape, scale, offset = a.direction()
        assert shape.scaled(scale) + constant(offset) == a
        assert a.scaled(-3).direction().shape == shape


@given(polynomials, points)
def test_a_polynomial_lies_in_its_span(a: Polynomial, at: Any) -> None:
    low, high = span(a, UNIT)
    assert low is not None
    assert high is not None
    assert low <= a.value(at) <= high


@given(polynomials, polynomials, points)
def test_what_is_proved_is_so(goal: Polynomial, given_: Polynomial, at: Any) -> None:
    constraints = [Constraint(given_)]
    if given_.value(at) >= 0 and goal.value(at) < 0:
        assert not is_never_negative(goal, constraints, UNIT)
    if given_.value(at) >= 0:
        assert not is_impossible(constraints, UNIT)
    if given_.value(at) > 0:
        assert not is_impossible([Constraint(given_, strict=True)], UNIT)


def test_open_ends_are_infinite_one_way_only() -> None:
    assert span(X * Y, {"x": Box(1, None), "y": Box(2, None)}) == Box(2, None)
    assert span(X * Y, {"x": Box(None, -1), "y": Box(2, None)}) == Box(None, -2)
    assert span(X * X, {"x": OPEN}) == Box(0, None)
    assert span(X * X * X, {"x": Box(-2, 3)}) == Box(-8, 27)
    assert span(X * Y, {"x": Box(0, 0), "y": OPEN}) == Box(0, 0)


PROVED = {
    "inside its box": (X + Y, [], UNIT),
    "from one constraint": (X - Y, [Constraint(X - Y - number("1/2"))], {"x": OPEN, "y": OPEN}),
    "from two constraints": (X - Z, [Constraint(X - Y), Constraint(Y - Z)], {"x": OPEN, "y": OPEN, "z": OPEN}),
    "from a product of distances": (ONE - X - Y + X * Y, [], UNIT),
    "a square that its ends allow": (X * Y, [], {"x": Box(0, None), "y": Box(0, None)}),
}


@pytest.mark.parametrize("name", PROVED)
def test_a_certificate_is_found(name: str) -> None:
    goal, constraints, boxes = PROVED[name]
    assert is_never_negative(goal, constraints, boxes)


def test_contradictions_are_found_strict_ones_too() -> None:
    boxes = {"x": OPEN, "y": OPEN}
    assert is_impossible([Constraint(X - Y, strict=True), Constraint(Y - X)], boxes)
    assert not is_impossible([Constraint(X - Y), Constraint(Y - X)], boxes)
    assert is_impossible([Constraint(X - Y - ONE), Constraint(Y - X)], boxes)
    assert is_impossible([Constraint(X - number(2))], UNIT)
    assert is_impossible([Constraint(X - ONE, strict=True)], UNIT)


def test_what_is_too_large_is_said_rather_than_computed() -> None:
    many = Polynomial({(f"v{index}",): 1 for index in range(30)})
    with pytest.raises(TooComplex):
        many * many


@given(
    st.lists(st.lists(st.integers(-4, 4).map(Fraction), min_size=4, max_size=4), min_size=1, max_size=4),
    st.lists(st.integers(0, 5).map(Fraction), min_size=4, max_size=4),
)
def test_a_system_with_a_solution_is_solved(matrix: list[list[Fraction]], solution: list[Fraction]) -> None:
    wanted = [sum((a * x for a, x in zip(row, solution, strict=True)), Fraction(0)) for row in matrix]
    found = feasible(matrix, wanted)
    assert found is not None
    assert min(found) >= 0
    assert [sum((a * x for a, x in zip(row, found, strict=True)), Fraction(0)) for row in matrix] == wanted
