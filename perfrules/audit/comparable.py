"""The units that people type behind targets and actuals: which are alike, and which cannot be the same measure.

Two counting words (`户` and `家`) are never told apart, and a unit that is not known here is like any other.
"""

from __future__ import annotations

from perfrules.audit.forms import FormRow
from perfrules.ruleset.units import Conversions

_FAMILIES: dict[str, str] = {
    "rate": "% ‰",
    "length": "米=m=M=延米 公里=千米=km=KM 厘米=cm 毫米=mm 里",
    "area": "平方米=㎡=m2=平米 亩 公顷 平方公里",
    "weight": "吨=t 公斤=千克=kg 斤 克=g",
    "time": "年 月=个月 周 天=日 小时 分钟 工作日=个工作日",
    "count": "个 户 家 人 名 人次 次 项 件 台 套 辆 处 所 座 场 期 篇 份 例 条 批 门 村 镇 县 类 种 株 头 只 位",
}
_KNOWN: dict[str, tuple[str, str]] = {
    word: (family, names.partition("=")[0])
    for family, listed in _FAMILIES.items()
    for names in listed.split()
    for word in names.split("=")
}
"""The family of each unit, and the word that stands for it and those that mean the same."""

_MONEY = Conversions({})


def family(unit: str) -> str:
    """What a unit measures; empty where that is not known."""
    return "money" if unit and _MONEY.is_money(unit) else _KNOWN.get(unit, ("", ""))[0]


def mixed(row: FormRow) -> bool:
    """Whether the target and the actual of a row cannot be compared as they stand."""
    target, actual = row.target, row.actual
    if target.number is None or actual.number is None:
        return False
    if target.unit == "%" and not actual.unit and 0 < actual.number <= 1 < target.number:
        return True  # 0.95 beside 95 %, or 1 beside 100 %
    one, two = family(target.unit), family(actual.unit)
    if not one or not two:
        return False
    if one != two:
        return True
    return one in ("length", "area", "weight", "time", "rate") and _KNOWN[target.unit][1] != _KNOWN[actual.unit][1]


def is_money(unit: str) -> bool:
    """Whether a unit is one of money."""
    return family(unit) == "money"
