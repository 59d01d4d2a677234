"""Overlays and dates on the command line: every command that reads a ruleset takes them, and refuses bad ones."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from commands import run

from perfrules import words


@pytest.fixture
def laid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a ruleset that is effective from 2020 on, an overlay that caps it, and a submission."""
    rules = (
        'format = 1\n[ruleset]\nid = "t/rules"\neffective = 2020-01-01\n[facts.a]\nkind = "number"\nrange = [0, 100]\n'
        '[dimensions.d]\n[indicators.i]\ndimension = "d"\nweight = 100\nscore = "a"\n'
    )
    cap = 'format = 1\n[ruleset]\nid = "t/cap"\nexpects = ["a"]\n[adjustments.cap]\neach = "total"\nscore = "min(earned, 59)"\n'
    for name, text in (
        ("rules", rules),
        ("cap", cap),
        ("s", '[submission]\nruleset = "rules.toml"\n[facts]\na = 90\n'),
    ):
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("lang", words.LANGUAGES)
@pytest.mark.usefixtures("laid")
def test_an_overlay_is_laid_on_by_every_command_that_reads_a_ruleset(lang: str) -> None:
    asked = ("--overlay", "cap.toml", "--as-of", "2019-12-31", "--lang", lang)
    shown = run("evaluate", "s.toml", *asked)
    assert (shown.status, "59.00 / 100" in shown.out, "t/cap" in shown.out.split("\n\n")[0]) == (0, True, True)
    assert "not-in-force" in shown.out
    assert "min(earned, 59)" in run("explain", "s.toml", *asked).out
    assert "not-in-force" in run("check", "rules.toml", *asked).out
    assert "t/cap" in run("show", "rules.toml", *asked).out
    assert 'overlays = [\n    "cap.toml",\n]' in run("template", "rules.toml", *asked).out
    data = json.loads(run("evaluate", "s.toml", *asked, "--json").out)["ruleset"]
    assert [(part["id"], part["role"]) for part in data["parts"]] == [("t/rules", "ruleset"), ("t/cap", "overlay")]
    assert data["as_of"] == "2019-12-31"


def test_the_template_names_overlays_from_where_it_is_written(laid: Path) -> None:
    (laid / "given").mkdir()
    assert run("template", "rules.toml", "--overlay", "./cap.toml", "-o", "given/s.toml").status == 0
    header = tomllib.loads((laid / "given" / "s.toml").read_text(encoding="utf-8"))["submission"]
    assert (header["ruleset"], header["overlays"]) == ("../rules.toml", ["../cap.toml"])


@pytest.mark.parametrize(
    "given", ["2019", "20191231", "2019-13-01", "2019-W01-1", "2019-12-31T00:00", "２０１９-12-31", "", "soon"]
)
@pytest.mark.parametrize(
    "command", ["evaluate s.toml", "explain s.toml", "check rules.toml", "test rules.toml", "show rules.toml"]
)
@pytest.mark.usefixtures("laid")
def test_a_date_that_is_none_is_a_finding(command: str, given: str) -> None:
    ran = run(*command.split(), "--as-of", given)
    assert (ran.status, ran.out) == (2, "")
    assert "[bad-value]" in ran.err


@pytest.mark.usefixtures("laid")
def test_an_overlay_that_cannot_be_laid_stops_and_leaves_no_file() -> None:
    for arguments in (("--overlay", "absent.toml"), ("--overlay", "cap.toml") * 2, ("--overlay", "rules.toml")):
        ran = run("evaluate", "s.toml", *arguments, "-o", "out.txt")
        assert ran.status == 2
        assert ran.err.startswith("[") or ".toml" in ran.err
        assert not Path("out.txt").exists()
    assert run("evaluate", "s.toml", "--ruleset", "cap.toml").err.startswith("cap.toml:3:6: [no-ruleset]")
    assert run("test", "cap.toml").status < 2
