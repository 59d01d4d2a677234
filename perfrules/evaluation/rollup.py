"""Rows of a table fact from the evaluations of other submissions: which files are meant, and what each gives.

`projects = { submissions = ["projects/*.toml"] }` names files from the folder of the submission, and never leaves it.
What a row comes to is written into the submission (`rolled`), so that its digest and its record hold it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from fnmatch import translate
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from perfrules.errors import Finding, PerfrulesError, SubmissionError
from perfrules.evaluation import rolled
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.facts import MAX_ROWS, Unreadable
from perfrules.evaluation.files import is_submission
from perfrules.evaluation.rolled import Source
from perfrules.evaluation.submission import Submission
from perfrules.formula.systems.exact import Reason, Unknown
from perfrules.rationals import ratio
from perfrules.ruleset import model, units
from perfrules.ruleset.library import Ruleset
from perfrules.ruleset.program import Program

MAX_PATTERNS, MAX_PATTERN, MAX_PARTS = 100, 400, 10
"""Patterns of one fact, characters of one, and folders in one."""

MAX_LOOKED_AT = 50_000
"""Names that are looked at for one pattern: a folder with more is not what was meant."""

_WILD = re.compile(r"[*?\[]")


class EndlessError(SubmissionError):
    """Submissions that are rolled up from themselves, or too deep; `members` are the files that are refused for it."""

    def __init__(self, finding: Finding, members: Iterable[Path]) -> None:
        """Take what is wrong, and the files of the circle or of the whole depth."""
        super().__init__([finding])
        self.members = frozenset(members)


class RolledUp(NamedTuple):
    """A submission whose rows are written out, and the evaluations behind them, by fact."""

    submission: Submission
    evaluations: Mapping[str, tuple[Evaluation | None, ...]]

    def attached(self, sources: dict[str, tuple[Source, ...]]) -> dict[str, tuple[Source, ...]]:
        """The sources of the facts, each with the evaluation that it came from."""
        return {
            name: tuple(map(_with_evaluation, rows, self.evaluations.get(name, (None,) * len(rows))))
            for name, rows in sources.items()
        }


def _with_evaluation(source: Source, evaluation: Evaluation | None) -> Source:
    return source._replace(evaluation=evaluation)


@lru_cache(maxsize=64)
def rolls_up(program: Program) -> bool:
    """Whether a program has a fact whose rows come from other submissions."""
    return any(fact.from_ == "submissions" for fact in program.facts.values())


def rolled_up(submission: Submission, ruleset: Ruleset, evaluated: Callable[[Path], Evaluation]) -> RolledUp:
    """The submission with the rows of what it names written out; what is wrong with a pattern is noted in it.

    Args:
        submission: The submission.
        ruleset: Its ruleset, whose columns say what they take from an evaluation.
        evaluated: Evaluates a file; what it raises is the row's.

    Raises:
        EndlessError: The submission is one of those that are rolled up from themselves, or too deep.
    """
    asked = {name: given for name, given in submission.raw.items() if names_files(given)}
    submission = replace(submission, findings=list(submission.findings))
    raw, evaluations = dict(submission.raw), dict[str, tuple[Evaluation | None, ...]]()
    for name, given in asked.items():
        fact = ruleset.program.facts.get(name)
        if fact is None or fact.from_ != "submissions":
            if fact is not None:
                submission.note("bad-value", ("facts", name), "bad-value.submissions", name=name, ruleset=ruleset.id)
                raw.pop(name)
            continue
        try:
            paths = files_of(submission, given["submissions"])
        except Unreadable as refused:
            submission.note("bad-value", ("facts", name), refused.key, name=name, **refused.values)
            raw.pop(name)
            continue
        rows = [_row(path, submission, fact, ruleset, evaluated) for path in paths]
        raw[name] = {**given, "submissions": [rolled.as_data(row) for row in rows]}
        evaluations[name] = tuple(row.evaluation for row in rows)
    submission.raw = raw
    return RolledUp(submission, evaluations)


def names_files(given: Any) -> bool:
    """Whether what is said of a fact names the files that it is rolled up from."""
    return isinstance(given, Mapping) and "submissions" in given and not rolled.is_written(given["submissions"])


# -- which files -------------------------------------------------------------------------------------------------


def files_of(submission: Submission, patterns: Any) -> list[Path]:
    """The files that patterns mean, each once, sorted by name within each pattern.

    Raises:
        Unreadable: A pattern leads out of the folder, is none, or means no file; or there are too many.
    """
    if not isinstance(patterns, list) or not patterns or not all(isinstance(one, str) for one in patterns):
        raise Unreadable("bad-value.patterns")
    if submission.path is None:
        raise Unreadable("bad-value.patterns-nowhere")
    if len(patterns) > MAX_PATTERNS:
        raise Unreadable("bad-value.patterns-many", limit=MAX_PATTERNS)
    folder, own = submission.path.parent, submission.path.resolve()
    found: dict[Path, Path] = {}
    for pattern in patterns:
        matched = [path for path in _matched(folder, pattern) if not (_WILD.search(pattern) and path.resolve() == own)]
        if not matched:
            raise Unreadable("bad-value.patterns-none", pattern=pattern)
        for path in matched:
            found.setdefault(path.resolve(), path)
    if len(found) > MAX_ROWS:
        raise Unreadable("unreadable-value.rows", limit=MAX_ROWS)
    return list(found.values())


def _matched(folder: Path, pattern: str) -> Iterator[Path]:
    """The files of one pattern; a name without `*`, `?` or `[` stands for itself, be it there or not.

    Raises:
        Unreadable: It leads out of the folder, or is too long.
    """
    parts = pattern.split("/")
    if len(pattern) > MAX_PATTERN or len(parts) > MAX_PARTS:
        raise Unreadable("bad-value.patterns-long", pattern=pattern, limit=MAX_PATTERN, parts=MAX_PARTS)
    unsafe = any(part in ("", ".", "..", "**") or part.startswith("~") for part in parts)
    if unsafe or re.search(r"[\\:\x00-\x1f]", pattern):
        raise Unreadable("bad-value.patterns-outside", pattern=pattern)
    looked, level = 0, [folder]
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if not _WILD.search(part):
            level = [path / part for path in level]
            continue
        matches, below = re.compile(translate(part)).match, list[Path]()
        for parent in level:
            names = _names(parent)
            looked += len(names)
            if looked > MAX_LOOKED_AT:
                raise Unreadable("bad-value.patterns-looked", pattern=pattern, limit=MAX_LOOKED_AT)
            below += [parent / name for name in names if matches(name) and _is_meant(parent / name, last)]
        level = below
    root = folder.resolve()
    settled = not _WILD.search(pattern) or _WILD.search(parts[-1])  # it stands for itself, or was looked at above
    for path in level:
        if not path.resolve().is_relative_to(root):
            raise Unreadable("bad-value.patterns-link", pattern=pattern, file=path.relative_to(folder).as_posix())
        if settled or is_submission(path):
            yield path


def _names(folder: Path) -> list[str]:
    """The names in a folder, sorted, without those that are hidden or that Excel keeps beside an open workbook."""
    try:
        return sorted(path.name for path in folder.iterdir() if not path.name.startswith((".", "~$")))
    except OSError:
        return []


def _is_meant(path: Path, last: bool) -> bool:
    return is_submission(path) if last else path.is_dir()


# -- what each gives ---------------------------------------------------------------------------------------------


def _row(
    path: Path, submission: Submission, fact: model.Fact, ruleset: Ruleset, evaluated: Callable[[Path], Evaluation]
) -> Source:
    """The row of one file; of one that cannot be evaluated, why not."""
    assert submission.path is not None  # noqa: S101  (files_of refuses a submission without)
    name = path.relative_to(submission.path.parent).as_posix()
    try:
        evaluation = evaluated(path)
    except PerfrulesError as error:
        if isinstance(error, EndlessError) and submission.path.resolve() in error.members:
            raise
        codes = tuple(dict.fromkeys(one.code for one in error.findings if one.severity == "error"))
        return Source(name, unread=codes or ("no-file",))
    cells, missing, unfilled = dict[str, Any](), dict[str, tuple[Reason, ...]](), dict[str, str]()
    for identifier, column in fact.columns.items():
        value = _cell(evaluation, column, ruleset)
        if isinstance(value, Unknown):
            missing[identifier] = tuple(sorted(value.reasons))
        elif isinstance(value, _Unfilled):
            unfilled[identifier] = value.why
        else:
            cells[identifier] = value
    handed = evaluation.submission
    return Source(
        name, handed.subject, evaluation.ruleset.id, evaluation.ruleset.digest, handed.digest, cells, missing, unfilled,
        (), evaluation,
    )  # fmt: skip


class _Unfilled(NamedTuple):
    why: str


def _cell(evaluation: Evaluation, column: model.Column, ruleset: Ruleset) -> Any:
    """What an evaluation gives for a column, in the column's unit."""
    found = _found(evaluation, column.from_ or "")
    if found is None:
        return _Unfilled("absent")
    value, unit = found
    if isinstance(value, Unknown):
        return value
    if not rolled.is_value_of(column, value):
        return _Unfilled("kind")
    if isinstance(value, bool | str) or not hasattr(value, "numerator"):
        return value
    if unit and column.unit and unit != column.unit:
        factor = units.factor(unit, column.unit, ruleset.declaration.units | evaluation.ruleset.declaration.units)
        if factor is None:
            return _Unfilled("unit")
        value = ratio(1, 1) * value * factor
    return value if rolled.fits(value) else _Unfilled("size")


def _found(evaluation: Evaluation, asked: str) -> tuple[Any, str | None] | None:
    """What a column asks for, and its unit; None where the evaluation has no such thing."""
    section, _, name = asked.partition(".")
    program, declared = evaluation.ruleset.program, evaluation.ruleset.declaration
    if section == "subject":
        return evaluation.submission.subject or Unknown([Reason("missing", "submission.subject")]), None
    if section == "facts" and name in program.facts:
        fact = program.facts[name]
        unit = "%" if fact.unit is None and fact.kind in ("percent", "judgement") else fact.unit
        return evaluation.results[name], unit
    if section == "values" and name in declared.values:
        return evaluation.results[name], declared.values[name].unit
    if section == "scores" and name in program.rows:
        return _score(evaluation[name], name), None
    if section == "dimensions" and name in evaluation.dimensions:
        return _score(evaluation.dimensions[name], name), None
    total = evaluation.total
    if total is None or (section == "grade" and total.branch.grade is None):
        return None
    if section == "grade":
        return total.grade or Unknown(total.reasons), None
    return (_score(total, "total"), None) if section == "total" else None


def _score(result: Any, name: str) -> Any:
    """A score as sums use it; unknown where there is none."""
    if result.exact is not None:
        return result.exact
    return Unknown(result.reasons or [Reason("missing", name)])
