"""Comparisons and what-ifs on the console: why two evaluations differ, what reaches a total, what is still at stake."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from perfrules import numbers, words
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.export import text
from perfrules.records.compare import Change, Comparison, RowChange
from perfrules.records.whatif import Reach, Sway
from perfrules.report.style import Line, named, plain, value


def comparison_view(comparison: Comparison, lang: str) -> RenderableType:
    """The totals, what made the difference, and the rows that differ."""
    before, after = comparison.totals
    values = {
        "before": numbers.shown(before, 2),
        "after": numbers.shown(after, 2),
        "points": _signed(comparison.difference),
    }
    key = "compare.assured" if comparison.is_assured else "compare.total"
    parts: list[RenderableType] = [_sides(comparison, lang), Line(words.say(key, lang, values), "bold")]
    if comparison.changes:
        parts += [Text(), _changes(comparison.changes, comparison.after, lang)]
        parts.append(Line(words.say(f"compare.{comparison.way}", lang), "dim"))
    else:
        parts.append(Line(words.say("compare.nothing", lang), "dim"))
    rows = [row for row in comparison.rows if row.difference or row.statuses[0] != row.statuses[1]]
    parts += [Text(), _rows(rows, lang)] if rows else []
    return Group(*parts)


def _sides(comparison: Comparison, lang: str) -> Text:
    """What is compared with what; once where both are of one subject by one ruleset."""
    before, after = (_named(one) for one in (comparison.before, comparison.after))
    both = before if before == after else words.say("compare.sides", lang, {"before": before, "after": after})
    return plain(both, "dim")


def _named(evaluation: Evaluation) -> str:
    """The subject, the ruleset and the overlays of an evaluation."""
    overlays = (part.id for part in evaluation.ruleset.parts if part.role == "overlay")
    return " · ".join(filter(None, (evaluation.submission.subject, evaluation.ruleset.id, *overlays)))


def _changes(changes: Sequence[Change], after: Evaluation, lang: str) -> Table:
    drawn = _table(
        ("compare.changed", "left"),
        ("compare.before", "left"),
        ("compare.after", "left"),
        ("compare.points", "right"),
        lang=lang,
    )
    facts = after.ruleset.program.facts
    for change in changes:
        if change.kind == "fact" and change.about in facts:
            what = named(facts[change.about].title, change.about, lang)
        else:
            what = plain(change.about)
        drawn.add_row(what, _said(change.before, lang), _said(change.after, lang), _points(change.points))
    return drawn


def _said(given: Any, lang: str) -> Text:
    """What a submission says of a fact, short."""
    if isinstance(given, dict):
        given = given.get("value", given.get("rate", given.get("level", given)))
    return plain(words.shorten(value(given, None, lang), 40))


def _rows(rows: Sequence[RowChange], lang: str) -> Table:
    drawn = _table(
        ("compare.row", "left"),
        ("compare.before", "right"),
        ("compare.after", "right"),
        ("compare.points", "right"),
        lang=lang,
    )
    for row in rows:
        difference = row.difference
        cells = [
            _score(score, status, lang) for score, status in zip((row.before, row.after), row.statuses, strict=True)
        ]
        drawn.add_row(
            named(row.title, row.id, lang), *cells, Line("—", "dim") if difference is None else _points(difference)
        )
    return drawn


def _score(score: Fraction | None, status: str | None, lang: str) -> Text:
    if score is not None:
        return Line(numbers.shown(score, 2))
    return Line("—" if status is None else words.say(f"status.{status}", lang), "dim")


def _points(points: Fraction) -> Text:
    return Line(_signed(points), "green" if points > 0 else "red" if points < 0 else "dim")


def _signed(points: Fraction) -> str:
    return ("+" if points > 0 else "") + numbers.shown(points, 2)


def _table(*columns: tuple[str, Any], lang: str) -> Table:
    drawn = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for key, justify in columns:
        drawn.add_column(words.say(key, lang), justify=justify, overflow="fold")
    return drawn


# -- what if -------------------------------------------------------------------------------------------------------


def reach_view(found: Sequence[Reach], evaluation: Evaluation, goal: Any, lang: str) -> RenderableType:
    """For each fact the least change that reaches a total, or the best that it alone can do."""
    head = Line(words.say("reach.head", lang, {"goal": numbers.shown(goal)}), "bold")
    if not found:
        return Group(head, Line(words.say("reach.none", lang), "dim"))
    drawn = _table(
        ("reach.fact", "left"), ("reach.now", "right"), ("reach.least", "right"), ("reach.total", "right"), lang=lang
    )
    for one in found:
        fact = evaluation.ruleset.program.facts[one.fact]
        now, least = (value(side, fact.unit, lang) for side in (one.before, one.value))
        cannot = Line(words.say("reach.cannot", lang), "dim")
        drawn.add_row(
            named(fact.title, one.fact, lang), plain(now), cannot if one.value is None else plain(least, "green"),
            Line(numbers.shown(one.total, 2)),
        )  # fmt: skip
    return Group(head, drawn)


def sensitivity_view(found: Sequence[Sway], evaluation: Evaluation, lang: str) -> RenderableType:
    """What each fact and indicator can still lose and win."""
    drawn = _table(("sway.about", "left"), ("sway.loses", "right"), ("sway.wins", "right"), lang=lang)
    for one in found:
        section, _, identifier = one.about.rpartition(".")
        titles = (
            evaluation[identifier].title
            if section == "indicators"
            else evaluation.ruleset.program.facts[one.about].title
        )
        kind = words.say("sway.indicator" if section else "sway.fact", lang)
        what = named(titles, identifier, lang).append(f" {kind}", "dim")
        drawn.add_row(what, *(Line("∞" if end is None else numbers.shown(end, 2)) for end in (one.loses, one.wins)))
    return Group(Line(words.say("sway.head", lang), "bold"), drawn)


# -- data ----------------------------------------------------------------------------------------------------------


def comparison_data(comparison: Comparison) -> dict[str, Any]:
    """The comparison as `--json` prints it: numbers as text, null where unknown."""
    before, after = comparison.totals
    return {
        "format": 1,
        "total": {"before": text(before), "after": text(after), "difference": text(comparison.difference)},
        "assured": comparison.is_assured,
        "way": comparison.way,
        "changes": [
            {"kind": one.kind, "about": one.about, "points": text(one.points)} for one in comparison.changes
        ],
        "indicators": [
            {
                "id": row.id, "before": _number(row.before), "after": _number(row.after),
                "difference": _number(row.difference), "statuses": list(row.statuses),
            }
            for row in comparison.rows
        ],
    }  # fmt: skip


def _number(score: Fraction | None) -> str | None:
    return None if score is None else text(score)
