"""Sums and weights: what a form prints as a total, a part or a share, against its own lines and the framework."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations

from perfrules import numbers
from perfrules.audit.audited import AuditedRow
from perfrules.audit.columns import plain
from perfrules.audit.examined import Examined, cell_of, places
from perfrules.audit.forms import MoneyRow
from perfrules.audit.sheets import Cell
from perfrules.errors import Finding, Severity
from perfrules.numbers import Exact
from perfrules.words import Term

HALF = Fraction(1, 2)
AMOUNTS = ("initial", "budget", "received", "executed")


def totals(case: Examined) -> Iterator[Finding]:
    """The printed total, and every printed sum of a group, against the scores of the rows."""
    form, column = case.form, "converted" if "converted" in case.form.columns else "score"
    if form.total is not None and case.total.printed is not None:
        cell = form.total.cells.get(column if getattr(form.total, column) is not None else "score")
        yield from _sum(case, "total", case.total.printed, form.total.rows, cell)
    for one in form.subtotals:
        printed = getattr(one, column)
        if printed is not None and one.rows:
            yield from _sum(case, "total", printed, one.rows, one.cells.get(column), label=one.label)
    for identifier, section in case.plan.sections.items():
        if section.score is not None:
            about = f"dimensions.{identifier}"
            yield from _sum(case, about, section.score, section.rows, section.cell, label=section.name)


def _sum(
    case: Examined, about: str, printed: Exact, indices: tuple[int, ...], cell: Cell | None, label: str = ""
) -> Iterator[Finding]:
    """A printed sum against its rows; a blank score may be anything from 0 to its weight."""
    mine = set(indices)
    rows = [row for row, of in case.scored if of.index in mine]
    claims = [row.claimed for row in rows if row.claimed is not None]
    if not claims:
        return
    low = sum(claims[1:], claims[0])
    high = low + sum((row.weight or 0 for row in rows if row.claimed is None), 0) + (0 if label else case.unseen)
    if low <= printed <= high:
        return
    difference = printed - (high if printed > high else low)
    values = {"printed": printed, "sum": low, "difference": abs(printed - low), "rows": len(claims), "label": label}
    step = max(HALF / 10 ** places(cell), len(claims) * HALF / 100)
    if abs(difference) <= step and any(numbers.decimal_places(one) for one in (printed, *claims)):
        yield case.finding("note", "rounding-difference.total", about, cell, **values)
    else:
        yield case.finding("error", "total-mismatch.group" if label else "total-mismatch", about, cell, **values)


def weights(case: Examined) -> Iterator[Finding]:
    """The weights of all rows against the printed sum, and against the points of the framework."""
    rows = [row for row, _ in case.scored]
    if not rows or any(row.weight is None for row in rows):
        return
    total = case.framework.declaration.total
    whole = total.weight if not total.none else None
    found, printed = case.total.weight, case.total.printed_weight
    cell = case.form.total.cells.get("weight") if case.form.total else None
    cell = cell or case.form.columns.get("weight")
    if printed is not None and printed not in (found, found + case.unseen):
        yield case.finding("error", "weights-sum.printed", "total", cell, printed=printed, sum=found)
    elif whole is not None and found != whole:
        yield case.finding("warning", "weights-sum.form", "total", cell, sum=found, whole=whole)


def sections(case: Examined) -> Iterator[Finding]:
    """The weights of the groups of the first level against the framework, and against what is printed beside them."""
    for group in (one for one in case.groups if not one.depth):
        below = [row for row in case.rows if row.id and _is_in(case, row.id, group.id)]
        if not below or any(row.weight is None for row in below):
            continue
        section = case.plan.sections.get(group.id)
        first = below[0].form
        cell = section.cell if section else cell_of(first, "weight", "level1", "name") if first is not None else None
        about, values = f"dimensions.{group.id}", {"title": dict(group.title), "sum": group.weight}
        if group.printed_weight is not None and group.printed_weight != group.weight:
            yield case.finding("error", "section-weight.printed", about, cell, printed=group.printed_weight, **values)
        if group.declared is not None and group.declared != group.weight:
            # What a ruleset gives that is no frame for plans is its own choice.
            severity: Severity = "warning" if case.framework.declaration.ruleset.framework else "note"
            yield case.finding(severity, "section-weight", about, cell, declared=group.declared, **values)


def _is_in(case: Examined, row: str, group: str) -> bool:
    declared = case.evaluation.ruleset.declaration
    return any(one == group for one, _ in declared.outwards(declared.indicators[row].dimension))


# -- money -------------------------------------------------------------------------------------------------------


def money(case: Examined) -> Iterator[Finding]:
    """年度资金总额 against what it is made of, amount by amount."""
    total = next((row for row in case.form.money if row.source == "total"), None)
    parts = [row for row in case.form.money if row.source != "total"]
    if total is None or not parts:
        return
    rounded = []
    for column in AMOUNTS:
        stated, listed = getattr(total, column), [row for row in parts if getattr(row, column) is not None]
        if stated is None or not listed or any(stated == one for one in _sums(listed, column)):
            continue
        summed = sum((getattr(row, column) for row in listed), 0)
        values = {"label": total.label, "column": _header(column), "stated": stated, "sum": summed}
        values["difference"] = abs(stated - summed)
        if abs(stated - summed) <= len(listed) * _step(total, listed, column):
            rounded.append((column, values))
        else:
            about, cell = f"money.{column}", total.cells.get(column)
            yield case.finding(
                "error", "parts-do-not-add" if stated else "parts-do-not-add.zero", about, cell, **values
            )
    if rounded:
        column, values = rounded[0]
        listed_ = tuple(one["column"] for _, one in rounded)
        values["column"] = listed_
        yield case.finding("note", "rounding-difference.money", f"money.{column}", total.cells.get(column), **values)


def _sums(parts: list[MoneyRow], column: str) -> Iterator[Exact]:
    """What a total may be the sum of: all parts; or, where lines of one source repeat each other, some of them."""
    yield sum((getattr(row, column) for row in parts), 0)
    alike = [row for row in parts if row.source == "appropriation"]
    rest = sum((getattr(row, column) for row in parts if row.source != "appropriation"), 0)
    if 1 < len(alike) <= 8:
        for size in range(1, len(alike)):
            for some in combinations(alike, size):
                yield rest + sum((getattr(row, column) for row in some), 0)


def _step(total: MoneyRow, parts: list[MoneyRow], column: str) -> Fraction:
    """Half of the last decimal that the amounts were written with, where they have any."""
    most = max(places(row.cells.get(column)) for row in (total, *parts))
    return HALF * Fraction(1, 10**most) if most else Fraction(0)


def _header(column: str) -> Term:
    return Term(f"audited.money.{column}")


# -- grades, conversion ------------------------------------------------------------------------------------------


def grade(case: Examined) -> Iterator[Finding]:
    """The printed grade against that of the printed total, or of the sum of its rows where none is printed."""
    said, total = plain(case.form.said("grade")), case.evaluation.total
    score = case.total.printed if case.total.printed is not None else case.total.claimed
    if not said or total is None or total.branch.grade is None or score is None:
        return
    scale = case.evaluation.scale_of(total.branch)
    if scale.of != "percent" or any(step.when for step in scale.steps):
        return
    names = {plain(name): step.id for step in scale.steps for name in (step.id, *step.title.values())}
    printed = names.get(said, names.get(said.removesuffix("秀").removesuffix("好").removesuffix("等")))
    steps = [(step.from_, step) for step in scale.steps if step.from_ is not None]
    due = next((step for low, step in steps if score >= low), None)
    if printed is not None and due is not None and printed != due.id:
        values = {"printed": case.form.said("grade"), "score": score, "due": dict(due.title) or due.id}
        yield case.finding("error", "grade-mismatch", "grade", case.form.info["grade"], **values)


def twice(case: Examined) -> Iterator[Finding]:
    """折算得分 of scores that carry their weight already: a project that reaches everything converts to a quarter."""
    if found := converted_twice(case):
        cell = case.form.columns.get("converted")
        converted, weight, rows = found
        yield case.finding(
            "error", "weight-applied-twice", "total", cell, converted=converted, weight=weight, rows=rows
        )


def converted_twice(case: Examined) -> tuple[Exact, Exact, int] | None:
    """The sum of the converted scores, of the weights, and how many rows; None where the weight is applied once.

    Certain only where every converted score is score x weight / 100 and no score exceeds its weight, though one row
    at least reaches its target: on a scale of 100 it would have scored 100.
    """
    found = [(row, of) for row, of in case.scored if of.converted is not None and of.score is not None and of.weight]
    rows = [of for _, of in found]
    full = [of for row, of in found if of.score == of.weight and of.weight and of.weight < 100 and _reached(row)]
    if len(rows) < 2 or not full:
        return None
    for row in rows:
        score, weight, converted = row.score or 0, row.weight or 0, row.converted or 0
        if score > weight or abs(score * weight / Fraction(100) - converted) > Fraction(1, 200):
            return None
    sums = sum((row.converted or 0 for row in rows), 0), sum((row.weight or 0 for row in rows), 0)
    return sums[0], sums[1], len(rows)


def _reached(row: AuditedRow) -> bool:
    """Whether a row earns its whole weight by rule."""
    return row.derived is not None and row.derived == row.weight
