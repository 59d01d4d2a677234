"""A folder of forms: of each what one line of a table says, and nothing more, so that a thousand fit into little.

Forms that cannot be read are listed with why, and the others go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from perfrules.audit import sheets
from perfrules.audit.audit import Audit, audit_form, is_submission
from perfrules.errors import Finding, PerfrulesError
from perfrules.evaluation.files import files_in
from perfrules.numbers import Exact
from perfrules.ruleset.loaded import Ruleset


class Surveyed(NamedTuple):
    """What is kept of the audit of one form.

    Attributes:
        name: The name of the file.
        title: As of `Audit`.
        printed, claimed, by_rule: The printed total, the sum of the printed rows, and what follows.
        errors, warnings, notes: How many findings there are.
        codes: The codes of errors and warnings, each once, in order.
        unread: Why it could not be read; empty where it could.
    """

    name: str
    title: str = ""
    printed: Exact | None = None
    claimed: Exact | None = None
    by_rule: Exact | None = None
    errors: int = 0
    warnings: int = 0
    notes: int = 0
    codes: tuple[str, ...] = ()
    unread: tuple[Finding, ...] = ()


def forms_in(folder: Path) -> list[Path]:
    """The forms of a folder, sorted by name; what is no folder stands for itself.

    Raises:
        PerfrulesError: There is none.
    """

    def is_form(path: Path) -> bool:
        return path.suffix.lower() in sheets.ENDINGS and not path.name.startswith(".") and path.is_file()

    return files_in(folder, is_form, "no-file.no-forms")


def survey(paths: Iterable[Path], ruleset: Ruleset | None) -> Iterator[Surveyed]:
    """One line a form, in the order of the paths; a submission is scored by the ruleset that it names."""
    for path in paths:
        try:
            yield _surveyed(path, audit_form(path, None if is_submission(path) else ruleset))
        except PerfrulesError as error:
            yield Surveyed(path.name, unread=error.findings)


def _surveyed(path: Path, one: Audit) -> Surveyed:
    total = one.total
    codes = dict.fromkeys(finding.code for finding in one.findings if finding.severity != "note")
    return Surveyed(
        path.name, one.title, total.printed, total.claimed, total.by_rule, one.count("error"), one.count("warning"),
        one.count("note"), tuple(codes),
    )  # fmt: skip


def worst_first(surveyed: Iterable[Surveyed]) -> list[Surveyed]:
    """The lines by how much is wrong: errors, then warnings, then how far the total is off; unreadable ones last."""
    return sorted(surveyed, key=lambda one: (bool(one.unread), -one.errors, -one.warnings, -_off(one), one.name))


def _off(one: Surveyed) -> Exact:
    said = one.printed if one.printed is not None else one.claimed
    return 0 if said is None or one.by_rule is None else abs(said - one.by_rule)
