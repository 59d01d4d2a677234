"""A ruleset's own cases: facts, and what must come of them. They lie in `cases/*.toml` beside the ruleset."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from perfrules import numbers, words
from perfrules.errors import Finding, PerfrulesError, RulesetError
from perfrules.evaluation import files
from perfrules.evaluation.export import text
from perfrules.evaluation.results import Evaluation
from perfrules.evaluation.scoring import evaluate
from perfrules.evaluation.submission import Submission, from_data
from perfrules.ruleset.library import Ruleset, find, load
from perfrules.ruleset.toml import Document, DocumentError, read

_KEYS = ("name", "ruleset", "base", "set", "unset", "expect")


class CaseResult(NamedTuple):
    """One case: where it stands, its name, and what came out otherwise than expected."""

    file: str
    name: str
    findings: tuple[Finding, ...]


def run_cases(reference: str | Path) -> tuple[CaseResult, ...]:
    """Run every case of a ruleset, in the order of files and cases.

    Args:
        reference: What `perfrules.load` takes.

    Raises:
        RulesetError: The ruleset, or a file of cases, cannot be read.
    """
    path, _ = find(reference)
    results: list[CaseResult] = []
    loaded: dict[str, Ruleset] = {}
    for file in sorted((path.parent / "cases").glob("*.toml")):
        try:
            document = read(file, f"{file.parent.parent.name}/cases/{file.name}")
        except DocumentError as error:
            raise RulesetError([error.finding]) from None
        cases = document.data.get("case", [])
        for index, case in enumerate(cases if isinstance(cases, list) else []):
            results.append(_run(document, index, case, path, loaded))
    return tuple(results)


def _run(document: Document, index: int, case: Any, ruleset: Path, loaded: dict[str, Ruleset]) -> CaseResult:
    name = str(case.get("name", index + 1)) if isinstance(case, Mapping) else str(index + 1)
    try:
        findings = tuple(_differences(document, index, case, ruleset, loaded))
    except PerfrulesError as error:
        findings = error.findings
    return CaseResult(document.name, name, findings)


def _differences(
    document: Document, index: int, case: Any, ruleset: Path, loaded: dict[str, Ruleset]
) -> Iterator[Finding]:
    """What came out otherwise than the case expects, each at its place."""
    if not isinstance(case, Mapping) or not isinstance(case.get("expect"), Mapping):
        yield _finding(document, ("case", index), "bad-value", "bad-value.case")
        return
    for key in case:
        if key not in _KEYS:
            values = {"name": key, "inside": "case", "known": _KEYS, "near": words.nearest(key, _KEYS) or ""}
            yield _finding(document, ("case", index, key), "unknown-key", "unknown-key", **values)
    evaluation = _evaluate(document, case, ruleset, loaded)
    for key, wanted in case["expect"].items():
        if key not in _EXPECTED:
            known = tuple(_EXPECTED)
            values = {"name": key, "inside": "case.expect", "known": known, "near": words.nearest(key, known) or ""}
            yield _finding(document, ("case", index, "expect", key), "unknown-key", "unknown-key", **values)
            continue
        for label, expected, found in _EXPECTED[key](evaluation, wanted):
            if not _same(expected, found):
                path = ("case", index, "expect", key, *([label] if label else []))
                what = f"{key}.{label}" if label else key
                shown = {"what": what, "expected": _shown(expected), "found": _shown(found)}
                yield _finding(document, path, "case-failed", "", **shown)


def _finding(document: Document, path: tuple[str | int, ...], code: str, key: str, **values: object) -> Finding:
    return Finding(code, "error", f"case {path[1]}", key, values, document.where(path))


def _evaluate(document: Document, case: Mapping[str, Any], path: Path, loaded: dict[str, Ruleset]) -> Evaluation:
    """Score a case: its base with some facts set and some left out, on the ruleset or the one it names."""
    reference = str(case.get("ruleset", path))
    if reference not in loaded:
        loaded[reference] = load(reference, beside=document.path if "ruleset" in case else None)
    base = files.read(Path(str(document.path)).parent / str(case["base"])) if "base" in case else Submission()
    facts = {name: fact for name, fact in base.raw.items() if name not in case.get("unset", [])}
    data = dict(base.data or {}) | {"facts": facts | dict(case.get("set", {}))}
    data.pop("submission", None)
    return evaluate(loaded[reference], from_data(data))


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
    yield "", sorted(wanted), sorted(finding.code for finding in evaluation.findings)


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
    "statuses": _each(lambda evaluation, name: evaluation[name].status.value),
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
