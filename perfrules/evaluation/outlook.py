"""What every name of a program can still be, given what is known: the bounds system run over the program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perfrules.evaluation.facts import FactReader, Facts
from perfrules.formula.evaluator import Evaluator
from perfrules.formula.systems.bounds import BoundsSystem
from perfrules.formula.systems.exact import Unknown
from perfrules.formula.systems.intervals import ANYTHING, NOTHING, Bounds, point
from perfrules.ruleset.program import Program


def outlook(
    program: Program, readers: Mapping[str, FactReader], facts: Facts, results: Mapping[str, Any]
) -> dict[str, Bounds]:
    """The bounds of facts (known ones are points), constants, and every line in order."""
    names: dict[str, Any] = {name: point(value) for name, value in program.constants.items()}
    for identifier, reader in readers.items():
        for name, bounds in reader.bounds(facts.levels.get(identifier)).items():
            names[name] = _bounds(facts.names[name], bounds) if name in facts.names else bounds
    run = Evaluator(BoundsSystem(program.definitions()), names, lambda step: None)
    for name, tree in program.trees:
        value = results[name]
        if isinstance(value, Unknown):
            found = run.visit(tree)
            names[name] = ANYTHING if found is NOTHING else found
        else:
            names[name] = point(value)
    return names


def _bounds(value: Any, unknown: Bounds) -> Any:
    """The bounds of what was given: a point, or cell by cell; what is unknown in it keeps its bounds."""
    if isinstance(value, Unknown):
        return unknown
    if isinstance(value, tuple):
        cells = unknown if isinstance(unknown, tuple) and len(unknown) == len(value) else None
        cell = getattr(unknown, "cell", ANYTHING)
        return tuple(_bounds(one, cells[index] if cells else cell) for index, one in enumerate(value))
    return point(value)
