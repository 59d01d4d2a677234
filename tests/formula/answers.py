"""What hostile formulas are answered, and how fast: run as a program of its own, so that a hang can be ended.

It reads `[[formula, kind], …]` as JSON, where the kind may be null, and writes one answer for each.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, TypedDict

from perfrules import numbers, words
from perfrules.errors import Finding, FormulaError, Where
from perfrules.formula.reader import parse
from perfrules.formula.systems import bounds, exact, intervals, kinds
from perfrules.formula.systems.exact import Unknown
from perfrules.formula.systems.kinds import NUMBER, TEXT, TRUTH, Kind

ATTACKS = Path(__file__).resolve().parents[1] / "attacks"


class Answer(TypedDict, total=False):
    """What became of one formula: findings when it was read, or a value, or an unknown value; or a crash.

    Attributes:
        codes: The codes of the findings.
        texts: The findings as people see them, in every language.
        value: A truth value, a text, or a number as text.
        unknown: Why there is no value.
        crash: The exception that a finding should have been.
        seconds: How long it took.
    """

    codes: list[str]
    texts: list[str]
    value: bool | str
    unknown: list[str]
    crash: str
    seconds: float


def environment() -> dict[str, Any]:
    """The facts of `env.json`, exact."""
    text = (ATTACKS / "env.json").read_text(encoding="utf-8")
    facts = json.loads(text, parse_float=Decimal)
    return {name: fact if isinstance(fact, bool | str) else numbers.read(fact) for name, fact in facts.items()}


def kind_of(fact: Any) -> Kind:
    """The kind that a fact of `env.json` would be declared as."""
    return TRUTH if isinstance(fact, bool) else TEXT if isinstance(fact, str) else NUMBER


def ask(formula: str, wanted: str | None, facts: dict[str, Any]) -> Answer:
    """Read a formula, check it, and evaluate it exactly and in bounds."""
    try:
        tree = parse(formula).tree
    except FormulaError as error:
        return refused(error.findings, formula)
    _, findings = kinds.check(tree, {name: kind_of(fact) for name, fact in facts.items()}, wanted=wanted)
    if findings:
        return refused(findings, formula)
    value = exact.evaluate(tree, facts)
    bounds.evaluate(tree, {name: intervals.point(fact) for name, fact in facts.items()})
    if isinstance(value, Unknown):
        return {"unknown": sorted(f"{kind}:{about}" for kind, about in value.reasons)}
    return {"value": value if isinstance(value, bool | str) else numbers.plain(value)}


def refused(findings: Sequence[Finding], formula: str) -> Answer:
    """The findings in every language, each with the line that it is in and a caret."""
    line = formula.partition("\n")[0]
    texts = []
    for finding in findings:
        span: Any = finding.values["span"]
        start, end = span
        where = Where("ruleset.toml", 1, start + 1, line, max(end - start, 1)) if start < len(line) else None
        placed = Finding(finding.code, finding.severity, "values.x", finding.key, finding.values, where)
        texts += [placed.format(language) for language in words.LANGUAGES]
    return {"codes": [finding.code for finding in findings], "texts": texts}


def main() -> None:
    """Answer what is asked on the standard input."""
    facts, answers = environment(), []
    for formula, wanted in json.load(sys.stdin):
        begun = time.perf_counter()
        try:
            answer = ask(formula, wanted, facts)
        except Exception as error:  # noqa: BLE001  (every exception is a crash, and the test says which)
            answer = Answer(crash=f"{type(error).__name__}: {error}"[:200])
        answers.append({**answer, "seconds": time.perf_counter() - begun})
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
