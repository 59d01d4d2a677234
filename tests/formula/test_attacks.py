"""Hostile and benign formulas: none hangs, crashes or runs code, and none scores what it must not score."""

from __future__ import annotations

import ast
import json
import math
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from . import answers
from .answers import ATTACKS, Answer, environment

SECONDS = 60
"""For all formulas together; on an ordinary machine they take two."""

VISIBLE = frozenset(("\n",))


def lines(name: str) -> list[str]:
    """The lines of a file of attacks, without the header that a table has."""
    text = (ATTACKS / name).read_bytes().decode()  # a text mode would read a lone CR as the end of a line
    return text.removesuffix("\n").split("\n")[name.endswith(".tsv") :]


def payload(written: str) -> str:
    """A payload as it is meant."""
    return str(json.loads(written.removeprefix("#json:"))) if written.startswith("#json:") else written


HOSTILE = [payload(line.partition("\t")[2]) for line in lines("formulas.tsv")]
MISREAD = [
    (payload(line.partition("\t")[2]), json.loads(line.partition("\t")[0])) for line in lines("formulas_exact.tsv")
]
ODD = [payload(line) for line in lines("formulas_bounded.txt")]
POLICY = [(payload(fields[1]), fields[2]) for fields in (line.split("\t") for line in lines("policy.tsv"))]
SUGGESTED = [payload(line.split("\t", 2)[2]) for line in lines("formulas_policy.tsv")]
BENIGN = json.loads((ATTACKS / "benign.json").read_text(encoding="utf-8"))
INJECTED = [payload(line) for line in lines("string_injections.txt")]
QUOTED = [f"部门 == '{text}'" for text in INJECTED]

ASKED = list(
    dict.fromkeys(
        [(formula, "number") for formula in HOSTILE]
        + [(formula, None) for formula, _ in (*MISREAD, *POLICY)]
        + [(formula, None) for formula in (*ODD, *SUGGESTED, *INJECTED, *QUOTED)]
        + [(case["formula"], {"bool": "truth"}.get(case["kind"], case["kind"])) for case in BENIGN]
    )
)
Ask = Callable[[str, str | None], Answer]


@pytest.fixture(scope="session")
def ask() -> Ask:
    """The answer to a formula: all were asked at once, in a program that would have been ended had it hung."""
    asked = json.dumps(ASKED)
    command = [sys.executable, "-X", "utf8", answers.__file__]
    done = subprocess.run(command, input=asked, capture_output=True, encoding="utf-8", timeout=SECONDS, check=True)
    given: dict[tuple[str, str | None], Answer] = dict(zip(ASKED, json.loads(done.stdout), strict=True))
    return lambda formula, wanted: given[formula, wanted]


def shown(formula: object) -> str:
    """What a test of a formula is called."""
    return ascii(formula)[1:60] if isinstance(formula, str) else ""


def is_finite(value: bool | str) -> bool:
    """Whether a value is a truth value or a number; a number that is not finite could not be written."""
    return isinstance(value, bool) or math.isfinite(Fraction(value))


@pytest.mark.parametrize("formula", HOSTILE, ids=shown)
def test_a_hostile_formula_is_never_a_score(formula: str, ask: Ask) -> None:
    answer = ask(formula, "number")
    assert "crash" not in answer
    assert answer.get("codes") or answer.get("unknown")


@pytest.mark.parametrize("formula", ODD, ids=shown)
def test_an_odd_formula_is_refused_or_finite(formula: str, ask: Ask) -> None:
    answer = ask(formula, None)
    assert "crash" not in answer
    assert answer.get("codes") or answer.get("unknown") or is_finite(answer["value"])


@pytest.mark.parametrize(("formula", "allowed"), MISREAD, ids=shown)
def test_a_formula_that_is_easily_misread_is_refused_or_read_right(formula: str, allowed: object, ask: Ask) -> None:
    answer = ask(formula, None)
    assert "crash" not in answer
    if "value" in answer and allowed is not None:
        assert answer["value"] == (allowed if isinstance(allowed, bool) else str(allowed))
    assert "unknown" not in answer


@pytest.mark.parametrize(("formula", "decision"), POLICY, ids=shown)
def test_a_judgement_call_is_as_decided(formula: str, decision: str, ask: Ask) -> None:
    answer = ask(formula, None)
    if decision.startswith("value:"):
        assert json.dumps(answer["value"]).strip('"') == decision.removeprefix("value:")
    else:
        assert decision in answer["codes"]


def test_every_judgement_call_is_decided() -> None:
    assert [formula for formula, _ in POLICY] == SUGGESTED


@pytest.mark.parametrize("formula", [*INJECTED, *QUOTED], ids=shown)
def test_a_hostile_text_is_no_formula_and_does_no_harm_in_one(formula: str, ask: Ask) -> None:
    answer = ask(formula, None)
    assert "crash" not in answer
    assert answer.get("codes") or isinstance(answer["value"], bool) or formula in INJECTED


@pytest.mark.parametrize("formula", dict.fromkeys(formula for formula, _ in ASKED), ids=shown)
def test_no_message_holds_a_control_character(formula: str, ask: Ask) -> None:
    texts = [text for asked in ASKED if asked[0] == formula for text in ask(*asked).get("texts", [])]
    raw = {char for text in texts for char in text} - VISIBLE
    assert not {char for char in raw if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")}


# -- what people do write ----------------------------------------------------------------------------------------


class Exact(ast.NodeTransformer):
    """Python's own arithmetic, with every number a fraction."""

    def __init__(self, source: str) -> None:
        self.source = source

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        """A number by its text."""
        if isinstance(node.value, str | bool):
            return node
        text = ast.Constant(ast.get_source_segment(self.source, node))
        return ast.Call(ast.Name("Fraction", ast.Load()), [text], [])


def half_away(value: Fraction, places: int = 0) -> Fraction:
    """Python's `round` goes to the even neighbour; the language goes away from zero."""
    return Fraction(math.floor(abs(value) * 10**places + Fraction(1, 2)), 10**places) * (-1 if value < 0 else 1)


def by_python(formula: str) -> Any:
    """What Python makes of a formula over fractions: it shares nothing with the evaluator but the notation."""
    facts = {name: fact if isinstance(fact, bool | str) else Fraction(fact) for name, fact in environment().items()}
    source = formula.strip()
    tree = ast.fix_missing_locations(Exact(source).visit(ast.parse(source, mode="eval")))
    return eval(compile(tree, "formula", "eval"), {"Fraction": Fraction, "round": half_away, **facts})  # noqa: S307  (ours, and benign)


@pytest.mark.parametrize("case", BENIGN, ids=lambda case: shown(case["formula"]))
def test_a_benign_formula_has_its_value(case: dict[str, Any], ask: Ask) -> None:
    kind = {"bool": "truth"}.get(case["kind"], case["kind"])
    value = ask(case["formula"], kind)["value"]
    if isinstance(value, bool):
        assert value is case["value"]
        return
    assert Fraction(value) == by_python(case["formula"])
    assert math.isclose(Fraction(value), case["value"], rel_tol=1e-9, abs_tol=1e-9)
