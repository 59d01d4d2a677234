"""The page of an evaluation: one HTML file that needs nothing else, no network and no script."""

from __future__ import annotations

from perfrules.evaluation.evaluation import Evaluation
from perfrules.report.markup import rendered
from perfrules.report.page_content import page_content


def page(evaluation: Evaluation, lang: str) -> str:
    """The HTML of an evaluation's page; the same evaluation gives the same text.

    Args:
        evaluation: An evaluation.
        lang: `zh` or `en`.

    Raises:
        PerfrulesError: Jinja2 is not installed.
    """
    return rendered("evaluation.html", lang, page=page_content(evaluation, lang))
