"""evaluate(): run a ruleset's program over a submission's facts, exactly.

The whole program runs once, and every node's value is recorded. What people ask of the result (bounds, findings,
words) is worked out when they ask.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from perfrules.errors import Finding, PerfrulesError, RulesetError, SubmissionError, Where
from perfrules.evaluation import files
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.facts import prepared
from perfrules.evaluation.rollup import EndlessError, RolledUp, rolled_up, rolls_up
from perfrules.evaluation.submission import Submission, from_data, read_facts
from perfrules.formula.direct import Trace, Visit, prepare
from perfrules.formula.systems.exact import EXACT
from perfrules.ruleset.library import Ruleset, find, load
from perfrules.ruleset.program import Program
from perfrules.ruleset.resolve import Overlays, Reference, references

MAX_DEPTH, MAX_FILES = 5, 20_000
"""How deep submissions are rolled up from submissions, and how many files are evaluated for one."""


def evaluate(
    ruleset: Ruleset | str | Path | None,
    submission: Submission | Mapping[str, Any] | str | Path,
    *,
    overlays: Overlays = (),
    as_of: date | None = None,
) -> Evaluation:
    """Score a submission.

    Args:
        ruleset: A loaded ruleset, or what `load` takes; None to take the one that the submission names.
        submission: A `Submission`, the path of a file (TOML, JSON, CSV, Excel), a dict in the shape of such a file, or
            simply a dict of facts. Numbers are in the unit that the ruleset declares beside the fact; percentages are
            0-100.
        overlays: What to lay on the ruleset, after the overlays that it and the submission name.
        as_of: As of `load`: the date at which members of families must be effective.

    Returns:
        The evaluation: scores, bounds, statuses, checks, claims, findings, derivations.

    Raises:
        RulesetError: The ruleset cannot be found, read or scored with.
        SubmissionError: The submission cannot be read; all findings at once.
        TypeError: A loaded ruleset is given with overlays or a date, which are said when it is loaded.
    """
    return Scoring(overlays, as_of).evaluate(ruleset, submission)


def check_scorable(ruleset: Ruleset) -> None:
    """Refuse a framework: its plans are what is scored.

    Raises:
        RulesetError: It is one.
    """
    if ruleset.declaration.ruleset.framework:
        raise RulesetError([Finding("no-ruleset", about=ruleset.id, key="no-ruleset.framework")])


class Scoring:
    """Evaluations that belong together: each ruleset is loaded once, and each file evaluated once.

    What a submission is rolled up from is evaluated by it, each file by the ruleset that it names.
    """

    def __init__(self, overlays: Overlays = (), as_of: date | None = None) -> None:
        """Take what is laid on rulesets that are asked for by name, and the date at which they must be effective."""
        self.overlays = overlays
        self.as_of = as_of
        self._loaded: dict[object, Ruleset | RulesetError] = {}
        self._found: dict[Path, Evaluation | PerfrulesError] = {}
        self._within: list[Path] = []

    def evaluate(
        self, ruleset: Ruleset | str | Path | None, submission: Submission | Mapping[str, Any] | str | Path
    ) -> Evaluation:
        """As `perfrules.evaluate`."""
        if isinstance(submission, str | Path):
            submission = files.read(submission)
        elif not isinstance(submission, Submission):
            submission = _from_dict(submission)
        if not isinstance(ruleset, Ruleset):
            ruleset = self._ruleset(ruleset, submission, self.overlays)
        elif self.overlays or self.as_of:
            raise TypeError("a loaded ruleset is scored with as it is: say overlays and as_of when loading it")
        elif submission.overlays:
            _check_laid(ruleset, submission)
        return self._scored(ruleset, submission)

    def own(self, path: Path) -> Evaluation:
        """The evaluation of a file by the ruleset that it names; of a record, where it holds, as it was recorded.

        Raises:
            PerfrulesError: It cannot be evaluated, is rolled up from itself, or too deep or too many are.
        """
        key = path.resolve()
        if key in self._within:
            circle = self._within[self._within.index(key) :]
            names = tuple(one.name for one in (*circle, key))
            raise EndlessError(self._finding(path, "submissions-cycle", names=names), circle)
        if len(self._within) > MAX_DEPTH:
            finding = self._finding(path, "submissions-cycle", "submissions-cycle.deep", limit=MAX_DEPTH)
            raise EndlessError(finding, self._within)
        if key not in self._found:
            if len(self._found) >= MAX_FILES:
                raise SubmissionError([self._finding(path, "too-large", "too-large.submissions", limit=MAX_FILES)])
            try:
                self._found[key] = self._own(path)
            except PerfrulesError as error:
                if isinstance(error, EndlessError) and error.findings[0].key:
                    raise  # too deep from here; from elsewhere it may not be
                self._found[key] = error
        found = self._found[key]
        if isinstance(found, PerfrulesError):
            raise found
        return found

    def file(self, path: Path, ruleset: Ruleset | str | Path | None = None) -> Evaluation:
        """The evaluation of a file, a submission or a record, by a ruleset or by its own.

        Raises:
            PerfrulesError: It cannot be evaluated.
        """
        if ruleset is None and not self.overlays:
            return self.own(path)
        if _is_record(path):
            from perfrules.records.verify import evaluated

            if ruleset is None or isinstance(ruleset, Ruleset):
                raise PerfrulesError([Finding("bad-value", about=str(path), key="bad-value.record-laid")])
            return evaluated(path, ruleset, overlays=self.overlays, as_of=self.as_of)
        return self.evaluate(ruleset, path)

    def _own(self, path: Path) -> Evaluation:
        if _is_record(path):
            from perfrules.records.verify import evaluated

            return evaluated(path)
        submission = files.read(path)
        return self._scored(self._ruleset(None, submission, ()), submission)

    @staticmethod
    def _finding(path: Path, code: str, key: str = "", **values: object) -> Finding:
        return Finding(code, "error", str(path), key, values, Where(str(path)))

    def _scored(self, ruleset: Ruleset, submission: Submission) -> Evaluation:
        """Run the program over the facts, those that are rolled up from other files first."""
        check_scorable(ruleset)
        program = ruleset.program
        rolled = self._rolled_up(submission, ruleset) if rolls_up(program) else None
        submission = rolled.submission if rolled else submission
        facts = read_facts(submission, ruleset)
        if rolled:
            facts.sources = rolled.attached(facts.sources)
        names = prepared(program)[1] | facts.names
        trace: Trace = {}
        for name, visit in _visits(program):
            names[name] = visit(names, trace)
        return Evaluation(ruleset, submission, facts, names, trace)

    def _rolled_up(self, submission: Submission, ruleset: Ruleset) -> RolledUp:
        self._within.append(submission.path.resolve() if submission.path else Path())
        try:
            return rolled_up(submission, ruleset, self.own)
        finally:
            self._within.pop()

    def _ruleset(self, reference: str | Path | None, submission: Submission, overlays: Overlays) -> Ruleset:
        """The ruleset that is asked for, or that the submission names; with the submission's overlays laid on it."""
        beside = None
        if reference is None:
            if submission.ruleset is None:
                submission.note("no-ruleset", ("submission", "ruleset"), "no-ruleset.unnamed")
                raise SubmissionError(submission.findings)
            reference, beside = submission.ruleset, submission.path
        asked = [*_own(submission), *references(overlays)]
        named = [(str(reference), beside), *((str(one.text), one.beside) for one in asked)]
        key = tuple((text, near.parent.resolve() if near else None) for text, near in named)
        if key not in self._loaded:
            self._loaded[key] = self._load(reference, beside, asked)
        found = self._loaded[key]
        if isinstance(found, RulesetError):
            raise found
        return found

    def _load(self, reference: str | Path, beside: Path | None, asked: list[Reference]) -> Ruleset | RulesetError:
        """The ruleset, which submissions in several folders may name by different paths; or why it cannot be loaded."""
        try:
            layers = [find(reference, beside, self.as_of)[0].resolve()]
            layers += [find(one.text, one.beside, self.as_of)[0].resolve() for one in asked]
        except RulesetError:
            layers = []  # which loading says with its place
        key = tuple(layers)
        try:
            if not layers or key not in self._loaded:
                self._loaded[key] = load(reference, beside=beside, as_of=self.as_of, overlays=asked)
            return self._loaded[key]
        except RulesetError as error:
            return error


def _is_record(path: Path) -> bool:
    if path.suffix.lower() != ".json":  # of most submissions this is all there is to ask
        return False
    from perfrules.records.record import is_record

    return is_record(path)


@lru_cache(maxsize=64)
def _visits(program: Program) -> tuple[tuple[str, Visit], ...]:
    """The lines of a program, prepared."""
    return tuple((name, prepare(tree, EXACT)) for name, tree in program.trees)


def _from_dict(data: Mapping[str, Any]) -> Submission:
    """A dict of facts, or a dict in the shape of a file: told apart by the tables a file has."""
    if isinstance(data.get("facts"), Mapping) or isinstance(data.get("submission"), Mapping):
        return from_data(data)
    return Submission(data)


def _own(submission: Submission) -> Iterator[Reference]:
    """The overlays that a submission names."""
    for index, overlay in enumerate(submission.overlays):
        locate = partial(submission.locate, ("submission", "overlays", index))
        yield Reference(overlay, submission.path, "submission.overlays", locate)


def _check_laid(ruleset: Ruleset, submission: Submission) -> None:
    """Refuse a loaded ruleset on which an overlay does not lie that the submission asks for.

    A ruleset that was made of texts, such as a record's, is what it is: its documents lie in no files to compare.

    Raises:
        RulesetError: It would be scored by other rules than the submission says.
    """
    laid = [document.path.resolve() for document in ruleset.documents if document.path]
    findings = []
    for overlay in _own(submission) if laid else ():
        path, _ = find(overlay.text, overlay.beside, ruleset.as_of)
        if path.resolve() not in laid:
            values = {"name": str(overlay.text)}
            key = "no-ruleset.not-laid"
            findings.append(Finding("no-ruleset", "error", overlay.about, key, values, overlay.locate()))
    if findings:
        raise RulesetError(findings)
