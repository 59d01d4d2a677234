"""A submission: facts with where each came from, claims, notes; from a file or a dict.

Reading has two stages. The *shape* is read without knowing the ruleset; the *facts* are then read as the ruleset
declares them. Everything that is wrong is collected, and raised once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from perfrules import numbers, words
from perfrules.errors import Finding, Severity, SubmissionError, Where
from perfrules.evaluation import cells, rolled
from perfrules.evaluation.facts import Facts, Given, Unreadable, at_once, prepared
from perfrules.numbers import Exact, NumberError
from perfrules.ruleset.library import Ruleset, digest

HEADER = ("ruleset", "overlays", "subject", "period", "prepared_by", "source")
_TABLES = ("submission", "facts", "claims", "notes", "narrative", "format")
_GIVEN = ("value", "unit", "source", "note", "by", "level", "rate", "missing", "submissions")
_SAID = frozenset(("value", "level", "missing", "submissions"))
_CLAIMED = ("total", "grade", "indicators", "dimensions", "values", "weights")
_NOTED = ("reason", "improvement")
NARRATIVE = ("overview", "management", "organisation", "achievement", "problems")
"""The sections of a report, in their order, to each of which a submission may give a text of its own."""

NARRATED = (*NARRATIVE, "goal", "achieved")
"""All that may be told: those sections, and on the form the goals of the year and what came of them."""

Locate = Callable[[tuple[str | int, ...]], Where | None]


class Claim(NamedTuple):
    """What somebody says a score, weight, value or grade is.

    Attributes:
        about: `total`, `grade`, `indicators.x`, `dimensions.x`, `values.x` or `weights.x`.
        claimed: The number, or the id of the grade.
        places: The decimals it was written with.
    """

    about: str
    claimed: Exact | str
    places: int = 0


class Note(NamedTuple):
    """Why a row deviates, and what will be done: 偏差原因分析及改进措施."""

    reason: str = ""
    improvement: str = ""


@dataclass(slots=True)
class Submission:
    """What was handed in, in shape but not yet read as a ruleset's facts.

    Attributes:
        raw: The facts as given, by id.
        texts: Whether the facts are cells of a CSV file or workbook, to be read as meant.
        narrative: The submitter's own texts for a report, by its sections.
        locate: The place of a key in the file, where there is a file.
    """

    raw: Mapping[str, Any] = field(default_factory=dict)
    ruleset: str | None = None
    overlays: tuple[str, ...] = ()
    subject: str = ""
    period: str = ""
    prepared_by: str = ""
    source: str = ""
    claims: tuple[Claim, ...] = ()
    notes: Mapping[str, Note] = field(default_factory=dict)
    narrative: Mapping[str, str] = field(default_factory=dict)
    path: Path | None = None
    texts: bool = False
    findings: list[Finding] = field(default_factory=list)
    locate: Locate = lambda path: None
    data: Any = None

    @property
    def digest(self) -> str:
        """`sha256:` and the digest of the canonical JSON of what is said, in whichever shape it was handed in."""
        from perfrules.evaluation.written import shape

        return digest(shape(self))

    def note(
        self, code: str, path: tuple[str | int, ...], key: str = "", severity: Severity = "error", **values: object
    ) -> None:
        """Add a finding about a key of the submission."""
        about = ".".join(map(str, path[:2]))
        self.findings.append(Finding(code, severity, about, key, values, self.locate(path)))


def from_data(data: Mapping[str, Any], locate: Locate = lambda path: None, path: Path | None = None) -> Submission:
    """A submission from data in the shape of the file format; what does not fit is noted in its findings."""
    submission = Submission(path=path, locate=locate, data=data)
    for key in data:
        if key not in _TABLES:
            _unknown(submission, (key,), _TABLES)
    header = _table(submission, data, "submission")
    for key, value in header.items():
        _header(submission, key, value)
    submission.raw = _table(submission, data, "facts")
    submission.claims = _claims(submission, _table(submission, data, "claims"))
    submission.notes = _notes(submission, _table(submission, data, "notes"))
    submission.narrative = _narrative(submission, _table(submission, data, "narrative"))
    return submission


def _unknown(submission: Submission, path: tuple[str | int, ...], known: tuple[str, ...]) -> None:
    near = words.nearest(str(path[-1]), known)
    inside = (".".join(map(str, path[:-1])),) if len(path) > 1 else words.Term("inside.file")
    key = "unknown-key.near" if near else "unknown-key"
    submission.note("unknown-key", path, key, name=path[-1], inside=inside, near=near or "", known=known)


def _table(submission: Submission, data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    table = data.get(key, {})
    if isinstance(table, Mapping):
        return table
    submission.note("bad-value", (key,), "bad-value.table")
    return {}


def _header(submission: Submission, key: str, value: Any) -> None:
    path = ("submission", key)
    if key not in HEADER:
        _unknown(submission, path, HEADER)
    elif key == "overlays":
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            submission.overlays = tuple(value)
        else:
            submission.note("bad-value", path, "bad-value.kind", key_name=key, expected=words.Term("expected.list"))
    else:
        setattr(
            submission, key, _said(submission, path, str(value) if type(value) is int and key == "period" else value)
        )


def _said(submission: Submission, path: tuple[str | int, ...], value: Any) -> str:
    if isinstance(value, str) and len(value) <= 20_000 and not any("\ud800" <= char <= "\udfff" for char in value):
        return value
    submission.note("bad-value", path, "bad-value.kind", key_name=path[-1], expected=words.Term("expected.text"))
    return ""


def _claims(submission: Submission, table: Mapping[str, Any]) -> tuple[Claim, ...]:
    claims: list[Claim] = []
    for key, value in table.items():
        if key not in _CLAIMED:
            _unknown(submission, ("claims", key), _CLAIMED)
        elif key == "total":
            claims += _claim(submission, ("claims", key), key, value)
        elif key == "grade":
            claims.append(Claim(key, _said(submission, ("claims", key), value)))
        elif not isinstance(value, Mapping):
            submission.note("bad-value", ("claims", key), "bad-value.table")
        else:
            for name, claimed in value.items():
                claims += _claim(submission, ("claims", key, name), f"{key}.{name}", claimed)
    return tuple(claims)


def _claim(submission: Submission, path: tuple[str | int, ...], about: str, value: Any) -> list[Claim]:
    try:
        exact = numbers.read(value)
    except numbers.NumberError as error:
        submission.note("unreadable-value", path, f"unreadable-value.{error.reason}", name=about, given=_shown(value))
        return []
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    places = -exponent if isinstance(exponent, int) and exponent < 0 else numbers.decimal_places(exact) or 0
    return [Claim(about, exact, places)]


def _notes(submission: Submission, table: Mapping[str, Any]) -> dict[str, Note]:
    notes: dict[str, Note] = {}
    for name, note in table.items():
        if not isinstance(note, Mapping):
            submission.note("bad-value", ("notes", name), "bad-value.table")
            continue
        for key in note:
            if key not in _NOTED:
                _unknown(submission, ("notes", name, key), _NOTED)
        texts = {key: _said(submission, ("notes", name, key), text) for key, text in note.items() if key in _NOTED}
        notes[name] = Note(**texts)
    return notes


def _narrative(submission: Submission, table: Mapping[str, Any]) -> dict[str, str]:
    for key in table:
        if key not in NARRATED:
            _unknown(submission, ("narrative", key), NARRATED)
    return {key: _said(submission, ("narrative", key), text) for key, text in table.items() if key in NARRATED}


# -- as the facts of a ruleset -----------------------------------------------------------------------------------


def read_facts(submission: Submission, ruleset: Ruleset) -> Facts:
    """The facts of a submission, as the ruleset declares them.

    Raises:
        SubmissionError: Something cannot be read; all such findings at once.
    """
    facts, before = Facts(), len(submission.findings)
    (readers, _), usual = prepared(ruleset.program), at_once(ruleset.program)
    raw, aliases = submission.raw, dict[str, str]()
    if submission.texts:
        raw, aliases = cells.gathered(raw, readers, lambda *refused: _unreadable(submission, *refused))
    names = facts.names
    for name, given in raw.items():
        if (read := usual.get(name)) and (value := read(given)) is not None:
            names[name] = value
            continue
        reader = readers.get(name)
        if reader is None:
            _unknown_fact(submission, ruleset, name)
            continue
        try:
            if given.__class__ is dict and (reader.fact.kind != "checklist" or not _SAID.isdisjoint(given)):
                _given(submission, ruleset, name, reader, given, facts)
            else:
                reader.read(given, facts)
        except Unreadable as error:
            _unreadable(submission, name, given, error)
        except NumberError as error:
            _unreadable(submission, name, given, Unreadable(f"unreadable-value.{error.reason}"))
    if submission.claims or submission.notes:
        _check_names(submission, ruleset)
    if any(finding.severity == "error" for finding in submission.findings):
        found = tuple(submission.findings)
        del submission.findings[before:]  # another ruleset may know what this one does not
        raise SubmissionError(found)
    facts.findings = [_placed(submission, finding, aliases) for finding in facts.findings]
    return facts


def _given(
    submission: Submission, ruleset: Ruleset, name: str, reader: Any, table: dict[str, Any], facts: Facts
) -> None:
    """Read a fact that is given as a table: value, level, missing or submissions, and what is said of it."""
    path = ("facts", name)
    for key in table:
        if key not in _GIVEN:
            _unknown(submission, (*path, key), _GIVEN)
    texts = {
        key: _said(submission, (*path, key), table[key])
        for key in ("unit", "source", "note", "by", "level", "missing")
        if key in table
    }
    said = [key for key in table if key in _SAID]
    if len(said) != 1 or ("rate" in table and "level" not in table):
        submission.note("bad-value", path, "bad-value.given", name=name)
        return
    submitted = table.get("value", table.get("rate"))
    facts.given[name] = Given(submitted, **texts)
    if "submissions" in table:
        if reader.fact.from_ != "submissions" or not rolled.is_written(table["submissions"]):
            submission.note("bad-value", path, "bad-value.submissions", name=name, ruleset=ruleset.id)
            return
        rolled.read_rows(reader, table["submissions"], facts)
    elif "value" in table:
        reader.measured(table["value"], texts.get("unit"), facts)
    elif "level" in table:
        if reader.fact.kind != "judgement":
            raise Unreadable("unreadable-value.not-judged")
        reader.judged(texts["level"], table.get("rate"), facts)


def _unknown_fact(submission: Submission, ruleset: Ruleset, name: object) -> None:
    near = words.nearest(str(name), ruleset.program.facts)
    key = "unknown-fact.near" if near else ""
    submission.note("unknown-fact", ("facts", str(name)), key, name=name, near=near or "", ruleset=ruleset.id)


def _unreadable(submission: Submission, name: str, value: Any, error: Unreadable) -> None:
    code = "unit-unknown" if error.key == "unit-unknown" else "unreadable-value"
    given = value.get("value", value.get("rate", value)) if isinstance(value, dict) else value
    values: dict[str, Any] = {"name": name, "given": _shown(given), **error.values}
    submission.note(code, ("facts", name), error.key, **values)


def _shown(value: Any) -> str:
    try:
        return str(value)[:200]
    except ValueError:  # an integer of more than 4,300 digits
        return "…"


def _check_names(submission: Submission, ruleset: Ruleset) -> None:
    """Note claims and notes about rows, dimensions, values or grades that the ruleset does not have."""
    known: dict[str, Mapping[str, object]] = {
        "indicators": ruleset.program.rows, "weights": ruleset.program.rows,
        "dimensions": ruleset.program.branches, "values": ruleset.declaration.values,
    }  # fmt: skip
    for claim in submission.claims:
        section, dot, name = claim.about.partition(".")
        if dot and name not in known[section]:
            _unknown(submission, ("claims", section, name), tuple(known[section]))
    for name in submission.notes:
        if name not in ruleset.program.rows:
            _unknown(submission, ("notes", name), tuple(ruleset.program.rows))


def _placed(submission: Submission, finding: Finding, cells_of_tables: Mapping[str, str]) -> Finding:
    """A finding about a fact, with the place of the fact in the file."""
    name = finding.about.removeprefix("facts.")
    where = submission.locate(("facts", cells_of_tables.get(name) or name.partition("[")[0]))
    return Finding(finding.code, finding.severity, finding.about, finding.key, finding.values, where)
