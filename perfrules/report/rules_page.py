"""A ruleset as a page: one HTML file with the annotated table of its indicators, its facts and its other parts."""

from __future__ import annotations

from perfrules.report.markup import rendered
from perfrules.report.rules_table import rules_table
from perfrules.ruleset.library import Ruleset


def ruleset_page(ruleset: Ruleset, lang: str) -> str:
    """The HTML of a ruleset's page.

    Args:
        ruleset: The ruleset.
        lang: The language of titles and headings.

    Raises:
        PerfrulesError: Jinja2 is not installed.
    """
    return rendered("rules.html", lang, rules=rules_table(ruleset, lang))
