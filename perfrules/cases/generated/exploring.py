"""Settings of a ruleset's facts worth trying: at every spot, at every answer and level, for every compound condition.

Each comes with the part of the ruleset it is about, the key that says so, and what it shows.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Any, NamedTuple

from perfrules import numbers
from perfrules.cases.generated.bench import MAX_SPOT_WORK, MAX_WORK, Bench, Exhausted, Setting
from perfrules.cases.generated.conditions import pairs
from perfrules.cases.generated.knobs import CENT, Knob, Panel
from perfrules.cases.generated.solving import Solver
from perfrules.cases.generated.spots import Decision, Spot, decisions, spots, text
from perfrules.cases.generated.targets import Target
from perfrules.ruleset import model
from perfrules.ruleset.places import rungs, written
from perfrules.ruleset.program import NO_PLACE, Line, Program
from perfrules.ruleset.toml import KeyPath

SIDES = ("below", "at", "above", "holds", "fails")
"""What a setting shows of a spot, in the order in which cases are written."""


class Shown(NamedTuple):
    """A setting, and what it shows; or what could not be shown, and why.

    Attributes:
        path: The key of the ruleset that it is about.
        about: The part: `indicators.x`, `values.y`, `facts.z`, `total`.
        of: What the line of the program is: `score`, `applies`, `owed`, `grade`; `fact`.
        key: The entry of the table of messages that says it.
        values: What that message names.
        setting: The knobs turned; None where no setting was found.
        raw: Facts as they are said besides, which no knob says.
        why: The entry of the table that says why there is none.
        masking: Of half of a pair for a compound condition whether that is one by masking.
    """

    path: KeyPath
    about: str
    of: str
    key: str
    values: dict[str, str]
    setting: Setting | None
    raw: Mapping[str, Any] = MappingProxyType({})
    why: str = ""
    masking: bool | None = None


class Explorer:
    """Searches one target."""

    def __init__(self, target: Target, work: int = MAX_WORK, each: int = MAX_SPOT_WORK) -> None:
        """Take the target, and how many lines all searches and each of them may evaluate.

        Raises:
            SubmissionError: Its base cannot be read.
        """
        self.program = target.ruleset.program
        self.panel = Panel(target.ruleset, target.start)
        self.solver = Solver(Bench(self.program, self.panel, work, each))
        self._own = target.own
        self._places = _Places(self.program)
        self._levels = target.ruleset.declaration.levels

    def everything(self, about: Callable[[str], bool] = lambda about: True) -> Iterator[Shown]:
        """Everything that was found, facts first, then line by line; only of some parts where asked."""
        yield from (shown for shown in self._facts() if about(shown.about))
        by_line: dict[str, list[Spot]] = {}
        for spot in spots(self.program):
            if about(spot.line.about) and self._own(self._places.of(spot.line, spot.part)):
                by_line.setdefault(spot.line.name, []).append(spot)
        asked = [one for one in decisions(self.program) if about(one.line.about)]
        for name in self.program.by_name:
            pool: list[Setting] = []
            for spot in by_line.get(name, ()):
                for shown in self._spot(spot):
                    pool += [shown.setting] if shown.setting is not None else []
                    yield shown
            for decision in asked:
                if decision.line.name == name and self._own(self._places.of(decision.line, decision.root)):
                    yield from self._decision(decision, pool)

    # -- spots ----------------------------------------------------------------------------------------------------

    def _spot(self, spot: Spot) -> Iterator[Shown]:
        found = self.solver.reach(spot)
        points = found.points
        left, right, turned = text(spot.line, spot.left), text(spot.line, spot.right), False
        if isinstance(spot.left, ast.Constant) and not isinstance(spot.right, ast.Constant):
            left, right, turned = right, left, True
        discrete = spot.form == "truth" or not points.keys().isdisjoint(("holds", "fails"))
        words = {"left": text(spot.line, spot.part) if discrete else left, "right": right, "form": spot.form}
        kind = "truth" if discrete else self._kind(spot)
        sides = SIDES[3:] if discrete else SIDES[:3]
        for side in sides:
            setting = points.get({"below": "above", "above": "below"}.get(side, side) if turned else side)
            if setting is not None or found.reason:
                why = "" if setting is not None else found.reason
                yield self._shown(spot.line, spot.part, f"edges.{kind}.{side}", words, setting, why)

    def _kind(self, spot: Spot) -> str:
        if spot.line.of == "grade" and spot.part.col_offset == NO_PLACE:
            return "grade"
        values = [self.solver.bench.peek(side, {}) for side in (spot.left, spot.right)]
        if any(isinstance(value, date) for value in values):
            return "date"
        return "compare" if spot.form == "compare" else "limit"

    def _shown(
        self, line: Line, part: ast.expr, key: str, values: dict[str, str], setting: Setting | None, why: str
    ) -> Shown:
        return Shown(self._places.of(line, part), line.about, line.of, key, values, setting, why=why)

    # -- compound conditions --------------------------------------------------------------------------------------

    def _decision(self, decision: Decision, pool: list[Setting]) -> Iterator[Shown]:
        root = text(decision.line, decision.root)
        try:
            for index, pair in enumerate(pairs(self.solver, decision, pool)):
                values = {"left": text(decision.line, pair.term), "right": root, "part": str(index)}
                for side, setting in (("holds", pair.holds), ("fails", pair.fails)):
                    why = "edges.unreached.pair" if setting is None else ""
                    shown = self._shown(decision.line, decision.root, f"edges.decides.{side}", values, setting, why)
                    yield shown._replace(masking=pair.masking)
        except Exhausted:
            values = {"left": root, "right": root}
            yield self._shown(
                decision.line, decision.root, "edges.decides.holds", values, None, "edges.unreached.search"
            )

    # -- facts ----------------------------------------------------------------------------------------------------

    def _facts(self) -> Iterator[Shown]:
        """Every answer, choice and item; the edges of levels."""
        read = {name for _, tree in self.program.trees for name in _names(tree)}
        for identifier, fact in self.program.facts.items():
            path: KeyPath = ("facts", identifier)
            if fact.kind == "judgement" and not self._own(path):
                path = ("levels", str(fact.levels))
            if not self._own(path):
                continue
            knobs = [knob for knob in self.panel.knobs.values() if knob.fact == identifier]
            if read.isdisjoint(name for knob in knobs for name in knob.names):
                continue
            for key, values, setting in self._of_fact(fact, knobs):
                yield Shown(path, f"facts.{identifier}", "fact", key, values, setting)
            for values, given in self._odd_rates(fact):
                yield Shown(path, f"facts.{identifier}", "fact", "edges.level", values, {}, {identifier: given})

    def _of_fact(self, fact: model.Fact, knobs: list[Knob]) -> Iterator[tuple[str, dict[str, str], Setting]]:
        if fact.kind == "checklist":
            whole = {knob.label: True for knob in knobs}
            for knob in knobs:
                item = knob.label.partition(".")[2]
                yield "edges.item", {"left": item}, {**whole, knob.label: False}
            yield "edges.no-item", {}, dict.fromkeys(whole, False)
        elif fact.kind == "truth":
            for option, key in ((True, "edges.yes"), (False, "edges.no")):
                yield key, {}, {knobs[0].label: option}
        elif fact.kind == "choice":
            for option in knobs[0].options:
                yield "edges.choice", {"right": option}, {knobs[0].label: option}
        elif fact.kind == "judgement":
            yield from self._rates(fact, knobs[0])

    def _rates(self, fact: model.Fact, knob: Knob) -> Iterator[tuple[str, dict[str, str], Setting]]:
        """The rates at the edges of the levels of a judged fact, and beside them."""
        edges = {edge for step in self._steps(fact) for edge, _ in _ends(step)}
        for edge in sorted(edges, reverse=True):
            for side, rate in (("below", edge - knob.step), ("at", edge), ("above", edge + knob.step)):
                if knob.takes(rate):
                    yield f"edges.rate.{side}", {"right": numbers.plain(edge)}, {knob.label: rate}

    def _odd_rates(self, fact: model.Fact) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
        """A level with the nearest rate outside each of its edges, which does not fit it."""
        for step in self._steps(fact):
            for _, outside in _ends(step):
                said = {"left": step.id, "right": numbers.plain(outside)}
                yield said, {"level": step.id, "rate": numbers.to_decimal(outside)}

    def _steps(self, fact: model.Fact) -> list[model.LevelStep]:
        return self._levels[fact.levels].steps if fact.levels else []


def _ends(step: model.LevelStep) -> Iterator[tuple[Fraction, Fraction]]:
    """The edges of a level, each with the nearest rate outside it."""
    for edge, beyond in ((step.from_, -CENT), (step.above, 0), (step.to, CENT), (step.below, 0)):
        if edge is not None:
            yield numbers.to_fraction(edge), numbers.to_fraction(edge) + beyond


class _Places:
    """The key of the ruleset that says a node of a line."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._known: dict[str, dict[int, KeyPath]] = {}

    def of(self, line: Line, node: ast.expr) -> KeyPath:
        """The key that a node stands in; of a node that nobody wrote the key that it comes from."""
        if line.name not in self._known:
            self._known[line.name] = dict(self._nodes(line))
        return self._known[line.name].get(id(node)) or self._whole(line)

    def _nodes(self, line: Line) -> Iterator[tuple[int, KeyPath]]:
        for rung in rungs(self.program, line):
            yield from ((id(node), rung.path) for node in ast.walk(rung.test or rung.outcome))
        for path, tree, _ in written(self.program, line):
            yield from ((id(node), path) for node in ast.walk(tree))

    def _whole(self, line: Line) -> KeyPath:
        section, _, identifier = (line.source or line.about).partition(".")
        if line.of == "met":
            return section, identifier, "target"
        return (section, identifier) if identifier else (section,)


def _names(tree: ast.expr) -> Iterator[str]:
    return (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
