"""A ruleset's own cases: facts, and what must come of them. They lie in `cases/*.toml` beside the ruleset."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from perfrules import numbers, words
from perfrules.errors import Finding, PerfrulesError, RulesetError, Where
from perfrules.evaluation import files
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.export import text
from perfrules.evaluation.scoring import evaluate
from perfrules.evaluation.submission import Submission, from_data
from perfrules.ruleset.library import Ruleset, find, load
from perfrules.ruleset.resolve import Reference, is_overlay
from perfrules.ruleset.toml import Document, DocumentError, KeyPath, read
from perfrules.ruleset.trials import cases_of

_KEYS = ("name", "ruleset", "base", "set", "unset", "expect")
_TABLES = ("set", "expect", "indicators", "dimensions", "values", "grades", "statuses", "checks", "verdicts")
_LISTS = ("unset", "bounds", "findings")
_TEXTS = ("ruleset", "base")


class CaseResult(NamedTuple):
    """One case: where it stands, its name, and what came out otherwise than expected."""

    file: str
    name: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One case as it stands in its file: the document, its number there from 0, and its table."""

    document: Document
    index: int
    data: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name of the case; its number unless said."""
        return str(self.data.get("name", self.index + 1))

    def where(self, *path: str | int, on_key: bool = False) -> Where:
        """The place of what a key of the case holds, or of the key; of the case itself without one."""
        return self.document.where(("case", self.index, *path), on_key=on_key)

    def _finding(self, code: str, key: str, path: KeyPath, **values: object) -> Finding:
        """An error about a key of the case."""
        where = self.where(*path, on_key=code == "unknown-key")
        return Finding(code, "error", f"case {self.index + 1}", key, values, where)

    def misshapen(self) -> Iterator[Finding]:
        """What is no case in it: keys that are not known, and those that hold what does not fit."""
        yield from self._unfit((), self.data, _KEYS)
        expect = self.data.get("expect")
        if isinstance(expect, Mapping) and expect:
            yield from self._unfit(("expect",), expect, tuple(_EXPECTED))
        elif expect is None or isinstance(expect, Mapping):
            yield self._finding("bad-value", "bad-value.case", ())

    def _unfit(self, path: KeyPath, table: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[Finding]:
        for key, value in table.items():
            if key not in known:
                near = words.nearest(key, known)
                said = {
                    "name": key,
                    "inside": (".".join(("case", *map(str, path))),),
                    "known": known,
                    "near": near or "",
                }
                yield self._finding("unknown-key", "unknown-key.near" if near else "unknown-key", (*path, key), **said)
            for keys, kind, expected in ((_TABLES, Mapping, "table"), (_LISTS, list, "list"), (_TEXTS, str, "text")):
                if key in keys and not isinstance(value, kind):
                    term = words.Term(f"expected.{expected}")
                    yield self._finding("bad-value", "bad-value.kind", (*path, key), key_name=key, expected=term)

    def submission(self) -> Submission:
        """What is handed in: the base with some facts set and some left out.

        Raises:
            PerfrulesError: The base cannot be read.
        """
        base = Submission()
        if "base" in self.data:
            base = files.read(Path(str(self.document.path)).parent / str(self.data["base"]))
        facts = {name: fact for name, fact in base.raw.items() if name not in self.data.get("unset", ())}
        data = dict(base.data or {}) | {"facts": facts | dict(self.data.get("set", {}))}
        data.pop("submission", None)
        return from_data(data, self._locate, base.path or Path(str(self.document.path)))

    def _locate(self, path: KeyPath) -> Where:
        """The place of a fact that the case sets; of the case where its base gives the fact."""
        own = path[:1] == ("facts",) and len(path) > 1 and path[1] in self.data.get("set", {})
        return self.where("set", *path[1:]) if own else self.where()

    def differences(self, evaluation: Evaluation) -> Iterator[Finding]:
        """What came out otherwise than the case expects, each at its place."""
        for key, wanted in self.data["expect"].items():
            for label, expected, found in _EXPECTED[key](evaluation, wanted):
                if not _same(expected, found):
                    what = f"{key}.{label}" if label else key
                    shown = {"what": what, "expected": _shown(expected), "found": _shown(found)}
                    yield self._finding("case-failed", "", ("expect", key, *([label] if label else [])), **shown)


class Trial:
    """A ruleset whose cases are run, and the rulesets that they name: loaded once each."""

    def __init__(self, reference: str | Path, as_of: date | None = None) -> None:
        """Take what names the ruleset, or the overlay.

        Raises:
            RulesetError: There is no such file, or it is not TOML.
        """
        self.path, name = find(reference, as_of=as_of)
        self.reference = reference
        self.as_of = as_of
        try:
            self.document = read(self.path, name)
        except DocumentError as error:
            raise RulesetError([error.finding]) from None
        self.is_overlay = is_overlay(self.document)
        self.loaded: dict[str | None, Ruleset] = {}

    def ruleset(self, case: Case | None = None) -> Ruleset:
        """What a case is tried on: what it names, with the overlay laid on it where this is one; else this itself."""
        named = case.data.get("ruleset") if case else None
        if named not in self.loaded:
            beside = case.document.path if case and named is not None else None
            overlays = (Reference(self.reference),) if self.is_overlay else ()
            reference = self.reference if named is None else named
            self.loaded[named] = load(reference, beside=beside, as_of=self.as_of, overlays=overlays)
        return self.loaded[named]

    def cases(self) -> Iterator[Case | CaseResult]:
        """The cases, in the order of files and cases; in place of one that cannot be run, the result of that.

        Raises:
            RulesetError: A file of cases is not TOML.
        """
        findings: list[Finding] = []
        documents = cases_of(self.document, findings)
        if findings:
            raise RulesetError(findings)
        for document in documents:
            yield from self._of(document)

    def _of(self, document: Document) -> Iterator[Case | CaseResult]:
        listed = document.data.get("case", [])
        for key in document.data:
            if key != "case":
                values = {"name": key, "inside": words.Term("inside.file"), "known": ("case",), "near": "case"}
                where = document.where((key,), on_key=True)
                found = Finding("unknown-key", "error", key, "unknown-key.near", values, where)
                yield CaseResult(document.name, key, (found,))
        if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
            values = {"key_name": "case", "expected": words.Term("expected.cases")}
            where = document.where(("case",), on_key=True)
            found = Finding("bad-value", "error", "case", "bad-value.kind", values, where)
            yield CaseResult(document.name, "case", (found,))
            return
        for index, table in enumerate(listed):
            case = Case(document, index, table)
            wrong = [*case.misshapen()]
            if self.is_overlay and "ruleset" not in table:
                wrong.append(case._finding("bad-value", "bad-value.overlay-case", ()))
            yield CaseResult(document.name, case.name, tuple(wrong)) if wrong else case


def run_cases(
    reference: str | Path | Trial,
    *,
    as_of: date | None = None,
    see: Callable[[Case, Evaluation], object] = lambda case, evaluation: None,
) -> tuple[CaseResult, ...]:
    """Run every case of a ruleset, in the order of files and cases; those of an overlay on the rulesets they name.

    Args:
        reference: What `perfrules.load` takes, or an overlay.
        as_of: The date at which members of families must be effective.
        see: Told of each case and its evaluation, which is not kept.

    Raises:
        RulesetError: The ruleset, or a file of cases, cannot be read.
    """
    trial = reference if isinstance(reference, Trial) else Trial(reference, as_of)
    return tuple(case if isinstance(case, CaseResult) else _run(case, trial, see) for case in trial.cases())


def _run(case: Case, trial: Trial, see: Callable[[Case, Evaluation], object]) -> CaseResult:
    try:
        evaluation = evaluate(trial.ruleset(case), case.submission())
    except PerfrulesError as error:
        return CaseResult(case.document.name, case.name, error.findings)
    see(case, evaluation)
    return CaseResult(case.document.name, case.name, tuple(case.differences(evaluation)))


# -- what a case may expect --------------------------------------------------------------------------------------

Compared = Iterator[tuple[str, Any, Any]]


def _one(read_: Callable[[Evaluation], Any]) -> Callable[[Evaluation, Any], Compared]:
    return lambda evaluation, wanted: iter([("", wanted, read_(evaluation))])


def _each(read_: Callable[[Evaluation, str], Any]) -> Callable[[Evaluation, Any], Compared]:
    def compare(evaluation: Evaluation, wanted: Any) -> Compared:
        for name, expected in wanted.items():
            try:
                yield name, expected, read_(evaluation, name)
            except KeyError:
                yield name, expected, None

    return compare


def _codes(evaluation: Evaluation, wanted: Any) -> Compared:
    yield "", sorted(map(str, wanted)), sorted(finding.code for finding in evaluation.findings)


def _checks(evaluation: Evaluation, name: str) -> str | None:
    return next((check.status for check in evaluation.checks if check.id == name), None)


def _verdicts(evaluation: Evaluation, name: str) -> str | None:
    return next((claim.verdict for claim in evaluation.claims if claim.about == name), None)


_EXPECTED: dict[str, Callable[[Evaluation, Any], Compared]] = {
    "total": _one(lambda evaluation: evaluation.total and evaluation.total.exact),
    "grade": _one(lambda evaluation: evaluation.total and evaluation.total.grade),
    "status": _one(lambda evaluation: evaluation.status),
    "coverage": _one(lambda evaluation: evaluation.coverage),
    "bounds": _one(lambda evaluation: evaluation.total and evaluation.total.bounds),
    "indicators": _each(lambda evaluation, name: evaluation[name].exact),
    "dimensions": _each(lambda evaluation, name: evaluation.dimensions[name].exact),
    "values": _each(lambda evaluation, name: evaluation.values[name].value),
    "grades": _each(lambda evaluation, name: evaluation.dimensions[name].grade),
    "statuses": _each(lambda evaluation, name: evaluation[name].status.value),
    "checks": _each(_checks),
    "verdicts": _each(_verdicts),
    "findings": _codes,
}


def _same(expected: Any, found: Any) -> bool:
    """Whether the result is what the case says; a number that does not terminate is written as text, `"2/3"`."""
    if isinstance(found, Fraction):
        if isinstance(expected, str):
            return bool(text(found) == expected)
        try:
            return bool(numbers.read(expected) == found)
        except numbers.NumberError:
            return False
    if isinstance(found, tuple):
        if not isinstance(expected, list) or len(expected) != len(found):
            return False
        return all(_same(one, other) for one, other in zip(expected, found, strict=True))
    return bool(expected == found)


def _shown(value: Any) -> str:
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(_shown, value)) + "]"
    return "—" if value is None else str(text(value) if isinstance(value, Fraction) else value)
