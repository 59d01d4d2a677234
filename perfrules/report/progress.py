"""A progress bar for what takes longer than a second; only on a terminal, and gone when it is done."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock, Timer

from perfrules import words

PATIENCE = 1.0
"""Seconds of work before a bar is worth its place."""


def each(items: Sequence[str]) -> Iterator[str]:
    """The items one after the other; where that takes its time, a bar says which is at work."""
    with bar(len(items)) as step:
        for item in items:
            step(item)
            yield item


@contextmanager
def bar(total: int) -> Iterator[Callable[[str], None]]:
    """Something to call at the beginning of each of some pieces of work, with its name."""
    if not (sys.stdout.isatty() and sys.stderr.isatty()):
        yield lambda name: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    drawn = Progress(*columns, console=console, transient=True)
    task = drawn.add_task("", total=total, completed=-1)
    lock, over = Lock(), False

    def start() -> None:
        with lock:
            if not over:
                drawn.start()

    timer = Timer(PATIENCE, start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda name: drawn.update(task, advance=1, description=words.safe(name))
    finally:
        timer.cancel()
        with lock:
            over = True
            drawn.stop()
