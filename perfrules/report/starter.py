"""`perfrules new`: the first files of a ruleset, of a plan, of another version of a ruleset, or of an overlay.

What is written checks and tests without a finding as it stands. The texts lie in `starters/` by language; what they
take from a parent is filled in here. Nothing is ever overwritten, and where not all can be written, nothing stays.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

import tomli_w
from pydantic import ValidationError

from perfrules import numbers, words
from perfrules.errors import Finding, PerfrulesError
from perfrules.evaluation.evaluation import Evaluation
from perfrules.evaluation.scoring import evaluate
from perfrules.numbers import Exact
from perfrules.report.markdown import text as markdown
from perfrules.report.overview import overview
from perfrules.report.starter_rows import Row, example_rows
from perfrules.ruleset import model
from perfrules.ruleset.library import Ruleset, load, paths

Kind = Literal["ruleset", "plan", "variant", "overlay"]

_TEXTS = Path(__file__).resolve().parent / "starters"
_HOLE = re.compile("@([A-Z_]+)@")
_TARGET = 95
_STANDARD = 'score = "weight * clamp(value / target, 0, 1)"\n'
"""How an example row of a plan scores where its framework does not say."""


def new(identifier: str, folder: Path, lang: str, parent: str | None = None, *, overlay: bool = False) -> list[str]:
    """Write the first files of a ruleset.

    Args:
        identifier: Its id.
        folder: Where to write them; made if it is not there.
        lang: The language of what is written.
        parent: What it stands on: a framework for a plan, another ruleset for a version of it; for an overlay what it
            is tried on.
        overlay: Whether it is to be an overlay.

    Returns:
        The names of the files.

    Raises:
        PerfrulesError: It is no id, or taken; something of that name is there already; the parent cannot be loaded;
            or a file cannot be written. Nothing is left of what was written.
    """
    _check_id(identifier)
    loaded = load(parent) if parent is not None else None
    rows = list(example_rows(loaded, lang)) if loaded and loaded.declaration.ruleset.framework else []
    kind: Kind = "ruleset"
    if loaded:
        kind = "overlay" if overlay else "plan" if rows else "variant"
    starter = _Starter(identifier, folder, lang, kind, parent, loaded)
    try:
        _check_free(folder)
        return plant(folder, starter.files(rows if kind == "plan" else []))
    except OSError as error:
        values = {"reason": words.os_reason(error)}
        raise PerfrulesError([Finding("cannot-write", about=str(folder), values=values)]) from None


def _check_id(identifier: str) -> None:
    """Refuse what is no id of a ruleset (so that no path leads out of the folder), and ids of the library."""
    try:
        model.Header(id=identifier)
    except ValidationError:
        values: dict[str, object] = {"key_name": identifier}
        raise PerfrulesError(
            [Finding("bad-value", about=identifier, key="bad-value.ruleset-id", values=values)]
        ) from None
    if identifier in dict(paths()):
        raise PerfrulesError([Finding("exists", about=identifier, key="exists.id")])


def _check_free(folder: Path) -> None:
    """Refuse a folder in which anything is that would be written, a dangling link included."""
    if os.path.lexists(folder) and not folder.is_dir():
        raise PerfrulesError([Finding("exists", about=str(folder))])
    taken = [folder / name for name in ("ruleset.toml", "cases", "examples", "README.md")]
    if findings := [Finding("exists", about=str(path)) for path in taken if os.path.lexists(path)]:
        raise PerfrulesError(findings)


def plant(folder: Path, files: Iterable[tuple[str, str]]) -> list[str]:
    """Write files into a folder, each once the one before it stands; all of them, or none is left.

    Args:
        folder: The folder, made if it is not there.
        files: Their names inside it, and their texts.

    Raises:
        OSError: One cannot be written, or is there already.
    """
    made: list[Path] = []
    names: list[str] = []
    try:
        for name, text in files:
            path = folder / name
            _make(path.parent, made)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                made.append(path)
                file.write(text)
            names.append(name)
    except BaseException:
        for path in reversed(made):
            with contextlib.suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink()
        raise
    return names


def _make(folder: Path, made: list[Path]) -> None:
    """Make a folder and those above it, and note which of them were not there."""
    for path in [path for path in (folder, *folder.parents) if not path.exists()][::-1]:
        path.mkdir()
        made.append(path)


class _Starter:
    """What is written for one ruleset."""

    def __init__(
        self, identifier: str, folder: Path, lang: str, kind: Kind, parent: str | None, loaded: Ruleset | None
    ) -> None:
        self.folder = folder
        self.lang = lang
        self.kind = kind
        self.loaded = loaded
        self.texts = _TEXTS / lang / kind
        self.holes = {"ID": _toml(identifier), "FOLDER": _line(folder.as_posix())}
        if loaded and parent is not None:
            self.holes |= self._about(parent, loaded)

    def _about(self, parent: str, loaded: Ruleset) -> dict[str, str]:
        title = words.title(loaded.title, self.lang, loaded.id)
        return {
            "TITLE": _line(title),
            "PARENT": _toml(self._reference(parent, loaded, self.folder)),
            "FROM_CASES": _toml(self._reference(parent, loaded, self.folder / "cases")),
            "PARENT_TITLE": f"{markdown(title)} (`{loaded.id}`)",
        }

    def _reference(self, parent: str, loaded: Ruleset, folder: Path) -> str:
        """The id of a ruleset of the library; else its path, as seen from a folder."""
        known = dict(paths())
        if parent in known or not Path(parent).exists():
            return loaded.id
        return Path(os.path.relpath(parent, folder)).as_posix()

    def files(self, rows: list[Row]) -> Iterator[tuple[str, str]]:
        """The names of the files and their texts, the ruleset's own first; of a plan with its example rows."""
        if self.loaded and self.kind == "plan":
            self.holes |= {"ROWS": "\n".join(map(self._row, rows)), "JUDGED": self._judged(self.loaded, rows)}
        elif self.loaded and self.kind == "variant":
            self.holes |= _tree(self.loaded, self.lang)
        yield "ruleset.toml", self._filled("ruleset.toml")
        if self.kind == "ruleset":
            yield "examples/full.toml", self._filled("examples/full.toml")
        else:
            self.holes |= self._cases(rows)
        yield "cases/first.toml", self._filled("cases/first.toml")
        yield "README.md", self._filled("README.md")

    def _filled(self, name: str, more: Mapping[str, str] | None = None) -> str:
        """A text with its holes filled, in one pass: what is put in has none."""
        text = (self.texts / name).read_text(encoding="utf-8")
        holes = {**self.holes, **(more or {})}
        return _HOLE.sub(lambda hole: holes.get(hole[1], hole[0]), text).rstrip("\n") + "\n"

    # -- plans ----------------------------------------------------------------------------------------------------

    def _row(self, row: Row) -> str:
        holes = {
            "PATH": _line(row.path), "KEY": _key(row.id), "ROW_TITLE": _toml(row.title), "WEIGHT": _number(row.weight),
            "DIMENSION": _toml(row.dimension), "TARGET": str(_TARGET),
        }  # fmt: skip
        return self._filled("row.toml", holes) + ("" if row.has_method else _STANDARD)

    def _judged(self, loaded: Ruleset, rows: list[Row]) -> str:
        """A judged row as a comment, where the framework has levels."""
        if not rows or not loaded.declaration.levels:
            return ""
        holes = {"LEVELS": _toml(next(iter(loaded.declaration.levels))), "DIMENSION": _toml(rows[-1].dimension)}
        return self._filled("judged.toml", holes)

    # -- cases ----------------------------------------------------------------------------------------------------

    def _cases(self, rows: list[Row]) -> dict[str, str]:
        """What comes of every row at its target, of every row below it, and of no facts at all."""
        ruleset = self._written()
        nothing = self._case(ruleset, [], 0)
        if not rows:
            return {"NOTHING": nothing}
        met, missed = self._case(ruleset, rows, _TARGET), self._case(ruleset, rows, _TARGET - 5)
        return {"NOTHING": nothing, "MET": met, "MISSED": missed}

    def _case(self, ruleset: Ruleset, rows: list[Row], value: int) -> str:
        """Some facts, and what comes of them: worked out by what was just written."""
        given = {row.id: value for row in rows}
        evaluation = evaluate(ruleset, {"facts": given})
        said = ["[case.set]", *(f"{_key(name)} = {value}" for name in given), ""] if given else []
        return "\n".join([*said, *self._expected(evaluation, rows)])

    def _written(self) -> Ruleset:
        """What was just written, an overlay laid on what it is tried on."""
        if self.loaded is None or self.kind != "overlay":
            return load(self.folder)
        own = next(layer.document for layer in self.loaded.layers if layer.role == "ruleset")
        return load(own.path or self.loaded.id, overlays=[self.folder])

    def _expected(self, evaluation: Evaluation, rows: list[Row]) -> Iterator[str]:
        scores = {row.id: evaluation[row.id].exact for row in rows}
        known = [f"{_key(name)} = {_number(score)}" for name, score in scores.items() if score is not None]
        if known:
            yield from ("[case.expect.indicators]", *known)
            return
        yield "[case.expect]"
        ends = evaluation.total.bounds if self.kind == "overlay" and evaluation.total else None
        yield f"bounds = [{', '.join(map(_number, ends))}]" if ends else f"status = {_toml(evaluation.status)}"


# -- what another version starts from ----------------------------------------------------------------------------


def _tree(parent: Ruleset, lang: str) -> dict[str, str]:
    """The rows of a parent, and one of them as an example of what can be changed."""
    rows = overview(parent, lang).rows
    first = next((row.id for row in rows if row.leaf), "x")
    lines = [f"#   {'  ' * row.depth}{_line(row.title)} {row.id}  {row.weight}".rstrip() for row in rows]
    dimension = parent.declaration.indicators[first].dimension if first in parent.declaration.indicators else "x"
    return {"TREE": "\n".join(lines), "NAME": _line(first), "KEY": _key(first), "DIMENSION": _toml(dimension)}


# -- data in TOML ------------------------------------------------------------------------------------------------


def _toml(text: str) -> str:
    """A text in quotes."""
    return tomli_w.dumps({"x": text}).partition(" = ")[2].rstrip()


def _key(identifier: str) -> str:
    return tomli_w.dumps({identifier: 0}).partition(" = ")[0]


def _line(text: str) -> str:
    """A text for a comment: one line, nothing that cannot be seen."""
    return words.safe(" ".join(text.split()), None)


def _number(value: Exact) -> str:
    """A number; one that does not terminate as a text, as cases have it."""
    shown = numbers.plain(value)
    return f'"{shown}"' if "/" in shown else shown
