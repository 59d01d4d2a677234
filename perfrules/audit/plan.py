"""A form laid on a framework: a plan that extends it, and a submission with the facts and claims of the form.

Both are TOML, written so that a person can read what was understood, correct it, and score again; the comments name the
cell that each line came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from perfrules.audit import planned
from perfrules.audit.drafting import Draft
from perfrules.audit.forms import Column, Form, FormRow, Section
from perfrules.errors import Finding, Where
from perfrules.evaluation.submission import Locate, Submission, from_data
from perfrules.ruleset import library, toml
from perfrules.ruleset.loaded import Ruleset
from perfrules.ruleset.resolve import Layer


@dataclass(frozen=True, eq=False)
class Plan:
    """What a form says, in the terms of a framework: ready for `evaluate(plan.ruleset, plan.submission)`.

    The plan has the rows of the form and no others. Groups of the framework in which the form has no row are dropped;
    groups that it does not know are added. Weights of groups are those that the form prints, or else the sums of its
    rows; `framework` still has its own, to compare with.

    Attributes:
        form: The form.
        framework: What the plan extends.
        text: The plan as TOML.
        submission_text: The submission as TOML.
        ruleset: The plan, loaded.
        submission: The submission; its places are the cells of the form.
        rows: The rows by the id of the indicator that each became. A row that shares the weight of another has none.
        sections: The groups of the first level by the id of their dimension.
        places: The cell of what findings are about: `indicators.x`, `facts.y`, `dimensions.z`, `total`, `claims.x`.
        findings: What could not be taken over, each at its cell.
    """

    form: Form
    framework: Ruleset
    text: str
    submission_text: str
    ruleset: Ruleset
    submission: Submission
    rows: Mapping[str, FormRow]
    sections: Mapping[str, Section]
    places: Mapping[str, Where]
    findings: tuple[Finding, ...]

    def where(self, about: str, column: Column = "score") -> Where | None:
        """The cell of what a finding is about; None where it is about none.

        Args:
            about: As findings have it.
            column: Of a row, the column.
        """
        section, _, name = about.partition(".")
        return (
            self.rows[name].where(column) if section == "indicators" and name in self.rows else self.places.get(about)
        )


def lay(form: Form, framework: Ruleset, lang: str = "zh", extends: str | None = None) -> Plan:
    """Lay a form on a framework, or on a ruleset whose rows it names.

    Args:
        form: The form.
        framework: The ruleset that the form follows.
        lang: The language of the comments in the texts.
        extends: What the text of the plan says that it extends; the framework's id unless said.

    Raises:
        RulesetError: The plan does not load, because of the ruleset it is laid on.
    """
    draft = Draft(form, framework, lang)
    text, said = planned.plan(draft, extends or framework.id), planned.submission(draft)
    document = toml.parse(text, planned.PLAN)
    below = (Layer(one.document, "overlay" if one.role == "overlay" else "parent") for one in framework.layers)
    ruleset = library.assemble((*below, Layer(document, "ruleset")), framework.as_of)
    places = _places(draft)
    submission = from_data(toml.parse(said, planned.SUBMISSION).data, _locator(places))
    return Plan(
        form=form,
        framework=framework,
        text=text,
        submission_text=said,
        ruleset=ruleset,
        submission=submission,
        rows={identifier: entry.row for identifier, entry in draft.entries.items()},
        sections=draft.sections(),
        places=places,
        findings=tuple(draft.findings),
    )


def _places(draft: Draft) -> dict[str, Where]:
    """The cells by what findings call what stands in them."""
    places = {f"facts.{name}": cell.where for name, (_, cell) in (draft.money | draft.facts).items()}
    for identifier, entry in draft.entries.items():
        places |= {
            f"indicators.{identifier}": entry.row.where("score"),
            f"notes.{identifier}": entry.row.where("reason"),
        }
    places |= {f"dimensions.{identifier}": section.cell.where for identifier, section in draft.sections().items()}
    if draft.form.total:
        places["total"] = draft.form.total.where("score")
    for section, claimed in planned.claims(draft).items():
        prefix = f"claims.{section}." if section else "claims."
        places |= {f"{prefix}{about}": cell.where for about, (_, cell, _) in claimed.items()}
    return places


def _locator(places: Mapping[str, Where]) -> Locate:
    """Where a key of the submission stands on the form."""

    def locate(keys: tuple[str | int, ...]) -> Where | None:
        names = [".".join(map(str, keys[:length])) for length in (3, 2)]
        return next((places[name] for name in names if name in places), None)

    return locate
