"""What the tests of records share: a small ruleset with everything that a record keeps, and records of it as text."""

from __future__ import annotations

import contextlib
import copy
import json
from pathlib import Path
from typing import Any

from perfrules import evaluate
from perfrules.evaluation.evaluation import Evaluation
from perfrules.records.reading import parse
from perfrules.records.record import Record, contents, made, sealed
from perfrules.records.verify import Verification, examined
from perfrules.ruleset.loaded import digest

RULES = """\
format = 1
[ruleset]
id = "test/station"
title = { zh = "文化站", en = "Station" }
[facts.staff_in_post]
kind = "count"
unit = "人"
range = [0, 500]
[facts.staff_posts]
kind = "count"
range = [1, 500]
[facts.goal]
kind = "judgement"
levels = "three"
[levels.three]
steps = [{ id = "met", from = 80, to = 100 }, { id = "missed", from = 0, below = 80 }]
[dimensions.results]
[indicators.staffing]
dimension = "results"
weight = 40 # 30 before 2013
value = "percent(staff_in_post, staff_posts)"
target = "<= 100"
score = "max(0, weight - 2 * started(value - 100, 1))"
[indicators.goal]
dimension = "results"
weight = 60
score = "weight * value / 100"
[total]
weight = 100
"""

GIVEN: dict[str, Any] = {
    "submission": {"subject": "河西镇文化站", "period": "2022"},
    "facts": {
        "staff_in_post": {"value": 20, "source": "12月工资表"},
        "staff_posts": 19,
        "goal": {"level": "met", "rate": 85.5},
    },
    "claims": {"total": 79.3, "indicators": {"staffing": 40}},
    "notes": {"staffing": {"reason": "退休 1 人"}},
    "narrative": {"achievement": "第一行\r\n第二行"},
}


def station(folder: Path, given: Any = None) -> Evaluation:
    """The evaluation of the small ruleset, which is known by a name that is the same everywhere."""
    path = folder / "station.toml"
    path.write_text(RULES, encoding="utf-8")
    with contextlib.chdir(folder):
        return evaluate("station.toml", GIVEN if given is None else given)


def text_of(evaluation: Evaluation) -> str:
    """Its record, as the file has it."""
    return contents(sealed(made(evaluation))).decode()


def verified(text: str) -> Verification:
    """What comes of verifying a record that is given as text."""
    return examined(Record(parse(text, "record.json")))


def forged(data: dict[str, Any]) -> str:
    """A record whose digests were all made to fit, as its author can."""
    data = copy.deepcopy(data)
    sources = data["sources"]
    for source in [*sources["documents"], sources["submission"]]:
        source["digest"] = digest({key: value for key, value in source.items() if key != "digest"})
    return json.dumps(sealed(data))
