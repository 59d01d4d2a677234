"""Laws of the formula language, over formulas and facts at random; each test is named for its law."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from perfrules import numbers
from perfrules.formula.evaluator import Evaluator, called
from perfrules.formula.language import Formula
from perfrules.formula.reader import parse
from perfrules.formula.render import render
from perfrules.formula.systems import bounds, exact, intervals
from perfrules.formula.systems.bounds import BoundsSystem
from perfrules.formula.systems.exact import Unknown
from perfrules.formula.systems.intervals import Bounds, Interval, Options, Truth
from perfrules.formula.systems.kinds import NUMBER, TRUTH, check
from perfrules.rationals import ratio

from .strategies import KINDS, World, exacts, read, situations, texts, worlds

EITHER_KIND = st.sampled_from(["n", "t"])
PART = texts(depth=2)
FEW = settings(max_examples=50)  # of what is tried as part of other laws
SYSTEMS = st.sampled_from([exact, bounds])
LONG = {
    "percent({x}, {y})": "({x}) * 100 / ({y})",
    "clamp({x}, {y}, {z})": "min(max({x}, {y}), {z})",
    "started({x}, {y})": "ceil(max({x}, 0) / ({y}))",
    "completed({x}, {y})": "floor(max({x}, 0) / ({y}))",
    "ceil({x})": "-floor(-({x}))",
    "abs({x})": "max({x}, -({x}))",
    "max({x}, {y}, {z})": "-min(-({x}), -({y}), -({z}))",
    "({x}) < ({y}) <= ({z})": "({x}) < ({y}) and ({y}) <= ({z})",
    "({x}) in (1, 10)": "({x}) == 1 or ({x}) == 10",
    "({x}) not in (1, 10)": "({x}) != 1 and ({x}) != 10",
    "not (({x}) < ({y}))": "({x}) >= ({y})",
    "not (({x}) < ({y}) and ({y}) < ({z}))": "({x}) >= ({y}) or ({y}) >= ({z})",
    "share(system)": "count(system) * 100 / 3",
}
"""What the language says briefly, and the same at length."""


class Unnarrowed(BoundsSystem):
    """The bounds number system without what a branch says of the names in it."""

    def narrowed(self, run: Evaluator, test: ast.expr, outcome: bool) -> dict[str, Bounds]:
        """Nothing follows."""
        return {}


class Walked:
    """The exact system under the walk over nodes, to be compared with its prepared visits."""

    operators, functions, recover = exact.EXACT.operators, exact.EXACT.functions, exact.EXACT.recover

    def constant(self, node: ast.Constant) -> Any:
        """The literal itself."""
        return node.value

    def name(self, run: Evaluator, node: ast.Name) -> Any:
        """What the name stands for."""
        return run.names[node.id]

    def choose(self, run: Any, test: ast.expr, then: ast.expr, orelse: ast.expr) -> Any:
        """The branch taken, or what the test is that takes none."""
        decided = run.visit(test)
        return decided if isinstance(decided, Unknown) else run.visit(then if decided else orelse)

    def all_(self, run: Any, terms: Sequence[ast.expr]) -> Any:
        """False where a term is, else unknown where one is; what comes after a false one is not looked at."""
        return self._kleene(run, terms, False)

    def any_(self, run: Any, terms: Sequence[ast.expr]) -> Any:
        """True where a term is, else unknown where one is; what comes after a true one is not looked at."""
        return self._kleene(run, terms, True)

    def _kleene(self, run: Any, terms: Sequence[ast.expr], decisive: bool) -> Any:
        values: list[Any] = []
        for term in terms:
            values.append(run.visit(term))
            if values[-1] is decisive:
                return decisive
        return exact.union(values) if any(isinstance(value, Unknown) for value in values) else not decisive

    def call(self, run: Evaluator, node: ast.Call, arguments: list[Any]) -> Any:
        """A function of the table."""
        return self.functions[called(node)](*arguments)


def score(text: str, world: World) -> Any:
    """The exact value of a formula, in a form that can be compared: of an unknown one its reasons."""
    value = exact.evaluate(parse(text).tree, world.exact())
    return value.reasons if isinstance(value, Unknown) else value


def allows(outlook: Any, value: Any) -> bool:
    """Whether bounds allow a value."""
    match outlook:
        case Interval(low, high):
            return bool(low <= value <= high)
        case Truth():
            return outlook.true if value else outlook.false
        case Options(possible):
            return possible is None or value in possible
    return False


def within(inner: Any, outer: Any) -> bool:
    """Whether one thing's bounds lie in another's."""
    match inner, outer:
        case intervals.Nothing(), _:
            return True
        case Interval(), Interval():
            return bool(outer.low <= inner.low and inner.high <= outer.high)
        case Truth(), Truth():
            return outer.true >= inner.true and outer.false >= inner.false
    return bool(inner == outer)


def divisors(tree: ast.expr) -> Iterator[ast.expr]:
    """What a formula divides by."""
    for node in ast.walk(tree):
        match node:
            case ast.BinOp(op=ast.Div()):
                yield node.right
            case ast.Call(func=ast.Name(id="percent" | "started" | "completed")):
                yield node.args[1]


# -- bounds ------------------------------------------------------------------------------------------------------


@settings(max_examples=300)
@given(EITHER_KIND.flatmap(situations))
def test_the_score_lies_in_its_bounds(situation: tuple[Formula, World]) -> None:
    formula, world = situation
    value = exact.evaluate(formula.tree, world.whole().exact())
    assume(not isinstance(value, Unknown))
    assert allows(bounds.evaluate(formula.tree, world.bounds()), value)


@settings(max_examples=200)
@given(st.data())
def test_the_score_lies_in_its_bounds_through_named_values(data: st.DataObject) -> None:
    kinds = {"measured": NUMBER, "holds": TRUTH}
    definitions = {
        "measured": read(data.draw(texts("n", 2))),
        "holds": read(data.draw(texts("t", 2, ("measured",))), kinds),
    }
    formula = read(data.draw(texts("n", 3, tuple(kinds))), kinds)
    facts = formula.names.union(*(one.names for one in definitions.values())) & KINDS.keys()
    world = data.draw(worlds(facts))
    trees = {name: one.tree for name, one in definitions.items()}
    names, outlook = world.whole().exact(), world.bounds()
    for name, tree in trees.items():
        names[name] = exact.evaluate(tree, names)
        outlook[name] = bounds.evaluate(tree, outlook, trees)
    value = exact.evaluate(formula.tree, names)
    assume(not isinstance(value, Unknown))
    assert allows(bounds.evaluate(formula.tree, outlook, trees), value)


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(st.integers(1, 10), st.booleans(), st.sampled_from(("rescale", "full", "zero"))),
        min_size=1,
        max_size=8,
    ),
    st.data(),
)
def test_a_rescaled_sum_lies_in_its_bounds(rows: list[tuple[int, bool, str]], data: st.DataObject) -> None:
    arguments: list[ast.expr] = []
    names, outlook = dict[str, Any](), dict[str, Any]()
    for index, (weight, applies, policy) in enumerate(rows):
        earned = data.draw(exacts(0, weight))
        for name, value, range_ in (("earned", earned, Interval(0, weight)), ("applies", applies, intervals.EITHER)):
            names[f"{name}{index}"] = value
            outlook[f"{name}{index}"] = range_ if data.draw(st.booleans()) else intervals.point(value)
        arguments += [
            ast.Name(f"earned{index}"),
            ast.Constant(weight),
            ast.Name(f"applies{index}"),
            ast.Constant(policy == "rescale"),
            ast.Constant(weight if policy == "full" else 0),
        ]
    tree = ast.Call(ast.Name("rescale"), arguments, [])
    possible = bounds.evaluate(tree, outlook)
    assert allows(possible, exact.evaluate(tree, names))
    few = sum(policy != "rescale" for _, _, policy in rows) <= intervals.MAX_UNDECIDED
    assert not few or within(possible, Interval(0, sum(weight for weight, _, _ in rows)))


@given(EITHER_KIND.flatmap(situations))
def test_a_score_that_is_known_is_its_own_bounds(situation: tuple[Formula, World]) -> None:
    formula, world = situation
    value = exact.evaluate(formula.tree, world.exact())
    assume(not isinstance(value, Unknown))
    outlook = bounds.evaluate(formula.tree, world.bounds())
    assert outlook == intervals.point(value)


@given(EITHER_KIND.flatmap(situations))
def test_narrowing_never_widens(situation: tuple[Formula, World]) -> None:
    formula, world = situation
    steps: list[Any] = []
    narrow = bounds.evaluate(formula.tree, world.bounds(), observe=steps.append)
    zeros = {id(node) for node, _, value in steps if value == Interval(0, 0)}
    assume(not zeros & {id(node) for node in divisors(formula.tree)})  # of which bounds say nothing
    wide = Evaluator(Unnarrowed(), world.bounds(), lambda step: None).visit(formula.tree)
    assert within(narrow, wide)


RATIOS = st.builds(ratio, st.integers(-500, 500), st.integers(1, 9))
FEW_NUMBERS = st.one_of(st.integers(-500, 500), RATIOS)


@given(st.sampled_from(["percent", "clamp", "started", "completed"]), st.tuples(FEW_NUMBERS, FEW_NUMBERS, FEW_NUMBERS))
def test_a_function_of_ratios_is_that_of_the_same_fractions(name: str, drawn: tuple[Any, ...]) -> None:
    function = exact.EXACT.functions[name]
    arguments = drawn if name == "clamp" else drawn[:2]
    fractions = [Fraction(number.numerator, number.denominator) for number in arguments]
    if not fractions[1] and name != "clamp":
        with pytest.raises(ZeroDivisionError):
            function(*arguments)
    else:
        assert function(*arguments) == function(*fractions)


@given(st.sampled_from(sorted(exact.EXACT.operators, key=str)), FEW_NUMBERS, FEW_NUMBERS)
def test_an_operator_of_ratios_is_that_of_the_same_fractions(kind: type[ast.AST], left: Any, right: Any) -> None:
    operation = exact.EXACT.operators[kind]
    operands = (left, right) if issubclass(kind, ast.operator | ast.cmpop) else (left,)
    fractions = [Fraction(number.numerator, number.denominator) for number in operands]
    assume(kind is not ast.Div or right != 0)
    assert operation(*operands) == operation(*fractions)


# -- what is unknown ---------------------------------------------------------------------------------------------


@given(situations(), st.data())
def test_giving_more_facts_never_changes_a_known_score(situation: tuple[Formula, World], data: st.DataObject) -> None:
    formula, world = situation
    value = exact.evaluate(formula.tree, world.exact())
    assume(not isinstance(value, Unknown))
    more = world.shown(data.draw(st.frozensets(st.sampled_from(sorted(world.hidden) or ["nothing"]))))
    assert exact.evaluate(formula.tree, more.exact()) == value


@given(situations())
def test_an_unknown_score_names_only_facts_that_were_not_given(situation: tuple[Formula, World]) -> None:
    formula, world = situation
    value = exact.evaluate(formula.tree, world.exact())
    assume(isinstance(value, Unknown))
    assert {reason.about for reason in value.reasons if reason.kind != "zero"} <= world.hidden


@given(EITHER_KIND.flatmap(situations))
def test_giving_what_is_named_as_missing_ends_with_a_score_or_a_zero_divisor(situation: tuple[Formula, World]) -> None:
    formula, world = situation
    for _ in range(len(world.hidden) + 1):
        value = exact.evaluate(formula.tree, world.exact())
        if not isinstance(value, Unknown) or all(reason.kind == "zero" for reason in value.reasons):
            return
        world = world.shown(reason.about for reason in value.reasons)
    pytest.fail("a fact that was given is still named as missing")


@given(st.lists(texts("t", 2), min_size=2, max_size=4), st.sampled_from(["and", "or"]), st.data())
def test_conditions_decide_in_any_order(conditions: list[str], joined: str, data: st.DataObject) -> None:
    first = f" {joined} ".join(f"({condition})" for condition in conditions)
    second = f" {joined} ".join(f"({condition})" for condition in data.draw(st.permutations(conditions)))
    world = data.draw(worlds(read(first).names & KINDS.keys()))
    assert score(first, world) == score(second, world)
    assert bounds.evaluate(parse(first).tree, world.bounds()) == bounds.evaluate(parse(second).tree, world.bounds())


@given(texts("t", 2), texts("n", 2), texts("n", 2), st.data())
def test_a_branch_not_taken_is_not_touched(test: str, then: str, orelse: str, data: st.DataObject) -> None:
    formula = read(f"({then}) if ({test}) else ({orelse})")
    world = data.draw(worlds(formula.names & KINDS.keys()))
    seen: list[ast.expr] = []
    exact.evaluate(formula.tree, world.exact(), observe=lambda step: seen.append(step[0]))
    tree = formula.tree
    assert isinstance(tree, ast.IfExp)
    decided = score(test, world)
    assert (tree.body in seen) is (decided is True)
    assert (tree.orelse in seen) is (decided is False)
    assert score(formula.text, world) == (
        score(then if decided else orelse, world) if decided in (True, False) else decided
    )


# -- what a formula says -----------------------------------------------------------------------------------------


@given(SYSTEMS, EITHER_KIND.flatmap(situations))
def test_every_observed_node_is_in_the_tree(system: Any, situation: tuple[Formula, World]) -> None:
    formula, world = situation
    nodes = {id(node) for node in ast.walk(formula.tree)}
    steps: list[Any] = []
    system.evaluate(formula.tree, world.exact() if system is exact else world.bounds(), observe=steps.append)
    assert {id(node) for node, _, _ in steps} <= nodes
    assert {id(test) for _, path, _ in steps for test, _ in path} <= nodes
    assert steps[-1][0] is formula.tree


@given(EITHER_KIND.flatmap(situations))
def test_a_prepared_tree_tells_of_every_operation_that_a_walk_over_its_nodes_meets(
    situation: tuple[Formula, World],
) -> None:
    formula, world = situation
    walked: list[Any] = []
    Evaluator(Walked(), world.exact(), walked.append).visit(formula.tree)
    for _ in range(2):  # once to prepare it, once as prepared
        told: list[Any] = []
        exact.evaluate(formula.tree, world.exact(), told.append)
        assert operations(told) == operations(walked)
        assert {id(node) for node, _, _ in told if is_leaf(node)} == reached_leaves(formula.tree, walked)


def operations(steps: list[Any]) -> list[Any]:
    """What was told of operations, in order, in a form that can be compared; of one that is met twice once."""
    return list(
        {
            id(node): (path, value.reasons if isinstance(value, Unknown) else (type(value), value))
            for node, path, value in steps
            if not is_leaf(node)
        }.items()
    )


def is_leaf(node: ast.expr) -> bool:
    """Whether a node is a name or a literal."""
    return isinstance(node, ast.Name | ast.Constant)


def reached_leaves(tree: ast.expr, walked: list[Any]) -> set[int]:
    """The leaves that were visited and that no operation of several operands takes: branches, conditions, terms."""
    parts: list[ast.expr] = [tree]
    for node in ast.walk(tree):
        if isinstance(node, ast.IfExp):
            parts += [node.test, node.body, node.orelse]
        elif isinstance(node, ast.BoolOp):
            parts += node.values
        elif isinstance(node, ast.UnaryOp):
            parts.append(node.operand)
    visited = {id(node) for node, _, _ in walked}
    return {id(part) for part in parts if is_leaf(part)} & visited


@given(EITHER_KIND.flatmap(situations))
def test_no_value_is_a_float(situation: tuple[Formula, World]) -> None:
    formula, world = situation
    values: list[Any] = []
    exact.evaluate(formula.tree, world.exact(), observe=lambda step: values.append(step[2]))
    assert {type(value) for value in values} <= {*numbers.Exact.__args__, bool, str, date, tuple, Unknown}
    outlooks: list[Any] = []
    bounds.evaluate(formula.tree, world.bounds(), observe=lambda step: outlooks.append(step[2]))
    ends = [end for outlook in outlooks if isinstance(outlook, Interval) for end in outlook]
    assert all(math.isinf(end) for end in ends if isinstance(end, float))


@given(EITHER_KIND.flatmap(situations))
def test_a_value_is_of_the_kind_that_was_checked(situation: tuple[Formula, World]) -> None:
    formula, world = situation
    kind, _ = check(formula.tree, KINDS)
    value = exact.evaluate(formula.tree, world.whole().exact())
    assume(not isinstance(value, Unknown))
    assert isinstance(value, bool) is (kind.name == "truth")
    assert isinstance(value, numbers.Exact)


@given(EITHER_KIND.flatmap(texts))
def test_a_rendered_formula_is_read_as_itself(text: str) -> None:
    tree = read(text).tree
    assert ast.dump(parse(render(tree)).tree) == ast.dump(tree)


# -- arithmetic --------------------------------------------------------------------------------------------------


def agree(left: str, right: str, data: st.DataObject) -> None:
    """Assert that two formulas have one score, or are unknown for the same reasons."""
    names = (read(left).names | read(right).names) & KINDS.keys()
    world = data.draw(worlds(names))
    assert score(left, world) == score(right, world)


@FEW
@given(PART, PART, st.sampled_from("+*"), st.data())
def test_sums_and_products_commute(x: str, y: str, op: str, data: st.DataObject) -> None:
    agree(f"({x}) {op} ({y})", f"({y}) {op} ({x})", data)


@FEW
@given(PART, PART, PART, st.sampled_from("+*"), st.data())
def test_sums_and_products_associate(x: str, y: str, z: str, op: str, data: st.DataObject) -> None:
    agree(f"(({x}) {op} ({y})) {op} ({z})", f"({x}) {op} (({y}) {op} ({z}))", data)


@FEW
@given(PART, PART, PART, st.data())
def test_products_distribute_over_sums(x: str, y: str, z: str, data: st.DataObject) -> None:
    agree(f"({x}) * (({y}) + ({z}))", f"({x}) * ({y}) + ({x}) * ({z})", data)


@FEW
@given(PART, PART, st.data())
def test_dividing_undoes_multiplying(x: str, y: str, data: st.DataObject) -> None:
    quotient = read(f"({x}) / ({y})")
    world = data.draw(worlds(quotient.names & KINDS.keys())).whole()
    divisor = score(y, world)
    assume(isinstance(divisor, numbers.Exact) and divisor != 0)
    assert score(f"({x}) / ({y}) * ({y})", world) == score(x, world)


@FEW
@given(PART, PART, st.data())
def test_a_difference_is_the_sum_with_the_opposite(x: str, y: str, data: st.DataObject) -> None:
    agree(f"({x}) - ({y})", f"({x}) + -({y})", data)


@FEW
@given(PART, st.integers(0, 10), st.data())
def test_rounding_is_symmetric(x: str, places: int, data: st.DataObject) -> None:
    agree(f"round(-({x}), {places})", f"-round({x}, {places})", data)


@settings(max_examples=300)
@given(st.sampled_from(sorted(LONG)), PART, PART, PART, st.data())
def test_a_short_form_says_what_the_long_one_says(short: str, x: str, y: str, z: str, data: st.DataObject) -> None:
    agree(short.format(x=x, y=y, z=z), LONG[short].format(x=x, y=y, z=z), data)
