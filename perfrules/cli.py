"""The command line: one function a command, nothing else.

Exit status: 0 done and nothing wrong; 1 done, and something to look at; 2 bad input, with every finding printed.
"""

from __future__ import annotations

import io
import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from perfrules import words
from perfrules.errors import Finding, PerfrulesError, worst

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from perfrules.evaluation.results import Evaluation

app = typer.Typer(
    no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="Performance evaluation of public money: rules that are declared, scored exactly, and explained.",
)  # fmt: skip


class Lang(StrEnum):
    """A language of the output."""

    ZH = "zh"
    EN = "en"


LangOption = Annotated[
    Lang | None, typer.Option("--lang", help="Language of the output; as the locale says unless given.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
OutputOption = Annotated[Path | None, typer.Option("-o", "--output", help="Write to a file instead of the console.")]
RulesetOption = Annotated[
    str | None, typer.Option("--ruleset", help="An id of the library or a path; else the submission's own.")
]
RulesetArgument = Annotated[
    str, typer.Argument(help="An id of the library such as cn/department-overall-2013, or a path.")
]


class _Face:
    """Where a command's output goes, and in which language."""

    def __init__(self, lang: Lang | None, output: Path | None = None) -> None:
        self.lang = str(lang) if lang else words.default_language()
        self.output = output

    def text(self, text: str) -> None:
        """Print a text, or write it to the output file."""
        if self.output is None:
            typer.echo(text)
            return
        from perfrules.report.output import write

        try:
            write(self.output, text if text.endswith("\n") else text + "\n")
        except OSError as error:
            values = {"reason": words.os_reason(error)}
            raise PerfrulesError([Finding("cannot-write", about=str(self.output), values=values)]) from None

    def view(self, view: RenderableType) -> None:
        """Draw something on the console, or as plain text into the output file."""
        if self.output is None:
            _console().print(view)
            return
        console = _console(width=100, record=True, file=io.StringIO())
        console.print(view)
        self.text(console.export_text())

    def data(self, data: Any) -> None:
        """Print JSON, or write it to the output file."""
        from perfrules.evaluation.export import safe

        self.text(json.dumps(safe(data), ensure_ascii=False, indent=1))


def _console(**options: Any) -> Console:
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, **options)


@app.command()
def evaluate(
    submissions: Annotated[list[Path], typer.Argument(help="Submissions (.toml, .json, .csv), or folders of them.")],
    ruleset: RulesetOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
    lang: LangOption = None,
) -> None:
    """Score a submission; or several, one line each."""
    from perfrules.evaluation.scoring import evaluate as score

    face = _Face(lang, output)
    paths = [path for given in submissions for path in _files(given)]
    evaluations = [score(ruleset, path) for path in paths]
    if as_json:
        from perfrules.evaluation.export import as_dict

        data = [as_dict(evaluation, face.lang) for evaluation in evaluations]
        face.data(data[0] if len(data) == 1 else {"format": 1, "evaluations": data})
    elif len(evaluations) == 1:
        from perfrules.report.console import evaluation_view

        face.view(evaluation_view(evaluations[0], face.lang))
    else:
        face.text(
            "\n".join(f"{path}: {words.safe(str(one), None)}" for path, one in zip(paths, evaluations, strict=True))
        )
    raise typer.Exit(1 if any(evaluation.needs_attention for evaluation in evaluations) else 0)


def _files(given: Path) -> list[Path]:
    """A file itself; of a folder, the submissions in it."""
    if not given.is_dir():
        return [given]
    found = sorted(
        path for path in given.iterdir() if path.suffix in (".toml", ".json", ".csv") and path.name != "ruleset.toml"
    )
    if not found:
        raise PerfrulesError([Finding("no-file", about=str(given), key="no-file.empty-folder")])
    return found


@app.command()
def explain(
    submission: Annotated[Path, typer.Argument(help="A submission (.toml, .json, .csv).")],
    about: Annotated[
        str | None, typer.Argument(help="An indicator, dimension or value by its id; the total unless given.")
    ] = None,
    ruleset: RulesetOption = None,
    output: OutputOption = None,
    lang: LangOption = None,
) -> None:
    """Show how a score came about: formula, values, branch or band, rounding, facts with sources, authority."""
    from perfrules.evaluation.scoring import evaluate as score
    from perfrules.report import explanation

    face = _Face(lang, output)
    evaluation = score(ruleset, submission)
    _known(evaluation, about)
    face.view(explanation.explain(evaluation, about, face.lang))


def _known(evaluation: Evaluation, about: str | None) -> None:
    """Refuse a name that nothing in the ruleset has."""
    from perfrules.report.explanation import subjects

    known = subjects(evaluation)
    if about is not None and about not in known:
        near = words.nearest(about, known)
        key = "explain.no-such.near" if near else "explain.no-such"
        values = {"name": about, "near": near or "", "known": known}
        raise PerfrulesError([Finding("unknown-reference", about=about, key=key, values=values)])


@app.command()
def check(
    rulesets: Annotated[list[str], typer.Argument(help="Ids of the library, or paths.")],
    as_json: JsonOption = False,
    output: OutputOption = None,
    lang: LangOption = None,
) -> None:
    """Say whether a ruleset is sound: every finding, with its place."""
    from perfrules.ruleset.library import check as check_ruleset

    face = _Face(lang, output)
    findings = [finding for reference in rulesets for finding in check_ruleset(reference)]
    if as_json:
        face.data({"findings": [finding.as_dict(face.lang) for finding in findings]})
    else:
        from perfrules.report.listing import findings_view

        face.view(findings_view(findings, face.lang))
    raise typer.Exit({"error": 2, "warning": 1}.get(worst(findings) or "", 0))


@app.command()
def test(
    rulesets: Annotated[list[str], typer.Argument(help="Ids of the library, or paths.")],
    as_json: JsonOption = False,
    output: OutputOption = None,
    lang: LangOption = None,
) -> None:
    """Run a ruleset's own cases, and show what comes out otherwise than they say."""
    from perfrules.evaluation.cases import run_cases

    face = _Face(lang, output)
    results = [result for reference in rulesets for result in run_cases(reference)]
    if as_json:
        shown = [
            {"file": one.file, "name": one.name, "findings": [finding.as_dict(face.lang) for finding in one.findings]}
            for one in results
        ]
        face.data({"format": 1, "cases": shown})
    else:
        from perfrules.report.listing import cases_view

        face.view(cases_view(results, face.lang))
    raise typer.Exit(1 if any(result.findings for result in results) else 0)


@app.command()
def show(
    ruleset: RulesetArgument, as_json: JsonOption = False, output: OutputOption = None, lang: LangOption = None
) -> None:
    """Read a ruleset as a table: indicators with weights, formulas, standards and authority; facts."""
    from perfrules.ruleset.library import load

    face = _Face(lang, output)
    loaded = load(ruleset)
    if as_json:
        from perfrules.ruleset.library import plain_data

        merged = plain_data(loaded.merged)
        face.data({"format": 1, "id": loaded.id, "digest": loaded.digest, "ruleset": merged})
        return
    from perfrules.report.listing import ruleset_view

    face.view(ruleset_view(loaded, face.lang))


@app.command("list")
def list_(as_json: JsonOption = False, output: OutputOption = None, lang: LangOption = None) -> None:
    """List the rulesets of the library."""
    from perfrules.ruleset.library import headers

    face = _Face(lang, output)
    listed = list(headers())
    if as_json:
        keys = ("id", "title", "authority", "family", "framework")
        shown = [
            {key: getattr(one, key) for key in keys} | {"effective": one.effective and one.effective.isoformat()}
            for one in listed
        ]
        face.data({"format": 1, "rulesets": shown})
        return
    from perfrules.report.listing import library_view

    face.view(library_view(listed, face.lang))


@app.command()
def template(ruleset: RulesetArgument, output: OutputOption = None, lang: LangOption = None) -> None:
    """Print a blank submission to fill in, with titles, units and ranges as comments."""
    from perfrules.report.template import template as blank
    from perfrules.ruleset.library import load

    face = _Face(lang, output)
    loaded = load(ruleset)
    if ruleset.endswith(".toml") or Path(ruleset).exists():  # a path, which a submission says from where it stands
        ruleset = Path(os.path.relpath(ruleset, output.parent if output else None)).as_posix()
    face.text(blank(loaded, face.lang, ruleset).rstrip("\n"))


def _version(value: bool) -> None:
    if value:
        from perfrules import __version__

        typer.echo(f"perfrules {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options that stand before the command."""


def _language(arguments: list[str]) -> str:
    """The language that the arguments ask for, for findings that end a command early."""
    for name, following in zip(arguments, [*arguments[1:], ""], strict=True):
        chosen = name.partition("=")[2] if name.startswith("--lang=") else following if name == "--lang" else ""
        if chosen in words.LANGUAGES:
            return chosen
    return words.default_language()


def main() -> None:
    """Run the command line; bad input is printed as findings, never as a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except PerfrulesError as error:
        lang = _language(sys.argv[1:])
        if "--json" in sys.argv[1:]:
            findings = [finding.as_dict(lang) for finding in error.findings]
            typer.echo(json.dumps({"findings": findings}, ensure_ascii=False, indent=1))
        else:
            typer.echo("\n".join(finding.format(lang) for finding in error.findings), err=True)
        sys.exit(2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    main()
