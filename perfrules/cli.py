"""The command line: one function a command, nothing else.

Exit status: 0 done and nothing wrong; 1 done, and something to look at; 2 bad input, with every finding printed.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from perfrules import words
from perfrules.errors import Finding, PerfrulesError, worst

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from perfrules.evaluation.results import Evaluation

Arguments = argparse.Namespace


class _Face:
    """Where a command's output goes, and in which language."""

    def __init__(self, lang: str | None, output: str | None) -> None:
        self.lang = lang or words.default_language()
        self.output = Path(output) if output else None

    def text(self, text: str) -> None:
        """Print a text, or write it to the output file."""
        if self.output is None:
            sys.stdout.write(text.rstrip("\n") + "\n")
            return
        from perfrules.report.output import write

        try:
            write(self.output, text.rstrip("\n") + "\n")
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


# -- commands ----------------------------------------------------------------------------------------------------


def evaluate(arguments: Arguments, face: _Face) -> int:
    """Score a submission; or several, one line each."""
    from perfrules.evaluation.scoring import evaluate as score

    paths = [path for given in arguments.submissions for path in _files(Path(given))]
    evaluations = [score(arguments.ruleset, path) for path in paths]
    if arguments.json:
        from perfrules.evaluation.export import as_dict

        data = [as_dict(evaluation, face.lang) for evaluation in evaluations]
        face.data(data[0] if len(data) == 1 else {"format": 1, "evaluations": data})
    elif len(evaluations) == 1:
        from perfrules.report.console import evaluation_view

        face.view(evaluation_view(evaluations[0], face.lang))
    else:
        lines = (f"{path}: {one}" for path, one in zip(paths, evaluations, strict=True))
        face.text("\n".join(words.safe(line, None) for line in lines))
    return 1 if any(evaluation.needs_attention for evaluation in evaluations) else 0


def _files(given: Path) -> list[Path]:
    """A file itself; of a folder, the submissions in it."""
    try:
        if not given.is_dir():
            return [given]
    except OSError:  # no file can be called so, which its reader says
        return [given]
    endings = (".toml", ".json", ".csv")
    found = sorted(path for path in given.iterdir() if path.suffix.lower() in endings and path.name != "ruleset.toml")
    if not found:
        raise PerfrulesError([Finding("no-file", about=str(given), key="no-file.empty-folder")])
    return found


def explain(arguments: Arguments, face: _Face) -> int:
    """Show how a score came about: formula, values, branch or band, rounding, facts with sources, authority."""
    from perfrules.evaluation.scoring import evaluate as score
    from perfrules.report import explanation

    evaluation = score(arguments.ruleset, Path(arguments.submission))
    _known(evaluation, arguments.about)
    face.view(explanation.explain(evaluation, arguments.about, face.lang))
    return 0


def _known(evaluation: Evaluation, about: str | None) -> None:
    """Refuse a name that nothing in the ruleset has."""
    from perfrules.report.explanation import subjects

    known = subjects(evaluation)
    if about is not None and about not in known:
        near = words.nearest(about, known)
        key = "explain.no-such.near" if near else "explain.no-such"
        values = {"name": about, "near": near or "", "known": known}
        raise PerfrulesError([Finding("unknown-reference", about=about, key=key, values=values)])


def check(arguments: Arguments, face: _Face) -> int:
    """Say whether a ruleset is sound: every finding, with its place."""
    from perfrules.ruleset.library import check as check_ruleset

    findings = [finding for reference in arguments.rulesets for finding in check_ruleset(reference)]
    if arguments.json:
        face.data({"findings": [finding.as_dict(face.lang) for finding in findings]})
    else:
        from perfrules.report.listing import findings_view

        face.view(findings_view(findings, face.lang))
    return {"error": 2, "warning": 1}.get(worst(findings) or "", 0)


def test(arguments: Arguments, face: _Face) -> int:
    """Run a ruleset's own cases, and show what comes out otherwise than they say."""
    from perfrules.evaluation.cases import run_cases

    results = [result for reference in arguments.rulesets for result in run_cases(reference)]
    if arguments.json:
        shown = [
            {"file": one.file, "name": one.name, "findings": [finding.as_dict(face.lang) for finding in one.findings]}
            for one in results
        ]
        face.data({"format": 1, "cases": shown})
    else:
        from perfrules.report.listing import cases_view

        face.view(cases_view(results, face.lang))
    return 1 if any(result.findings for result in results) else 0


def show(arguments: Arguments, face: _Face) -> int:
    """Read a ruleset as a table: indicators with weights, formulas, standards and authority; facts."""
    from perfrules.ruleset.library import load, plain_data

    loaded = load(arguments.ruleset)
    if arguments.json:
        merged = plain_data(loaded.merged)
        face.data({"format": 1, "id": loaded.id, "digest": loaded.digest, "ruleset": merged})
    else:
        from perfrules.report.listing import ruleset_view

        face.view(ruleset_view(loaded, face.lang))
    return 0


def list_(arguments: Arguments, face: _Face) -> int:
    """List the rulesets of the library."""
    from perfrules.ruleset.library import headers

    listed = list(headers())
    if arguments.json:
        keys = ("id", "title", "authority", "family", "framework")
        shown = [
            {key: getattr(one, key) for key in keys} | {"effective": one.effective and one.effective.isoformat()}
            for one in listed
        ]
        face.data({"format": 1, "rulesets": shown})
    else:
        from perfrules.report.listing import library_view

        face.view(library_view(listed, face.lang))
    return 0


def template(arguments: Arguments, face: _Face) -> int:
    """Print a blank submission to fill in, with titles, units and ranges as comments."""
    from perfrules.report.template import template as blank
    from perfrules.ruleset.library import load

    reference: str = arguments.ruleset
    loaded = load(reference)
    if reference.endswith(".toml") or Path(reference).exists():  # a path, which a submission says from where it stands
        reference = Path(os.path.relpath(reference, face.output.parent if face.output else None)).as_posix()
    face.text(blank(loaded, face.lang, reference))
    return 0


# -- arguments ---------------------------------------------------------------------------------------------------


class _Argument(NamedTuple):
    """A positional argument of a command: its name, how many there are, and what it is."""

    name: str
    nargs: str | None
    help: str


_RULESETS = _Argument("rulesets", "+", "ids of the library such as cn/department-overall-2013, or paths")
_RULESET = _Argument("ruleset", None, "an id of the library such as cn/department-overall-2013, or a path")
_SUBMISSION = _Argument("submission", None, "a submission (.toml, .json, .csv)")
_SUBMISSIONS = _Argument("submissions", "+", "submissions (.toml, .json, .csv), or folders of them")
_ABOUT = _Argument("about", "?", "an indicator, dimension or value by its id; the total unless given")

_COMMANDS: dict[str, tuple[Callable[[Arguments, _Face], int], tuple[_Argument, ...], tuple[str, ...]]] = {
    "evaluate": (evaluate, (_SUBMISSIONS,), ("--ruleset", "--json")),
    "explain": (explain, (_SUBMISSION, _ABOUT), ("--ruleset",)),
    "check": (check, (_RULESETS,), ("--json",)),
    "test": (test, (_RULESETS,), ("--json",)),
    "show": (show, (_RULESET,), ("--json",)),
    "list": (list_, (), ("--json",)),
    "template": (template, (_RULESET,), ()),
}
_OPTIONS: dict[str, dict[str, Any]] = {
    "--ruleset": {"help": "an id of the library or a path; the submission's own unless given"},
    "--json": {"action": "store_true", "help": "print JSON"},
}


def parser() -> argparse.ArgumentParser:
    """The arguments of every command."""
    from perfrules import __version__

    about = "Performance evaluation of public money: rules that are declared, scored exactly, and explained."
    top = argparse.ArgumentParser("perfrules", description=about, allow_abbrev=False)
    top.add_argument("--version", action="version", version=f"perfrules {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    for name, (function, positional, options) in _COMMANDS.items():
        said = (function.__doc__ or "").strip()
        command = commands.add_parser(name, help=said, description=said, allow_abbrev=False)
        for argument in positional:
            command.add_argument(argument.name, nargs=argument.nargs, help=argument.help)
        for option in options:
            command.add_argument(option, **_OPTIONS[option])
        command.add_argument("-o", "--output", metavar="FILE", help="write to a file instead of the console")
        command.add_argument("--lang", choices=words.LANGUAGES, help="language; as the locale says unless given")
        command.set_defaults(command=function, json=False)
    return top


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; bad input is printed as findings, never as a traceback.

    Args:
        arguments: What stands behind the program's name; that of the process unless given.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    gc.set_threshold(100_000, 50, 100)  # a command is one short run, of which collections were 5 %
    given = [] if arguments is None and len(sys.argv) < 2 else arguments
    parsed = parser().parse_args(["--help"] if given == [] else given)
    try:
        status = parsed.command(parsed, _Face(parsed.lang, parsed.output))
        sys.stdout.flush()
    except PerfrulesError as error:
        _refuse(error, parsed)
        status = 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    gc.freeze()  # the process ends here: nothing is worth searching for garbage (10 % of a run)
    sys.exit(status)


def _refuse(error: PerfrulesError, parsed: Arguments) -> None:
    """Print the findings that end a command early: as JSON on the output, or as text beside it."""
    lang = parsed.lang or words.default_language()
    if parsed.json:
        findings = [finding.as_dict(lang) for finding in error.findings]
        sys.stdout.write(json.dumps({"findings": findings}, ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stderr.write("\n".join(finding.format(lang) for finding in error.findings) + "\n")


if __name__ == "__main__":
    main()
