"""Claims and their verdicts: on rows, dimensions, values, weights, the grade and the total; and among themselves."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from perfrules import evaluate
from perfrules.evaluation.claims import ClaimResult
from perfrules.evaluation.evaluation import Evaluation
from perfrules.ruleset.library import Ruleset

from .small import facts, findings_of, one_row, refused, row, ruleset

TABLE = (
    facts(a="percent", b="percent", applies="truth", yes="truth", x="number", y="number 0 100")
    + """
[levels.grades]
steps = [ { id = "high", from = 80, to = 100 }, { id = "low", from = 0, below = 80 } ]
[facts.effect]
kind = "judgement"
levels = "grades"
[scales.grade]
steps = [ { id = "good", from = 80 }, { id = "fair", from = 40 }, { id = "poor", from = 0 } ]
[values.ratio]
formula = "percent(a, b)"
[values.both]
formula = "yes and applies"
[values.open]
formula = "abs(x) + 1"
[values.judged]
formula = "effect / 2"
[dimensions.d]
[dimensions.e]
"""
    + row("first", score="weight * a / 100")
    + row("second", score="weight * b / 100")
    + row("effect", dimension="e", weight=20, score="weight * value / 100")
    + row("optional", dimension="e", score="weight * a / 100", applies="applies")
    + '[total]\nscale = "grade"\n'
)
RULES: Ruleset = ruleset(TABLE)
HALF = {"a": 50, "b": 75}


def evaluation(given: dict[str, Any], **claims: Any) -> Evaluation:
    return evaluate(RULES, {"facts": given, "claims": claims})


def verdict(given: dict[str, Any], **claims: Any) -> tuple[str, Any]:
    """The verdict of the one claim, and what follows from the facts instead."""
    (claim,) = evaluation(given, **claims).claims
    return claim.verdict, claim.derived


@pytest.mark.parametrize(
    ("given", "claims", "expected"),
    [
        # indicators
        (HALF, {"indicators": {"first": 5}}, ("confirmed", 5)),
        (HALF, {"indicators": {"first": 5.01}}, ("refuted", 5)),
        ({}, {"indicators": {"first": 5}}, ("unsupported", None)),
        ({}, {"indicators": {"first": 10}}, ("unsupported", None)),
        ({}, {"indicators": {"first": 10.01}}, ("refuted", None)),
        ({}, {"indicators": {"first": -1}}, ("refuted", None)),
        ({"effect": {"level": "high"}}, {"indicators": {"effect": 16}}, ("permitted", None)),
        ({"effect": {"level": "high"}}, {"indicators": {"effect": 15.99}}, ("refuted", None)),
        ({"effect": {"level": "high", "rate": 90}}, {"indicators": {"effect": 18}}, ("confirmed", 18)),
        ({"effect": {"level": "high", "rate": 90}}, {"indicators": {"effect": 19}}, ("refuted", 18)),
        ({"a": 50, "applies": False}, {"indicators": {"optional": 0}}, ("confirmed", None)),
        ({"a": 50, "applies": False}, {"indicators": {"optional": 5}}, ("refuted", None)),
        ({"a": 50}, {"indicators": {"optional": 5}}, ("unsupported", None)),
        # dimensions
        (HALF, {"dimensions": {"d": 12.5}}, ("confirmed", Fraction("12.5"))),
        (HALF, {"dimensions": {"d": 12}}, ("refuted", Fraction("12.5"))),
        ({"a": 50}, {"dimensions": {"d": 15}}, ("unsupported", None)),
        ({"a": 50}, {"dimensions": {"d": 15.01}}, ("refuted", None)),
        # values
        (HALF, {"values": {"ratio": 66.67}}, ("confirmed", Fraction(200, 3))),
        (HALF, {"values": {"ratio": 66.66}}, ("refuted", Fraction(200, 3))),
        ({"a": 50}, {"values": {"ratio": 66.66}}, ("unsupported", None)),
        ({"a": 50, "b": 0}, {"values": {"ratio": 1}}, ("unsupported", None)),
        ({}, {"values": {"open": 0.5}}, ("refuted", None)),
        ({}, {"values": {"open": 5}}, ("unsupported", None)),
        ({"effect": {"level": "low"}}, {"values": {"judged": 40}}, ("permitted", None)),
        ({"effect": {"level": "low"}}, {"values": {"judged": 41}}, ("refuted", None)),
        ({"yes": True, "applies": True}, {"values": {"both": 1}}, ("refuted", None)),
        # weights
        ({}, {"weights": {"effect": 20}}, ("confirmed", 20)),
        ({}, {"weights": {"effect": 15}}, ("refuted", 20)),
        # the total and the grade
        (
            {**HALF, "effect": {"level": "high", "rate": 90}, "applies": True},
            {"total": 35.5},
            ("confirmed", Fraction("35.5")),
        ),
        (
            {**HALF, "effect": {"level": "high", "rate": 90}, "applies": True},
            {"total": 98},
            ("refuted", Fraction("35.5")),
        ),
        ({**HALF, "applies": True}, {"total": 37.5}, ("unsupported", None)),
        ({**HALF, "applies": True}, {"total": 37.51}, ("refuted", None)),
        ({**HALF, "applies": True, "effect": {"level": "high"}}, {"total": 37.5}, ("permitted", None)),
        ({**HALF, "effect": {"level": "high", "rate": 90}, "applies": True}, {"grade": "fair"}, ("confirmed", "fair")),
        ({**HALF, "effect": {"level": "high", "rate": 90}, "applies": True}, {"grade": "good"}, ("refuted", "fair")),
        ({**HALF, "effect": {"level": "high"}, "applies": True}, {"grade": "good"}, ("refuted", None)),
        ({**HALF, "effect": {"level": "high"}, "applies": True}, {"grade": "fair"}, ("permitted", None)),
        ({"effect": {"level": "high"}}, {"grade": "good"}, ("unsupported", None)),
    ],
)
def test_a_claim_has_the_verdict_that_follows(
    given: dict[str, Any], claims: dict[str, Any], expected: tuple[str, Any]
) -> None:
    assert verdict(given, **claims) == expected


@pytest.mark.parametrize(
    ("claimed", "expected"),
    [("0.67", "confirmed"), ("0.6667", "confirmed"), ("0.66", "refuted"), ("0.666", "refuted"), ("0.7", "confirmed")],
)
def test_where_nothing_is_rounded_a_claim_counts_to_the_decimals_it_is_written_with(
    claimed: str, expected: str
) -> None:
    rules = one_row("2 / 3", "")
    (claim,) = evaluate(rules, {"facts": {}, "claims": {"indicators": {"i": Decimal(claimed)}}}).claims
    assert (claim.verdict, claim.derived) == (expected, Fraction(2, 3))


def test_a_claim_against_a_ruleset_without_a_total_or_scale_has_no_support() -> None:
    rules = ruleset(TABLE.replace("[total]\nscale", "[total]\nnone = true\nscale"))
    found = evaluate(rules, {"facts": HALF, "claims": {"total": 5, "grade": "good"}})
    assert [claim.verdict for claim in found.claims] == ["unsupported", "unsupported"]


def test_claims_keep_their_order_bounds_and_numbers() -> None:
    found = evaluation({"a": 50}, indicators={"second": 3, "first": 5}, total=15).claims
    assert found == (
        ClaimResult("indicators.second", 3, None, (Fraction(0), Fraction(10)), "unsupported"),
        ClaimResult("indicators.first", 5, Fraction(5), (Fraction(5), Fraction(5)), "confirmed"),
        ClaimResult("total", 15, None, found[2].bounds, "unsupported"),
    )


@pytest.mark.parametrize(
    ("given", "claims", "message"),
    [
        (HALF, {"indicators": {"first": 6}}, "`indicators.first` is claimed to be 6; by the rules it is 5"),
        ({}, {"indicators": {"first": 11}}, "`indicators.first` is claimed to be 11, and can only be 0 … 10"),
        (
            {"applies": False},
            {"indicators": {"optional": 1}},
            "`indicators.optional` is claimed to be 1, which the facts rule out",
        ),
        ({}, {"values": {"open": 0}}, "`values.open` is claimed to be 0, which the facts rule out"),
        (
            {"effect": {"level": "low"}, "applies": False, **HALF},
            {"grade": "good"},
            "`grade` is claimed to be good, and can only be fair … poor",
        ),
    ],
)
def test_a_refuted_claim_is_an_error_that_says_what_is_so(
    given: dict[str, Any], claims: dict[str, Any], message: str
) -> None:
    found = evaluation(given, **claims)
    assert [(finding.severity, finding.code, finding.message()) for finding in found.findings] == [
        ("error", "claim-refuted", message)
    ]
    assert found.needs_attention


@pytest.mark.parametrize(
    ("claims", "key"),
    [
        ({"indicators": {"frist": 1}}, "unknown-key.near"),
        ({"dimensions": {"first": 1}}, "unknown-key"),
        ({"values": {"a": 1}}, "unknown-key"),
        ({"weights": {"d": 1}}, "unknown-key"),
        ({"indicator": {"first": 1}}, "unknown-key.near"),
        ({"indicators": 5}, "bad-value.table"),
        ({"total": "98"}, "unreadable-value.number.not-a-number"),
        ({"total": True}, "unreadable-value.number.not-a-number"),
        ({"total": float("nan")}, "unreadable-value.number.not-finite"),
        ({"indicators": {"first": "1"}}, "unreadable-value.number.not-a-number"),
        ({"grade": 5}, "bad-value.kind"),
    ],
)
def test_a_claim_that_cannot_be_read_refuses_the_submission(claims: dict[str, Any], key: str) -> None:
    assert refused(RULES, {"facts": {}, "claims": claims}) == [key]


# -- claims among themselves ---------------------------------------------------------------------------------------

PLAIN = ruleset(
    facts(a="percent")
    + '[dimensions.top]\n[dimensions.left]\nwithin = "top"\n[dimensions.right]\nwithin = "top"\n[dimensions.other]\n'
    + row("a", dimension="left", score="weight * a / 100")
    + row("b", dimension="left", score="weight * a / 100")
    + row("c", dimension="right", score="weight * a / 100")
    + row("e", dimension="other", score="weight * a / 100")
)
ROWS = {"a": 9, "b": 8, "c": 7, "e": 6}


def disagreements(rules: Ruleset = PLAIN, **claims: Any) -> list[str]:
    found = evaluate(rules, {"facts": {}, "claims": claims})
    return [finding.message() for finding in found.findings if finding.code == "claims-disagree"]


@pytest.mark.parametrize(
    ("claims", "messages"),
    [
        ({"total": 30, "indicators": ROWS}, []),
        ({"total": 31, "indicators": ROWS}, ["`total` is claimed to be 31, and its 2 claimed parts add up to 30"]),
        ({"total": 31, "indicators": {"a": 9, "b": 8, "c": 7}}, []),  # one part is not claimed
        ({"dimensions": {"left": 17}, "indicators": ROWS}, []),
        (
            {"dimensions": {"left": 16}, "indicators": ROWS},
            ["`dimensions.left` is claimed to be 16, and its 2 claimed parts add up to 17"],
        ),
        # a claimed part counts as claimed, not as added up: one contradiction is named once
        (
            {"total": 30, "dimensions": {"left": 16}, "indicators": ROWS},
            ["`dimensions.left` is claimed to be 16, and its 2 claimed parts add up to 17",
             "`total` is claimed to be 30, and its 2 claimed parts add up to 29"],
        ),
        ({"total": 5, "dimensions": {"top": 3, "other": 2}}, []),
        ({"total": 6, "dimensions": {"top": 3, "other": 2}}, ["`total` is claimed to be 6, and its 2 claimed parts add up to 5"]),
        ({"total": 0.3, "dimensions": {"top": 0.1, "other": 0.2}}, []),
    ],
)  # fmt: skip
def test_claimed_parts_must_add_up_to_the_claimed_whole(claims: dict[str, Any], messages: list[str]) -> None:
    assert disagreements(**claims) == messages


def test_claims_are_not_added_up_where_the_ruleset_does_not_add() -> None:
    text = facts(a="percent") + '[dimensions.d]\nweight = 10\nscore = "earned / 2"\n' + row(score="weight * a / 100")
    assert disagreements(ruleset(text), dimensions={"d": 5}, indicators={"i": 8}) == []
    capped = facts(a="percent") + "[dimensions.d]\n" + row(score="weight * a / 100")
    capped += '[adjustments.cap]\neach = "total"\nscore = "min(earned, 3)"\n'
    assert disagreements(ruleset(capped), total=3, dimensions={"d": 8}) == []
    assert len(disagreements(ruleset(capped), dimensions={"d": 7}, indicators={"i": 8})) == 1


def test_claims_on_claims_do_not_disturb_scores() -> None:
    plain, claimed = evaluate(PLAIN, {"a": 50}), evaluate(PLAIN, {"facts": {"a": 50}, "claims": {"total": 1}})
    assert [result.exact for result in plain] == [result.exact for result in claimed]
    assert findings_of(plain) == []


def test_claims_are_unsupported_only_while_something_is_open() -> None:
    for given in ({}, {"a": 50}):
        found = evaluate(PLAIN, {"facts": given, "claims": {"total": 20}})
        assert [claim.verdict for claim in found.claims] == ["confirmed" if given else "unsupported"]


@pytest.mark.parametrize(
    ("score", "claimed", "verdict"),
    [
        ("97.24", 97, "refuted"),
        ("97.24", Decimal("97.2"), "refuted"),
        ("97.24", Decimal("97.24"), "confirmed"),
        ("200 / 3", Decimal("66.67"), "confirmed"),
        ("200 / 3", Decimal("66.66"), "refuted"),
    ],
)
def test_an_exact_score_is_claimed_as_it_is_if_it_can_be_written(score: str, claimed: object, verdict: str) -> None:
    rules = ruleset('[rounding]\nscore = "none"\ntotal = "none"\n[dimensions.d]\n' + row("i", weight=100, score=score))
    evaluation = evaluate(rules, {"facts": {}, "claims": {"indicators": {"i": claimed}}})
    assert [claim.verdict for claim in evaluation.claims] == [verdict]
