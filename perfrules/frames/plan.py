"""The plan of a frame: a ruleset's program as layers of columns.

The one evaluator walks the program's lines over the columns system. What is read more than once becomes a column of
its own, laid down in a layer above the columns that it reads; the rest stays inside the expressions that read it.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from perfrules.formula.evaluator import Evaluator
from perfrules.formula.systems.columns.floats import Number
from perfrules.formula.systems.columns.system import ColumnsSystem
from perfrules.formula.systems.columns.terms import Term, Terms
from perfrules.formula.systems.columns.values import Nothing, Plain, of
from perfrules.ruleset.program import Branch, Line, Program


@dataclass(slots=True)
class Layers:
    """The columns that a plan lays down, layer upon layer, under names that no frame has."""

    terms: Terms
    layers: list[dict[str, Term]] = field(default_factory=list)
    prefix: str = "__perfrules_"
    count: int = 0

    def keep(self, term: Term) -> Term:
        """Lay a term down; the column that holds it. A term that is a column already stays as it is."""
        if not term.size:
            return term
        while len(self.layers) <= term.level:
            self.layers.append({})
        name = f"{self.prefix}{self.count}"
        self.count += 1
        self.layers[term.level][name] = term
        return self.terms.column(name, term.level + 1)


def reads(program: Program) -> Counter[str]:
    """How often names are read by what scores, dimensions, the total and grades are worked out from."""
    return Counter(node.id for line in needed(program) for node in ast.walk(line.tree) if isinstance(node, ast.Name))


def needed(program: Program) -> tuple[Line, ...]:
    """The lines that scores, dimensions, the total and grades need: no checks, and nothing only for people to read."""
    wanted = {name for row in program.rows.values() for name in (row.score, row.applies) if name}
    for branch in branches(program):
        wanted |= {name for name in (branch.score, branch.live, branch.grade) if name}
    kept: list[Line] = []
    for line in reversed(program.lines):
        if line.name in wanted:
            kept.append(line)
            wanted |= {node.id for node in ast.walk(line.tree) if isinstance(node, ast.Name)}
    return tuple(reversed(kept))


def branches(program: Program) -> Iterator[Branch]:
    """The dimensions, and the total where there is one."""
    yield from program.branches.values()
    if program.total:
        yield program.total


class Plan:
    """A program laid out over a frame.

    Attributes:
        layers: The columns that are laid down, those of the facts first.
        names: The value of every line, and of what lines read.
        doubts: Where a decision may be another one than that of the exact numbers.
        system: The number system, for what is made of the values of lines.
    """

    def __init__(self, program: Program, facts: Mapping[str, Any], layers: Layers, *, reasons: bool) -> None:
        """Work the lines out.

        Args:
            program: The program.
            facts: What the frame says of each name that the program reads.
            layers: Where columns are laid down, those of the facts being there already.
            reasons: Whether values carry the reasons for which they are unknown.
        """
        self.program = program
        self.layers = layers
        self.doubts: dict[Term, None] = {}
        self.system = ColumnsSystem(layers.terms, layers.keep, reasons=reasons)
        self.names: dict[str, Any] = {name: of(value) for name, value in program.constants.items()}
        self.names |= facts
        for value in facts.values():
            self._doubt(value)
        self._lines()

    def _lines(self) -> None:
        lines, often = needed(self.program), reads(self.program)
        run = Evaluator(self.system, self.names, lambda step: None)
        shown = {row.score for row in self.program.rows.values()}
        shown |= {branch.score for branch in branches(self.program)}
        for line in lines:
            value = run.visit(line.tree)
            self._doubt(value)
            self.names[line.name] = self._kept(line.name, value, often[line.name] > 1 or line.name in shown)

    def _doubt(self, value: Any) -> None:
        for doubt in value.footing.doubts if isinstance(value, Number | Plain | Nothing) else ():
            self.doubts[doubt] = None

    def _kept(self, name: str, value: Any, often: bool) -> Any:
        """The value of a line as later lines read it."""
        if not isinstance(value, Number | Plain):
            return value
        footing = replace(value.footing, strict=value.footing.strict | {name}, doubts=())
        if isinstance(value, Number):
            value = self.system.kept(value) if often else value
            return replace(value, footing=footing, key=value.key or name)
        return Plain(self.layers.keep(value.term) if often else value.term, footing)
