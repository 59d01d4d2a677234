"""The rows of `tests/conformance/language.toml`, and the facts that they read, through the readers of submissions."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from perfrules import numbers
from perfrules.errors import Finding, FormulaError
from perfrules.evaluation.facts import Facts, prepared
from perfrules.evaluation.outlook import outlook
from perfrules.evaluation.submission import Submission, read_facts
from perfrules.formula.reader import parse
from perfrules.formula.systems import kinds
from perfrules.ruleset.library import Ruleset, load
from perfrules.ruleset.names import kinds as kinds_of_facts

LANGUAGE = Path(__file__).resolve().parents[1] / "conformance" / "language.toml"
_HEADER = 'format = 1\n[ruleset]\nid = "test/language"\n[total]\nnone = true\n'


@dataclass(frozen=True, eq=False)
class Row:
    """One row: what is asked, and what must be answered.

    Attributes:
        line: The line of the file that it begins on.
        asked: Its keys and values.
    """

    line: int
    asked: Mapping[str, Any]

    def __str__(self) -> str:
        """What a test of this row is called."""
        return f"{self.line}: {self.formula if len(self.formula) <= 60 else self.formula[:60] + '…'}"

    @property
    def formula(self) -> str:
        """The text; a huge one is made up here."""
        if "repeat" not in self.asked:
            return str(self.asked["formula"])
        repeat = self.asked["repeat"]
        return f"{self.asked.get('prefix', '')}{repeat['text'] * repeat['times']}{self.asked.get('suffix', '')}"

    @cached_property
    def tree(self) -> ast.expr:
        """The tree of a sound formula."""
        return parse(self.formula).tree

    @property
    def facts(self) -> dict[str, Any]:
        """The facts given."""
        return dict(self.asked.get("facts", {}))

    @property
    def in_check(self) -> bool:
        """Whether the formula stands in a check."""
        return bool(self.asked.get("in_check", False))

    @property
    def in_doubles(self) -> bool:
        """Whether floats hold the facts, so that frames and workbooks can answer."""
        return bool(self.asked.get("doubles", True))

    @property
    def value(self) -> Any:
        """The value that the formula has, for a row that expects one."""
        return _value(self.asked["value"])

    @property
    def reasons(self) -> list[str]:
        """Why the formula is unknown, for a row that expects that."""
        return list(self.asked["unknown"])

    @property
    def bounds(self) -> list[Any]:
        """What the formula can be, for a row that says so."""
        return [_value(end) for end in self.asked["bounds"]]


def _value(said: Any) -> Any:
    """A value as the file says it: numbers are texts, and texts are tables."""
    if isinstance(said, dict):
        return said["text"]
    if isinstance(said, bool | date):
        return said
    if said in ("inf", "-inf"):
        return float(said)
    top, _, bottom = said.partition("/")
    parts = [numbers.parse(part) for part in (top, bottom or "1")]
    quotient, divisor = (Fraction(part.numerator, part.denominator) for part in parts)
    return quotient / divisor


def rows() -> list[Row]:
    """Every row, from top to bottom."""
    text = LANGUAGE.read_text(encoding="utf-8")
    lines = [number for number, line in enumerate(text.split("\n"), 1) if line == "[[row]]"]
    asked = tomllib.loads(text, parse_float=Decimal)["row"]
    return [Row(line, row) for line, row in zip(lines, asked, strict=True)]


def declarations() -> str:
    """The top of the file: the facts that the rows read, as a ruleset declares them."""
    return LANGUAGE.read_text(encoding="utf-8").partition("[[row]]")[0]


class Vocabulary:
    """The facts that stand at the top of the file, read as a ruleset reads them."""

    def __init__(self, folder: Path) -> None:
        """Write the declarations into a folder as a ruleset, and load that."""
        path = folder / "ruleset.toml"
        path.write_text(_HEADER + declarations(), encoding="utf-8")
        self.ruleset: Ruleset = load(path)

    @cached_property
    def kinds(self) -> dict[str, kinds.Kind]:
        """What each name is."""
        return kinds_of_facts(self.ruleset.program.facts)

    def read(self, facts: Mapping[str, Any]) -> Facts:
        """Some facts, as a submission gives them."""
        read = read_facts(Submission(facts), self.ruleset)
        assert not read.findings, "a row gives a fact that is out of its range"
        return read

    def exact(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The exact values of all names, where some facts are given."""
        return {**prepared(self.ruleset.program)[1], **self.read(facts).names}

    def bounds(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The bounds of all names, where some facts are given."""
        return outlook(self.ruleset.program, prepared(self.ruleset.program)[0], self.read(facts), {})

    def findings(self, row: Row) -> tuple[Finding, ...]:
        """Everything that is wrong with the formula of a row."""
        try:
            tree = row.tree
        except FormulaError as error:
            return error.findings
        return tuple(kinds.check(tree, self.kinds, checks=row.in_check)[1])
