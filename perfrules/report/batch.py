"""What a batch came to: on the console, as JSON; and the derivation of one of its rows."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from perfrules import numbers, words
from perfrules.evaluation.evaluation import Evaluation
from perfrules.report.console import evaluation_view
from perfrules.report.explanation import explain
from perfrules.report.style import Line, named, plain, say, titled

if TYPE_CHECKING:
    from perfrules.frames.summary import Lost, Summary

MOST = 8
"""Indicators that are named as losing points."""

_BAR = 30
"""Cells of the longest bar."""


def summary_view(summary: Summary, target: Path, lang: str) -> RenderableType:
    """How many rows there are, how they are graded and spread, and where points are lost."""
    parts: list[RenderableType] = [plain(f"{summary.ruleset.id} → {target}", "dim"), _counts(summary, lang)]
    if summary.inexact:
        parts.append(Line(words.say("batch.inexact", lang, {"rows": f"{summary.inexact:,}"}), "yellow"))
    for body in (_grades(summary, lang), _histogram(summary, lang), _lost(summary, lang)):
        if body is not None:
            parts += [Text(), body]
    return Group(*parts)


def derivation_view(evaluation: Evaluation, lang: str) -> RenderableType:
    """One row as an evaluation, and below it how each of its scores came about."""
    parts: list[RenderableType] = [evaluation_view(evaluation, lang)]
    for row in evaluation:
        parts += [Text(), explain(evaluation, row.id, lang)]
    if evaluation.total is not None:
        parts += [Text(), explain(evaluation, "total", lang)]
    return Group(*parts)


def _counts(summary: Summary, lang: str) -> Text:
    values = {name: f"{getattr(summary, name):,}" for name in ("rows", "scored", "incomplete")}
    style = "bold" if not summary.incomplete else "bold yellow"
    return Line(words.say("batch.rows" if summary.incomplete else "batch.all-scored", lang, values), style)


def _table(*columns: tuple[str, Any], lang: str) -> Table:
    drawn = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for key, justify in columns:
        drawn.add_column(words.say(key, lang) if key else "", justify=justify, overflow="fold")
    return drawn


def _grades(summary: Summary, lang: str) -> RenderableType | None:
    scale = summary.ruleset.declaration.scales.get(summary.ruleset.declaration.total.scale or "")
    if not summary.grades or not scale or not summary.scored:
        return None
    drawn = _table(("batch.grade", "left"), ("batch.count", "right"), ("batch.share", "right"), ("", "left"), lang=lang)
    for step in scale.steps:
        count = summary.grades[step.id]
        drawn.add_row(titled(step.title, step.id, lang), *_bar(count, summary.scored, max(summary.grades.values())))
    return drawn


def _histogram(summary: Summary, lang: str) -> RenderableType | None:
    bins = summary.histogram
    if not bins or not summary.scored:
        return None
    drawn = _table(("batch.total", "left"), ("batch.count", "right"), ("batch.share", "right"), ("", "left"), lang=lang)
    most = max(count for _, _, count in bins)
    for low, high, count in reversed(bins):
        drawn.add_row(f"{numbers.shown(low)} – {numbers.shown(high)}", *_bar(count, summary.scored, most))
    return drawn


def _bar(count: int, whole: int, most: int) -> tuple[str, str, Text]:
    return (
        f"{count:,}",
        f"{100 * count / whole:.1f} %" if whole else "—",
        Line("█" * round(_BAR * count / (most or 1)), "green"),
    )


def _lost(summary: Summary, lang: str) -> RenderableType | None:
    losing = [one for one in summary.lost if (one.mean or 0) > 0 or one.unscored][:MOST]
    if not losing:
        return None
    figures = ("batch.mean-lost", "batch.weight", "batch.unscored")
    drawn = _table(("batch.indicator", "left"), *((key, "right") for key in figures), lang=lang)
    for one in losing:
        mean = "—" if one.mean is None else f"{one.mean:.2f}"
        drawn.add_row(
            named(one.title, one.id, lang), mean, numbers.shown(one.weight), f"{one.unscored:,}" if one.unscored else ""
        )
    return Group(say("batch.lost", lang), drawn)


# -- JSON --------------------------------------------------------------------------------------------------------


def summary_data(summary: Summary, target: Path) -> dict[str, Any]:
    """The summary as JSON: counts are numbers, points are text as everywhere."""
    return {
        "format": 1,
        "ruleset": {"id": summary.ruleset.id, "digest": summary.ruleset.digest},
        "output": str(target),
        "rows": summary.rows,
        "scored": summary.scored,
        "incomplete": summary.incomplete,
        "inexact": summary.inexact,
        "grades": summary.grades,
        "histogram": [{"from": _text(low), "to": _text(high), "rows": count} for low, high, count in summary.histogram],
        "indicators": [_indicator(one) for one in summary.lost],
    }


def _indicator(one: Lost) -> dict[str, Any]:
    mean = None if one.mean is None else f"{one.mean:.4f}"
    return {"id": one.id, "weight": _text(one.weight), "mean_lost": mean, "without_score": one.unscored}


def _text(number: Fraction) -> str:
    return numbers.plain(number)
