"""What the name and the group of a row say about it: what kind of thing it measures, and whether less of it is better.

Names are words that people chose, so nothing here is certain. What is used to find fault asks for words that leave
little doubt; what is used to hold a finding back asks for few.
"""

from __future__ import annotations

import re
from typing import Literal

from perfrules.audit.columns import plain
from perfrules.audit.forms import FormRow
from perfrules.ruleset.units import Conversions

Group = Literal[
    "", "quantity", "quality", "timeliness", "cost", "economic", "social", "ecological", "sustainable", "satisfaction"
]
Section = Literal["", "output", "benefit", "satisfaction", "cost"]

_GROUPS: dict[Group, re.Pattern[str]] = {
    "quantity": re.compile("数量|quantity"),
    "quality": re.compile("质量(?!成本)|quality"),
    "timeliness": re.compile("时效|实效|进度|timeliness"),
    "economic": re.compile("经济|economic"),
    "social": re.compile("社会|social"),
    "ecological": re.compile("生态|环境|ecological"),
    "sustainable": re.compile("可持续|sustainable"),
    "satisfaction": re.compile("满意|satisfaction"),
}
_SECTIONS: dict[Section, re.Pattern[str]] = {
    "output": re.compile("产出|output"),
    "benefit": re.compile("效益|效果|benefit|outcome"),
    "satisfaction": re.compile("满意|satisfaction"),
    "cost": re.compile("成本|cost"),
}
HOME: dict[Group, tuple[Section, ...]] = {
    "quantity": ("output",), "quality": ("output",), "timeliness": ("output",), "cost": ("output", "cost"),
    "economic": ("benefit",), "social": ("benefit",), "ecological": ("benefit",), "sustainable": ("benefit",),
    "satisfaction": ("satisfaction", "benefit"),
}  # fmt: skip
"""The groups of the first level that each group of the second may stand in."""

LESS = re.compile(
    "投诉|事故|差错|违[规纪法约]|误差|损耗|损失|流失|死亡|伤亡|发[病生]|感染|故障|缺陷|退货|返工|延误|超[期支标]|逾期|拖欠|信访|上访|舆情|负面|"
    "排放|能耗|浓度|污染|失业|贫困|闲置|空置|误判|漏[报失损]|不合格|不达标|成本|费用|经费|造价|投资|单价|支出|花费|控制|用时|耗时|时间|时限|时长|"
    "天数|工期|周期|变动率|负债|债务|赤字|缺口|占比|距离|会议|公务|接待|用车|编制|价格|标准|complaint|accident|cost|time",
    re.IGNORECASE,
)
"""Words for what may be wanted less of: enough not to take more of it for better."""

_UNWANTED = re.compile("投诉|事故|差错率|违规|违纪|死亡|伤亡|故障率|返工|逾期率|失业率")
_UNDONE = re.compile(
    "零|无|未|不|下降|减少|降低|处[理置]|办[理结]|整改|化解|查[处办]|回复|响应|防|预案|演练|培训|宣传|及时|满意"
)
_WANTED = re.compile(
    "建设|新建|修建|建成|完成|开展|改造|培训|发放|覆盖|受益|救助|资助|安装|检测|检查|治理|扶持|培育|引进|举办|宣传|种植|植树|绿化|合格率|"
    "达标率|完成率|及时率|满意度|通过率|优良率"
)

_OF_MONEY = re.compile("成本|投资|造价|费用|支出|经费|总额|金额")
_SAVED = re.compile("节约|节支|节省|降低|减少|增加|增长|收入|产值|收益|贡献|拉动|带动|发放|补助|补贴|到位|率|标准")
_VAGUE = re.compile(
    "(?:能力|性|水平|影响|作用|意识|形象|效果|效益|环境|质量|状况|情况|程度|条件|风貌|氛围|发展|建设)(?:指标)?"
)
_VERB = re.compile(
    "(?:进一步|有效|不断|持续|切实)?(?:促进|提升|提高|改善|增强|推动|保障|带动|加强|优化|完善|维护|确保)"
)
_COUNTED = re.compile("率|比例|比重|度[(（]?|数|量|额|次|人|户|个|%|％")


def group(row: FormRow) -> Group:
    """The group of the second level that a row stands in; empty where its name says none, or several."""
    return _one(plain(row.level2) or plain(row.level1))


def _one(name: str) -> Group:
    if "成本" in name or "cost" in name:
        return "cost"
    found = [kind for kind, pattern in _GROUPS.items() if pattern.search(name)]
    return found[0] if len(found) == 1 else ""


def section(name: str) -> Section:
    """The group of the first level that a name means; empty where it means none, or several."""
    found = [kind for kind, pattern in _SECTIONS.items() if pattern.search(plain(name))]
    return found[0] if len(found) == 1 else ""


def is_satisfaction(row: FormRow) -> bool:
    """Whether a row asks how satisfied people are."""
    return "满意" in row.name or "satisfaction" in row.name.casefold()


def either_way(row: FormRow) -> bool:
    """Whether nobody can tell from a row without a sign if more or less is better."""
    timed = group(row) == "timeliness" and "%" not in (row.target.unit, row.actual.unit) and "率" not in row.name
    return group(row) == "cost" or timed or LESS.search(row.name) is not None


def is_wanted(row: FormRow) -> bool:
    """Whether more of it is plainly better: something built, trained, covered, or a rate of success."""
    measured = row.target.unit == "%" or group(row) == "quantity"
    return measured and not LESS.search(row.name) and _WANTED.search(row.name) is not None


def is_unwanted(row: FormRow, units: Conversions) -> bool:
    """Whether less of it is plainly better: accidents and complaints, or what the work may cost."""
    if _UNDONE.search(row.name):
        return False
    if _UNWANTED.search(row.name):
        return True
    money = bool(row.target.unit) and units.is_money(row.target.unit)
    return money and group(row) == "cost" and _OF_MONEY.search(row.name) is not None and not _SAVED.search(row.name)


def is_vague(row: FormRow) -> bool:
    """Whether a name says a quality that no plain number measures: 学校发展能力, 长期使用性."""
    return re.search(f"{_VAGUE.pattern}$", row.name) is not None


def is_statement(row: FormRow) -> bool:
    """Whether a name is a sentence of what shall become better, and says nothing that could be counted."""
    return _VERB.match(row.name) is not None and not _COUNTED.search(row.name)
