"""Runs what the documents show, page by page, so that a page cannot say what is no longer so.

A page is read from top to bottom, and its fenced blocks are run in that order, in a copy of `docs/` and `rulesets/`:

- `python` runs; the blocks of a page share their names. What a block prints stands in the block after it,
  a `text` block marked `<!-- output -->`.
- `console` holds commands after `$ ` (a backslash continues one on the next line), each followed by what it writes,
  at 80 columns and without colour, in Chinese on a page `*.zh.md`. A line `...` stands for any number of lines,
  `...` inside a line for any text.
  A command ends with status 0, or with the one that the block's mark `<!-- exit: 1 -->` or a command `echo $?` shows.
- any block marked `<!-- file: a/b.toml -->` becomes that file, for the blocks after it; one marked
  `<!-- more: a/b.toml -->` is added to its end, after an empty line. A `diff` block marked `<!-- change: a/b.toml -->`
  changes lines of it: ` ` a line that stays, `-` one that goes, `+` one that comes, an empty line between two changes;
  each must fit in exactly one place.
- other `toml` and `json` blocks must be readable.

A page that goes on where another one ended says so above its first block, `<!-- continues: other.md -->`: first the
files that the other page made are made, and changed, in the same way.

A mark is an HTML comment directly above the block. `<!-- not run: reason -->` leaves a block alone.
`pytest --update-docs` writes what was found into the page, for a person to read in the diff.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

_FENCE = re.compile(r"(?P<indent> *)(?P<fence>`{3,}|~{3,}) *(?P<language>[\w-]*)")
_MARK = re.compile(r" *<!-- *(?P<name>[\w ]+?) *(?:: *(?P<value>.*?) *)?-->")
_ANYTHING = "..."


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: what is between its fences, without their indent.

    Attributes:
        language: The word behind the opening fence.
        lines: The content.
        first: The number of the content's first line on the page, from 1.
        indent: The spaces before the fences.
        marks: The comments above the block, by name.
    """

    language: str
    lines: Sequence[str]
    first: int
    indent: str
    marks: Mapping[str, str]

    @property
    def text(self) -> str:
        """The content as one text."""
        return "".join(f"{line}\n" for line in self.lines)


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a page, from top to bottom."""
    numbered = enumerate(text.splitlines(), 1)
    marks: dict[str, str] = {}
    for number, line in numbered:
        if opening := _FENCE.match(line):
            content = _until_closed(numbered, opening["fence"])
            indent = opening["indent"]
            yield Block(
                opening["language"], [inner.removeprefix(indent) for inner in content], number + 1, indent, marks
            )
            marks = {}
        elif mark := _MARK.fullmatch(line):
            marks[mark["name"]] = mark["value"] or ""
        elif line.strip():
            marks = {}


def _until_closed(numbered: Iterator[tuple[int, str]], fence: str) -> list[str]:
    content: list[str] = []
    for _, line in numbered:
        bare = line.strip()
        if bare.startswith(fence) and not bare.strip(fence[0]):
            return content
        content.append(line)
    raise ValueError(f"a block opened with {fence} is never closed")


@dataclass(slots=True)
class Page:
    """One page while it runs.

    Attributes:
        path: The page.
        folder: Where its commands run, and its files are written.
        environment: The variables its commands see.
        wrong: What does not hold, each with its place.
        changes: The page's lines to replace, `(first, number of lines, new lines)`, from top to bottom.
    """

    path: Path
    folder: Path
    environment: Mapping[str, str]
    wrong: list[str] = field(default_factory=list)
    changes: list[tuple[int, int, list[str]]] = field(default_factory=list)
    _names: dict[str, object] = field(default_factory=lambda: {"__name__": "__main__"})
    _printed: str = ""
    _printer: Block | None = None

    def __post_init__(self) -> None:
        """A Chinese page is read where Chinese is spoken."""
        if self.path.name.endswith(".zh.md"):
            self.environment = {**self.environment, "LANG": "zh_CN.UTF-8"}

    def run(self) -> None:
        """Run every block; what does not hold is in `wrong` afterwards, all of it."""
        for block in blocks(self.path.read_text(encoding="utf-8")):
            if "continues" in block.marks:
                self._continue(self.path.with_name(block.marks["continues"]))
            if "output" in block.marks:
                self._compare_print(block)
                continue
            self._expect_no_print()
            if "not run" not in block.marks:
                self._run_block(block)
        self._expect_no_print()

    def update(self) -> None:
        """Write into the page what its commands and programs wrote."""
        lines = self.path.read_text(encoding="utf-8").splitlines()
        for first, count, new in reversed(self.changes):
            lines[first - 1 : first - 1 + count] = new
        self.path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def _continue(self, page: Path) -> None:
        """Make the files that an earlier page ended with."""
        for block in blocks(page.read_text(encoding="utf-8")):
            if "continues" in block.marks:
                self._continue(page.with_name(block.marks["continues"]))
            self._write_marked(block)

    def _write_marked(self, block: Block) -> bool:
        mark = next((mark for mark in ("file", "more", "change") if mark in block.marks), None)
        if mark:
            self._write(mark, block.marks[mark], block)
        return mark is not None

    def _run_block(self, block: Block) -> None:
        if self._write_marked(block):
            return
        if block.language == "python":
            self._run_python(block)
        elif block.language == "console":
            self._run_console(block)
        elif block.language in {"toml", "json"}:
            self._read_data(block)

    def _complain(self, line: int, message: str) -> None:
        self.wrong.append(f"{self.path}:{line}: {message}")

    def _write(self, mark: str, name: str, block: Block) -> None:
        target = (self.folder / name).resolve()
        if not target.is_relative_to(self.folder.resolve()):
            self._complain(block.first, f"the file `{name}` is outside the folder of the page")
            return
        if mark != "file" and not target.is_file():
            self._complain(block.first, f"there is no file `{name}` to change")
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        before = "" if mark == "file" else target.read_text(encoding="utf-8")
        text = self._changed(before, block) if mark == "change" else f"{before}\n{block.text}" if before else block.text
        target.write_text(text, encoding="utf-8")

    def _changed(self, text: str, block: Block) -> str:
        """A file's text after the changes of a `diff` block."""
        lines = text.splitlines()
        for hunk in block.text.rstrip("\n").split("\n\n"):
            old, new = ([line[1:] for line in hunk.splitlines() if line[0] in signs] for signs in (" -", " +"))
            places = [start for start in range(len(lines)) if lines[start : start + len(old)] == old]
            if len(places) != 1:
                self._complain(block.first, "this does not stand in exactly one place:\n" + "\n".join(old))
                continue
            lines[places[0] : places[0] + len(old)] = new
        return "".join(f"{line}\n" for line in lines)

    def _read_data(self, block: Block) -> None:
        try:
            json.loads(block.text) if block.language == "json" else tomllib.loads(block.text)
        except ValueError as error:
            self._complain(block.first, f"this {block.language} cannot be read: {error}")

    def _run_python(self, block: Block) -> None:
        written = io.StringIO()
        source = "\n" * (block.first - 1) + block.text  # so that a traceback names the line of the page
        try:
            with contextlib.chdir(self.folder), _variables(self.environment), contextlib.redirect_stdout(written):
                exec(compile(source, str(self.path), "exec"), self._names)  # noqa: S102 - the documents are ours
        except Exception:  # noqa: BLE001 - whatever an example raises is what the test reports
            self._complain(block.first, f"this python raised\n{traceback.format_exc()}")
        self._printed, self._printer = written.getvalue(), block

    def _compare_print(self, block: Block) -> None:
        if self._printer is None:
            self._complain(block.first, "an output block must directly follow the python block that prints it")
        self._compare(block, block.first, block.lines, self._printed)
        self._printed, self._printer = "", None

    def _expect_no_print(self) -> None:
        if self._printer and (printed := _lines(self._printed)):
            closing = self._printer.first + len(self._printer.lines)
            self._complain(closing, "this python prints, and no block marked `<!-- output -->` follows")
            block = ["", "<!-- output -->", "```text", *printed, "```"]
            self.changes.append((closing + 1, 0, [f"{self._printer.indent}{line}".rstrip() for line in block]))
        self._printed, self._printer = "", None

    def _run_console(self, block: Block) -> None:
        steps = list(_steps(block))
        allowed = int(block.marks.get("exit", "0"))
        status = 0
        for index, (line, command, expected) in enumerate(steps):
            done = self._shell(f"(exit {status}); {command}")
            status = done.returncode
            asked = index + 1 < len(steps) and steps[index + 1][1] == "echo $?"
            if not asked and status != allowed:
                self._complain(block.first + line, f"`{command}` ended with status {status}, not {allowed}")
            self._compare(block, block.first + line + 1 + command.count("\n"), expected, done.stdout)
        if not steps:
            self._complain(block.first, "a console block shows commands after `$ `")

    def _shell(self, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.folder,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    def _compare(self, block: Block, first: int, expected: Sequence[str], written: str) -> None:
        found = _lines(written)
        if matches(expected, found):
            return
        shown = [line.rstrip() for line in expected]
        difference = "\n".join(difflib.unified_diff(shown, found, "on the page", "found", lineterm=""))
        self._complain(first, f"the output differs\n{difference}")
        self.changes.append((first, len(expected), [f"{block.indent}{line}".rstrip() for line in found]))


def matches(expected: Sequence[str], found: Sequence[str]) -> bool:
    """Whether lines are as expected, where `...` stands for any lines, and inside a line for any text."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == _ANYTHING else ".*".join(map(re.escape, line.rstrip().split(_ANYTHING))) + "\n"
        for line in expected
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in found)) is not None


def prepare(folder: Path, project: Path, program: Sequence[str]) -> dict[str, str]:
    """Make a folder ready for a page's commands, and say the variables they run with.

    Args:
        folder: An empty folder; it gets copies of `docs` and `rulesets`.
        project: The root of the project.
        program: What the word `perfrules` starts.
    """
    for part in ("docs", "rulesets"):
        if (project / part).is_dir():
            shutil.copytree(project / part, folder / part)
    programs = folder.with_name(f"{folder.name}-programs")
    programs.mkdir()
    shim = programs / "perfrules"
    shim.write_text(f'#!/bin/sh\nexec {shlex.join(program)} "$@"\n', encoding="utf-8")
    shim.chmod(0o755)
    ours = ("PERFRULES_", "COV_", "COVERAGE_")
    unwanted = {"LANG", "LANGUAGE", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "PYTHONWARNINGS"}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in unwanted and not name.startswith(("LC_", *ours))
    }
    return kept | {
        "PATH": os.pathsep.join([str(programs), str(Path(sys.executable).parent), kept.get("PATH", os.defpath)]),
        "COLUMNS": "80",
        "LANG": "en_US.UTF-8",
        "NO_COLOR": "1",
        "PYTHONUNBUFFERED": "1",  # keeps what goes to the two outputs in order
        "PYTHONUTF8": "1",  # the language may not be installed
        "TERM": "dumb",
    }


def _lines(written: str) -> list[str]:
    return [line.rstrip() for line in written.rstrip().splitlines()]


def _steps(block: Block) -> Iterator[tuple[int, str, list[str]]]:
    """The commands of a console block: the line of each from 0, its text, and the lines expected after it."""
    starts = [number for number, line in enumerate(block.lines) if line.startswith("$ ")]
    for start, end in pairwise([*starts, len(block.lines)]):
        rest = start + 1
        while rest < end and block.lines[rest - 1].endswith("\\"):
            rest += 1
        command = "\n".join(block.lines[start:rest]).removeprefix("$ ")
        expected = list(block.lines[rest:end])
        while expected and not expected[-1].strip():  # an empty line before the next command is for the eye
            expected.pop()
        yield start, command, expected


@contextlib.contextmanager
def _variables(environment: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    try:
        os.environ.clear()
        os.environ.update(environment)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
