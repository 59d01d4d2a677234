"""A blank submission as a table to fill in: one line for each cell that a fact takes, as `evaluation.grids` reads it.

The lines are the same in a CSV file and in a workbook. Titles and ranges stand beside the values for people; a
spreadsheet must not take any of them for a formula, since they come from the ruleset.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from perfrules import numbers, words
from perfrules.evaluation.cells import option
from perfrules.evaluation.grids import COLUMNS
from perfrules.numbers import Exact
from perfrules.ruleset import model
from perfrules.ruleset.library import Ruleset
from perfrules.ruleset.names import NUMERIC
from perfrules.ruleset.ranges import limits

ROWS = 3
"""Rows of a table that a form without sheets has room for; more are added by counting on."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a cell begins with that a spreadsheet takes for a formula (OWASP, CSV Injection)."""


class FormLine(NamedTuple):
    """One line to fill in.

    Attributes:
        name: What the reader calls the cell.
        title: What it is, for people.
        unit: The unit that the value is meant in, unless another is written.
        can_be: What it can be, in words.
        options: The texts to choose from; empty where it is not a choice.
        text: Whether it is a text, which no spreadsheet may change into a date or number.
        value: What is filled in already.
    """

    name: str
    title: str
    unit: str = ""
    can_be: str = ""
    options: tuple[str, ...] = ()
    text: bool = False
    value: str = ""


def lines(
    ruleset: Ruleset, lang: str, reference: str | None = None, overlays: Sequence[str] = (), apart: Sequence[str] = ()
) -> Iterator[FormLine]:
    """The lines of a form: first what is said of the submission, then its facts.

    Args:
        ruleset: The ruleset to fill in facts for.
        lang: The language of titles.
        reference: What the submission says is its ruleset; the ruleset's id unless given.
        overlays: What the submission says lies on it.
        apart: The facts of kind `table` that have sheets of their own.
    """
    values = {"ruleset": _path(reference or ruleset.id), "overlays": ";".join(map(_path, overlays))}
    for key in ("ruleset", "overlays", "subject", "period", "prepared_by", "source"):
        if key != "overlays" or overlays:
            title = words.say(f"form.{key}", lang)
            yield FormLine(f"submission.{key}", title, text=True, value=values.get(key, ""))
    for identifier, fact in ruleset.program.facts.items():
        if identifier not in apart:
            yield from _fact(identifier, fact, ruleset.declaration, lang)


def header(ruleset: Ruleset, lang: str) -> dict[str, str]:
    """The columns of a form, and what each is called; who judged is asked only where something is judged."""
    judged = any(fact.kind == "judgement" for fact in ruleset.program.facts.values())
    return {name: zh if lang == "zh" else name for name, zh in COLUMNS.items() if judged or name != "by"}


def csv_text(ruleset: Ruleset, lang: str, reference: str | None = None, overlays: Sequence[str] = ()) -> str:
    """The text of a blank CSV file, with the mark by which Excel knows UTF-8; the arguments are those of `lines`."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    columns = header(ruleset, lang)
    writer.writerow(columns.values())
    for line in lines(ruleset, lang, reference, overlays):
        cells = {
            "fact": line.name, "title": harmless(line.title), "value": line.value, "unit": line.unit,
            "range": harmless(line.can_be),
        }  # fmt: skip
        writer.writerow(cells.get(name, "") for name in columns)
    return "\ufeff" + file.getvalue()


def harmless(text: str) -> str:
    """A text on one line that no spreadsheet takes for a formula."""
    line = words.safe(" ".join(text.split()), None)
    return f"'{line}" if line.startswith(_FORMULA) else line


def _path(reference: str) -> str:
    """A reference that no spreadsheet takes for a formula; only a path can begin like one."""
    return f"./{reference}" if reference.startswith(_FORMULA) else reference


# -- facts -------------------------------------------------------------------------------------------------------


def _fact(identifier: str, fact: model.Fact, declared: model.Declaration, lang: str) -> Iterator[FormLine]:
    title = words.title(fact.title, lang, identifier)
    about = _said(fact, lang)
    if fact.kind == "checklist":
        answers = yes_no(lang)
        for item, titles in fact.items.items():
            name = words.say("form.part", lang, {"whole": title, "part": words.title(titles, lang, item)})
            yield FormLine(f"{identifier}.{item}", name, "", _joined((_choice(answers), about)), answers)
    elif fact.kind == "table":
        for row in range(1, ROWS + 1):
            for name, column in fact.columns.items():
                yield column_line(column, lang, f"{identifier}[{row}].{name}", f"{title} {row}", name)
    elif fact.kind == "judgement" and fact.levels in declared.levels:
        steps = {step.id: step.title for step in declared.levels[fact.levels].steps}
        levels = shown_options(steps, lang)
        name = words.say("form.level", lang, {"title": title})
        yield FormLine(f"{identifier}.level", name, "", _joined((_choice(levels), about)), levels, text=True)
        rate = words.say("form.rate", lang, {"title": title})
        yield FormLine(identifier, rate, _unit(fact.unit), _can_be(fact.kind, fact.range, lang))
    else:
        options = yes_no(lang) if fact.kind == "truth" else shown_options(fact.choices, lang)
        can_be = _joined((_choice(options) or _can_be(fact.kind, fact.range, lang), about))
        text = fact.kind in ("text", "choice")
        yield FormLine(identifier, title, _unit(fact.unit), can_be, options, text)


def column_line(column: model.Column, lang: str, name: str, whole: str, identifier: str) -> FormLine:
    """The line of one cell of a table."""
    options = yes_no(lang) if column.kind == "truth" else ()
    part = words.title(column.title, lang, identifier)
    title = words.say("form.part", lang, {"whole": whole, "part": part})
    can_be = _choice(options) or _can_be(column.kind, column.range, lang)
    return FormLine(name, title, "", _joined((_unit(column.unit), can_be)), options, column.kind == "text")


def _said(fact: model.Fact, lang: str) -> str:
    return _joined([words.title(said, lang) for said in (fact.explanation, fact.note)])


def _joined(parts: Sequence[str]) -> str:
    return " · ".join(part for part in parts if part)


def _choice(options: Sequence[str]) -> str:
    return " / ".join(options)


def _unit(unit: str | None) -> str:
    """A unit; none where a spreadsheet would take it for a formula, since a value without one is in the fact's."""
    return "" if unit is None or unit.startswith(_FORMULA) else unit


def _can_be(kind: str, declared: tuple[object, object] | None, lang: str) -> str:
    """A range in words, which does not begin with a minus sign."""
    if kind == "date":
        return _joined(
            (words.say("form.date", lang), *(f"{sign} {end}" for sign, end in zip("≥≤", declared or (), strict=False)))
        )
    if kind not in NUMERIC:
        return ""
    low, high = limits(kind, declared)
    if isinstance(low, Exact) and isinstance(high, Exact) and low >= 0:
        return f"{numbers.plain(low)} – {numbers.plain(high)}"
    ends = zip("≥≤", (low, high), strict=True)
    return ", ".join(f"{sign} {numbers.plain(end)}" for sign, end in ends if isinstance(end, Exact))


def yes_no(lang: str) -> tuple[str, str]:
    """The answers to a question, as the reader knows them."""
    return ("是", "否") if lang == "zh" else ("yes", "no")


def shown_options(choices: Mapping[str, Mapping[str, str]], lang: str) -> tuple[str, ...]:
    """The options of a choice by their titles, where the reader can tell each by it; else by their ids."""
    titles = {identifier: words.title(titles, lang, identifier) for identifier, titles in choices.items()}
    told = all(
        option(choices, title) == identifier and title == harmless(title) for identifier, title in titles.items()
    )
    return tuple(titles.values()) if told else tuple(choices)
