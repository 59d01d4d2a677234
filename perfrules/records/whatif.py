"""What if: the same submission with other facts; the least change that reaches a total; what is still open.

Every answer is one that was evaluated: nothing is extrapolated.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, NamedTuple

from perfrules import numbers, words
from perfrules.errors import Finding, SubmissionError
from perfrules.evaluation.cells import gathered
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.facts import FactReader, Unreadable, prepared
from perfrules.evaluation.scoring import evaluate
from perfrules.formula.systems.exact import Unknown
from perfrules.numbers import Exact
from perfrules.records.compare import assured
from perfrules.ruleset import model
from perfrules.ruleset.names import NUMERIC, fact_of
from perfrules.ruleset.ranges import OPEN

MAX_STEPS = 60
"""Halvings of the way between a value that does not reach the goal and one that does."""

_PLACES = 2
_FAR = 1_000_000_000


def changed(evaluation: Evaluation, facts: Mapping[str, Any]) -> Evaluation:
    """The evaluation with other values for some facts; None takes a fact away.

    Raises:
        SubmissionError: A fact is not known, or its value cannot be read.
    """
    raw = {name: value for name, value in evaluation.submission.raw.items() if name not in facts}
    raw |= {name: value for name, value in facts.items() if value is not None}
    return evaluate(evaluation.ruleset, replace(evaluation.submission, raw=raw, findings=[], data=None))


def assigned(evaluation: Evaluation, texts: Iterable[str]) -> dict[str, Any]:
    """Facts from texts such as `staff_posts=95`, `finished=2023-09-30`, `system.issued=是`, `goal_met=` (taken away).

    Raises:
        SubmissionError: A text says no fact, or a value that is not of its kind; all findings at once.
    """
    program = evaluation.ruleset.program
    findings: list[Finding] = []
    cells: dict[str, str] = {}
    gone: dict[str, Any] = {}
    for text in texts:
        name, equals, said = (part.strip() for part in text.partition("="))
        if not equals or fact_of(name.partition("[")[0]) not in program.facts:
            near = words.nearest(name, program.facts)
            values = {"name": name, "near": near or "", "known": tuple(program.facts), "ruleset": evaluation.ruleset.id}
            key = "unknown-fact.near" if near else "unknown-fact"
            findings.append(Finding("unknown-fact", "error", f"facts.{name}", key, values))
        elif said:
            cells[name] = said
        else:
            gone[name] = None

    def refuse(name: str, text: str, error: Unreadable) -> None:
        values = {"name": name, "given": text, **error.values}
        findings.append(Finding("unreadable-value", "error", f"facts.{name}", error.key, values))

    readers, _ = prepared(program)
    found = {name: _completed(evaluation, name, value) for name, value in gathered(cells, readers, refuse)[0].items()}
    if findings:
        raise SubmissionError(findings)
    return found | gone


def _completed(evaluation: Evaluation, name: str, value: Any) -> Any:
    """Of a checklist, the items that are not named as they were."""
    before = evaluation.submission.raw.get(name)
    items = before.get("value", before) if isinstance(before, Mapping) else None
    is_list = evaluation.ruleset.program.facts[name].kind == "checklist"
    if not is_list or not isinstance(items, Mapping) or not isinstance(value, Mapping):
        return value
    return {"value": {**items, **value.get("value", value)}}


# -- reaching a total ----------------------------------------------------------------------------------------------


class Reach(NamedTuple):
    """What one fact alone can do for a goal.

    Attributes:
        fact: The fact.
        before: Its value now; None while it is not known.
        value: The value nearest to it that reaches the goal; None where none was found.
        total: The total with that value, or the best that was found.
    """

    fact: str
    before: Any
    value: Any
    total: Fraction


def reach(evaluation: Evaluation, goal: Exact) -> tuple[Reach, ...]:
    """For each fact, the least change of it alone that lifts the total to a goal; facts that reach it first.

    Numbers are looked for at the ends of their range, at the thresholds of the ruleset and between, and then the way to
    the nearest one that reaches the goal is halved down to whole units for counts, else to hundredths. A total that is
    open counts by its lower bound. A fact of which no change was found to reach the goal says the best total it gave.
    """
    wanted = numbers.to_fraction(goal)
    readers, _ = prepared(evaluation.ruleset.program)
    found = [
        _Search(evaluation, identifier, fact, readers[identifier], wanted).result()
        for identifier, fact in evaluation.ruleset.program.facts.items()
        if fact.kind not in ("text", "table", "date") and not fact.for_record
    ]
    now = assured(evaluation)
    moved = [one for one in found if one.value is not None or one.total != now]
    return tuple(sorted(moved, key=lambda one: (one.value is None, -one.total)))


class _Search:
    """The search over the values of one fact."""

    def __init__(
        self, evaluation: Evaluation, identifier: str, fact: model.Fact, reader: FactReader, goal: Fraction
    ) -> None:
        self.evaluation = evaluation
        self.id = identifier
        self.fact = fact
        self.reader = reader
        self.goal = goal
        self.places = 0 if fact.kind == "count" else _PLACES
        before = evaluation.facts.names.get(identifier)
        self.before = None if isinstance(before, Unknown) else before
        self.now, self.scored = assured(evaluation), _scored(evaluation)

    def total(self, value: Any) -> Fraction:
        """The total with another value of the fact; of an open one, what its scored rows add to the present bound."""
        found = changed(self.evaluation, {self.id: value})
        if found.total is None or found.total.exact is not None:
            return assured(found)
        return self.now + _scored(found) - self.scored

    def _reached(self, value: Any) -> Reach:
        """The answer with a value that reaches the goal, evaluated once more with its bounds."""
        total = assured(changed(self.evaluation, {self.id: value}))
        return Reach(self.id, self.before, value if total >= self.goal else None, total)

    def result(self) -> Reach:
        """The value nearest to the present one that reaches the goal, or the best total."""
        if self.fact.kind in NUMERIC:
            return self._numeric()
        tried = [(value, self.total(value)) for value in self._options()]
        reaching = [pair for pair in tried if pair[1] >= self.goal]
        if reaching:
            return self._reached(reaching[0][0])
        return Reach(self.id, self.before, None, max([total for _, total in tried], default=self.now))

    def _options(self) -> Iterator[Any]:
        if self.fact.kind == "truth":
            yield from (True, False)
        elif self.fact.kind == "choice":
            yield from self.fact.choices
        elif self.fact.kind == "checklist":
            items = list(self.fact.items)
            known = self.before if isinstance(self.before, tuple) else ()
            now = {item: one for item, one in zip(items, known, strict=False) if isinstance(one, bool)}
            yield from ({**now, item: True} for item in items if now.get(item) is not True)
            yield dict.fromkeys(items, True)

    # -- numbers --------------------------------------------------------------------------------------------------

    def _numeric(self) -> Reach:
        start = numbers.to_fraction(self.before) if isinstance(self.before, Exact) else None
        tried = {value: self.total(numbers.read(value)) for value in self._candidates(start)}
        reaching = [value for value, total in tried.items() if total >= self.goal]
        if not reaching:
            return Reach(self.id, self.before, None, max(tried.values(), default=self.now))
        if start is None:
            return self._reached(numbers.read(min(reaching, key=lambda one: (one.denominator, abs(one)))))
        near = [self._nearest(start, side, tried) for side in (1, -1)]
        return self._reached(
            numbers.read(min((one for one in near if one is not None), key=lambda one: abs(one - start)))
        )

    def _candidates(self, start: Fraction | None) -> list[Fraction]:
        """Values worth trying: the ends of the range, thresholds, and steps away from the present value."""
        low = None if self.reader.low == -OPEN else numbers.to_fraction(self.reader.low)
        high = None if self.reader.high == OPEN else numbers.to_fraction(self.reader.high)
        near = Fraction(0) if start is None else start
        wished = [Fraction(0), near, *(end for end in (low, high) if end is not None)]
        wished += [near + sign * Fraction(2) ** power for power in range(-6, 31) for sign in (1, -1)]
        wished += [near * Fraction(percent, 100) for percent in range(0, 301, 5)] + sorted(self._thresholds())
        inside = {
            one for one in map(self._on_grid, wished) if (low is None or one >= low) and (high is None or one <= high)
        }
        return sorted(one for one in inside if abs(one) <= _FAR or one in (low, high))

    def _thresholds(self) -> set[Fraction]:
        trees = (tree for _, tree in self.evaluation.ruleset.program.trees)
        literals = (node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
        return {
            numbers.to_fraction(value) for value in literals if isinstance(value, Exact) and not isinstance(value, bool)
        }

    def _on_grid(self, value: Fraction) -> Fraction:
        return numbers.to_fraction(numbers.round_half_away(numbers.read(value), self.places))

    def _nearest(self, start: Fraction, side: int, tried: Mapping[Fraction, Fraction]) -> Fraction | None:
        """The reaching value nearest on one side: between the last that fails and the first that does not."""
        fails = start
        for value in sorted(tried, reverse=side < 0):
            if (value - start) * side < 0:
                continue
            if tried[value] >= self.goal:
                return self._halved(fails, value)
            fails = value
        return None

    def _halved(self, fails: Fraction, reaches: Fraction) -> Fraction:
        for _ in range(MAX_STEPS):
            middle = self._on_grid((fails + reaches) / 2)
            if middle in (fails, reaches):
                break
            if self.total(numbers.read(middle)) >= self.goal:
                reaches = middle
            else:
                fails = middle
        return reaches


def _scored(evaluation: Evaluation) -> Fraction:
    """The scores of the rows that have one, added up."""
    return sum((row.exact or Fraction(0) for row in evaluation), Fraction(0))


# -- what is open --------------------------------------------------------------------------------------------------


class Sway(NamedTuple):
    """What a fact or an indicator can still win or lose over its range; None where a side is unbounded.

    Attributes:
        about: The id of a fact, or `indicators.x`.
        loses, wins: Points of the total (of a fact), or of the score (of an indicator), from bounds: safe, not tight.
    """

    about: str
    loses: Fraction | None
    wins: Fraction | None


def sensitivity(evaluation: Evaluation) -> tuple[Sway, ...]:
    """The points that each fact and each indicator can win or lose, those with most at stake first.

    A fact is taken away and the bounds of the total are compared with what the total is; the same with an indicator's
    score and all facts that it reads.
    """
    found = [*_of_facts(evaluation), *_of_rows(evaluation)]
    return tuple(sorted(found, key=lambda one: -((one.loses or 0) + (one.wins or 0))))


def _of_facts(evaluation: Evaluation) -> Iterator[Sway]:
    now = assured(evaluation)
    for identifier in evaluation.submission.raw:
        without = changed(evaluation, {identifier: None}).total
        ends = (None, None) if without is None else _ends(without)
        yield Sway(identifier, *_swing(now, ends))


def _of_rows(evaluation: Evaluation) -> Iterator[Sway]:
    for row in evaluation:
        if row.exact is None:
            continue
        read = {name.partition(".")[0] for name in _read_by(evaluation, row.row.lines)}
        facts: dict[str, Any] = {name: None for name in read if name in evaluation.ruleset.program.facts}
        yield Sway(f"indicators.{row.id}", *_swing(row.exact, _ends(changed(evaluation, facts)[row.id])))


def _read_by(evaluation: Evaluation, lines: Iterable[str]) -> set[str]:
    """The names that some lines read, directly or through others."""
    trees = evaluation.ruleset.program.definitions()
    pending, seen = list(lines), set[str]()
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            tree = trees.get(name)
            pending += [] if tree is None else [one.id for one in ast.walk(tree) if isinstance(one, ast.Name)]
    return seen


def _ends(result: Any) -> tuple[Fraction | None, Fraction | None]:
    """The bounds of a result, side by side; None where open."""
    interval = result.interval
    if interval is None:
        return None, None
    low, high = (None if isinstance(end, float) else numbers.to_fraction(end) for end in interval)
    return low, high


def _swing(now: Fraction, ends: tuple[Fraction | None, Fraction | None]) -> tuple[Fraction | None, Fraction | None]:
    low, high = ends
    return None if low is None else max(now - low, Fraction(0)), None if high is None else max(high - now, Fraction(0))
