"""Whether a target can be measured: the points of 财预〔2021〕101号 that a machine can look for.

A target that can be measured has a direction, a number or a declared level, and a unit; it is no list of options, no
wording, no duty copied from a statute, and money is an input, not an output. What a formula cannot say is judged here
as text (`problem`), so that a table that people typed can be judged by the same words.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Literal

from perfrules import words
from perfrules.errors import Finding
from perfrules.formula.reader import read
from perfrules.formula.systems import kinds, units
from perfrules.formula.systems.kinds import Kind
from perfrules.ruleset import model
from perfrules.ruleset.examination import Examination
from perfrules.ruleset.names import kinds as kinds_of_facts
from perfrules.ruleset.program import Row
from perfrules.ruleset.units import Conversions

Reason = Literal["empty", "options", "duty", "words"]
"""What is wrong with the text of a target: there is none, it lists what it could be, it copies a duty, it is prose."""

CODE = "target-not-measurable"

LONG = 40
"""Characters from which on a text with a verb of duty is no name of an indicator, but a sentence of a statute."""

_DUTY = re.compile(r"负责|贯彻|落实|执行|组织|承担|拟订")
_DIGIT = re.compile(r"[0-9０-９①-⑳]")
_NUMERAL = "零〇一二两三四五六七八九十百千万亿半"
_COUNTED = re.compile(
    rf"百分之|[{_NUMERAL}]+(?:余|多)?(?:次|个|人|名|项|件|台|套|辆|家|户|所|座|场|期|篇|份|天|日|周|月|年|季|公里|里|米|亩|吨|"
    "平方米|元|倍|成|起|例|处|条|批|门|村|镇|县|类|种|级|分|小时)"
)
_EXTREME = re.compile(
    r"(?:全部|全覆盖|全员|无|零|未发生|不发生|未出现|不出现|杜绝|按期|按时|如期)|(?:全覆盖|清零|为零|归零)$"
)
"""Words for all, none and in time: what they ask for can be told, though no figure is written."""

_SEPARATOR = re.compile(r"[/、|，,；;或]+|\s+or\s+", re.IGNORECASE)
_GRADES = re.compile(
    "优|良|中|差|好|坏|劣|较[好差]|一般|是|否|有|无|高|低|大|小|多|少|强|弱|快|慢|优秀|良好|不?及格|不?合格|不?达标|未达标|(?:未|部分|基本)?完成|"
    "(?:基本|较|不)?满意|(?:未|部分)?达成|不?明显|不?显著|good|bad|fair|poor|excellent|high|medium|low|yes|no|met|unmet"
)
_PAIRS = re.compile("好坏|优劣|是否|有无|高低|大小|多少|强弱|快慢|优良差|好中差|优良中差|高中低|大中小")
_RESULT = re.compile(
    r"产值|收入|销售|营收|营业|利润|税|交易|贸易|引资|招商|融资|贷款|节约|节支|节省|回收|追缴|挽回|revenue|sales|income|profit|"
    r"turnover|trade|loan|tax|saved|savings|recovered",
    re.IGNORECASE,
)
"""What is measured in money and yet no input: it came of the work."""

_OPERATION = re.compile(r"[/.\-]|\b(?:if|else|and|or|not|in)\b")
_OUTPUT = re.compile(r"quantity|output|数量|产出", re.IGNORECASE)
_NO_OUTPUT = re.compile(r"cost|benefit|outcome|effect|input|成本|效益|效果|投入", re.IGNORECASE)


def problem(text: str, levels: Iterable[str] = ()) -> Reason | None:
    """Why nobody can tell whether a target is met; None where that can be told, or is not certain.

    Args:
        text: The target as people write it: `≥266米`, `100%`, `显著提升`, `好坏`.
        levels: The names of declared levels, which are targets as good as numbers.
    """
    bare = unicodedata.normalize("NFKC", text).strip().strip("。.;；!！\"“”'")
    if not bare or not any(map(str.isalnum, bare)):
        return "empty"
    if bare in levels or _DIGIT.search(text):
        return None
    parts = [part.strip().casefold() for part in _SEPARATOR.split(bare)]
    if _PAIRS.fullmatch(bare) or (len(parts) > 1 and all(map(_GRADES.fullmatch, parts))):
        return "options"
    if _COUNTED.search(bare) or _EXTREME.match(bare) or _EXTREME.search(bare):
        return None
    if _DUTY.match(bare) or (len(bare) > LONG and _DUTY.search(bare)):
        return "duty"
    return "words"


def prose(text: str, known: Iterable[str]) -> Reason | None:
    """Why the target of an indicator is plainly no formula; None where it may be one with a mistake in it.

    Args:
        text: The target without its sign.
        known: Every name that a formula could mean.
    """
    formula, _ = read(text)
    names, listed = formula.names if formula else frozenset(), frozenset(known)
    meant = "_".join(text.split())
    if (formula and names <= listed) or meant in listed:
        return None
    if any(words.nearest(name, listed) for name in {*names, meant} - listed):
        return None
    reason = problem(text)
    return reason if reason == "options" or not _OPERATION.search(text) else None


def is_result(name: str) -> bool:
    """Whether a name says what came of the work, such as revenue or savings, which may be counted in money."""
    return _RESULT.search(name) is not None


# -- of a ruleset that is loaded -----------------------------------------------------------------------------------


def targets(examination: Examination) -> Iterator[Finding]:
    """Targets that nobody can measure, and money that is counted as an output."""
    table = Conversions(examination.declared.units)
    rows = [row for row in examination.program.rows.values() if examination.is_own("indicators", row.id)]
    unsaid = {row.id for row in rows if row.target and row.value and row.unit is row.indicator.unit is None}
    measured = _measured(examination, table) if unsaid else {}
    for row in rows:
        path, said = ("indicators", row.id), {"target": row.indicator.target}
        kind = measured.get(row.value or "")
        if row.id in unsaid and kind and kind.name == "number" and kind.unit is None:
            yield examination.finding(CODE, (*path, "target"), f"{CODE}.unit", values=said)
        if _is_worded(examination, row):
            yield examination.finding(CODE, (*path, "target"), f"{CODE}.text", values=said)
        if row.unit and table.is_money(row.unit) and _is_output(examination.declared, row.indicator):
            where = (*path, "unit") if row.indicator.unit else path
            yield examination.finding(CODE, where, f"{CODE}.money", on_key=where == path, values={"unit": (row.unit,)})
        if _is_duty(row):
            yield examination.finding(CODE, (*path, "title"), f"{CODE}.duty")


def _measured(examination: Examination, table: Conversions) -> dict[str, Kind]:
    """The kinds of the values of indicators, with their units as far as these can be told."""
    program, found = examination.program, kinds_of_facts(examination.program.facts)
    named = {name: kind.unit for name, kind in found.items() if kind.unit is not None}
    asked = {row.value for row in program.rows.values()}
    for line in program.lines:
        if line.about.startswith("values.") or line.name in asked or line.name.endswith("#measured"):
            kind, _ = kinds.check(line.tree, found)
            unit, _ = units.check(line.tree, named, table)
            value = examination.declared.values.get(line.name)
            unit = value.unit if value and value.unit is not None else unit
            found[line.name] = kind._replace(unit=unit)
            named |= {} if unit is None else {line.name: unit}
    return found


def _is_worded(examination: Examination, row: Row) -> bool:
    """Whether a target is a text in quotes that the value, a text as well, must repeat."""
    tree = examination.program.by_name[row.target].tree if row.target else None
    if not isinstance(tree, ast.Constant) or not isinstance(tree.value, str):
        return False
    value = examination.program.by_name[row.value].tree if row.value else None
    fact = examination.program.facts.get(value.id) if isinstance(value, ast.Name) else None
    return fact is not None and fact.kind == "text"


def _is_output(declared: model.Declaration, indicator: model.Indicator) -> bool:
    """Whether an indicator stands among the outputs, and is neither a cost nor what came of the work."""
    if is_result(" ".join(indicator.title.values())):
        return False
    outer = declared.outwards(indicator.dimension)
    texts = " ".join(word for identifier, one in outer for word in (identifier, *one.title.values()))
    return bool(_OUTPUT.search(texts)) and not _NO_OUTPUT.search(texts)


def _is_duty(row: Row) -> bool:
    """Whether a title is a sentence of a statute, and the target no number either."""
    title = words.title(row.indicator.title, "zh")
    if len(title) <= LONG or not _DUTY.search(title) or _DIGIT.search(title):
        return False
    return not _DIGIT.search(row.indicator.target or "")
