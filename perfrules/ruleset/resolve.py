"""The documents that a ruleset is made of, in the order in which they are laid one upon the other.

First what the parent is made of, its overlays included; then the ruleset's own document; then its overlays, in order;
last the overlays that the caller asks for. No document lies in the stack twice, so that a circle ends where it closes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

from perfrules.errors import Finding, RulesetError, Where
from perfrules.ruleset.toml import Document, DocumentError, read

MAX_PARENTS = 10
"""Rulesets that one may stand on, one upon the other."""

MAX_OVERLAYS = 20
"""Overlays that may lie on one ruleset, those of its parents and of the caller included."""

Role = Literal["parent", "ruleset", "overlay"]
Find = Callable[[str | Path, Path | None], tuple[Path, str]]
"""The file that a reference means, read from beside another file, and the name to show for it."""


class Reference(NamedTuple):
    """What names an overlay, the file it is named in, and where in it; a caller's has neither."""

    text: str | Path
    beside: Path | None = None
    about: str = ""
    locate: Callable[[], Where | None] = lambda: None


Overlays = str | Path | Sequence[str | Path | Reference]
"""What a caller may say of overlays: one, or several."""


def references(overlays: Overlays, beside: Path | None = None) -> list[Reference]:
    """The references of what a caller says."""
    listed = [overlays] if isinstance(overlays, str | Path) else overlays
    return [one if isinstance(one, Reference) else Reference(one, beside) for one in listed]


class Layer(NamedTuple):
    """A document of the stack, and what it is in it."""

    document: Document
    role: Role


def header(document: Document) -> Mapping[str, Any]:
    """The `[ruleset]` table as it was written; empty where it is no table."""
    written = document.data.get("ruleset")
    return written if isinstance(written, dict) else {}


def is_overlay(document: Document) -> bool:
    """Whether a document is meant to lie on another: it expects something, or only changes what others declare."""
    said = header(document)
    if "extends" in said or said.get("framework") is True:
        return False
    parts = [
        (section, part)
        for section, content in document.data.items()
        if isinstance(content, dict) and section != "ruleset"
        for part in ([content] if section in ("total", "rounding") else content.values())
    ]
    changes = [section for section, part in parts if isinstance(part, dict) and part.get("replaces")]
    rows = [section for section, _ in parts if section in ("dimensions", "indicators")]
    changed = [section for section in changes if section in ("dimensions", "indicators")]
    return bool(said.get("expects")) or (
        len(rows) == len(changed) and bool(changes or said.get("drops") or document.data.get("adjustments"))
    )


def stack(reference: str | Path, beside: Path | None, overlays: Sequence[Reference], find: Find) -> tuple[Layer, ...]:
    """The documents of a ruleset, those that lie lowest first.

    Args:
        reference: What names the ruleset.
        beside: The file that the reference is read from.
        overlays: The overlays that the caller asks for.
        find: Finds files.

    Raises:
        RulesetError: A document cannot be found or read, or does not belong where it is named.
    """
    resolving = _Resolving(find)
    path, name = find(reference, beside)
    chain = resolving.chain(path, name)
    layers: list[Layer] = []
    for document in chain:
        layers.append(Layer(document, "ruleset" if document is chain[-1] else "parent"))
        for overlay in _own_overlays(document):
            layers += resolving.overlay(overlay, document)
    for overlay in overlays:
        layers += resolving.overlay(overlay)
    if resolving.findings:
        raise RulesetError(resolving.findings)
    return tuple(layers)


def _own_overlays(document: Document) -> Iterator[Reference]:
    """The overlays that a document names; what is no name is noted where its header is read."""
    named = header(document).get("overlays")
    for index, text in enumerate(named if isinstance(named, list) else []):
        if isinstance(text, str):
            locate = partial(document.where, ("ruleset", "overlays", index))
            yield Reference(text, document.path, "ruleset.overlays", locate)


class _Resolving:
    """One stack in the making: which files lie in it, and what is wrong with its overlays."""

    def __init__(self, find: Find) -> None:
        self.find = find
        self.seen: dict[Path, Document] = {}
        self.laid = 0
        self.findings: list[Finding] = []

    # -- parents --------------------------------------------------------------------------------------------------

    def chain(self, path: Path, name: str) -> tuple[Document, ...]:
        """The documents a ruleset extends, the farthest first, itself last."""
        chain: list[Document] = []
        while True:
            try:
                document = read(path, name)
            except DocumentError as error:
                unfound = chain and error.finding.code == "no-file"
                where = chain[-1].where(("ruleset", "extends")) if unfound else error.finding.where
                raise RulesetError([error.finding._replace(where=where)]) from None
            if is_overlay(document):
                raise RulesetError([_not_alone(document, chain)])
            chain.append(document)
            self.seen[path.resolve()] = document
            parent = header(document).get("extends")
            if not isinstance(parent, str):
                return tuple(chain[::-1])
            path, name = self._parent(document, parent)
            if path.resolve() in self.seen or len(chain) > MAX_PARENTS:
                raise RulesetError([self._too_many(chain, path)])

    def _parent(self, document: Document, parent: str) -> tuple[Path, str]:
        try:
            return self.find(parent, document.path)
        except RulesetError as error:
            where = document.where(("ruleset", "extends"))
            raise RulesetError(_placed(error.findings, "ruleset.extends", where)) from None

    def _too_many(self, chain: list[Document], path: Path) -> Finding:
        """The finding about parents in a circle, or too many of them."""
        where = chain[-1].where(("ruleset", "extends"))
        closing = self.seen.get(path.resolve())
        if closing is None:
            return Finding("cycle", "error", "ruleset.extends", "cycle.parents", {"limit": MAX_PARENTS}, where)
        names = tuple(document.name for document in chain[chain.index(closing) :])
        key = "cycle.itself" if len(names) == 1 else ""
        return Finding("cycle", "error", "ruleset.extends", key, {"names": names}, where)

    # -- overlays -------------------------------------------------------------------------------------------------

    def overlay(self, reference: Reference, naming: Document | None = None) -> Iterator[Layer]:
        """The layer of an overlay; none, with findings, where it cannot be laid.

        Args:
            reference: What names the overlay.
            naming: The document that names it; None where the caller does.
        """
        self.laid += 1
        if self.laid > MAX_OVERLAYS:
            if self.laid == MAX_OVERLAYS + 1:  # said once
                self._refuse(reference, "too-large", "too-large.overlays", {"limit": MAX_OVERLAYS})
            return
        try:
            path, name = self.find(reference.text, reference.beside)
            if (laid := self.seen.get(path.resolve())) is None:
                document = read(path, name)
            else:
                self._again(reference, laid, naming)
                return
        except RulesetError as error:
            self.findings += _placed(error.findings, reference.about or str(reference.text), reference.locate())
        except DocumentError as error:
            where = reference.locate() if error.finding.code == "no-file" else None
            self.findings.append(error.finding._replace(where=where or error.finding.where))
        else:
            self.seen[path.resolve()] = document
            self.findings += _stands(document)
            yield Layer(document, "overlay")

    def _again(self, reference: Reference, laid: Document, naming: Document | None) -> None:
        """Refuse a document that lies in the stack already."""
        if laid is naming:
            self._refuse(reference, "cycle", "cycle.itself", {"names": (laid.name,)})
        else:
            self._refuse(reference, "duplicate-id", "duplicate-id.overlay", {"name": laid.name})

    def _refuse(self, reference: Reference, code: str, key: str, values: Mapping[str, object]) -> None:
        about = reference.about or str(reference.text)
        self.findings.append(Finding(code, "error", about, key, values, reference.locate()))


def _stands(overlay: Document) -> Iterator[Finding]:
    """An overlay lies on what it is laid on, and on nothing of its own choice."""
    for key in ("extends", "overlays", "framework"):
        if header(overlay).get(key):
            where = overlay.where(("ruleset", key), on_key=True)
            yield Finding("bad-value", "error", f"ruleset.{key}", "bad-value.overlay", {"key_name": key}, where)


def _not_alone(document: Document, chain: list[Document]) -> Finding:
    """The finding about an overlay that is asked for, or extended, as if it were a ruleset."""
    values = {"name": str(header(document).get("id", document.name))}
    if chain:
        where = chain[-1].where(("ruleset", "extends"))
        return Finding("no-ruleset", "error", "ruleset.extends", "no-ruleset.extends-overlay", values, where)
    where = document.where(("ruleset", "id"))
    return Finding("no-ruleset", "error", document.name, "no-ruleset.overlay", values, where)


def _placed(findings: Sequence[Finding], about: str, where: Where | None) -> list[Finding]:
    """Findings about a reference, where the reference stands."""
    return [one._replace(about=about, where=one.where if where is None else where) for one in findings]
