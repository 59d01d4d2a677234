"""The command `report`: an evaluation as a file to hand in, as the ending of the file's name says.

What makes each kind of file is imported only when it is asked for, so that nobody needs packages for the other kinds.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from perfrules.commands.face import Arguments, Face, evaluated, laid_on
from perfrules.errors import Finding, PerfrulesError

if TYPE_CHECKING:
    from perfrules.evaluation.evaluation import Evaluation

Maker = Callable[["Evaluation", str], str | bytes]

_MAKERS = {
    ".html": ("perfrules.report.page", "page"),
    ".xlsx": ("perfrules.report.live", "live_workbook"),
    ".docx": ("perfrules.report.document", "document"),
    ".md": ("perfrules.report.narrated", "report_text"),
}
_OF_FOLDERS = (".html", ".xlsx")


def report(arguments: Arguments, face: Face) -> int:
    """Write an evaluation as a page, a workbook or a report; of a folder its portfolio."""
    given = Path(arguments.submission)
    if given.is_dir():
        _target(face, _OF_FOLDERS)
        made: int = import_module("perfrules.commands.portfolio").report(arguments, face)
        return made
    target = _target(face, tuple(_MAKERS))
    module, function = _MAKERS[target.suffix.lower()]
    evaluation = evaluated(given, arguments.ruleset, **laid_on(arguments))
    maker: Maker = getattr(import_module(module), function)
    face.file(target, maker(evaluation, face.lang))
    return 1 if evaluation.needs_attention else 0


def _target(face: Face, known: tuple[str, ...]) -> Path:
    """The file to write; refuses to go without one, or with one of another ending."""
    if face.output is None:
        key, ending = "bad-value.report-output", ""
    elif face.output.suffix.lower() not in known:
        key, ending = "bad-value.report-ending", face.output.suffix
    else:
        return face.output
    raise PerfrulesError([Finding("bad-value", about="-o", key=key, values={"known": known, "ending": ending})])
