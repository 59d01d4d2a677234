"""What the parts of a ruleset must be together: references, kinds of facts, weights that add up, what nothing reads."""

from __future__ import annotations

import keyword
from datetime import date

from perfrules import numbers, words
from perfrules.errors import Severity
from perfrules.formula.language import FUNCTIONS, RESERVED_NAMES
from perfrules.numbers import Exact
from perfrules.ruleset import model
from perfrules.ruleset.declare import Reading
from perfrules.ruleset.names import NUMERIC
from perfrules.ruleset.program import Program
from perfrules.ruleset.toml import KeyPath

_WEIGHED = ("ruleset", "dimensions", "indicators")
_ONLY_FOR = {"items": "checklist", "choices": "choice", "columns": "table", "levels": "judgement"}


def check(program: Program, reading: Reading, *, plan: bool) -> None:
    """Note what does not fit together. In a plan, weights that do not add up are warnings: real tables print 110."""
    _facts(program.declaration, reading)
    for part in (_levels, _ranges, _parameters, _rolled_up, _unread):
        part(program.declaration, reading)
    _weights(program, reading, "warning" if plan else "error")


def _facts(declared: model.Declaration, reading: Reading) -> None:
    for identifier, fact in declared.facts.items():
        path = ("facts", identifier)
        for key, kind in _ONLY_FOR.items():
            if getattr(fact, key) and fact.kind != kind:
                reading.note(
                    "bad-value", (*path, key), "bad-value.not-for-kind", on_key=True, key_name=key, kind=fact.kind
                )
            elif not getattr(fact, key) and fact.kind == kind:
                reading.note("bad-value", path, "bad-value.needs", on_key=True, key_name=key, kind=fact.kind)
        judged = fact.kind == "judgement" and fact.levels
        if judged and judged not in declared.levels and not reading.is_omitted("levels", judged):
            near = words.nearest(judged, declared.levels)
            key = "unknown-reference.near" if near else ""
            reading.note("unknown-reference", (*path, "levels"), key, name=judged, section="levels", near=near or "")
        for inner in (*fact.items, *fact.columns):
            if not model.is_identifier(inner):
                section = "items" if fact.items else "columns"
                reading.note("bad-value", (*path, section, inner), "bad-value.id", on_key=True, name=inner)


def _ranges(declared: model.Declaration, reading: Reading) -> None:
    """A range is of numbers for numbers, of dates for dates, and of nothing else."""
    ranged: list[tuple[KeyPath, str, tuple[object, object] | None]] = []
    for identifier, fact in declared.facts.items():
        ranged.append((("facts", identifier, "range"), fact.kind, fact.range))
        for name, column in fact.columns.items():
            ranged.append((("facts", identifier, "columns", name, "range"), column.kind, column.range))
    for path, kind, ends in ranged:
        if ends is None:
            continue
        of_dates = type(ends[0]) is date
        if kind not in (*NUMERIC, "date"):
            reading.note("bad-value", path, "bad-value.not-for-kind", on_key=True, key_name="range", kind=kind)
        elif of_dates is not (kind == "date"):
            reading.note("bad-value", path, "bad-value.range-kind", kind=kind)


def _parameters(declared: model.Declaration, reading: Reading) -> None:
    """A parameter has a name of its own: not one that a formula is given, nor a fact's."""
    for identifier, method in declared.methods.items():
        for name in method.parameters:
            path = ("methods", identifier, "parameters", name)
            if not model.is_identifier(name):
                reading.note("bad-value", path, "bad-value.id", on_key=True, name=name)
            elif keyword.iskeyword(name) or name in FUNCTIONS or name in RESERVED_NAMES:
                reading.note("reserved-name", path, on_key=True, name=name)
            elif name in declared.facts or name in declared.values:
                reading.note("duplicate-id", path, "duplicate-id.parameter", on_key=True, name=name)


def _unread(declared: model.Declaration, reading: Reading) -> None:
    """What nothing reads is said rather than passed over."""
    for identifier, indicator in declared.indicators.items():
        if indicator.with_ and (indicator.score is not None or indicator.bands is not None):
            reading.note("bad-value", ("indicators", identifier, "with"), "bad-value.with", on_key=True)


def _rolled_up(declared: model.Declaration, reading: Reading) -> None:
    """Every column of a table that is rolled up says what fills it, of its kind; no other column does."""
    for identifier, fact in declared.facts.items():
        if fact.from_ is not None and fact.kind != "table":
            path: KeyPath = ("facts", identifier, "from")
            reading.note("bad-value", path, "bad-value.not-for-kind", on_key=True, key_name="from", kind=fact.kind)
            continue
        for name, column in fact.columns.items():
            path = ("facts", identifier, "columns", name)
            if column.from_ is None and fact.from_ is not None:
                reading.note("bad-value", path, "bad-value.from-needed", name=name)
            elif column.from_ is not None and fact.from_ is None:
                reading.note("bad-value", (*path, "from"), "bad-value.from-alone", on_key=True, name=identifier)
            elif column.from_ is not None and not _fills(column.from_.partition(".")[0], column.kind):
                reading.note("bad-value", (*path, "from"), "bad-value.from-kind", asked=column.from_, kind=column.kind)


def _fills(section: str, kind: str) -> bool:
    """Whether what a section of an evaluation has can be of the kind of a column."""
    if section in ("subject", "grade"):
        return kind == "text"
    return section in ("facts", "values") or kind in NUMERIC


def _levels(declared: model.Declaration, reading: Reading) -> None:
    for identifier, levels in declared.levels.items():
        for index, step in enumerate(levels.steps):
            if (step.from_ is None) is (step.above is None) or (step.to is None) is (step.below is None):
                reading.note("bad-value", ("levels", identifier, "steps", index), "bad-value.level", step=step.id)


def _weights(program: Program, reading: Reading, severity: Severity) -> None:
    """Compare declared weights with the sums of what stands below, where the score is that sum."""
    if any(part.partition(".")[0] in _WEIGHED for part in reading.omitted):
        return
    tree = _Tree(program)
    for identifier, dimension in program.declaration.dimensions.items():
        if dimension.weight is not None and dimension.score in (None, "earned") and tree.is_complete(identifier):
            _compare(reading, ("dimensions", identifier, "weight"), dimension.weight, tree, identifier, severity)
    total = program.declaration.total
    if total.weight is not None and total.score in (None, "earned") and not total.none and tree.is_complete(None):
        _compare(reading, ("total", "weight"), total.weight, tree, None, severity)


class _Tree:
    """The weights of a ruleset as declared, branch by branch; None is the root."""

    def __init__(self, program: Program) -> None:
        self.declared = program.declaration
        self.below: dict[str | None, list[str]] = {}
        for identifier, branch in program.branches.items():
            self.below.setdefault(branch.within, []).append(identifier)
        self.rows: dict[str | None, dict[str, Exact | None]] = {}
        for identifier, row in self.declared.indicators.items():
            if row.instead_of is None:
                self.rows.setdefault(row.dimension, {})[identifier] = row.weight

    def is_complete(self, identifier: str | None) -> bool:
        """Whether all rows below have weights; of a framework, also whether there are any: its plans bring them."""
        rows, below = self.rows.get(identifier, {}), self.below.get(identifier, [])
        if self.declared.ruleset.framework and not rows and not below:
            return False
        return all(weight is not None and weight >= 0 for weight in rows.values()) and all(map(self.is_complete, below))

    def children(self, identifier: str | None) -> list[tuple[str, Exact]]:
        """The weights that stand directly below a dimension, or below the total."""
        rows = [(child, weight or 0) for child, weight in self.rows.get(identifier, {}).items()]
        return rows + [(child, self._weight(child)) for child in self.below.get(identifier, [])]

    def sum_of_rows(self, identifier: str | None) -> Exact:
        """The weight of all rows below, whatever the dimensions between say."""
        rows = sum(weight or 0 for weight in self.rows.get(identifier, {}).values())
        return rows + sum(self.sum_of_rows(child) for child in self.below.get(identifier, []))

    def _weight(self, identifier: str) -> Exact:
        declared = self.declared.dimensions[identifier].weight
        return sum(weight for _, weight in self.children(identifier)) if declared is None else declared


def _compare(
    reading: Reading, path: tuple[str, ...], declared: Exact, tree: _Tree, branch: str | None, severity: Severity
) -> None:
    children = tree.children(branch)
    added = sum(weight for _, weight in children)
    if declared not in (added, tree.sum_of_rows(branch)):  # what only a child says wrongly is the child's finding
        parts = " + ".join(f"{words.safe(child)} {numbers.plain(weight)}" for child, weight in children)
        part = ".".join(path[:-1])
        reading.note(
            "weights-sum", path, severity=severity, declared=numbers.plain(declared), sum=numbers.plain(added),
            parts=words.shorten(parts, 140), difference=numbers.plain(added - declared), part=part,
        )  # fmt: skip
