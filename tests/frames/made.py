"""Rulesets of several indicators at random: rows that may not apply, alternatives, nested dimensions, adjustments.

Formulas are those of the hunt after false proofs; what they read of tables is replaced, which a frame has no room for.
"""

from __future__ import annotations

from random import Random

from properties.hunting import Maker

NAMES = ("a", "b", "c", "v")
POLICIES = ("rescale", "full", "zero")
STANDARDS = (
    "score = '''clamp(value, 0, weight)'''",
    "score = '''weight * clamp(value / 100, 0, 1)'''",
    "score = '''max(0, weight - 0.5 * started(value - 10, 1))'''",
    "bands = [{ from = 80, score = 'weight' }, { from = 60, below = 80, score = 'weight / 2' }, { below = 60, score = 0 }]",
    "bands = [{ above = 5, score = 'weight' }, { to = 3, score = 'weight / 3' }]",
)
ADJUSTED = ("earned", "min(earned, 5 if a > 10 else 8)", "max(0, earned - 0.5)", "earned * 0.9")
OF_DIMENSIONS = (
    "",
    "",
    "score = 'weight * lowest / 100'",
    "score = 'min(earned, weight * highest / 100)'",
    "scale = 'g'",
)


def one_row(random: Random) -> str:
    """A ruleset of one indicator, and formulas of all kinds."""
    return _without_tables(Maker(random).ruleset(), random)


def several_rows(random: Random) -> str:
    """A ruleset of three dimensions and some indicators, a few of which have alternatives."""
    make = Maker(random)
    facts = make.ruleset().partition("[values.v]")[0]
    lines = [
        facts,
        f"[scales.g]\nsteps = [{{ id = 'x', from = 80 }}, {{ id = 'y', from = 33.3 }}, {{ id = 'z', {_last(random)} }}]",
    ]
    lines += ["[values.v]", f"formula = '''{make.number(('a', 'b', 'c'), 2)}'''"]
    for name in ("d1", "d2", "d3"):
        lines += [f"[dimensions.{name}]", "within = 'd2'" if name == "d3" else "", random.choice(OF_DIMENSIONS)]
        lines += [_policy(random)] if random.random() < 0.6 else []
    if random.random() < 0.3:
        each = random.choice(("indicator", "dimension", "total"))
        lines += [f"[adjustments.x]\neach = '{each}'\nscore = '''{random.choice(ADJUSTED)}'''"]
    for index in range(random.randint(3, 7)):
        lines += _row(make, random, f"i{index}")
    lines += ["[total]", "scale = 'g'", _policy(random) if random.random() < 0.3 else ""]
    # A column named `grade` is one that scoring appends.
    text = (
        "\n".join(lines)
        .replace("[facts.grade]", "[facts.mark]")
        .replace("grade ==", "mark ==")
        .replace("grade in", "mark in")
    )
    return _without_tables(text, random)


def _row(make: Maker, random: Random, name: str) -> list[str]:
    may_not_apply, home = random.random() < 0.45, f"dimension = '{random.choice(('d1', 'd2', 'd3'))}'"
    weight = random.choice((1, 2, 5, 10, 0.5, 3.3))
    lines = [f"[indicators.{name}]", home, f"weight = {weight}", f"value = '''{make.number(NAMES, 1)}'''"]
    lines += [random.choice(STANDARDS)]
    if may_not_apply:
        lines += [f"applies = '''{make.truth(NAMES, 1)}'''", _policy(random) if random.random() < 0.4 else ""]
    if may_not_apply and random.random() < 0.3:
        lines += [f"[indicators.{name}other]", home, f"instead_of = '{name}'", f"value = '''{make.number(NAMES, 1)}'''"]
        lines += ["score = 'weight if value > 2 else 0'"]
        lines += [f"applies = '''{make.truth(NAMES, 1)}'''"] if random.random() < 0.5 else []
    return lines


def _policy(random: Random) -> str:
    return f"not_applicable = '{random.choice(POLICIES)}'"


def _last(random: Random) -> str:
    return random.choice(("from = 0", "when = 'a > 3'", "from = 10"))


def _without_tables(text: str, random: Random) -> str:
    while "sum(rows.cost)" in text:
        text = text.replace("sum(rows.cost)", random.choice(("days(day, '2023-12-31')", "abs(a)", "3")), 1)
    return text
