"""An audit as JSON: the shape of `audit --json`. Numbers are strings, exact; what is not known is null."""

from __future__ import annotations

from typing import Any

import perfrules
from perfrules import words
from perfrules.audit.audit import Audit
from perfrules.audit.audited import AuditedGroup, AuditedRow
from perfrules.audit.survey import Surveyed
from perfrules.evaluation.export import text

FORMAT = 1


def as_dict(audit: Audit, lang: str = "en") -> dict[str, Any]:
    """An audit as data for JSON; `lang` is the language of findings."""
    ruleset = audit.ruleset
    return {
        "format": FORMAT,
        "engine": f"perfrules {perfrules.__version__}",
        "form": _form(audit),
        "ruleset": {"id": ruleset.id, "title": dict(ruleset.title), "digest": ruleset.digest},
        "total": _total(audit),
        "groups": [_group(group) for group in audit.groups],
        "rows": [_row(row) for row in audit.rows],
        "findings": [finding.as_dict(lang) for finding in audit.findings],
    }


def _form(audit: Audit) -> dict[str, Any]:
    submission, form = audit.evaluation.submission, audit.form
    path = form.path if form else submission.path
    return {
        "file": path.name if path else None, "title": audit.title, "subject": submission.subject or None,
        "period": submission.period or None,
    }  # fmt: skip


def _total(audit: Audit) -> dict[str, Any]:
    total, places = audit.total, audit.evaluation.ruleset.declaration.rounding.total
    return {
        "printed": text(total.printed), "rows": text(total.claimed), "derived": text(total.derived, places),
        "bounds": _ends(total.bounds), "by_rule": text(total.by_rule, places), "weight": text(total.weight),
        "printed_weight": text(total.printed_weight), "printed_grade": total.printed_grade or None,
        "grade": total.grade,
    }  # fmt: skip


def _group(group: AuditedGroup) -> dict[str, Any]:
    return {
        "id": group.id, "within": group.within, "title": dict(group.title), "weight": text(group.weight),
        "declared": text(group.declared), "printed_weight": text(group.printed_weight), "printed": text(group.printed),
        "claimed": text(group.claimed), "derived": text(group.derived), "bounds": _ends(group.bounds),
        "by_rule": text(group.by_rule),
    }  # fmt: skip


def _row(row: AuditedRow) -> dict[str, Any]:
    return {
        "id": row.id or None, "title": dict(row.title), "where": row.address or None, "weight": text(row.weight),
        "claimed": text(row.claimed), "derived": text(row.derived), "bounds": _ends(row.bounds),
        "by_rule": text(row.by_rule), "status": row.status or None, "doubt": row.doubt or None,
        "target": row.form.target.text if row.form else None, "actual": row.form.actual.text if row.form else None,
    }  # fmt: skip


def _ends(bounds: tuple[Any, Any] | None) -> list[Any] | None:
    return None if bounds is None else [text(end) for end in bounds]


def survey_as_dict(surveyed: list[Surveyed], lang: str) -> dict[str, Any]:
    """A survey of forms as data for JSON, in the order of the table."""
    return {"format": FORMAT, "forms": [_surveyed(one, lang) for one in surveyed]}


def _surveyed(one: Surveyed, lang: str) -> dict[str, Any]:
    return {
        "file": words.safe(one.name), "title": words.safe(one.title) or None, "printed": text(one.printed),
        "rows": text(one.claimed), "by_rule": text(one.by_rule), "errors": one.errors, "warnings": one.warnings,
        "notes": one.notes, "codes": list(one.codes), "unread": [finding.as_dict(lang) for finding in one.unread],
    }  # fmt: skip
