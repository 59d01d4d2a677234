"""Judged facts in a frame: the level in every row, and whether a rate lies in it.

A level stands in a column of its own, `fact.level`; where columns are texts, it may stand in the fact's own as well,
in the place of a rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perfrules.formula.systems.columns import floats
from perfrules.frames.matching import Column
from perfrules.frames.texts import Texts
from perfrules.ruleset import model
from perfrules.ruleset.ranges import band


class Levels:
    """Reads the levels of one frame.

    Args:
        api: The module whose expressions are made.
        declared: The levels of the ruleset.
        matched: The column of each name that formulas read.
        texts: Whether columns are texts, to be read as cells are.
    """

    def __init__(
        self, api: Any, declared: Mapping[str, model.Levels], matched: Mapping[str, Column | None], *, texts: bool
    ) -> None:
        """Take the frame's columns."""
        self.api = api
        self.declared = declared
        self.matched = matched
        self.read = Texts(api) if texts else None

    def steps(self, fact: model.Fact) -> list[model.LevelStep]:
        """The levels that a fact can be given."""
        return self.declared[fact.levels or ""].steps

    def of(self, name: str, fact: model.Fact) -> Any | None:
        """The level of a judged fact in every row, also one that there is not; None where no column says any."""
        if fact.kind != "judgement":
            return None
        column, own = self.matched.get(f"{name}.level"), self.matched.get(name)
        said = None if column is None else self._level(fact, column)
        if self.read is None or own is None:
            return said
        beside = self._option(fact, own)
        return beside if said is None else self.api.when(said.is_null()).then(beside).otherwise(said)

    def _level(self, fact: model.Fact, column: Column) -> Any:
        written = self.api.col(column.name)
        if self.read is None:
            return written.cast(self.api.String)
        bare = self.read.stripped(written)
        found = self._option(fact, column)
        return self.api.when(found.is_null()).then(bare).otherwise(found)  # what is no level stays, and fits nothing

    def _option(self, fact: model.Fact, column: Column) -> Any:
        assert self.read is not None  # noqa: S101  (asked of texts only)
        known = {step.id: step.title for step in self.steps(fact)}
        return self.read.option(self.api.col(column.name), known)

    def known(self, fact: model.Fact, level: Any) -> Any:
        """Whether a level is one that there is."""
        return level.is_in([step.id for step in self.steps(fact)])

    def fits(self, fact: model.Fact, level: Any, rate: Any) -> Any:
        """Whether a rate lies in the band of its level; where there is no level, it may be any."""
        found = level.is_null()
        for step in self.steps(fact):
            low, high = (float(floats.of(end)) for end in band(step))
            inside = rate.is_between(low, high)
            for end in (step.above, step.below):
                if end is not None:
                    inside = inside & (rate != float(floats.of(end)))
            found = found | ((level == step.id) & inside)
        return self.api.when(found).then(self.api.lit(value=True)).otherwise(self.api.lit(value=False))
