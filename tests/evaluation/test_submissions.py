"""Submissions: TOML, JSON, CSV in two forms and dicts say the same; units, kinds, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from perfrules import evaluate, read_submission
from perfrules.errors import RulesetError, SubmissionError
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.export import as_dict
from perfrules.evaluation.results import Status
from perfrules.evaluation.submission import Submission
from perfrules.ruleset.library import Ruleset

from .small import HEAD, facts, findings_of, refused, row, ruleset

EVERY_KIND = (
    """
[units]
"万元" = "10000 元"
"亿元" = "10000 万元"
[levels.grades]
steps = [ { id = "high", from = 80, to = 100 }, { id = "low", from = 0, below = 80 } ]
[facts.spent]
kind = "amount"
unit = "万元"
range = [0, 5000]
[facts.posts]
kind = "count"
[facts.rate]
kind = "percent"
unit = "%"
[facts.yes]
kind = "truth"
[facts.no]
kind = "truth"
[facts.day]
kind = "date"
range = [2020-01-01, 2029-12-31]
[facts.rating]
kind = "choice"
choices = { A = "A", "D*" = "insufficient" }
[facts.remark]
kind = "text"
[facts.list]
kind = "checklist"
items = { issued = "x", complete = "y", followed = "z" }
[facts.effect]
kind = "judgement"
levels = "grades"
[facts."在职人数"]
kind = "number"
[facts.projects]
kind = "table"
columns = { name = { kind = "text" }, budget = { kind = "amount" }, score = { kind = "number", range = [0, 100] } }
[dimensions.d]
"""
    + row("spent", score="weight * clamp(spent / 5000, 0, 1)")
    + row("posts", score="min(weight, posts)")
    + row("rate", score="weight * rate / 100")
    + row("truths", score="weight if yes and not no else 0")
    + row("day", score="weight if day <= '2023-09-01' else 0")
    + row("rating", score="weight if rating in ('A', 'D*') else 0")
    + row("list", score="weight * share(list) / 100")
    + row("effect", score="weight * effect / 100")
    + row("heads", score="min(weight, 在职人数)")
)
RULES: Ruleset = ruleset(EVERY_KIND)

TOML = """
[submission]
subject = "某镇"
period = "2023"
[facts]
spent = { value = 12345.6, source = "p. 3", note = "in the year" }
posts = 1086
rate = 95.5
yes = true
no = false
day = 2023-09-01
rating = "D*"
list = { issued = true, complete = false }
effect = 85
"在职人数" = 7
"""
TOML = TOML.replace("12345.6", "1234.56")

JSON = """
{"submission": {"subject": "某镇", "period": 2023},
 "facts": {"spent": {"value": 1234.56, "source": "p. 3", "note": "in the year"}, "posts": 1086, "rate": 95.5,
  "yes": true, "no": false, "day": "2023-09-01", "rating": "D*", "list": {"issued": true, "complete": false},
  "effect": 85, "在职人数": 7}}
"""

LONG = """\
fact,value,unit,source,note
spent,"1,234.56",万元,p. 3,in the year
posts,"1,086",,,
rate,95.5%,,,
yes,是,,,
no,否,,,
day,2023-09-01,,,
rating,D*,,,
list.issued,是,,,
list.complete,no,,,
effect,85,,,
在职人数,7,,,
"""

WIDE = """\
subject,period,spent,posts,rate,yes,no,day,rating,list.issued,list.complete,list.followed,effect,在职人数
某镇,2023,1234.56,1086,95.5%,TRUE,0,2023-09-01,D*,1,×,,85%,7
"""

DICT: dict[str, Any] = {
    "spent": Decimal("1234.56"), "posts": 1086, "rate": 95.5, "yes": True, "no": False, "day": date(2023, 9, 1),
    "rating": "D*", "list": {"issued": True, "complete": False}, "effect": Fraction(85), "在职人数": 7,
}  # fmt: skip


def results(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Every indicator in JSON, without what was said beside the facts and how they were written."""
    rows: list[dict[str, Any]] = as_dict(evaluation)["indicators"]
    for one in rows:
        for used in one["facts"]:
            del used["source"], used["note"], used["submitted"]
    return rows


def test_the_same_submission_in_five_forms_gives_the_same_evaluation(tmp_path: Path) -> None:
    given: list[Any] = [DICT, {"facts": DICT}]
    for name, text in {"a.toml": TOML, "b.json": JSON, "c.csv": LONG, "d.csv": WIDE, "e.csv": "\ufeff" + LONG}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        given += [tmp_path / name, str(tmp_path / name)]
    evaluations = [evaluate(RULES, one) for one in given]
    expected = results(evaluations[0])
    assert [one["score"] for one in expected] == [
        "2.47",
        "10.00",
        "9.55",
        "10.00",
        "10.00",
        "10.00",
        None,
        "8.50",
        "7.00",
    ]
    assert expected[6]["missing"] == ["list.followed"]
    for evaluation in evaluations[1:]:
        assert results(evaluation) == expected
        assert findings_of(evaluation) == []


def test_what_is_said_beside_a_fact_is_kept(tmp_path: Path) -> None:
    for name, text in {"a.toml": TOML, "b.json": JSON, "c.csv": LONG}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        given = evaluate(RULES, tmp_path / name).given("spent")
        assert given is not None
        assert (given.source, given.note) == ("p. 3", "in the year")


def test_the_order_and_the_notation_of_a_file_leave_its_digest_alone(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"facts": {"posts": 5, "rate": 95.50}}', encoding="utf-8")
    (tmp_path / "b.json").write_text('{\n"facts": {"rate": 95.5, "posts": 5.0}}', encoding="utf-8")
    (tmp_path / "c.toml").write_text("[facts]\nposts = 5\nrate = 95.5\n", encoding="utf-8")
    digests = {read_submission(path).digest for path in tmp_path.iterdir()}
    assert len(digests) == 1
    assert digests != {read_submission(tmp_path / "a.json").digest.replace("sha256", "md5")}


def test_a_submission_that_was_read_can_be_evaluated_again(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(TOML, encoding="utf-8")
    submission = read_submission(tmp_path / "a.toml")
    assert results(evaluate(RULES, submission)) == results(evaluate(RULES, submission))
    assert (submission.subject, submission.period) == ("某镇", "2023")


def test_a_refused_submission_is_refused_with_the_same_findings_again() -> None:
    submission = Submission({"spend": 1})
    first = refused(RULES, submission)
    assert refused(RULES, submission) == first == ["unknown-fact.near"]


# -- which ruleset -------------------------------------------------------------------------------------------------


def test_a_submission_names_its_ruleset_from_where_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "ruleset.toml").write_text(HEAD + EVERY_KIND, encoding="utf-8")
    (tmp_path / "given").mkdir()
    path = tmp_path / "given" / "a.toml"
    for name in ("../rules", "../rules/ruleset.toml", str(tmp_path / "rules")):
        path.write_text(f"[submission]\nruleset = '{name}'\n[facts]\nposts = 3\n", encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        assert evaluate(None, path)["posts"].exact == 3
    assert evaluate(RULES, path)["posts"].exact == 3


def test_a_submission_without_a_ruleset_needs_one() -> None:
    assert refused(None, {"posts": 3}) == ["no-ruleset.unnamed"]
    with pytest.raises(RulesetError):
        evaluate(None, {"submission": {"ruleset": "no/such"}, "facts": {}})


def test_the_overlays_of_a_submission_are_a_list_of_names() -> None:
    for overlays in ("x", [5], {"x": 1}):
        assert refused(RULES, {"submission": {"overlays": overlays}, "facts": {}}) == ["bad-value.kind"]


# -- units ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "converted"),
    [
        (31672000, "元", "3167.2"),
        (1, "元", "0.0001"),
        (0.25, "亿元", "2500"),
        (3167.2, "万元", "3167.2"),
        (Decimal(10000) / 4, "元", "0.25"),
    ],
)
def test_an_amount_is_converted_exactly(value: Any, unit: str, converted: str) -> None:
    rules = ruleset(EVERY_KIND.replace("weight * clamp(spent / 5000, 0, 1)", "spent"))
    evaluation = evaluate(rules, {"facts": {"spent": {"value": value, "unit": unit}}})
    assert evaluation.results["spent"] == Fraction(converted)
    (used,) = evaluation["spent"].derivation.facts
    assert (used.value, used.submitted, used.unit) == (Fraction(converted), value, "万元")


def test_a_range_is_in_the_unit_of_the_fact() -> None:
    assert findings_of(evaluate(RULES, {"spent": {"value": 50_000_000, "unit": "元"}})) == []
    assert findings_of(evaluate(RULES, {"spent": {"value": 50_000_001, "unit": "元"}})) == [
        ("error", "out-of-range", "facts.spent")
    ]


@pytest.mark.parametrize("unit", ["美元", "", "%", "元元", "10000 元"])
def test_a_unit_that_does_not_convert_refuses_the_submission(unit: str) -> None:
    if unit == "":
        assert evaluate(RULES, {"spent": {"value": 5, "unit": "万元"}}).results["spent"] == 5
        return
    assert refused(RULES, {"spent": {"value": 5, "unit": unit}}) == ["unit-unknown"]


def test_a_fact_without_a_unit_takes_none() -> None:
    assert refused(RULES, {"posts": {"value": 5, "unit": "人"}}) == ["unit-unknown"]


# -- what each kind takes ------------------------------------------------------------------------------------------


def repr_(value: Any) -> str:
    """What a case is called."""
    return ascii(value)[:40] if not isinstance(value, int) or abs(value) < 10**40 else "a huge number"


NOT_A_NUMBER, NOT_FINITE, TOO_LONG = (
    f"unreadable-value.number.{reason}" for reason in ("not-a-number", "not-finite", "too-long")
)


@pytest.mark.parametrize(
    ("fact", "value", "key"),
    [
        ("posts", "5", NOT_A_NUMBER),
        ("posts", True, NOT_A_NUMBER),
        ("posts", None, NOT_A_NUMBER),
        ("posts", [], NOT_A_NUMBER),
        ("posts", [5], NOT_A_NUMBER),
        ("posts", date(2023, 1, 1), NOT_A_NUMBER),
        ("posts", 5j, NOT_A_NUMBER),
        ("posts", float("nan"), NOT_FINITE),
        ("posts", float("inf"), NOT_FINITE),
        ("posts", Decimal("NaN"), NOT_FINITE),
        ("posts", Decimal("sNaN"), NOT_FINITE),
        ("posts", Decimal("-Infinity"), NOT_FINITE),
        ("posts", Decimal("1e400"), TOO_LONG),
        ("posts", Decimal("1e-400"), TOO_LONG),
        ("posts", Decimal("1e999999999"), TOO_LONG),
        ("posts", 10**30, TOO_LONG),
        ("posts", 10**5000, TOO_LONG),
        ("posts", 1e300, TOO_LONG),
        ("posts", Fraction(1, 10**40), TOO_LONG),
        ("yes", 1, "unreadable-value.truth"),
        ("yes", "true", "unreadable-value.truth"),
        ("yes", None, "unreadable-value.truth"),
        ("day", "2023-02-30", "unreadable-value.date"),
        ("day", "1 Sept 2023", "unreadable-value.date"),
        ("day", 20230901, "unreadable-value.date"),
        ("day", datetime(2023, 9, 1, 12, tzinfo=UTC), "unreadable-value.date"),
        ("rating", "B", "unreadable-value.choice"),
        ("rating", "a", "unreadable-value.choice"),
        ("rating", 1, "unreadable-value.choice"),
        ("rating", ["A"], "unreadable-value.choice"),
        ("remark", 5, "unreadable-value.text"),
        ("remark", "x" * 20_001, "unreadable-value.long"),
        ("remark", "\ud800", "unreadable-value.surrogate"),
        ("list", True, "unreadable-value.checklist"),
        ("list", ["issued"], "unreadable-value.checklist"),
        ("list", {"isued": True}, "unreadable-value.item"),
        ("list", {"issued": 1}, "unreadable-value.truth"),
        ("list", {"issued": "yes"}, "unreadable-value.truth"),
        ("effect", "high", NOT_A_NUMBER),
        ("effect", {"level": "hihg"}, "unreadable-value.level"),
        ("effect", {"level": "high", "rate": "90"}, NOT_A_NUMBER),
        ("effect", {"level": "high", "rate": True}, NOT_A_NUMBER),
        ("posts", {"level": "high"}, "unreadable-value.not-judged"),
        ("projects", "x", "unreadable-value.table"),
        ("projects", [1], "unreadable-value.table"),
        ("projects", [{"nmae": "x"}], "unreadable-value.column"),
        ("projects", [{"budget": "x"}], NOT_A_NUMBER),
        ("projects", [{"budget": True}], NOT_A_NUMBER),
        ("projects", [{"name": 5}], "unreadable-value.text"),
        ("projects", [{}] * 10_001, "unreadable-value.rows"),
        ("projects", {"submissions": ["*.toml"]}, "bad-value.submissions"),
        ("posts", {}, "bad-value.given"),
        ("posts", {"value": 5, "missing": "no"}, "bad-value.given"),
        ("posts", {"source": "p. 3"}, "bad-value.given"),
        ("posts", {"rate": 5}, "bad-value.given"),
        ("posts", {"value": 5, "rate": 5}, "bad-value.given"),
        ("posts", {"value": 5, "soruce": "p. 3"}, "unknown-key.near"),
        ("posts", {"value": 5, "source": 3}, "bad-value.kind"),
        ("posts", {"missing": 3}, "bad-value.kind"),
    ],
    ids=repr_,
)  # fmt: skip
def test_what_is_not_of_the_kind_of_its_fact_refuses_the_submission(fact: str, value: Any, key: str) -> None:
    assert refused(RULES, {"facts": {fact: value}}) == [key]


@pytest.mark.parametrize(
    ("fact", "value", "read"),
    [
        ("posts", 0, 0),
        ("posts", 1e3, 1000),
        ("posts", 0.1, Fraction(1, 10)),
        ("posts", Decimal("1E+3"), 1000),
        ("posts", -0.0, 0),
        ("posts", 10**30 - 1, 10**30 - 1),
        ("posts", {"value": 5}, 5),
        ("day", "2023-09-01", date(2023, 9, 1)),
        ("remark", "", ""),
        ("effect", 95, 95),
        ("effect", {"level": "high", "rate": 95}, 95),
        ("list", {}, None),
        ("list", {"value": {"issued": True, "complete": True, "followed": True}, "source": "x"}, (True, True, True)),
        ("projects", [], ()),
        ("projects", [{"budget": 1}, {"budget": 2}], (True, True)),
    ],
    ids=repr_,
)
def test_what_is_of_the_kind_of_its_fact_is_read(fact: str, value: Any, read: Any) -> None:
    found = evaluate(RULES, {"facts": {fact: value}})
    assert findings_of(found) == []
    if read is not None:
        assert found.results[fact] == read


@pytest.mark.parametrize(
    ("fact", "value"),
    [("posts", -1), ("rate", 100.01), ("rate", -0.01), ("spent", 5000.01), ("effect", 101), ("day", date(2030, 1, 1)), ("day", "2019-12-31")],
)  # fmt: skip
def test_a_value_out_of_its_range_counts_as_missing(fact: str, value: Any) -> None:
    found = evaluate(RULES, {"facts": {fact: value}})
    assert findings_of(found) == [("error", "out-of-range", f"facts.{fact}")]
    assert found[fact].status is Status.MISSING
    assert found[fact].missing == (fact,)


def test_a_cell_out_of_its_range_counts_as_missing_and_is_named() -> None:
    table = ruleset(
        EVERY_KIND + row("mean", score="mean(projects.score) / 10") + row("sum", score="sum(projects.budget)")
    )
    found = evaluate(table, {"projects": [{"score": 50, "budget": 1}, {"score": 101, "budget": 2}]})
    assert findings_of(found) == [("error", "out-of-range", "facts.projects[2].score")]
    assert found["mean"].missing == ("projects[2].score",)
    assert found["mean"].bounds == (Fraction("2.5"), Fraction("7.5"))
    assert found["sum"].exact == 3


def test_a_missing_fact_may_say_why() -> None:
    for given in ({"missing": "not in the report"}, {"missing": ""}):
        found = evaluate(RULES, {"facts": {"posts": given}})
        assert found["posts"].missing == ("posts",)
        (used,) = found["posts"].derivation.facts
        assert used.missing == given["missing"]


def test_a_fact_that_is_not_given_at_all_is_missing_without_a_why() -> None:
    (used,) = evaluate(RULES, {})["posts"].derivation.facts
    assert (used.missing, used.value.__class__.__name__) == ("", "Unknown")


# -- everything at once, with places -------------------------------------------------------------------------------

WRONG = """\
[submission]
subjct = "x"
period = 2023
prepared_by = 5

[facts]
spend = 5
posts = "many"
yes = 1
rate = { value = 5, unit = "‰" }

[claims]
totl = 5
total = "x"

[notes.spendng]
reason = 5

[extra]
"""


def test_everything_that_is_wrong_with_a_file_is_found_at_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(WRONG, encoding="utf-8")
    with pytest.raises(SubmissionError) as caught:
        evaluate(RULES, path)
    found = sorted(
        (one.where.line or 0, one.where.column or 0, one.code, one.about) for one in caught.value.findings if one.where
    )
    assert len(found) == len(caught.value.findings)
    assert found == [
        (2, 10, "unknown-key", "submission.subjct"),
        (4, 15, "bad-value", "submission.prepared_by"),
        (7, 9, "unknown-fact", "facts.spend"),
        (8, 9, "unreadable-value", "facts.posts"),
        (9, 7, "unreadable-value", "facts.yes"),
        (10, 8, "unit-unknown", "facts.rate"),
        (13, 8, "unknown-key", "claims.totl"),
        (14, 9, "unreadable-value", "claims.total"),
        (16, 8, "unknown-key", "notes.spendng"),
        (17, 10, "bad-value", "notes.spendng"),
        (19, 2, "unknown-key", "extra"),
    ]


def test_what_is_wrong_in_json_is_found_at_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"facts": {\n  "spend": 5,\n  "posts": "many",\n  "rate": 101}}\n', encoding="utf-8")
    with pytest.raises(SubmissionError) as caught:
        evaluate(RULES, path)
    assert [(str(one.where).rpartition("a.json:")[2], one.code) for one in caught.value.findings] == [
        ("2:3", "unknown-fact"), ("3:3", "unreadable-value"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "key", "place"),
    [
        ("fact,value\nspend,5\n", "unknown-fact.near", "2:1"),
        ("fact,value\nposts,5\nposts,6\n", "duplicate-id.fact", "3:1"),
        ("fact,value\n,5\n", "not-csv.no-fact", "2:1"),
        ("fact,valeu\nposts,5\n", "unknown-key.near", "1:1"),
        ("fact,value,value\nposts,5,6\n", "duplicate-id.column", "1:1"),
        ("posts, posts\n5,6\n", "duplicate-id.column", "1:1"),
        ("fact,value\nposts,1,086\n", "not-csv.cells", "2:1"),
        ("posts,rate\n5\n", "not-csv.cells", "2:1"),
        ("posts\n5\n6\n", "not-csv.rows", "3:1"),
        ("posts;rate\n5;6\n", "not-csv.separator", "1:1"),
        ("posts\n", "not-csv.header-only", "1:1"),
        ("", "not-csv.empty", ""),
        ("\n\n", "not-csv.empty", ""),
        ("posts\n5\0\n", "not-csv.nul", ""),
        ('posts\n"5\n', "not-csv", "2:1"),
        ("posts\n五\n", NOT_A_NUMBER, "2:1"),
        ("yes\nperhaps\n", "unreadable-value.truth", "2:1"),
        ("list\nyes\n", "unreadable-value.checklist", "2:1"),
        ("list.isued\nyes\n", "unreadable-value.item", "2:1"),
        ("list.issued\nmaybe\n", "unreadable-value.truth", "2:1"),
        ("fact,value,unit\nspent,5,‰\n", "unit-unknown", "2:1"),
    ],
    ids=repr_,
)
def test_what_is_wrong_in_csv_is_found_at_its_line(text: str, key: str, place: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode())
    with pytest.raises(SubmissionError) as caught:
        evaluate(RULES, path)
    assert [
        (one.key or one.code, str(one.where).rpartition("a.csv")[2].lstrip(":")) for one in caught.value.findings
    ] == [(key, place)]


def test_the_lines_of_csv_count_blank_lines_and_cells_of_several_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('fact,value,note\n\nposts,5,"two\nlines"\n\nspend,6,\n', encoding="utf-8")
    with pytest.raises(SubmissionError) as caught:
        evaluate(RULES, path)
    assert [one.where.line for one in caught.value.findings if one.where] == [6]


def test_an_empty_cell_is_a_fact_that_is_not_given(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("fact,value,note\nposts,,not in the report\nrate,  ,\nyes,no,\n", encoding="utf-8")
    found = evaluate(RULES, path)
    assert found["posts"].missing == ("posts",)
    given = found.given("posts")
    assert given is not None
    assert given.missing == "not in the report"
    assert found.given("rate") is None
    assert found["truths"].exact == 0


@pytest.mark.parametrize(
    ("cell", "read"),
    [("95%", 95), ("1,086.51", Fraction("1086.51")), ("+5", 5), ("-0", 0), (" 7 ", 7), ("007", 7)],
)
def test_numbers_of_a_table_are_read_as_meant(cell: str, read: Any, tmp_path: Path) -> None:
    fact = "rate" if cell.endswith("%") else "在职人数"
    path = tmp_path / "a.csv"
    path.write_text(f'{fact}\n"{cell}"\n', encoding="utf-8")
    assert evaluate(RULES, path).results[fact] == read


@pytest.mark.parametrize(
    "cell",
    ["95%", "1.086,51", "10,86", "1,0860", "1_000", "1e3", "１２", "0x10", "5 人", "--5", "5.", ".5", "1 000", "∞"],
)
def test_numbers_of_a_table_that_could_mean_several_things_are_refused(cell: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'在职人数\n"{cell}"\n', encoding="utf-8")
    assert refused(RULES, path) == [NOT_A_NUMBER]


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    for name in ("a.xls", "a", "a.TOML.bak"):
        (tmp_path / name).write_text("x", encoding="utf-8")
        assert refused(RULES, tmp_path / name) == ["no-file.ending"]
    assert refused(RULES, tmp_path / "absent.toml") == ["no-file"]
    (tmp_path / "folder.json").mkdir()
    assert refused(RULES, tmp_path / "folder.json") == ["no-file.folder"]


@pytest.mark.parametrize("write", [str.upper, str.title])
def test_the_ending_of_a_name_may_be_in_capitals(write: Callable[[str], str], tmp_path: Path) -> None:
    path = tmp_path / ("a." + write("toml"))
    path.write_text("[facts]\nposts = 3\n", encoding="utf-8")
    assert evaluate(RULES, path)["posts"].exact == 3


def test_two_json_keys_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"facts": {"posts": 1, "posts": 2}}', encoding="utf-8")
    assert refused(RULES, path) == ["duplicate-id.json"]
    path.write_text(json.dumps([1]), encoding="utf-8")
    assert refused(RULES, path) == ["not-json.table"]


def test_facts_that_are_only_recorded_are_kept_and_score_nothing() -> None:
    text = facts(a="percent", kept="number") + "for_record = true\n[dimensions.d]\n" + row(score="weight * a / 100")
    found = evaluate(ruleset(text), {"a": 50, "kept": 7})
    assert found.results["kept"] == 7
    assert found["i"].exact == 5
