"""Settings at which two expressions meet, and just miss each other on either side.

One knob is turned at a time, another being set to a round number where that brings the two closer; where no knob alone
makes them meet, one is turned after the other.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from perfrules.cases.generated.bench import Bench, Setting
from perfrules.cases.generated.knobs import Knob
from perfrules.cases.generated.roots import Gap, edge, nicest, roots, samples
from perfrules.cases.generated.spots import Guards

SIDES = ("below", "at", "above")
"""Where the left expression stands to the right one."""

Points = dict[str, Setting]
"""Settings by side."""

MANY_KNOBS = 4
"""More knobs than these are turned one after the other, and not in pairs."""

_SCALES = (1000, 100, 10_000, 200, 300, 700, 1)
_RATE = 1000
_JUMPS = 3
_BESIDE = 12


class Search:
    """The search for one pair of expressions."""

    def __init__(self, bench: Bench, left: ast.expr, right: ast.expr, guards: Guards) -> None:
        """Take where to evaluate, the two expressions, and what must be at any setting that is returned."""
        self.bench = bench
        self.left, self.right, self.guards = left, right, guards
        self.literals = bench.literals(left) | bench.literals(right)

    def points(self, start: Setting) -> Points:
        """The settings at which the two meet, and next to it on either side, as far as they are found."""
        best: Points = {}
        every = self.bench.knobs(self.left, self.right)
        knobs = [knob for knob in every if not knob.options]
        for knob in knobs if len(every) <= MANY_KNOBS else ():
            best = max(best, self._by(start, knob, [other for other in knobs if other is not knob]), key=len)
            if len(best) == len(SIDES):
                return best
        return self._completed(best or self._walk(start, every), knobs)

    def gap(self, setting: Setting) -> Fraction | None:
        """How far the left expression is above the right one; None where that cannot be said."""
        return self.bench.gap(self.left, self.right, setting)

    def _along(self, setting: Setting, knob: Knob) -> Gap:
        """The gap as a function of one knob."""
        known: dict[Fraction, Fraction | None] = {}

        def gap(value: Fraction) -> Fraction | None:
            if value not in known:
                known[value] = self.gap({**setting, knob.label: value})
            return known[value]

        return gap

    def _by(self, start: Setting, knob: Knob, others: Sequence[Knob]) -> Points:
        """What turning one knob finds: from the base; else, or if closer, with one other knob at a round number."""
        best = self._turn(start, knob)
        if len(best) == len(SIDES) and knob.kind != "count":
            return best
        for other in others if knob.kind != "date" else ():
            for scale in _SCALES if other.kind != "date" else ():
                if other.low <= scale <= other.high:
                    found = self._turn({**start, other.label: Fraction(scale)}, knob)
                    best = found if self._is_better(found, best, knob) else best
                if len(best) == len(SIDES):
                    return best
        return best

    def _is_better(self, found: Points, best: Points, knob: Knob) -> bool:
        """Whether a finding has more sides, or misses by markedly less: one post of 20 is 5 %, of 1000 a tenth."""
        if len(found) != len(best) or knob.kind != "count":
            return len(found) > len(best)
        return self._distance(found) * 2 < self._distance(best)

    def _distance(self, points: Points) -> Fraction:
        return max((abs(self.gap(point) or Fraction(0)) for point in points.values()), default=Fraction(0))

    def _turn(self, start: Setting, knob: Knob, stops: Sequence[Fraction] = ()) -> Points:
        """The first meeting along one knob that leaves the guards as they must be."""
        gap = self._along(start, knob)
        best: Points = {}
        for root in roots(gap, knob, stops or self._stops(start, knob)):
            found = self._sides(start, knob, gap, root)
            best = found if len(found) > len(best) else best
            if len(best) == len(SIDES):
                break
        return best

    def _sides(self, start: Setting, knob: Knob, gap: Gap, root: tuple[Fraction, Fraction]) -> Points:
        """The settings at a root and beside it; of two neighbours between which the sign changes, those two."""
        low, high = root
        stops = {low, high}
        if low == high:
            below, above = edge(gap, knob, low, -1), edge(gap, knob, low, 1)
            inside = nicest(low if below is None else below + knob.step, low if above is None else above - knob.step)
            at = inside if gap(inside) == 0 else low
            stops = {stop for stop in (below, at, above) if stop is not None}
        points: Points = {}
        for stop in sorted(stops):
            difference, setting = gap(stop), {**start, knob.label: stop}
            if difference is not None and knob.takes(stop) and self.bench.holds(self.guards, setting):
                points.setdefault(SIDES[(difference > 0) - (difference < 0) + 1], setting)
        return points

    def _completed(self, points: Points, knobs: Sequence[Knob]) -> Points:
        """Look for the missing sides from the setting at which the two meet: the nearest that a few knobs come to."""
        at, found = points.get("at"), dict(points)
        if at is None or len(points) == len(SIDES):
            return points
        least: dict[str, Fraction] = {}
        for knob in sorted(knobs, key=lambda one: one.kind != "number")[:_BESIDE]:
            gap = self._along(at, knob)
            current = Fraction(at.get(knob.label, self.bench.panel.base[knob.label]))
            for stop in (edge(gap, knob, current, -1), edge(gap, knob, current, 1)):
                difference = None if stop is None else gap(stop)
                if stop is None or difference is None or not knob.takes(stop):
                    continue
                side, setting = SIDES[(difference > 0) - (difference < 0) + 1], {**at, knob.label: stop}
                nearer = side not in least or abs(difference) < least[side]
                if side not in points and nearer and self.bench.holds(self.guards, setting):
                    found[side], least[side] = setting, abs(difference)
        return found

    def _walk(self, start: Setting, knobs: Sequence[Knob]) -> Points:
        """Turn one knob after the other as far as it brings the two together without passing, until one passes.

        One that only jumps past is left before its jump, and a few more are tried. Where there are answers and choices
        only, the nearest settings that were passed are the answer.
        """
        best: Points = {}
        passed: dict[str, tuple[Fraction, Setting]] = {}
        setting, jumps = start, 0
        for knob in sorted(knobs, key=lambda one: self._roughness(start, one)):
            stops = self._coarse(setting, knob)
            found = {} if knob.options else self._turn(setting, knob, stops)
            best = max(best, found, key=len)
            jumps += bool(found)
            if "at" in best or jumps > _JUMPS:
                return best
            turned = [*({**setting, knob.label: stop} for stop in stops), *found.values()]
            setting = self._closest(setting, turned, passed)
        return {**{side: one for side, (_, one) in passed.items()}, **best}

    def _roughness(self, setting: Setting, knob: Knob) -> tuple[bool, int]:
        """Rates first, then what brings about the most different gaps: with the finest the two meet exactly."""
        gaps = {self.gap({**setting, knob.label: stop}) for stop in self._coarse(setting, knob)}
        return not (knob.kind == "number" and knob.high - knob.low <= _RATE), -len(gaps)

    def _coarse(self, setting: Setting, knob: Knob) -> Sequence[Any]:
        """A few settings of a knob: far apart, and around the current one."""
        if knob.options:
            return knob.options
        every = self._stops(setting, knob)
        current = bisect_left(every, setting.get(knob.label, self.bench.panel.base[knob.label]))
        near = range(max(0, current - 2), min(len(every), current + 3))
        far = range(0, len(every), max(1, len(every) // 6))
        return [every[index] for index in sorted({*near, *far, len(every) - 1})]

    def _closest(
        self, setting: Setting, turned: Sequence[Setting], passed: dict[str, tuple[Fraction, Setting]]
    ) -> Setting:
        """The setting that brings the two closest without passing; the nearest of each side is kept in `passed`."""
        best, least = setting, self.gap(setting)
        for one in turned:
            gap = self.gap(one)
            if gap is None or not self.bench.holds(self.guards, one):
                continue
            side = SIDES[(gap > 0) - (gap < 0) + 1]
            if side not in passed or abs(gap) < passed[side][0]:
                passed[side] = abs(gap), one
            if least is None or (abs(gap) < abs(least) and gap * least >= 0):
                best, least = one, gap
        return best

    def _stops(self, setting: Setting, knob: Knob) -> tuple[Fraction, ...]:
        return samples(knob, setting.get(knob.label, self.bench.panel.base[knob.label]), self.literals)
