"""An audit on the console: claimed beside derived, row by row and up the tree, then the totals, then the findings.

A folder of forms is one table, one line a form. The views fit 80 columns with Chinese text, and use more where there
is more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from perfrules import numbers, words
from perfrules.audit.audit import Audit
from perfrules.audit.audited import AuditedGroup, AuditedRow
from perfrules.audit.survey import Surveyed
from perfrules.errors import SEVERITIES, Finding, worst
from perfrules.numbers import Exact
from perfrules.report.console import MANY_ALIKE
from perfrules.report.style import COLOURS, Identifier, Line, plain, titled

CODES = 3
"""Kinds of findings that a line of a table of forms names."""


def audit_view(audit: Audit, lang: str | None = None) -> RenderableType:
    """The whole audit."""
    lang = lang or words.default_language()
    sections = [header(audit, lang), table(audit, lang), totals(audit, lang), findings(audit, lang)]
    return Group(*(part for section in sections for part in (section, Line())))


def header(audit: Audit, lang: str) -> RenderableType:
    """What was audited, and by what."""
    submission, declared = audit.evaluation.submission, audit.ruleset.declaration.ruleset
    said = [audit.form.said(name) for name in ("unit", "project")] if audit.form else [submission.subject]
    first = [audit.title, *(part for part in (*said, submission.period) if part and part not in audit.title)]
    second = [words.title(declared.title, lang, declared.id), declared.id]
    return Group(plain(" · ".join(first), "bold"), plain(" · ".join(dict.fromkeys(second)), "dim"))


# -- the table ---------------------------------------------------------------------------------------------------


def table(audit: Audit, lang: str) -> RenderableType:
    """Groups and rows: weight, what is claimed, what follows, and what was found."""
    drawn = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, expand=False)
    drawn.add_column(words.say("view.indicator", lang), overflow="fold", min_width=12, ratio=4)
    for key in ("audited.weight", "audited.claimed", "audited.derived"):
        drawn.add_column(words.say(key, lang), justify="right", no_wrap=True)
    drawn.add_column(words.say("audited.found", lang), overflow="fold", min_width=8, ratio=3)
    for part, depth in _walk(audit):
        if isinstance(part, AuditedGroup):
            drawn.add_row(*_group(part, depth, lang), style="bold")
        else:
            drawn.add_row(*_row(audit, part, depth, lang))
    return drawn


def _walk(audit: Audit) -> Iterator[tuple[AuditedGroup | AuditedRow, int]]:
    """The tree; behind each row those that share its score."""
    shared: dict[int, list[AuditedRow]] = {}
    for row in audit.rows:
        if row.form is not None and row.form.shares is not None:
            shared.setdefault(row.form.shares, []).append(row)
    for group in audit.groups:
        yield group, group.depth
        for row in group.rows:
            yield row, group.depth + 1
            for one in shared.get(row.form.index, ()) if row.form is not None else ():
                yield one, group.depth + 1


def _group(group: AuditedGroup, depth: int, lang: str) -> list[RenderableType]:
    name = Padding(titled(group.title, group.id, lang), (0, 0, 0, 2 * depth))
    claimed = group.printed if group.printed is not None else group.claimed
    return [name, _number(group.weight), _number(claimed), _follows(group.derived, group.bounds, claimed), ""]


def _row(audit: Audit, row: AuditedRow, depth: int, lang: str) -> list[RenderableType]:
    name = Padding(titled(row.title, row.id, lang), (0, 0, 0, 2 * depth))
    if row.form is not None and row.form.shares is not None:
        return [name, "", "", "", Line(words.say("audited.shared", lang), "dim")]
    found = [one for one in audit.findings if row.id and one.about == f"indicators.{row.id}"]
    return [
        name, _number(row.weight), _number(row.claimed), _follows(row.derived, row.bounds, row.claimed),
        _codes(found, f"audited.doubt.{row.doubt}" if row.doubt else "", lang),
    ]  # fmt: skip


def _codes(found: Sequence[Finding], doubt: str, lang: str) -> Text:
    """What was found in a row, notes only where there is nothing else."""
    shown = [one for one in found if one.severity != "note"] or found
    line = Identifier()
    for one in dict.fromkeys((one.code, one.severity) for one in shown):
        line.append(words.separator(lang) if line else "").append(short(one[0], lang), COLOURS[one[1]])
    if doubt:
        line.append(words.separator(lang) if line else "").append(words.say(doubt, lang), "cyan")
    return line


def short(code: str, lang: str) -> str:
    """What a finding is called in a table: in Chinese a few words, else its code."""
    return words.say(f"audited.short.{code}", lang, default=code)


def _number(value: Exact | None) -> Text:
    return Line("—" if value is None else numbers.shown(value, 2))


def _follows(derived: Fraction | None, bounds: tuple[Fraction, Fraction] | None, claimed: Exact | None) -> Text:
    """What follows, in red where that is not what is claimed; else what it can be."""
    if derived is not None:
        same = claimed is not None and abs(derived - claimed) <= Fraction(1, 200)
        return Line(numbers.shown(derived, 2), "green" if same else "red" if claimed is not None else "yellow")
    if bounds is None:
        return Line("?", "yellow")
    inside = claimed is None or bounds[0] <= claimed <= bounds[1]
    return Line(f"{numbers.shown(bounds[0], 2)} … {numbers.shown(bounds[1], 2)}", "cyan" if inside else "red")


# -- totals ------------------------------------------------------------------------------------------------------


def totals(audit: Audit, lang: str) -> RenderableType:
    """Printed, of the rows, by rule; and how far that is decided."""
    total = audit.total
    line = Line(words.say("audited.total", lang) + "  ", "bold")
    said = [("audited.printed", "printed", total.printed), ("audited.of-rows", "sum", total.claimed)]
    parts = [words.say(key, lang, {name: numbers.shown(value, 2)}) for key, name, value in said if value is not None]
    line.append(" · ".join(parts) + (" · " if parts else ""))
    if total.by_rule is not None:
        line.append(words.say("audited.by-rule", lang, {"derived": numbers.shown(total.by_rule, 2)}), "bold green")
    elif total.bounds is not None:
        ends = {"low": numbers.shown(total.bounds[0], 2), "high": numbers.shown(total.bounds[1], 2)}
        line.append(words.say("audited.by-rule-open", lang, ends), "bold yellow")
    if total.grade:
        line.append(
            "  " + words.say("audited.grade", lang, {"grade": words.title(total.grade_title, lang, total.grade)})
        )
    lines: list[RenderableType] = [line]
    if total.derived is None and total.by_rule is not None and total.bounds is not None:
        ends = {"low": numbers.shown(total.bounds[0], 2), "high": numbers.shown(total.bounds[1], 2)}
        lines.append(Line(words.say("audited.counted", lang, ends), "dim"))
    return Group(*lines)


# -- findings ----------------------------------------------------------------------------------------------------


def findings(audit: Audit, lang: str) -> RenderableType:
    """What was found, by severity, each with its cell; of many alike the first, and the cells of the others."""
    if not audit.findings:
        return Line(words.say("audited.nothing", lang), "green")
    lines: list[RenderableType] = []
    for severity in SEVERITIES:
        listed = [one for one in audit.findings if one.severity == severity]
        for key in dict.fromkeys(one.key for one in listed):
            alike = [one for one in listed if one.key == key]
            full = alike if len(alike) <= (1 if severity == "note" else MANY_ALIKE) else alike[:1]
            lines += [_finding(audit, one, lang) for one in full]
            if len(full) < len(alike):
                others = ", ".join(_place(audit, one) or one.about for one in alike[1:])
                values = {"count": len(alike) - 1, "code": alike[0].code, "others": others}
                lines.append(Padding(plain(words.say("view.alike", lang, values), "dim"), (0, 0, 0, 2)))
    return Group(Line(words.say("view.findings", lang), "bold"), Padding(Group(*lines), (0, 0, 0, 2)))


def _finding(audit: Audit, finding: Finding, lang: str) -> RenderableType:
    line = Line(words.say(f"severity.{finding.severity}", lang), COLOURS[finding.severity])
    line.append(f" [{finding.code}] ", "dim").append(finding.message(lang))
    if place := _place(audit, finding):
        line.append(f"  {place}", "dim")
    if help_text := finding.help(lang):
        line.append(f"  {words.say('help', lang)}{help_text}", "dim")
    return line


def _place(audit: Audit, finding: Finding) -> str:
    """The cell of a finding, without the name of the file that all of them are in."""
    if finding.where is None:
        return ""
    whole = str(finding.where)
    path = audit.form.path if audit.form else audit.evaluation.submission.path
    own = words.safe(str(path))
    return whole.removeprefix(own).removeprefix(":") or (path.name if path else whole)


# -- a folder of forms -------------------------------------------------------------------------------------------


def survey_view(surveyed: Sequence[Surveyed], lang: str) -> RenderableType:
    """One line a form, worst first; then those that could not be read, and how many there are of each."""
    drawn = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, expand=False)
    drawn.add_column(words.say("audited.form", lang), overflow="fold", min_width=12, ratio=3)
    for key in ("audited.printed-total", "audited.derived", "audited.errors", "audited.warnings"):
        drawn.add_column(words.say(key, lang), justify="right", no_wrap=True)
    drawn.add_column(words.say("audited.found", lang), overflow="fold", min_width=10, ratio=4)
    for one in surveyed:
        if not one.unread:
            drawn.add_row(*_surveyed(one, lang))
    unread = [one for one in surveyed if one.unread]
    parts: list[RenderableType] = [drawn] if len(unread) < len(surveyed) else []
    if unread:
        parts += [Line(words.say("audited.unread", lang), "bold"), *(_unread(one, lang) for one in unread), Line()]
    return Group(*parts, _counts(surveyed, lang))


def _surveyed(one: Surveyed, lang: str) -> list[RenderableType]:
    printed = one.printed if one.printed is not None else one.claimed
    same = printed is not None and one.by_rule is not None and abs(one.by_rule - printed) <= Fraction(1, 200)
    colours = [COLOURS["error"] if one.errors else "dim", COLOURS["warning"] if one.warnings else "dim"]
    return [
        Identifier(words.safe(one.name, None)),
        _number(one.printed),
        Line(_number(one.by_rule).plain, "green" if same else "red"),
        Line(str(one.errors), colours[0]),
        Line(str(one.warnings), colours[1]),
        Identifier(_first(one.codes, lang), "dim"),
    ]


def _first(codes: Sequence[str], lang: str) -> str:
    """The first of what was found, and how much more there is."""
    said = words.separator(lang).join(short(code, lang) for code in codes[:CODES])
    return said if len(codes) <= CODES else f"{said} +{len(codes) - CODES}"


def _unread(one: Surveyed, lang: str) -> RenderableType:
    line = Line("  ").append(words.safe(one.name, None), "bold")
    for finding in one.unread:
        line.append("  ").append(finding.message(lang), COLOURS[worst([finding]) or "error"])
    return line


def _counts(surveyed: Sequence[Surveyed], lang: str) -> Text:
    unread = sum(bool(one.unread) for one in surveyed)
    found = sum(bool(one.errors or one.warnings) for one in surveyed)
    values = {"count": len(surveyed), "found": found, "clean": len(surveyed) - unread - found, "unread": unread}
    return Line(words.say("audited.survey", lang, values), "bold")
