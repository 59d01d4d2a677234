"""What the page of an evaluation shows: plain texts and figures in the order of the page, without any markup.

Each figure carries the number as the JSON has it and where it stands there, so that page and JSON can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from perfrules.report.told import Told


class Figure(NamedTuple):
    """A number: where the JSON has it, as it stands there, and as people read it."""

    path: str
    value: str
    text: str


class Score(NamedTuple):
    """A score, or the two ends of what it can be, or neither; and the weight."""

    figures: tuple[Figure, ...]
    weight: Figure
    unknown: str = ""


class Segment(NamedTuple):
    """A part of a bar: `earned`, `undecided` or `lost`; from where to where, in percent, and how many points."""

    kind: str
    start: str
    width: str
    label: str
    points: str


class Bar(NamedTuple):
    """The parts of a bar, and what they say in words."""

    segments: tuple[Segment, ...]
    said: str


class Branch(NamedTuple):
    """A dimension, or the total."""

    id: str
    anchor: str
    title: str
    depth: int
    score: Score
    bar: Bar | None
    grade: str
    state: str
    told: Sequence[Told]


class Row(NamedTuple):
    """An indicator."""

    id: str
    anchor: str
    title: str
    within: str
    value: str
    score: Score
    lost: Figure | None
    state: str
    status: str
    told: Sequence[Told]


class Group(NamedTuple):
    """Indicators under one heading."""

    key: str
    rows: tuple[Row, ...]


class Raise(NamedTuple):
    """What would raise the score: facts that are missing, or an indicator that lost points; and by how much."""

    title: str
    said: str
    anchor: str


class Check(NamedTuple):
    """A check."""

    mark: str
    status: str
    state: str
    title: str
    difference: Figure | None
    because: str


class Claim(NamedTuple):
    """A claim, its verdict, and what follows instead."""

    about: str
    claimed: Figure | None
    words: str
    verdict: str
    said: str
    instead: str


class Found(NamedTuple):
    """A finding."""

    severity: str
    said: str
    code: str
    message: str
    where: str
    help: str


class PageModel(NamedTuple):
    """All of a page."""

    title: str
    heading: str
    ruleset: str
    identity: str
    provenance: tuple[str, ...]
    label: str
    counts: tuple[tuple[str, str], ...]
    total: Branch | None
    coverage: Figure
    branches: tuple[Branch, ...]
    groups: tuple[Group, ...]
    sums: tuple[Branch, ...]
    raising: str
    raises: tuple[Raise, ...]
    checks: tuple[Check, ...]
    claims: tuple[Claim, ...]
    findings: tuple[Found, ...]
    notes: tuple[Found, ...]
    origin: tuple[tuple[str, str], ...]
