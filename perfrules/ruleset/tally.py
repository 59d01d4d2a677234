"""Dimensions and the total as formulas: sums of rounded rows, custom scores, adjustments, grades.

Where a row may not apply, its weight goes where the ruleset says. With `rescale`, the applicable rows of the dimension
that said so (or of the whole table) are summed and converted to the full weight, as the forms have it:
不适用的指标不考核, 用适用指标得分汇总后按百分制折算. With `full` the row earns its weight, with `zero` nothing.
A branch in which no row applies is itself not applicable, and its weight goes the same way one level up.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from perfrules.formula.systems.kinds import NUMBER
from perfrules.numbers import Exact
from perfrules.ruleset.builder import Builder
from perfrules.ruleset.program import Branch, Row, bind, call, choose, compare, constant, name, plus
from perfrules.ruleset.toml import KeyPath

ROOT = ""
"""The id of the total, as the root of the tree of dimensions."""


class _Item(NamedTuple):
    """What a branch adds up: a row, a pair of alternatives, or a branch below.

    Attributes:
        score: The tree of its score.
        weight: Its weight.
        applies: The tree of the condition under which it applies; None where it always does.
        policy: What happens to its weight where it does not apply.
        scope: The branch that takes up that weight, with policy `rescale`.
    """

    score: ast.expr
    weight: Exact
    applies: ast.expr | None = None
    policy: str = "rescale"
    scope: str = ROOT

    def condition(self) -> ast.expr:
        """A fresh copy of the condition, so that no node stands in two lines."""
        return constant(True) if self.applies is None else bind(self.applies, {})

    def kept(self) -> ast.expr:
        """What is earned where it does not apply."""
        return constant(self.weight if self.applies and self.policy == "full" else 0)


@dataclass(slots=True)
class _Node:
    """A branch in the making."""

    id: str
    within: str | None
    dimensions: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    items: list[_Item] = field(default_factory=list)
    plain: bool = True

    def passes_on(self) -> bool:
        """Whether weight that does not apply here is taken up further out."""
        return any(item.applies and item.policy == "rescale" and item.scope != self.id for item in self.items)


class Tally:
    """Builds the branches of a program, from the leaves to the total."""

    def __init__(self, builder: Builder, rows: Mapping[str, Row]) -> None:
        """Take the builder and its rows."""
        self.builder = builder
        self.declared = builder.declared
        self.rows = rows
        self.alternatives = {row.alternative: identifier for identifier, row in rows.items() if row.alternative}
        self.nodes: dict[str, _Node] = {ROOT: _Node(ROOT, None)}
        self.branches: dict[str, Branch] = {}

    def build(self) -> dict[str, Branch]:
        """Append the lines of every dimension, children first; the branches in file order."""
        self._plant()
        for identifier in self._leaves_first():
            if identifier != ROOT:
                self.branches[identifier] = self._branch(self.nodes[identifier])
        return {identifier: self.branches[identifier] for identifier in self.nodes if identifier != ROOT}

    def total(self) -> Branch | None:
        """Append the lines of the total; None where the ruleset has none."""
        if self.declared.total.none or not self.rows:
            return None
        return self._branch(self.nodes[ROOT])

    # -- the tree -------------------------------------------------------------------------------------------------

    def _plant(self) -> None:
        declared = self.declared.dimensions
        for identifier, dimension in declared.items():
            self.nodes[identifier] = _Node(identifier, dimension.within or ROOT)
        for identifier, dimension in declared.items():
            path = ("dimensions", identifier, "within")
            if dimension.within is not None and dimension.within not in declared:
                self.builder.reference(path, "dimensions", dimension.within)
                self.builder.reading.omitted.add(f"dimensions.{identifier}")
                self.nodes[identifier].within = ROOT
            elif self._circular(identifier):
                self._circle(identifier, path)
                self.nodes[identifier].within = ROOT
            self.nodes[self.nodes[identifier].within or ROOT].dimensions.append(identifier)
        for identifier, indicator in self.declared.indicators.items():
            home = indicator.dimension
            if home in self.nodes and home != ROOT:
                self.nodes[home].rows += [identifier] if identifier in self.rows else []
            else:  # also of a row whose formulas cannot be read
                self.builder.reference(("indicators", identifier, "dimension"), "dimensions", home)
                self.builder.reading.omitted.add(f"indicators.{identifier}")

    def _circle(self, identifier: str, path: KeyPath) -> None:
        """Note the dimensions that stand within each other."""
        names, node = [identifier], self.nodes[identifier].within
        while node and node not in names:
            names.append(node)
            node = self.nodes[node].within
        reading = self.builder.reading
        reading.note("cycle", path, "cycle.itself" if len(names) == 1 else "", names=tuple(names))
        reading.omitted.add(f"dimensions.{identifier}")

    def _circular(self, identifier: str) -> bool:
        seen, node = {identifier}, self.nodes[identifier].within
        while node:
            if node in seen:
                return node == identifier
            seen.add(node)
            node = self.nodes[node].within if node in self.nodes else None
        return False

    def _leaves_first(self) -> list[str]:
        order, stack = [], [ROOT]
        while stack:
            identifier = stack.pop()
            order.append(identifier)
            stack += self.nodes[identifier].dimensions
        return order[::-1]

    def _policy(self, home: str, said: str | None) -> tuple[str, str]:
        """What happens to a weight that does not apply, and which branch takes it up: the nearest that says so.

        A dimension with a score of its own, or adjusted, is scored out of its own weight: nothing passes through it.
        """
        if said is not None:
            return said, home
        node: str | None = home
        closed: str | None = None
        while node:
            closed = node if closed is None and not self._adds_up(node) else closed
            if policy := self.declared.dimensions[node].not_applicable:
                return policy, closed or node
            node = self.nodes[node].within
        if policy := self.declared.total.not_applicable:
            return policy, ROOT if closed is None else closed
        return "rescale", home

    def _adds_up(self, dimension: str) -> bool:
        """Whether a dimension's score is the plain sum of what stands in it."""
        adjusted = any(adjustment.each == "dimension" for adjustment in self.declared.adjustments.values())
        return not adjusted and self.declared.dimensions[dimension].score in (None, "earned")

    # -- what a branch adds up ------------------------------------------------------------------------------------

    def _items(self, node: _Node) -> Iterator[_Item]:
        for identifier in node.rows:
            row = self.rows[identifier]
            if row.alternative:
                continue
            if identifier in self.alternatives:
                yield _Item(self._either(row, self.rows[self.alternatives[identifier]]), row.weight)
                continue
            policy, scope = self._policy(node.id, row.indicator.not_applicable)
            applies: ast.expr | None = name(row.applies) if row.applies else None
            yield _Item(name(row.score), row.weight, applies, policy, scope)
        for identifier in node.dimensions:
            below, branch = self.nodes[identifier], self.branches[identifier]
            if below.plain and below.passes_on():
                yield from below.items
                continue
            policy, scope = self._policy(node.id, None)
            applies = compare(name(branch.live), ast.Gt(), constant(0)) if branch.live else None
            yield _Item(name(branch.score), branch.weight, applies, policy, scope)

    def _either(self, one: Row, two: Row) -> ast.expr:
        """The score of the one of two alternatives that applies; a reason of its own where not exactly one does."""
        if one.applies is None or two.applies is None:
            return name(one.score)
        both, neither = (call("no_alternative", constant(one.id)) for _ in range(2))
        only_one = choose(name(one.score), name(one.applies), neither)
        only_two = choose(both, name(one.applies), name(two.score))
        return choose(only_two, name(two.applies), only_one)

    # -- one branch -----------------------------------------------------------------------------------------------

    def _branch(self, node: _Node) -> Branch:
        first = len(self.builder.lines)
        about = f"dimensions.{node.id}" if node.id else "total"
        node.items = list(self._items(node))
        weight = self._weight(node)
        live = self._live(node, about)
        score = self.builder.add(f"{about}#sum", self._sum(node), "sum", about)
        earnable = self._earnable(node, about, weight, live)
        score = self._custom(node, about, score, earnable)
        if not node.plain or live or node.id == ROOT:
            rounding = self.declared.rounding
            places = rounding.total if node.id == ROOT else rounding.score
            score = self.builder.rounded(f"{about}#score", score, places, about)
        grade = self._grade(node, about, score, earnable)
        title = self.declared.dimensions[node.id].title if node.id else self.declared.total.title
        lines = tuple(line.name for line in self.builder.lines[first:])
        return Branch(
            node.id, title, node.within or None, weight, tuple(node.dimensions), tuple(node.rows), score, lines,
            live, earnable, grade,
        )  # fmt: skip

    def _weight(self, node: _Node) -> Exact:
        """The weight of a branch when everything applies: what is declared for a custom score, else the sum."""
        declared = self.declared.dimensions[node.id] if node.id else self.declared.total
        if declared.weight is not None and (declared.score is not None or not node.items):
            return declared.weight
        return sum(item.weight for item in node.items)

    def _live(self, node: _Node, about: str) -> str | None:
        """Append the weight of what applies in the branch, if that can vary."""
        if all(item.applies is None for item in node.items):
            return None
        terms = [
            choose(constant(item.weight), item.condition(), constant(0)) if item.applies else constant(item.weight)
            for item in node.items
        ]
        return self.builder.add(f"{about}#live", plus(terms), "live", about)

    def _sum(self, node: _Node) -> ast.expr:
        """The sum of the scores, converted where weight is taken up here; what does not apply may be kept as earned."""
        if any(item.applies and item.policy == "rescale" and item.scope == node.id for item in node.items):
            arguments: list[ast.expr] = []
            for item in node.items:
                pooled = constant(item.policy == "rescale" and item.scope == node.id)
                arguments += [bind(item.score, {}), constant(item.weight), item.condition(), pooled, item.kept()]
            return call("rescale", *arguments)
        scores = [
            choose(bind(item.score, {}), item.condition(), item.kept()) if item.applies else bind(item.score, {})
            for item in node.items
        ]
        return plus(scores)

    def _earnable(self, node: _Node, about: str, weight: Exact, live: str | None) -> str:
        """The weight that can be earned: it varies only where weight that does not apply is taken up further out."""
        if live is None or not node.passes_on():
            return self.builder.fix(f"{about}#weight", weight)
        terms = [
            choose(constant(item.weight), item.condition(), constant(0))
            if item.applies and item.policy == "rescale" and item.scope != node.id
            else constant(item.weight)
            for item in node.items
        ]
        return self.builder.add(f"{about}#weight", plus(terms), "live", about)

    # -- custom scores --------------------------------------------------------------------------------------------

    def _custom(self, node: _Node, about: str, score: str, earnable: str) -> str:
        """Append a declared score and the adjustments of the branch; a branch with either is no plain sum."""
        declared = self.declared.dimensions[node.id].score if node.id else self.declared.total.score
        if declared is not None and declared.strip() != "earned":
            path: KeyPath = ("dimensions", node.id, "score") if node.id else ("total", "score")
            formula = self.builder.formula(path, declared)
            scope = {"earned": (score, NUMBER), "weight": (earnable, NUMBER)}
            for label in ("lowest", "highest"):
                if formula and label in formula.names:
                    scope[label] = (self._extreme(node, about, label), NUMBER)
            if found := self.builder.tree(path, declared, scope):
                score, node.plain = self.builder.add(f"{about}#earned", found[0], "score", about, declared), False
        each = "dimension" if node.id else "total"
        for identifier, adjustment in self.declared.adjustments.items():
            if adjustment.each != each:
                continue
            scope = {"earned": (score, NUMBER), "weight": (earnable, NUMBER)}
            if found := self.builder.tree(("adjustments", identifier, "score"), adjustment.score, scope):
                line, source = f"{about}#earned after {identifier}", f"adjustments.{identifier}"
                score = self.builder.add(line, found[0], "adjustment", about, adjustment.score, source)
                node.plain = False
        return score

    def _extreme(self, node: _Node, about: str, label: str) -> str:
        """Append the lowest or highest score among the children that apply, in percent of their weights."""
        neutral = 100 if label == "lowest" else 0
        shares: list[ast.expr] = []
        for item in node.items:
            share: ast.expr = call("percent", bind(item.score, {}), constant(item.weight))
            shares.append(choose(share, item.condition(), constant(neutral)) if item.applies else share)
        shares = shares or [constant(neutral)]
        tree = shares[0] if len(shares) == 1 else call("min" if label == "lowest" else "max", *shares)
        return self.builder.add(f"{about}#{label}", tree, "value", about)

    def _grade(self, node: _Node, about: str, score: str, earnable: str) -> str | None:
        scale = self.declared.dimensions[node.id].scale if node.id else self.declared.total.scale
        path: KeyPath = ("dimensions", node.id, "scale") if node.id else ("total", "scale")
        return self.builder.grade(scale, path, score, name(earnable), about)
