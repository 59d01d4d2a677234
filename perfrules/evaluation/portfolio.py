"""A folder of submissions as one thing: each project's evaluation side by side, sums, averages, what loses most.

A file that cannot be evaluated is an entry with its findings, and the others go on. A department, whose ruleset rolls
up other submissions, stands above; what it is rolled up from belongs to the portfolio, wherever it lies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from perfrules import numbers
from perfrules.errors import Finding, PerfrulesError
from perfrules.evaluation import files, rollup
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.results import BranchResult, RowResult, losing
from perfrules.evaluation.scoring import Scoring
from perfrules.numbers import Exact
from perfrules.ruleset import units
from perfrules.ruleset.library import Ruleset
from perfrules.ruleset.resolve import Overlays

MONEY, SPENT = "full_year_budget", "executed"
"""The facts that say how much money a project has and has spent: 全年预算数 and 全年执行数 of the national form."""

LOSING = 5
"""Projects that are named as losing most."""


class Entry(NamedTuple):
    """One file of a portfolio.

    Attributes:
        path: The file.
        name: The same, from the folder.
        evaluation: Its evaluation; None where there is none.
        findings: Why there is none.
    """

    path: Path
    name: str
    evaluation: Evaluation | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def subject(self) -> str:
        """Who or what is evaluated; the name of the file where the submission does not say."""
        return (self.evaluation.submission.subject if self.evaluation else "") or self.name

    @property
    def status(self) -> str:
        """`scored`, `incomplete`, or `unread` where it could not be evaluated."""
        return self.evaluation.status if self.evaluation else "unread"

    @property
    def total(self) -> BranchResult | None:
        """The total; None where there is none."""
        return self.evaluation.total if self.evaluation else None

    @property
    def score(self) -> Fraction | None:
        """The score of the total; None while unknown."""
        return self.total.exact if self.total else None

    @property
    def rate(self) -> Fraction | None:
        """The score in percent of its weight; None while unknown."""
        return self.total.rate if self.total else None

    @property
    def lost(self) -> Fraction | None:
        """The points that are lost; None while unknown."""
        return self.total.lost if self.total else None

    @property
    def grade(self) -> str | None:
        """The id of the grade."""
        return self.total.grade if self.total else None

    @property
    def grade_title(self) -> Mapping[str, str] | str:
        """The title of the grade; its id where it has none."""
        total, grade = self.total, self.grade
        if total is None or self.evaluation is None or grade is None:
            return ""
        return next(
            (step.title or grade for step in self.evaluation.scale_of(total.branch).steps if step.id == grade), grade
        )

    @property
    def worst(self) -> RowResult | None:
        """The indicator that loses most points; None where none is known to lose any."""
        return next(iter(losing(self.evaluation or ())), None)


class Average(NamedTuple):
    """An average of scores in percent of their weights, and of how many projects it is."""

    value: Fraction | None
    of: int


class Portfolio:
    """The evaluations of a folder.

    Attributes:
        folder: The folder.
        entries: Every file, departments first, then by name.
        money_fact, spent_fact: The facts that say how much money a project has, and how much of it was spent.
    """

    def __init__(self, folder: Path, entries: Iterable[Entry], money: str = MONEY, spent: str = SPENT) -> None:
        """Take the entries, in the order of their names."""
        self.folder = folder
        self.entries = tuple(sorted(entries, key=lambda entry: not _is_department(entry)))
        self.money_fact = money
        self.spent_fact = spent

    @cached_property
    def departments(self) -> tuple[Entry, ...]:
        """The entries whose rulesets roll up other submissions."""
        return tuple(filter(_is_department, self.entries))

    @cached_property
    def projects(self) -> tuple[Entry, ...]:
        """The other entries that could be evaluated."""
        return tuple(entry for entry in self.entries if entry.evaluation and not _is_department(entry))

    @cached_property
    def unread(self) -> tuple[Entry, ...]:
        """The entries that could not be evaluated."""
        return tuple(entry for entry in self.entries if entry.evaluation is None)

    @property
    def needs_attention(self) -> bool:
        """Whether an entry could not be evaluated, is incomplete, or has an error among its findings."""
        return any(entry.evaluation is None or entry.evaluation.needs_attention for entry in self.entries)

    # -- money ----------------------------------------------------------------------------------------------------

    @cached_property
    def unit(self) -> str | None:
        """The unit of money: that of the first project that has some."""
        facts = (_fact_unit(entry, self.money_fact) for entry in self.projects)
        return next((unit for unit in facts if unit), None)

    def money(self, entry: Entry) -> Exact | None:
        """The money of a project, in the unit of the portfolio; None where it does not say, or not in a like unit."""
        return self._amount(entry, self.money_fact)

    def spent(self, entry: Entry) -> Exact | None:
        """What a project has spent, likewise."""
        return self._amount(entry, self.spent_fact)

    def _amount(self, entry: Entry, fact: str) -> Exact | None:
        evaluation = entry.evaluation
        value = evaluation.results.get(fact) if evaluation and fact in evaluation.ruleset.program.facts else None
        if evaluation is None or not isinstance(value, Exact) or isinstance(value, bool):
            return None
        unit = _fact_unit(entry, fact)
        if unit == self.unit:
            return value
        factor = units.factor(unit or "", self.unit or "", evaluation.ruleset.declaration.units)
        return None if factor is None else numbers.to_fraction(value) * numbers.to_fraction(factor)

    @property
    def money_sum(self) -> Fraction | None:
        """The money of all projects together; None where none says."""
        return _sum(self.money(entry) for entry in self.projects)

    @property
    def spent_sum(self) -> Fraction | None:
        """What all projects have spent."""
        return _sum(self.spent(entry) for entry in self.projects)

    @property
    def execution_rate(self) -> Fraction | None:
        """What was spent in percent of the money, over the projects that say both."""
        both = [(self.money(entry), self.spent(entry)) for entry in self.projects]
        known = [(money, spent) for money, spent in both if money is not None and spent is not None]
        money, spent = _sum(money for money, _ in known), _sum(spent for _, spent in known)
        return spent * 100 / money if money and spent is not None else None

    # -- scores ---------------------------------------------------------------------------------------------------

    @property
    def average(self) -> Average:
        """The plain average of the scores that are known."""
        rates = [entry.rate for entry in self.projects if entry.rate is not None]
        return Average(sum(rates, Fraction(0)) / len(rates) if rates else None, len(rates))

    @property
    def weighted(self) -> Average:
        """The average by money of the scores that are known, of projects that say how much money they have."""
        pairs = [(entry.rate, self.money(entry)) for entry in self.projects]
        known = [(rate, numbers.to_fraction(money)) for rate, money in pairs if rate is not None and money is not None]
        whole = sum((money for _, money in known), Fraction(0))
        return Average(sum((rate * money for rate, money in known), Fraction(0)) / whole if whole else None, len(known))

    @property
    def statuses(self) -> dict[str, int]:
        """How many projects are scored and incomplete, and how many files could not be evaluated."""
        found = Counter(entry.status for entry in (*self.projects, *self.unread))
        return {status: found[status] for status in ("scored", "incomplete", "unread")}

    @property
    def grades(self) -> list[tuple[str, Mapping[str, str] | str, int]]:
        """Each grade that the projects' scales have, from the top: id, title, and how many projects have it."""
        found = Counter(entry.grade for entry in self.projects)
        steps: dict[str, Mapping[str, str] | str] = {}
        for entry in self.projects:
            if entry.evaluation and entry.total and entry.total.branch.grade is not None:
                for step in entry.evaluation.scale_of(entry.total.branch).steps:
                    steps.setdefault(step.id, step.title or step.id)
        return [(identifier, title, found[identifier]) for identifier, title in steps.items()]

    @property
    def losing(self) -> tuple[Entry, ...]:
        """The projects that lose most points, the first the most."""
        return tuple(losing(self.projects)[:LOSING])

    @cached_property
    def dimensions(self) -> dict[str, Mapping[str, str]]:
        """The outermost dimensions of the projects: titles by id, in the order in which they first come."""
        found: dict[str, Mapping[str, str]] = {}
        for entry in self.projects:
            for result in entry.evaluation.dimensions.values() if entry.evaluation else ():
                if result.branch.within is None:
                    found.setdefault(result.id, result.title)
        return found

    @cached_property
    def indicators(self) -> dict[str, Mapping[str, str]]:
        """The indicators that at least two projects have: what can stand side by side; of one project all."""
        found: dict[str, Mapping[str, str]] = {}
        counts: Counter[str] = Counter()
        for entry in self.projects:
            for row in entry.evaluation or ():
                found.setdefault(row.id, row.title)
                counts[row.id] += 1
        least = min(2, len(self.projects))
        return {identifier: title for identifier, title in found.items() if counts[identifier] >= least}


def _is_department(entry: Entry) -> bool:
    return entry.evaluation is not None and rollup.rolls_up(entry.evaluation.ruleset.program)


def _fact_unit(entry: Entry, fact: str) -> str | None:
    declared = entry.evaluation.ruleset.program.facts.get(fact) if entry.evaluation else None
    return declared.unit if declared else None


def _sum(values: Iterable[Exact | None]) -> Fraction | None:
    known = [numbers.to_fraction(value) for value in values if value is not None]
    return sum(known, Fraction(0)) if known else None


# -- from a folder -----------------------------------------------------------------------------------------------


def portfolio(
    folder: str | Path,
    ruleset: Ruleset | str | Path | None = None,
    *,
    overlays: Overlays = (),
    as_of: date | None = None,
    money: str = MONEY,
    spent: str = SPENT,
    tell: Callable[[str], None] = lambda name: None,
) -> Portfolio:
    """Evaluate a folder: each submission and record in it, and what its departments are rolled up from.

    Args:
        folder: The folder; rulesets and cases in it are left alone, and so are its own folders.
        ruleset: As of `evaluate`, for every file of the folder; each submission's own unless given.
        overlays: As of `evaluate`.
        as_of: As of `evaluate`.
        money: The fact that says how much money a project has, by which scores are weighted.
        spent: The fact that says how much of it was spent.
        tell: Told the name of each file before it is evaluated.

    Raises:
        PerfrulesError: There is no submission in the folder.
    """
    folder = Path(folder)
    scoring, found = Scoring(overlays, as_of), dict[Path, Entry]()
    for path in files.files_in(folder, files.is_submission, "no-file.empty-folder"):
        tell(path.name)
        found[path.resolve()] = _entry(folder, path, lambda path: scoring.file(path, ruleset))
    for department in [entry for entry in found.values() if _is_department(entry)]:
        for path in _rolled_up(department):
            if path.resolve() not in found:
                found[path.resolve()] = _entry(folder, path, scoring.own)
    return Portfolio(folder, found.values(), money, spent)


def _entry(folder: Path, path: Path, evaluated: Callable[[Path], Evaluation]) -> Entry:
    name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()
    try:
        return Entry(path, name, evaluated(path))
    except PerfrulesError as error:
        return Entry(path, name, None, error.findings)


def _rolled_up(department: Entry) -> list[Path]:
    """The files that a department is rolled up from."""
    sources = department.evaluation.facts.sources if department.evaluation else {}
    rows = [source for rows in sources.values() for source in rows if source.evaluation or source.unread]
    return [department.path.parent / source.path for source in rows]
