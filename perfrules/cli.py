"""The command line: what each command takes, and how it ends; the commands stand in `commands`.

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
from typing import Any, NamedTuple

from perfrules import words
from perfrules.commands.auditing import audit, verify
from perfrules.commands.authoring import check, list_, new, schema, show, template, test
from perfrules.commands.batch import batch
from perfrules.commands.face import Arguments, Face
from perfrules.commands.reporting import report
from perfrules.commands.scoring import compare, evaluate, explain
from perfrules.errors import PerfrulesError

# -- arguments ---------------------------------------------------------------------------------------------------


class _Argument(NamedTuple):
    """A positional argument of a command: its name, how many there are, and what it is."""

    name: str
    nargs: str | None
    help: str


_RULESETS = _Argument("rulesets", "+", "ids of the library (cn/department-overall-2013), paths, or folders of rulesets")
_RULESET = _Argument("ruleset", None, "an id of the library such as cn/department-overall-2013, or a path")
_SUBMISSION = _Argument("submission", None, "a submission (.toml, .json, .csv, .xlsx), or a record")
_RECORDS = _Argument("records", "*", "records, as --record and --ledger write them")
_SUBMISSIONS = _Argument("submissions", "+", "submissions (.toml, .json, .csv, .xlsx), or folders of them")
_FORMS = _Argument("forms", "+", "filled forms (.xlsx, .csv, .toml), folders of them, or a submission with claims")
_ROWS = _Argument("input", None, "a table, one submission a row: .parquet, .csv, .xlsx, a folder or glob of .parquet")
_ID = _Argument("id", None, "the id of the ruleset, such as town/culture-station")
_REPORTED = _Argument("submission", None, "a submission (.toml, .json, .csv, .xlsx), a record, or a folder")
_COMPARED = _Argument("submissions", "+", "two submissions, or one and --ruleset or --overlay")
_ABOUT = _Argument("about", "?", "an indicator, dimension or value by its id; the total unless given")

_COMMANDS: dict[str, tuple[Callable[[Arguments, Face], int], tuple[_Argument, ...], tuple[str, ...]]] = {
    "evaluate": (
        evaluate,
        (_SUBMISSIONS,),
        ("--ruleset", "--overlay", "--as-of", "--record", "--ledger", "--sign", "--json"),
    ),
    "explain": (
        explain,
        (_SUBMISSION, _ABOUT),
        ("--ruleset", "--overlay", "--as-of", "--set", "--reach", "--sensitivity"),
    ),
    "report": (report, (_REPORTED,), ("--ruleset", "--overlay", "--as-of")),
    "compare": (compare, (_COMPARED,), ("--ruleset", "--overlay", "--as-of", "--json")),
    "verify": (verify, (_RECORDS,), ("--ruleset", "--overlay", "--as-of", "--ledger", "--key", "--json")),
    "audit": (audit, (_FORMS,), ("--ruleset", "--sheet", "--overlay", "--as-of", "--as-toml", "--json")),
    "batch": (
        batch,
        (_RULESET, _ROWS),
        (
            "--engine",
            "--master",
            "--map",
            "--reasons",
            "--spot-check",
            "--explain-row",
            "--key",
            "--overlay",
            "--as-of",
            "--json",
        ),
    ),
    "check": (check, (_RULESETS,), ("--overlay", "--as-of", "--json")),
    "test": (test, (_RULESETS,), ("--generate", "--mutate", "--as-of", "--uncovered", "--json")),
    "show": (show, (_RULESET,), ("--resolved", "--overlay", "--as-of", "--format", "--json")),
    "list": (list_, (), ("--json",)),
    "template": (template, (_RULESET,), ("--overlay", "--as-of")),
    "new": (new, (_ID,), ("--extends", "--on")),
    "schema": (schema, (), ("--of", "--ruleset")),
}
_OPTIONS: dict[str, dict[str, Any]] = {  # one that means another thing to a command stands behind its name
    "--ruleset": {"help": "an id of the library or a path; the submission's own unless given"},
    "--overlay": {
        "action": "append",
        "metavar": "OVERLAY",
        "help": "an overlay to lay on the ruleset: an id of the library or a path; may be given several times",
    },
    "--as-of": {"metavar": "DATE", "help": "take the rulesets that are in force at a date, such as 2023-09-01"},
    "--record": {"metavar": "FILE", "help": "keep the evaluation as a record, which `verify` derives again"},
    "--ledger": {"metavar": "FOLDER", "help": "a folder of records, each carrying the digest of the one before"},
    "--sign": {"metavar": "KEY", "help": "sign the ledger by a private Ed25519 key (PEM)"},
    "--key": {"metavar": "KEY", "help": "check the ledger's signature by a public Ed25519 key (PEM)"},
    "--sheet": {
        "metavar": "NAME",
        "help": "the sheet of a workbook; the first with a table of indicators unless given",
    },
    "--as-toml": {
        "action": "store_true",
        "help": "write the plan and the submission that a form was read as, to be corrected and scored again",
    },
    "--resolved": {
        "action": "store_true",
        "help": "print the ruleset as one file, without parents and overlays, and say where each part came from",
    },
    "--extends": {"metavar": "RULESET", "help": "what it stands on: a framework for a plan, or another ruleset"},
    "--on": {"metavar": "RULESET", "help": "write an overlay, to be tried on this ruleset"},
    "--of": {
        "choices": ("ruleset", "submission", "cases"),
        "default": "ruleset",
        "help": "which kind of file; a ruleset unless given",
    },
    "--format": {
        "choices": ("text", "md", "html", "xlsx"),
        "help": "text, Markdown, a page or a workbook; as the name of the file ends unless given",
    },
    "--generate": {"action": "store_true", "help": "write edge cases of the ruleset, for a person to read"},
    "--mutate": {"action": "store_true", "help": "change rulesets place by place, and list what no case notices"},
    "--uncovered": {"action": "store_true", "help": "list everything that no case covers, however much it is"},
    "--set": {"action": "append", "metavar": "FACT=VALUE", "help": "what if a fact were otherwise; several times"},
    "--reach": {"metavar": "TOTAL", "help": "the least change of each fact alone that reaches a total"},
    "--sensitivity": {"action": "store_true", "help": "the points that each fact and indicator can still lose or win"},
    "--engine": {
        "choices": ("polars", "duckdb", "spark"),
        "default": "polars",
        "help": "what runs it; polars unless given",
    },
    "--master": {"metavar": "URL", "help": "the Spark cluster, such as spark://host:7077; this machine unless given"},
    "--map": {
        "action": "append",
        "metavar": "FACT=COLUMN[:UNIT]",
        "help": "the column that holds a fact; `FACT=` where none does; may be given several times",
    },
    "--reasons": {"action": "store_true", "help": "append a column `because`: what a row without a total lacks"},
    "--spot-check": {"metavar": "N", "help": "score N rows, drawn at random, exactly as well, and refuse a difference"},
    "--explain-row": {"metavar": "KEY", "help": "show how the scores of one row came about, and write nothing"},
    "batch --key": {
        "metavar": "COLUMN",
        "help": "the column that --explain-row looks in; without it KEY is the number of the row, from 1",
    },
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
            command.add_argument(option, **_OPTIONS.get(f"{name} {option}", _OPTIONS.get(option, {})))
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
        status = parsed.command(parsed, Face(parsed.lang, parsed.output))
        sys.stdout.flush()
    except PerfrulesError as error:
        _refuse(error, parsed)
        status = 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    except KeyboardInterrupt:
        status = 130
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
