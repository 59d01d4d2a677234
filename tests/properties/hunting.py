"""Random rulesets of one indicator, for the hunt after false proofs."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

from perfrules.errors import RulesetError
from perfrules.evaluation.scoring import evaluate
from perfrules.numbers import Exact
from perfrules.ruleset.library import Ruleset, load
from perfrules.ruleset.proofs import Prover
from perfrules.ruleset.witnesses import tries

RANGES = (
    "",
    "range = [0, 100]",
    "range = [1, 10]",
    "range = [0, 1]",
    "range = [-3, 5]",
    "range = [0.5, 2000]",
    "range = [7, 7]",
)
NUMBERS = ("0", "1", "2", "3", "5", "10", "100", "0.5", "1.3", "60", "80", "0.01")


class Maker:
    """Makes formulas out of the names that their place gives them."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def number(self, names: tuple[str, ...], depth: int) -> str:
        pick = self.random.random()
        if depth <= 0 or pick < 0.2:
            return self.random.choice(names) if self.random.random() < 0.7 else self.random.choice(NUMBERS)

        def inner() -> str:
            return self.number(names, depth - 1)

        a = b = inner
        if pick < 0.55:
            return f"({a()} {self.random.choice('+-*/')} {b()})"
        if pick < 0.7:
            return f"({a()} if {self.truth(names, depth - 1)} else {b()})"
        step = self.random.choice(("1", "2", "0.5", "5"))
        return self.random.choice(
            (
                f"min({a()}, {b()})",
                f"max({a()}, {b()})",
                f"abs({a()})",
                f"percent({a()}, {b()})",
                f"floor({a()})",
                f"ceil({a()})",
                f"round({a()}, 1)",
                f"started({a()}, {step})",
                f"completed({a()}, {step})",
                f"clamp({a()}, 0, {self.random.choice(NUMBERS)})",
                f"-{a()}",
                f"share(list) / {step}",
                "count(list)",
                f"interpolate({a()}, (0, 0), (60, 6), (100, 10))",
                f"started({a()}, {b()})",
                "sum(rows.cost)",
            )
        )

    def truth(self, names: tuple[str, ...], depth: int) -> str:
        pick = self.random.random()
        if depth <= 0 or pick < 0.6:
            left, right = self.number(names, depth - 1), self.number(names, depth - 2)
            return f"{left} {self.random.choice(('<', '<=', '>', '>=', '==', '!='))} {right}"
        if pick < 0.7:
            return self.random.choice(
                ("yes", "not yes", "grade == 'A'", "grade in ('A', 'B')", "list.one", "day > '2023-09-01'")
            )
        if pick < 0.75:
            return f"not ({self.truth(names, depth - 1)})"
        return f"({self.truth(names, depth - 1)} {self.random.choice(('and', 'or'))} {self.truth(names, depth - 1)})"

    def score(self) -> str:
        names = ("value", "value", "target", "weight", "a", "v")
        inner = self.number(names, self.random.randint(0, 3))
        return self.random.choice(
            (
                f"clamp({inner}, 0, weight)",
                f"max(0, min(weight, {inner}))",
                f"min(weight, abs({inner}))",
                f"weight if met else weight * clamp({inner}, 0, 1)",
                f"max(0, weight - abs({inner}))",
                inner,
                "weight if value > target else weight * value / target",
                f"max(0, weight - 0.5 * started({inner}, 1))",
                f"0 if value < target else min({inner}, weight)",
                f"weight * ({inner}) / (1 + abs({inner}))",
                f"max(0, weight - {inner})",
                "weight * clamp(target / value if lower_is_better else value / target, 0, 1)",
            )
        )

    def ruleset(self) -> str:
        facts = ("a", "b", "c")
        lines = ["format = 1", "[ruleset]", 'id = "test/hunt"', "[rounding]", f"score = {self.random.choice((0, 2))}"]
        for name in facts:
            kind = self.random.choice(("number", "amount", "count", "percent"))
            ends = self.random.choice(RANGES)
            if kind in ("amount", "count", "percent") and "-" in ends:
                kind = "number"
            if kind == "count" and "0.5" in ends:
                kind = "amount"
            lines += [f"[facts.{name}]", f'kind = "{kind}"', ends]
        lines += [
            "[facts.yes]",
            'kind = "truth"',
            "[facts.grade]",
            'kind = "choice"',
            'choices = { A = "", B = "", C = "" }',
        ]
        lines += ["[facts.list]", 'kind = "checklist"', 'items = { one = "", two = "", three = "" }']
        lines += ["[facts.day]", 'kind = "date"', "[facts.rows]", 'kind = "table"', "[facts.rows.columns]"]
        lines += ['cost = { kind = "number", range = [0, 4] }']
        lines += ["[values.v]", f"formula = '''{self.number(facts, 2)}'''", "[dimensions.d]", "[indicators.i]"]
        lines += ['dimension = "d"', "weight = 10", f"value = '''{self.number((*facts, 'v'), 2)}'''"]
        lines += [f"target = '''{self.random.choice(('>=', '<=', '<', '=='))} {self.number(facts, 1)}'''"]
        if self.random.random() < 0.3:
            lines += [f"applies = '''{self.truth((*facts, 'v'), 2)}'''"]
        lines += [f"score = '''{self.score()}'''"]
        return "\n".join(lines) + "\n"


def made(random: Random, folder: Path) -> Ruleset | None:
    """A random ruleset; None of one that cannot be loaded: too large, or reading what is not there."""
    path = folder / "ruleset.toml"
    path.write_text(Maker(random).ruleset(), encoding="utf-8")
    try:
        return load(path)
    except RulesetError:
        return None


def counterexample(ruleset: Ruleset, points: int) -> Mapping[str, Any] | None:
    """A submission with which the score of `i` leaves 0..10, among so many."""
    for facts in tries(ruleset.program, points):
        score = evaluate(ruleset, {"facts": facts})["i"].exact
        if isinstance(score, Exact) and not 0 <= score <= 10:
            return facts
    return None


def hunt(seed: int, count: int, points: int) -> tuple[Counter[str], list[str]]:
    """Prove so many random rulesets and look for facts that show a proof false; the answers, and what was found."""
    random, answers, false = Random(seed), Counter[str](), []
    with tempfile.TemporaryDirectory() as folder:
        while sum(answers.values()) < count:
            ruleset = made(random, Path(folder))
            if ruleset is None:
                continue
            proof = next(Prover(ruleset.program).rows())
            answers[proof.answer] += 1
            found = counterexample(ruleset, points) if proof.answer == "proved" else None
            if found is not None:
                false.append(f"{ruleset.documents[-1].text}\n{found}")
            if proof.witness is not None:
                score = proof.score
                assert score is not None
                assert not 0 <= score <= 10
    return answers, false


if __name__ == "__main__":
    found, wrong = hunt(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    print(dict(found), len(wrong))
    print("\n---\n".join(wrong[:5]))
