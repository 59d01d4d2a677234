"""`test --generate`: edge cases of a ruleset, as a file of cases for a person to read.

What is expected is what comes out now: a snapshot, which says nothing of whether it is right. Every case sets facts
only, over the base that the ruleset's cases start from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from perfrules import words
from perfrules.cases.generated import casefile
from perfrules.cases.generated.bench import facts_of
from perfrules.cases.generated.exploring import Explorer, Shown
from perfrules.cases.generated.targets import Target, submitted, targets
from perfrules.cases.run import Trial
from perfrules.errors import PerfrulesError
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.results import Status
from perfrules.evaluation.scoring import evaluate
from perfrules.ruleset.program import Program
from perfrules.ruleset.resolve import header

MAX_CASES = 2000
"""Cases that are written for one ruleset; a table of 28 indicators has 200."""

MAX_ROWS = 5
"""Rows whose scores are expected where a fact is turned that many rows read; of more, the total."""


class EdgeCase(NamedTuple):
    """One case: what it is about, its name, what it is tried on, the facts it sets, what comes out."""

    about: str
    name: str
    said: Mapping[str, Any]
    expect: Mapping[str, Any]


class Unreached(NamedTuple):
    """What no facts were found for, and why."""

    about: str
    name: str
    reason: str


class Edges(NamedTuple):
    """The edge cases of a ruleset.

    Attributes:
        id: The ruleset.
        cases: In the order of the file.
        unreached: What no facts were found for.
        unique, masking: How many terms of compound conditions a pair of cases shows deciding, of either kind.
    """

    id: str
    cases: tuple[EdgeCase, ...]
    unreached: tuple[Unreached, ...]
    unique: int
    masking: int

    def text(self, lang: str) -> str:
        """The cases as a TOML file."""
        values = {"id": self.id, "count": len(self.cases), "unique": self.unique, "masking": self.masking}
        said = ["edges.header", "edges.header.snapshot"]
        said += ["edges.header.conditions"] if self.unique or self.masking else []
        head = casefile.comment(words.say(key, lang, values) for key in said)
        blocks = [casefile.case(one.name, one.expect, one.said) for one in self.cases]
        lacking = [
            words.say("edges.unreached", lang, {"name": one.name, "reason": words.Term(one.reason)})
            for one in self.unreached
        ]
        return "\n\n".join([head, *blocks, *([casefile.comment(lacking)] if lacking else [])]) + "\n"

    def as_dict(self, lang: str) -> dict[str, Any]:
        """The cases as in `--json`: facts and expectations as text in TOML."""
        return {
            "format": 1,
            "id": words.safe(self.id),
            "cases": [
                {
                    "about": words.safe(one.about),
                    "name": words.safe(one.name),
                    **{word: casefile.value(given) for word, given in one.said.items()},
                    "expect": casefile.value(one.expect),
                }
                for one in self.cases
            ],
            "unreached": [
                {"about": words.safe(one.about), "name": words.safe(one.name), "reason": words.say(one.reason, lang)}
                for one in self.unreached
            ],
            "conditions": {"unique": self.unique, "masking": self.masking},
        }


def generate(reference: str | Path, lang: str = "en", *, as_of: date | None = None) -> Edges:
    """Find the edge cases of a ruleset, framework or overlay.

    Args:
        reference: What `perfrules.load` takes, or an overlay.
        lang: The language of the names.
        as_of: The date at which members of families must be effective.

    Raises:
        RulesetError: The ruleset cannot be read, or there is nothing to try it on.
    """
    trial = Trial(reference, as_of)
    writer = _Writer(lang)
    for target in targets(trial):
        writer.add(target)
    return writer.edges(str(header(trial.document).get("id", reference)))


class _Writer:
    """Turns what was found into cases."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.cases: dict[str, EdgeCase] = {}
        self.unreached: dict[tuple[Any, ...], Unreached] = {}
        self.reached: set[tuple[Any, ...]] = set()
        self.names: dict[str, int] = {}
        self.terms: dict[tuple[object, ...], bool] = {}

    def edges(self, identifier: str) -> Edges:
        """What was collected; what one row of many does not reach, and another does, is reached."""
        masking = sum(self.terms.values())
        unreached = [one for said, one in self.unreached.items() if said not in self.reached]
        return Edges(identifier, tuple(self.cases.values()), tuple(unreached), len(self.terms) - masking, masking)

    def add(self, target: Target) -> None:
        """Collect the cases of one target, in the order of its files; of a further one, what those before left out."""
        explorer, before = Explorer(target), frozenset(self.reached)
        for shown in _in_order(target, explorer.everything()):
            if _said(shown) in before:
                continue
            name = words.say(shown.key, self.lang, {"about": _short(shown.about), **shown.values})
            if shown.setting is None or len(self.cases) >= MAX_CASES:
                reason = "edges.unreached.limit" if shown.setting is not None else shown.why
                self.unreached.setdefault(_said(shown), Unreached(shown.about, name, reason))
                continue
            self.reached.add(_said(shown))
            if shown.masking is not None:
                self.terms[target.named, shown.path, *shown.values.values()] = shown.masking
            self._case(target, explorer, shown, name)

    def _case(self, target: Target, explorer: Explorer, shown: Shown, name: str) -> None:
        facts = {**explorer.panel.raw(shown.setting or {}), **shown.raw}
        if target.base is None:  # only what the part reads: four hundred facts in each case are not for reading
            program = target.ruleset.program
            read = facts_of(program, _lines(program, shown))
            facts = {fact: given for fact, given in facts.items() if fact in read}
        try:
            evaluation = evaluate(target.ruleset, submitted(target, facts))
        except PerfrulesError:  # the ruleset does not take these facts: there is nothing to snapshot
            self.unreached.setdefault(_said(shown), Unreached(shown.about, name, "edges.unreached.refused"))
            return
        said = {"ruleset": target.named, "base": target.base, "set": facts}
        said = {word: given for word, given in said.items() if given}
        expect = expected(evaluation, shown)
        known = f"{_short(shown.about)} {casefile.value(said)}"
        if known not in self.cases:
            self.cases[known] = EdgeCase(shown.about, self._named(name), said, expect)
        else:  # the same facts, about the same part: one case that expects both
            self.cases[known] = self.cases[known]._replace(expect=_joined(self.cases[known].expect, expect))

    def _named(self, name: str) -> str:
        """The name, with a number where it was given before."""
        count = self.names[name] = self.names.get(name, 0) + 1
        return name if count == 1 else f"{name} ({count})"


def _joined(one: Mapping[str, Any], two: Mapping[str, Any]) -> dict[str, Any]:
    """What two cases expect of the same facts."""
    joined = {**one, **two}
    return {
        key: {**one[key], **two[key]} if key in one and key in two and isinstance(value, dict) else value
        for key, value in joined.items()
    }


def _said(shown: Shown) -> tuple[Any, ...]:
    """What the author said, wherever it is used: a method's limit is one limit for all its rows."""
    return (shown.path, shown.key, *shown.values.values())


def _short(about: str) -> str:
    return about.partition(".")[2] or about


def _in_order(target: Target, found: Iterator[Shown]) -> list[Shown]:
    """What was found, in the order of the files that say it; what one key says in the order in which it was found."""
    documents = [id(document) for document in target.ruleset.documents]
    origins, known = target.ruleset.origins, {}

    def place(shown: Shown) -> tuple[int, int]:
        if shown.path not in known:
            document = origins.document(shown.path)
            line = origins.where(shown.path, on_key=len(shown.path) < 3).line
            known[shown.path] = documents.index(id(document)), line or 0
        return known[shown.path]

    return sorted(found, key=place)


# -- what is expected --------------------------------------------------------------------------------------------


def expected(evaluation: Evaluation, shown: Shown) -> dict[str, Any]:
    """What came out for the part that a setting is about, as a case expects it."""
    section, _, identifier = shown.about.partition(".")
    if section == "facts":
        return _readers(evaluation, identifier)
    if section == "indicators":
        return _row(evaluation, identifier, shown.of)
    if section == "dimensions":
        return _branch(evaluation, identifier) or {"status": evaluation.status}
    if section == "values":
        value = evaluation.values[identifier].value
        return {"status": evaluation.status} if value is None else {"values": {identifier: value}}
    if section == "checks":
        return {"checks": {check.id: check.status for check in evaluation.checks if check.id == identifier}}
    return _total(evaluation)


def _row(evaluation: Evaluation, identifier: str, of: str) -> dict[str, Any]:
    row = evaluation[identifier]
    score = row.exact
    found: dict[str, Any] = {"indicators": {identifier: score}} if score is not None else {}
    if score is None or of == "applies":
        found["statuses"] = {identifier: str(row.status)}
    if of == "applies":
        found |= _branch(evaluation, row.row.indicator.dimension)
    if of == "owed":
        found["findings"] = [finding.code for finding in evaluation.findings]
    return found


def _branch(evaluation: Evaluation, identifier: str) -> dict[str, Any]:
    branch = evaluation.dimensions[identifier]
    found: dict[str, Any] = {"dimensions": {identifier: branch.exact}} if branch.exact is not None else {}
    return found | ({"grades": {identifier: branch.grade}} if branch.grade else {})


def _total(evaluation: Evaluation) -> dict[str, Any]:
    total = evaluation.total
    if total is None or total.exact is None or total.status is not Status.SCORED:
        return {"status": evaluation.status}
    return {"total": total.exact, **({"grade": total.grade} if total.grade else {})}


def _readers(evaluation: Evaluation, fact: str) -> dict[str, Any]:
    """The scores of the rows that read a fact; of many rows, or none, the total."""
    rows = _rows_reading(evaluation.ruleset.program, fact)
    found: dict[str, Any] = {}
    for identifier in rows:
        for key, value in _row(evaluation, identifier, "fact").items():
            found[key] = {**found.get(key, {}), **value}
    return found if rows else _total(evaluation)


def _rows_reading(program: Program, fact: str) -> list[str]:
    """The rows that read a fact; none where there are too many to expect something of each."""
    rows = [row.id for row in program.rows.values() if fact in facts_of(program, row.lines)]
    return rows if len(rows) <= MAX_ROWS else []


def _lines(program: Program, shown: Shown) -> list[str]:
    """The lines that a case about a part expects something of."""
    section, _, identifier = shown.about.partition(".")
    if section == "facts":
        rows = _rows_reading(program, identifier)
        return [line for row in rows for line in program.rows[row].lines] or list(program.by_name)
    lines = _lines_of(program, shown.about)
    if section == "indicators" and shown.of == "applies":
        lines += _lines_of(program, f"dimensions.{program.rows[identifier].indicator.dimension}")
    return lines


def _lines_of(program: Program, about: str) -> list[str]:
    return [line.name for line in program.lines if line.about == about]
