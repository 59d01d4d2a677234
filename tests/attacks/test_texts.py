"""Hostile texts in every free-text field, at once: what comes out is the text itself, and nothing obeys it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from commands import run

from perfrules import check, evaluate, load
from perfrules.errors import PerfrulesError

from .outputs import check_outputs, every_output, unsafe, visible

LINES = (Path(__file__).resolve().parent / "string_injections.txt").read_bytes().decode().removesuffix("\n").split("\n")
PAYLOADS = [str(json.loads(line.removeprefix("#json:"))) if line.startswith("#json:") else line for line in LINES]
WRITTEN = [text for text in PAYLOADS if not any("\ud800" <= char <= "\udfff" for char in text)]
"""Half a character can stand in JSON, and in no file of UTF-8."""


def ruleset_of(text: str) -> dict[str, Any]:
    """A ruleset with the text in every place that takes one."""
    titles = {"title": {"zh": text, "en": text}}
    shared = {**titles, "explanation": text, "authority": text}
    return {
        "format": 1,
        "ruleset": {"id": "test/texts", **titles, "authority": text, "provenance": text},
        "scales": {"grade": {**titles, "steps": [{"id": "all", **titles, "from": 0}]}},
        "levels": {"g": {**titles, "steps": [{"id": "high", **titles, "from": 0, "to": 100}]}},
        "facts": {
            "a": {**titles, "kind": "number", "unit": text or "x", "explanation": text, "note": text, "range": [0, 100]},
            "b": {**titles, "kind": "number"},
            "words": {**titles, "kind": "text"},
            "list": {**titles, "kind": "checklist", "items": {"x": text, "y": text}},
            "rating": {**titles, "kind": "choice", "choices": {"A": text, text or "B": "x"}},
            "effect": {**titles, "kind": "judgement", "levels": "g"},
            "projects": {**titles, "kind": "table", "columns": {"name": {**titles, "kind": "text", "unit": text}}},
        },
        "values": {"half": {**shared, "formula": "a / 2", "unit": text}},
        "methods": {"m": {**shared, "score": "weight * clamp(value, 0, 100) / 100"}},
        "dimensions": {"d": {**shared}},
        "indicators": {
            "scored": {**shared, "standard": text, "dimension": "d", "weight": 10, "value": "half", "unit": text, "method": "m",
                       "note_when": "value > 1"},
            "lacking": {**shared, "dimension": "d", "weight": 10, "score": "b + share(list)"},
            "judged": {**shared, "dimension": "d", "weight": 10, "score": "weight * effect / 100"},
            "chosen": {**shared, "dimension": "d", "weight": 10, "value": "rating", "score": "weight if value == 'A' else 0"},
        },
        "adjustments": {"x": {**titles, "each": "total", "score": "earned", "authority": text}},
        "checks": {"c": {**titles, "assert": "a < 0", "authority": text}, "e": {**titles, "equal": ["a", "1"]}},
        "total": {**titles, "scale": "grade"},
    }  # fmt: skip


def submission_of(text: str) -> dict[str, Any]:
    """A submission with the text in every place that takes one."""
    said = {"source": text, "note": text}
    return {
        "submission": {"subject": text, "period": text, "prepared_by": text, "source": text},
        "facts": {
            "a": {"value": 5, **said},
            "b": {"missing": text},
            "words": {"value": text, **said},
            "list": {"value": {"x": True}, **said},
            "rating": text or "B",
            "effect": {"level": "high", "rate": 5, "by": text, **said},
            "projects": [{"name": text}],
        },
        "claims": {"total": 5, "grade": text},
        "notes": {"scored": {"reason": text, "improvement": text}},
        "narrative": {"overview": text, "problems": text},
    }


@pytest.mark.parametrize("text", WRITTEN, ids=lambda text: ascii(text)[:40])
def test_a_hostile_text_comes_out_as_itself(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ruleset, submission = tmp_path / "ruleset.toml", tmp_path / "submission.json"
    ruleset.write_bytes(tomli_w.dumps(ruleset_of(text)).encode())
    submission.write_text(json.dumps(submission_of(text)), encoding="utf-8")
    if any(finding.severity == "error" for finding in check(ruleset)):
        check_outputs(every_output(ruleset, submission, "scored", ["zh"]), most=2)
        return
    monkeypatch.setenv("COLUMNS", str(500 + 12 * len(visible(text))))  # so that nothing is broken into lines
    said = every_output(ruleset, submission, "scored", ["zh"])
    check_outputs(said)
    for command in ("show", "evaluate", "explain"):
        assert visible(text) in said[f"{command} --lang zh"].out
    exported = json.loads(said["evaluate --json --lang zh"].out)
    assert exported["submission"]["subject"] == text
    assert exported["ruleset"]["title"] == {"zh": text, "en": text}
    assert exported["indicators"][0]["note"] == {"reason": text, "improvement": text}
    assert json.loads(said["show --json --lang zh"].out)["ruleset"]["facts"]["a"]["title"]["zh"] == text


def test_some_hostile_texts_are_accepted_as_titles() -> None:
    """Else the test above would hold for nothing."""
    assert len(WRITTEN) > 140


@pytest.mark.parametrize("text", WRITTEN[:: len(WRITTEN) // 12], ids=lambda text: ascii(text)[:40])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_hostile_text_breaks_no_narrow_table(
    text: str, lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ruleset, submission = tmp_path / "ruleset.toml", tmp_path / "submission.json"
    ruleset.write_bytes(tomli_w.dumps(ruleset_of(text)).encode())
    submission.write_text(json.dumps(submission_of(text)), encoding="utf-8")
    for width in ("40", "80"):
        monkeypatch.setenv("COLUMNS", width)
        check_outputs(every_output(ruleset, submission, "scored", [lang]), most=2)


@pytest.mark.parametrize("text", [text for text in PAYLOADS if text not in WRITTEN], ids=ascii)
def test_half_a_character_is_refused_wherever_it_stands(text: str, tmp_path: Path) -> None:
    ruleset, submission = tmp_path / "ruleset.toml", tmp_path / "submission.json"
    ruleset.write_bytes(tomli_w.dumps(ruleset_of("x")).encode())
    submission.write_text(json.dumps(submission_of(text)), encoding="utf-8")
    ran = run("evaluate", submission, "--ruleset", ruleset)
    assert ran.status == 2
    assert not unsafe(ran.out + ran.err)


@pytest.mark.parametrize("text", PAYLOADS, ids=lambda text: ascii(text)[:40])
def test_a_hostile_id_or_key_is_named_safely(text: str, tmp_path: Path) -> None:
    path = tmp_path / "submission.json"
    path.write_text(
        json.dumps(
            {
                "facts": {text: 5, "a": {text: 1}},
                text: 1,
                "claims": {text: 1, "indicators": {text: 1}},
                "notes": {text: {text: 1}},
            }
        ),
        encoding="utf-8",
    )
    ruleset = tmp_path / "ruleset.toml"
    ruleset.write_bytes(tomli_w.dumps(ruleset_of("x")).encode())
    with pytest.raises(PerfrulesError) as caught:
        evaluate(load(ruleset), path)
    for lang in ("zh", "en"):
        assert not unsafe("\n".join(finding.format(lang) for finding in caught.value.findings))
    for arguments in (("check", text), ("evaluate", text), ("explain", path, text, "--ruleset", ruleset)):
        if text.startswith("-") or "\0" in text:  # an option; what no program can be given
            continue
        ran = run(*arguments)
        assert ran.status == 2
        assert not unsafe(ran.out + ran.err)


MARKUP = [text for text in WRITTEN if "[" in text and len(text) < 200 and "\x1b" not in text]


@pytest.mark.parametrize("text", MARKUP, ids=lambda text: ascii(text)[:40])
def test_markup_is_shown_and_not_obeyed_on_a_terminal_with_colours(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ruleset, submission = tmp_path / "ruleset.toml", tmp_path / "submission.json"
    ruleset.write_bytes(tomli_w.dumps(ruleset_of(text)).encode())
    submission.write_text(json.dumps(submission_of(text)), encoding="utf-8")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "3000")
    for arguments in (("show", ruleset), ("evaluate", submission, "--ruleset", ruleset)):
        out = run(*arguments).out
        assert "\x1b[" in out  # there are colours
        plain = re.sub(r"\x1b\[[0-9;]*m", "", out)
        assert not unsafe(plain)  # and nothing else, no link either
        assert visible(text) in plain
