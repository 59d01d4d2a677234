"""What the cases of a ruleset cover of it, and what they do not, each with its place.

Every case is one evaluation, and its trace says which tests held. A document is asked only for what it says itself:
a variant's cases need not cover its parent, which has cases of its own; a framework's or overlay's cases run on
something else, and cover what it brings there.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from perfrules import words
from perfrules.cases import points
from perfrules.cases.points import BANDS, BRANCHES, INDICATORS, KINDS, OUTCOMES, STATES, Note, Own, Point
from perfrules.cases.run import Case, CaseResult, Trial, run_cases
from perfrules.errors import Finding, RulesetError
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.results import Status
from perfrules.ruleset.library import Ruleset, in_order
from perfrules.ruleset.places import rungs, written
from perfrules.ruleset.program import Line
from perfrules.ruleset.resolve import header
from perfrules.ruleset.toml import Document, KeyPath


class Figure(NamedTuple):
    """How many points of one kind there are, and how many of them are covered."""

    covered: int
    points: int


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """What a document says, point by point, and which of the points its cases show."""

    points: Mapping[Point, Note]
    covered: frozenset[Point]
    document: Document | None

    def figure(self, kind: str) -> Figure:
        """How many points of a kind there are, and how many of them are covered."""
        alike = [point for point in self.points if point.kind == kind]
        return Figure(sum(point in self.covered for point in alike), len(alike))

    def uncovered(self) -> list[tuple[Point, Finding]]:
        """What no case shows, as notes with their places, in the order of the file."""
        open_ = [
            (point, self._finding(point, note)) for point, note in self.points.items() if point not in self.covered
        ]
        order = {id(finding): index for index, finding in enumerate(in_order(finding for _, finding in open_))}
        return sorted(open_, key=lambda pair: order[id(pair[1])])

    def _finding(self, point: Point, note: Note) -> Finding:
        where = (
            self.document.where(point.path, note.span, on_key=point.kind in (INDICATORS, STATES))
            if self.document
            else None
        )
        return Finding("not-covered", "note", ".".join(map(str, point.path[:2])), note.key, note.values, where)


class Tested(NamedTuple):
    """A ruleset whose cases were run: what came out of each, and what they cover; or why it could not be read."""

    id: str
    cases: tuple[CaseResult, ...]
    coverage: Coverage
    findings: tuple[Finding, ...] = ()

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        """The cases that came out otherwise than expected."""
        return tuple(case for case in self.cases if case.findings)

    def as_dict(self, lang: str = "en") -> dict[str, Any]:
        """The outcome as in `--json`, without the cases themselves."""
        figures = {kind: self.coverage.figure(kind) for kind in KINDS}
        return {
            "id": words.safe(self.id),
            "cases": len(self.cases),
            "failed": len(self.failed),
            "coverage": {kind: figure._asdict() for kind, figure in figures.items()},
            "uncovered": [{"kind": point.kind, **found.as_dict(lang)} for point, found in self.coverage.uncovered()],
            "findings": [finding.as_dict(lang) for finding in self.findings],
        }


def as_dict(tested: Iterable[Tested], lang: str = "en") -> dict[str, Any]:
    """Rulesets whose cases were run, as in `--json`: every case, and a summary of each ruleset."""
    listed = list(tested)
    cases = [
        {
            "ruleset": words.safe(one.id),
            "file": words.safe(case.file),
            "name": words.safe(case.name),
            "findings": [finding.as_dict(lang) for finding in case.findings],
        }
        for one in listed
        for case in one.cases
    ]
    return {"format": 1, "cases": cases, "rulesets": [one.as_dict(lang) for one in listed]}


def try_run(reference: str, *, as_of: date | None = None) -> Tested:
    """As `run`; of a ruleset that cannot be read, why."""
    try:
        return run(reference, as_of=as_of)
    except RulesetError as error:
        return Tested(reference, (), Coverage({}, frozenset(), None), error.findings)


def run(reference: str | Path, *, as_of: date | None = None) -> Tested:
    """Run every case of a ruleset, and see what they cover.

    Args:
        reference: What `perfrules.load` takes, or an overlay.
        as_of: The date at which members of families must be effective.

    Raises:
        RulesetError: The ruleset, or a file of cases, cannot be read.
    """
    trial = Trial(reference, as_of)
    watch = Watch(trial.document)
    if not trial.is_overlay:
        watch.add(trial.ruleset())
    results = run_cases(trial, see=watch.see)
    return Tested(str(header(trial.document).get("id", reference)), results, watch.coverage())


class Watch:
    """Watches evaluations for what they show of one document."""

    def __init__(self, document: Document) -> None:
        """Take the document."""
        self.document = document
        self.path = document.path.resolve() if document.path else None
        self.points: dict[Point, Note] = {}
        self.covered: set[Point] = set()
        self._sensors: dict[Ruleset, _Sensors] = {}

    def add(self, ruleset: Ruleset) -> _Sensors:
        """Take the points of the document in a ruleset that is made of it."""
        if ruleset not in self._sensors:
            own = self._own(ruleset)
            self.points.update(points.points_of(ruleset, own))
            self._sensors[ruleset] = _Sensors(ruleset, own)
        return self._sensors[ruleset]

    def see(self, case: Case, evaluation: Evaluation) -> None:
        """Note what one evaluation shows."""
        self.covered.update(self.add(evaluation.ruleset).seen(evaluation))

    def coverage(self) -> Coverage:
        """What there is to show, and what was shown."""
        return Coverage(self.points, frozenset(self.covered), self.document)

    def _own(self, ruleset: Ruleset) -> Own:
        """Whether a key of a ruleset was said by the document; a part also where one of its keys was."""
        mine = [document for document in ruleset.documents if document.path and document.path.resolve() == self.path]
        origins = ruleset.origins
        parts = {path[:2] for path, document in origins.documents.items() if document in mine}
        return lambda path: path in parts or origins.document(path) in mine


class _Sensors:
    """Where in one ruleset's program its points show."""

    def __init__(self, ruleset: Ruleset, own: Own) -> None:
        self.program = ruleset.program
        self.own = own
        self.tests: dict[ast.AST, list[tuple[bool, Point]]] = defaultdict(list)
        self.guards: dict[ast.AST, str] = {}
        self.always: list[Point] = []
        for line in self.program.lines:
            self._bands(line)
            self._formulas(line)
            if guard := self._guard(line):
                self.guards.update(dict.fromkeys(ast.walk(line.tree), guard))

    def _guard(self, line: Line) -> str | None:
        """The line that says whether another one counts: `applies` of a row, the live weight of a graded branch."""
        section, _, identifier = line.about.partition(".")
        if section == "indicators":
            return self.program.rows[identifier].applies if line.of != "applies" else None
        branch = self.program.branches.get(identifier) if section == "dimensions" else self.program.total
        return branch.live if line.of == "grade" and branch else None

    def _bands(self, line: Line) -> None:
        table = [rung for rung in rungs(self.program, line) if self.own(rung.path[:-1])]
        before: ast.expr | None = None
        for path, test, _ in table:
            point = Point(BANDS, path)
            if test is not None:
                self.tests[test].append((True, point))
            elif before is not None:
                self.tests[before].append((False, point))
            else:
                self.always.append(point)
            before = test

    def _formulas(self, line: Line) -> None:
        for path, tree, shift in written(self.program, line):
            for node in points.written(tree) if self.own(path) else ():
                span = points.span_of(node, shift)
                if isinstance(node, ast.IfExp):
                    self.tests[node.test] += _sides(BRANCHES, path, span, points.THEN, points.ELSE)
                elif isinstance(node, ast.Compare):
                    self.tests[node] += _sides(OUTCOMES, path, span, points.TRUE, points.FALSE)

    def seen(self, evaluation: Evaluation) -> Iterator[Point]:
        """The points that an evaluation shows."""
        yield from self.always
        tests, guards, results = self.tests, self.guards, evaluation.results
        for node, value in evaluation.trace.items():
            if node in tests and not (node in guards and results[guards[node]] == 0):  # False is 0 too
                yield from (point for outcome, point in tests[node] if value is outcome)
        yield from self._rows(evaluation)
        for check in self.program.checks:
            if check.equal and isinstance(held := results[check.holds], bool):
                yield Point(OUTCOMES, ("checks", check.id, "equal"), side=points.TRUE if held else points.FALSE)

    def _rows(self, evaluation: Evaluation) -> Iterator[Point]:
        for row in evaluation:
            path: KeyPath = ("indicators", row.id)
            status = row.status
            yield Point(INDICATORS, path) if status is Status.SCORED else Point(STATES, path, side=status)
            if row.met is not None and status is not Status.NOT_APPLICABLE:
                yield Point(OUTCOMES, (*path, "target"), side=points.TRUE if row.met else points.FALSE)


def _sides(kind: str, path: KeyPath, span: tuple[int, int], then: str, orelse: str) -> list[tuple[bool, Point]]:
    return [(True, Point(kind, path, span, then)), (False, Point(kind, path, span, orelse))]
