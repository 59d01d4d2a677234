"""What the cases of a ruleset can cover: each indicator, band, branch, outcome and state is a point with a place.

Points are found in the declaration, so that a method which no row uses is a point too. Where a formula is used by many
rows (a method, an adjustment), its points are counted once: they are told apart by the place where they were written.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from perfrules import numbers
from perfrules.cases.states import States
from perfrules.formula.reader import read
from perfrules.ruleset import model
from perfrules.ruleset.library import Ruleset
from perfrules.ruleset.program import NO_PLACE
from perfrules.ruleset.toml import KeyPath

INDICATORS, BANDS, BRANCHES, OUTCOMES, STATES = KINDS = ("indicators", "bands", "branches", "outcomes", "states")
"""The kinds of points, in the order in which they are reported."""

THEN, ELSE = "then", "else"
TRUE, FALSE = "true", "false"

_TELLING = re.compile(r"[<>=!]|if|(?<![A-Za-z_])in(?![A-Za-z_])")
"""What a formula without any of these has no points."""


class Point(NamedTuple):
    """One thing that a case can show.

    Attributes:
        kind: One of `KINDS`.
        path: The key of the ruleset that says so: a formula, a band, a step, an indicator.
        span: The characters of the formula that it is about; None where it is about the whole key.
        side: Which branch or outcome, or the state.
    """

    kind: str
    path: KeyPath
    span: tuple[int, int] | None = None
    side: str = ""


class Note(NamedTuple):
    """What to say of a point that no case shows: an entry of the table of messages, its values, and where to look."""

    key: str
    values: Mapping[str, object]
    span: tuple[int, int] | None = None


Own = Callable[[KeyPath], bool]
"""Whether a key was said by the document whose coverage is asked for."""


def points_of(ruleset: Ruleset, own: Own) -> dict[Point, Note]:
    """Every point of what a document says in a ruleset that is made of it, with what to say of it."""
    found: dict[Point, Note] = {}
    declared = ruleset.declaration
    for path, text in _formulas(declared):
        if own(path) and _TELLING.search(text) and (formula := read(text)[0]):
            found.update(_formula_points(path, text, formula.tree))
    for path, bands in _tables(declared):
        if own(path):
            found.update(_band_points(path, bands))
    for identifier, scale in declared.scales.items():
        if own(path := ("scales", identifier, "steps")):
            found.update({
                Point(BANDS, (*path, index)): Note("not-covered.step", {"step": step.id, "scale": identifier})
                for index, step in enumerate(scale.steps)
            })  # fmt: skip
    for identifier, check in declared.checks.items():
        if check.equal is not None and own(path := ("checks", identifier, "equal")):
            found.update(_pair(path, _CHECK, {"about": identifier}))
    found.update(_row_points(ruleset, own))
    return found


def _row_points(ruleset: Ruleset, own: Own) -> Iterator[tuple[Point, Note]]:
    """Of each indicator: that it is scored, that its target is met and missed, and the states that it can be in."""
    states = States(ruleset.program)
    for identifier, row in ruleset.program.rows.items():
        path: KeyPath = ("indicators", identifier)
        if row.target and row.indicator.target and own((*path, "target")):
            yield from _pair((*path, "target"), _TARGET, {"about": identifier}) if row.met else ()
            yield from _formula_points(
                (*path, "target"), row.indicator.target, ruleset.program.by_name[row.target].tree
            )
        if own(path):
            yield Point(INDICATORS, path), Note("not-covered.indicator", {"about": identifier})
            for state in states.of(row):
                yield Point(STATES, path, side=state), Note(f"not-covered.state.{state}", {"about": identifier})


_CHECK = {TRUE: "not-covered.check.true", FALSE: "not-covered.check.false"}
_TARGET = {TRUE: "not-covered.target.true", FALSE: "not-covered.target.false"}


def _pair(path: KeyPath, keys: Mapping[str, str], values: Mapping[str, object]) -> Iterator[tuple[Point, Note]]:
    for side, key in keys.items():
        yield Point(OUTCOMES, path, side=side), Note(key, values)


# -- formulas ----------------------------------------------------------------------------------------------------


def _formula_points(path: KeyPath, text: str, tree: ast.expr) -> Iterator[tuple[Point, Note]]:
    """The branches of each `if`, and the outcomes of each comparison, of a formula."""
    for node in written(tree):
        span = span_of(node)
        match node:
            case ast.IfExp():
                for side, branch in ((THEN, node.body), (ELSE, node.orelse)):
                    values = {"test": _part(text, span_of(node.test)), "branch": _part(text, span_of(branch))}
                    yield Point(BRANCHES, path, span, side), Note(f"not-covered.branch.{side}", values, span_of(branch))
            case ast.Compare():
                compared = {"test": _compared(text, node)}
                for side in (TRUE, FALSE):
                    yield Point(OUTCOMES, path, span, side), Note(f"not-covered.outcome.{side}", compared, span)


def written(tree: ast.expr) -> Iterator[ast.AST]:
    """The nodes of a tree that somebody wrote."""
    return (node for node in ast.walk(tree) if getattr(node, "col_offset", NO_PLACE) != NO_PLACE)


def span_of(node: ast.AST, shift: int = 0) -> tuple[int, int]:
    """The characters of a formula's text that a node was read from."""
    placed: Any = node
    return placed.col_offset - shift, placed.end_col_offset - shift


def _part(text: str, span: tuple[int, int]) -> str:
    return " ".join(text[slice(*span)].split())


def _compared(text: str, node: ast.Compare) -> str:
    """A comparison as written; one of `x in (a, b)` as `x == a`."""
    left, right, whole = span_of(node.left), span_of(node.comparators[0]), span_of(node)
    if whole[0] <= left[0]:
        return _part(text, whole)
    return f"{_part(text, left)} == {_part(text, right)}"


def _formulas(declared: model.Declaration) -> Iterator[tuple[KeyPath, str]]:
    """Every formula of a declaration, but for those of targets: its key and its text."""
    found: list[tuple[KeyPath, str | None]] = [
        *((("values", name, "formula"), value.formula) for name, value in declared.values.items()),
        *((("dimensions", name, "score"), dimension.score) for name, dimension in declared.dimensions.items()),
        *((("adjustments", name, "score"), adjustment.score) for name, adjustment in declared.adjustments.items()),
        (("total", "score"), declared.total.score),
    ]
    for name, method in declared.methods.items():
        found += [(("methods", name, "score"), method.score), (("methods", name, "note_when"), method.note_when)]
    for name, row in declared.indicators.items():
        said = {"value": row.value, "applies": row.applies, "note_when": row.note_when, "score": row.score}
        found += [(("indicators", name, key), text) for key, text in said.items()]
    for name, check in declared.checks.items():
        found.append((("checks", name, "assert"), check.assert_))
        found += [(("checks", name, "equal", index), text) for index, text in enumerate(check.equal or ())]
    for name, scale in declared.scales.items():
        found += [(("scales", name, "steps", index, "when"), step.when) for index, step in enumerate(scale.steps)]
    for path, bands in _tables(declared):
        for index, band in enumerate(bands):
            found += [((*path, index, "when"), band.when), ((*path, index, "score"), band.score)]
    yield from ((path, text) for path, text in found if text is not None)


# -- bands -------------------------------------------------------------------------------------------------------


def _tables(declared: model.Declaration) -> Iterator[tuple[KeyPath, list[model.Band]]]:
    """Every table of bands: those of methods and those of indicators."""
    for section, parts in (("methods", declared.methods), ("indicators", declared.indicators)):
        for name, part in parts.items():
            if part.bands:
                yield (section, name, "bands"), part.bands


def _band_points(path: KeyPath, bands: list[model.Band]) -> Iterator[tuple[Point, Note]]:
    for index, band in enumerate(bands):
        condition = condition_of(band)
        key = "not-covered.band" if condition else "not-covered.band.last"
        yield Point(BANDS, (*path, index)), Note(key, {"index": index + 1, "about": path[1], "test": condition})


def condition_of(band: model.Band) -> str:
    """The condition of a band as a formula; empty where it has none."""
    low = [
        f"{numbers.plain(edge)} {sign}" for sign, edge in (("<=", band.from_), ("<", band.above)) if edge is not None
    ]
    high = [f"{sign} {numbers.plain(edge)}" for sign, edge in (("<=", band.to), ("<", band.below)) if edge is not None]
    edges = [" ".join([*low[-1:], "value", *high[-1:]])] if low or high else []
    return " and ".join([*edges, *([band.when] if band.when else [])])
