"""What can be wrong, said as a value: a finding, and the few exceptions that carry findings.

Everything that is wrong with a ruleset, a formula or a submission is a `Finding`. Findings are collected and
raised once, so that an author sees every mistake of a file in one go.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from perfrules import words

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


MAX_LINE, MAX_LEAD = 75, 45
"""Terminal cells of a line that a finding shows, and of it those before the mistake: indented, it fits into 80."""

MAX_READ = 1000
"""Characters that are read for it on either side of the mistake: a line may have millions."""


class Where(NamedTuple):
    """A place in a file; `line` and `column` count from 1, columns in characters."""

    file: str
    line: int | None = None
    column: int | None = None
    text: str = ""
    length: int = 1

    def __str__(self) -> str:
        """`file:line:column`, as far as known."""
        return ":".join([words.safe(self.file), *(str(part) for part in (self.line, self.column) if part)])

    def caret(self) -> str:
        """The line of the file, and below it a caret under the mistake; empty where the line is not known."""
        if not self.text or not self.column:
            return ""
        start = self.column - 1
        end = start + min(self.length, MAX_READ)
        before = words.safe(self.text[max(0, start - MAX_READ) : start], limit=None)
        marked = words.safe(self.text[start:end], limit=None)
        after = words.safe(self.text[end : end + MAX_READ], limit=None)
        before = clip(before[::-1], MAX_LEAD)[::-1]
        shown = clip(before + marked + after, MAX_LINE)
        carets = "^" * max(1, min(width(marked), width(shown) - width(before)))
        return f"    {shown}\n    {' ' * width(before)}{carets}"


def width(text: str) -> int:
    """The number of terminal cells that a text without control characters takes."""
    return sum(
        2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text if not unicodedata.combining(char)
    )


def clip(text: str, cells: int) -> str:
    """As much of a text as fits into some terminal cells, with an ellipsis where it is cut."""
    if width(text) <= cells:
        return text
    taken, room = 0, cells - 1
    while (room := room - width(text[taken])) >= 0:
        taken += 1
    return text[:taken] + "…"


class Finding(NamedTuple):
    """One thing that is wrong, or worth knowing.

    Attributes:
        code: One of the codes of `docs/findings/`.
        severity: `error`, `warning` or `note`.
        about: What it is about: `indicators.x`, `facts.y`, `total`, or a file.
        key: The entry of the table of messages; the code where a code has one message.
        values: What the message names, as given by the user.
        where: The place in a file, where there is one.
    """

    code: str
    severity: Severity = "error"
    about: str = ""
    key: str = ""
    values: Mapping[str, object] = MappingProxyType({})
    where: Where | None = None

    def message(self, lang: str = "en") -> str:
        """What is wrong, in one sentence without a full stop."""
        return words.say(self.key or self.code, lang, {"about": self.about, **self.values})

    def help(self, lang: str = "en") -> str:
        """What to do; empty where the message says it all."""
        return words.say(f"{self.key or self.code}.help", lang, {"about": self.about, **self.values}, default="")

    def format(self, lang: str = "en") -> str:
        """The finding as text: place, code, message, the line with a caret, help."""
        place = f"{self.where}: " if self.where else ""
        lines = [f"{place}[{self.code}] {self.message(lang)}"]
        if self.where and (caret := self.where.caret()):
            lines.append(caret)
        if help_text := self.help(lang):
            lines.append(f"{words.say('help', lang)}{help_text}")
        return "\n".join(lines)

    def as_dict(self, lang: str = "en") -> dict[str, str | None]:
        """The finding as in `--json`: strings only."""
        return {
            "code": self.code,
            "severity": self.severity,
            "about": words.safe(self.about),
            "message": self.message(lang),
            "help": self.help(lang) or None,
            "where": str(self.where) if self.where else None,
        }


class PerfrulesError(Exception):
    """The root of the exceptions that this package raises for bad input; carries `findings`."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        """Take the findings that stop the work, all of them."""
        self.findings = tuple(findings)
        super().__init__("\n".join(finding.format() for finding in self.findings))


class FormulaError(PerfrulesError, ValueError):
    """A formula that the language refuses."""


class RulesetError(PerfrulesError, ValueError):
    """A ruleset that cannot be read, or is not sound enough to score with."""


class SubmissionError(PerfrulesError, ValueError):
    """A submission that cannot be read."""


class RecordError(PerfrulesError, ValueError):
    """A record or a ledger that cannot be read, or cannot be added to."""


def worst(findings: Iterable[Finding]) -> Severity | None:
    """The highest severity among findings, or None where there are none."""
    return min((finding.severity for finding in findings), key=SEVERITIES.index, default=None)
