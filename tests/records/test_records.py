"""Records: canonical, complete, made of texts alone, and read back as the evaluation that they were made of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from commands import run
from hypothesis import given, settings
from hypothesis import strategies as st

import perfrules
from perfrules.errors import PerfrulesError, RecordError
from perfrules.evaluation import written
from perfrules.evaluation.export import as_dict
from perfrules.evaluation.submission import NARRATIVE, Submission, from_data
from perfrules.records import reading
from perfrules.records.record import contents, is_record, load_record
from perfrules.ruleset import toml

from .kept import GIVEN, RULES, station

ROOT = Path(__file__).resolve().parents[2]
JULU = ROOT / "docs" / "examples" / "julu-2022" / "submission.toml"


def values(data: Any) -> Iterator[Any]:
    """Everything in some JSON that is neither an object nor a list."""
    if isinstance(data, dict | list):
        for item in data.values() if isinstance(data, dict) else data:
            yield from values(item)
    else:
        yield data


# -- the file ------------------------------------------------------------------------------------------------------


def test_a_record_is_canonical_json_in_which_every_number_is_a_text(tmp_path: Path) -> None:
    station(tmp_path).save(tmp_path / "record.json")
    raw = (tmp_path / "record.json").read_bytes()
    data = json.loads(raw)
    assert contents(data) == raw
    assert {type(value) for value in values(data)} == {str, bool, type(None)}


def test_a_record_holds_what_evaluate_writes_and_the_texts_that_it_follows_from(tmp_path: Path) -> None:
    evaluation = station(tmp_path)
    evaluation.save(tmp_path / "record.json")
    data = json.loads((tmp_path / "record.json").read_bytes())
    shown = as_dict(evaluation)
    assert set(data) == {*shown, "record", "sources", "digest"}
    assert data["total"]["score"] == shown["total"]["score"] == "79.30"
    assert data["submission"] == shown["submission"]
    assert data["indicators"][0]["steps"][-1] == {
        "of": "rounding",
        "span": ["0", "16"],
        "text": "round(earned, 2)",
        "value": "28",
    }
    assert [finding["code"] for finding in data["findings"]] == [one["code"] for one in shown["findings"]]
    (document,) = data["sources"]["documents"]
    assert (document["id"], document["role"], document["text"]) == ("test/station", "ruleset", RULES)


def test_the_same_evaluation_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        station(tmp_path).save(tmp_path / name)
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_a_record_that_cannot_be_written_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    evaluation = station(tmp_path)
    with pytest.raises(PerfrulesError, match="cannot-write"):
        evaluation.save(tmp_path / "absent" / "record.json")
    assert [path.name for path in tmp_path.iterdir()] == ["station.toml"]


def test_a_fraction_that_no_decimal_says_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    evaluation = station(tmp_path, {"goal": {"level": "met", "rate": Fraction(250, 3)}})
    with pytest.raises(PerfrulesError) as refused:
        evaluation.save(tmp_path / "record.json")
    (finding,) = refused.value.findings
    assert (finding.about, finding.message()) == (
        "facts.goal.rate", "`facts.goal.rate` is 250/3, which no decimal says, and a record keeps decimals",
    )  # fmt: skip
    assert not (tmp_path / "record.json").exists()


def test_a_record_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 1000)
    with pytest.raises(RecordError, match="too-large"):
        station(tmp_path).save(tmp_path / "record.json")


# -- alone ---------------------------------------------------------------------------------------------------------

OVERLAY = """\
format = 1
[ruleset]
id = "test/ceiling"
expects = ["goal"]
[adjustments.ceiling]
each = "total"
score = "min(earned, 80)"
"""


def test_a_record_needs_neither_the_files_nor_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "away"
    folder.mkdir()
    (folder / "parent.toml").write_text(RULES.replace("test/station", "test/parent"), encoding="utf-8")
    (folder / "child.toml").write_text(
        'format = 1\n[ruleset]\nid = "test/child"\nextends = "parent.toml"\neffective = 2030-01-01\n', encoding="utf-8"
    )
    (folder / "ceiling.toml").write_text(OVERLAY, encoding="utf-8")
    (folder / "given.toml").write_text(
        '[submission]\nruleset = "child.toml"\noverlays = ["ceiling.toml"]\n[facts]\ngoal = { level = "met", rate = 90 }\nstaff_posts = 9\nstaff_in_post = 9\n',
        encoding="utf-8",
    )
    assert (
        run("evaluate", folder / "given.toml", "--as-of", "2029-12-31", "--record", tmp_path / "record.json").status
        == 0
    )
    for path in folder.iterdir():
        path.unlink()
    monkeypatch.chdir(folder)
    monkeypatch.setattr("perfrules.ruleset.library.roots", tuple)
    assert [finding.code for finding in perfrules.verify(tmp_path / "record.json")] == []
    again = load_record(tmp_path / "record.json").evaluation()
    assert again.total is not None
    assert again.total.score == Decimal("80.00")
    assert [part.role for part in again.ruleset.parts] == ["parent", "ruleset", "overlay"]
    assert [finding.code for finding in again.findings] == ["not-in-force"]


FORMS = {
    "given.toml": written.toml(from_data(GIVEN)),
    "given.json": json.dumps(GIVEN, ensure_ascii=False),
    "long.csv": "fact,value,source\nsubmission.subject,站,\nstaff_in_post,20,工资表\nstaff_posts,19,\ngoal.level,met,\ngoal,85.5,\n",
    "wide.csv": "subject,staff_in_post,staff_posts,goal.level\n站,20,19,met\n",
}


@pytest.mark.parametrize("name", FORMS)
def test_a_record_keeps_a_submission_in_whichever_form_it_came(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(FORMS[name], encoding="utf-8")
    evaluation = station(tmp_path, tmp_path / name)
    evaluation.save(tmp_path / "record.json")
    assert perfrules.verify(tmp_path / "record.json") == ()
    record = load_record(tmp_path / "record.json")
    again = record.evaluation()
    assert record.data["sources"]["submission"]["name"] == name
    assert again.submission.digest == evaluation.submission.digest
    assert without_places(as_dict(again)) == without_places(as_dict(evaluation))


def without_places(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "findings": [{**finding, "where": None} for finding in data["findings"]]}


def test_a_submission_that_was_added_to_is_recorded_as_it_was_scored(tmp_path: Path) -> None:
    (tmp_path / "given.toml").write_text(FORMS["given.toml"], encoding="utf-8")
    submission = perfrules.read_submission(tmp_path / "given.toml")
    before = submission.digest
    submission.claims = submission.claims[:1]
    submission.raw = {**submission.raw, "staff_posts": 25}
    assert submission.digest != before
    evaluation = station(tmp_path, submission)
    evaluation.save(tmp_path / "record.json")
    assert str(load_record(tmp_path / "record.json").evaluation()) == str(evaluation)
    assert perfrules.verify(tmp_path / "record.json") == ()


AMOUNTS = st.one_of(
    st.integers(-(10**12), 10**12),
    st.decimals(-(10**9), 10**9, places=4),
    st.integers(-(10**6), 10**6).map(lambda one: one / 1000),
    st.fractions(-1000, 1000).map(lambda one: Fraction(one.numerator, 2 ** (one.denominator % 7))),
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=60)
@given(
    st.dictionaries(TEXTS, st.one_of(AMOUNTS, st.fixed_dictionaries({"value": AMOUNTS, "source": TEXTS})), max_size=4),
    st.dictionaries(TEXTS, AMOUNTS, max_size=3),
    st.dictionaries(st.sampled_from(NARRATIVE), TEXTS, max_size=3),
)
def test_a_submission_written_as_toml_reads_as_the_same(
    facts: dict[str, Any], claims: dict[str, Any], narrative: dict[str, str]
) -> None:
    submission = from_data({"facts": facts, "claims": {"values": claims}, "narrative": narrative})
    text = written.toml(submission)
    again = from_data(toml.parse(text, "again").data)
    assert again.digest == submission.digest
    assert [claim[:2] for claim in again.claims] == [claim[:2] for claim in submission.claims]
    assert written.toml(again) == text


def test_the_decimals_of_a_claim_are_kept() -> None:
    submission = Submission(claims=from_data({"claims": {"total": Decimal("98.00")}}).claims)
    assert "total = 98.00" in written.toml(submission)
    assert from_data(toml.parse(written.toml(submission), "x").data).claims == submission.claims


# -- read as submissions are ---------------------------------------------------------------------------------------


def test_explain_says_of_a_record_what_it_says_of_its_submission(tmp_path: Path) -> None:
    run("evaluate", JULU, "--record", tmp_path / "julu.json")
    for about in ("staffing_control_rate", "total"):
        of_record = run("explain", tmp_path / "julu.json", about)
        assert (of_record.status, of_record.out) == (0, run("explain", JULU, about).out)


def test_evaluate_shows_a_record_and_scores_it_by_another_ruleset_where_one_is_asked_for(tmp_path: Path) -> None:
    station(tmp_path).save(tmp_path / "record.json")
    (tmp_path / "other.toml").write_text(RULES.replace("2 * started", "4 * started"), encoding="utf-8")
    assert "79.30 / 100" in run("evaluate", tmp_path / "record.json").out
    assert "67.30 / 100" in run("evaluate", tmp_path / "record.json", "--ruleset", tmp_path / "other.toml").out
    refused = run("evaluate", tmp_path / "record.json", "--as-of", "2022-01-01", "--lang", "en")
    assert (refused.status, "[bad-value] a record has its own ruleset" in refused.err) == (2, True)


def test_a_json_submission_is_no_record(tmp_path: Path) -> None:
    (tmp_path / "given.json").write_text(json.dumps(GIVEN), encoding="utf-8")
    station(tmp_path).save(tmp_path / "record.json")
    assert not is_record(tmp_path / "given.json")
    assert not is_record(tmp_path / "station.toml")
    assert is_record(tmp_path / "record.json")


def test_several_submissions_make_no_record(tmp_path: Path) -> None:
    ran = run("evaluate", JULU, JULU, "--record", tmp_path / "record.json", "--lang", "en")
    assert (ran.status, "--record keeps one submission" in ran.err) == (2, True)
    assert list(tmp_path.iterdir()) == []
