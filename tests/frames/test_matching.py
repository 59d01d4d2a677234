"""Columns matched to facts: by what is said, by name, by title and unit; what is not sure is not guessed."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from perfrules import numbers
from perfrules.errors import Finding, RulesetError, SubmissionError
from perfrules.frames.batch import facts_said
from perfrules.frames.headers import bare
from perfrules.frames.matching import Column, Facts, match
from perfrules.ruleset.library import Ruleset, load

from .village import NAMES, TEXT, rules


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Ruleset:
    return rules(tmp_path_factory.mktemp("rules"))


def refused(ruleset: Ruleset, columns: list[str], facts: Facts | None = None) -> list[Finding]:
    with pytest.raises(SubmissionError) as error:
        match(ruleset, columns, facts)
    return list(error.value.findings)


def test_facts_are_matched_by_their_names_and_what_only_checks_read_is_not_asked_for(village: Ruleset) -> None:
    assert match(village, [*NAMES, "other"]) == {**{name: Column(name) for name in NAMES}, "effect.level": None}


@pytest.mark.parametrize(
    ("header", "factor"),
    [
        ("全年预算数", 1), ("全年预算数（万元）", 1), ("全年预算数(元)", Fraction(1, 10_000)), ("全年预算数_元", Fraction(1, 10_000)),
        (" 全年预算数\n（单位：元）", Fraction(1, 10_000)), ("*全年预算数【元】", Fraction(1, 10_000)), ("全年预算数/万元", 1), ("Budget", 1),
        ("BUDGET (元)", Fraction(1, 10_000)), ("budget（元）", Fraction(1, 10_000)), ("“全年预算数”：", 1), ("全年預算数(元)", None),
        ("全年预算数（2023年）", None), ("上年预算数", None),
    ],
)  # fmt: skip
def test_a_header_is_a_title_and_its_unit(village: Ruleset, header: str, factor: Fraction | None) -> None:
    columns = [header, *NAMES[1:]]
    if factor is None:
        assert [(one.code, one.about) for one in refused(village, columns)] == [("no-column", "facts.budget")]
        return
    found = match(village, columns)["budget"]
    assert found is not None
    assert (found.name, numbers.to_fraction(found.factor)) == (header, factor)


def test_a_title_that_ends_in_its_unit_is_known_in_another(village: Ruleset) -> None:
    found = match(village, ["budget", "执行数（元）", *NAMES[2:]])["spent"]
    assert found is not None
    assert numbers.to_fraction(found.factor) == Fraction(1, 10_000)


def test_every_fact_without_a_column_is_said_at_once_with_what_to_write(village: Ruleset) -> None:
    findings = refused(village, ["全年预算", "points.written"])
    assert [one.about for one in findings] == ["facts.budget", "facts.spent", "facts.points.followed", "facts.effect"]
    assert findings[0].message("en") == "no column holds “Budget” (`budget`); near it: `全年预算`"
    assert "--map 'budget=全年预算'" in findings[0].help("zh")
    assert "--map effect=COLUMN" in findings[3].help("en")
    assert "facts={'effect': 'COLUMN'}" in findings[3].help("en")


def test_a_title_that_two_columns_share_matches_neither(village: Ruleset) -> None:
    (finding,) = refused(village, ["全年预算数（元）", "全年预算数_元", *NAMES[1:]])
    assert finding.values["near"] == ("全年预算数（元）", "全年预算数_元")


def test_a_title_that_two_facts_share_matches_neither(tmp_path: Path) -> None:
    path = tmp_path / "ruleset.toml"
    path.write_text(TEXT.replace('zh = "执行数（万元）"', 'zh = "全年预算数"'), encoding="utf-8")
    assert {one.about for one in refused(load(path), ["全年预算数", *NAMES[2:]])} == {"facts.budget", "facts.spent"}


def test_a_mapping_goes_before_a_name_and_converts(village: Ruleset) -> None:
    found = match(village, [*NAMES, "b", "s（元）"], {"budget": ("b", "元"), "spent": "s（元）", "effect": None})
    assert {name: column and (column.name, numbers.plain(column.factor)) for name, column in found.items()} == {
        "budget": ("b", "0.0001"), "spent": ("s（元）", "0.0001"), "points.written": ("points.written", "1"),
        "points.followed": ("points.followed", "1"), "effect": None, "effect.level": None,
    }  # fmt: skip


def test_a_checklist_that_nobody_has_is_its_items_that_nobody_has(village: Ruleset) -> None:
    found = match(village, ["budget", "spent", "effect"], {"points": None})
    assert (found["points.written"], found["points.followed"]) == (None, None)


def test_a_judgement_with_a_column_of_levels_needs_no_rates(village: Ruleset) -> None:
    found = match(village, [*NAMES[:-1], "effect.level"])
    assert (found["effect"], found["effect.level"]) == (None, Column("effect.level"))


@pytest.mark.parametrize(
    ("facts", "code", "message"),
    [
        ({"budget": "x"}, "wrong-column", "there is no column `x` for the fact `budget`"),
        ({"budget": ("other", "人")}, "wrong-column", "the unit `人` of the column `other` does not convert into `万元`, that of the fact `budget`"),
        ({"points": "other"}, "wrong-column", "`points` is a checklist with a column for each item, for which the one column `other` has no room"),
        ({"bugdet": "other"}, "unknown-fact", "the ruleset `village` has no fact `bugdet`"),
        ({"points.read": "other"}, "unknown-fact", "the ruleset `village` has no fact `points.read`"),
    ],
)  # fmt: skip
def test_a_mapping_that_does_not_hold_is_a_finding(village: Ruleset, facts: Facts, code: str, message: str) -> None:
    (finding,) = refused(village, [*NAMES, "other"], facts)
    assert (finding.code, finding.message("en")) == (code, message)


def test_a_unit_in_a_header_that_does_not_convert_is_a_finding(village: Ruleset) -> None:
    (finding,) = refused(village, ["全年预算数（%）", *NAMES[1:]])
    assert finding.code == "wrong-column"
    assert "--map 'budget=全年预算数（%）:UNIT'" in finding.help("en")


def test_a_column_of_a_name_that_stands_twice_is_a_finding(village: Ruleset) -> None:
    (finding,) = refused(village, [*NAMES, "budget"])
    assert finding.code == "duplicate-id"


def test_scores_that_read_a_table_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "ruleset.toml"
    table = '[facts.lots]\nkind = "table"\n[facts.lots.columns.price]\nkind = "amount"\n[dimensions.results]'
    text = TEXT.replace("[dimensions.results]", table).replace(
        '"percent(spent, budget)"', '"percent(spent, sum(lots.price))"'
    )
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RulesetError) as error:
        match(load(path), NAMES)
    assert [(one.code, one.values["fact"]) for one in error.value.findings] == [("frame-table", "lots")]


@pytest.mark.parametrize(
    ("said", "columns", "facts"),
    [
        ("budget=a", ["a"], {"budget": "a"}),
        ("budget=a:元", ["a"], {"budget": ("a", "元")}),
        ("budget=a:元", ["a", "a:元"], {"budget": "a:元"}),
        ("budget=a=b", ["a=b"], {"budget": "a=b"}),
        ("budget=", ["a"], {"budget": None}),
    ],
)
def test_what_the_command_line_says_of_a_fact(said: str, columns: list[str], facts: Facts) -> None:
    assert facts_said([said], columns) == facts


@pytest.mark.parametrize("hostile", ["\x1b[31m", "[bold]x[/bold]", "a" * 100_000, "((((((", "_", "", "\n", "（）"])
def test_hostile_headers_match_nothing_and_do_no_harm(village: Ruleset, hostile: str) -> None:
    findings = refused(village, [hostile, *NAMES[1:]])
    assert [one.code for one in findings] == ["no-column"]
    assert "\x1b" not in findings[0].format("en")


def test_spellings_that_make_no_difference_are_one() -> None:
    assert {bare(text) for text in ("“三公经费” 预算数", "三公经费预算数：", "*三公经费\n预算数")} == {"三公经费预算数"}
