"""The 26 indicators as OpenFisca variables, over the numpy formulas of `byhand_numpy.py`.

OpenFisca answers the nearest question to ours: rules of law, over a population at a time. Facts and scores are
variables of one year; facts are set, what depends on them is asked for. It keeps floats in 32 bits, which would round
amounts before anything is scored; its variables are widened to 64 here, since all contenders have to agree.
"""

from typing import Any

import byhand_numpy as by
import numpy as np
from byhand import PARTS, ROWS, WEIGHTS, WHOLE
from openfisca_core.entities import Entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

YEAR = "2023"


class _Asked:
    """The facts of a population in a period, as the formulas read them."""

    def __init__(self, units: Any, period: Any) -> None:
        self.units, self.period = units, period

    def __getitem__(self, name: str) -> by.Column:
        column: by.Column = self.units(name, self.period)
        return column


def system(facts: list[str]) -> TaxBenefitSystem:
    """The facts, scores, subtotals, total and coverage as variables of one entity."""
    unit = Entity("unit", "units", "a budget unit", "")
    made = TaxBenefitSystem([unit])
    formulas: dict[str, Any] = dict.fromkeys(facts)
    formulas |= {f"score_{name}": formula for name, formula in by.FORMULAS.items()}
    for name, listed in ROWS.items():
        formulas[f"subtotal_{name}"] = _sum([f"score_{row}" for row in listed], name not in WHOLE)
    for name, parts in PARTS.items():
        formulas[f"subtotal_{name}"] = _sum([f"subtotal_{part}" for part in parts], name not in WHOLE)
    formulas["total"] = _sum([f"subtotal_{name}" for name in ROWS], round_it=True)
    formulas["coverage"] = lambda f: by.coverage({name: f[f"score_{name}"] for name in WEIGHTS})
    for name, formula in formulas.items():
        made.add_variable(_variable(name, unit, formula))
        made.get_variable(name).dtype = np.dtype(np.float64)
    return made


def _sum(names: list[str], round_it: bool) -> Any:
    def formula(facts: by.Facts) -> by.Column:
        total: by.Column = by.total_of(facts[name] for name in names)
        return by.rounded(total) if round_it else total

    return formula


def _variable(name: str, unit: Entity, formula: Any) -> type[Variable]:
    members = {"value_type": float, "entity": unit, "definition_period": DateUnit.YEAR, "label": name}
    if formula is not None:
        members["formula"] = lambda units, period, parameters: formula(_Asked(units, period))
    return type(name, (Variable,), members)


def score(made: TaxBenefitSystem, facts: dict[str, by.Column]) -> dict[str, Any]:
    """One simulation: the facts set, then scores, subtotals, total, coverage; grade and status by numpy."""
    simulation = SimulationBuilder().build_default_simulation(made, len(next(iter(facts.values()))))
    for name, column in facts.items():
        simulation.set_input(name, YEAR, column)
    asked = {f"score.{name}": f"score_{name}" for name in WEIGHTS}
    asked |= {f"subtotal.{name}": f"subtotal_{name}" for name in (*ROWS, *PARTS)}
    asked |= {"total": "total", "coverage": "coverage"}
    with np.errstate(divide="ignore", invalid="ignore"):
        result = {column: simulation.calculate(name, YEAR) for column, name in asked.items()}
        grade = by.grade(result["total"])
    return {**result, "grade": grade, "status": np.where(np.isnan(result["total"]), "incomplete", "scored")}
