"""The units of formulas: which unit each comes to, and which pairs do not agree."""

from __future__ import annotations

import ast
from collections.abc import Mapping

import pytest

from perfrules.formula.reader import parse
from perfrules.formula.systems import units
from perfrules.ruleset.units import Conversions

NAMES = {
    "yuan": "元", "wan": "万元", "yi": "亿元", "staff": "人", "posts": "名", "tasks": "项", "km": "公里", "rate": "%",
    "points": "百分点", "late": "日", "t.cost": "元", "t.done": "%",
}  # fmt: skip
TABLE = Conversions({"万元": "10000 元", "亿元": "10000 万元", "名": "1 人"})


def checked(
    text: str, names: Mapping[str, str] = NAMES, table: Conversions = TABLE
) -> tuple[str | None, list[units.Mismatch]]:
    return units.check(parse(text).tree, dict(names), table)


@pytest.mark.parametrize(
    ("formula", "unit"),
    [
        ("yuan", "元"), ("unheard_of", None), ("5", None), ("yuan + 5", "元"), ("5 - yuan", "元"), ("-yuan", "元"),
        ("yuan + yuan", "元"), ("unheard_of + yuan", "元"), ("posts + staff", "名"), ("rate + points", "%"),
        ("min(5, yuan, unheard_of)", "元"), ("max(1, 2)", None), ("clamp(yuan, 0, 10)", "元"), ("abs(yuan)", "元"),
        ("round(yuan / 10000, 2)", "万元"), ("floor(yuan)", "元"), ("ceil(yuan)", "元"),
        # one factor of conversion, exactly
        ("yuan / 10000", "万元"), ("wan * 10000", "元"), ("10000 * wan", "元"), ("wan / 10000", "亿元"),
        ("yuan * 0.0001", "万元"), ("yuan / 100000000", "亿元"), ("yuan * 1", "元"), ("yuan / 1", "元"),
        ("yuan * 1000", None), ("yuan * 1.3", None), ("yuan / 0", None), ("yuan * -10000", None), ("10000 / wan", None),
        ("km * 10000", None), ("rate / 100", None), ("yuan * yuan", None), ("yuan * unheard_of", None),
        # quotients
        ("yuan / yuan", "1"), ("yuan / (yuan + 1)", "1"), ("rate / points", "1"), ("staff / posts", "1"),
        ("yuan / km", None), ("staff / tasks", None), ("yuan / unheard_of", None), ("unheard_of / yuan", None),
        ("yuan / yuan / 100", None), ("percent(yuan, yuan)", "%"), ("percent(5, 10)", "%"),
        # functions that have a unit of their own, or none
        ("share(points_met)", "%"), ("days(begun, ended)", "天"), ("days(begun, ended) + late", "天"),
        ("started(rate - 100, 1)", None), ("completed(yuan, yuan)", None), ("count(t)", None),
        ("interpolate(rate, (0, 0), (100, 10))", None), ("sum(t.cost)", "元"), ("mean(t.done)", "%"),
        ("weighted_mean(t.done, t.cost)", "%"), ("lowest_of(t.cost)", "元"), ("highest_of(t.cost)", "元"),
        # conditions have none, and may hold any
        ("yuan > 5", None), ("yuan > 5 and rate < 3", None), ("not yuan == 0", None), ("wan if yuan > 5 else 0", "万元"),
        ("0 if yuan > 5 else wan", "万元"), ("rate in (1, 2)", None),
    ],
)  # fmt: skip
def test_a_formula_comes_to_the_unit_that_its_names_give_it(formula: str, unit: str | None) -> None:
    assert checked(formula) == (unit, [])


@pytest.mark.parametrize(
    ("formula", "left", "right"),
    [
        ("yuan + wan", "yuan", "wan"), ("yuan - wan", "yuan", "wan"), ("yuan < wan", "yuan", "wan"),
        ("yuan == wan", "yuan", "wan"), ("yuan != wan", "yuan", "wan"), ("min(5, yuan, wan)", "yuan", "wan"),
        ("max(yuan, 3, wan)", "yuan", "wan"), ("clamp(yuan, 0, wan)", "yuan", "wan"), ("percent(yuan, wan)", "yuan", "wan"),
        ("started(yuan, wan)", "yuan", "wan"), ("completed(yuan, wan)", "yuan", "wan"), ("yuan / wan", "yuan", "wan"),
        ("yuan if rate > 3 else wan", "yuan", "wan"), ("yuan + staff", "yuan", "staff"), ("rate > yuan", "rate", "yuan"),
        ("staff + tasks", "staff", "tasks"), ("days(begun, ended) > tasks", "days(begun, ended)", "tasks"),
        ("yuan / yuan > rate", "yuan / yuan", "rate"), ("rate - yuan / yuan", "rate", "yuan / yuan"),
        ("yuan / yuan > wan", "yuan / yuan", "wan"), ("wan * 10000 + yi", "wan * 10000", "yi"),
        ("1 + (yuan if wan > yi else 3)", "wan", "yi"), ("rate > 3 or yuan < wan", "yuan", "wan"),
        ("sum(t.cost) - mean(t.done)", "sum(t.cost)", "mean(t.done)"),
    ],
)  # fmt: skip
def test_two_known_units_that_differ_are_told_where_they_meet(formula: str, left: str, right: str) -> None:
    (found,) = checked(formula)[1]
    assert (_text(formula, found.left), _text(formula, found.right)) == (left, right)


def _text(formula: str, node: ast.expr) -> str:
    return formula[node.col_offset : node.end_col_offset]


@pytest.mark.parametrize(
    "formula",
    ["yuan + wan + yi", "percent(yuan, wan) + wan", "(yuan / wan) / yi", "max(yuan + wan, 1) > rate"],
)
def test_what_comes_of_a_mistake_is_no_second_one(formula: str) -> None:
    assert len(checked(formula)[1]) == 1


def test_two_mistakes_are_told_both() -> None:
    assert len(checked("(yuan + wan) * (rate - tasks)")[1]) == 2


@pytest.mark.parametrize("formula", ["staff / posts > tasks", "staff / staff <= staff", "yuan / yuan + km"])
def test_a_ratio_may_be_compared_with_times_and_heads(formula: str) -> None:
    assert checked(formula)[1] == []


@pytest.mark.parametrize("unit", ["元", "万元", "人民币", "美元", "USD", "%", "％", "‰", "个百分点"])
def test_a_ratio_is_never_compared_with_money_or_a_percentage(unit: str) -> None:
    assert len(checked("a / a > b", {"a": "人", "b": unit}, Conversions({}))[1]) == 1


@pytest.mark.parametrize(
    ("one", "two"),
    [("%", "％"), ("%", "个百分点"), ("天", "日"), ("天", "days"), ("㎡", "m2"), (" 元", "元"), ("人", "人")],
)
def test_spellings_of_one_unit_agree(one: str, two: str) -> None:
    assert checked("a + b", {"a": one, "b": two}, Conversions({}))[1] == []


@pytest.mark.parametrize(
    ("one", "two"), [("%", "‰"), ("人", "人次"), ("元", "万元"), ("平方米", "亩"), ("天", "工作日")]
)
def test_without_a_definition_two_words_are_two_units(one: str, two: str) -> None:
    assert len(checked("a + b", {"a": one, "b": two}, Conversions({}))[1]) == 1


@pytest.mark.parametrize("unit", ["元", "万元", "十亿元", "美元", "cny", "¥", "贯"])
def test_money_is_known_by_its_name_or_by_what_it_converts_into(unit: str) -> None:
    assert Conversions({"贯": "1000 元"}).is_money(unit)


@pytest.mark.parametrize("unit", ["单元", "万元/公里", "人", "%", "个", "多元", "贯"])
def test_what_is_no_money_is_not_taken_for_it(unit: str) -> None:
    assert not Conversions({}).is_money(unit)


@pytest.mark.parametrize(
    "definitions",
    [{"a": "2 b", "b": "3 a"}, {"a": "2 a"}, {f"u{i}": f"1e30 u{i + 1}" for i in range(3000)}],
    ids=["circle", "itself", "chain"],
)
def test_definitions_that_lead_nowhere_are_followed_only_so_far(definitions: dict[str, str]) -> None:
    names = {"x": next(iter(definitions)), "y": list(definitions)[-1]}
    unit, mismatches = checked("x * 7 + y * 7", names, Conversions(definitions))
    assert (unit, mismatches) == (None, [])
