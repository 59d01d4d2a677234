"""What headers and labels are called on published forms, in Chinese and English, and what they mean.

A name is compared without spaces, line ends, and what stands in brackets behind it: `全年 预算数（A）` is 全年预算数.
All names must match whole, so that a cell of prose is never taken for a header.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from perfrules.audit.texts import bare, number
from perfrules.numbers import Exact

MAX_NAME = 80
"""Characters from which on a text is no name of a column."""

_BRACKETS = re.compile(r"[(（\[【][^()（）\[\]【】]*[)）\]】]")
_SPREAD = re.compile("(?<=[^\\x00-\\x7f])\\s+(?=[^\\x00-\\x7f])")
_ORDINAL = re.compile("[(（]?[一二三四五六七八九十]+[)）]?[、.．：:]\\s*|[(（][一二三四五六七八九十]+[)）]")
_POINTS = re.compile(r"[(（\[【]?(?P<points>[0-9]+(?:\.[0-9]+)?)分(?:[*×xX][^)）\]】]*)?[)）\]】]?")


def plain(text: str) -> str:
    """A name as it is compared."""
    found = bare(text)
    while (shorter := _BRACKETS.sub("", found)) != found:
        found = shorter
    return found.strip(":：*、.。").casefold()


def one_line(text: str) -> str:
    """A name without line ends, and without the spaces that only spread Chinese characters."""
    return " ".join(_SPREAD.sub("", text).split())


def points(text: str) -> tuple[str, Exact | None]:
    """A name of a group, and the points beside it: `一、产出指标（50分）`, `得分（20分*执行率）`."""
    name = _ORDINAL.sub("", one_line(text), count=1)
    found = _POINTS.search(bare(name))
    if not found or not found.start() or bare(name)[found.end() :]:
        return name, None
    return bare(name)[: found.start()], number(found["points"])


def _names(names: Mapping[str, str]) -> dict[str, re.Pattern[str]]:
    return {name: re.compile(pattern, re.DOTALL) for name, pattern in names.items()}


COLUMNS = _names(
    {
        "level1": "一级(?:绩效)?(?:指标|目录)?|level1|指标类型",
        "level2": "二级(?:绩效)?(?:指标|目录)?|level2",
        "name": "三级(?:绩效)?(?:指标|目录)?(?:名称)?|(?:具体|考核|评价|绩效)?指标(?:名称)?|level3|name|indicator",
        "sign": "指标性质|指标方向|(?:运算|计算|比较)?符号|性质|sign",
        "target": "(?:年度|全年|年初|预期|计划|绩效|业绩|设定)*(?:指标|目标)值|"
        "(?:年初)?(?:预期|计划|设定)(?:完成)?值|预期指标|值|target",
        "unit": "(?:指标|度量|计量|数量)?(?:值)?单位|unit",
        "actual": "(?:单项|全年|年度|指标)*实际(?:完成)?(?:值|情况|完成情况|指标值)?|"
        "(?:全年|年度|指标)?完成(?:值|情况)|实现值|actual",
        "status": "单项指标完成情况|是否完成|完成与否|status",
        "weight": "(?:指标|标准|权重|设定|三级指标)?分值(?:权重)?|权重(?:分)?|标准分|满分|分数|weight",
        "score": "(?:单位)?(?:自评|自评价|自查)(?:得分|分|分数|分值)|"
        "(?:实际|实|单项指标|指标|最终|评价)?得分|评分|评价分|score",
        "rate": "得分率|(?:指标)?(?:完成|执行|实现)(?:率|比例)|rate",
        "share": "权重占比|share",
        "converted": "(?:单项)?(?:指标)?折算(?:后)?得?分|converted",
        "review": "(?:.{0,6})(?:复核|审核|核定|复评|抽查|重点评价)(?:得)?分|review",
        "reason": ".{0,8}(?:原因|扣分说明|偏差说明|偏差分析|偏差情况).{0,16}|reason",
        "improvement": "(?:下一步)?(?:改进|整改)(?:措施|建议|意见)?|improvement",
        "standard": "(?:评分|评价|计分|考核|打分)(?:标准|细则|规则|方法|依据|办法)(?:[及和]依据)?|standard",
        "explanation": "指标(?:解释|说明|内容|含义|定义)|explanation",
        "remark": "备注|说明|其他说明|note|remark",
    }
)
"""The columns of a table of indicators."""

MONEY = _names(
    {
        "label": "项目资金|资金来源|预算资金|预算执行情况|label|name",
        "initial": "年初预算(?:数|金额|安排数?)?|年初(?:数|批复数)|initial",
        "budget": "(?:全年|年度|当年|本年)?预算(?:数|安排数|金额|总额|批复数)|"
        "预算安排情况|调整后(?:的)?预算数?|全年预算|budget",
        "received": "(?:实际)?到位(?:数|资金|金额)?|资金到位(?:情况|数)?|received",
        "executed": "(?:全年|预算|实际|资金|累计)*(?:执行|支出)(?:数|金额|情况)?|实际使用|executed",
        "rate": "(?:预算|资金)?(?:执行|支出|使用)(?:率|进度)|rate",
        "weight": COLUMNS["weight"].pattern,
        "score": COLUMNS["score"].pattern,
        "reason": COLUMNS["reason"].pattern,
    }
)
"""The columns of the block of money."""

SOURCES = _names(
    {
        "other": ".*(?:其他资金|其它资金|其他|单位资金|自有|自筹|非财政|社会资金|事业收入|other).*",
        "carry_over": ".*(?:结转|结余|carry_over).*",
        "appropriation": ".*(?:拨款|财政资金|公共预算|政府性基金|省级|市级|县级|中央|上级|本级|appropriation).*",
        "total": "资金合计|合计|总计|总额|项目资金|预算资金|.*资金总额|total",
    }
)
"""The lines of the block of money; 年度财政资金总额 is a total, and is asked for first."""

INFO = _names(
    {
        "project": "项目(?:支出)?名称|project",
        "department": "(?:项目)?主管部门(?:及代码)?|部门名称|department",
        "unit": "(?:项目)?(?:实施|承担|使用|预算|填报|自评)单位(?:名称)?|(?:项目)?单位(?:名称)?|unit_name",
        "period": "(?:预算|评价|自评|项目)?年度|年份|period|year",
        "grade": "(?:绩效)?(?:自评|评价)?(?:结果)?(?:等级|等次|评级)|grade",
        "total": "(?:自评|绩效自评|评价)(?:总分|总得分|得分)|总分|总得分|total",
        "money_unit": "金额单位|money_unit",
        "source": "(?:资料|材料)?来源|source",
    }
)
"""The labelled cells above and below the table."""

GOALS = _names(
    {
        "expected": "(?:年度)?预期(?:绩效)?目标|expected",
        "achieved": "(?:全年|目标)?实际完成情况|具体完成情况|achieved",
    }
)
"""The two texts of 年度总体目标."""

TOTAL = re.compile("(?:自评|评价|绩效|得分|分值)?(?:总分|合计|总计|总评分|总得分|总分值|total)(?:分值|得分)?")
SUBTOTAL = re.compile(".{0,20}小计|subtotal")
EXECUTION = re.compile(
    "(?:项目|财政|部门)?(?:预算|资金|预算资金|经费)?(?:执行|支出)(?:率|情况|进度)(?:指标)?|execution_rate"
)
GROUP = re.compile("(?:项目|部门)?(?:产出|效益|效果|满意度|服务对象满意度|成本|投入|过程|决策|管理|绩效)(?:指标)?")
"""Names of groups of the first level that stand in a line of their own, on forms without a column for them."""
NOTE = re.compile("注\\d?[:：、.]|注$|备注|说明[:：]|填表|填报|填写|(?:单位)?负责人|联系|审核人|制表|评价人|经办|日期")
NUMBERED = re.compile(r"(?:三级)?指标\s*(?:[0-9０-９]+|[一二三四五六七八九十]+)\s*[:：、.．]?\s*")
"""What templates print before the name of an indicator."""


def meaning(text: str, names: Mapping[str, re.Pattern[str]]) -> str:
    """What a header or label means; empty where it is none of these."""
    found = plain(text) if len(text) <= MAX_NAME else ""
    return next((name for name, pattern in names.items() if pattern.fullmatch(found)), "") if found else ""


def source(label: str) -> str:
    """Which money a line of the block is about; empty where its label says nothing."""
    if len(label) <= MAX_NAME and SOURCES["total"].fullmatch(plain(label).removeprefix("其中:")):
        return "total"
    return meaning(label, SOURCES)
