"""Numbers enter and leave exactly: texts, floats and decimals, rounding, and the quotient that all is computed with."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from perfrules import numbers
from perfrules.numbers import MAX_DIGITS, MAX_EXPONENT, NumberError
from perfrules.rationals import Ratio, ratio

WIDE = Context(prec=400)
WHOLE = st.integers(-(10**12), 10**12)
FRACTIONS = st.fractions(-(10**12), 10**12, max_denominator=10**6)
RATIOS = st.builds(ratio, WHOLE, st.integers(1, 10**6))
EXACTS = st.one_of(WHOLE, FRACTIONS, RATIOS)
DECIMALS = st.decimals(-(10**12), 10**12, places=6)


def fraction(value: numbers.Exact) -> Fraction:
    """The number as the standard library's rational."""
    return Fraction(value.numerator, value.denominator)


# -- entering ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0), ("-0", 0), ("+7", 7), ("007", 7), ("1086.51", Fraction(108651, 100)), (".5", Fraction(1, 2)),
        ("5.", 5), ("1e3", 1000), ("1E-3", Fraction(1, 1000)), ("2.50", Fraction(5, 2)), ("1e30", 10**30),
        ("1e-30", Fraction(1, 10**30)), ("9" * 30, 10**30 - 1), ("0.1", Fraction(1, 10)),
        ("9007199254740993", 2**53 + 1), ("0" * 100 + "1", 1), ("1." + "0" * 50, 1), ("0e5", 0),
    ],
)  # fmt: skip
def test_a_decimal_is_read_exactly(text: str, number: object) -> None:
    assert numbers.parse(text) == number


@pytest.mark.parametrize(
    "text",
    ["", " ", " 1", "1 ", "1,000", "1_000", "0x10", "1e", "e3", ".", "+", "--1", "1.2.3", "nan", "inf", "Infinity",
     "１２", "²", "٣", "1/2", "5%", "1\n", "1e3.5", "½", "True"],
)  # fmt: skip
def test_what_is_no_decimal_is_refused(text: str) -> None:
    with pytest.raises(NumberError) as refused:
        numbers.parse(text)
    assert refused.value.reason == "number.not-a-number"


@pytest.mark.parametrize(
    "text",
    ["1" * 31, "1e31", "1e-31", "-1e31", "1e999999", "1e-999999", "0." + "0" * 30 + "1", "1." + "1" * 30, "9" * 5000,
     "0" * 401, "10e30"],
)  # fmt: skip
def test_a_number_that_is_too_long_is_refused(text: str) -> None:
    with pytest.raises(NumberError) as refused:
        numbers.parse(text)
    assert refused.value.reason == "number.too-long"


def test_an_exponent_of_a_million_digits_is_refused_unread() -> None:
    with pytest.raises(NumberError):
        numbers.parse("1e" + "9" * 300)


@given(DECIMALS)
def test_a_decimal_and_its_text_are_one_number(value: Decimal) -> None:
    assert numbers.parse(str(value)) == numbers.from_decimal(value) == Fraction(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(0.1)
@example(1086.51)
@example(-0.0)
@example(1e22)
@example(0.285)
@example(9007199254740993.0)
@example(4.35)
def test_a_float_is_its_shortest_decimal_text(value: float) -> None:
    shortest = Decimal(repr(value))
    if abs(shortest.adjusted()) > MAX_EXPONENT:
        with pytest.raises(NumberError, match="too-long"):
            numbers.from_float(value)
    else:
        assert numbers.from_float(value) == Fraction(shortest)


@given(st.integers(-(10**16), 10**16), st.integers(0, 4))
def test_a_float_of_few_decimals_is_the_decimal_it_was_written_as(value: int, places: int) -> None:
    written = Decimal(value).scaleb(-places)
    assume(len(str(abs(value))) <= 15)
    assert numbers.from_float(float(written)) == Fraction(written)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, Decimal("nan"), Decimal("snan"), Decimal("-inf")])
def test_what_is_not_finite_is_refused(value: object) -> None:
    with pytest.raises(NumberError) as refused:
        numbers.read(value)
    assert refused.value.reason == "number.not-finite"


@pytest.mark.parametrize("value", [True, False, "1", None, 1j, [1], b"1", object()])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(NumberError) as refused:
        numbers.read(value)
    assert refused.value.reason == "number.not-a-number"


@pytest.mark.parametrize(
    "value",
    [10**MAX_DIGITS, -(10**MAX_DIGITS), Decimal("1e31"), Decimal("1e999999"), Fraction(1, 10**31), 1e300, 5e-324],
)
def test_what_is_too_long_is_refused(value: object) -> None:
    with pytest.raises(NumberError) as refused:
        numbers.read(value)
    assert refused.value.reason == "number.too-long"


@given(st.one_of(WHOLE, FRACTIONS, DECIMALS, RATIOS))
def test_every_number_is_read_as_itself(value: Any) -> None:
    exact = numbers.read(value)
    assert exact == (Fraction(value) if isinstance(value, Decimal) else value)
    assert isinstance(exact, int) is (exact.denominator == 1)
    assert not isinstance(exact, bool)


ENDS = st.one_of(
    st.decimals(-(10**6), 10**6, places=2),
    st.integers(-(10**14), 10**14),
    st.sampled_from([Decimal("0.1234567890123456789"), 10**20]),
).map(numbers.read)


@given(ENDS, ENDS, st.booleans(), st.booleans(), st.data())
def test_a_number_that_is_read_at_once_is_what_it_is_read_as_and_within_its_range(
    one: Any, two: Any, open_below: bool, open_above: bool, data: st.DataObject
) -> None:
    low = -math.inf if open_below else min(one, two)
    high = math.inf if open_above else max(one, two)
    near = st.sampled_from([float(fraction(one)), float(fraction(two))])
    value = data.draw(
        st.one_of(
            st.sampled_from([0, 0.0, -0.0, True, None, "1", math.nan, -math.inf]),
            near,
            st.builds(math.nextafter, near, st.sampled_from([-math.inf, math.inf])),
            st.integers(-(10**15), 10**15),
            st.floats(-1e15, 1e15).map(lambda number: round(number, 2)),
            st.floats(),
        )
    )
    found = numbers.usual(low, high)(value)
    if found is not None:
        wanted = numbers.read(value)
        assert (type(found), found) == (type(wanted), wanted)
        assert low <= found <= high


@given(st.integers(-(10**11), 10**11), st.integers(-(10**9), 10**9))
def test_whole_numbers_and_cents_within_a_range_of_cents_are_read_at_once(whole: int, cents: int) -> None:
    assert numbers.usual(-math.inf, whole)(whole) == whole
    amount = numbers.read(Decimal(cents).scaleb(-2))
    assert numbers.usual(amount, math.inf)(cents / 100) == amount
    assert numbers.usual(amount, amount)(math.nextafter(cents / 100, math.inf)) is None


# -- the quotient ------------------------------------------------------------------------------------------------


@given(RATIOS, EXACTS, st.sampled_from([operator.add, operator.sub, operator.mul, operator.truediv]))
def test_a_ratio_computes_as_a_fraction_does(left: Ratio, right: Any, how: Callable[[Any, Any], Any]) -> None:
    assume(how is not operator.truediv or (right != 0 and left != 0))
    assert how(left, right) == how(fraction(left), fraction(right))
    assert how(right, left) == how(fraction(right), fraction(left))


@given(RATIOS, EXACTS)
def test_a_ratio_compares_as_a_fraction_does(left: Ratio, right: Any) -> None:
    for how in (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne):
        for other in (right, ratio(left.n * 3, left.d * 3)):
            assert how(left, other) is how(fraction(left), fraction(other))
            assert how(other, left) is how(fraction(other), fraction(left))


@given(RATIOS)
def test_a_ratio_is_the_fraction_that_it_equals(value: Ratio) -> None:
    same = fraction(value)
    assert hash(value) == hash(same) == hash(ratio(value.n * 7, value.d * 7))
    assert (value.numerator, value.denominator) == (same.numerator, same.denominator)
    for how in (operator.neg, operator.pos, abs, bool):
        assert how(value) == how(same)
    assert -math.inf < value < math.inf


@pytest.mark.parametrize("how", [operator.add, operator.sub, operator.mul, operator.truediv])
def test_a_ratio_does_not_outgrow_its_number(how: Callable[[Any, Any], Any]) -> None:
    value: Any = ratio(1, 10)
    for _ in range(12):
        value = how(value, how(value, ratio(1, 100)))
    assert value.d.bit_length() <= max(fraction(value).denominator.bit_length(), 256)


@given(EXACTS)
def test_dividing_by_nothing_is_refused(value: Any) -> None:
    for zero in (0, ratio(0, 5), Fraction(0)):
        with pytest.raises(ZeroDivisionError):
            ratio(1, 3) / zero
    with pytest.raises(ZeroDivisionError):
        value / ratio(0, 3)


# -- rounding ----------------------------------------------------------------------------------------------------


@given(DECIMALS, st.integers(0, 10))
@example(Decimal("1.005"), 2)
@example(Decimal("-1.005"), 2)
@example(Decimal("-0.004"), 2)
@example(Decimal("0.5"), 0)
def test_rounding_is_half_up_of_the_magnitude(value: Decimal, places: int) -> None:
    expected = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, WIDE)
    rounded = numbers.round_half_away(numbers.read(value), places)
    assert rounded == Fraction(expected)
    assert numbers.plain(rounded) != "-0"


@given(EXACTS, st.integers(0, 10))
def test_a_rounded_number_is_the_nearest(value: numbers.Exact, places: int) -> None:
    rounded = fraction(numbers.round_half_away(value, places))
    assert rounded * 10**places % 1 == 0
    assert abs(rounded - fraction(value)) * 2 <= Fraction(1, 10**places)
    assert numbers.round_half_away(rounded, places) == rounded


@given(EXACTS)
def test_floor_and_ceil_are_the_whole_numbers_around(value: numbers.Exact) -> None:
    assert numbers.floor(value) == math.floor(fraction(value))
    assert numbers.ceil(value) == math.ceil(fraction(value))
    assert type(numbers.floor(value)) is type(numbers.ceil(value)) is int


# -- leaving -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5"), (-5, "-5"), (0, "0"), (Fraction(1, 2), "0.5"), (Fraction(187, 2), "93.5"), (Fraction(7, 3), "7/3"),
        (Fraction(-1, 3), "-1/3"), (Fraction(1, 10**30), "0." + "0" * 29 + "1"), (10**30, "1" + "0" * 30),
        (ratio(10, 4), "2.5"), (ratio(6, 3), "2"), (ratio(14, 6), "7/3"),
    ],
)  # fmt: skip
def test_a_number_is_written_plainly(value: numbers.Exact, text: str) -> None:
    assert numbers.plain(value) == text


@given(EXACTS)
def test_a_plain_text_is_the_number(value: numbers.Exact) -> None:
    assert Fraction(numbers.plain(value)) == fraction(value)


@given(EXACTS, st.integers(0, 10))
def test_a_text_of_some_places_is_the_rounded_number(value: numbers.Exact, places: int) -> None:
    text = numbers.plain(value, places)
    assert Fraction(text) == fraction(numbers.round_half_away(value, places))
    assert len(text.partition(".")[2]) == places
    assert not text.startswith("-") or Fraction(text) < 0


@pytest.mark.parametrize(
    ("value", "places", "decimal"),
    [
        (Fraction(187, 2), 2, "93.50"), (Fraction(187, 2), None, "93.5"), (5, None, "5"), (5, 2, "5.00"),
        (Fraction(1, 3), None, "0.3333333333"), (Fraction(-1, 1000), 2, "0.00"),
        (Fraction(1, 2**20), None, "0.0000009537"), (10**30, 2, "1" + "0" * 30 + ".00"), (ratio(200, 400), 1, "0.5"),
    ],
)  # fmt: skip
def test_a_decimal_has_the_places_asked_for(value: numbers.Exact, places: int | None, decimal: str) -> None:
    assert f"{numbers.to_decimal(value, places):f}" == decimal


@given(EXACTS)
def test_a_decimal_lies_between_the_neighbours(value: numbers.Exact) -> None:
    decimal = numbers.to_decimal(value, 3)
    exact = WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))
    ends = [exact.quantize(Decimal("0.001"), way, WIDE) for way in (ROUND_FLOOR, ROUND_CEILING)]
    assert decimal in ends


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5"), (Fraction(1, 2), "0.5"), (Fraction(1, 3), "≈0.3333"), (Fraction(2, 3), "≈0.6667"),
        (Fraction(-2, 3), "≈-0.6667"), (Fraction(1, 10**6), "≈0"), (Fraction(-1, 10**6), "≈0"),
        (Fraction(300001, 10**5), "≈3"), (Fraction(100000001, 10**6), "≈100"), (Fraction(12345, 10**4), "1.2345"),
        (Fraction(10**30 * 3 + 1, 3), "≈1" + "0" * 30 + ".3333"),
    ],
)  # fmt: skip
def test_a_number_is_shown_with_few_decimals_and_says_so(value: numbers.Exact, text: str) -> None:
    assert numbers.shown(value) == text


@given(EXACTS)
def test_decimal_places_are_what_the_number_needs(value: numbers.Exact) -> None:
    places = numbers.decimal_places(value)
    if places is None:
        assert all(fraction(value) * 10**count % 1 for count in range(40))
    else:
        assert fraction(value) * 10**places % 1 == 0
        assert places == 0 or fraction(value) * 10 ** (places - 1) % 1
