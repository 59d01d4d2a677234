"""The formula language as tables: what a formula may say.

    formula    := one expression, over one or several lines
    expression := number | truth | text | name | name "." name
                | ("+" | "-" | "not") expression
                | expression ("+" | "-" | "*" | "/") expression
                | expression ("<" | "<=" | ">" | ">=" | "==" | "!=") expression …      chained as in mathematics
                | expression ("in" | "not in") "(" constant "," … ")"
                | expression ("and" | "or") expression
                | expression "if" expression "else" expression
                | function "(" expression "," … ")"

The notation is Python's, and Python's parser reads it (`reader`); every node is then checked against an allow-list and
rebuilt in a smaller core (`core`): a chained comparison becomes `and`, membership becomes `or` of `==`, a dotted name
one name. The rebuilt nodes keep their place: `col_offset` and `end_col_offset` count *characters* of the text.
"""

from __future__ import annotations

import ast
import re
from datetime import date
from typing import NamedTuple

MAX_TEXT = 5000
"""Characters of a formula. The longest standard seen in a published table takes 400."""

MAX_NODES = 1000
"""Nodes of a formula's tree: bounds its time, since every node is visited at most once."""

MAX_DEPTH = 60
"""Levels of a formula's tree: bounds the evaluator's recursion, well inside Python's own limit of 1,000 frames."""

MAX_BITS = 1200
"""Bits of any result, as far as can be seen from the formula: a sum of 18 ratios fits, a chain of squares does not."""

MAX_PLACES = 10
"""Decimal places that `round` may be asked for."""


class Function(NamedTuple):
    """What a formula may call: how many arguments, of which kinds, and the kind of the result.

    A kind is one of `number`, `date`, `column`, `items` (a checklist), `rows` (a table), `fact` (any fact's name),
    `point` (a literal pair) and `places` (a literal whole number); the last kind repeats up to `most` arguments.
    """

    least: int
    most: int
    kinds: tuple[str, ...]
    result: str = "number"
    internal: bool = False


MANY = 200
"""Arguments of a function that takes any number of them."""

FUNCTIONS: dict[str, Function] = {
    "min": Function(2, MANY, ("number",)),
    "max": Function(2, MANY, ("number",)),
    "abs": Function(1, 1, ("number",)),
    "clamp": Function(3, 3, ("number",)),
    "percent": Function(2, 2, ("number",)),
    "round": Function(1, 2, ("number", "places")),
    "floor": Function(1, 1, ("number",)),
    "ceil": Function(1, 1, ("number",)),
    "started": Function(2, 2, ("number",)),
    "completed": Function(2, 2, ("number",)),
    "interpolate": Function(3, MANY, ("number", "point")),
    "sum": Function(1, 1, ("column",)),
    "mean": Function(1, 1, ("column",)),
    "weighted_mean": Function(2, 2, ("column",)),
    "lowest_of": Function(1, 1, ("column",)),
    "highest_of": Function(1, 1, ("column",)),
    "count": Function(1, 1, ("items",)),
    "share": Function(1, 1, ("items",)),
    "days": Function(2, 2, ("date",)),
    "known": Function(1, 1, ("fact",), "truth"),
    # What only a desugared program says: the sum of a dimension's rows, the same where some do not apply (score,
    # weight, applies, whether its weight goes to the others, what it keeps; five arguments a row), and a row that
    # nothing fits.
    "plus": Function(1, 100_000, ("number",), internal=True),
    "rescale": Function(5, 100_000, ("number", "number", "truth", "truth", "number"), internal=True),
    "no_band": Function(1, 1, ("text",), "nothing", internal=True),
    "no_alternative": Function(1, 1, ("text",), "nothing", internal=True),
}

OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.USub: "-", ast.UAdd: "+", ast.Not: "not",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.And: "and", ast.Or: "or",
}  # fmt: skip
"""The operators of the core language, and how they are written."""

COMPARISONS: dict[str, type[ast.cmpop]] = {
    "<=": ast.LtE, ">=": ast.GtE, "==": ast.Eq, "≤": ast.LtE, "≥": ast.GtE, "<": ast.Lt, ">": ast.Gt, "=": ast.Eq,
}  # fmt: skip
"""The operators that a target may begin with; longer spellings first."""

RESERVED_NAMES = frozenset(("weight", "value", "target", "met", "lower_is_better", "earned", "lowest", "highest"))
"""Names that a formula is given by its place; no fact or value may be called so."""

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Formula(NamedTuple):
    """A checked formula: its text as written, its tree in the core language, and the names it reads."""

    text: str
    tree: ast.expr
    names: frozenset[str]


def literal_date(text: str) -> date | None:
    """The date that an ISO text such as `2023-09-01` says, or None."""
    if not _ISO_DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
