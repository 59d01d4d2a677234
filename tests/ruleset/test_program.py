"""What a declaration comes to: the facts that indicators declare themselves, targets, methods, what formulas may hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfrules.ruleset.library import Ruleset, load

from .loading import at_load

HEAD = 'format = 1\n[ruleset]\nid = "test/program"\n[facts.a]\nkind = "number"\nrange = [0, 100]\n[dimensions.d]\n'


def indicator(identifier: str, keys: str) -> str:
    return f'[indicators.{identifier}]\ndimension = "d"\nweight = 10\n{keys}\n'


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return tmp_path / "ruleset.toml"


def ruleset(path: Path, text: str) -> Ruleset:
    path.write_text(HEAD + text, encoding="utf-8")
    return load(path)


def codes(path: Path, text: str) -> list[str]:
    path.write_text(HEAD + text, encoding="utf-8")
    return [finding.code for finding in at_load(path)]


@pytest.mark.parametrize(
    ("keys", "kind"),
    [
        ('score = "value / 10"', "number"),
        ('unit = "%"\nscore = "weight * value / 100"', "percent"),
        ('unit = "km"\ntarget = ">= 5"\nscore = "weight if met else 0"', "number"),
        ('bands = [ { to = 5, score = 1 }, { score = 0 } ]', "number"),
        ('bands = [ { when = "value > 5", score = 1 }, { score = 0 } ]', "number"),
        ('bands = [ { when = "a > 5", score = 1 }, { score = 0 } ]', None),
        ('bands = [ { score = "a / 10" } ]', None),
        ('score = "a / 10"', None),
        ('value = "a"\nscore = "value / 10"', None),
    ],
)  # fmt: skip
def test_an_indicator_declares_the_fact_that_it_is_measured_by(keys: str, kind: str | None, written: Path) -> None:
    facts = ruleset(written, indicator("own", keys)).program.facts
    assert (facts["own"].kind if "own" in facts else None) == kind


def test_an_indicator_takes_a_declared_fact_or_value_of_its_name(written: Path) -> None:
    text = '[facts.day]\nkind = "date"\n[values.half]\nformula = "a / 2"\n'
    text += indicator("day", 'target = "<= 2023-09-01"\nscore = "weight if met else 0"') + indicator(
        "half", 'score = "value"'
    )
    facts = ruleset(written, text).program.facts
    assert list(facts) == ["a", "day"]
    assert facts["day"].kind == "date"


def test_an_indicator_that_declares_its_fact_needs_a_name_that_a_fact_can_have(written: Path) -> None:
    assert codes(written, indicator("share", 'score = "value / 10"')) == ["reserved-name"]
    assert codes(written, indicator("share", 'value = "a"\nscore = "value / 10"')) == []


@pytest.mark.parametrize(
    ("target", "operator", "found"),
    [
        (">= 5", ">=", []), ("<= 5", "<=", []), ("> 5", ">", []), ("< 5", "<", []), ("== 5", "==", []), ("= 5", "=", []),
        ("≥ 5", "≥", []), ("≤5", "≤", []), ("  >=  a + 1 ", ">=", []), ("5", ">=", ["direction-missing"]),
        ("a", ">=", ["direction-missing"]), (">=", "", ["syntax"]), ("=> 5", "", ["syntax"]), ("! 5", "", ["syntax"]),
    ],
)  # fmt: skip
def test_a_target_is_an_operator_and_a_formula(target: str, operator: str, found: list[str], written: Path) -> None:
    text = indicator("i", f'value = "a"\ntarget = "{target}"\nscore = "weight if met else 0"')
    assert codes(written, text) == found
    if operator:
        assert load(written).program.rows["i"].operator == operator


@pytest.mark.parametrize("points", [2, 9, 40])
def test_a_line_through_many_points_is_no_large_formula(points: int, written: Path) -> None:
    line = ", ".join(f"({index}, {index / 10})" for index in range(points))
    assert codes(written, indicator("i", f'score = "interpolate(a, {line})"')) == []


def test_a_method_is_the_rows_own_or_that_of_the_nearest_dimension(written: Path) -> None:
    text = '[methods.m]\nscore = "weight"\n[methods.n]\nscore = "weight"\n[dimensions.top]\nmethod = "m"\n'
    text += '[dimensions.deep]\nwithin = "top"\n[dimensions.other]\nwithin = "top"\nmethod = "n"\n'
    rows = {
        "one": ("deep", ""),
        "two": ("other", ""),
        "three": ("other", 'method = "m"'),
        "four": ("other", 'score = "a"'),
    }
    for identifier, (dimension, keys) in rows.items():
        text += f'[indicators.{identifier}]\ndimension = "{dimension}"\nweight = 1\nvalue = "a"\n{keys}\n'
    methods = {identifier: row.method for identifier, row in ruleset(written, text).program.rows.items()}
    assert methods == {"one": "m", "two": "n", "three": "m", "four": None}


def test_parameters_are_the_methods_the_dimensions_and_the_rows_the_last_first(written: Path) -> None:
    text = '[methods.m]\nparameters = { x = 1, y = 1, z = 1 }\nscore = "x * 100 + y * 10 + z"\n'
    text += '[dimensions.e]\nmethod = "m"\nwith = { y = 2, z = 2 }\n'
    text += '[indicators.i]\ndimension = "e"\nweight = 1\nvalue = "a"\nwith = { z = 3 }\n'
    constants = ruleset(written, text).program.constants
    assert [constants[f"indicators.i#{name}"] for name in "xyz"] == [1, 2, 3]


def test_every_line_reads_only_what_stands_before_it(project_root: Path) -> None:
    for reference in ("cn/department-overall-2013", project_root / "docs" / "examples" / "langfang-2019"):
        program = load(reference).program
        known = {*program.facts, *program.constants}
        known |= {f"{name}.{inner}" for name, fact in program.facts.items() for inner in (*fact.items, *fact.columns)}
        for line in program.lines:
            assert names_in(line.tree) <= known, line.name
            known.add(line.name)


def names_in(tree: object) -> set[str]:
    """The names that a tree reads, without those of functions."""
    import ast

    assert isinstance(tree, ast.expr)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called}
