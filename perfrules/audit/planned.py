"""A plan and its submission as TOML that a person can read and correct, with the cell that each line came from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from perfrules import numbers, words
from perfrules.audit.drafting import BUDGET, EXECUTED, EXECUTION, Draft, Entry
from perfrules.audit.forms import Section
from perfrules.audit.naming import slug
from perfrules.audit.sheets import Cell
from perfrules.audit.texts import bare
from perfrules.audit.writing import line, listed, remark, table
from perfrules.numbers import Exact
from perfrules.ruleset import model

MAX_TITLE = 500
"""Characters of a title, where the names of several rows make one."""

_METHODS = {
    "proportional": "weight if met else weight * clamp(target / value if value > target else value / target, 0, 1)"
    " if target > 0 else 0",
    "met_or_not": "weight if met else 0",
    "three_grades": "weight * value / 100",
}
"""How 财预〔2020〕10号 scores, for rulesets that have no such methods."""

_LEVELS = """[levels.three_grades]
steps = [
  { id = "achieved", title = "达成年度指标", from = 80, to = 100 },
  { id = "partly", title = "部分达成年度指标并具有一定效果", from = 60, below = 80 },
  { id = "missed", title = "未达成年度指标且效果较差", from = 0, below = 60 },
]"""

_PRINTED = re.compile(r"[+-]?[0-9][0-9,]*(?:\.[0-9]+)?")
SUBMISSION, PLAN = "submission.toml", "plan.toml"
"""What the two files are called where their texts speak of each other."""


# -- the plan ----------------------------------------------------------------------------------------------------


def plan(draft: Draft, extends: str) -> str:
    """The text of the plan."""
    form, declared = draft.form, draft.declared
    file = form.path.name
    lines = [remark(words.say("laid.head", draft.lang, {"file": file})), remark(words.say("laid.how", draft.lang))]
    lines += ["", "format = 1", "", "[ruleset]", line("id", f"forms/{slug(form.path.stem)}")]
    if title := form.title or form.said("project"):
        lines.append(line("title", words.shorten(title, MAX_TITLE)))
    lines.append(line("extends", extends))
    lines += [] if declared.ruleset.framework else ["plan = true"]
    if dropped := list(draft.dropped()):
        lines += listed("drops", dropped, words.say("laid.drops", draft.lang))
    lines.append(line("provenance", words.say("laid.provenance", draft.lang, {"file": file})))
    for name in sorted(draft.methods()):
        lines += ["", table("methods", name), line("authority", "财预〔2020〕10号"), line("score", _METHODS[name])]
    if draft.measuring.levels is None and any(one.measure for one in draft.entries.values()):
        lines += ["", _LEVELS]
    for dimension in _dimensions(draft):
        lines += ["", *dimension]
    for entry in draft.entries.values():
        if indicator := list(_indicator(draft, entry)):
            lines += ["", *indicator]
    return "\n".join(lines) + "\n"


def _dimensions(draft: Draft) -> Iterator[list[str]]:
    """The dimensions that are new, or have another weight than in the ruleset."""
    sections, used = draft.sections(), draft.used()
    for identifier, dimension in draft.declared.dimensions.items():
        if identifier not in used or dimension.weight is None:
            continue
        section = sections.get(identifier)
        weight = _printed_weight(section) if section else None
        weight = draft.weight(identifier) if weight is None else weight
        if weight != dimension.weight:
            values = {"own": numbers.plain(dimension.weight)}
            about = [remark(f"{section.name} {_short(section.cell)}")] if section else []
            said = words.say("laid.weight", draft.lang, values)
            yield [*about, table("dimensions", identifier), 'replaces = ["weight"]', line("weight", weight, said)]
    for added in draft.places.added.values():
        section = sections.get(added.id)
        lines = [remark(words.say("laid.new", draft.lang)), table("dimensions", added.id), line("title", added.title)]
        lines += [line("within", added.within)] if added.within else []
        if section and (weight := _printed_weight(section)) is not None:
            lines.append(line("weight", weight, _short(section.cell)))
        yield lines


def _printed_weight(section: Section) -> Exact | None:
    """The points that are printed beside a group, where a weight can be that."""
    weight = section.weight
    return weight if weight is not None and 0 <= weight <= model.MAX_WEIGHT else None


def _indicator(draft: Draft, entry: Entry) -> Iterator[str]:
    """The lines of one indicator, and of its fact where that must be declared."""
    row = entry.row
    names = dict.fromkeys(filter(None, (row.level1, row.level2, row.name)))
    about = remark(f"{' / '.join(names)} {_short(row.cell())}")
    if entry.base:
        yield from _changed(entry, about)
        return
    yield about
    for one in entry.rows[1:]:
        said = {"name": one.name, "target": one.target.text, "actual": one.actual.text, "place": _short(one.cell())}
        yield remark(words.say("laid.shared", draft.lang, said))
    if entry.id == EXECUTION and entry.measure is None:
        yield from _execution(entry)
        return
    measure = entry.measure
    if measure and measure.fact:
        yield table("facts", entry.id)
        yield from (line(name, said) for name, said in measure.fact.items())
        yield ""
    yield table("indicators", entry.id)
    yield line("dimension", entry.dimension)
    yield line("title", words.shorten(" / ".join(one.name for one in entry.rows), MAX_TITLE))
    yield line("weight", entry.weight, _short(row.cell("weight")))
    if measure:
        for name, said in measure.indicator.items():
            yield line(name, said, f"{_short(row.cell('target'))}: {row.target.text}" if name == "target" else "")
        if not measure.indicator and row.target.text:
            yield remark(f"{_short(row.cell('target'))}: {row.target.text}")
        if measure.method != draft.default(entry.dimension):
            yield line("method", measure.method)


def _changed(entry: Entry, about: str) -> Iterator[str]:
    """What a row of the ruleset is changed in."""
    changes: dict[str, tuple[Any, str]] = {}
    base = entry.base
    if base is None:
        return
    if entry.weight != base.weight:
        changes["weight"] = entry.weight, _short(entry.row.cell("weight"))
    if entry.dimension != base.dimension:
        changes["dimension"] = entry.dimension, _short(entry.row.cell("level2"))
    if entry.value:
        yield table("facts", entry.value)
        yield line("kind", "number")
        yield from [line("unit", base.unit)] if base.unit else []
        yield ""
        changes["value"] = entry.value, _short(entry.row.cell("actual"))
    if changes:
        yield about
        yield table("indicators", entry.id)
        yield line("replaces", [name for name in changes if getattr(base, name) is not None])
        yield from (line(name, said, comment) for name, (said, comment) in changes.items())


def _execution(entry: Entry) -> Iterator[str]:
    """The row of the execution, for rulesets that have none."""
    for fact, low in ((BUDGET, "0.01"), (EXECUTED, "0")):
        yield table("facts", fact)
        yield from (line("kind", "amount"), line("unit", "万元"), f"range = [{low}, 100000000]", "")
    yield table("values", EXECUTION)
    yield from (line("formula", f"percent({EXECUTED}, {BUDGET})"), line("unit", "%"), "")
    yield table("indicators", EXECUTION)
    yield from (line("dimension", entry.dimension), line("title", entry.row.name))
    yield line("weight", entry.weight, _short(entry.row.cell("weight")))
    yield from (line("value", EXECUTION), line("unit", "%"), line("score", "weight * clamp(value, 0, 100) / 100"))


# -- the submission ----------------------------------------------------------------------------------------------


def submission(draft: Draft) -> str:
    """The text of the submission."""
    form = draft.form
    said = {
        "ruleset": PLAN,
        "subject": form.said("project") or form.said("unit") or form.said("department"),
        "period": str(form.year or ""),
        "prepared_by": form.said("unit") or form.said("department"),
        "source": form.said("source") or form.path.name,
    }
    lines = [remark(words.say("laid.submission", draft.lang, {"file": form.path.name})), "", "[submission]"]
    lines += [line(name, text) for name, text in said.items() if text]
    lines += ["", "[facts]", *_facts(draft)]
    for name, claimed in claims(draft).items():
        if claimed:
            lines += ["", f"[claims.{name}]" if name else "[claims]"]
            lines += [line(about, printed, comment) for about, (printed, _, comment) in claimed.items()]
    for entry in draft.entries.values():
        notes = {"reason": entry.row.reason, "improvement": entry.row.improvement}
        if any(notes.values()):
            lines += ["", table("notes", entry.id), *(line(name, text) for name, text in notes.items() if text)]
    return "\n".join(lines) + "\n"


def _facts(draft: Draft) -> Iterator[str]:
    for name, (given, cell) in (*draft.money.items(), *draft.facts.items()):
        yield line(name, {**given, "source": cell.address}, cell.text if _quote(given, cell) else "")


def _quote(given: Mapping[str, Any], cell: Cell) -> bool:
    """Whether the text of a cell says something beside the value: not where both are the same number."""
    said = given.get("value")
    return bool(cell.text) and not (isinstance(said, Exact) and numbers.plain(said) == bare(cell.text))


def _short(cell: Cell) -> str:
    """The address of a cell without the name of the file, which the head of the text names."""
    file, _, place = cell.address.partition(":")
    return place if place and "!" not in file else cell.address


Claimed = dict[str, tuple[Any, Cell, str]]


def claims(draft: Draft) -> dict[str, Claimed]:
    """What the form claims, by table of `[claims]`: what is said, the cell, and its address as a comment."""
    form = draft.form
    found: dict[str, Claimed] = {"": {}, "indicators": {}, "dimensions": {}, "values": {}}
    if form.total:
        column = "score" if form.total.converted is None else "converted"
        _claim(found[""], "total", getattr(form.total, column), form.total.cells.get(column))
    if (grade := _grade(draft)) and (cell := form.info.get("grade")):
        found[""]["grade"] = grade, cell, f"{_short(cell)}: {cell.text}"
    for identifier, entry in draft.entries.items():
        column = "score" if entry.row.converted is None else "converted"
        _claim(found["indicators"], identifier, getattr(entry.row, column), entry.row.cells.get(column))
    sections = draft.sections()
    for dimension, section in sections.items():
        _claim(found["dimensions"], dimension, section.score, section.cell)
    for part in form.subtotals:
        match = next((one for one, section in sections.items() if section.rows == part.rows), None)
        if match:
            _claim(found["dimensions"], match, part.score, part.cells.get("score"))
    row = form.execution
    own = EXECUTION in draft.entries and draft.entries[EXECUTION].base is None
    if row and (own or EXECUTION in draft.declared.values) and "rate" in row.cells:
        _claim(found["values"], EXECUTION, row.rate, row.cells["rate"])
    return found


def _claim(claimed: Claimed, about: str, number: Exact | None, cell: Cell | None) -> None:
    if number is not None and cell is not None:
        claimed[about] = _as_printed(number, cell), cell, _short(cell)


def _as_printed(number: Exact, cell: Cell) -> Exact | Decimal:
    """A number with the decimals that it is printed with, since a claim is as exact as it is written."""
    found = _PRINTED.search(bare(cell.text))
    printed = Decimal(found[0].replace(",", "")) if found else None
    return printed if printed is not None and numbers.from_decimal(printed) == number else number


def _grade(draft: Draft) -> str | None:
    """The id of the grade that the form claims."""
    scale = draft.declared.scales.get(draft.declared.total.scale or "")
    text = bare(draft.form.said("grade"))
    for step in scale.steps if scale and text else ():
        names = [bare(name) for name in step.title.values()]
        if text == step.id or any(
            text == name or text.startswith((f"{name}(", f"{name}秀", f"{name}好")) for name in names
        ):
            return step.id
    return None
