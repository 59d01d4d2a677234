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
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from perfrules import words
from perfrules.errors import Finding, PerfrulesError, worst

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from perfrules.audit.audit import Audit
    from perfrules.evaluation.results import Evaluation
    from perfrules.ruleset.loaded import Ruleset

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
    paths = [path for given in arguments.submissions for path in _files(Path(given))]
    _check_kept(arguments, len(paths))
    evaluations = [_evaluated(path, arguments.ruleset, **_laid(arguments)) for path in paths]
    kept = _kept(arguments, evaluations)
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
    for path in kept if not arguments.json else ():
        sys.stdout.write(words.say("ledger.added", face.lang, {"path": path.as_posix()}) + "\n")
    return 1 if any(evaluation.needs_attention for evaluation in evaluations) else 0


def _check_kept(arguments: Arguments, submissions: int) -> None:
    """Refuse what cannot be recorded as it is asked for, before anything is scored."""
    if arguments.record and submissions > 1:
        raise PerfrulesError([Finding("bad-value", about="--record", key="bad-value.one-record")])
    if arguments.sign and not arguments.ledger:
        raise PerfrulesError([Finding("bad-value", about="--sign", key="bad-value.sign-what")])


def _kept(arguments: Arguments, evaluations: Sequence[Evaluation]) -> list[Path]:
    """Write the record and the entries of the ledger that are asked for; the files of the latter."""
    if arguments.record:
        evaluations[0].save(arguments.record)
    if not arguments.ledger:
        return []
    from perfrules.records.ledger import append

    return [append(arguments.ledger, evaluation, arguments.sign) for evaluation in evaluations]


def _evaluated(path: Path, ruleset: str | None = None, **laid: Any) -> Evaluation:
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


def verify(arguments: Arguments, face: _Face) -> int:
    """Derive records again from their own texts, and name the first thing that differs; or check a ledger."""
    _check_verify(arguments)
    if arguments.ledger:
        return _verify_ledger(arguments, face)
    from perfrules.records.replay import Replay
    from perfrules.records.verify import examine
    from perfrules.report import progress, records

    verified = [examine(path) for path in progress.each(arguments.records)]
    replay = None
    if arguments.ruleset and verified[0].record and verified[0].evaluation:
        from perfrules.ruleset.library import load

        replay = Replay.of(verified[0].record, verified[0].evaluation, load(arguments.ruleset, **_laid(arguments)))
    if arguments.json:
        face.data(records.verified_data(verified, face.lang, replay))
    else:
        face.view(records.verified_view(verified, face.lang, replay))
    statuses = {one.status for one in verified}
    changed = replay is not None and any(pair.differs for pair in replay.pairs)
    return 2 if "unreadable" in statuses else 1 if "differs" in statuses or changed else 0


def _check_verify(arguments: Arguments) -> None:
    """Refuse options that do not go together."""
    key = ""
    if bool(arguments.records) == bool(arguments.ledger):
        key = "bad-value.verify-what"
    elif arguments.key and not arguments.ledger:
        key = "bad-value.key-what"
    elif (arguments.ruleset and len(arguments.records) != 1) or (arguments.ledger and arguments.ruleset):
        key = "bad-value.replay-one"
    elif (arguments.overlay or arguments.as_of) and not arguments.ruleset:
        key = "bad-value.record-laid"
    if key:
        raise PerfrulesError([Finding("bad-value", about="verify", key=key)])


def _verify_ledger(arguments: Arguments, face: _Face) -> int:
    from perfrules.records.chain import verify_ledger
    from perfrules.report import progress, records

    found = verify_ledger(arguments.ledger, arguments.key, progress.each)
    if arguments.json:
        face.data(records.ledger_data(found, face.lang))
    else:
        face.view(records.ledger_view(found, face.lang))
    return 1 if found.status == "differs" else 0


def _laid(arguments: Arguments) -> dict[str, Any]:
    """The overlays that are asked for, and the date at which rulesets must be effective."""
    return {"overlays": arguments.overlay or (), "as_of": _as_of(arguments)}


def _as_of(arguments: Arguments) -> date | None:
    given: str | None = arguments.as_of
    if given is None:
        return None
    try:
        if (found := date.fromisoformat(given)).isoformat() == given:  # not 20230901, nor a day of a week
            return found
    except ValueError:
        pass
    raise PerfrulesError([Finding("bad-value", about="--as-of", key="bad-value.as-of", values={"given": given})])


def _files(given: Path) -> list[Path]:
    """A file itself; of a folder, the submissions in it."""
    try:
        if not given.is_dir():
            return [given]
    except OSError:  # no file can be called so, which its reader says
        return [given]
    from perfrules.evaluation.files import ENDINGS

    found = sorted(
        path
        for path in given.iterdir()
        if path.suffix.lower() in ENDINGS and path.name != "ruleset.toml" and not path.name.startswith("~$")
    )  # `~$` begins the name of what Excel keeps beside an open workbook
    if not found:
        raise PerfrulesError([Finding("no-file", about=str(given), key="no-file.empty-folder")])
    return found


def explain(arguments: Arguments, face: _Face) -> int:
    """Show how a score came about: formula, values, branch or band, rounding, facts with sources, authority."""
    from perfrules.report import explanation

    evaluation = _evaluated(Path(arguments.submission), arguments.ruleset, **_laid(arguments))
    _known(evaluation, arguments.about)
    if arguments.set or arguments.reach or arguments.sensitivity:
        return _what_if(evaluation, arguments, face)
    face.view(explanation.explain(evaluation, arguments.about, face.lang))
    return 0


def _what_if(evaluation: Evaluation, arguments: Arguments, face: _Face) -> int:
    """The same submission with other facts; what reaches a total; what is at stake."""
    from perfrules.records import whatif
    from perfrules.records.compare import compare as compared
    from perfrules.report import comparison, explanation

    if arguments.set:
        other = whatif.changed(evaluation, whatif.assigned(evaluation, arguments.set))
        face.view(comparison.comparison_view(compared(evaluation, other), face.lang))
        evaluation = other
    if arguments.set and arguments.about:
        face.view(explanation.explain(evaluation, arguments.about, face.lang))
    if arguments.reach:
        goal = _goal(arguments.reach)
        face.view(comparison.reach_view(whatif.reach(evaluation, goal), evaluation, goal, face.lang))
    if arguments.sensitivity:
        face.view(comparison.sensitivity_view(whatif.sensitivity(evaluation), evaluation, face.lang))
    return 0


def _goal(text: str) -> Any:
    from perfrules import numbers

    try:
        return numbers.parse(text)
    except numbers.NumberError as error:
        key = f"unreadable-value.{error.reason}"
        raise PerfrulesError(
            [Finding("unreadable-value", about="--reach", key=key, values={"name": "--reach", "given": text})]
        ) from None


def compare(arguments: Arguments, face: _Face) -> int:
    """Say why two evaluations differ, in points, fact by fact and rule by rule."""
    from perfrules.records.compare import compare as compared
    from perfrules.report import comparison

    laid, paths = _laid(arguments), [Path(one) for one in arguments.submissions]
    if len(paths) == 1 and (arguments.ruleset or arguments.overlay):
        found = compared(_evaluated(paths[0]), _evaluated(paths[0], arguments.ruleset, **laid))
    elif len(paths) == 2:
        found = compared(*(_evaluated(path, arguments.ruleset, **laid) for path in paths))
    else:
        raise PerfrulesError([Finding("bad-value", about="compare", key="compare.one")])
    if arguments.json:
        face.data(comparison.comparison_data(found))
    else:
        face.view(comparison.comparison_view(found, face.lang))
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
    """Say whether rulesets are sound: every finding, with its place."""
    from perfrules.report import progress, testing
    from perfrules.ruleset.folders import rulesets_of
    from perfrules.ruleset.library import checked as check_ruleset

    laid, references = _laid(arguments), rulesets_of(arguments.rulesets)
    checked = {reference: check_ruleset(reference, **laid) for reference in progress.each(references)}
    if arguments.json:
        face.data(testing.checked_data(checked, face.lang))
    else:
        face.view(testing.checked_view(checked, face.lang))
    return {"error": 2, "warning": 1}.get(worst([one for each in checked.values() for one in each.findings]) or "", 0)


def test(arguments: Arguments, face: _Face) -> int:
    """Run the cases of rulesets: what comes out otherwise than they say, and what they do not cover."""
    from perfrules.cases import coverage
    from perfrules.report import progress
    from perfrules.ruleset.folders import rulesets_of

    as_of, references = _as_of(arguments), rulesets_of(arguments.rulesets)
    if arguments.generate or arguments.mutate:
        return _sharpened(arguments, face, references, as_of)
    tested = [coverage.try_run(reference, as_of=as_of) for reference in progress.each(references)]
    if len(tested) == 1 and tested[0].findings:
        raise PerfrulesError(tested[0].findings)
    if arguments.json:
        face.data(coverage.as_dict(tested, face.lang))
    else:
        from perfrules.report.testing import tested_view

        face.view(tested_view(tested, face.lang, everything=arguments.uncovered))
    return 2 if any(one.findings for one in tested) else 1 if any(one.failed for one in tested) else 0


def _sharpened(arguments: Arguments, face: _Face, references: list[str], as_of: date | None) -> int:
    """Write the edge cases of a ruleset, or try small changes of rulesets on their cases."""
    if arguments.generate and (arguments.mutate or len(references) > 1):
        key = "bad-value.either" if arguments.mutate else "bad-value.one-ruleset"
        raise PerfrulesError([Finding("bad-value", about="--generate", key=key)])
    if arguments.mutate:
        return _mutated(arguments, face, references, as_of)
    from perfrules.cases.generated.edges import generate

    edges = generate(references[0], face.lang, as_of=as_of)
    if arguments.json:
        face.data(edges.as_dict(face.lang))
    else:
        face.text(edges.text(face.lang))
    return 0


def _mutated(arguments: Arguments, face: _Face, references: list[str], as_of: date | None) -> int:
    from perfrules.cases.mutated.mutants import Mutated, Mutation
    from perfrules.report import progress

    tried = []
    for reference in references:
        mutation = Mutation(reference, as_of=as_of)
        with progress.bar(len(mutation.changes)) as step:
            mutants = []
            for change, mutant in zip(mutation.changes, mutation.mutants(), strict=True):
                step(f"{mutation.id}  {change.path[1] if len(change.path) > 1 else change.path[0]}")
                mutants.append(mutant)
        tried.append(Mutated(mutation.id, tuple(mutants)))
    if arguments.json:
        face.data({"format": 1, "rulesets": [one.as_dict() for one in tried]})
    else:
        from perfrules.report.mutation import mutated_view

        face.view(mutated_view(tried, face.lang, everything=arguments.uncovered))
    return 1 if any(one.of("unnoticed") for one in tried) else 0


def audit(arguments: Arguments, face: _Face) -> int:
    """Re-derive filled forms, or a submission's claims, and list what does not follow; of a folder one line a form."""
    from perfrules.audit.audit import audit_form
    from perfrules.audit.survey import forms_in
    from perfrules.ruleset.library import load

    given = [Path(one) for one in arguments.forms]
    paths = [path for one in given for path in forms_in(one)]
    ruleset = load(arguments.ruleset, **_laid(arguments)) if arguments.ruleset else None
    if paths != given or len(paths) > 1:
        return _surveyed(arguments, face, paths, ruleset)
    audited = audit_form(paths[0], ruleset, sheet=arguments.sheet, lang=face.lang)
    if arguments.as_toml:
        return _as_toml(audited, face)
    if arguments.json:
        face.data(audited.as_dict(face.lang))
    else:
        from perfrules.report.audit import audit_view

        face.view(audit_view(audited, face.lang))
    return 1 if audited.needs_attention else 0


def _surveyed(arguments: Arguments, face: _Face, paths: list[Path], ruleset: Ruleset | None) -> int:
    """Audit several forms, and keep one line of each."""
    from perfrules.audit import survey
    from perfrules.report import progress

    if arguments.as_toml:
        raise PerfrulesError([Finding("bad-value", about="--as-toml", key="bad-value.as-toml")])
    with progress.bar(len(paths)) as step:

        def stepped() -> Iterator[Path]:
            for path in paths:
                step(path.name)
                yield path

        found = survey.worst_first(survey.survey(stepped(), ruleset))
    if arguments.json:
        from perfrules.audit.export import survey_as_dict

        face.data(survey_as_dict(found, face.lang))
    else:
        from perfrules.report.audit import survey_view

        face.view(survey_view(found, face.lang))
    if any(one.unread for one in found):
        return 2
    return 1 if any(one.errors or one.warnings for one in found) else 0


def _as_toml(audited: Audit, face: _Face) -> int:
    """Write what a form was read as, into a folder or one file behind the other; beside it what could not be read."""
    from perfrules.audit.planned import PLAN, SUBMISSION
    from perfrules.output import refusing

    if audited.plan is None:
        raise PerfrulesError([Finding("bad-value", about="--as-toml", key="bad-value.as-toml")])
    plan, submission = audited.as_toml()
    if face.output is None:
        said = words.say("audited.form-as-toml", face.lang, {"plan": PLAN, "submission": SUBMISSION})
        face.text("\n".join((said, plan, f"# {SUBMISSION}", submission)))
    else:
        with refusing(face.output):
            face.output.mkdir(parents=True, exist_ok=True)
        face.file(face.output / PLAN, plan)
        face.file(face.output / SUBMISSION, submission)
    unread = [one for one in (*audited.plan.form.findings, *audited.plan.findings) if one.severity != "note"]
    sys.stderr.write("".join(finding.format(face.lang) + "\n" for finding in unread))
    return 1 if unread else 0


def show(arguments: Arguments, face: _Face) -> int:
    """Read a ruleset as a table: indicators with weights, formulas, standards and authority; facts."""
    from perfrules.ruleset.library import load, plain_data

    loaded = load(arguments.ruleset, **_laid(arguments))
    if arguments.resolved:
        from perfrules.report import resolved

        if arguments.json:
            face.data({"format": 1, "id": loaded.id, "digest": loaded.digest, **resolved.resolved_data(loaded)})
        else:
            face.text(resolved.resolved(loaded, face.lang))
    elif arguments.json:
        merged = plain_data(loaded.merged)
        face.data({"format": 1, "id": loaded.id, "digest": loaded.digest, "ruleset": merged})
    elif (arguments.format or _ending(face)) in ("md", ".md"):
        from perfrules.report.markdown import ruleset_markdown

        face.text(ruleset_markdown(loaded, face.lang))
    else:
        from perfrules.report.listing import ruleset_view

        face.view(ruleset_view(loaded, face.lang))
    return 0


def _ending(face: _Face) -> str:
    """How the name of the output file ends; empty on the console."""
    return face.output.suffix.lower() if face.output else ""


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
    """Print a blank submission to fill in, with titles, units and ranges; or write a .csv or .xlsx form."""
    from perfrules.ruleset.library import load

    asked: list[str] = arguments.overlay or []
    loaded = load(arguments.ruleset, **_laid(arguments))
    laid = [part.id for part in loaded.parts[len(loaded.parts) - len(asked) :]]
    overlays = [_reference(one, identifier, face) for one, identifier in zip(asked, laid, strict=True)]
    reference = _reference(arguments.ruleset, loaded.id, face)
    if face.output and _ending(face) == ".xlsx":
        from perfrules.report.workbook import workbook

        face.file(face.output, workbook(loaded, face.lang, reference, overlays))
    elif _ending(face) == ".csv":
        from perfrules.report.forms import csv_text

        face.text(csv_text(loaded, face.lang, reference, overlays))
    else:
        from perfrules.report.template import template as blank

        face.text(blank(loaded, face.lang, reference, overlays))
    return 0


def _reference(given: str, identifier: str, face: _Face) -> str:
    """What a submission says to name what was given: a path as seen from where the submission stands, or the id."""
    if given.endswith(".toml") or Path(given).exists():
        return Path(os.path.relpath(given, face.output.parent if face.output else None)).as_posix()
    return identifier


def new(arguments: Arguments, face: _Face) -> int:
    """Write the first files of a ruleset; or of a plan in a framework, another version of a ruleset, an overlay."""
    from perfrules.report.starter import new as write

    if arguments.on and arguments.extends:
        raise PerfrulesError([Finding("bad-value", about="--on", key="bad-value.not-both")])
    folder = face.output or Path(arguments.id)
    files = write(arguments.id, folder, face.lang, arguments.on or arguments.extends, overlay=bool(arguments.on))
    values = {"folder": folder.as_posix(), "files": tuple(files)}
    sys.stdout.write(words.say("new.written", face.lang, values) + "\n")
    return 0


def schema(arguments: Arguments, face: _Face) -> int:
    """Print the JSON Schema of a kind of file, by which editors complete keys and say what they are."""
    from perfrules.report.schema import schema as made
    from perfrules.ruleset.library import load

    about = load(arguments.ruleset) if arguments.ruleset else None
    face.text(json.dumps(made(arguments.of, face.lang, about), ensure_ascii=False, indent=1))
    return 0


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
_ID = _Argument("id", None, "the id of the ruleset, such as town/culture-station")
_COMPARED = _Argument("submissions", "+", "two submissions, or one and --ruleset or --overlay")
_ABOUT = _Argument("about", "?", "an indicator, dimension or value by its id; the total unless given")

_COMMANDS: dict[str, tuple[Callable[[Arguments, _Face], int], tuple[_Argument, ...], tuple[str, ...]]] = {
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
    "compare": (compare, (_COMPARED,), ("--ruleset", "--overlay", "--as-of", "--json")),
    "verify": (verify, (_RECORDS,), ("--ruleset", "--overlay", "--as-of", "--ledger", "--key", "--json")),
    "audit": (audit, (_FORMS,), ("--ruleset", "--sheet", "--overlay", "--as-of", "--as-toml", "--json")),
    "check": (check, (_RULESETS,), ("--overlay", "--as-of", "--json")),
    "test": (test, (_RULESETS,), ("--generate", "--mutate", "--as-of", "--uncovered", "--json")),
    "show": (show, (_RULESET,), ("--resolved", "--overlay", "--as-of", "--format", "--json")),
    "list": (list_, (), ("--json",)),
    "template": (template, (_RULESET,), ("--overlay", "--as-of")),
    "new": (new, (_ID,), ("--extends", "--on")),
    "schema": (schema, (), ("--of", "--ruleset")),
}
_OPTIONS: dict[str, dict[str, Any]] = {
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
    "--format": {"choices": ("text", "md"), "help": "text, or Markdown; as the name of the file ends unless given"},
    "--generate": {"action": "store_true", "help": "write edge cases of the ruleset, for a person to read"},
    "--mutate": {"action": "store_true", "help": "change rulesets place by place, and list what no case notices"},
    "--uncovered": {"action": "store_true", "help": "list everything that no case covers, however much it is"},
    "--set": {"action": "append", "metavar": "FACT=VALUE", "help": "what if a fact were otherwise; several times"},
    "--reach": {"metavar": "TOTAL", "help": "the least change of each fact alone that reaches a total"},
    "--sensitivity": {"action": "store_true", "help": "the points that each fact and indicator can still lose or win"},
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
