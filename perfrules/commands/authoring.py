"""Commands for authors: check, test, show, list, template, new, schema."""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from perfrules import words
from perfrules.commands.face import Arguments, Face, day_of, laid_on
from perfrules.errors import Finding, PerfrulesError, worst

if TYPE_CHECKING:
    from perfrules.ruleset.library import Ruleset


def check(arguments: Arguments, face: Face) -> int:
    """Say whether rulesets are sound: every finding, with its place."""
    from perfrules.report import progress, testing
    from perfrules.ruleset.folders import rulesets_of
    from perfrules.ruleset.library import checked as check_ruleset

    laid, references = laid_on(arguments), rulesets_of(arguments.rulesets)
    checked = {reference: check_ruleset(reference, **laid) for reference in progress.each(references)}
    if arguments.json:
        face.data(testing.checked_data(checked, face.lang))
    else:
        face.view(testing.checked_view(checked, face.lang))
    return {"error": 2, "warning": 1}.get(worst([one for each in checked.values() for one in each.findings]) or "", 0)


def test(arguments: Arguments, face: Face) -> int:
    """Run the cases of rulesets: what comes out otherwise than they say, and what they do not cover."""
    from perfrules.cases import coverage
    from perfrules.report import progress
    from perfrules.ruleset.folders import rulesets_of

    as_of, references = day_of(arguments), rulesets_of(arguments.rulesets)
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


def _sharpened(arguments: Arguments, face: Face, references: list[str], as_of: date | None) -> int:
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


def _mutated(arguments: Arguments, face: Face, references: list[str], as_of: date | None) -> int:
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


def show(arguments: Arguments, face: Face) -> int:
    """Read a ruleset as a table: indicators with weights, formulas, standards and authority; facts."""
    from perfrules.ruleset.library import load, plain_data

    loaded = load(arguments.ruleset, **laid_on(arguments))
    if arguments.resolved:
        from perfrules.report import resolved

        if arguments.json:
            face.data({"format": 1, "id": loaded.id, "digest": loaded.digest, **resolved.resolved_data(loaded)})
        else:
            face.text(resolved.resolved(loaded, face.lang))
    elif arguments.json:
        merged = plain_data(loaded.merged)
        face.data({"format": 1, "id": loaded.id, "digest": loaded.digest, "ruleset": merged})
    else:
        _listed(loaded, arguments.format or _ending(face).removeprefix("."), face)
    return 0


def _listed(ruleset: Ruleset, form: str, face: Face) -> None:
    """Write a ruleset as a page, a workbook, Markdown or a table of text."""
    if form == "html":
        from perfrules.report.rules_page import ruleset_page

        face.text(ruleset_page(ruleset, face.lang))
    elif form == "xlsx":
        from perfrules.report.rules_workbook import ruleset_workbook

        if face.output is None:
            raise PerfrulesError([Finding("bad-value", about="--format", key="bad-value.needs-file")])
        face.file(face.output, ruleset_workbook(ruleset, face.lang))
    elif form == "md":
        from perfrules.report.markdown import ruleset_markdown

        face.text(ruleset_markdown(ruleset, face.lang))
    else:
        from perfrules.report.listing import ruleset_view

        face.view(ruleset_view(ruleset, face.lang))


def _ending(face: Face) -> str:
    """How the name of the output file ends; empty on the console."""
    return face.output.suffix.lower() if face.output else ""


def list_(arguments: Arguments, face: Face) -> int:
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


def template(arguments: Arguments, face: Face) -> int:
    """Print a blank submission to fill in, with titles, units and ranges; or write a .csv or .xlsx form."""
    from perfrules.ruleset.library import load

    asked: list[str] = arguments.overlay or []
    loaded = load(arguments.ruleset, **laid_on(arguments))
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


def _reference(given: str, identifier: str, face: Face) -> str:
    """What a submission says to name what was given: a path as seen from where the submission stands, or the id."""
    if given.endswith(".toml") or Path(given).exists():
        return Path(os.path.relpath(given, face.output.parent if face.output else None)).as_posix()
    return identifier


def new(arguments: Arguments, face: Face) -> int:
    """Write the first files of a ruleset; or of a plan in a framework, another version of a ruleset, an overlay."""
    from perfrules.report.starter import new as write

    if arguments.on and arguments.extends:
        raise PerfrulesError([Finding("bad-value", about="--on", key="bad-value.not-both")])
    folder = face.output or Path(arguments.id)
    files = write(arguments.id, folder, face.lang, arguments.on or arguments.extends, overlay=bool(arguments.on))
    values = {"folder": folder.as_posix(), "files": tuple(files)}
    sys.stdout.write(words.say("new.written", face.lang, values) + "\n")
    return 0


def schema(arguments: Arguments, face: Face) -> int:
    """Print the JSON Schema of a kind of file, by which editors complete keys and say what they are."""
    from perfrules.report.schema import schema as made
    from perfrules.ruleset.library import load

    about = load(arguments.ruleset) if arguments.ruleset else None
    face.text(json.dumps(made(arguments.of, face.lang, about), ensure_ascii=False, indent=1))
    return 0
