"""Targets and actuals: whether a target can be measured, which way it points, and whether the actual was measured.

Names are words that people chose: a rule here speaks only where a name leaves little doubt (`audit.nature`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from perfrules.audit import comparable, nature
from perfrules.audit.audited import AuditedRow
from perfrules.audit.columns import plain
from perfrules.audit.examined import Examined, cell_of, told
from perfrules.audit.forms import FormRow
from perfrules.audit.texts import Said, bare
from perfrules.errors import Finding, Severity
from perfrules.ruleset import targets
from perfrules.words import Term

_MORE, _LESS = (">=", ">"), ("<=", "<")
_APART = 10
"""How many times two numbers without units differ that can hardly count the same thing."""

_PROBLEMS: dict[targets.Reason, str] = {
    "empty": "target-not-measurable.form-empty",
    "options": "target-not-measurable.form-options",
    "duty": "target-not-measurable.form-duty",
    "words": "target-not-measurable.form-words",
}


def echoes(case: Examined) -> Iterator[Finding]:
    """Actuals that repeat the target with its sign: a promise, where a measured value belongs."""
    for row, of in case.indicators:
        target, actual = of.target, of.actual
        if not actual.sign or actual.sign == "==" or target.kind not in ("number", "date"):
            continue
        if target.normal() == actual.normal() or (target.sign, target.number, target.day) == (
            actual.sign,
            actual.number,
            actual.day,
        ):
            yield case.finding(
                "warning", "actual-echoes-target", row, cell_of(of, "actual", "name"), target=told(target)
            )  # fmt: skip


def measurable(case: Examined) -> Iterator[Finding]:
    """Targets of which nobody can tell whether they are met."""
    if "target" not in case.form.columns:
        return
    for row, of in case.indicators:
        cell, text = cell_of(of, "target"), of.target.text
        if of.target.kind in ("number", "date", "level"):
            yield from _plain_number(case, row, of)
            continue
        if of.standard or (of.target.kind == "empty" and (of.actual.kind == "empty" or of.shares is not None)):
            continue  # it scores by words of its own; or nothing is said at all, which is said of the actual
        problem = targets.problem(text)
        if problem is not None:
            severity: Severity = "note" if problem == "words" else "warning"
            yield case.finding(severity, _PROBLEMS[problem], row, cell, target=text)


def _plain_number(case: Examined, row: AuditedRow, of: FormRow) -> Iterator[Finding]:
    """A number beside a name that says a quality: 学校发展能力 100."""
    cell = cell_of(of, "target")
    bare_number = of.target.kind == "number" and not of.target.unit and not of.actual.unit
    if bare_number and nature.is_vague(of):
        yield case.finding("warning", "target-not-measurable.form-unit", row, cell, target=told(of.target))
    elif of.target.unit in ("", "%") and of.target.kind == "number" and nature.is_statement(of):
        yield case.finding("note", "target-not-measurable.form-statement", row, cell, target=told(of.target))


def directions(case: Examined) -> Iterator[Finding]:
    """Targets without a sign, and signs that point the wrong way."""
    for row, of in case.indicators:
        sign, cell = of.target.sign, cell_of(of, "target")
        if of.target.kind != "number" or of.shares is not None:
            continue
        if sign == "":
            unsure = nature.either_way(of) and of.target.number != 0
            open_ = unsure or (of.actual.number is not None and of.actual.number != of.target.number)
            severity: Severity = "warning" if open_ else "note"
            yield case.finding(severity, "direction-missing.form", row, cell, target=told(of.target))
        elif sign in _LESS and nature.is_wanted(of):
            yield case.finding("warning", "direction-suspect", row, cell, target=told(of.target))
        elif sign in _MORE and nature.is_unwanted(of, case.units):
            yield case.finding("warning", "direction-suspect.unwanted", row, cell, target=told(of.target))


def zeros(case: Examined) -> Iterator[Finding]:
    """Targets of at least 0, which everything reaches; rows whose rule divides by 0."""
    for row, of in case.indicators:
        if of.target.number == 0 and of.target.sign in _MORE and not nature.LESS.search(of.name):
            yield case.finding("warning", "zero-base.target", row, cell_of(of, "target"), target=told(of.target))
        elif row.result is not None and any(reason.kind == "zero" for reason in row.result.reasons):
            yield case.finding("warning", "zero-base.row", row, cell_of(of, "target", "name"))


def units(case: Examined) -> Iterator[Finding]:
    """Targets and actuals in units that cannot be compared, or numbers that can hardly count the same."""
    for row, of in case.indicators:
        target, actual, cell = of.target, of.actual, cell_of(of, "actual", "target")
        if target.number is None or actual.number is None:
            continue
        values = {"target": told(target), "actual": told(actual)}
        if comparable.mixed(of):
            key = "unit-mismatch.form" if target.unit and actual.unit else "unit-mismatch.form-rate"
            yield case.finding("warning", key, row, cell, **values)
        elif _apart(target, actual) and row.claimed is not None and row.claimed == row.weight:
            yield case.finding("warning", "unit-mismatch.form-apart", row, cell, **values)


def _apart(target: Said, actual: Said) -> bool:
    """Whether of two numbers at least one has no unit, and they are of different size by far."""
    one, two = target.number, actual.number
    if one is None or two is None or one <= 0 or two <= 0 or (target.unit and actual.unit):
        return False
    return target.sign not in _LESS and two * _APART <= one


def inputs(case: Examined) -> Iterator[Finding]:
    """Money that is counted as an output: what goes in, where it should say what came out."""
    for row, of in case.indicators:
        unit = of.target.unit or of.actual.unit
        if nature.group(of) == "quantity" and comparable.is_money(unit) and not targets.is_result(of.name):
            yield case.finding(
                "warning", "money-as-output", row, cell_of(of, "name"), unit=unit, target=told(of.target)
            )


# -- where a row stands, and twice -------------------------------------------------------------------------------

_HOME_WORDS: tuple[tuple[re.Pattern[str], str, tuple[str, ...]], ...] = (
    (re.compile("(?:验收|产品|工程|质量|检[测验])?(?:合格率|优良率)$"), "quality", ("quantity", "timeliness")),
    (re.compile("(?:及时率|及时性|准时率|按期率|按时率)$"), "timeliness", ("quantity", "cost")),
    (
        re.compile("(?:开支|经费|项目|建设|总)成本$|成本控制|成本节约率?$"),
        "cost",
        ("quantity", "quality", "timeliness"),
    ),
)
_OF_NATURE = re.compile("生态|环境|环保|污染|绿|水|气|碳|能|节|废|垃圾|土|林|草|植|物种|自然|卫生|噪")


def places_of(case: Examined) -> Iterator[Finding]:
    """Rows that stand in a group of another kind than their name, or their own second level, says."""
    for row, of in case.indicators:
        group, section = nature.group(of), nature.section(of.level1)
        cell, values = cell_of(of, "level2", "name"), {"level1": of.level1, "level2": of.level2}
        if of.level2 and group and section and section not in nature.HOME[group]:
            yield case.finding("warning", "wrong-dimension.level", row, cell, **values)
        elif nature.is_satisfaction(of) and group not in ("", "satisfaction") and section in ("output", "cost"):
            yield case.finding("warning", "wrong-dimension.satisfaction", row, cell, **values)
        elif group == "ecological" and "成本" in of.name and not _OF_NATURE.search(of.name):
            yield case.finding("warning", "wrong-dimension.ecological", row, cell, **values)
        else:
            home = next(
                (kind for pattern, kind, wrong in _HOME_WORDS if group in wrong and pattern.search(of.name)), ""
            )
            if home:
                yield case.finding(
                    "note", "wrong-dimension.name", row, cell, home=Term(f"audited.group.{home}"), **values
                )


def duplicates(case: Examined) -> Iterator[Finding]:
    """The same thing measured twice: the same name and target, or the same figure under two groups."""
    seen: list[FormRow] = []
    for row, of in case.indicators:
        again = next((one for one in seen if _same(one, of)), None)
        if again is not None:
            values = {"other": again.name, "place": again.address(), "target": told(of.target)}
            alike = plain(again.name) == plain(of.name)
            cell = cell_of(of, "name")
            yield case.finding(
                "warning", "duplicate-indicator" if alike else "duplicate-indicator.figure", row, cell, **values
            )
        seen.append(of)


def _same(one: FormRow, two: FormRow) -> bool:
    alike = one.target.normal() == two.target.normal() and bool(two.target.text)
    if plain(one.name) == plain(two.name):
        return alike
    figure = two.target.number
    if not alike or figure is None or figure <= _APART or not two.target.unit or two.target.unit == "%":
        return False
    names_target = two.target.normal() in bare(two.name) or one.target.normal() in bare(one.name)
    return one.level2 != two.level2 and one.actual.normal() == two.actual.normal() and names_target
