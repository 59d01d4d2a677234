"""A blank submission for a ruleset: every fact with its title, unit and range, as comments to fill in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import tomli_w

from perfrules import numbers, words
from perfrules.report.overview import range_text
from perfrules.ruleset import model
from perfrules.ruleset.library import Ruleset
from perfrules.ruleset.ranges import band


def template(ruleset: Ruleset, lang: str, reference: str | None = None, overlays: Sequence[str] = ()) -> str:
    """The text of a TOML submission in which nothing is filled in yet.

    Args:
        ruleset: The ruleset to fill in facts for.
        lang: The language of titles and comments.
        reference: What `[submission] ruleset` says; the ruleset's id unless given.
        overlays: What `[submission] overlays` says, if anything.
    """
    title = words.title(ruleset.title, lang, ruleset.id)
    header: dict[str, Any] = {"ruleset": reference or ruleset.id}
    header |= {"overlays": list(overlays)} if overlays else {}
    header |= dict.fromkeys(("subject", "period", "prepared_by", "source"), "")
    lines = [_comment(words.say("template.head", lang, {"title": title}))]
    lines += [_comment(words.say(key, lang)) for key in ("template.source", "template.why")]
    lines += ["", tomli_w.dumps({"submission": header}).rstrip(), "", "[facts]"]
    for identifier, fact in ruleset.program.facts.items():
        lines += ["", *_fact(identifier, fact, ruleset.declaration, lang)]
    lines += ["", _comment(words.say("template.claims", lang)), "# [claims]", "# total = "]
    lines += ["", _comment(words.say("template.notes", lang)), "# [notes.…]", '# reason = ""', '# improvement = ""']
    return "\n".join(lines) + "\n"


def _comment(text: str) -> str:
    return f"# {words.safe(' '.join(text.split()), None)}"


def _fact(identifier: str, fact: model.Fact, declared: model.Declaration, lang: str) -> Iterator[str]:
    """The lines of one fact: what it is, and how it is written."""
    about = [words.title(fact.title, lang, identifier), fact.unit or "", range_text(fact)]
    yield _comment(" · ".join(part for part in about if part))
    for said in (fact.explanation, fact.note):
        if text := words.title(said, lang):
            yield _comment(text)
    yield f"# {_key(identifier)} = {_blank(fact, declared)}"
    for name, text in _parts(fact, declared, lang):
        if text and text != name:
            yield _comment(f"    {name}: {text}")


def _parts(fact: model.Fact, declared: model.Declaration, lang: str) -> Iterator[tuple[str, str]]:
    """The items, options, levels or columns of a fact, and what each is."""
    for name, titles in (*fact.items.items(), *fact.choices.items()):
        yield name, words.title(titles, lang)
    if fact.levels in declared.levels:
        for step in declared.levels[fact.levels].steps:
            low, high = map(numbers.plain, band(step))
            yield step.id, " · ".join(part for part in (words.title(step.title, lang), f"{low} – {high}") if part)
    for name, column in fact.columns.items():
        parts = words.title(column.title, lang), column.unit or "", range_text(column)
        yield name, " · ".join(part for part in parts if part)


def _key(identifier: str) -> str:
    return tomli_w.dumps({identifier: 0}).partition(" = ")[0]


def _blank(fact: model.Fact, declared: model.Declaration) -> str:
    """How a value of the fact's kind is written."""
    if fact.kind == "truth":
        return "true / false"
    if fact.kind == "date":
        return "2023-12-31"
    if fact.kind == "choice":
        return " / ".join(_text(choice) for choice in fact.choices)
    if fact.kind == "checklist":
        return "{ value = { " + ", ".join(f"{_key(item)} = true" for item in fact.items) + ' }, source = "" }'
    if fact.kind == "judgement":
        levels = declared.levels.get(fact.levels or "")
        named = " / ".join(step.id for step in levels.steps) if levels else ""
        return f'{{ level = {_text(named)}, rate = 0, by = "" }}'
    if fact.from_ == "submissions":
        return '{ submissions = ["projects/*.toml"] }'
    if fact.kind == "table":
        return "[ { " + ", ".join(f"{_key(name)} = …" for name in fact.columns) + " } ]"
    return '""' if fact.kind == "text" else ""


def _text(text: str) -> str:
    """A text as TOML has it, with escapes for what cannot be seen."""
    written = tomli_w.dumps({"x": text}).partition(" = ")[2].rstrip()
    return "".join(char if char.isprintable() else f"\\U{ord(char):08X}" for char in written)
