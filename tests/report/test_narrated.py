"""The report as Markdown: what it says follows from the evaluation, and where nothing is given there is a gap."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

import perfrules
from perfrules.evaluation.export import as_dict
from perfrules.evaluation.results import Status
from perfrules.evaluation.submission import NARRATED, NARRATIVE
from perfrules.messages import MESSAGES
from perfrules.report.narrated import report_text

from .reports import PUBLISHED, STATION, evaluated, hostile

GOLDEN = Path(__file__).parent / "golden"
NAMES = ("julu", "langfang", "full", "fallen")
LANGS = ("zh", "en")
PRAISE = re.compile(
    r"显著|良好|优秀|卓有成效|成效|扎实|圆满|较好|有力|积极|excellent|outstanding|remarkable|successful|effective|good\b",
    re.IGNORECASE,
)

each = pytest.mark.parametrize("name", NAMES)
each_lang = pytest.mark.parametrize("lang", LANGS)


def sections(text: str) -> list[str]:
    """The texts of the sections, from the first one on."""
    return re.split(r"^## ", text, flags=re.MULTILINE)[1:]


def part(text: str, heading: str) -> str:
    """What stands below a heading of a section."""
    return text.partition(f"{heading}\n")[2].partition("\n### ")[0]


@pytest.mark.parametrize("name", PUBLISHED)
@each_lang
def test_the_reports_of_published_tables_are_as_people_read_them(
    name: str, lang: str, golden: Callable[[Path, str], None]
) -> None:
    golden(GOLDEN / f"report.{name}.{lang}.md", report_text(evaluated(name), lang))


@each_lang
def test_the_five_sections_stand_in_their_order(lang: str) -> None:
    titles = [section.splitlines()[0] for section in sections(report_text(evaluated("julu"), lang))]
    assert len(titles) == 5
    starts = ["一、", "二、", "三、", "四、", "五、"] if lang == "zh" else ["1.", "2.", "3.", "4.", "5."]
    assert [title.startswith(start) for title, start in zip(titles, starts, strict=True)] == [True] * 5


@each
@each_lang
def test_the_figures_are_those_of_the_json(name: str, lang: str) -> None:
    text, data = report_text(evaluated(name), lang), as_dict(evaluated(name))
    total = data["total"]
    whole = sections(text)[1]
    if total["score"]:
        assert f"{total['score']}" in whole.split("###")[1]
    else:
        assert all(f"{float(end):.2f}" in whole.split("###")[1] for end in total["bounds"])
    table = sections(text)[3].split("###")[1]
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| ")][2:]
    assert len(rows) == len(data["indicators"])
    for row, indicator in zip(rows, data["indicators"], strict=True):
        weight, score = row[-3:-1]
        assert (weight, score) == (indicator["weight"], indicator["score"] or "—")
        assert indicator["title"][lang] in "".join(row)


@each
@each_lang
def test_every_row_that_lost_points_or_has_no_score_is_told_with_its_reason(name: str, lang: str) -> None:
    evaluation = evaluated(name)
    reasons = "".join(sections(report_text(evaluation, lang))[3].split("###")[2:])
    for row in evaluation:
        told = re.search(rf"^\| \*\*{re.escape(row.title[lang])}\*\*.*$", reasons, re.MULTILINE)
        falls_short = (row.lost or 0) > 0 or row.status in (Status.MISSING, Status.JUDGED, Status.UNDEFINED)
        assert bool(told) is falls_short or row.note or row.row.owed
        if told and falls_short:
            assert len(told[0].split(" | ")[1]) > 10


def test_a_reason_is_the_derivation_in_a_line() -> None:
    reasons = sections(report_text(evaluated("fallen"), "zh"))[3]
    for said in (
        "`percent(23, 20)` = 115 %",  # what was measured
        "**未达到目标**：`115 <= 100`",
        "`max(0, 5 - 0.5 * started(115 - 100, 1))` = 0",  # a formula with values
        "第 3 档，`value >= 70 and value < 80` (`75 >= 70 and 75 < 80`) 成立，按 `5 * 3 / 5` = 3",  # a band
        "前面的条件都不成立，按 `max(0, 5 - 0.5 * started(20, 1))` = 0",  # a branch
        "**答“否”的项**：符合部门“三定”方案确定的职责",
        "缺 绩效指标明确性要点：未逐项作答",  # in the submitter's words
        "提交为 -5，不计入",
        "社会效益评定 只定到档次",
    ):
        assert said in reasons


def test_the_submitters_words_stand_by_what_they_are_about_and_gaps_where_there_are_none() -> None:
    text = report_text(evaluated("fallen"), "zh")
    staffing = next(line for line in sections(text)[3].splitlines() if line.startswith("| **在职人员控制率**"))
    assert "**偏差原因**：借调三人<br>**改进措施**：年内调回" in staffing
    band = next(line for line in sections(text)[3].splitlines() if line.startswith("| **重点支出安排率**"))
    assert r"**偏差原因**：\[未填写：偏差原因\]<br>**改进措施**：\[未填写：改进措施\]" in band
    over = next(line for line in sections(text)[3].splitlines() if line.startswith("| **预算完成率**"))
    assert r"\[未填写：应说明的偏差原因\]" in over  # above 100 %, full marks, and a reason is owed
    assert "> 第一段。\n\n> 第二段。" in sections(text)[0]
    assert r"> \* 一项" in sections(text)[4]
    for key, section in zip(NARRATIVE, sections(text), strict=True):
        gap = rf"\[未填写：填报单位的文字，提交中的 narrative.{key}\]"
        assert (gap in section) is (key not in ("overview", "problems"))


@each
@each_lang
def test_every_finding_and_every_claim_that_is_not_confirmed_is_in_the_last_section(name: str, lang: str) -> None:
    evaluation = evaluated(name)
    last = sections(report_text(evaluation, lang))[4]
    assert len(re.findall(r"^\| (?:错误|警告|提示|error|warning|note) \|", last, re.MULTILINE)) == len(
        evaluation.findings
    )
    assert all(f"`{finding.code}`" in last for finding in evaluation.findings)
    verdicts = {"zh": ("不实", "无依据", "档内可取"), "en": ("refuted", "unsupported", "permitted")}[lang]
    open_ = [claim for claim in evaluation.claims if claim.verdict != "confirmed"]
    assert sum(last.count(f" | {verdict} | ") for verdict in verdicts) == len(open_)


def test_no_message_of_the_reports_praises() -> None:
    """All that a report says itself is in messages; the rest are titles of the ruleset, and the submitter's words."""
    said = [
        text
        for key, texts in MESSAGES.items()
        if key.partition(".")[0] in ("reported", "view", "explain")
        for text in texts
    ]
    assert len(said) > 200
    assert not [text for text in said if PRAISE.search(text)]


@each_lang
def test_who_reaches_every_target_is_not_praised(tmp_path: Path, lang: str) -> None:
    (tmp_path / "ruleset.toml").write_text(STATION, encoding="utf-8")
    evaluation = perfrules.evaluate(tmp_path / "ruleset.toml", {"a": 10})
    assert evaluation.total
    assert evaluation.total.score == 100
    assert not PRAISE.search(report_text(evaluation, lang))


def test_a_report_of_nothing_is_full_of_gaps() -> None:
    text = report_text(perfrules.evaluate("cn/department-overall-2013", {}), "en")
    for gap in ("who or what is evaluated", "the period", "who prepared it", "any fact", "why it is missing"):
        assert rf"\[not given: {gap}\]" in text
    assert "perfrules evaluate SUBMISSION --ruleset cn/department-overall-2013" in text


@each_lang
def test_hostile_texts_show_as_texts(tmp_path: Path, lang: str) -> None:
    text = report_text(hostile(tmp_path), lang)
    assert "\x1b" not in text
    assert "\x07" not in text
    rendered = MarkdownIt("commonmark").enable("table").render(text)
    assert "<w:p>" not in rendered
    assert rendered.count("<h1>") == 1
    assert rendered.count("<h2>") == 5
    assert "<strong>c</strong>" not in rendered
    assert "<code>b</code>" not in rendered
    assert "&lt;w:p&gt;&amp;amp;&lt;/w:t&gt; | a `b` **c** # ]]&gt;" in rendered


def test_an_unknown_section_of_the_narrative_is_refused_with_a_suggestion() -> None:
    with pytest.raises(perfrules.SubmissionError) as refused:
        perfrules.evaluate("cn/department-overall-2013", {"facts": {}, "narrative": {"organization": "x", "zzz": "y"}})
    findings = refused.value.findings
    assert [finding.code for finding in findings] == ["unknown-key", "unknown-key"]
    assert findings[0].help() == "did you mean `organisation`?"
    assert all(f"`{key}`" in findings[1].help() for key in NARRATED)
