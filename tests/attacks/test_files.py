"""Malformed and hostile files, each as its manifest says: accepted, or refused with findings and exit status 2.

The files have the fields of a stand-in format. What they attack (a value, an id, a name) is spliced into a real ruleset
or submission, byte for byte; what is not even TOML, JSON or CSV is given as it is, and once more behind a real ruleset.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from commands import run

from perfrules import evaluate
from perfrules.errors import Finding, PerfrulesError
from perfrules.ruleset.library import Ruleset, check, load

from .outputs import check_outputs, every_output, unsafe

ATTACKS = Path(__file__).resolve().parent
REFUSALS = {"not-toml", "not-utf8", "too-large"}


def manifest(folder: str) -> dict[str, str]:
    """What is expected of every file of a folder."""
    lines = (ATTACKS / folder / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return {fields[0]: fields[1] for fields in (line.split("\t") for line in lines)}


TOML, FACTS = manifest("toml"), manifest("facts")


def test_every_file_has_an_expectation() -> None:
    for folder, expected in (("toml", TOML), ("facts", FACTS)):
        assert {path.name for path in (ATTACKS / folder).iterdir()} - {"MANIFEST.tsv"} == set(expected)


# -- rulesets ------------------------------------------------------------------------------------------------------

DECLARED = """
[facts."预算执行率"]
kind = "percent"
[facts.x]
kind = "number"
[dimensions.d]
"""

DECIDED = {
    "dup_rule_id_case.toml": [],  # ids that differ in case are two ids
    "formula_bom.toml": ["not-allowed"],
    "formula_multiline.toml": [],  # one expression over two lines
    "weight_exp_neg_huge.toml": ["bad-value"],
    "weight_precision.toml": ["bad-value"],  # 400 digits: no weight has more than 30
}


def as_ruleset(raw: bytes) -> bytes:
    """The bytes with our names for their fields."""
    for pattern, ours in (
        (rb"^\[ruleset\]", b'format = 1\n[ruleset]\nid = "test/attack"'),
        (rb"^name(\s*=)", rb"title\1"),
        (rb"^version(\s*=)", rb"provenance\1"),
        (rb"^formula(\s*=)", rb"score\1"),
        (rb"^\[\[rule\]\]\r?\nid\s*=\s*(.*?)(\r?)$", rb'[indicators.\1]\ndimension = "d"\2'),
        (rb"^\[\[rule\]\]", b"[indicators]\ndimension = 'd'"),
        (rb"^\[rule\]\r?\nid\s*=\s*(.*)$", rb'[[indicators.\1]]\ndimension = "d"'),
        (rb"^rule(\s*=)", rb"indicators\1"),
        (rb'^("\S+") = [12]$', rb'[facts.\1]\nkind = "number"'),
    ):
        raw = re.sub(pattern, ours, raw, flags=re.MULTILINE)
    return raw + b"\n" + DECLARED.encode()


def ruleset_from(name: str, folder: Path) -> Path:
    raw = (ATTACKS / "toml" / name).read_bytes()
    path = folder / "ruleset.toml"
    path.write_bytes(raw if "parse_error" in TOML[name] or not raw.strip(b"# nothing\n") else as_ruleset(raw))
    return path


def codes(path: Path) -> list[str]:
    return [finding.code for finding in check(path) if finding.severity == "error"]


@pytest.mark.parametrize("name", TOML)
def test_a_hostile_ruleset_is_taken_or_refused_as_expected(name: str, tmp_path: Path) -> None:
    path = ruleset_from(name, tmp_path)
    expected, found = TOML[name], codes(path)
    if expected == "accept":
        assert found == []
    elif expected == "policy":
        assert found == DECIDED[name]
    elif expected.startswith("parse_error"):
        assert len(found) == 1
        assert set(found) <= REFUSALS
    elif expected.startswith("value_reject") and "or" not in expected:
        assert found
    for lang in ("zh", "en"):
        ran = run("check", path, "--lang", lang)
        assert ran.status == (2 if found else 1)  # what is taken lacks a title and an authority, which is a warning
        assert not unsafe(ran.out + ran.err)


@pytest.mark.parametrize("name", [name for name, expected in TOML.items() if expected.startswith("parse_error")])
def test_what_is_not_toml_is_not_toml_behind_a_sound_ruleset_either(name: str, tmp_path: Path) -> None:
    path = tmp_path / "ruleset.toml"
    sound = as_ruleset((ATTACKS / "toml" / "_base_ok.toml").read_bytes())
    path.write_bytes(sound + b"\n" + (ATTACKS / "toml" / name).read_bytes())
    assert codes(path)


@pytest.mark.parametrize(
    "name", [name for name, expected in TOML.items() if expected.endswith(("_escaped", "_or_reject", "accept"))]
)
def test_no_output_of_a_hostile_ruleset_reaches_a_terminal_as_it_is(name: str, tmp_path: Path) -> None:
    path = ruleset_from(name, tmp_path)
    submission = tmp_path / "submission.toml"
    submission.write_text('[facts]\n"预算执行率" = 0.95\n', encoding="utf-8")
    refused = bool(codes(path))
    about = "budget_rate" if refused else next(iter(load(path).program.rows))
    check_outputs(every_output(path, submission, about, ["zh"]), most=2 if refused else 1)


# -- submissions ---------------------------------------------------------------------------------------------------

RULES = """\
format = 1
[ruleset]
id = "test/attacked"
[facts.id]
kind = "text"
[facts.name]
kind = "text"
[facts."预算执行率"]
kind = "percent"
[facts."项目数"]
kind = "count"
[facts."完成数"]
kind = "count"
[facts."等级"]
kind = "choice"
choices = { "良好" = "x", "优秀" = "y" }
[facts.x]
kind = "number"
[dimensions.d]
[indicators.rate]
dimension = "d"
weight = 10
score = "weight * clamp(预算执行率, 0, 1)"
[indicators.done]
dimension = "d"
weight = 10
score = "weight * 完成数 / 项目数 if 等级 == '良好' else 0"
"""

ACCEPTED_POLICY = {
    "csv_blank.csv": None,  # an empty cell is a missing fact
    "csv_empty.csv": None,
    "csv_percent.csv": "95",
    "json_neg_zero.json": "0",
}
"""What is decided for the files of the manifest that leave it open: the value of the rate; all others are refused."""

BOM = b"\xef\xbb\xbf"
SEVERAL_ROWS = (
    "dup_ids.csv",
    "dup_ids_space.csv",
    "formula_cells.csv",
    "path_ids.csv",
    "rich_cells.csv",
    "unclosed_quote.csv",
)


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Ruleset:
    path = tmp_path_factory.mktemp("attacked") / "ruleset.toml"
    path.write_text(RULES, encoding="utf-8")
    return load(path)


def as_submission(name: str, raw: bytes) -> bytes:
    """The bytes as a submission: JSON and TOML get the table of facts around them; CSV is in its wide form already."""
    bare = raw.removeprefix(BOM)
    if name.endswith(".json") and bare.startswith((b"{", b"[")):
        return raw[: len(raw) - len(bare)] + b'{"facts": ' + bare + b"}"
    return b"[facts]\n" + raw if name.endswith(".toml") else raw


def findings_of(rules: Ruleset, path: Path) -> tuple[Finding, ...]:
    """The findings that refuse the submission, or those of its evaluation."""
    try:
        return evaluate(rules, path).findings
    except PerfrulesError as error:
        return error.findings


def refusals(rules: Ruleset, path: Path) -> list[str]:
    """The codes of the error findings, each of which can be shown."""
    found = findings_of(rules, path)
    for lang in ("zh", "en"):
        assert not unsafe("\n".join(finding.format(lang) for finding in found))
    return [finding.code for finding in found if finding.severity == "error"]


@pytest.mark.parametrize("name", FACTS)
@pytest.mark.parametrize("given", ["spliced", "as it is"])
def test_a_hostile_submission_is_taken_or_refused_as_expected(
    name: str, given: str, rules: Ruleset, tmp_path: Path
) -> None:
    raw = (ATTACKS / "facts" / name).read_bytes()
    path = tmp_path / name
    path.write_bytes(as_submission(name, raw) if given == "spliced" else raw)
    found = refusals(rules, path)
    if given == "as it is" and not name.endswith(".csv"):
        assert found  # a table of facts stands in `facts`
    elif FACTS[name] == "accept":
        assert found == []
    elif FACTS[name] == "policy":
        if name in ACCEPTED_POLICY:
            assert found == []
            value = evaluate(rules, path).results["预算执行率"]
            assert (str(value) if isinstance(value, int) else None) == ACCEPTED_POLICY[name]
        else:
            assert found
    elif FACTS[name] in ("parse_error", "value_reject") and name != "empty_object.json":  # refused as it is
        with pytest.raises(PerfrulesError):
            evaluate(rules, path)


@pytest.mark.parametrize("name", [name for name, expected in FACTS.items() if "escaped" in expected])
def test_no_output_of_a_hostile_submission_reaches_a_terminal_as_it_is(name: str, tmp_path: Path) -> None:
    path, ruleset = tmp_path / name, tmp_path / "ruleset.toml"
    raw = (ATTACKS / "facts" / name).read_bytes()
    ruleset.write_text(RULES, encoding="utf-8")
    path.write_bytes(as_submission(name, raw))
    check_outputs(every_output(ruleset, path, "rate", ["zh"]), most=2)
    if name in SEVERAL_ROWS:  # of which one submission is one row
        header, *rows = raw.decode().splitlines()
        for row in rows:
            path.write_text(f"{header}\n{row}\n", encoding="utf-8")
            check_outputs(every_output(ruleset, path, "rate", ["en"]), most=2)


# -- literals in every numeric place -------------------------------------------------------------------------------

FRAGMENTS = [
    (form, name, json.loads(literal))
    for form, _, name, literal in (
        line.split("\t") for line in (ATTACKS / "value_fragments.tsv").read_text(encoding="utf-8").splitlines()[1:]
    )
]
NUMERIC = """\
format = 1
[ruleset]
id = "test/numbers"
[rounding]
value = VALUE_PLACES
[scales.grade]
steps = [ { id = "all", from = STEP } ]
[levels.g]
steps = [ { id = "all", from = LEVEL, to = 100 } ]
[facts.a]
kind = "number"
range = [RANGE, 100]
[methods.m]
parameters = { limit = PARAMETER }
score = "weight if value > limit else 0"
[dimensions.d]
[indicators.i]
dimension = "d"
weight = WEIGHT
value = "a"
method = "m"
with = { limit = WITH }
[indicators.j]
dimension = "d"
weight = 1
value = "a"
bands = [ { to = EDGE, score = BAND_SCORE }, { score = 0 } ]
[checks.c]
equal = ["a", "1"]
tolerance = TOLERANCE
"""
PLACES = {
    "VALUE_PLACES": "1", "STEP": "0", "LEVEL": "0", "RANGE": "0", "PARAMETER": "5", "WEIGHT": "1", "WITH": "5", "EDGE": "5",
    "BAND_SCORE": "1", "TOLERANCE": "0",
}  # fmt: skip


def numeric(**given: str) -> str:
    text = NUMERIC
    for place, plain in PLACES.items():
        said = given.get(place, plain).replace("\\", r"\\")
        text = re.sub(rf"\b{place}\b", said, text)
    return text


HARMLESS = {"big_int_20", "int64_over"}
"""Literals that are numbers of at most 30 digits, far too large for what they say, and exact."""


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("name", "literal"), [(name, literal) for form, name, literal in FRAGMENTS if form == "toml"])
def test_a_hostile_number_in_a_ruleset_is_refused_or_a_number(
    place: str, name: str, literal: str, tmp_path: Path
) -> None:
    path = tmp_path / "ruleset.toml"
    path.write_text(numeric(**{place: literal}), encoding="utf-8")
    found = codes(path)
    accepted = name in HARMLESS and place not in ("VALUE_PLACES", "LEVEL", "RANGE", "WEIGHT")
    if place == "BAND_SCORE" and name.startswith("string"):
        assert set(found) <= {"syntax", "unknown-name"}
        assert found
    elif not accepted:
        assert found or (place == "LEVEL" and name in HARMLESS)
    else:
        assert found == []


def test_the_plain_numbers_of_that_ruleset_are_accepted(tmp_path: Path) -> None:
    path = tmp_path / "ruleset.toml"
    path.write_text(numeric(), encoding="utf-8")
    assert codes(path) == []


NUMBERS_ONLY = """\
format = 1
[ruleset]
id = "test/number"
[facts.a]
kind = "number"
[dimensions.d]
[indicators.i]
dimension = "d"
weight = 10
score = "a"
"""
READ = {
    ("toml", "big_int_20"): 99999999999999999999, ("toml", "int64_over"): 9223372036854775808,
    ("json", "neg_zero"): 0, ("json", "neg_zero_f"): 0, ("csv", "excel_date"): None, ("csv", "plus"): 5, ("csv", "blank"): None,
}  # fmt: skip
"""What is read as the number it is; None: any number, or a missing fact. All others are refused."""


@pytest.fixture(scope="module")
def number_rules(tmp_path_factory: pytest.TempPathFactory) -> Ruleset:
    path = tmp_path_factory.mktemp("number") / "ruleset.toml"
    path.write_text(NUMBERS_ONLY, encoding="utf-8")
    return load(path)


@pytest.mark.parametrize(("form", "name", "literal"), FRAGMENTS, ids=[f"{form}-{name}" for form, name, _ in FRAGMENTS])
def test_a_hostile_number_in_a_submission_is_refused_or_a_number(
    form: str, name: str, literal: str, number_rules: Ruleset, tmp_path: Path
) -> None:
    texts = {
        "toml": f"[facts]\na = {literal}\n",
        "json": f'{{"facts": {{"a": {literal}}}}}',
        "csv": f"a,other\n{literal},x\n",
    }
    path = tmp_path / f"a.{form}"
    path.write_text(texts[form].replace("other", "source"), encoding="utf-8")
    found = refusals(number_rules, path)
    if (form, name) in READ:
        assert found == []
        read = evaluate(number_rules, path).results["a"]
        assert READ[form, name] in (None, read)
    else:
        assert found


@pytest.mark.parametrize(
    ("form", "name", "literal"), [one for one in FRAGMENTS if one[0] != "csv"], ids=lambda part: str(part)[:20]
)
def test_a_hostile_number_in_a_claim_or_a_rate_is_refused_or_a_number(
    form: str, name: str, literal: str, number_rules: Ruleset, tmp_path: Path
) -> None:
    shapes = {
        "toml": [f"[facts]\n[claims]\ntotal = {literal}\n", f"[facts]\na = {{ value = {literal} }}\n"],
        "json": [
            f'{{"facts": {{}}, "claims": {{"indicators": {{"i": {literal}}}}}}}',
            f'{{"facts": {{"a": {{"value": {literal}}}}}}}',
        ],
    }
    for text in shapes[form]:
        path = tmp_path / f"a.{form}"
        path.write_text(text, encoding="utf-8")
        assert refusals(number_rules, path) or (form, name) in READ
