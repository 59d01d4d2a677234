"""From Python's tree to the core language: check every node against the allow-list, and rebuild it.

What the core language has no word for is said with what it has: `a < b < c` is `a < b and b < c`, `x in (1, 2)` is
`x == 1 or x == 2`. Both read the same tree of `b` or `x`, which is no matter, since a formula has no side effects.
"""

from __future__ import annotations

import ast
import itertools
import re
import unicodedata
from typing import Any, Protocol, TypeVar

from perfrules import numbers, words
from perfrules.formula.language import (
    FUNCTIONS,
    MAX_DEPTH,
    MAX_NODES,
    MAX_PLACES,
    OPERATORS,
    literal_date,
)

Node = TypeVar("Node", bound=ast.expr)

_INSTEAD = {
    ast.Pow: "instead.power", ast.Mod: "instead.modulo", ast.FloorDiv: "instead.floordiv",
    ast.Is: "instead.equal", ast.IsNot: "instead.equal", ast.BitOr: "instead.or", ast.BitAnd: "instead.and",
}  # fmt: skip
_IN_CHINESE = {
    "最大值": "max", "最小值": "min", "四舍五入": "round", "绝对值": "abs", "求和": "sum", "平均值": "mean",
    "取整": "floor",
}  # fmt: skip
_TEXT_LITERAL = re.compile(r"""(["'])([^"'\\]*)\1""")


class Note(Protocol):
    """How a finding about a span of the text is noted."""

    def __call__(self, code: str, span: tuple[int, int], key: str = "", **values: object) -> None:
        """Add a finding."""


class Refused(Exception):  # noqa: N818  (a signal between two modules, never seen outside)
    """A node is refused, and the finding about it is noted."""


class Rebuilder:
    """Rebuilds one tree; places are characters of the formula's text."""

    def __init__(self, text: str, source: str, indent: int, note: Note) -> None:
        """Take the text, the part of it that was parsed, and where in the text that part begins."""
        self.text = text
        self.note = note
        self.nodes = 0
        self.too_deep = False
        self.offsets: list[int] = []
        for index, char in enumerate(source):
            # Python counts the bytes of UTF-8; a lone surrogate never gets here.
            self.offsets += [indent + index] * len(char.encode(errors="replace"))
        self.offsets.append(indent + len(source))

    def span(self, node: ast.AST) -> tuple[int, int]:
        """The characters that a node of Python's tree was read from."""
        return self.offsets[getattr(node, "col_offset", 0)], self.offsets[getattr(node, "end_col_offset", 0)]

    def place(self, new: Node, old: ast.AST, last: ast.AST | None = None) -> Node:
        """Give a rebuilt node the place of the node it stands for, up to the end of `last`."""
        new.lineno = new.end_lineno = 1
        new.col_offset, new.end_col_offset = self.span(old)[0], self.span(last or old)[1]
        return new

    def refuse(self, node: ast.AST, code: str, key: str = "", **values: object) -> Refused:
        """Note a finding about a node, and give the signal to raise."""
        self.note(code, self.span(node), key, **values)
        return Refused()

    def rebuild(self, node: ast.expr, depth: int) -> ast.expr:
        """A node in the core language.

        Raises:
            Refused: The node or one below it is not allowed; every finding below it is noted first.
        """
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.refuse(node, "too-large", "too-large.nodes", limit=MAX_NODES)
        if depth > MAX_DEPTH:
            raise self._too_deep(node)
        handler = getattr(self, f"_rebuild_{type(node).__name__.lower()}", None)
        if handler is None:
            raise self.refuse(node, "not-allowed", "not-allowed.node", what=words.Term(_name_of(node)))
        rebuilt: ast.expr = handler(node, depth)
        return rebuilt

    def _too_deep(self, node: ast.expr) -> Refused:
        if self.too_deep:  # its neighbours are no deeper mistake
            return Refused()
        self.too_deep = True
        return self.refuse(node, "too-large", "too-large.depth", limit=MAX_DEPTH)

    def _all(self, nodes: list[ast.expr], depth: int) -> list[ast.expr]:
        """Every node rebuilt; refuses after the last one, so that none hides another's finding."""
        rebuilt, refused = [], False
        for node in nodes:
            try:
                rebuilt.append(self.rebuild(node, depth + 1))
            except Refused:
                refused = True
                if self.nodes > MAX_NODES:
                    break
        if refused:
            raise Refused
        return rebuilt

    # -- leaves ---------------------------------------------------------------------------------------------------

    def _rebuild_constant(self, node: ast.Constant, depth: int) -> ast.expr:
        start, end = self.span(node)
        source = self.text[start:end]
        value: Any
        if isinstance(node.value, bool):
            value = node.value
        elif isinstance(node.value, str):
            if not (match := _TEXT_LITERAL.fullmatch(source.translate(_QUOTES))):
                raise self.refuse(node, "not-allowed", "not-allowed.text")
            value = literal_date(match.group(2)) or source[1:-1]
        elif isinstance(node.value, int | float):
            value = self._number(node, source)
        else:
            raise self.refuse(node, "not-allowed", "not-allowed.constant", text=source)
        return self.place(ast.Constant(value), node)

    def _number(self, node: ast.Constant, source: str) -> numbers.Exact:
        plain = source.translate(_DIGITS)
        if not re.fullmatch(r"[0-9.]+([eE][+-]?[0-9]+)?", plain):
            raise self.refuse(node, "not-allowed", "not-allowed.number", text=source)
        try:
            return numbers.parse(plain)
        except numbers.NumberError:
            raise self.refuse(node, "too-large", "too-large.digits", limit=numbers.MAX_DIGITS) from None

    def _rebuild_name(self, node: ast.Name, depth: int) -> ast.expr:
        start, end = self.span(node)
        written = self.text[start:end]
        if written != node.id or unicodedata.normalize("NFKC", written) != written:
            if all(char in _LATIN for char in written):
                return self.place(ast.Name(node.id, ast.Load()), node)  # its characters are noted one by one
            raise self.refuse(node, "full-width", "full-width.name", name=written, instead=node.id)
        if node.id.startswith("__"):
            raise self.refuse(node, "not-allowed", "not-allowed.dunder", name=node.id)
        return self.place(ast.Name(node.id, ast.Load()), node)

    def _rebuild_attribute(self, node: ast.Attribute, depth: int) -> ast.expr:
        if not isinstance(node.value, ast.Name) or node.attr.startswith("_"):
            raise self.refuse(node, "not-allowed", "not-allowed.attribute")
        start, end = self.span(node)
        dotted = f"{node.value.id}.{node.attr}"
        if "".join(self.text[start:end].split()) != dotted:
            raise self.refuse(node, "full-width", "full-width.name", name=self.text[start:end], instead=dotted)
        return self.place(ast.Name(dotted, ast.Load()), node)

    # -- operators ------------------------------------------------------------------------------------------------

    def _rebuild_unaryop(self, node: ast.UnaryOp, depth: int) -> ast.expr:
        if type(node.op) not in OPERATORS:
            raise self.refuse(node, "not-allowed", "not-allowed.operator")
        return self.place(ast.UnaryOp(node.op, self.rebuild(node.operand, depth + 1)), node)

    def _rebuild_binop(self, node: ast.BinOp, depth: int) -> ast.expr:
        if type(node.op) not in OPERATORS:
            raise self.refuse(node, "not-allowed", _INSTEAD.get(type(node.op), "not-allowed.operator"))
        left, right = self._all([node.left, node.right], depth)
        return self.place(ast.BinOp(left, node.op, right), node)

    def _rebuild_boolop(self, node: ast.BoolOp, depth: int) -> ast.expr:
        return self.place(ast.BoolOp(node.op, self._all(node.values, depth)), node)

    def _rebuild_ifexp(self, node: ast.IfExp, depth: int) -> ast.expr:
        test, body, orelse = self._all([node.test, node.body, node.orelse], depth)
        return self.place(ast.IfExp(test, body, orelse), node)

    def _rebuild_compare(self, node: ast.Compare, depth: int) -> ast.expr:
        if len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn):
            return self._membership(node, depth)
        for op in node.ops:
            if type(op) not in OPERATORS:
                key = "not-allowed.membership" if isinstance(op, ast.In | ast.NotIn) else "instead.equal"
                raise self.refuse(node, "not-allowed", key)
        operands = self._all([node.left, *node.comparators], depth)
        old = [node.left, *node.comparators]
        pairs = [
            self.place(ast.Compare(left, [op], [right]), old[index], old[index + 1])
            for index, (op, (left, right)) in enumerate(zip(node.ops, itertools.pairwise(operands), strict=True))
        ]
        whole: ast.expr = pairs[0] if len(pairs) == 1 else ast.BoolOp(ast.And(), list[ast.expr](pairs))
        return self.place(whole, node)

    def _membership(self, node: ast.Compare, depth: int) -> ast.expr:
        options = node.comparators[0]
        if not isinstance(options, ast.Tuple | ast.List) or not options.elts:
            raise self.refuse(options, "not-allowed", "not-allowed.membership")
        for option in options.elts:
            if not isinstance(option.operand if isinstance(option, ast.UnaryOp) else option, ast.Constant):
                raise self.refuse(option, "not-allowed", "not-allowed.membership")
        left, *rebuilt = self._all([node.left, *options.elts], depth)
        equals = [
            self.place(ast.Compare(left, [ast.Eq()], [option]), old)
            for option, old in zip(rebuilt, options.elts, strict=True)
        ]
        whole: ast.expr = equals[0] if len(equals) == 1 else ast.BoolOp(ast.Or(), list[ast.expr](equals))
        if isinstance(node.ops[0], ast.NotIn):
            whole = ast.UnaryOp(ast.Not(), self.place(whole, node))
        return self.place(whole, node)

    # -- calls ----------------------------------------------------------------------------------------------------

    def _rebuild_call(self, node: ast.Call, depth: int) -> ast.expr:
        if not isinstance(node.func, ast.Name):
            raise self.refuse(node.func, "not-allowed", "not-allowed.call")
        name = node.func.id
        function = FUNCTIONS.get(name)
        if function is None or function.internal or self.text[slice(*self.span(node.func))] != name:
            raise self._unknown_function(node.func)
        for keyword in node.keywords:
            raise self.refuse(keyword, "not-allowed", "not-allowed.keyword", function=name)
        if not function.least <= len(node.args) <= function.most:
            raise self._arity(node, name)
        arguments = [argument for index, argument in enumerate(node.args) if not self._literal_kind(name, index)]
        rebuilt = iter(self._all(arguments, depth))
        ready = [
            self._literal(name, index, argument) if self._literal_kind(name, index) else next(rebuilt)
            for index, argument in enumerate(node.args)
        ]
        if name == "interpolate":
            self._ascending(node, ready)
        called = self.place(ast.Name(name, ast.Load()), node.func)
        return self.place(ast.Call(called, ready, []), node)

    def _unknown_function(self, node: ast.Name) -> Refused:
        known = [name for name, function in FUNCTIONS.items() if not function.internal]
        written = self.text[slice(*self.span(node))]
        if written != node.id:
            return self.refuse(node, "full-width", "full-width.name", name=written, instead=node.id)
        near = _IN_CHINESE.get(node.id) or words.nearest(node.id, known)
        key = "unknown-function.near" if near else "unknown-function"
        return self.refuse(node, "unknown-function", key, name=node.id, near=near or "", known=tuple(known))

    def _arity(self, node: ast.Call, name: str) -> Refused:
        function = FUNCTIONS[name]
        key = "wrong-arity.more" if len(node.args) < function.least else "wrong-arity.fewer"
        count = function.least if len(node.args) < function.least else function.most
        return self.refuse(node, "wrong-arity", key, function=name, count=count, given=len(node.args))

    def _literal_kind(self, name: str, index: int) -> str:
        kinds = FUNCTIONS[name].kinds
        kind = kinds[min(index, len(kinds) - 1)]
        return kind if kind in ("point", "places") else ""

    def _literal(self, name: str, index: int, node: ast.expr) -> ast.expr:
        """A point or a number of places: literal, so that number systems need not compute it."""
        if self._literal_kind(name, index) == "places":
            number = self.rebuild(node, 1)
            value = number.value if isinstance(number, ast.Constant) else None
            if type(value) is int and 0 <= value <= MAX_PLACES:
                return number
            raise self.refuse(node, "wrong-kind", "wrong-kind.places", most=MAX_PLACES)
        if not isinstance(node, ast.Tuple) or len(node.elts) != 2:
            raise self.refuse(node, "wrong-kind", "wrong-kind.point")
        point = tuple(self._signed(self.rebuild(part, 1), part) for part in node.elts)
        return self.place(ast.Constant(point), node)  # type: ignore[arg-type]  # a tuple is a constant here

    def _signed(self, number: ast.expr, old: ast.expr) -> numbers.Exact:
        negative = isinstance(number, ast.UnaryOp) and isinstance(number.op, ast.USub)
        inner = number.operand if isinstance(number, ast.UnaryOp) else number
        value = inner.value if isinstance(inner, ast.Constant) else None
        if isinstance(value, bool) or not isinstance(value, numbers.Exact):
            raise self.refuse(old, "wrong-kind", "wrong-kind.point")
        return -value if negative else value

    def _ascending(self, node: ast.Call, arguments: list[ast.expr]) -> None:
        points: list[Any] = [argument.value for argument in arguments[1:] if isinstance(argument, ast.Constant)]
        xs = [point[0] for point in points]
        if any(left >= right for left, right in itertools.pairwise(xs)):
            raise self.refuse(node, "wrong-kind", "wrong-kind.ascending")


_DIGITS = {code: chr(code - 0xFEE0) for code in (*range(0xFF10, 0xFF1A), 0xFF0E)}
_QUOTES = {ord(char): '"' for char in "＂“”「」『』《》"} | {ord(char): "'" for char in "＇‘’"}
_LATIN = frozenset(chr(code) for code in range(0xFF01, 0xFF5F)) | frozenset(map(chr, range(33, 127)))


def _name_of(node: ast.expr) -> str:
    """The entry of the table of messages that names a node that the language does not have."""
    return f"node.{type(node).__name__.lower()}"
