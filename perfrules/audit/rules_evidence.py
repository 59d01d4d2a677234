"""Texts and evidence: what is scored without an actual, a rate or a reason, and claims that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

from perfrules.audit import nature
from perfrules.audit.examined import Examined, cell_of
from perfrules.errors import Finding

ALIKE = 3
"""Judged rows from which on it says something that all are judged alike."""


def actuals(case: Examined) -> Iterator[Finding]:
    """Points for a row whose actual is blank, on a form that has a column for it."""
    if "actual" not in case.form.columns:
        return
    for row, of in case.scored:
        if of.kind == "indicator" and of.actual.kind == "empty" and row.claimed and not of.standard:
            both, cell = of.target.kind == "empty", cell_of(of, "actual")
            values = {"claimed": row.claimed}
            yield case.finding("warning", "actual-missing.both" if both else "actual-missing", row, cell, **values)


def evidence(case: Examined) -> Iterator[Finding]:
    """Satisfaction that is said in words, where a survey gives a rate."""
    for row, of in case.indicators:
        said = of.actual.kind in ("words", "level", "options")
        if nature.is_satisfaction(of) and said and row.claimed and not any(map(str.isdigit, of.actual.text)):
            values = {"actual": of.actual.text}
            yield case.finding("warning", "evidence-missing.satisfaction", row, cell_of(of, "actual"), **values)


def judgements(case: Examined) -> Iterator[Finding]:
    """Judged rows that all say the same words, and all have full marks."""
    judged = [(row, of) for row, of in case.scored if of.kind == "indicator" and of.actual.kind == "level"]
    words = {of.actual.text for _, of in judged}
    if (
        len(judged) < ALIKE
        or len(words) != 1
        or any(row.claimed is None or row.claimed != row.weight for row, _ in judged)
    ):
        return
    _, of = judged[0]
    values = {"count": len(judged), "said": of.actual.text, "points": sum((row.claimed or 0 for row, _ in judged), 0)}
    yield case.finding("note", "uniform-judgement", "rows", cell_of(of, "actual"), **values)
