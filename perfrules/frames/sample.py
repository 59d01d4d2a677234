"""A few rows of a stream, each as likely as any other, and the proof that their scores are the exact ones.

Which rows are taken is drawn anew each time, so that runs of every day come to see them all.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from math import floor, log
from typing import TYPE_CHECKING, Any

from perfrules.errors import Finding, PerfrulesError
from perfrules.frames.matching import Column
from perfrules.ruleset.loaded import Ruleset

if TYPE_CHECKING:
    import pyarrow as pa


class Reservoir:
    """N rows of a stream of unknown length (Li, 1994: algorithm L, which skips what it does not take)."""

    def __init__(self, size: int) -> None:
        """Take how many rows are wanted."""
        self.size = size
        self.rows: list[tuple[int, dict[str, Any]]] = []
        self._random = random.SystemRandom()
        self._weight = 1.0
        self._next = 0
        self._seen = 0

    def offer(self, table: pa.Table) -> None:
        """Take rows of the next part of the stream, each with its number from 1."""
        end = self._seen + table.num_rows
        while self._next < end and self.size:
            number = self._next
            row = {name: table[name][number - self._seen].as_py() for name in table.column_names}
            if len(self.rows) < self.size:
                self.rows.append((number + 1, row))
            else:
                self.rows[self._random.randrange(self.size)] = (number + 1, row)
            self._skip()
        self._seen = end

    def _skip(self) -> None:
        self._next += 1
        if len(self.rows) < self.size:
            return
        self._weight *= self._draw() ** (1 / self.size)
        self._next += floor(log(self._draw()) / log(1 - self._weight)) if self._weight < 1 else 0

    def _draw(self) -> float:
        return 1 - self._random.random()  # in (0, 1], whose logarithm there is


def check(ruleset: Ruleset, matched: Mapping[str, Column], rows: Reservoir, *, texts: bool, reasons: bool) -> None:
    """Score the rows of a sample exactly, and refuse what differs.

    Raises:
        PerfrulesError: A score is not the exact one; a finding for each column of each row.
    """
    found = list[Finding]()
    for number, row in sorted(rows.rows, key=_number):
        found += _differing(ruleset, matched, number, row, texts, reasons)
    if found:
        raise PerfrulesError(found)


def _number(row: tuple[int, Any]) -> int:
    return row[0]


def _differing(
    ruleset: Ruleset, matched: Mapping[str, Column], number: int, row: dict[str, Any], texts: bool, reasons: bool
) -> Iterator[Finding]:
    from perfrules.frames import rows as exact

    wanted = exact.appended(exact.evaluate_row(ruleset, matched, row, texts=texts), reasons=reasons)
    for name in exact.differences(wanted, row):
        values = {"row": number, "column": name, "found": row.get(name), "wanted": wanted.get(name)}
        yield Finding("spot-check", about=f"{name} [{number}]", values=values)
