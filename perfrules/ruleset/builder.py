"""What building a program takes: reading formulas, checking what they are, and collecting lines."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

from perfrules import words
from perfrules.formula.language import COMPARISONS, FUNCTIONS, Formula, literal_date
from perfrules.formula.reader import read
from perfrules.formula.systems import kinds
from perfrules.formula.systems.kinds import DATE, Kind
from perfrules.numbers import Exact
from perfrules.ruleset import model
from perfrules.ruleset.declare import Reading
from perfrules.ruleset.measures import Measures
from perfrules.ruleset.names import fact_of
from perfrules.ruleset.names import kinds as kinds_of_facts
from perfrules.ruleset.program import CheckLines, Line, binary, bind, call, choose, compare, constant, name
from perfrules.ruleset.toml import KeyPath

_TARGET = re.compile(rf"\s*({'|'.join(map(re.escape, COMPARISONS))})?\s*(.*?)\s*", re.DOTALL)
_WORDS = re.compile(r"(?=.*(?:[ ,/-]|[^\x00-\x7f]))[^0-9()*+<>=_\"']+")
"""What may be words and no formula: no digits, signs or quotes, and more than one word or not in English."""

_GIVEN = {
    "weight": "weight", "value": "value", "target": "target", "met": "target", "lower_is_better": "target",
    "earned": "earned", "lowest": "extreme", "highest": "extreme",
}  # fmt: skip


class Builder:
    """Collects the lines of one program; findings go to the reading."""

    def __init__(self, declared: model.Declaration, reading: Reading) -> None:
        """Take a declaration, and the reading that knows where it came from."""
        self.declared = declared
        self.reading = reading
        self.facts: dict[str, model.Fact] = dict(declared.facts)
        self.kinds: dict[str, Kind] = kinds_of_facts(declared.facts)
        self.measures = Measures(reading, declared.units)
        self.used = reading.used
        self.lines: list[Line] = []
        self.constants: dict[str, Exact | bool] = {}
        self._formulas: dict[tuple[KeyPath, str], Formula | None] = {}
        self._checked: set[tuple[Any, ...]] = set()

    # -- formulas -------------------------------------------------------------------------------------------------

    def formula(self, path: KeyPath, text: str, offset: int = 0) -> Formula | None:
        """The formula at a place of the ruleset; None where it cannot be told what it says. Read once."""
        key = (path, text)
        if key not in self._formulas:
            self._formulas[key], findings = read(text, ".".join(map(str, path[:2])))
            self._report(path, findings, offset)
        return self._formulas[key]

    def _report(self, path: KeyPath, findings: Sequence[Any], offset: int = 0) -> None:
        for finding in findings:
            values = dict(finding.values)
            start, end = values.pop("span")
            key, read = finding.key, str(values.get("name", ""))
            if finding.code == "unknown-name" and self._is_omitted(read):
                continue
            if finding.code == "unknown-name" and read in _GIVEN:
                key, values["instead"] = "unknown-name.given", words.Term(f"given.{_GIVEN[read]}")
            self.reading.note(finding.code, path, key, span=(start + offset, end + offset), **values)

    def _is_omitted(self, name_: str) -> bool:
        """Whether a name may be declared, by a part that could not be read: then that is what is noted."""
        return any(self.reading.is_omitted(section, fact_of(name_)) for section in ("facts", "values"))

    def check(
        self,
        path: KeyPath,
        formula: Formula,
        scope: Mapping[str, tuple[str, Kind]],
        wanted: str | None,
        offset: int = 0,
    ) -> Kind:
        """The kind of a formula among its local names, with its unit; findings once for equal local kinds."""
        # A formula reads only what is declared; a name that its place does not give it is named as such.
        local = {label: kind for label, (_, kind) in scope.items()}
        self.used |= formula.names
        if path[0] == "checks":
            self._known_facts(path, formula, offset)
        about = ".".join(map(str, path[:2]))
        kind, findings = kinds.check(
            formula.tree, {**self.kinds, **local}, wanted=wanted, about=about, checks=path[0] == "checks"
        )
        key = (path, tuple(sorted((label, one.name) for label, one in local.items())))
        if key not in self._checked:
            self._checked.add(key)
            self._report(path, findings, offset)
        unit = None if findings else self.measures.unit(path, formula, self.kinds, scope, offset)
        return kind if kind.unit == unit else kind._replace(unit=unit)

    def _known_facts(self, path: KeyPath, formula: Formula, offset: int) -> None:
        """`known` asks for a fact: of a value it would say nothing about what was submitted."""
        for node in ast.walk(formula.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "known":
                asked = node.args[0]
                if isinstance(asked, ast.Name) and asked.id in self.declared.values:
                    span = (asked.col_offset + offset, (asked.end_col_offset or 0) + offset)
                    given = words.Term("kind.value")
                    self.reading.note("wrong-kind", path, span=span, wanted=words.Term("kind.fact"), given=given)

    def tree(
        self,
        path: KeyPath,
        text: str,
        scope: Mapping[str, tuple[str, Kind]] | None = None,
        wanted: str | None = "number",
        offset: int = 0,
    ) -> tuple[ast.expr, Kind] | None:
        """A formula bound to the lines that its local names stand for; None where it cannot be read."""
        formula = self.formula(path, text, offset)
        if formula is None:
            return None
        scope = scope or {}
        kind = self.check(path, formula, scope, wanted, offset)
        return bind(formula.tree, {label: line for label, (line, _) in scope.items()}, offset), kind

    def add(self, line_name: str, tree: ast.expr, of: str, about: str, text: str = "", source: str = "") -> str:
        """Append a line; its name."""
        self.lines.append(Line(line_name, tree, of, about, text, source))
        return line_name

    def fix(self, line_name: str, value: Exact | bool) -> str:
        """Give a name a constant value."""
        self.constants[line_name] = value
        return line_name

    def rounded(self, line_name: str, previous: str, places: int | None, about: str) -> str:
        """Append the line that rounds another, or make it one with the last; the name to read from then on."""
        last = self.lines[-1]
        if last.name == previous and last.of == "score" and places is not None:
            # One line less to walk for every row: the formula and its rounding.
            rounding = call("round", last.tree, constant(places))
            self.lines[-1] = last._replace(name=line_name, tree=rounding, rounded=True)
            return line_name
        tree = name(previous) if places is None else call("round", name(previous), constant(places))
        return self.add(line_name, tree, "rounding", about)

    # -- values ---------------------------------------------------------------------------------------------------

    def values(self) -> None:
        """Append the named values, each after those it reads; a cycle is a finding."""
        declared = self.declared.values
        for identifier in declared:
            self.kinds.setdefault(identifier, kinds.ANY)
        formulas = {
            identifier: formula
            for identifier, value in declared.items()
            if (formula := self.formula(("values", identifier, "formula"), value.formula)) is not None
        }
        reads = {
            identifier: sorted((formula.names & set(declared)) - set(FUNCTIONS))
            for identifier, formula in formulas.items()
        }
        try:
            order = tuple(TopologicalSorter(reads).static_order())
        except CycleError as error:
            self._cycle(tuple(error.args[1])[:0:-1])
            order = tuple(declared)
        for identifier in order:
            if identifier in formulas:
                self._value(identifier, formulas[identifier], declared[identifier])

    def _cycle(self, names: tuple[str, ...]) -> None:
        """Note values that read each other in a circle, from the one that is declared first."""
        first = min(range(len(names)), key=lambda index: list(self.declared.values).index(names[index]))
        turned = names[first:] + names[:first]
        key = "cycle.itself" if len(turned) == 1 else ""
        self.reading.note("cycle", ("values", turned[0], "formula"), key, names=turned)

    def _value(self, identifier: str, formula: Formula, value: model.Value) -> None:
        path = ("values", identifier, "formula")
        self.kinds[identifier] = self.measures.declared(path, self.check(path, formula, {}, None), value.unit)
        self.add(identifier, bind(formula.tree, {}), "value", f"values.{identifier}", value.formula)

    # -- checks and scales ----------------------------------------------------------------------------------------

    def checks(self) -> tuple[CheckLines, ...]:
        """Append the checks: the difference of two amounts and whether it is within tolerance, or a condition."""
        return tuple(
            lines for identifier, check in self.declared.checks.items() if (lines := self._check(identifier, check))
        )

    def _check(self, identifier: str, check: model.Check) -> CheckLines | None:
        about, path = f"checks.{identifier}", ("checks", identifier)
        if (check.equal is None) is (check.assert_ is None):
            self.reading.note("bad-value", path, "bad-value.check", on_key=True)
            return None
        if check.assert_ is not None:
            held = self.tree((*path, "assert"), check.assert_, wanted="truth")
            return held and CheckLines(
                identifier, check, self.add(f"{about}#holds", held[0], "holds", about, check.assert_)
            )
        sides = [self.tree((*path, "equal", index), text) for index, text in enumerate(check.equal or ())]
        if None in sides:
            return None
        self.measures.equal((*path, "equal", 1), [side[1] for side in sides if side], (check.equal or ("", ""))[1])
        equal = [
            self.add(f"{about}#{label}", side[0], "value", about, text)
            for label, side, text in zip(("left", "right"), sides, check.equal or (), strict=True)
            if side
        ]
        difference = self.add(
            f"{about}#difference", binary(name(equal[0]), ast.Sub(), name(equal[1])), "difference", about
        )
        holds = compare(call("abs", name(difference)), ast.LtE(), constant(check.tolerance))
        return CheckLines(
            identifier, check, self.add(f"{about}#holds", holds, "holds", about), difference, (equal[0], equal[1])
        )

    def grade(self, scale_id: str | None, path: KeyPath, score: str, weight: ast.expr, about: str) -> str | None:
        """Append the line that says which step of a scale a score reaches."""
        if scale_id is None:
            return None
        scale = self.declared.scales.get(scale_id)
        if scale is None:
            self.reference(path, "scales", scale_id)
            return None
        reached: ast.expr = name(score)
        if scale.of == "percent":
            reached = call("percent", reached, weight)
        reached_name = self.add(f"{about}#reached", reached, "value", about)
        tree: ast.expr = call("no_band", constant(f"{about}.grade"))
        for index, step in reversed(list(enumerate(scale.steps))):
            test = self._step(("scales", scale_id, "steps", index), step, reached_name)
            tree = tree if test is None else choose(constant(step.id), test, tree)
        return self.add(f"{about}#grade", tree, "grade", about, source=f"scales.{scale_id}")

    def _step(self, path: KeyPath, step: model.ScaleStep, reached: str) -> ast.expr | None:
        if (step.from_ is None) is (step.when is None):
            self.reading.note("bad-value", path, "bad-value.step", step=step.id)
            return None
        if step.when is not None:
            condition = self.tree((*path, "when"), step.when, wanted="truth")
            return condition and condition[0]
        return compare(name(reached), ast.GtE(), constant(step.from_))

    # -- references and targets -----------------------------------------------------------------------------------

    def reference(self, path: KeyPath, section: str, missing: str) -> None:
        """Note a reference to a part that is not there, unless the part could not be read."""
        if self.reading.is_omitted(section, missing):
            return
        near = words.nearest(missing, getattr(self.declared, section))
        key = "unknown-reference.near" if near else "unknown-reference"
        self.reading.note("unknown-reference", path, key, name=missing, section=section, near=near or "")

    def target(self, path: KeyPath, text: str) -> tuple[str, ast.expr, Kind] | None:
        """The operator of a target (`>=` where it has none, with a finding), and the tree and kind of its formula."""
        match = _TARGET.fullmatch(text)
        operator, rest, offset = (match.group(1) or "", match.group(2), match.start(2)) if match else ("", text, 0)
        if _WORDS.fullmatch(rest) and not (operator and rest.isidentifier()) and self._is_prose(path, rest):
            return None
        day = literal_date(rest)
        found = self.tree(path, rest, wanted=None, offset=offset) if day is None else (constant(day), DATE)
        if found and not operator:
            self.reading.note("direction-missing", path, severity="warning", target=text)
        return found and (operator or ">=", *found)

    def _is_prose(self, path: KeyPath, text: str) -> bool:
        """Whether a target is plainly words and no formula, which is noted as such and not as a formula's mistake."""
        from perfrules.ruleset.targets import prose

        unread = (name_.partition(".")[2] for name_ in self.reading.omitted)
        reason = prose(text, (*self.kinds, *unread))
        if reason:
            self.reading.note("target-not-measurable", path, f"target-not-measurable.{reason}", target=text)
        return reason is not None
