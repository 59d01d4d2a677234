"""What the language says of mistakes: golden files of the messages, carets, and the table that all messages are in.

A golden file holds formulas (`>>> formula`, going on after `... `), each with what an author is told, in English and,
after a line `---`, in Chinese. `PERFRULES_UPDATE_GOLDEN=1 pytest` writes what was found, for a person to read in the
diff.
"""

from __future__ import annotations

import ast
import os
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from perfrules import messages, words
from perfrules.errors import Finding, FormulaError, Where, width
from perfrules.formula.language import FUNCTIONS
from perfrules.formula.reader import parse
from perfrules.ruleset.library import check

from .rows import declarations

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.txt"))
UPDATE = os.environ.get("PERFRULES_UPDATE_GOLDEN") == "1"

_RULESET = """\
format = 1
[ruleset]
id = "test/mistakes"
[dimensions.d]
weight = 5
[indicators.staffing]
dimension = "d"
weight = 5
score = {score}
[total]
none = true
"""


def findings_of(formula: str, folder: Path) -> list[Finding]:
    """Everything that is wrong with an indicator that scores by a formula."""
    quote = "'''" if "\n" in formula or "'" in formula else "'"
    text = _RULESET.format(score=f"{quote}{formula}{quote}") + declarations()
    (folder / "ruleset.toml").write_text(text, encoding="utf-8")
    return [finding for finding in check("ruleset.toml") if finding.severity == "error"]


def told(formula: str, folder: Path) -> str:
    """A formula as it stands in a golden file, with what an author is told."""
    findings = findings_of(formula, folder)
    said = ["\n".join(finding.format(language) for finding in findings) for language in ("en", "zh")]
    asked = formula.replace("\n", "\n... ")
    return f">>> {asked}\n{said[0]}\n---\n{said[1]}\n"


def formulas_in(text: str) -> Iterator[str]:
    """The formulas of a golden file."""
    for match in re.finditer(r"^>>> (.*(?:\n\.\.\. .*)*)", text, re.MULTILINE):
        yield match[1].replace("\n... ", "\n")


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda path: path.stem)
def test_an_author_is_told_what_is_wrong_where_and_what_to_do(
    golden: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    expected = golden.read_text(encoding="utf-8")
    found = "\n".join(told(formula, tmp_path) for formula in formulas_in(expected))
    if UPDATE:
        golden.write_text(found, encoding="utf-8", newline="\n")
    assert found == expected or UPDATE


# -- places ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ('score = "staf + 1"', "staf"),
        ('score = "percent(在编, 编制数)"', "编制数"),
        ('score = "满意度（％） + １"', "１"),
        ("score = 'ａ + b'  # 说明", "ａ"),
        ("\tscore = 'a b'", "b"),
        ("score = 'e\u0301te + b'", "b"),
        (f"score = '{'甲乙丙 + ' * 30}丁'", "丁"),
        (f"score = '{'a + ' * 30}b'", "b"),
        (f"score = 'x{'y' * 200}'", f"x{'y' * 200}"),
    ],
)
def test_the_caret_stands_under_the_mistake_in_cells_of_a_terminal(line: str, mark: str) -> None:
    start = line.index(mark)
    shown, carets = Where("ruleset.toml", 7, start + 1, line, len(mark)).caret().split("\n")
    before = carets.partition("^")[0]
    under = next(index for index in range(len(shown) + 1) if width(shown[:index]) == len(before))
    assert shown[under:].startswith(mark[:20])
    assert carets.strip() == "^" * min(width(mark), width(shown) - len(before))
    assert len(shown) <= 104


def test_the_first_of_several_lines_with_a_mistake_is_the_line_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (finding,) = findings_of("a +\n编制数 * (b\n+ staf)", tmp_path)
    assert finding.where is not None
    assert (finding.where.line, finding.where.column, finding.where.text) == (11, 3, "+ staf)'''")


@pytest.mark.parametrize(
    ("formula", "codes"),
    [
        ("staf + budgt", ["unknown-name", "unknown-name"]),
        ("(p + 1) * (staf if a else 0)", ["wrong-kind", "unknown-name", "wrong-kind"]),
        ("max（staf，1）", ["full-width", "unknown-name", "full-width", "full-width"]),
        ("a ** 2 + b[0] + min(c)", ["not-allowed", "not-allowed", "wrong-arity"]),
        ("5 if grade == 'E' else 6 if quality in ('good', 'fare') else label", ["wrong-kind"] * 3),
    ],
)
def test_every_mistake_of_a_formula_is_reported_at_once(
    formula: str, codes: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert sorted(finding.code for finding in findings_of(formula, tmp_path)) == sorted(codes)


def test_a_formula_error_says_all_that_is_wrong() -> None:
    with pytest.raises(FormulaError) as raised:
        parse("max(a，b) ＋ c")
    assert str(raised.value) == (
        "[full-width] a full-width `，`\nhelp: write `,`\n[full-width] a full-width `＋`\nhelp: write `+`"
    )


def test_a_formula_that_is_far_too_deep_is_one_mistake() -> None:
    with pytest.raises(FormulaError) as raised:
        parse(" - ".join(["1"] * 300))
    assert [finding.key for finding in raised.value.findings] == ["too-large.depth"]


# -- the table of messages ---------------------------------------------------------------------------------------

_KEY = re.compile(r"[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*")


def sources() -> Iterator[ast.AST]:
    """Every node of every module but the table itself."""
    folder = Path(messages.__file__).parent
    for path in folder.rglob("*.py"):
        if path != Path(messages.__file__):
            yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def said_in_source() -> set[str]:
    """Every text in the source that could be the key of a message."""
    texts = {node.value for node in sources() if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in texts if _KEY.fullmatch(text)}


def made_in_source() -> list[re.Pattern[str]]:
    """What the keys look like that the source puts together, as in `f"kind.{name}"`."""
    patterns = []
    for node in sources():
        if isinstance(node, ast.JoinedStr):
            parts = [str(part.value) if isinstance(part, ast.Constant) else "" for part in node.values]
            if parts[0].endswith(".") and _KEY.fullmatch(parts[0][:-1]):
                patterns.append(re.compile(".+".join(re.escape(part) for part in parts if part) + ".*"))
    return patterns


def placeholders(template: str) -> set[str]:
    """What a message names."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_every_message_names_the_same_things_in_both_languages() -> None:
    assert not [key for key, (zh, en) in messages.MESSAGES.items() if placeholders(zh) != placeholders(en)]


def test_no_message_is_empty_or_ends_with_a_full_stop() -> None:
    assert not [key for key, texts in messages.MESSAGES.items() if any(not text or text[-1] in ".。" for text in texts)]


def test_every_key_in_the_source_is_a_message() -> None:
    families = {key.partition(".")[0] for key in messages.MESSAGES}
    keys = {text for text in said_in_source() if "." in text and text.partition(".")[0] in families}
    assert keys - messages.MESSAGES.keys() == set()


def test_every_message_is_used() -> None:
    said, made = said_in_source(), made_in_source()
    keys = {key.removesuffix(".help") for key in messages.MESSAGES}
    unused = {key for key in keys if key not in said and not any(pattern.fullmatch(key) for pattern in made)}
    assert unused == set()


def test_every_kind_and_every_construct_has_a_word() -> None:
    kinds = {kind for function in FUNCTIONS.values() for kind in (*function.kinds, function.result)} - {"places"}
    assert {f"kind.{kind}" for kind in kinds} <= messages.MESSAGES.keys()
    inside = {
        "formattedvalue",
        "constant",
        "name",
        "attribute",
        "unaryop",
        "binop",
        "boolop",
        "ifexp",
        "compare",
        "call",
    }
    constructs = {node.__name__.lower() for node in ast.expr.__subclasses__()} - inside
    assert {f"node.{name}" for name in constructs} <= messages.MESSAGES.keys()
    assert words.say("node.lambda", "en") != "node.lambda"
