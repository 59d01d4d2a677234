"""Commands for auditors: verify, audit."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from perfrules import words
from perfrules.commands.face import Arguments, Face, laid_on
from perfrules.errors import Finding, PerfrulesError

if TYPE_CHECKING:
    from perfrules.audit.audit import Audit
    from perfrules.ruleset.loaded import Ruleset


def verify(arguments: Arguments, face: Face) -> int:
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

        replay = Replay.of(verified[0].record, verified[0].evaluation, load(arguments.ruleset, **laid_on(arguments)))
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


def _verify_ledger(arguments: Arguments, face: Face) -> int:
    from perfrules.records.chain import verify_ledger
    from perfrules.report import progress, records

    found = verify_ledger(arguments.ledger, arguments.key, progress.each)
    if arguments.json:
        face.data(records.ledger_data(found, face.lang))
    else:
        face.view(records.ledger_view(found, face.lang))
    return 1 if found.status == "differs" else 0


def audit(arguments: Arguments, face: Face) -> int:
    """Re-derive filled forms, or a submission's claims, and list what does not follow; of a folder one line a form."""
    from perfrules.audit.audit import audit_form
    from perfrules.audit.survey import forms_in
    from perfrules.ruleset.library import load

    given = [Path(one) for one in arguments.forms]
    paths = [path for one in given for path in forms_in(one)]
    ruleset = load(arguments.ruleset, **laid_on(arguments)) if arguments.ruleset else None
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


def _surveyed(arguments: Arguments, face: Face, paths: list[Path], ruleset: Ruleset | None) -> int:
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


def _as_toml(audited: Audit, face: Face) -> int:
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
