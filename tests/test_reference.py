"""The reference is complete and says what is so: every key, function, limit, finding and public name has its place.

A thing without its page fails, and a page without its thing. The tables of formulas are read and computed, and the
examples of every finding are run: what to avoid gives the finding, what to prefer does not.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

import pytest
from documents import Block, blocks
from pydantic_core import PydanticUndefined

import perfrules
from perfrules import numbers
from perfrules.audit.audit import audit_form
from perfrules.cases import coverage
from perfrules.cases import run as cases
from perfrules.errors import Finding, PerfrulesError
from perfrules.evaluation import submission as submissions
from perfrules.evaluation.facts import prepared
from perfrules.evaluation.outlook import outlook
from perfrules.evaluation.submission import Submission, read_facts
from perfrules.formula.language import FUNCTIONS, OPERATORS
from perfrules.formula.reader import parse
from perfrules.formula.systems import bounds, exact, intervals, kinds
from perfrules.messages import MESSAGES
from perfrules.ruleset import model
from perfrules.ruleset.library import Ruleset, load
from perfrules.ruleset.names import kinds as kinds_of_facts

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SOURCE = ROOT / "perfrules"


@cache
def text_of(page: str) -> str:
    """The text of a page."""
    return (DOCS / page).read_text(encoding="utf-8")


def section(page: str, heading: str) -> str:
    """What stands under a heading, up to the next one of its level or above."""
    found = re.search(rf"^(#+) {re.escape(heading)}\n", text_of(page), re.MULTILINE)
    assert found, f"{page} has no heading `{heading}`"
    rest = text_of(page)[found.end() :]
    end = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def tables(text: str) -> Iterator[list[dict[str, str]]]:
    """The tables of some Markdown: a row is its cells by the words of the header."""
    lines: list[list[str]] = []
    for line in [*text.split("\n"), ""]:
        if line.startswith("|"):
            lines.append([cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
        elif lines:
            header, _, *rows = lines
            yield [dict(zip(header, row, strict=True)) for row in rows]
            lines = []


def rows_of(text: str, column: str) -> list[dict[str, str]]:
    """The rows of every table that has a column of this name first."""
    return [row for table in tables(text) for row in table if next(iter(row)) == column]


def quoted(cell: str) -> list[str]:
    """What stands between backticks; two of them hold one."""
    return [double or single for double, single in re.findall(r"``\s?(.+?)\s?``|`([^`]+)`", cell)]


# -- the formats ------------------------------------------------------------------------------------------------------

PARTS: dict[str, type[model.Part]] = {
    "`[ruleset]`": model.Header, "`[rounding]`": model.Rounding, "`[total]`": model.Total, "`[scales.*]`": model.Scale,
    "Steps of a scale": model.ScaleStep, "`[levels.*]`": model.Levels, "Steps of levels": model.LevelStep,
    "`[facts.*]`": model.Fact, "Columns of a table": model.Column, "`[values.*]`": model.Value,
    "`[methods.*]`": model.Method, "Bands": model.Band, "`[dimensions.*]`": model.Dimension,
    "`[indicators.*]`": model.Indicator, "`[adjustments.*]`": model.Adjustment, "`[checks.*]`": model.Check,
    "A ruleset": model.Declaration,
}  # fmt: skip
"""The heading that each part of a ruleset is described under."""


def keys(part: type[model.Part]) -> dict[str, Any]:
    """The keys of a part as a file says them, and what each is unless said."""
    return {
        field.alias or name: field.get_default(call_default_factory=True)
        if not field.is_required()
        else PydanticUndefined
        for name, field in part.model_fields.items()
    }


def documented(heading: str) -> dict[str, str]:
    """The keys under a heading of the format page, and what the page says each is unless said."""
    own = re.split(r"^#+ ", section("format.md", heading), flags=re.MULTILINE)[0]
    return {key: row["unless said"] for row in rows_of(own, "key") for key in quoted(row["key"])}


def test_every_part_of_a_ruleset_is_described() -> None:
    declared = {part for part in vars(model).values() if isinstance(part, type) and issubclass(part, model.Part)}
    assert declared - {model.Part, model.Named} == set(PARTS.values())


@pytest.mark.parametrize("heading", PARTS)
def test_the_format_page_has_the_keys_of_a_part_and_no_other(heading: str) -> None:
    assert set(documented(heading)) == set(keys(PARTS[heading]))


@pytest.mark.parametrize("heading", PARTS)
def test_the_format_page_says_what_a_key_is_unless_said(heading: str) -> None:
    said = documented(heading)
    for key, default in keys(PARTS[heading]).items():
        if default is PydanticUndefined:
            assert said[key] == "required", key
        elif key in ("value", "score", "total") and heading == "`[rounding]`":
            assert said[key] == ('`"none"`' if default is None else f"`{default}`")
        elif isinstance(default, bool | int | str) and default != "":
            assert said[key] == (
                f"`{str(default).lower()}`" if isinstance(default, bool | int) else f'`"{default}"`'
            ), key
        else:
            assert said[key] != "required", key


@pytest.mark.parametrize(
    ("heading", "kind"),
    [("`[facts.*]`", model.FactKind), ("Columns of a table", model.CellKind), ("Not applicable", model.NotApplicable)],
)
def test_the_words_that_a_key_may_hold_are_listed(heading: str, kind: object) -> None:
    listed = {word for row in rows_of(section("format.md", heading), "word") for word in quoted(row["word"])}
    assert listed == set(get_args(kind))


def test_the_format_page_has_the_keys_of_a_submission() -> None:
    described = {
        key
        for table in tables(section("format.md", "TOML and JSON"))
        for row in table
        for cell in row.values()
        for key in quoted(cell)
    }
    keys_ = {
        *submissions.HEADER,
        *submissions._GIVEN,
        *submissions._CLAIMED,
        *submissions._NOTED,
        *submissions._TABLES,
    }
    assert {key for key in keys_ if not {key, f"[{key}]", f"[{key}.*]", f"[claims.{key}]"} & described} == set()


def test_the_format_page_has_the_keys_of_a_case_and_no_other() -> None:
    described = [key for row in rows_of(section("format.md", "Cases"), "key") for key in quoted(row["key"])]
    assert sorted(described) == sorted([*cases._KEYS, *cases._EXPECTED])


# -- the language -----------------------------------------------------------------------------------------------------

PUBLIC_FUNCTIONS = {name for name, function in FUNCTIONS.items() if not function.internal}


def test_every_function_of_the_language_is_described_and_no_other() -> None:
    described = [
        code.partition("(")[0]
        for row in rows_of(section("language.md", "Functions"), "function")
        for code in quoted(row["function"])
    ]
    assert sorted(described) == sorted(PUBLIC_FUNCTIONS)


def test_every_function_has_an_example() -> None:
    shown = {
        name
        for row in rows_of(section("language.md", "Functions"), "formula")
        for name in re.findall(r"(\w+)\(", row["formula"])
    }
    assert shown >= PUBLIC_FUNCTIONS - {"known"}  # `known` is asked in checks only, and shown as one


def test_every_operator_of_the_language_is_described() -> None:
    described = {
        code for row in rows_of(section("language.md", "Operators"), "operator") for code in quoted(row["operator"])
    }
    assert described == {*OPERATORS.values(), "in", "not in", "if … else"}


LIMITED = (
    "formula/language",
    "formula/systems/kinds",
    "numbers",
    "ruleset/toml",
    "ruleset/model",
    "ruleset/resolve",
    "evaluation/facts",
    "evaluation/workbook",
)
"""The modules whose limits an author or submitter can meet."""


def test_every_limit_is_given_with_its_value() -> None:
    stated = {quoted(row["limit"])[0]: row["at most"] for row in rows_of(section("language.md", "Limits"), "limit")}
    limits = {}
    for path in LIMITED:
        module = import_module(f"perfrules.{path.replace('/', '.')}")
        for name in re.findall(
            r"^(MAX_\w+|MANY|FACT_BITS) =", (SOURCE / f"{path}.py").read_text(encoding="utf-8"), re.MULTILINE
        ):
            limits[f"{path.rpartition('/')[2]}.{name}"] = f"{getattr(module, name):,}"
    assert stated == limits


@cache
def vocabulary(path: Path) -> Ruleset:
    """The facts that the examples of the language page read."""
    declared = next(block for block in blocks(text_of("language.md")) if block.marks.get("file") == "facts.toml")
    path.write_text(declared.text, encoding="utf-8")
    return load(path)


FORMULAS = rows_of(text_of("language.md"), "formula")


@pytest.mark.parametrize("row", FORMULAS, ids=lambda row: row["formula"])
def test_a_formula_is_what_the_page_says(row: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> None:
    ruleset = vocabulary(tmp_path_factory.getbasetemp() / "facts.toml")
    given = tomllib.loads(f"x = {{ {quoted(row['facts'])[0] if quoted(row['facts']) else ''} }}", parse_float=Decimal)[
        "x"
    ]
    facts = read_facts(Submission(given), ruleset)
    formula = parse(quoted(row["formula"])[0])
    assert kinds.check(formula.tree, kinds_of_facts(ruleset.program.facts))[1] == []
    readers, names = prepared(ruleset.program)
    assert said(exact.evaluate(formula.tree, {**names, **facts.names})) == row["is"].replace("`", "")
    if "can be" in row:
        assert possible(bounds.evaluate(formula.tree, outlook(ruleset.program, readers, facts, {}))) == row["can be"]


def said(value: Any) -> str:
    """A value as the page writes it."""
    if isinstance(value, exact.Unknown):
        return "unknown: " + ", ".join(f"{kind} {about}" for kind, about in sorted(value.reasons))
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else value if isinstance(value, str) else numbers.plain(value)


def possible(value: Any) -> str:
    """Bounds as the page writes them."""
    if isinstance(value, intervals.Truth):
        return " or ".join(word for word, can in (("true", value.true), ("false", value.false)) if can)
    ends = ["anything" if isinstance(end, float) else numbers.plain(end) for end in (value.low, value.high)]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


REFUSED = rows_of(text_of("language.md"), "written")


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row["written"])
def test_what_the_page_says_is_refused_is_refused_so(
    row: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    names = kinds_of_facts(vocabulary(tmp_path_factory.getbasetemp() / "facts.toml").program.facts)
    for written in quoted(row["written"]):
        assert quoted(row["finding"])[0] in {finding.code for finding in findings_of(written, names)}, written
    for instead in quoted(row["write instead"]):
        assert findings_of(instead, names) == [], instead


def findings_of(text: str, names: dict[str, kinds.Kind]) -> Sequence[Finding]:
    """Everything that is wrong with a formula."""
    try:
        return kinds.check(parse(text).tree, names)[1]
    except PerfrulesError as error:
        return error.findings


# -- findings ---------------------------------------------------------------------------------------------------------

PAGES = sorted(path.stem for path in (DOCS / "findings").glob("*.md") if path.stem != "index")
SECTIONS = ["**What it means**", "**Avoid**", "**Prefer**", "**Why**"]


def codes_in_source() -> set[str]:
    """The codes of every finding that the source makes."""
    roots = {key.partition(".")[0] for key in MESSAGES}
    named = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in _MAKERS:
                texts = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))
                named |= {text.partition(".")[0] for text in texts if isinstance(text, str)}
    return {code for code in named & roots if "-" in code or code in _ONE_WORD}


_MAKERS = (
    "Finding",
    "note",
    "refuse",
    "_refuse",
    "_refused",
    "Unreadable",
    "_note",
    "_finding",
    "finding",
    "_confirmed",
    "_found",
)
_ONE_WORD = ("cycle", "exists", "syntax", "unused")


def test_every_finding_has_its_page_and_every_page_its_finding() -> None:
    assert sorted(codes_in_source()) == PAGES


def test_the_index_lists_every_page_with_its_severity() -> None:
    listed = {quoted(row["code"])[0]: row["severity"] for row in rows_of(text_of("findings/index.md"), "code")}
    assert sorted(listed) == PAGES
    for code, severity in listed.items():
        assert (
            text_of(f"findings/{code}.md")
            .split("\n")[2]
            .strip("*")
            .startswith(severity.split(" says")[0].split("as the")[0])
        )


@pytest.mark.parametrize("code", PAGES)
def test_the_page_of_a_finding_has_its_sections(code: str) -> None:
    lines = text_of(f"findings/{code}.md").split("\n")
    assert lines[0] == f"# {code}"
    assert re.fullmatch(r"\*(error|warning|note).*\*", lines[2])
    assert [line for line in lines if line.startswith("**")] == SECTIONS


def examples(code: str) -> tuple[dict[str, Block], dict[str, Block]]:
    """The files of a page's two examples: what to avoid, and the same with what to prefer instead."""
    text = text_of(f"findings/{code}.md")
    turn = text[: text.index(SECTIONS[2])].count("\n") + 1
    avoid: dict[str, Block] = {}
    prefer: dict[str, Block] = {}
    for block in blocks(text):
        if name := block.marks.get("as"):
            (avoid if block.first < turn else prefer)[name] = block
        else:
            assert "not run" in block.marks, f"line {block.first}: a block that is neither run nor said not to be"
    kept = {
        name: block
        for name, block in avoid.items()
        if name.partition(".")[0] not in {new.partition(".")[0] for new in prefer}
    }
    return avoid, {**kept, **prefer}


def found(files: Mapping[str, Block], folder: Path) -> list[Finding]:
    """Everything that is found when the files of an example are read and evaluated."""
    frames = {
        block.marks["frame"]: block.text for block in blocks(text_of("findings/index.md")) if "frame" in block.marks
    }
    (folder / "ruleset.toml").write_text(frames["submission"], encoding="utf-8")
    submission: Path | None = None
    form: Path | None = None
    for mark, block in files.items():
        name, _, encoding = mark.partition(" in ")
        text = block.text
        if name == "ruleset.toml" and "[ruleset]" not in text:
            text = f"{frames['ruleset']}\n{text}"
        if name == "submission.toml" and "[submission]" not in text:
            text = f'[submission]\nruleset = "ruleset.toml"\n\n{text}'
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding=encoding or "utf-8")
        submission = folder / name if name.startswith("submission") else submission
        form = folder / name if name.startswith("form.") else form
    try:
        if (folder / "cases").is_dir():
            tested = coverage.run(folder / "ruleset.toml")
            failures = [finding for case in tested.cases for finding in case.findings]
            uncovered = (finding for _, finding in tested.coverage.uncovered())
            return [*failures, *uncovered, *perfrules.check(folder / "ruleset.toml")]
        if form:
            return list(audit_form(form, "cn/project-self-evaluation-2020").findings)
        named = None if submission and submission.suffix == ".toml" else folder / "ruleset.toml"
        evaluation = perfrules.evaluate(named, submission or {})
        return [*evaluation.findings, *perfrules.check(evaluation.ruleset)]
    except PerfrulesError as error:
        return list(error.findings)


RUN = [code for code in PAGES if examples(code)[0]]


@pytest.mark.parametrize("code", RUN)
def test_what_a_page_says_to_avoid_gives_the_finding(code: str, tmp_path: Path) -> None:
    severities = {finding.severity for finding in found(examples(code)[0], tmp_path) if finding.code == code}
    assert severities
    assert any(severity in text_of(f"findings/{code}.md").split("\n")[2] for severity in severities)


@pytest.mark.parametrize("code", RUN)
def test_what_a_page_says_to_prefer_gives_no_error_and_no_such_finding(code: str, tmp_path: Path) -> None:
    left = found(examples(code)[1], tmp_path)
    assert [finding.format() for finding in left if finding.code == code or finding.severity == "error"] == []


# -- the code ---------------------------------------------------------------------------------------------------------


def test_every_module_is_on_the_page_about_the_architecture() -> None:
    modules = {
        ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        for path in SOURCE.rglob("*.py")
        if not path.stem.startswith("__")
    }
    assert {quoted(row["module"])[0] for row in rows_of(text_of("architecture.md"), "module")} == modules


def test_every_public_name_is_on_the_page_about_python() -> None:
    described = {
        name for row in rows_of(text_of("python.md"), "name") for name in quoted(row["name"]) + quoted(row["is"])
    }
    assert described >= set(perfrules.__all__)


def test_every_attribute_on_the_page_about_python_is_there() -> None:
    evaluation = perfrules.evaluate("cn/department-overall-2013", {})
    assert evaluation.total
    row, described = next(iter(evaluation)), section("python.md", "Results")
    tables_of_attributes = [[name for line in table for name in quoted(line[""])] for table in tables(described)]
    for thing, names in zip((evaluation, row), tables_of_attributes, strict=True):
        assert [name for name in names if name.isidentifier() and not hasattr(thing, name)] == []
