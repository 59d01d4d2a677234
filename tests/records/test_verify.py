"""verify: whatever is changed in a record is found, and its place is said; what nobody vouches for ends in findings."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commands import run

import perfrules
from perfrules import evaluate
from perfrules.errors import RecordError, width
from perfrules.records import reading
from perfrules.records.reading import parse
from perfrules.records.record import Record
from perfrules.records.verify import Verification

from .kept import GIVEN, RULES, forged, station, text_of, verified

ROOT = Path(__file__).resolve().parents[2]
JULU = ROOT / "docs" / "examples" / "julu-2022" / "submission.toml"
GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return text_of(station(tmp_path_factory.mktemp("station")))


@pytest.fixture
def record(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found


# -- what is changed is found --------------------------------------------------------------------------------------


def changed_at(text: str, index: int) -> str:
    """A record in which one digit is the next one."""
    return text[:index] + str((int(text[index]) + 1) % 10) + text[index + 1 :]


def found_in(text: str) -> Verification | RecordError:
    try:
        return verified(text)
    except RecordError as error:
        return error


def assert_found(text: str, index: int) -> None:
    """The first finding is an error, and its place is the value in which the digit is."""
    finding = found_in(changed_at(text, index)).findings[0]
    assert (finding.severity, finding.code in ("record-differs", "not-a-record")) == ("error", True)
    assert finding.where is not None
    assert finding.where.column is not None
    if finding.about != "digest":  # else the digest itself is what was changed, or what tells
        start = finding.where.column - 1
        assert start <= index < start + finding.where.length, finding


def test_every_digit_of_a_record_that_is_changed_is_found_with_its_place(text: str) -> None:
    for digit in re.finditer("[0-9]", text):
        assert_found(text, digit.start())


def test_digits_of_a_large_record_that_are_changed_are_found_with_their_places() -> None:
    text = text_of(evaluate(None, JULU))
    digits = [digit.start() for digit in re.finditer("[0-9]", text)]
    for index in random.Random(4).sample(digits, 40):
        assert_found(text, index)


def test_only_the_digest_itself_is_placed_at_the_digest(text: str) -> None:
    start = text.index(json.loads(text)["digest"])
    for digit in re.finditer("[0-9]", text):
        finding = found_in(changed_at(text, digit.start())).findings[0]
        assert (finding.about == "digest") == (start <= digit.start() < start + 71)


Change = Callable[[dict[str, Any]], object]


def in_text(old: str, new: str) -> Change:
    def change(record: dict[str, Any]) -> None:
        for source in [*record["sources"]["documents"], record["sources"]["submission"]]:
            source["text"] = source["text"].replace(old, new)

    return change


CHANGES: dict[str, tuple[Change, list[str]]] = {
    "fact": (
        in_text("value = 20", "value = 19"),
        ["sources.submission", "indicators[0].facts[0].value"],
    ),
    "rule": (
        in_text("2 * started", "1 * started"),
        ["sources.documents[0]", "indicators[0].steps[5].text"],
    ),
    "comment": (in_text("# 30 before 2013", "# 40 since 2013"), ["sources.documents[0]"]),
    "rules-that-do-not-load": (
        in_text("weight = 40", "weight = 41"),
        ["sources.documents[0]", "total.weight"],
    ),
    "score": (lambda record: record["indicators"][0].update(score="40.00"), ["indicators[0].score"]),
    "step": (lambda record: record["indicators"][0]["steps"][1].update(value="5"), ["indicators[0].steps[1].value"]),
    "total": (lambda record: record["total"].update(grade="good"), ["total.grade"]),
    "verdict": (lambda record: record["claims"][1].update(verdict="confirmed"), ["claims[1].verdict"]),
    "subject": (lambda record: record["submission"].update(subject="河东"), ["submission.subject"]),
    "finding-gone": (lambda record: record["findings"].clear(), ["findings[0]"]),
    "row-gone": (lambda record: record["indicators"].pop(0), ["indicators[0].id"]),
    "key-gone": (lambda record: record.pop("claims"), ["claims"]),
    "key-added": (lambda record: record.update(approved=True), ["approved"]),
    "date": (lambda record: record["sources"].update(as_of="2024-01-01"), ["ruleset.as_of"]),
    "id": (lambda record: record["sources"]["documents"][0].update(id="x"), ["sources.documents[0]", "sources.documents[0].id"]),
    "engine": (lambda record: record.update(engine="perfrules 0.0.9"), ["engine", "engine"]),
    "digest": (lambda record: record.update(digest="sha256:0"), ["digest"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_changed_is_named_with_its_path(name: str, record: dict[str, Any]) -> None:
    change, abouts = CHANGES[name]
    change(record)
    found = verified(json.dumps(record))
    assert [finding.about for finding in found.findings] == abouts
    assert found.status == "differs"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_messages_read_as_shown(lang: str, record: dict[str, Any], golden: Callable[[Path, str], None]) -> None:
    lines = []
    for name, (change, _) in CHANGES.items():
        data = copy.deepcopy(record)
        change(data)
        lines += [f"{name}:", *(f"  {one.message(lang)}" for one in verified(json.dumps(data)).findings), ""]
    shown = re.sub("sha256:[0-9a-f]{8,}", "sha256:", "\n".join(lines))
    golden(GOLDEN / f"differences.{lang}.txt", shown.replace(perfrules.__version__, "VERSION"))


@pytest.mark.parametrize(
    "name",
    [
        "fact",
        "rule",
        "score",
        "step",
        "total",
        "verdict",
        "finding-gone",
        "row-gone",
        "key-gone",
        "key-added",
        "date",
        "id",
    ],
)
def test_digests_that_were_made_to_fit_do_not_hide_what_does_not_follow(name: str, record: dict[str, Any]) -> None:
    CHANGES[name][0](record)
    found = verified(forged(record))
    assert [finding.about for finding in found.findings] == CHANGES[name][1][-1:]
    assert found.status == "differs"


def test_the_place_is_line_and_column_in_a_record_that_was_laid_out_by_hand(record: dict[str, Any]) -> None:
    assert verified(json.dumps(record, indent=2, ensure_ascii=False)).findings == ()
    record["indicators"][1]["score"] = "60.00"
    laid = json.dumps(record, indent=2, ensure_ascii=False)
    (finding,) = verified(laid).findings
    assert finding.where is not None
    line = laid.split("\n")[(finding.where.line or 0) - 1]
    assert line[(finding.where.column or 0) - 1 :].startswith('"60.00"')
    assert finding.where.caret().endswith("^" * 7)


# -- another version -----------------------------------------------------------------------------------------------


def test_another_version_alone_is_a_note(record: dict[str, Any]) -> None:
    record["engine"] = "perfrules 9.0.0"
    del record["indicators"][0]["rate"]  # which that version did not have
    found = verified(forged(record))
    assert [(finding.code, finding.severity) for finding in found.findings] == [("other-engine", "note")]
    assert found.status == "verified"


def test_what_another_version_recorded_must_still_follow(record: dict[str, Any]) -> None:
    record["engine"] = "perfrules 9.0.0"
    record["total"]["score"] = "80.00"
    found = verified(forged(record))
    assert [finding.about for finding in found.findings] == ["total.score", "engine"]
    assert found.status == "differs"


# -- hostile records -----------------------------------------------------------------------------------------------


def without(*path: str | int) -> Change:
    def change(record: Any) -> None:
        for part in path[:-1]:
            record = record[part]
        del record[path[-1]]

    return change


def put(value: Any, *path: str | int) -> Change:
    def change(record: Any) -> None:
        for part in path[:-1]:
            record = record[part]
        record[path[-1]] = value

    return change


SOURCE = ("sources", "documents", 0)
HOSTILE: dict[str, tuple[Change, str]] = {
    "a number without quotes": (put(1.5, "total", "score"), "not-a-record.number"),
    "not a number": (put(float("nan"), "total", "score"), "not-a-record.number"),
    "a number of 5,000 digits": (put(10**4200, "total", "score"), "not-a-record.number"),
    "deep": (put([[[[[[[[[[[]]]]]]]]]]], "total"), "not-a-record.nesting"),
    "half a character": (put("\ud800", "total", "score"), "not-a-record.text"),
    "half a character in a key": (put("", "\udc00"), "not-a-record.text"),
    "another format": (put("2", "record"), "not-a-record.newer"),
    "no format": (put(None, "record"), "not-a-record"),
    "no sources": (without("sources"), "not-a-record.missing"),
    "no text": (without(*SOURCE, "text"), "not-a-record.missing"),
    "no digest": (without("digest"), "not-a-record.missing"),
    "no engine": (without("engine"), "not-a-record.missing"),
    "a list for a text": (put([], *SOURCE, "text"), "not-a-record.kind"),
    "a text for a list": (put("x", "sources", "documents"), "not-a-record.kind"),
    "a text for an object": (put("x", "sources"), "not-a-record.kind"),
    "null for a truth value": (put(None, "sources", "submission", "cells"), "not-a-record.kind"),
    "more in the sources": (put("x", "sources", "seal"), "not-a-record.unknown"),
    "more in a document": (put("x", *SOURCE, "seal"), "not-a-record.unknown"),
    "a foreign place": (put({"number": "1"}, "ledger"), "not-a-record.missing"),
    "no role": (put("chief", *SOURCE, "role"), "not-a-record.role"),
    "no ruleset": (put("parent", *SOURCE, "role"), "not-a-record.documents"),
    "no documents": (put([], "sources", "documents"), "not-a-record.documents"),
    "no such day": (put("2022-02-30", "sources", "as_of"), "not-a-record.date"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_record_is_refused(name: str, record: dict[str, Any]) -> None:
    change, key = HOSTILE[name]
    change(record)
    with pytest.raises(RecordError) as refused:
        verified(json.dumps(record))
    (finding,) = refused.value.findings
    assert (finding.code, finding.key) == ("not-a-record", key)
    assert finding.format("zh")


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("", "not-a-record.json"),
        ("{", "not-a-record.json"),
        ('{"record": "1",}', "not-a-record.json"),
        ("[]", "not-a-record"),
        ('"record"', "not-a-record"),
        ("{}", "not-a-record"),
        ('{"record": "1", "record": "1"}', "not-a-record.twice"),
        ('{"a": {"name": "x", "name": "x"}}', "not-a-record.twice"),
        ("[" * 200_000, "not-a-record.nesting"),
        ('{"a":' * 200_000, "not-a-record.nesting"),
        ('{"record": -Infinity}', "not-a-record.number"),
    ],
)
def test_what_is_no_json_of_ours_is_refused(written: str, key: str) -> None:
    with pytest.raises(RecordError) as refused:
        verified(written)
    assert [finding.key for finding in refused.value.findings] == [key]


@pytest.mark.parametrize(
    ("path", "written", "code"),
    [
        (SOURCE, "[ruleset", "not-toml"),
        (SOURCE, "", "bad-value"),
        (SOURCE, RULES.replace("weight = 40", "weight = 45"), "weights-sum"),
        (SOURCE, RULES.replace("- 2 *", "- __import__('os') *"), "unknown-function"),
        (SOURCE, RULES.replace("[dimensions.results]", "[dimensions.results]\nwithin = 'results'"), "cycle"),
        (SOURCE, 'format = 1\n[ruleset]\nid = "x"\nextends = "/etc/passwd"\n', "unknown-fact"),
        (("sources", "submission"), "x" * 6_000_000, "too-large"),
        (("sources", "submission"), "a = " + "[" * 5000, "not-toml"),
        (("sources", "submission"), "[facts]\nstaff = 5\n", "unknown-fact"),
        (("sources", "submission"), "facts = 5\n", "bad-value"),
    ],
)
def test_texts_that_cannot_be_read_are_said_to_be_so(
    path: tuple[str | int, ...], written: str, code: str, record: dict[str, Any]
) -> None:
    put(written, *path, "text")(record)
    found = verified(forged(record))
    assert found.findings[0].code in ("not-a-record", "record-differs")
    if found.findings[0].code == "not-a-record":
        assert (found.status, found.findings[1].code) == ("unreadable", code)
    assert found.status != "verified"
    assert verified(json.dumps(record)).status == "differs"  # where the digest tells that the text was changed


def test_cells_that_are_no_texts_are_refused(record: dict[str, Any]) -> None:
    record["sources"]["submission"]["cells"] = True
    found = verified(forged(record))
    assert (found.status, [finding.key for finding in found.findings]) == (
        "unreadable", ["not-a-record.sources", "not-a-record.cells"],
    )  # fmt: skip


def test_any_part_may_be_anything_and_there_is_no_traceback(record: dict[str, Any]) -> None:
    paths = [path for path in places(record) if path]
    for path in random.Random(7).sample(paths, 60):
        for junk in (None, True, "", [], {}, "x", ["x"], {"id": "x"}, 5):
            data = copy.deepcopy(record)
            put(junk, *path)(data)
            found = found_in(json.dumps(data))
            assert bool(found.findings) == (data != record)


def places(data: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(place for key, item in inside for place in places(item, (*path, key)))]


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "record.json").write_text(text, encoding="utf-8")
    monkeypatch.setattr(reading, "MAX_BYTES", len(text) - 1)
    (finding,) = perfrules.verify(tmp_path / "record.json")
    assert (finding.code, finding.severity) == ("too-large", "error")


def test_every_value_of_a_record_has_its_place(text: str, record: dict[str, Any]) -> None:
    file = Record(parse(text, "x")).file
    for path in places(record):
        value: Any = record
        for part in path:
            value = value[part]
        where = file.where(path)
        start = (where.column or 0) - 1
        assert json.loads(text[start : start + where.length]) == value


# -- by another ruleset --------------------------------------------------------------------------------------------

STRICTER = RULES.replace("2 * started", "4 * started").replace("test/station", "test/stricter")


@pytest.fixture
def kept(tmp_path: Path, text: str) -> Path:
    (tmp_path / "record.json").write_text(text, encoding="utf-8")
    (tmp_path / "stricter.toml").write_text(STRICTER, encoding="utf-8")
    return tmp_path


def test_a_replay_says_which_scores_come_out_otherwise(kept: Path) -> None:
    found = perfrules.verify(kept / "record.json", kept / "stricter.toml")
    assert [(finding.severity, finding.message()) for finding in found] == [
        ("note", "`total` is recorded as 79.30, and comes to 67.30 by `test/stricter`"),
        ("note", "`dimensions.results` is recorded as 79.30, and comes to 67.30 by `test/stricter`"),
        ("note", "`indicators.staffing` is recorded as 28.00, and comes to 16.00 by `test/stricter`"),
    ]


def test_a_replay_leaves_out_what_the_other_ruleset_does_not_have(kept: Path) -> None:
    shorter = re.sub(r"\[facts\.goal\].*?(?=\[dimensions)", "", STRICTER, flags=re.DOTALL)
    shorter = re.sub(r"\[indicators\.goal\].*?(?=\[total)", "", shorter, flags=re.DOTALL).replace(
        "weight = 100", "weight = 40"
    )
    (kept / "shorter.toml").write_text(shorter, encoding="utf-8")
    found = perfrules.verify(kept / "record.json", kept / "shorter.toml")
    assert [finding.about for finding in found if finding.code == "unknown-fact"] == ["facts.goal"]
    assert "`indicators.goal` is recorded as 51.30, and comes to nothing by `test/stricter`" in [
        one.message() for one in found
    ]


def test_a_replay_on_the_recorded_rules_changes_nothing(kept: Path) -> None:
    (kept / "same.toml").write_text(RULES, encoding="utf-8")
    assert perfrules.verify(kept / "record.json", kept / "same.toml") == ()


# -- the command ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_command_reads_as_shown(
    lang: str, kept: Path, text: str, monkeypatch: pytest.MonkeyPatch, golden: Callable[[Path, str], None]
) -> None:
    monkeypatch.chdir(kept)
    monkeypatch.setenv("COLUMNS", "80")
    Path("changed.json").write_text(text.replace('"28.00"', '"40.00"', 1), encoding="utf-8")
    Path("cut.json").write_text(text[:3000], encoding="utf-8")
    commands = {
        "verify record.json": 0,
        "verify changed.json": 1,
        "verify cut.json": 2,
        "verify record.json changed.json": 1,
        "verify record.json --ruleset stricter.toml": 1,
    }
    shown = []
    for command, status in commands.items():
        ran = run(*command.split(), "--lang", lang)
        assert (ran.status, ran.err) == (status, "")
        shown += [f"$ {command}", *(line.rstrip() for line in ran.out.split("\n"))]
    golden(GOLDEN / f"verify.{lang}.txt", "\n".join(shown))


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("columns", [60, 80, 140])
def test_the_command_fits_the_terminal(
    columns: int, lang: str, kept: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(kept)
    monkeypatch.setenv("COLUMNS", str(columns))
    Path("changed.json").write_text(text.replace("value = 20", "value = 18"), encoding="utf-8")
    for command in ("verify changed.json", "verify record.json --ruleset stricter.toml"):
        shown = run(*command.split(), "--lang", lang).out
        assert [line for line in shown.split("\n") if width(line) > columns] == []


def test_the_command_writes_json(kept: Path) -> None:
    record = kept / "record.json"
    one = json.loads(run("verify", record, "--json").out)
    assert (one["status"], one["findings"], one["replay"]) == ("verified", [], None)
    two = json.loads(run("verify", record, kept / "stricter.toml", "--json").out)
    assert [each["status"] for each in two["records"]] == ["verified", "unreadable"]
    replayed = json.loads(run("verify", record, "--ruleset", kept / "stricter.toml", "--json").out)["replay"]
    assert replayed["ruleset"]["id"] == "test/stricter"
    assert replayed["rows"][0]["difference"] == "-12"
    assert replayed["rows"][0]["recorded"] == {
        "status": "scored",
        "score": "79.30",
        "weight": "100",
        "bounds": ["79.3", "79.3"],
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give records, or one ledger"),
        (["record.json", "--ledger", "."], "give records, or one ledger"),
        (["record.json", "--key", "key.pem"], "--key goes with --ledger"),
        (["record.json", "record.json", "--ruleset", "stricter.toml"], "replays one record at a time"),
        (["record.json", "--overlay", "stricter.toml"], "go with --ruleset"),
        (["record.json", "--ruleset", "absent.toml"], "absent.toml"),
    ],
)
def test_what_does_not_go_together_is_refused(
    arguments: list[str], said: str, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(kept)
    ran = run("verify", *arguments, "--lang", "en")
    assert (ran.status, said in ran.err) == (2, True)


def test_a_record_that_does_not_hold_is_not_explained(kept: Path, text: str) -> None:
    (kept / "record.json").write_text(text.replace('"28.00"', '"40.00"', 1), encoding="utf-8")
    ran = run("explain", kept / "record.json")
    assert (ran.status, ran.out, "[record-differs]" in ran.err) == (2, "", True)


def test_names_and_texts_of_records_are_never_markup_nor_escapes(tmp_path: Path) -> None:
    given = {**GIVEN, "submission": {"subject": "[red]\x1b[31m"}}
    station(tmp_path, given).save(tmp_path / "record.json")
    text = (tmp_path / "record.json").read_text(encoding="utf-8")
    (tmp_path / "changed.json").write_text(
        text.replace('"subject":"[red]', '"subject":"[blue]\\u001b'), encoding="utf-8"
    )
    for name in ("record.json", "changed.json"):
        assert "\x1b" not in run("verify", tmp_path / name).out
    assert "[red]" in run("verify", tmp_path / "record.json").out
