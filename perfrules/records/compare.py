"""compare(): why two evaluations differ, in points, fact by fact and rule by rule.

Everything that differs between the two (a fact's value, a part of the ruleset) is an input that can be in its old or in
its new state. An input's share is its Shapley value: what it adds to the total on average over every order in which the
inputs could have changed, so that the shares add up to the difference exactly and equal inputs get equal shares. With
more than `MAX_SHAPLEY` inputs one order is taken: rules first, then facts, each in the order of the ruleset.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from math import factorial
from typing import Any, Literal, NamedTuple

import tomli_w

from perfrules.errors import RulesetError
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.results import Status
from perfrules.evaluation.scoring import evaluate
from perfrules.evaluation.submission import Submission
from perfrules.formula.systems.exact import Unknown
from perfrules.ruleset import model
from perfrules.ruleset.library import Ruleset, assemble
from perfrules.ruleset.resolve import Layer
from perfrules.ruleset.toml import parse

MAX_SHAPLEY = 8
"""Inputs over all whose orders is averaged: 256 mixes of old and new to evaluate."""

RULES = "ruleset"
"""The input that all changed rules are together, where they cannot be mixed one by one."""

_RESOLVED = ("extends", "overlays", "drops", "expects", "framework", "plan")

Input = tuple[Literal["rule", "fact"], str]


class Change(NamedTuple):
    """One thing that differs, and the points that it makes.

    Attributes:
        kind: `rule` or `fact`.
        about: `indicators.x`, `methods.m`, … or the id of a fact; `ruleset` where rules cannot be taken one by one.
        before, after: The fact's value; None for a rule, and where it is not known.
        points: Its share of the difference of the totals.
    """

    kind: str
    about: str
    before: Any
    after: Any
    points: Fraction


class RowChange(NamedTuple):
    """One indicator on both sides; None where a side has no such indicator or no score."""

    id: str
    title: Mapping[str, str]
    before: Fraction | None
    after: Fraction | None
    weights: tuple[Fraction | None, Fraction | None]
    statuses: tuple[str | None, str | None]

    @property
    def difference(self) -> Fraction | None:
        """Points after less points before; None where a side has none."""
        return None if self.before is None or self.after is None else self.after - self.before


class Comparison:
    """Two evaluations side by side. What costs further evaluations is worked out when it is asked for.

    Attributes:
        before, after: The evaluations.
    """

    def __init__(self, before: Evaluation, after: Evaluation) -> None:
        """Take two evaluations."""
        self.before = before
        self.after = after
        self._mixes = _Mixes(before, after)

    @cached_property
    def totals(self) -> tuple[Fraction, Fraction]:
        """The totals that are compared: scores, or lower bounds where a total is open (`assured`)."""
        return assured(self.before), assured(self.after)

    @property
    def difference(self) -> Fraction:
        """The total after less the total before."""
        return self.totals[1] - self.totals[0]

    @property
    def is_assured(self) -> bool:
        """Whether a total is open, so that its lower bound stands for it."""
        return any(one.total is not None and one.total.exact is None for one in (self.before, self.after))

    @property
    def way(self) -> str:
        """How the difference is shared out: `shapley` or `in-order`."""
        return "shapley" if len(self._mixes.inputs) <= MAX_SHAPLEY else "in-order"

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """Everything that differs, with its points: rules first, in the order of the ruleset."""
        shares = _shares(self._mixes.inputs, self._mixes.total)
        return tuple(Change(kind, about, *self._values(kind, about), shares[kind, about]) for kind, about in shares)

    def _values(self, kind: str, about: str) -> tuple[Any, Any]:
        if kind == "rule":
            return None, None
        return self.before.submission.raw.get(about), self.after.submission.raw.get(about)

    @cached_property
    def rows(self) -> tuple[RowChange, ...]:
        """Every indicator of either side, in the order of the later ruleset, then what only the earlier one has."""
        names = list(dict.fromkeys([*(row.id for row in self.after), *(row.id for row in self.before)]))
        return tuple(self._row(name) for name in names)

    def _row(self, identifier: str) -> RowChange:
        sides = [
            one[identifier] if identifier in one.ruleset.program.rows else None for one in (self.before, self.after)
        ]
        known = [side for side in sides if side is not None]
        scores = [None if side is None or side.status is Status.NOT_APPLICABLE else side.exact for side in sides]
        weights = [None if side is None else side.weight for side in sides]
        statuses = [None if side is None else side.status.value for side in sides]
        return RowChange(
            identifier, known[-1].title, scores[0], scores[1], (weights[0], weights[1]), (statuses[0], statuses[1])
        )


def compare(before: Evaluation, after: Evaluation) -> Comparison:
    """Why two evaluations differ.

    Args:
        before: The earlier one, or the one that counts as the rule.
        after: The other one: of another submission, another ruleset, or both.

    Returns:
        The comparison: `difference` in points, `changes` that add up to it exactly, `rows` side by side.
    """
    return Comparison(before, after)


def assured(evaluation: Evaluation) -> Fraction:
    """The total, or its lower bound while it is open; 0 where there is no total, or nothing bounds it from below."""
    total = evaluation.total
    if total is None:
        return Fraction(0)
    if total.exact is not None:
        return total.exact
    interval = total.interval
    low = None if interval is None or isinstance(interval.low, float) else interval.low
    return Fraction(0) if low is None else Fraction(low.numerator, low.denominator)


# -- sharing out ---------------------------------------------------------------------------------------------------


def _shares(inputs: Sequence[Input], total: Callable[[frozenset[Input]], Fraction]) -> dict[Input, Fraction]:
    """What each input adds: on average over all orders, or in the one order where there are too many."""
    if len(inputs) > MAX_SHAPLEY:
        steps = [total(frozenset(inputs[:count])) for count in range(len(inputs) + 1)]
        return {one: steps[index + 1] - steps[index] for index, one in enumerate(inputs)}
    count, shares = len(inputs), {}
    for one in inputs:
        others = [other for other in inputs if other != one]
        share = Fraction(0)
        for size in range(count):
            weight = Fraction(factorial(size) * factorial(count - size - 1), factorial(count))
            for chosen in map(frozenset, combinations(others, size)):
                share += weight * (total(chosen | {one}) - total(chosen))
        shares[one] = share
    return shares


class _Mixes:
    """Evaluations with some inputs as they were and some as they are now."""

    def __init__(self, before: Evaluation, after: Evaluation) -> None:
        self.before = before
        self.after = after
        self.old, self.new = _parts(before.ruleset), _parts(after.ruleset)
        self._rulesets: dict[frozenset[str], Ruleset] = {}
        self._totals: dict[frozenset[Input], Fraction] = {}

    @cached_property
    def inputs(self) -> tuple[Input, ...]:
        """What differs: parts of the ruleset, then facts."""
        names = dict.fromkeys([*self.old, *self.new])
        rules = tuple(name for name in names if self.old.get(name) != self.new.get(name))
        if rules and not self._mixes_well(rules):
            rules = (RULES,)
        facts = dict.fromkeys([*self.before.ruleset.program.facts, *self.after.ruleset.program.facts])
        changed = (name for name in facts if _said(self.before, name) != _said(self.after, name))
        return (*(("rule", name) for name in rules), *(("fact", name) for name in changed))

    def _mixes_well(self, rules: Sequence[str]) -> bool:
        """Whether rulesets in which only some of the rules have changed can be scored with."""
        few = len(rules) <= MAX_SHAPLEY
        sizes = range(len(rules) + 1)
        mixed = (
            [frozenset(chosen) for size in sizes for chosen in combinations(rules, size)]
            if few
            else [frozenset(rules[:size]) for size in sizes]
        )
        try:
            for chosen in mixed:
                self._ruleset(chosen)
        except RulesetError:
            return False
        return True

    def total(self, changed: frozenset[Input]) -> Fraction:
        """The total with some inputs in their new state."""
        if changed not in self._totals:
            self._totals[changed] = assured(self._evaluation(changed))
        return self._totals[changed]

    def _evaluation(self, changed: frozenset[Input]) -> Evaluation:
        if not changed:
            return self.before
        if len(changed) == len(self.inputs):
            return self.after
        rules = frozenset(about for kind, about in changed if kind == "rule")
        ruleset = self.after.ruleset if RULES in rules else self._ruleset(rules)
        raw = {}
        for name in ruleset.program.facts:
            side = self.after if ("fact", name) in changed else self.before
            if not self._differs(name):
                side = self.before if name in self.before.submission.raw else self.after
            if name in side.submission.raw:
                raw[name] = side.submission.raw[name]
        return evaluate(ruleset, Submission(raw, texts=self.before.submission.texts))

    def _differs(self, name: str) -> bool:
        return ("fact", name) in self.inputs

    def _ruleset(self, changed: frozenset[str]) -> Ruleset:
        """The earlier ruleset with some parts as the later one has them."""
        if not changed:
            return self.before.ruleset
        if changed not in self._rulesets:
            chosen = {name: (self.new if name in changed else self.old).get(name) for name in [*self.old, *self.new]}
            data: dict[str, Any] = {"format": 1, "ruleset": _header(self.before.ruleset)}
            for name, part in chosen.items():
                if part is not None:
                    section, _, identifier = name.partition(".")
                    if identifier:
                        data.setdefault(section, {})[identifier] = part
                    else:
                        data[section] = part
            document = parse(tomli_w.dumps(data), "mixed")
            self._rulesets[changed] = assemble((Layer(document, "ruleset"),))
        return self._rulesets[changed]


def _parts(ruleset: Ruleset) -> dict[str, Any]:
    """The parts of a resolved ruleset, those that matter to scores; titles and explanations do not."""
    parts: dict[str, Any] = {}
    for section, content in ruleset.merged.items():
        if section in model.SECTIONS:
            parts |= {f"{section}.{name}": _bare(part) for name, part in content.items()}
        elif section in ("rounding", "total", "units"):
            parts[section] = _bare(content)
    return parts


_WORDS = ("title", "explanation", "standard", "authority", "note", "provenance")


def _bare(part: Any) -> Any:
    """A part without what is only read by people."""
    if not isinstance(part, dict):
        return part
    return {key: value for key, value in part.items() if key not in _WORDS}


def _header(ruleset: Ruleset) -> dict[str, Any]:
    """The header of a mix: a plan, so that weights which do not add up between two states are no error."""
    kept = {key: value for key, value in ruleset.merged.get("ruleset", {}).items() if key not in _RESOLVED}
    return {**_bare(kept), "plan": True}


def _said(evaluation: Evaluation, fact: str) -> Any:
    """What is known of a fact, so that 95 and 95.0 are the same, and a level without a rate is one."""
    value = evaluation.facts.names.get(fact)
    if isinstance(value, Unknown):
        return (evaluation.facts.levels.get(fact), str(value))
    if isinstance(value, tuple):
        own = {name: one for name, one in evaluation.facts.names.items() if name.partition(".")[0] == fact}
        return repr(sorted(own.items()))
    return value
