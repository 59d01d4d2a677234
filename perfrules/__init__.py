"""perfrules: performance evaluation of public money, as rules that are declared, scored exactly, and explained.

`load` a ruleset, `evaluate` a submission with it, and ask the evaluation how every score came about (`explain`).
Names are resolved on first use, so that importing the package costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from perfrules.audit.audit import Audit, audit_form
    from perfrules.errors import Finding, FormulaError, PerfrulesError, RecordError, RulesetError, SubmissionError
    from perfrules.evaluation.evaluation import Evaluation
    from perfrules.evaluation.files import read as read_submission
    from perfrules.evaluation.results import Status
    from perfrules.evaluation.scoring import evaluate
    from perfrules.evaluation.submission import Submission
    from perfrules.frames.scoring import score_frame
    from perfrules.records.compare import compare
    from perfrules.records.record import Record, load_record
    from perfrules.records.verify import verify
    from perfrules.report.explanation import explain
    from perfrules.ruleset.library import Ruleset, check, load

__version__ = "0.1.0"

_HOMES = {
    "Audit": "audit.audit", "audit_form": "audit.audit",
    "Evaluation": "evaluation.evaluation", "Finding": "errors", "FormulaError": "errors", "PerfrulesError": "errors",
    "Record": "records.record", "RecordError": "errors", "Ruleset": "ruleset.library", "RulesetError": "errors",
    "Status": "evaluation.results", "Submission": "evaluation.submission", "SubmissionError": "errors",
    "check": "ruleset.library", "compare": "records.compare", "evaluate": "evaluation.scoring",
    "explain": "report.explanation", "load": "ruleset.library", "load_record": "records.record",
    "read_submission": "evaluation.files", "score_frame": "frames.scoring", "verify": "records.verify",
}  # fmt: skip

__all__ = [
    "Audit", "Evaluation", "Finding", "FormulaError", "PerfrulesError", "Record", "RecordError", "Ruleset",
    "RulesetError", "Status", "Submission", "SubmissionError", "audit_form", "check", "compare", "evaluate", "explain",
    "load", "load_record", "read_submission", "score_frame", "verify",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), "read" if name == "read_submission" else name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
