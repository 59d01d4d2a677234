"""What commands share: where output goes, which language, dates and overlays as given, submissions and records."""

from __future__ import annotations

import argparse
import io
import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perfrules import words
from perfrules.errors import Finding, PerfrulesError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from perfrules.evaluation.evaluation import Evaluation

Arguments = argparse.Namespace

_NO_TEXT = (".docx", ".html", ".parquet", ".pdf", ".xlsx")
"""Endings of files that nobody expects to hold what a console shows."""


class Face:
    """Where a command's output goes, and in which language."""

    def __init__(self, lang: str | None, output: str | None) -> None:
        self.lang = lang or words.default_language()
        self.output = Path(output) if output else None

    def text(self, text: str) -> None:
        """Print a text, or write it to the output file."""
        if self.output is None:
            sys.stdout.write(text.rstrip("\n") + "\n")
        else:
            self.file(self.output, text.rstrip("\n") + "\n")

    def file(self, path: Path, content: str | bytes) -> None:
        """Write a file."""
        from perfrules.output import write

        write(path, content)

    def view(self, view: RenderableType) -> None:
        """Draw something on the console, or as plain text into the output file."""
        if self.output is None:
            _console().print(view)
            return
        self.check_text()
        console = _console(width=100, record=True, file=io.StringIO())
        console.print(view)
        self.text(console.export_text())

    def data(self, data: Any) -> None:
        """Print JSON, or write it to the output file."""
        from perfrules.evaluation.export import safe

        self.check_text()
        self.text(json.dumps(safe(data), ensure_ascii=False, indent=1))

    def check_text(self) -> None:
        """Refuse an output file whose ending says that it is no text."""
        ending = self.output.suffix.lower() if self.output else ""
        if ending in _NO_TEXT:
            values = {"given": str(self.output), "ending": ending}
            raise PerfrulesError([Finding("bad-value", about="--output", key="bad-value.text-output", values=values)])


def _console(**options: Any) -> Console:
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, **options)


def laid_on(arguments: Arguments) -> dict[str, Any]:
    """The overlays that are asked for, and the date at which rulesets must be effective."""
    return {"overlays": arguments.overlay or (), "as_of": day_of(arguments)}


def day_of(arguments: Arguments) -> date | None:
    """The date of `--as-of`; refuses what is none."""
    given: str | None = arguments.as_of
    if given is None:
        return None
    try:
        if (found := date.fromisoformat(given)).isoformat() == given:  # not 20230901, nor a day of a week
            return found
    except ValueError:
        pass
    raise PerfrulesError([Finding("bad-value", about="--as-of", key="bad-value.as-of", values={"given": given})])


def evaluated(path: Path, ruleset: str | None = None, **laid: Any) -> Evaluation:
    """The evaluation of a submission, or of a record that holds; on another ruleset where one is asked for."""
    if not _is_record(path):
        from perfrules.evaluation.scoring import evaluate as score

        return score(ruleset, path, **laid)
    from perfrules.records.verify import evaluated

    if ruleset is None and any(laid.values()):
        raise PerfrulesError([Finding("bad-value", about=str(path), key="bad-value.record-laid")])
    return evaluated(path, ruleset, **laid)


def _is_record(path: Path) -> bool:
    if path.suffix.lower() != ".json":  # of most submissions this is all there is to ask
        return False
    from perfrules.records.record import is_record

    return is_record(path)


def files_of(given: Path) -> list[Path]:
    """A file itself; of a folder, the submissions in it."""
    from perfrules.evaluation.files import files_in, is_submission

    return files_in(given, is_submission, "no-file.empty-folder")
