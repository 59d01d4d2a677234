"""The command about tables of submissions: batch."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from perfrules.commands.face import Arguments, Face, laid_on
from perfrules.errors import Finding, PerfrulesError

if TYPE_CHECKING:
    from perfrules.frames.batch import Batch


def batch(arguments: Arguments, face: Face) -> int:
    """Score the rows of a table, each a submission: parquet, csv or xlsx in and out, as many as there are."""
    from perfrules.frames.batch import opened
    from perfrules.ruleset.library import load

    target, screen = face.output, Face(face.lang, None)
    _check(arguments, target)
    ruleset = load(arguments.ruleset, **laid_on(arguments))
    table = opened(ruleset, arguments.input, arguments.map or ())
    if arguments.explain_row is not None:
        return _explained(arguments, table, screen)
    assert target is not None  # noqa: S101  (_check refuses a run without)
    return _scored(arguments, table, target, screen)


def _check(arguments: Arguments, target: Path | None) -> None:
    """Refuse options that say nothing together, before anything is read."""
    wrong = None
    if arguments.explain_row is None and target is None:
        wrong = Finding("bad-value", about="--output", key="bad-value.batch-output")
    elif arguments.explain_row is None and arguments.key:
        wrong = Finding("bad-value", about="--key", key="bad-value.batch-key")
    elif arguments.master and arguments.engine != "spark":
        wrong = Finding("bad-value", about="--master", key="bad-value.batch-master")
    elif not (arguments.spot_check or "0").isdecimal() or len(arguments.spot_check or "") > 6:
        wrong = Finding("bad-value", about="--spot-check", key="bad-value.spot", values={"given": arguments.spot_check})
    if wrong:
        raise PerfrulesError([wrong])


def _explained(arguments: Arguments, table: Batch, face: Face) -> int:
    evaluation = table.explained(arguments.explain_row, arguments.key)
    if arguments.json:
        from perfrules.evaluation.export import as_dict

        face.data(as_dict(evaluation, face.lang))
    else:
        from perfrules.report.batch import derivation_view

        face.view(derivation_view(evaluation, face.lang))
    return 1 if evaluation.needs_attention else 0


def _scored(arguments: Arguments, table: Batch, target: Path, face: Face) -> int:
    from perfrules.report import progress
    from perfrules.report.batch import summary_data, summary_view

    with _ended_cleanly(), progress.bar(table.table.pieces) as step:
        summary = table.score(
            target, engine=arguments.engine, master=arguments.master, reasons=arguments.reasons,
            spot_check=int(arguments.spot_check or 0), tell=step,
        )  # fmt: skip
    if arguments.json:
        face.data(summary_data(summary, target))
    else:
        face.view(summary_view(summary, target, face.lang))
    return 1 if summary.incomplete else 0


@contextlib.contextmanager
def _ended_cleanly() -> Iterator[None]:
    """Take SIGTERM as Ctrl-C is taken, so that nothing half written is left by a scheduler's end of a run."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
