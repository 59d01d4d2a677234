"""Bounds through named values: what a test says of a value, it says of the facts in it, and the other way round."""

from __future__ import annotations

import pytest

from perfrules.formula.reader import parse
from perfrules.formula.systems import bounds
from perfrules.formula.systems.intervals import Bounds, Interval

DEFINITIONS = {
    name: parse(text).tree
    for name, text in {
        "difference": "a - b", "double": "a * 2", "more": "double + 1", "same": "a", "enough": "a >= 60",
        "either": "enough or b >= 60",
    }.items()
}  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "low", "high"),
    [
        ("difference if difference > 50 else 50", 50, 100),
        ("double if a <= 10 else 0", 0, 20),
        ("more if a <= 10 else 1", 1, 21),
        ("a if same <= 10 else 0", 0, 10),
        ("a if enough else 60", 60, 100),
        ("60 if not enough else a", 60, 100),
        ("a if enough and b < 60 else 60", 60, 100),
        ("0 if either else a + b", 0, 120),
        ("double if enough else 120", 120, 200),
        ("(double if a <= 10 else 20) + double", 0, 220),
    ],
)
def test_a_branch_narrows_through_named_values(formula: str, low: int, high: int) -> None:
    names: dict[str, Bounds] = {"a": Interval(0, 100), "b": Interval(0, 100)}
    for name, tree in DEFINITIONS.items():
        names[name] = bounds.evaluate(tree, names)
    before = dict(names)
    assert bounds.evaluate(parse(formula).tree, names, DEFINITIONS) == Interval(low, high)
    assert names == before


def test_a_named_value_too_large_to_look_into_keeps_its_own_bounds() -> None:
    large = parse(" + ".join(["(" + " + ".join(["a"] * 20) + ")"] * 20)).tree
    names: dict[str, Bounds] = {"a": Interval(0, 100), "large": Interval(0, 40_000)}
    assert bounds.evaluate(parse("large if a <= 1 else 0").tree, names, {"large": large}) == Interval(0, 40_000)


def test_a_branch_that_cannot_be_reached_counts_for_nothing() -> None:
    names: dict[str, Bounds] = {"a": Interval(0, 100), "b": Interval(0, 100)}
    assert bounds.evaluate(parse("1000 if a > 60 and a < 50 else 1").tree, names) == Interval(1, 1)
