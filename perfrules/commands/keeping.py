"""What `evaluate` keeps besides what it shows: a record, and entries of a ledger."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from perfrules import words
from perfrules.commands.face import Arguments, Face
from perfrules.errors import Finding, PerfrulesError

if TYPE_CHECKING:
    from perfrules.evaluation.evaluation import Evaluation


def check(arguments: Arguments, face: Face, submissions: int) -> None:
    """Refuse what cannot be recorded or written as it is asked for, before anything is."""
    face.check_text()
    if arguments.record and submissions > 1:
        raise PerfrulesError([Finding("bad-value", about="--record", key="bad-value.one-record")])
    if arguments.sign and not arguments.ledger:
        raise PerfrulesError([Finding("bad-value", about="--sign", key="bad-value.sign-what")])


def keep(arguments: Arguments, evaluations: Sequence[Evaluation]) -> list[Path]:
    """Write the record and the entries of the ledger that are asked for; the files of the latter."""
    if arguments.record:
        evaluations[0].save(arguments.record)
    if not arguments.ledger:
        return []
    from perfrules.records.ledger import append

    return [append(arguments.ledger, evaluation, arguments.sign) for evaluation in evaluations]


def say(arguments: Arguments, face: Face, paths: Sequence[Path]) -> None:
    """Name the entries that were added to a ledger."""
    for path in paths if not arguments.json else ():
        sys.stdout.write(words.say("ledger.added", face.lang, {"path": path.as_posix()}) + "\n")
