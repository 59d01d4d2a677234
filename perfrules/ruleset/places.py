"""Where the formulas of a program stand in the ruleset: from a line, or a node of it, back to what an author wrote."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from perfrules.ruleset.program import NO_PLACE, Line, Program
from perfrules.ruleset.toml import KeyPath


class Written(NamedTuple):
    """One formula as its author wrote it: where it stands, its tree in the line, how much text was put before it."""

    path: KeyPath
    tree: ast.expr
    shift: int = 0


class Rung(NamedTuple):
    """One band or step of a line that is a table: its place, its condition, what it comes to."""

    path: KeyPath
    test: ast.expr | None
    outcome: ast.expr


def rungs(program: Program, line: Line) -> list[Rung]:
    """The bands of a row's score, or the steps of a grade, in order; none of a line that is no table."""
    section, _, identifier = (line.source or line.about).partition(".")
    declared = program.declaration
    table: KeyPath
    if line.of == "grade":
        count, table = len(declared.scales[identifier].steps), ("scales", identifier, "steps")
    elif line.of == "score" and section in ("indicators", "methods"):
        owner = declared.indicators[identifier] if section == "indicators" else declared.methods[identifier]
        count, table = len(owner.bands or ()) if owner.score is None else 0, (section, identifier, "bands")
    else:
        return []
    found, tree = [], unrounded(line)
    for index in range(count):
        if isinstance(tree, ast.IfExp) and tree.col_offset == NO_PLACE:
            found.append(Rung((*table, index), tree.test, tree.body))
            tree = tree.orelse
        else:  # without a condition: whatever stands behind it is never reached
            found.append(Rung((*table, index), None, tree))
            break
    return found


def unrounded(line: Line) -> ast.expr:
    """The tree of a line, without the rounding that was joined to it."""
    return line.tree.args[0] if line.rounded and isinstance(line.tree, ast.Call) else line.tree


_KEYS = {"value": "value", "target": "target", "applies": "applies", "owed": "note_when", "score": "score"}


def written(program: Program, line: Line) -> Iterator[Written]:
    """Every formula that an author wrote and that the line is made of."""
    if table := rungs(program, line):
        for path, test, outcome in table:
            if line.of == "score":
                yield Written((*path, "score"), outcome)
            yield from (Written((*path, "when"), term) for term in _terms(test) if term.col_offset != NO_PLACE)
        return
    if not line.text:
        return
    tree = unrounded(line)
    section, _, identifier = (line.source or line.about).partition(".")
    if section == "values":
        yield Written(("values", identifier, "formula"), tree)
    elif section == "checks":
        check = program.declaration.checks[identifier]
        side = ("left", "right").index(line.name.partition("#")[2]) if check.equal else 0
        yield Written(("checks", identifier, *(("equal", side) if check.equal else ("assert",))), tree)
    elif section == "total":
        yield Written(("total", "score"), tree)
    elif line.of in ("score", "adjustment"):
        yield Written((section, identifier, "score"), tree)
    else:
        yield _of_row(program, line, identifier, tree)


def _of_row(program: Program, line: Line, identifier: str, tree: ast.expr) -> Written:
    """A formula of an indicator: its own, its alternative's condition, or its method's `note_when`."""
    row, declared = program.rows.get(identifier), program.declaration.indicators[identifier]
    if line.of == "owed" and declared.note_when is None and row is not None and row.method:
        return Written(("methods", row.method, "note_when"), tree)
    if line.of == "applies" and declared.applies is None:
        other = declared.instead_of or next(
            key for key, one in program.declaration.indicators.items() if one.instead_of == identifier
        )
        return Written(("indicators", other, "applies"), tree, len("not ("))
    if line.of == "value" and declared.value is None:
        return Written(("indicators", identifier), tree)
    return Written(("indicators", identifier, _KEYS[line.of]), tree)


def _terms(test: ast.expr | None) -> list[ast.expr]:
    """The conditions that a band joins with `and`: its edges, and what its author wrote."""
    if isinstance(test, ast.BoolOp) and test.col_offset == NO_PLACE:
        return test.values
    return [] if test is None else [test]


def place(program: Program, node: ast.expr) -> tuple[KeyPath, tuple[int, int]] | None:
    """The formula that a node stands in, and the characters of it that it was read from."""
    if node.col_offset == NO_PLACE:
        return None
    for line in program.lines:
        for path, tree, shift in written(program, line):
            if any(one is node for one in ast.walk(tree)):
                return path, (node.col_offset - shift, (node.end_col_offset or node.col_offset + 1) - shift)
    return None
