"""The sheet of derivations: how each score came about, in the words of `explain`, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from perfrules import words
from perfrules.evaluation.evaluation import Evaluation
from perfrules.report.derived import told
from perfrules.report.live.pages import Page, Styles
from perfrules.report.told import Told

_WIDTH = 120
_DEEPEST = 8


def write(sheet: Any, styles: Styles, evaluation: Evaluation, lang: str) -> None:
    """Write the sheet."""
    page = Page(sheet, styles, (_WIDTH,), None)
    page.titled(words.say("live.derivations.title", lang), words.say("live.derivations.note", lang))
    row = 3
    subjects = [*evaluation.ruleset.declaration.values, *(one.id for one in evaluation)]
    for subject in [*subjects, *(["total"] if evaluation.total else [])]:
        for depth, text in _lines(told(evaluation, subject, lang)):
            page.text(row, 0, text, "bare" if depth else "branch", indent=min(2 * depth, 2 * _DEEPEST))
            row += 1
        row += 1
    page.close(least=16)


def _lines(line: Told, depth: int = 0) -> Iterator[tuple[int, str]]:
    """The lines of a derivation, from top to bottom, with how deep each stands."""
    yield depth, "".join(span.text for span in line.spans)
    for below in line.below:
        yield from _lines(below, depth + 1)
