"""What a terminal, a log or another program would get to see of hostile files."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from commands import Ran, run

from perfrules import words

COMMANDS = (
    "check",
    "show",
    "show --format md",
    "show --format html",
    "template",
    "show --json",
    "evaluate",
    "evaluate --json",
    "explain",
)


def unsafe(text: str) -> list[str]:
    """The characters of a text that a terminal or an editor may obey."""
    return sorted(
        {char for char in text if char != "\n" and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    )


def visible(text: str) -> str:
    """How a text of one's own is shown: on one line, what cannot be seen as an escape."""
    return words.safe(" ".join(text.split()), None)


def every_output(ruleset: Path, submission: Path, about: str, langs: Sequence[str] = words.LANGUAGES) -> dict[str, Ran]:
    """What every command says of a ruleset and a submission."""
    said: dict[str, Ran] = {}
    for lang in langs:
        for command in COMMANDS:
            name, *options = command.split()
            given = (submission, "--ruleset", ruleset) if name in ("evaluate", "explain") else (ruleset,)
            given = (submission, about, *given[1:]) if name == "explain" else given
            said[f"{command} --lang {lang}"] = run(name, *given, *options, "--lang", lang)
    return said


def check_outputs(said: dict[str, Ran], most: int = 1) -> None:
    """Nothing in any output is obeyed by a terminal; a template is TOML; nothing ended in a crash."""
    for command, (status, out, err) in said.items():
        assert status <= most, command
        if "--json" not in command:  # which escapes what JSON must, and is read by programs
            assert not unsafe(out + err), command
        if command.startswith("template") and status == 0:
            data = tomllib.loads(out)
            assert set(data) == {"submission", "facts"}, command
            assert not data["facts"], command
        assert "Traceback" not in err
