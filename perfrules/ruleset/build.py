"""From a declaration to its program: values, rows, dimensions, total and checks, said in formulas."""

from __future__ import annotations

from perfrules.ruleset import model
from perfrules.ruleset.builder import Builder
from perfrules.ruleset.declare import Reading
from perfrules.ruleset.program import Program
from perfrules.ruleset.rows import Rows
from perfrules.ruleset.tally import Tally


def build(declared: model.Declaration, reading: Reading) -> Program:
    """The program of a declaration; everything that is wrong with its formulas is noted in the reading."""
    builder = Builder(declared, reading)
    rows = Rows(builder)
    rows.declare_own_facts()
    builder.values()
    built = rows.build()
    tally = Tally(builder, built)
    branches = tally.build()
    total = tally.total()
    checks = builder.checks()
    trees = tuple((line.name, line.tree) for line in builder.lines)
    return Program(
        declared, builder.facts, builder.constants, tuple(builder.lines), built, branches, total, checks, trees,
        {line.name: line for line in builder.lines},
    )  # fmt: skip
