"""The names of columns: those that scores read, by the program of a ruleset, and those that scoring appends."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from perfrules.errors import Finding
from perfrules.ruleset import model
from perfrules.ruleset.loaded import Ruleset
from perfrules.ruleset.names import fact_of
from perfrules.ruleset.program import Program


def appended(ruleset: Ruleset, *, reasons: bool = False) -> tuple[str, ...]:
    """The names of the columns that scoring appends, in their order."""
    program = ruleset.program
    names = [f"score.{identifier}" for identifier in program.rows]
    names += [f"subtotal.{identifier}" for identifier in program.branches if identifier]
    if program.total:
        names += ["total", *(["grade"] if program.total.grade else [])]
    return (*names, "status", "coverage", "exact", *(["because"] if reasons else []))


def taken(ruleset: Ruleset, columns: Sequence[str], *, reasons: bool = False, folded: bool = False) -> list[Finding]:
    """A finding for each column whose name scoring would append.

    Args:
        ruleset: What is scored by.
        columns: The names of the table's columns.
        reasons: Whether the reasons are appended as well.
        folded: Whether the engine takes `Total` and `total` for one name, as databases do.
    """
    fold = str.casefold if folded else str
    ours = {fold(name) for name in appended(ruleset, reasons=reasons)}
    return [Finding("column-taken", about=name, values={"name": name}) for name in columns if fold(name) in ours]


def names_of(program: Program) -> tuple[set[str], tuple[str, ...]]:
    """The names of facts that scores need, and all that the lines of rows, dimensions and the total read.

    A checklist that is read as a whole is its items.
    """
    trees, tables = program.definitions(), program.facts
    roots = [name for row in program.rows.values() for name in (row.score, row.applies) if name]
    for branch in (*program.branches.values(), *([program.total] if program.total else [])):
        roots += [name for name in (branch.score, branch.live, branch.earnable, branch.grade) if name]
    needed = set[str]()
    seen = set[str]()
    while roots:
        name = roots.pop()
        if name not in seen:
            seen.add(name)
            roots += _names(trees[name]) if name in trees else ()
            needed.update(_items(name, tables))
    lines = (line for line in program.lines if line.of != "owed" and not line.about.startswith("checks."))
    read = dict.fromkeys(one for line in lines for name in _names(line.tree) for one in _items(name, tables))
    ordered = [name for fact in tables for name in parts_of(fact, tables[fact]) if name in needed or name in read]
    return needed, tuple(ordered)


def _names(tree: ast.expr) -> Iterator[str]:
    return (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def _items(name: str, facts: Mapping[str, model.Fact]) -> Iterator[str]:
    """The names of columns that a name of a formula stands for; none where it is no fact."""
    fact = facts.get(fact_of(name))
    if fact is None:
        return
    if name == fact_of(name) and fact.kind == "checklist":
        yield from (f"{name}.{item}" for item in fact.items)
        return
    yield name
    if fact.kind == "judgement":
        yield f"{name}.level"


def parts_of(fact: str, declared: model.Fact) -> Iterator[str]:
    """A fact and its parts, as columns are called: `f`, `f.item`, `f.level`."""
    yield fact
    yield from (f"{fact}.{part}" for part in (*declared.items, *declared.columns, "level"))
