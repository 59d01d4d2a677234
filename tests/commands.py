"""Runs commands of the command line in this process, as a shell would, and gives back what they wrote."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import NamedTuple

from perfrules.cli import main


class Ran(NamedTuple):
    """What a command gave back."""

    status: int
    out: str
    err: str


def run(*arguments: str | Path) -> Ran:
    """Run a command; whatever else than its exit comes out of it is the test's failure."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n") for _ in range(2))
    status: object = None
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as end:
            status = end.code
    for stream in (out, err):
        stream.flush()
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]
    assert isinstance(status, int)
    return Ran(status, *texts)
