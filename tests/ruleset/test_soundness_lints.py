"""What `check` says of parts that nothing reads, of titles, authority and cases, and of targets."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfrules.ruleset.library import check
from perfrules.ruleset.targets import problem, prose

HEAD = """
format = 1

[ruleset]
id = "test/lints"
title = "Lints"
authority = "a text"
"""
ROW = """
[dimensions.d]
title = "D"

[facts.a]
title = "A"
kind = "number"
unit = "km"
range = [0, 10]

[indicators.a]
dimension = "d"
title = "A"
weight = 10
target = ">= 5"
score = "weight if met else 0"
"""
CASE = '[[case]]\nname = "one"\nset = { a = 5 }\n[case.expect]\ntotal = 10\n'


def write(folder: Path, text: str, *, case: str = CASE, name: str = "ruleset.toml") -> Path:
    (folder / "cases").mkdir(parents=True, exist_ok=True)
    (folder / "cases" / "rows.toml").write_text(case, encoding="utf-8")
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def found(folder: Path, text: str, head: str = HEAD) -> list[tuple[str, str]]:
    """Whose part is doubtful, and which entry of the table of messages says so."""
    return [(one.about, one.key or one.code) for one in check(write(folder, head + text))]


def test_a_whole_ruleset_has_no_finding(tmp_path: Path) -> None:
    assert found(tmp_path, ROW) == []


# -- what nothing reads ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[facts.b]\ntitle = "B"\nkind = "count"\n', [("facts.b", "unused.fact")]),
        ('[facts.b]\ntitle = "B"\nkind = "count"\nfor_record = true\n', []),
        ('[facts.b]\ntitle = "B"\nkind = "count"\n[checks.c]\nassert = "b > 0"\n', []),
        ('[facts.b]\ntitle = "B"\nkind = "text"\n[checks.c]\nassert = "known(b)"\n', []),
        (
            '[facts.b]\ntitle = "B"\nkind = "table"\ncolumns = { n = { kind = "text" }, c = { kind = "number" } }\n[checks.c]\nassert = "count(b) > 0"\n',
            [],
        ),
        (
            '[facts.b]\ntitle = "B"\nkind = "checklist"\nitems = { x = "X", y = "Y" }\n[checks.c]\nassert = "b.x"\n',
            [("facts.b", "unused.item")],
        ),
        (
            '[facts.b]\ntitle = "B"\nkind = "checklist"\nitems = { x = "X", y = "Y" }\n[checks.c]\nassert = "b.x or share(b) > 50"\n',
            [],
        ),
        ('[values.v]\nformula = "a * 2"\n', [("values.v", "unused.value")]),
        ('[values.v]\nformula = "a * 2"\n[values.w]\nformula = "v"\n', [("values.w", "unused.value")]),
        ('[values.v]\nformula = "a * 2"\n[checks.c]\nassert = "v > 0"\n', []),
        ('[methods.m]\nscore = "weight"\n', [("methods.m", "unused.methods")]),
        # what only an unused method reads is no second finding
        ('[facts.b]\ntitle = "B"\nkind = "count"\n[methods.m]\nscore = "weight * b"\n', [("methods.m", "unused.methods")]),
        ('[scales.s]\nsteps = [ { id = "x", from = 0 } ]\n', [("scales.s", "unused.scales")]),
        ('[scales.s]\nsteps = [ { id = "x", from = 0 } ]\n[total]\nscale = "s"\n', []),
        ('[levels.l]\nsteps = [ { id = "x", from = 0, to = 100 } ]\n', [("levels.l", "unused.levels")]),
        ('[dimensions.e]\ntitle = "E"\n', [("dimensions.e", "unused.dimension")]),
        (
            '[dimensions.e]\ntitle = "E"\n[dimensions.f]\ntitle = "F"\nwithin = "e"\n',
            [("dimensions.e", "unused.dimension")],
        ),
    ],
)  # fmt: skip
def test_a_part_that_nothing_reads_is_named(text: str, expected: list[tuple[str, str]], tmp_path: Path) -> None:
    assert found(tmp_path, ROW + text) == expected


@pytest.mark.parametrize(
    "reads", ['score = "weight if value > p else 0"', 'score = "weight"\nnote_when = "value > p"',
              'bands = [ { when = "value > p", score = "weight" }, { score = 0 } ]', 'bands = [ { score = "min(p, weight)" } ]'],
)  # fmt: skip
def test_a_parameter_is_read_by_any_formula_of_its_method(reads: str, tmp_path: Path) -> None:
    text = ROW.replace('score = "weight if met else 0"', 'method = "m"') + "[methods.m]\n" + reads
    assert ("methods.m", "unused.parameter") not in found(tmp_path, text + "\nparameters = { p = 5 }\n")
    both = check(write(tmp_path, HEAD + text + "\nparameters = { p = 5, q = 6 }\n"))
    assert [one.values["name"] for one in both if one.key == "unused.parameter"] == ["q"]


FRAME = """
[dimensions.d]
title = "D"

[dimensions.e]
title = "E"

[facts.b]
title = "B"
kind = "count"

[values.v]
formula = "b * 2"

[levels.l]
steps = [ { id = "x", from = 0, to = 100 } ]

[methods.m]
score = "weight if met else 0"
"""


def test_what_a_framework_offers_is_there_for_its_plans(tmp_path: Path) -> None:
    write(tmp_path / "frame", HEAD + "framework = true\n" + FRAME)
    assert check(tmp_path / "frame") == ()
    head = '[ruleset]\nid = "test/plan"\ntitle = "Plan"\nextends = "../frame/ruleset.toml"\n'
    row = ROW.replace('[dimensions.d]\ntitle = "D"\n', "")
    own = '[facts.c]\ntitle = "C"\nkind = "count"\n'
    path = write(tmp_path / "plan", f"format = 1\n{head}{row}{own}", case="")
    assert [(one.about, one.key) for one in check(path)] == [("facts.c", "unused.fact")]


def test_a_parent_answers_for_its_own_parts(tmp_path: Path) -> None:
    write(tmp_path, HEAD + ROW + '[facts.b]\nkind = "count"\n', name="parent.toml")
    head = 'format = 1\n[ruleset]\nid = "test/child"\ntitle = "Child"\nauthority = "x"\nextends = "parent.toml"\n'
    assert check(write(tmp_path, head)) == ()


def test_a_misspelt_name_does_not_make_what_it_means_unused(tmp_path: Path) -> None:
    text = ROW + '[facts.staff]\ntitle = "S"\nkind = "count"\n[checks.c]\nassert = "staf > 0"\n'
    assert found(tmp_path, text) == [("checks.c", "unknown-name.near")]


# -- titles, authority, cases ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "about"),
    [('title = "Lints"\n', "ruleset"), ('[facts.a]\ntitle = "A"\n', "facts.a"), ('title = "D"\n', "dimensions.d")],
)
def test_a_part_without_a_title_is_named(old: str, about: str, tmp_path: Path) -> None:
    bare = (HEAD + ROW).replace(old, old.replace('title = "A"\n', "") if "facts" in old else "", 1)
    key = "no-title.ruleset" if about == "ruleset" else "no-title"
    assert found(tmp_path, bare, head="") == [(about, key)]


def test_a_chinese_id_is_its_own_title(tmp_path: Path) -> None:
    bare = ROW.replace("[facts.a]", '[facts."里程"]').replace("[indicators.a]", '[indicators."里程"]')
    bare = bare.replace('title = "A"\n', "").replace("[dimensions.d]", '[dimensions."产出"]').replace('"d"', '"产出"')
    assert found(tmp_path, bare.replace('title = "D"\n', "")) == []


def test_the_fact_that_an_indicator_declares_has_its_title(tmp_path: Path) -> None:
    row = ROW.replace('[facts.a]\ntitle = "A"\nkind = "number"\nunit = "km"\nrange = [0, 10]\n', "")
    assert found(tmp_path, row.replace("weight = 10", 'weight = 10\nunit = "km"')) == []


@pytest.mark.parametrize(
    ("title", "missing"),
    [
        ('{ zh = "甲" }', ["en"]), ('{ en = "A" }', ["zh"]), ('{ zh = "甲", en = " " }', ["en"]), ('{ fr = "A" }', ["zh", "en"]),
        ('{ zh = "甲", en = "A" }', []), ('"甲"', []),
    ],
)  # fmt: skip
def test_a_title_lacks_a_language_that_others_have(title: str, missing: list[str], tmp_path: Path) -> None:
    head = HEAD.replace('"Lints"', '{ zh = "规则", en = "Rules" }')
    path = write(tmp_path, head + ROW.replace('title = "A"\nweight', f"title = {title}\nweight"))
    assert [(one.about, one.values["code"]) for one in check(path)] == [("indicators.a", code) for code in missing]
    alone = write(tmp_path, HEAD + ROW.replace('title = "A"\nweight', f"title = {title}\nweight"))
    assert check(alone) == ()


def test_titles_of_steps_items_and_choices_are_in_both_languages_too(tmp_path: Path) -> None:
    head = HEAD.replace('"Lints"', '{ zh = "规则", en = "Rules" }')
    text = """
[scales.s]
steps = [ { id = "x", title = { zh = "优" }, from = 0 } ]
[total]
scale = "s"
[facts.list]
title = "L"
kind = "checklist"
items = { i = { en = "I" } }
[checks.c]
assert = "list.i"
"""
    names = [one.values["name"] for one in check(write(tmp_path, head + ROW + text))]
    assert names == ["scales.s.steps[1].title", "facts.list.items.i"]


def test_a_ruleset_without_authority_names_the_rows_that_nothing_speaks_for(tmp_path: Path) -> None:
    head = HEAD.replace('authority = "a text"\n', "")
    (finding,) = check(write(tmp_path, head + ROW))
    assert (finding.key, finding.values["indicators"]) == ("no-authority.rows", ("a",))
    for spoken in (
        ROW.replace("weight = 10", 'weight = 10\nauthority = "x"'),
        ROW.replace('[dimensions.d]\n', '[dimensions.d]\nauthority = "x"\n'),
        ROW.replace('score = "weight if met else 0"', 'method = "m"\n[methods.m]\nauthority = "x"\nscore = "weight"'),
    ):  # fmt: skip
        assert found(tmp_path, spoken, head) == [("ruleset", "no-authority")]


@pytest.mark.parametrize("case", ["", "case = []\n", "x = 1\n"])
def test_a_ruleset_without_a_case_is_told_so(case: str, tmp_path: Path) -> None:
    (finding,) = check(write(tmp_path, HEAD + ROW, case=case))
    assert finding.code == "no-cases"


def test_cases_that_cannot_be_read_are_for_the_test_to_tell(tmp_path: Path) -> None:
    assert check(write(tmp_path, HEAD + ROW, case="[[case\n")) == ()


def test_an_error_in_the_header_is_no_missing_title_and_authority(tmp_path: Path) -> None:
    head = HEAD.replace("title =", "titel =").replace("authority =", "authorty =")
    assert {key for _, key in found(tmp_path, ROW, head)} == {"unknown-key.near"}


# -- targets -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"), ("……", "empty"), (" — ", "empty"),
        ("好坏", "options"), ("优/良/差", "options"), ("优、良、中、差", "options"), ("是/否", "options"), ("是否", "options"),
        ("合格或不合格", "options"), ("good/bad", "options"), ("high or low", "options"), ("完成；未完成", "options"),
        ("显著提升", "words"), ("进一步提高", "words"), ("一定程度改善", "words"), ("提高群众满意度", "words"),
        ("良好", "words"), ("significant improvement", "words"), ("统一管理", "words"), ("中长期", "words"),
        ("负责辖区内道路养护", "duty"), ("贯彻执行国家有关法律法规", "duty"), ("组织" * 25, "duty"),
        ("≥266米", None), ("100%", None), ("43.2", None), ("２０公里", None), ("2023年12月底前", None), ("①个", None),
        ("不少于三次", None), ("百分之九十", None), ("一百二十余户", None), ("零事故", None), ("无违规", None), ("全覆盖", None),
        ("实现全覆盖", None), ("按时完成", None), ("未发生安全事故", None),
    ],
)  # fmt: skip
def test_whether_a_target_as_people_type_it_can_be_measured(text: str, reason: str | None) -> None:
    assert problem(text) == reason


def test_a_declared_level_is_a_target_as_good_as_a_number() -> None:
    assert problem("达成年度指标") == "words"
    assert problem(" 达成年度指标。", levels=["达成年度指标", "部分达成"]) is None


@pytest.mark.parametrize(
    "text",
    [
        "计划里程",
        "计划里成",
        "planned_km",
        "planned km",
        "a / b",
        "实际 / 计划",
        "weight if met else zero",
        "甲 - 乙",
        "计划里程.项",
    ],
)
def test_a_formula_with_a_mistake_in_it_is_no_wording(text: str) -> None:
    assert prose(text, ["planned_km", "计划里程"]) is None


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ('unit = "万元"', ["money"]), ('unit = "元"', ["money"]), ('unit = "美元"', ["money"]), ('unit = "公里"', []), ('unit = ""', []),
        ('unit = "万元"\ntitle = "实现产值"', []), ('unit = "万元"\ntitle = "Revenue"', []), ('unit = "万元/公里"', []),
    ],
)  # fmt: skip
def test_money_is_no_output(keys: str, expected: list[str], tmp_path: Path) -> None:
    row = ROW.replace('[facts.a]\ntitle = "A"\nkind = "number"\nunit = "km"\nrange = [0, 10]\n', "")
    row = row.replace('title = "A"\nweight', ('title = "A"\n' if "title" not in keys else "") + keys + "\nweight")
    for title, said in (("产出数量指标", expected), ("成本指标", []), ("经济效益", []), ("Output", expected)):
        keys_ = [key for _, key in found(tmp_path, row.replace('title = "D"', f'title = "{title}"'))]
        assert keys_ == [f"target-not-measurable.{one}" for one in said]


def test_a_cost_within_the_output_is_no_output(tmp_path: Path) -> None:
    row = ROW.replace('title = "D"', 'title = "成本指标"\nwithin = "o"\n[dimensions.o]\ntitle = "产出指标"')
    assert found(tmp_path, row.replace('unit = "km"', 'unit = "万元"')) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ROW.replace('unit = "km"\n', ""), True),
        (ROW.replace('unit = "km"', 'unit = ""'), False),
        (ROW.replace('unit = "km"\n', "").replace("weight = 10", 'weight = 10\nunit = ""'), False),
        (ROW.replace('"number"\nunit = "km"', '"percent"'), False),
        (ROW.replace("weight = 10", 'weight = 10\nvalue = "percent(a, 10)"'), False),  # its unit follows
        (ROW.replace("weight = 10", 'weight = 10\nvalue = "a / (a + 1)"'), False),  # a ratio has none
        (ROW.replace("weight = 10", 'weight = 10\nvalue = "a + 1"'), False),
        (ROW.replace("weight = 10", 'weight = 10\nvalue = "a * 3"').replace("indicators.a", "indicators.i"), True),
        (ROW.replace("weight = 10", 'weight = 10\nvalue = "v"') + '[values.v]\nformula = "a * 3"\nunit = "m"\n', False),
        (
            ROW.replace("rs.a]", "rs.i]").replace("weight = 10", 'weight = 10\nvalue = "v"')
            + '[values.v]\nformula = "a * 3"\n',
            True,
        ),
        (ROW.replace("[dimensions.d]", "[rounding]\nvalue = 1\n[dimensions.d]").replace('unit = "km"\n', ""), True),
        (ROW.replace('target = ">= 5"\n', "").replace('unit = "km"\n', "").replace("met", "value > 5"), False),
        (ROW.replace('"number"\nunit = "km"\nrange = [0, 10]', '"truth"').replace(">= 5", "== True"), False),
    ],
)
def test_a_number_with_a_target_has_a_unit(text: str, expected: bool, tmp_path: Path) -> None:
    keys = [key for _, key in found(tmp_path, text)]
    assert keys == (["target-not-measurable.unit"] if expected else [])


def test_a_mistake_in_the_units_of_a_value_is_no_missing_unit(tmp_path: Path) -> None:
    text = (
        ROW.replace("weight = 10", 'weight = 10\nvalue = "a + b"')
        + '[facts.b]\ntitle = "B"\nkind = "count"\nunit = "人"\n'
    )
    assert found(tmp_path, text) == [("indicators.a", "unit-mismatch")]


DUTY = "负责贯彻落实国家和省市关于农村公路建设养护管理的方针政策和法律法规，组织编制并实施全县农村公路建设养护计划"


def test_a_duty_is_no_title_of_an_indicator(tmp_path: Path) -> None:
    def keys(title: str, target: str = ">= a") -> list[str]:
        row = ROW.replace('title = "A"\nweight', f'title = "{title}"\nweight').replace(">= 5", target)
        return [key for _, key in found(tmp_path, row)]

    assert keys(DUTY) == ["target-not-measurable.duty"]
    assert keys(DUTY, ">= 5") == []
    assert keys(DUTY[:40]) == []
    assert keys(DUTY + "20公里") == []


def test_a_text_that_the_actual_can_only_repeat_is_no_target(tmp_path: Path) -> None:
    text = ROW.replace('"number"\nunit = "km"\nrange = [0, 10]', '"text"')
    text = text.replace('target = ">= 5"', "value = 'a'\ntarget = '== \"良好\"'")
    assert found(tmp_path, text) == [("indicators.a", "target-not-measurable.text")]
    choice = text.replace('"text"', '"choice"\nchoices = { "良好" = "良好", "一般" = "一般" }')
    assert found(tmp_path, choice) == []
