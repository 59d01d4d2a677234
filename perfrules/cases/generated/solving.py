"""Settings in which conditions are as they must be, and settings at and beside the spots of a program."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from perfrules.cases.generated.bench import Bench, Exhausted, Setting
from perfrules.cases.generated.knobs import Knob
from perfrules.cases.generated.roots import samples
from perfrules.cases.generated.search import MANY_KNOBS, SIDES, Points, Search
from perfrules.cases.generated.spots import Guard, Spot
from perfrules.ruleset.program import compare

_OPERATORS: dict[str, type[ast.cmpop]] = {"below": ast.Lt, "at": ast.Eq, "above": ast.Gt}
_ROUNDS = 8
_FEW = 12


class Found(NamedTuple):
    """The settings that were found for a spot, by side, and why there are no more."""

    points: Points
    reason: str = ""


class Solver:
    """Finds settings for conditions and spots."""

    def __init__(self, bench: Bench) -> None:
        """Take the bench to evaluate on."""
        self.bench = bench

    def meet(self, setting: Setting, guards: Sequence[Guard]) -> Setting | None:
        """A setting near a given one in which every guard is as it must be; None where none is found."""
        for _ in range(_ROUNDS):
            unmet = next((guard for guard in guards if self.bench.value(guard.test, setting) is not guard.wanted), None)
            if unmet is None:
                return setting
            turned = self._satisfy(setting, unmet, guards)
            if turned is None:
                return None
            setting = turned
        return None

    def _satisfy(self, setting: Setting, guard: Guard, keep: Sequence[Guard]) -> Setting | None:
        """A setting in which one guard is as it must be, and if possible all others too."""
        first = None
        for turned in self._candidates(setting, guard):
            if self.bench.value(guard.test, turned) is guard.wanted:
                if self.bench.holds(keep, turned):
                    return turned
                first = first or turned
        return first

    def _candidates(self, setting: Setting, guard: Guard) -> Iterator[Setting]:
        test = self.bench.resolve(guard.test)
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            yield from self._candidates(setting, Guard(test.operand, not guard.wanted))
        elif isinstance(test, ast.BoolOp):
            if isinstance(test.op, ast.And) is guard.wanted:
                turned = self.meet(setting, [Guard(term, guard.wanted) for term in test.values])
                yield from [] if turned is None else [turned]
            else:
                for term in test.values:
                    yield from self._candidates(setting, Guard(term, guard.wanted))
        else:
            yield from self._single(setting, test)

    def _single(self, setting: Setting, test: ast.expr) -> Iterator[Setting]:
        """Settings around which a condition without terms may change: one knob turned, then two."""
        knobs = self.bench.knobs(test)
        if len(knobs) > MANY_KNOBS:
            yield from self._meetings(setting, test)
        for knob in knobs:
            yield from self._turns(setting, knob, test)
        if len(knobs) <= MANY_KNOBS:
            yield from self._meetings(setting, test)
            yield from self._pairs(setting, knobs, test)

    def _meetings(self, setting: Setting, test: ast.expr) -> Iterator[Setting]:
        """Settings at which the two sides of a comparison meet, and beside it."""
        if isinstance(test, ast.Compare):
            yield from Search(self.bench, test.left, test.comparators[0], ()).points(setting).values()

    def _pairs(self, setting: Setting, knobs: Sequence[Knob], test: ast.expr) -> Iterator[Setting]:
        """Settings with two knobs turned."""
        for one, two in itertools.combinations(knobs, 2):
            for turned in itertools.islice(self._turns(setting, one, test), _FEW):
                yield from itertools.islice(self._turns(turned, two, test), _FEW)

    def _turns(self, setting: Setting, knob: Knob, test: ast.expr) -> Iterator[Setting]:
        current = setting.get(knob.label, self.bench.panel.base[knob.label])
        if knob.options:
            yield from ({**setting, knob.label: option} for option in knob.options if option != current)
            return
        stops = samples(knob, current, self.bench.literals(test))
        for value in sorted(stops, key=lambda stop: (stop.denominator, abs(stop - current), stop)):
            if value != current:
                yield {**setting, knob.label: value}

    # -- spots ----------------------------------------------------------------------------------------------------

    def reach(self, spot: Spot) -> Found:
        """Settings at a spot and just on either side; of a truth, in which it holds and does not."""
        try:
            with self.bench.share():
                return self._reach(spot)
        except Exhausted:
            return Found({}, "edges.unreached.search")

    def _reach(self, spot: Spot) -> Found:
        if not self.bench.knobs(spot.left, spot.right):
            return Found({}, "edges.unreached.fixed")
        start = self.meet({}, spot.guards)
        if start is None:
            return Found({}, "edges.unreached.guard")
        if spot.form == "truth" or self._is_discrete(spot, start):
            return self._discrete(spot, start)
        points = Search(self.bench, spot.left, spot.right, spot.guards).points(start)
        if len(points) == len(SIDES) or not spot.guards:
            return Found(points, "" if len(points) == len(SIDES) else "edges.unreached.range")
        free = Search(self.bench, spot.left, spot.right, ()).points(start)
        points = {**self._led_back(spot, free), **points}
        reason = "edges.unreached.guard" if free.keys() > points.keys() else "edges.unreached.range"
        return Found(points, "" if len(points) == len(SIDES) else reason)

    def _led_back(self, spot: Spot, free: Points) -> Points:
        """Settings found without regard to the guards, turned so that the guards are as they must be."""
        points: Points = {}
        for side, setting in free.items():
            stays = Guard(compare(spot.left, _OPERATORS[side](), spot.right), wanted=True)
            found = self.meet(setting, [*spot.guards, stays])
            if found is not None:
                points[side] = found
        return points

    def _is_discrete(self, spot: Spot, start: Setting) -> bool:
        """Whether a comparison is of choices, texts or truth values."""
        return any(isinstance(self.bench.value(side, start), bool | str) for side in (spot.left, spot.right))

    def _discrete(self, spot: Spot, start: Setting) -> Found:
        points = {}
        for side, wanted in (("holds", True), ("fails", False)):
            found = self.meet(start, [Guard(spot.part, wanted), *spot.guards])
            if found is not None:
                points[side] = found
        asks = isinstance(spot.part, ast.Call)  # `known`, and every fact is given
        return Found(points, "" if len(points) == 2 else f"edges.unreached.{'given' if asks else 'range'}")
