"""Whether a ledger is whole: every entry derives again and follows on the one before, and the head fits the last."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from perfrules.errors import Finding, RecordError
from perfrules.records import signing
from perfrules.records.ledger import HEAD, Head, broken, name_of, read_head, refuse
from perfrules.records.reading import Json
from perfrules.records.record import Record, load_record
from perfrules.records.verify import examined

_ENTRY = re.compile(r"([0-9]{6,9})\.json")


class LedgerVerification(NamedTuple):
    """What verifying a ledger gives.

    Attributes:
        folder: The ledger.
        numbers: The entries that are there.
        head: The head; None where it is missing or cannot be read.
        signed: Whether the signature was checked and holds; None where none was checked.
        findings: What is wrong, entry by entry.
    """

    folder: str
    numbers: tuple[int, ...]
    head: Head | None
    signed: bool | None
    findings: tuple[Finding, ...]

    @property
    def status(self) -> str:
        """`verified`, or `differs`."""
        return "differs" if any(finding.severity == "error" for finding in self.findings) else "verified"


def verify_ledger(
    folder: str | Path,
    key: str | Path | None = None,
    each: Callable[[Sequence[str]], Iterable[str]] = iter,
) -> LedgerVerification:
    """Say whether a ledger is whole: every entry derives again and follows on the one before, and the head fits.

    Args:
        folder: The ledger.
        key: A PEM file with the public Ed25519 key by which the head must be signed.
        each: What the names of the entries pass through, one at a time, such as a progress bar.

    Raises:
        RecordError: There is no ledger in the folder.
        PerfrulesError: The key cannot be read.
    """
    folder = Path(folder)
    check = signing.checker(key) if key else None
    numbers = _numbers(folder)
    found: list[Finding] = []
    head = None
    try:
        head = read_head(folder)
    except RecordError as error:
        found += error.findings
    else:
        if head is None and not numbers:
            raise refuse("no-file.ledger", folder)
        found += [] if head else [broken("ledger-broken.no-head", folder / HEAD)]
    chain = _Chain(folder, numbers, head)
    for name in each([name_of(number) for number in numbers]):
        found += chain.entry(name)
    found += chain.end()
    signed, notes = _signed(folder, head, check)
    return LedgerVerification(str(folder), numbers, head, signed, (*found, *notes))


def _numbers(folder: Path) -> tuple[int, ...]:
    """The numbers of the entries that are there, in order."""
    try:
        names = [path.name for path in folder.iterdir()]
    except (OSError, ValueError):
        raise refuse("no-file.ledger", folder) from None
    found = (int(match[1]) for name in names if (match := _ENTRY.fullmatch(name)) and name_of(int(match[1])) == name)
    return tuple(sorted(number for number in found if number))


class _Chain:
    """The entries of a ledger one after the other."""

    def __init__(self, folder: Path, numbers: Sequence[int], head: Head | None) -> None:
        self.folder = folder
        self.numbers = numbers
        self.head = head
        self.number = 0
        self.digest: str | None = None
        self.known = True
        """Whether the digest of the entry before is known."""

    def entry(self, name: str) -> Iterator[Finding]:
        """What is wrong with the next entry that is there."""
        number = int(name.partition(".")[0])
        if number > self.number + 1:
            yield self._gap(self.number + 1, number - 1)
        self.number = number
        path = self.folder / name
        try:
            record = load_record(path)
        except RecordError as error:
            yield broken("ledger-broken.entry", path, number=number)
            yield from error.findings
            self.known = False
            return
        yield from self._linked(path, record, number)
        yield from (finding for finding in examined(record).findings if finding.severity == "error")
        self.digest, self.known = str(record.data["digest"]), True
        if self.head and number == self.head.entries and self.digest != self.head.last:
            yield broken("ledger-broken.head", path, number=number)

    def _gap(self, first: int, last: int) -> Finding:
        self.known = False
        key = "ledger-broken.missing" if first == last else "ledger-broken.several"
        return broken(key, self.folder / name_of(first), first=first, last=last)

    def _linked(self, path: Path, record: Record, number: int) -> Iterator[Finding]:
        """Whether an entry is the one that its name says, and follows on the one before."""
        said = record.data.get("ledger")
        if said is None:
            yield _placed("ledger-broken.alone", path, record.file, number=number)
        elif said["number"] != str(number):
            yield _placed("ledger-broken.order", path, record.file, number=number, said=said["number"])
        elif self.known and said["before"] != self.digest:
            yield _placed("ledger-broken.chain", path, record.file, number=number, before=number - 1)

    def end(self) -> Iterator[Finding]:
        """What is wrong behind the last entry that is there."""
        if self.head is None:
            return
        if self.number < self.head.entries:
            yield self._gap(self.number + 1, self.head.entries)
        elif self.number > self.head.entries:
            path = self.folder / name_of(self.head.entries + 1)
            yield broken("ledger-broken.behind", path, count=self.head.entries, number=self.number)


def _placed(key: str, path: Path, file: Json, **values: object) -> Finding:
    return broken(key, path, **values)._replace(where=file.where(("ledger",)))


def _signed(
    folder: Path, head: Head | None, check: Callable[[bytes, str], bool] | None
) -> tuple[bool | None, list[Finding]]:
    """Whether the signature of the head holds, and what is wrong with it."""
    if head is None or check is None:
        unchecked = head is not None and head.signature is not None
        note = Finding("bad-signature", "note", str(folder / HEAD), "bad-signature.unchecked")
        return None, [note] if unchecked else []
    if head.signature is None:
        return False, [broken("bad-signature.none", folder / HEAD)]
    if not check(head.message(), head.signature):
        return False, [broken("bad-signature", folder / HEAD)]
    return True, []
