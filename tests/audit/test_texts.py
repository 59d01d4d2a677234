"""What people type, read as one thing or as words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from audit import printed
from perfrules import numbers
from perfrules.audit import texts
from perfrules.audit.columns import COLUMNS, meaning
from perfrules.audit.texts import Day, Said, read

TYPED: dict[str, list[dict[str, str]]] = tomli.loads(Path(__file__).with_name("typed.toml").read_text(encoding="utf-8"))
_KINDS = {"numbers": "number", "dates": "date", "levels": "level", "options": "options", "words": "words"}


@pytest.mark.parametrize(
    ("kind", "typed", "normal"),
    [(_KINDS[name], one["typed"], one["normal"]) for name, listed in TYPED.items() for one in listed],
)
def test_what_was_typed_into_published_tables(kind: str, typed: str, normal: str) -> None:
    said = read(typed)
    assert (said.kind, said.normal()) == (kind, normal)


def test_no_target_or_actual_of_the_published_tables_is_left_out() -> None:
    typed = {one["typed"] for listed in TYPED.values() for one in listed}
    columns = {
        key
        for name in printed.NAMES
        for row in printed.load(name)["row"]
        for key in row
        if meaning(key, COLUMNS) in ("target", "actual")
    }
    assert {
        str(row[key]) for name in printed.NAMES for row in printed.load(name)["row"] for key in columns & row.keys()
    } == typed
    assert len(columns) == 9


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("＞=90%", ">=90%"), (">=90", ">=90"), ("1,234.5", "1234.5"), ("１，２３４．５", "1234.5"), ("１２３．５％", "123.5%"),
        ("95%以上", ">=95%"), ("90%（含）以上", ">=90%"), ("98.5％及以上", ">=98.5%"), ("20％以下", "<=20%"),
        ("不超过20万元", "<=20万元"), ("控制在20万元以内", "<=20万元"), ("5个工作日内", "<=5个工作日"), ("100 %", "100%"),
        ("≥ 95 %", ">=95%"), ("不低于98%", ">=98%"), ("大于等于95%", ">=95%"), ("至少3次", ">=3次"), ("大于5人", ">5人"),
        ("3061人次", "3061人次"), ("1.2万人次", "1.2万人次"), ("100万元/公里", "100万元/公里"), ("百分之95", "95%"),
        ("−3%", "-3%"), ("-3%", "-3%"), ("+3%", "3%"), ("0起", "0起"), ("100%完成", "100%"), ("5㎡", "5㎡"), ("5m2", "5m2"),
        ("12个月", "12个月"), ("10.30", "10.3"), ("=＜4个", "<=4个"), ("98%。", "98%"), (" 98% ", "98%"), ("≧5", ">=5"),
    ],
)  # fmt: skip
def test_numbers(typed: str, normal: str) -> None:
    said = read(typed)
    assert (said.kind, said.normal()) == ("number", normal)
    assert said.text == typed.strip()


@pytest.mark.parametrize(
    ("typed", "sign", "day"),
    [
        ("2022年6月底前", "<=", Day(2022, 6)), ("2022年12月", "", Day(2022, 12)), ("2022年", "", Day(2022)),
        ("2022年12月31日前", "<=", Day(2022, 12, 31)), ("2022年底前", "<=", Day(2022, 12, 31)), ("年底前完成", "<=", Day(None, 12, 31)),
        ("2022-12-31", "", Day(2022, 12, 31)), ("2022/9/1", "", Day(2022, 9, 1)), ("2022.9.1", "", Day(2022, 9, 1)),
        ("≤2022年12月31日", "<=", Day(2022, 12, 31)), ("5月中旬前", "<=", Day(None, 5, 20)), ("5月下旬", "", Day(None, 5)),
        ("12月31日", "", Day(None, 12, 31)), ("截至2022年12月", "", Day(2022, 12)), ("9月之前", "<", Day(None, 9)),
        ("２０２２年６月", "", Day(2022, 6)), ("2月29日", "", Day(None, 2, 29)),
    ],
)  # fmt: skip
def test_dates(typed: str, sign: str, day: Day) -> None:
    said = read(typed)
    assert (said.kind, said.sign, said.day) == ("date", sign, day)


@pytest.mark.parametrize(
    ("typed", "level"),
    [
        ("达成年度指标", "achieved"), ("达成预期指标", "achieved"), ("已完成", "achieved"), ("全部完成", "achieved"), ("完成", "achieved"),
        ("达到预期目标", "achieved"), ("部分达成年度指标并具有一定效果", "partly"), ("部分达成预期指标", "partly"),
        ("未达成年度指标且效果较差", "missed"), ("未完成", "missed"), ("尚未完成", "missed"), ("没有达到预期指标", "missed"),
    ],
)  # fmt: skip
def test_levels(typed: str, level: str) -> None:
    assert (read(typed).kind, read(typed).level) == ("level", level)


@pytest.mark.parametrize("typed", ["", " ", "—", "——", "-", "/", "\\", "…", "......", "N/A", "\u200b", "　"])
def test_nothing(typed: str) -> None:
    assert read(typed).kind == "empty"


@pytest.mark.parametrize(
    "typed",
    [
        "约50人", "50人左右", "30余户", "80%-90%", "80~90", "50+", "12/31", "3/5", "9.", "1e5", "①完成", "百分之九十", "基本完成",
        "100%未完成", "2022年13月", "2月30日", "2022年1-12月", "全年", "无", "零", "元", "≥", "0x10", "1,23", "1.2.3", "5人10次",
        "25TB; 100%覆盖", "达成年度指标，但进度慢", "9" * 40, "9" * 500, "≥5个以上不足10个", "10%，5人",
    ],
)  # fmt: skip
def test_what_could_be_two_things_is_words(typed: str) -> None:
    said = read(typed)
    assert (said.kind, said.number, said.day) == ("words", None, None)


@pytest.mark.parametrize("typed", ["好坏", "优/良/中/差", "优、良", "是否", "有/无"])
def test_a_list_of_options_says_nothing(typed: str) -> None:
    assert read(typed).kind == "options"


def test_units_and_signs_of_columns_of_their_own_come_second() -> None:
    assert read("735", unit="人次", sign="≥").normal() == ">=735人次"
    assert read("100%", unit="百分比", sign="＝").normal() == "==100%"
    assert read("≤5天", unit="小时", sign="≥").normal() == "<=5天"
    assert read("735", unit="—", sign="定性").normal() == "735"
    assert read("有效", unit="%", sign="≥").normal() == "有效"
    assert [texts.direction(sign) for sign in ("≥", "＞=", "不低于", "定性", "")] == [">=", ">=", ">=", "", ""]


def test_reached_is_at_least_in_a_target_and_a_number_in_an_actual() -> None:
    assert read("达到95%", target=True).normal() == ">=95%"
    assert read("达到95%").normal() == "95%"


def test_a_weight_or_score_is_a_number_alone() -> None:
    typed = ["10", "10分", "8.62", "86.20%", "—", "", "≥10", "8.62/10", "10万元", "十分"]
    assert [texts.number(text) for text in typed] == [10, 10, Fraction(431, 50), Fraction(431, 5), *[None] * 6]


def test_a_reason_that_there_is_none_is_none() -> None:
    assert [texts.note(text) for text in ("无", "/", "无偏差。", "不适用", " 尾款未付 ")] == [
        "",
        "",
        "",
        "",
        "尾款未付",
    ]


# -- laws ----------------------------------------------------------------------------------------------------------

SIGNS = st.sampled_from(["", ">=", ">", "<=", "<", "=="])
UNITS = st.sampled_from(
    ["", "%", "米", "人次", "万元", "个", "平方米", "万元/公里", "元/人", "TB", "个工作日", "户", "㎡"]
)
NUMBERS = st.decimals(-(10**9), 10**9, allow_nan=False, places=3).map(numbers.from_decimal)


def _numbers(sign: Any, number: Any, unit: str) -> Said:
    return Said("", "number", sign, number, unit)


def _dates(sign: Any, day: date, parts: int, with_year: bool) -> Said:
    month = day.month if parts > 0 else None
    year = day.year if with_year or month is None else None
    return Said("", "date", sign, day=Day(year, month, day.day if parts > 1 else None))


SAID = st.one_of(
    st.builds(_numbers, SIGNS, NUMBERS, UNITS),
    st.builds(_dates, SIGNS, st.dates(date(1950, 1, 1), date(2099, 12, 31)), st.integers(0, 2), st.booleans()),
)


@given(SAID)
def test_what_is_said_in_one_way_is_read_as_the_same(said: Said) -> None:
    assert replace(read(said.normal()), text="") == said


@given(SAID, st.randoms(use_true_random=False))
def test_full_width_forms_and_spaces_change_nothing(said: Said, random: Any) -> None:
    typed = "".join(
        (" " if random.random() < 0.2 else "")
        + (chr(ord(char) + 0xFEE0) if "!" <= char <= "~" and random.random() < 0.5 else char)
        for char in said.normal()
    )
    assert replace(read(typed), text="") == said


@given(st.integers(-(10**12), 10**12))
def test_separators_of_thousands_change_nothing(number: int) -> None:
    assert read(f"{number:,}").number == number


@given(st.text(max_size=60) | st.text("0123456789.,%≥≤<>=年月日前底以上下内不超过达成未完成部分-—/ ", max_size=30))
def test_any_text_is_read_as_something(typed: str) -> None:
    for target in (False, True):
        said = read(typed, unit=typed, sign=typed, target=target)
        assert (said.kind == "number") is (said.number is not None)
        assert (said.kind == "date") is (said.day is not None)
        assert (said.kind == "level") is bool(said.level)
        if said.kind in ("number", "date") and said.kind == read(said.normal()).kind:
            assert read(said.normal()).normal() == said.normal()
