"""Band tables, scales and levels: values that nothing takes, values that two take, and what is never reached.

Where every condition compares names with constants, every cell is looked at and the answer is complete (`tables`).
Otherwise conditions are split into paths: what these prove impossible is, and for the rest facts are searched.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from perfrules import words
from perfrules.errors import Finding
from perfrules.formula.systems.exact import Unknown
from perfrules.formula.systems.intervals import Interval, Truth
from perfrules.formula.systems.paths import Path, PathsSystem, is_possible
from perfrules.formula.systems.polynomials import TooComplex
from perfrules.numbers import to_fraction
from perfrules.ruleset import model
from perfrules.ruleset.examination import Examination
from perfrules.ruleset.names import NUMERIC, fact_of
from perfrules.ruleset.places import Rung, rungs
from perfrules.ruleset.program import Line, compare, constant, every, name, negate
from perfrules.ruleset.ranges import OPEN, limits
from perfrules.ruleset.tables import Domain, NotSimple, Region, Table
from perfrules.ruleset.toml import KeyPath
from perfrules.ruleset.witnesses import Witness

_TRUTHS = (True, False)
_SEARCHED = {"band-gap": "band-gap.searched", "band-overlap": "band-overlap.searched"}


def bands(examination: Examination) -> Iterator[Finding]:
    """What is wrong with the band tables of rows and methods, with scales and with levels."""
    for line in examination.program.lines:
        if found := rungs(examination.program, line):
            yield from _Examined(examination, line, found).findings()
    for identifier, levels in examination.declared.levels.items():
        yield from _of_levels(examination, identifier, levels)


class _Examined:
    """One table of a program under examination."""

    def __init__(self, examination: Examination, line: Line, found: Sequence[Rung]) -> None:
        self.examination = examination
        self.prover = examination.prover
        self.program = examination.program
        row = self.program.rows.get(line.about.removeprefix("indicators.")) if line.of == "score" else None
        self.applies = row.applies if row else None
        self.path: KeyPath = found[0].path[:-1]
        self.rungs = found
        self.tests = [None if rung.test is None else self._inlined(rung.test) for rung in found]
        self.declared = len(row.bands) if row else len(found)

    def _inlined(self, node: ast.expr) -> ast.expr:
        """A condition with constants, and what only renames or compares, put in the place of names."""
        match node:
            case ast.BoolOp():
                return ast.BoolOp(node.op, [self._inlined(term) for term in node.values])
            case ast.UnaryOp():
                return ast.UnaryOp(node.op, self._inlined(node.operand))
            case ast.Compare():
                return ast.Compare(self._inlined(node.left), node.ops, [self._inlined(node.comparators[0])])
            case ast.Name(id=identifier) if identifier in self.program.constants:
                return constant(self.program.constants[identifier])
            case ast.Name(id=identifier):
                tree = self.prover.definitions.get(identifier)
                return self._inlined(tree) if tree is not None and _is_plain(tree) else node
        return node

    def findings(self) -> Iterator[Finding]:
        """Every finding, complete where the conditions are simple, else what a search shows."""
        for position in range(len(self.tests), self.declared):  # behind a band without condition
            yield self._unreachable(position)
        domains = {read: domain for read in self._reads() if (domain := self._domain(read)) is not None}
        assumed = self._inlined(name(self.applies)) if self.applies else None
        try:
            table = Table(self.tests, domains, assumed)
        except NotSimple:
            yield from self._searched()
            return
        yield from self._complete(table)

    def _reads(self) -> set[str]:
        tests = [test for test in self.tests if test is not None]
        tests += [self._inlined(name(self.applies))] if self.applies else []
        return {node.id for test in tests for node in ast.walk(test) if isinstance(node, ast.Name)}

    def _domain(self, read: str) -> Domain | None:
        """What a name can be; None of one that no simple condition reads."""
        fact = self.program.facts.get(fact_of(read))
        if fact is not None:
            return _domain_of_fact(fact)
        label = "value" if read.endswith("#value") else "" if "#" not in read else read.partition("#")[2]
        found = self.prover.ranges.get(read)
        if read.endswith("#reached"):
            return Domain(Fraction(0), self._top(read), label="score")
        if isinstance(found, Truth):
            return Domain(options=_TRUTHS, label=label)
        if isinstance(found, Interval) and not isinstance(found.low, bool):
            ends = [None if isinstance(end, float) else to_fraction(end) for end in found]
            return Domain(ends[0], ends[1], label=label)
        return None

    def _top(self, read: str) -> Fraction:
        """The most that a scale is asked for: 100 %, or the weight."""
        about = read.partition("#")[0]
        branch = self.program.total if about == "total" else self.program.branches[about.partition(".")[2]]
        of_score = self.examination.declared.scales[str(self.path[1])].of == "score"
        return to_fraction(branch.weight if of_score and branch else 100)

    # -- complete -------------------------------------------------------------------------------------------------

    def _complete(self, table: Table) -> Iterator[Finding]:
        reached = [not table.unreachable(position) for position in range(len(self.tests))]
        for position, reachable in enumerate(reached):
            if not reachable:
                yield self._unreachable(position)
        for region in table.gaps():
            yield from self._confirmed(table, region, "band-gap", self.path)
        for later, test in enumerate(self.tests):
            for earlier in range(
                later if self.path[0] != "scales" else 0
            ):  # a step that overrides stands before others
                if test is not None and reached[earlier] and reached[later]:
                    for region in table.overlaps(earlier, later):
                        path = self.rungs[later].path
                        yield from self._confirmed(table, region, "band-overlap", path, self._pair(earlier, later))

    def _confirmed(
        self, table: Table, region: Region, code: str, path: KeyPath, values: Mapping[str, object] | None = None
    ) -> Iterator[Finding]:
        """The finding about a region, with facts that lie in it; nothing where there can be none."""
        said = {"region": words.safe(region.text), **(values or {})}
        if all(axis.name in self.prover.facts for axis in table.axes):
            witness = Witness({axis.name: _submitted(axis.domain, region.sample[axis.name]) for axis in table.axes})
            yield self.examination.finding(code, path, values=said | {"facts": witness.shown()})
            return
        if self.path[0] == "scales":
            yield self.examination.finding(code, path, "band-gap.scale", values=said)
            return
        paths, witness_ = self._inside(table, region)
        if witness_ is not None:
            yield self.examination.finding(code, path, values=said | {"facts": witness_.shown()})
        elif paths:
            yield self._undecided(region.text)

    def _inside(self, table: Table, region: Region) -> tuple[list[Path], Witness | None]:
        """Ways into a region that cannot be ruled out, and facts that lie in it."""
        index = table.locate(region.sample)
        tests = table.inside(index) if index else []
        paths = self._paths(every(tests) if tests else constant(True))
        lines = [axis.name for axis in table.axes]

        def wanted(names: Mapping[str, Any]) -> bool:
            at = {axis.name: _located(names[axis.name]) for axis in table.axes}
            return not any(isinstance(one, Unknown) for one in at.values()) and table.locate(at) in region.cells

        found = self.prover.witnesses.search(lines, self.applies, paths, wanted)
        return paths, found and found[0]

    def _paths(self, test: ast.expr) -> list[Path]:
        """The ways in which a condition can hold; those that are proved impossible left out."""
        prover, program = self.prover, self.program
        system = PathsSystem(prover.facts, {**prover.definitions, "#test": test}, program.constants)
        return [path for path in system.paths("#test", self.applies) if path.value is True and is_possible(path)]

    # -- searched -------------------------------------------------------------------------------------------------

    def _searched(self) -> Iterator[Finding]:
        try:
            yield from self._by_paths()
        except (TooComplex, RecursionError):
            yield self._undecided("*")

    def _by_paths(self) -> Iterator[Finding]:
        tests: list[ast.expr] = [constant(True) if test is None else test for test in self.tests]
        reached = []
        for position in range(len(tests)):
            possible = self._paths(every([*map(negate, tests[:position]), tests[position]]))
            reached.append(bool(possible))
            if not possible:
                yield self._unreachable(position)
        yield from self._found("band-gap", self.path, [negate(test) for test in tests], {})
        for later, test in enumerate(self.tests):
            for earlier in range(later if self.path[0] != "scales" else 0):
                if test is None or not (reached[earlier] and reached[later]):
                    continue
                outside = self._facts([tests[earlier], negate(test)])[1]
                if outside is not None:  # else the earlier band lies wholly inside the later one
                    both = [tests[earlier], test]
                    yield from self._found("band-overlap", self.rungs[later].path, both, self._pair(earlier, later))

    def _found(
        self, code: str, path: KeyPath, tests: Sequence[ast.expr], values: Mapping[str, object]
    ) -> Iterator[Finding]:
        paths, witness = self._facts(tests)
        if witness is not None:
            said = {**values, "facts": witness.shown()}
            yield self.examination.finding(code, path, _SEARCHED[code], values=said)
        elif paths and code == "band-gap":
            yield self._undecided("*")

    def _facts(self, tests: Sequence[ast.expr]) -> tuple[list[Path], Witness | None]:
        """Ways in which some conditions can hold together, and facts for which they do."""
        whole = every(list(tests))
        paths = self._paths(whole)
        if not paths:
            return paths, None
        found = self.prover.witnesses.holding(whole, self.applies, paths)
        return paths, found

    # -- findings -------------------------------------------------------------------------------------------------

    def _pair(self, earlier: int, later: int) -> dict[str, object]:
        return {"earlier": self._label(earlier), "later": self._label(later)}

    def _label(self, position: int) -> str:
        """What people call a band: its number, or the id of a step."""
        if self.path[0] == "scales":
            return self.examination.declared.scales[str(self.path[1])].steps[position].id
        return str(position + 1)

    def _undecided(self, region: str) -> Finding:
        values = {"region": words.safe(region)}
        return self.examination.finding("range-undecided", self.path, "range-undecided.bands", "note", values=values)

    def _unreachable(self, position: int) -> Finding:
        path = (*self.path, position)
        return self.examination.finding("band-unreachable", path, values={"band": self._label(position)})


def _is_plain(tree: ast.expr) -> bool:
    """Whether a line only renames, compares or joins conditions."""
    is_negation = isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not)
    return is_negation or isinstance(tree, ast.Name | ast.Constant | ast.Compare | ast.BoolOp)


def _domain_of_fact(fact: model.Fact) -> Domain | None:
    if fact.kind in NUMERIC:
        low, high = limits(fact.kind, fact.range)
        ends = [None if end in (OPEN, -OPEN) else to_fraction(end) for end in (low, high)]
        return Domain(ends[0], ends[1], whole=fact.kind == "count")
    if fact.kind == "date":
        ends = [Fraction(end.toordinal()) for end in fact.range] if fact.range else [None, None]
        return Domain(ends[0], ends[1], whole=True, dates=True)
    if fact.kind == "choice":
        return Domain(options=tuple(fact.choices))
    if fact.kind in ("truth", "checklist"):
        return Domain(options=_TRUTHS)
    return Domain(options=("…",)) if fact.kind == "text" else None


def _submitted(domain: Domain, sample: Any) -> Any:
    return date.fromordinal(int(sample)) if domain.dates and isinstance(sample, Fraction) else sample


def _located(value: Any) -> Any:
    """A value as a table locates it: days as numbers."""
    if hasattr(value, "toordinal"):
        return Fraction(value.toordinal())
    return value if isinstance(value, bool | str | Unknown) else to_fraction(value)


# -- levels ---------------------------------------------------------------------------------------------------------


def _of_levels(examination: Examination, identifier: str, levels: model.Levels) -> Iterator[Finding]:
    """Rates that no level of a list of levels takes, or two."""
    path: KeyPath = ("levels", identifier, "steps")
    tests = [_of_step(step) for step in levels.steps]
    table = Table(tests, {"rate": Domain(Fraction(0), Fraction(100))})
    for region in table.gaps():
        yield examination.finding("band-gap", path, "band-gap.level", values={"region": region.text})
    for later in range(len(tests)):
        for earlier in range(later):
            for region in table.regions(table.cells(earlier) & table.cells(later)):
                values = {
                    "region": region.text, "earlier": levels.steps[earlier].id, "later": levels.steps[later].id
                }  # fmt: skip
                yield examination.finding("band-overlap", (*path, later), "band-overlap.level", values=values)


def _of_step(step: model.LevelStep) -> ast.expr:
    edges = ((ast.GtE(), step.from_), (ast.Gt(), step.above), (ast.LtE(), step.to), (ast.Lt(), step.below))
    return every([compare(name("rate"), op, constant(edge)) for op, edge in edges if edge is not None])
