"""explain(): a derivation as a tree on the console."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text
from rich.tree import Tree

from perfrules.evaluation.evaluation import Evaluation
from perfrules.report.derived import told
from perfrules.report.style import COLOURS, Line
from perfrules.report.told import Told

_STYLES = {**COLOURS, "": "", "strong": "bold", "faint": "dim", "known": "green", "open": "yellow"}


def explain(evaluation: Evaluation, about: str | None = None, lang: str | None = None) -> RenderableType:
    """How a score came about, as something that rich can print.

    Args:
        evaluation: An evaluation.
        about: The id of an indicator, dimension or named value, or `total`; the total where it is left out.
        lang: `zh` or `en`; as the locale says where it is left out.

    Raises:
        KeyError: The ruleset has nothing of that name.
    """
    whole = told(evaluation, about, lang)
    tree = Tree(_line(whole))
    _below(tree, whole)
    return tree


def subjects(evaluation: Evaluation) -> tuple[str, ...]:
    """Everything that can be explained."""
    program = evaluation.ruleset.program
    return (*program.rows, *program.branches, *evaluation.ruleset.declaration.values, "total")


def _below(tree: Tree, whole: Told) -> None:
    for one in whole.below:
        _below(tree.add(_line(one)), one)


def _line(one: Told) -> Text:
    line = Line()
    for span in one.spans:
        line.append(span.text, _STYLES[span.tone])
    return line
