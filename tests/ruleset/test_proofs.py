"""Whether scores stay in 0..weight: the shapes of standards that must be proved, and such as must be refuted."""

from __future__ import annotations

from pathlib import Path

import pytest

import perfrules
from perfrules.ruleset.library import headers, load
from perfrules.ruleset.proofs import Proof, Prover

HEAD = """\
format = 1
[ruleset]
id = "test/proofs"
[rounding]
score = "none"
[dimensions.d]
"""
LARGE, FROM_0 = "[1, 100000000]", "[0, 100000000]"


def ruleset(folder: Path, ranges: dict[str, str], more: str = "", **keys: str) -> Path:
    """A ruleset of one indicator over amounts with ranges."""
    facts = [f'[facts.{name}]\nkind = "amount"\nrange = {ends}\n' for name, ends in ranges.items()]
    said = {"dimension": "d", "weight": "10", **keys}
    lines = [f"{key} = {value if key == 'weight' else repr(value)}" for key, value in said.items()]
    path = folder / "ruleset.toml"
    path.write_text(HEAD + "".join(facts) + more + "[indicators.i]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def proof(path: Path) -> Proof:
    return next(Prover(load(path).program).rows())


T = {"a": FROM_0, "t": LARGE}
PROVED: dict[str, tuple[str, int, dict[str, str]]] = {
    "a debt up to a limit": ("debt / 10 if debt < 100 else 10", 10, {"debt": FROM_0}),
    "a share of two": ("10 * i / (i + d)", 10, {"i": LARGE, "d": FROM_0}),
    "a share of three": ("10 * (a + b) / (a + b + c)", 10, {"a": LARGE, "b": FROM_0, "c": FROM_0}),
    "a share squared": ("i / (i + d) * (i / (i + d))", 1, {"i": LARGE, "d": FROM_0}),
    "a deduction in proportion": ("5 if a <= t else max(0, 5 - (a - t) / t * 5)", 5, T),
    "a proportion": ("5 if a > t else 5 * a / t", 5, T),
    "a deduction per step": ("max(0, weight - 0.5 * started(a - 100, 1))", 10, {"a": FROM_0}),
    "a deduction per step of a rate": ("max(0, weight - 0.5 * started(percent(a, t) - 100, 1))", 10, T),
    "two deductions": ("max(0, weight - 0.5 * started(a - 100, 1) - completed(100 - a, 5))", 10, {"a": FROM_0}),
    "a rate between points": ("interpolate(a, (0, 0), (60, 6), (100, 10))", 10, {"a": FROM_0}),
    "rounded": ("round(weight * clamp(a / t, 0, 1), 1)", 10, T),
    "the smaller of two": ("min(weight, abs(a - t) / t * weight)", 10, T),
    "a product of shares": ("weight * (x + y - x * y)", 10, {"x": "[0, 1]", "y": "[0, 1]"}),
}


@pytest.mark.parametrize("name", PROVED)
def test_a_standard_is_proved(name: str, tmp_path: Path) -> None:
    formula, weight, ranges = PROVED[name]
    found = proof(ruleset(tmp_path, ranges, weight=str(weight), score=formula))
    assert (found.answer, found.divisors, found.open) == ("proved", (), ())


METHOD = """\
[methods.m]
score = "weight if met else weight * clamp(target / value if lower_is_better else value / target, 0, 1)"
"""


@pytest.mark.parametrize("operator", [">=", "<=", "==", ">", "<"])
def test_the_proportional_method_with_a_target_formula_is_proved(operator: str, tmp_path: Path) -> None:
    ranges = {"a": LARGE, "t": LARGE, "more": FROM_0}
    path = ruleset(tmp_path, ranges, METHOD, value="a", target=f"{operator} t + more", method="m")
    assert proof(path).answer == "proved"


@pytest.mark.parametrize("formula", ["5 if a <= t else max(0, 5 - (a - t) / t * 5)", "5 if a > t else 5 * a / t"])
def test_a_target_that_may_be_0_leaves_it_undefined(formula: str, tmp_path: Path) -> None:
    path = ruleset(tmp_path, {"a": FROM_0, "t": FROM_0}, weight="5", score=formula)
    found = proof(path)
    assert found.answer == "proved"
    [(_, witness)] = found.divisors
    status = perfrules.evaluate(path, dict(witness.facts))["i"].status
    assert status.value == "undefined"


def test_a_guarded_divisor_is_none_that_may_be_0(tmp_path: Path) -> None:
    ranges = {"a": FROM_0, "t": FROM_0}
    for keys in (
        {"score": "weight * clamp(a / t, 0, 1) if t > 0 else 0"},
        {"score": "weight * clamp(a / t, 0, 1)", "applies": "t > 0"},
        {"score": "weight * clamp(a / (a + t), 0, 1)", "applies": "a >= 1"},
        {"score": "0 if t == 0 or a > t else weight * a / t"},
    ):
        found = proof(ruleset(tmp_path, ranges, **keys))
        assert (found.answer, found.divisors, found.open) == ("proved", (), ())


REFUTED: dict[str, tuple[str, dict[str, str]]] = {
    "an unclamped proportion": ("weight * value / target", T),
    "a deduction without a floor": ("weight - 0.5 * started(value - 100, 1)", T),
    "too much of a bonus": ("weight if value <= 100 else weight + 0.01", T),
    "one point only": ("weight + 1 if value == 12345 else weight", T),
    "a narrow stretch": ("weight + 1 if value > 777 and value < 778 else weight", T),
    "a threshold of two facts": ("weight + 1 if value > 3 * target and value < 3 * target + 1 else 0", T),
    "a square": ("weight - (value - 500) * (value - 500)", {"a": "[499, 501]", "t": LARGE}),
}


@pytest.mark.parametrize("name", [one for one in REFUTED if one != "a square"])
def test_a_score_that_leaves_its_weight_is_shown_with_facts(name: str, tmp_path: Path) -> None:
    formula, ranges = REFUTED[name]
    path = ruleset(tmp_path, ranges, value="a", target=">= t", score=formula)
    found = proof(path)
    assert found.answer == "refuted"
    assert found.witness is not None
    score = perfrules.evaluate(path, dict(found.witness.facts))["i"].exact
    assert score is not None
    assert score == found.score
    assert not 0 <= score <= 10
    [finding] = [one for one in perfrules.check(path) if one.code == "score-out-of-range"]
    assert finding.severity == "warning"


def test_a_square_inside_its_weight_is_not_refuted(tmp_path: Path) -> None:
    formula, ranges = REFUTED["a square"]
    found = proof(ruleset(tmp_path, ranges, value="a", target=">= t", score=formula))
    assert found.answer in ("proved", "undecided")


def test_adjustments_and_rounding_belong_to_the_score(tmp_path: Path) -> None:
    more = '[adjustments.bonus]\neach = "indicator"\nscore = "earned + 0.004"\n'
    path = ruleset(tmp_path, {"a": "[0, 10]"}, more, score="a")
    assert proof(path).answer == "refuted"
    text = path.read_text(encoding="utf-8").replace('score = "none"', "score = 2")
    path.write_text(text, encoding="utf-8")
    assert proof(path).answer == "undecided"  # 10.004 is rounded to 10: true, and nothing here proves it
    path.write_text(text.replace("0.004", "0.006"), encoding="utf-8")
    assert proof(path).answer == "refuted"


def test_a_condition_that_another_decides_hides_no_score(tmp_path: Path) -> None:
    """`or` holds beside a term without a value: what stands behind it counts."""
    formula = "1000 if b == 0 and (a / b > 1 or c > 0) else 0"
    path = ruleset(tmp_path, {"a": FROM_0, "b": FROM_0, "c": FROM_0}, score=formula)
    found = proof(path)
    assert found.answer == "refuted"


def test_a_total_with_a_cap_is_proved(tmp_path: Path) -> None:
    more = '[adjustments.cap]\neach = "total"\nscore = "min(earned, 59 if a < 50 else 100)"\n[total]\nweight = 100\n'
    path = ruleset(tmp_path, {"a": "[0, 100]"}, more, weight="100", score="a")
    assert [one.answer for one in Prover(load(path).program).branches()] == ["proved"]


def test_the_library_is_proved() -> None:
    found = [one for header in headers() if not header.framework for one in _proofs(header.id)]
    assert len(found) > 28
    assert sum(one.answer == "proved" for one in found) >= 0.95 * len(found)
    assert not [one.about for one in found if one.divisors or one.open]


def _proofs(identifier: str) -> list[Proof]:
    try:
        return list(Prover(load(identifier).program).rows())
    except perfrules.RulesetError:  # an overlay, which is proved where it is laid
        return []
