"""The rules engines that perfrules is timed against, each ready to score one submission again and again.

Whatever an engine can do once (parse, compile, load a decision, build a context that holds no facts) is done here,
before anything is timed. What a call is given is the submission as a plain dict.
"""

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import cel
import rule_engine
import zen

HERE = Path(__file__).parent
CENT = Decimal("0.01")

Submission = Mapping[str, bool | int | float]
Scores = Mapping[str, Fraction | Decimal | float | None]
Run = Callable[[], Scores]


def load_submission() -> dict[str, bool | int | float]:
    """The facts of `facts.json`; numbers with places are floats, as a caller would have them."""
    facts: dict[str, bool | int | float] = json.loads((HERE / "facts.json").read_text(encoding="utf-8"))
    return facts


def formulas(language: str) -> dict[str, str]:
    """The 26 formulas in `zen`, `cel` or `rule`, by indicator."""
    table = tomllib.loads((HERE / "formulas.toml").read_text(encoding="utf-8"))
    return {indicator: texts[language] for indicator, texts in table.items()}


def peers(submission: Submission) -> dict[str, Run]:
    """What is timed, by the name it has in the table: each call returns the 26 scores and `total`."""
    return {
        "zen, decision": zen_decision(submission),
        "zen, engine": zen_engine(submission, trace=False),
        "zen, engine with trace": zen_engine(submission, trace=True),
        "zen, one expression": zen_expression(submission),
        "cel": cel_programs(submission),
        "rule-engine": rule_engine_rules(submission),
    }


def zen_decision(submission: Submission) -> Run:
    """`decision.evaluate` on a decision made once from compiled content, without a trace."""
    decision = zen.ZenEngine().create_decision(zen.ZenDecisionContent(json.dumps(zen_graph())))
    facts = dict(submission)

    def run() -> Scores:
        scores: dict[str, float] = decision.evaluate(facts)["result"]
        return scores

    return run


def zen_engine(submission: Submission, *, trace: bool) -> Run:
    """`engine.evaluate` over a loader that holds compiled content, which its documentation recommends for speed."""
    content = zen.ZenDecisionContent(json.dumps(zen_graph()))
    engine = zen.ZenEngine({"loader": lambda key: content})
    facts = dict(submission)

    def run() -> Scores:
        scores: dict[str, float] = engine.evaluate("department", facts, {"trace": trace})["result"]
        return scores

    return run


def zen_expression(submission: Submission) -> Run:
    """One compiled expression that is an object of the 26 scores: the language of ZEN without its decision model."""
    rows = ", ".join(f"{name}: round({text}, 2)" for name, text in formulas("zen").items())
    expression = zen.compile_expression(f"{{{rows}}}")
    facts = dict(submission)

    def run() -> Scores:
        scores: dict[str, float] = expression.evaluate(facts)
        scores["total"] = round(sum(scores.values()), 2)
        return scores

    return run


def cel_programs(submission: Submission) -> Run:
    """26 compiled programs that share one context of facts; the context is built in each call, from floats."""
    programs = [
        (name, cel.compile(f"double(int(({text}) * 100.0 + 0.5)) / 100.0")) for name, text in formulas("cel").items()
    ]
    facts = {name: value if isinstance(value, bool) else float(value) for name, value in submission.items()}

    def run() -> Scores:
        context = cel.Context(facts)
        scores = {name: program.execute(context) for name, program in programs}
        scores["total"] = round(sum(scores.values()), 2)
        return scores

    return run


def rule_engine_rules(submission: Submission) -> Run:
    """26 parsed rules; its language cannot round, so the decimals that it returns are rounded here."""
    context = rule_engine.Context(resolver=rule_engine.resolve_item)
    rules = [(name, rule_engine.Rule(text, context=context)) for name, text in formulas("rule").items()]

    def run() -> Scores:
        scores = {name: rule.evaluate(submission).quantize(CENT, ROUND_HALF_UP) for name, rule in rules}
        scores["total"] = sum(scores.values())
        return scores

    return run


def zen_graph() -> dict[str, Any]:
    """A decision of one expression node between an input and an output, in ZEN's own format."""
    rows = [(name, f"round({text}, 2)") for name, text in formulas("zen").items()]
    total = f"round({' + '.join(f'$.{name}' for name, _ in rows)}, 2)"
    node = {
        "id": "rows",
        "name": "rows",
        "type": "expressionNode",
        "content": {"expressions": list(_zen_expressions([*rows, ("total", total)])), "passThrough": False},
    }
    ends = [{"id": end, "name": end, "type": f"{end}Node"} for end in ("input", "output")]
    edges = [
        {"id": f"{source}-{target}", "type": "edge", "sourceId": source, "targetId": target}
        for source, target in (("input", "rows"), ("rows", "output"))
    ]
    return {"nodes": [ends[0], node, ends[1]], "edges": edges}


def _zen_expressions(rows: Iterable[tuple[str, str]]) -> Iterable[dict[str, str]]:
    return ({"id": name, "key": name, "value": text} for name, text in rows)
