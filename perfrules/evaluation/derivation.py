"""How a score came about, as data: each formula with its sub-values, the branch or band taken, and the facts.

Words are put to it elsewhere (`perfrules.report`). Nothing here is computed again: values come from the trace.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from perfrules import numbers
from perfrules.evaluation.facts import Given
from perfrules.formula.render import literal, render
from perfrules.formula.systems.exact import Unknown
from perfrules.numbers import Exact
from perfrules.ruleset.names import fact_of
from perfrules.ruleset.program import NO_PLACE, Line, Row
from perfrules.ruleset.ranges import limits

if TYPE_CHECKING:
    from perfrules.evaluation.evaluation import Evaluation
    from perfrules.evaluation.rolled import Source

MISSING = "?"
"""How an unknown value is written inside a formula."""


class Step(NamedTuple):
    """One sub-value.

    Attributes:
        text: The part of the formula.
        filled: The same, with the values in it.
        span: Its characters in the formula as written; None where nobody wrote it.
        value: Its value, or an `Unknown`.
    """

    text: str
    filled: str
    span: tuple[int, int] | None
    value: Any


class Choice(NamedTuple):
    """One `if`, or one band: its condition, whether it held, and what it led to.

    Attributes:
        condition: The condition; empty for a last band without one.
        filled: The same, with the values in it; empty where it was not reached.
        held: True, False, or None where it was not reached or is unknown.
        reached: Whether the condition was looked at.
        result: The formula behind it.
        result_filled: The same, with the values in it; empty where it was not taken.
    """

    condition: str
    filled: str
    held: bool | None
    reached: bool
    result: str
    result_filled: str = ""


class Part(NamedTuple):
    """One line of the program: what it is, its formula, and how its value came about.

    Attributes:
        name: The local name: `value`, `earned`, `execution_rate`, ….
        of: `value target met applies score adjustment rounding sum live difference holds grade`.
        text: The formula as written, or as the ruleset's bands, rounding or sums come to.
        source: The method or adjustment that says so, such as `methods.m`; else empty.
        filled: The formula with the values in it.
        steps: The sub-values in order, without the whole.
        choices: The conditions of the outermost `if`, or the bands, in order.
        value: The value, or an `Unknown`.
    """

    name: str
    of: str
    text: str
    source: str
    filled: str
    steps: tuple[Step, ...]
    choices: tuple[Choice, ...]
    value: Any


class FactUse(NamedTuple):
    """One fact that a derivation reads, with what was said of it; of a table that is rolled up, its rows' sources."""

    id: str
    title: Any
    value: Any
    unit: str | None
    submitted: Any
    source: str
    note: str
    by: str
    level: str | None
    missing: str | None
    range: tuple[Any, Any] | None
    sources: tuple[Source, ...] = ()


class Derivation(NamedTuple):
    """How one row's score came about: parts in order, the facts they read, and which band was taken."""

    about: str
    parts: tuple[Part, ...]
    facts: tuple[FactUse, ...]
    band: int | None = None


def of_row(evaluation: Evaluation, row: Row) -> Derivation:
    """The derivation of one indicator, the named values it reads first."""
    program = evaluation.ruleset.program
    lines = [program.by_name[name] for name in row.lines]
    named = _named_values(evaluation, lines)
    parts = tuple(part for line in [*named, *lines] for part in _parts(evaluation, line))
    facts = tuple(fact_use(evaluation, identifier) for identifier in _facts_of(evaluation, [*named, *lines]))
    return Derivation(f"indicators.{row.id}", parts, facts, _band(row, parts))


def of_branch(evaluation: Evaluation, identifier: str) -> Derivation:
    """The derivation of a dimension, or of the total (id `""`)."""
    program = evaluation.ruleset.program
    branch = program.branches[identifier] if identifier else program.total
    lines = [program.by_name[name] for name in branch.lines] if branch else []
    named = _named_values(evaluation, lines)
    about = f"dimensions.{identifier}" if identifier else "total"
    return Derivation(about, tuple(part for line in [*named, *lines] for part in _parts(evaluation, line)), ())


def of_value(evaluation: Evaluation, identifier: str) -> Part:
    """How one named value came about."""
    return _part(evaluation, evaluation.ruleset.program.by_name[identifier])


# -- which lines and facts belong to it ---------------------------------------------------------------------------


def _reads(line: Line) -> Iterator[str]:
    for node in ast.walk(line.tree):
        if isinstance(node, ast.Name):
            yield node.id


def _named_values(evaluation: Evaluation, lines: list[Line]) -> list[Line]:
    """The named values that lines read, and those that these read, in program order."""
    program = evaluation.ruleset.program
    found: set[str] = set()
    waiting = list(lines)
    while waiting:
        for name in _reads(waiting.pop()):
            if name in program.declaration.values and name not in found and name in program.by_name:
                found.add(name)
                waiting.append(program.by_name[name])
    return [line for line in program.lines if line.name in found]


def _facts_of(evaluation: Evaluation, lines: list[Line]) -> list[str]:
    """The facts that lines read, in the order in which the formulas first name them."""
    facts = evaluation.ruleset.program.facts
    return list(dict.fromkeys(fact_of(name) for line in lines for name in _reads(line) if fact_of(name) in facts))


def fact_use(evaluation: Evaluation, identifier: str) -> FactUse:
    """One fact, with what was said of it."""
    fact = evaluation.ruleset.program.facts[identifier]
    given = evaluation.given(identifier)
    value = evaluation.results[identifier]
    if fact.kind in ("checklist", "table"):
        value = {name: evaluation.results[f"{identifier}.{name}"] for name in (*fact.items, *fact.columns)}
    missing = None
    level = evaluation.facts.levels.get(identifier)
    absent = (given is None or given.submitted is None) and identifier not in evaluation.facts.sources
    if absent if isinstance(value, dict) else isinstance(value, Unknown) and level is None:
        missing = given.missing if given else ""
    range_ = (
        limits(fact.kind, fact.range) if fact.kind not in ("truth", "choice", "text", "checklist", "table") else None
    )
    said = given or Given()
    return FactUse(
        identifier, fact.title, _public(value), fact.unit, said.submitted, said.source, said.note, said.by, level,
        missing, range_, _sources(evaluation, identifier),
    )  # fmt: skip


def _sources(evaluation: Evaluation, identifier: str) -> tuple[Source, ...]:
    """The submissions that the rows of a table are of, their values as they leave the engine."""
    rows = evaluation.facts.sources.get(identifier, ())
    return tuple(source._replace(cells=_public(dict(source.cells))) for source in rows)


def _public(value: Any) -> Any:
    """A value as it leaves the engine, item by item; unknown items keep their reasons."""
    if isinstance(value, dict):
        return {name: _public(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_public, value))
    return numbers.to_fraction(value) if isinstance(value, Exact) and not isinstance(value, bool) else value


# -- one line -----------------------------------------------------------------------------------------------------


def _parts(evaluation: Evaluation, line: Line) -> Iterator[Part]:
    """A line as one part; one that rounds its formula as two."""
    if not line.rounded:
        yield _part(evaluation, line)
        return
    rounding: Any = line.tree  # a call of `round`
    inner, places = rounding.args
    earned = line._replace(name=f"{line.about}#earned", tree=inner, rounded=False)
    part = _part(evaluation, earned)
    yield part
    whole = ast.Call(rounding.func, [ast.Name("earned", ast.Load()), places], [])
    filled = f"round({_Filler(evaluation).text(part.value)}, {render(places)})"
    local = line.name.rpartition("#")[2]
    yield Part(local, "rounding", render(whole), "", filled, (), (), evaluation.results[line.name])


def _part(evaluation: Evaluation, line: Line) -> Part:
    filler = _Filler(evaluation)
    nodes = [node for node in _visited(line.tree, evaluation.trace) if node is not line.tree]
    local = line.name.rpartition("#")[2]
    return Part(
        local, line.of, line.text or render(line.tree, _foreign(line)), line.source, filler.fill(line.tree),
        tuple(filler.step(node, written=bool(line.text)) for node in nodes), tuple(_choices(evaluation, line, filler)),
        value_of(evaluation, line.tree),
    )  # fmt: skip


def value_of(evaluation: Evaluation, node: ast.expr) -> Any:
    """The value of a node: as it was observed, or a leaf's own; None where it was not visited."""
    if isinstance(node, ast.Constant):
        return node.value
    return evaluation.results[node.id] if isinstance(node, ast.Name) else evaluation.trace.get(node)


def _foreign(line: Line) -> Callable[[ast.expr], str | None]:
    """Names the lines of other rows and dimensions by their ids: a dimension's sum is `quantity + quality`."""

    def say(name: ast.expr) -> str | None:
        if not isinstance(name, ast.Name):
            return None
        about, mark, local = name.id.partition("#")
        return about.partition(".")[2] if mark and about != line.about and local in ("score", "sum", "live") else None

    return say


def _visited(node: ast.expr, trace: dict[Any, Any]) -> Iterator[ast.expr]:
    """The operations of a tree that were visited, operands before what they are operands of."""
    if node not in trace or isinstance(node, ast.Constant | ast.Name):
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield from _visited(child, trace)
    yield node


class _Filler:
    """Writes formulas with the values in them."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation

    def say(self, node: ast.expr) -> str | None:
        """The value of a name, as a formula would write it; None for anything else."""
        return self.text(self.evaluation.results.get(node.id)) if isinstance(node, ast.Name) else None

    def text(self, value: Any) -> str | None:
        """A value as a formula would write it; None where it is no single value."""
        if isinstance(value, Unknown):
            return MISSING
        if isinstance(value, tuple) or value is None:
            return None
        return numbers.shown(value) if isinstance(value, Exact) and not isinstance(value, bool) else literal(value)

    def fill(self, node: ast.expr) -> str:
        """A formula with the values of its names."""
        return render(node, self.say)

    def step(self, node: ast.expr, *, written: bool) -> Step:
        """A visited node as a step; it has a place where the whole formula was written by somebody."""
        end = node.end_col_offset
        span = None if node.col_offset == NO_PLACE or end is None or not written else (node.col_offset, end)
        trace = self.evaluation.trace

        def say(inner: ast.expr) -> str | None:
            # What was worked out in an earlier step stands here by its value.
            if inner is node or isinstance(inner, ast.Name | ast.Constant) or inner not in trace:
                return self.say(inner)
            return self.text(trace[inner])

        return Step(render(node), render(node, say), span, trace[node])


def _choices(evaluation: Evaluation, line: Line, filler: _Filler) -> Iterator[Choice]:
    """The conditions of an `if` chain, in order, up to what stands when none holds."""
    node, trace = line.tree, evaluation.trace
    if not isinstance(node, ast.IfExp):
        return
    while isinstance(node, ast.IfExp):
        reached = node.test in trace
        value = trace.get(node.test)
        held = value if isinstance(value, bool) else None
        filled = filler.fill(node.test) if reached else ""
        taken = filler.fill(node.body) if held else ""
        yield Choice(render(node.test), filled, held, reached, render(node.body), taken)
        node = node.orelse
    reached = node in trace
    yield Choice("", "", True if reached else None, reached, render(node), filler.fill(node) if reached else "")


def _band(row: Row, parts: tuple[Part, ...]) -> int | None:
    if not row.bands:
        return None
    scored = next((part for part in parts if part.of == "score"), None)
    for index, choice in enumerate(scored.choices if scored else (), 1):
        if choice.held:
            return index if index <= len(row.bands) else None
    return 1 if scored and not scored.choices else None
