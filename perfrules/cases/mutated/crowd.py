"""Many submissions by which two rulesets are compared: those of the cases, the edges, and random ones.

What is compared is what a case could expect: scores, statuses, grades, values, checks, reasons owed, findings.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Any, NamedTuple

from perfrules.cases.generated import casefile
from perfrules.cases.generated.bench import Exhausted, Setting
from perfrules.cases.generated.exploring import Explorer, Shown
from perfrules.cases.generated.roots import samples
from perfrules.cases.generated.targets import Target, submitted, targets
from perfrules.cases.mutated.rerun import Rerun, outcome
from perfrules.cases.run import Trial
from perfrules.errors import PerfrulesError, RulesetError
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.scoring import evaluate
from perfrules.formula.systems.exact import Unknown
from perfrules.ruleset.library import Ruleset
from perfrules.ruleset.program import name, plus
from perfrules.ruleset.toml import KeyPath

RANDOM = 100
"""Random submissions for each ruleset that is tried."""

_ALTERED_WORK = 100_000, 30_000
_SEED = 2013
_TURNED = 0.4

_Given = tuple[str, Mapping[str, Any], Setting]
"""What facts are about, those said besides the knobs, and the knobs."""

Alter = Callable[[Ruleset], Rerun]


class Witness(NamedTuple):
    """Facts by which two rulesets differ, as a case would set and unset them; none where a case's own facts do."""

    base: str | None = None
    set: Mapping[str, Any] = {}
    unset: tuple[str, ...] = ()

    @property
    def said(self) -> dict[str, str]:
        """What a case would say, as text in TOML; empty where there is a case with these facts."""
        said = {"base": self.base, "set": self.set, "unset": self.unset}
        return {key: casefile.value(given) for key, given in said.items() if given}


class _Tried(NamedTuple):
    """One submission evaluated, what comes out of it, and what it is about."""

    evaluation: Evaluation
    about: str
    outcome: list[Any]
    witness: Witness


class Crowd:
    """The submissions, and what the ruleset as it is makes of them; found when first asked for."""

    def __init__(self, trial: Trial, given: list[Evaluation]) -> None:
        """Take the ruleset under test, and the evaluations of its cases."""
        self.trial = trial
        self.given = given
        self._tried: list[_Tried] | None = None
        self._targets: list[Target] = []

    def difference(self, alter: Alter, path: KeyPath) -> Witness | None:
        """Facts of which an altered ruleset makes something else; None where none were found.

        Args:
            alter: Gives the altered ruleset for one that is tried.
            path: What was changed: its own edges are tried too.
        """
        if self._tried is None:
            self._tried = list(self._everything())
        part = ".".join(map(str, path[:2]))
        for tried in sorted(self._tried, key=lambda one: one.about != part):
            if self._differs(tried, alter):
                return tried.witness
        for target in self._targets:
            for tried in self._edges_of(target, alter, part):
                if self._differs(tried, alter):
                    return tried.witness
        return None

    def _differs(self, tried: _Tried, alter: Alter) -> bool:
        try:
            evaluation = alter(tried.evaluation.ruleset).evaluation(tried.evaluation)
            return evaluation is not None and outcome(evaluation) != tried.outcome
        except PerfrulesError:
            return True

    def _everything(self) -> Iterator[_Tried]:
        for evaluation in self.given:
            yield _Tried(evaluation, "", outcome(evaluation), Witness())
        try:
            self._targets = targets(self.trial)
        except RulesetError:  # a framework without cases: there is nothing to try it on
            return
        for target in self._targets:
            explorer = Explorer(target)
            others: Iterator[_Given] = (("", {}, setting) for setting in (*_random(explorer), *_extremes(explorer)))
            yield from self._made(target, explorer, [*_settings(explorer.everything()), *others])
            whole = explorer.panel.raw({})
            for fact in target.ruleset.program.facts:
                rest = {name: given for name, given in whole.items() if name != fact}
                yield from _tried(target, f"facts.{fact}", Witness(target.base, rest, (fact,)))

    def _made(self, target: Target, explorer: Explorer, settings: Iterable[_Given]) -> Iterator[_Tried]:
        """The submissions that settings come to."""
        for about, raw, setting in settings:
            yield from _tried(target, about, Witness(target.base, {**explorer.panel.raw(setting), **raw}))

    def _edges_of(self, target: Target, alter: Alter, part: str) -> Iterator[_Tried]:
        """The edges that an altered ruleset has in the part that was changed, or where that is used."""
        try:
            altered = alter(target.ruleset).after
            explorer = Explorer(target._replace(ruleset=altered, own=lambda path: True), *_ALTERED_WORK)
        except PerfrulesError:
            return
        program = altered.program
        users = {line.about for line in program.lines if line.source == part} | {part}
        yield from self._made(target, explorer, _settings(explorer.everything(users.__contains__)))


def _settings(found: Iterable[Shown]) -> Iterator[_Given]:
    """The settings among what was found: what each is about, what is said besides, the knobs."""
    return ((shown.about, shown.raw, shown.setting) for shown in found if shown.setting is not None)


def _tried(target: Target, about: str, witness: Witness) -> Iterator[_Tried]:
    """The evaluation of some facts; none where the ruleset refuses them."""
    submission = submitted(target, witness.set)
    submission.raw = {name: given for name, given in submission.raw.items() if name not in witness.unset}
    with contextlib.suppress(PerfrulesError):
        evaluation = evaluate(target.ruleset, submission)
        evaluation.trace.clear()  # hundreds of traces that nobody reads
        yield _Tried(evaluation, about, outcome(evaluation), witness)


def _extremes(explorer: Explorer) -> Iterator[Setting]:
    """The worst and the best: every knob where it brings the total, or the sum of the dimensions, lowest or highest."""
    program, bench = explorer.program, explorer.solver.bench
    roots = [program.total] if program.total else [branch for branch in program.branches.values() if not branch.within]
    total = plus([name(root.score) for root in roots])
    worst, best = dict(explorer.panel.base), dict(explorer.panel.base)
    with contextlib.suppress(Exhausted), bench.share():
        for label, knob in explorer.panel.knobs.items():
            stops = knob.options or _spread(samples(knob, explorer.panel.base[label], frozenset()))
            scores = {stop: bench.value(total, {label: stop}) for stop in stops}
            known = {stop: score for stop, score in scores.items() if not isinstance(score, Unknown)}
            if known:
                worst[label], best[label] = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
    yield from (worst, best)


def _spread(stops: Sequence[Fraction]) -> Sequence[Fraction]:
    """A few of some settings, the first and the last among them."""
    return [*stops[:: len(stops) // 6 + 1], stops[-1]]


def _random(explorer: Explorer) -> Iterator[Setting]:
    """Submissions with some facts turned anywhere in their ranges; the same ones every time."""
    random = Random(_SEED)  # noqa: S311  (nothing is kept secret by it)
    panel = explorer.panel
    literals = frozenset(map(Fraction, (0, 50, 60, 80, 90, 95, 100, 105, 110, 120, 130)))
    for _ in range(RANDOM):
        setting: Setting = {}
        for label, knob in panel.knobs.items():
            if random.random() >= _TURNED:
                continue
            if knob.options:
                setting[label] = random.choice(knob.options)
                continue
            stops = samples(knob, panel.base[label], literals)
            near = random.choice(stops) + random.randrange(-200, 201) * knob.step
            setting[label] = near if knob.takes(near) else random.choice(stops)
        yield setting
