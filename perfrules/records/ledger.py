"""A ledger: a folder of records, each carrying the digest of the one before, and a head that says how many there are.

An entry `000003.json` is a record with its number and the digest of entry 2 in `ledger`. It is written under a name that
must be free, and only then the head is moved forward: so the name is the lock between processes, and an entry behind
the head is one whose writer is at work, or was interrupted.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from perfrules import output
from perfrules.errors import Finding, RecordError
from perfrules.evaluation.results import Evaluation
from perfrules.records import reading, signing
from perfrules.records.reading import Json
from perfrules.records.record import Record, contents, load_record, made, sealed
from perfrules.records.verify import examined

FORMAT = "1"
HEAD = "head.json"
PATIENCE = 10.0
"""Seconds that an entry of another process may take to get its head; it takes milliseconds."""

_PAUSE = 0.02
_ENTRY = re.compile(r"([0-9]{6,9})\.json")
_COUNT = re.compile(r"0|[1-9][0-9]{0,8}")


class Head(NamedTuple):
    """What a ledger says of itself.

    Attributes:
        count: How many entries there are.
        last: The digest of the last of them; None where there is none.
        signature: The signature of the two in base64; None where nobody signed.
    """

    count: int = 0
    last: str | None = None
    signature: str | None = None

    def message(self) -> bytes:
        """What is signed: canonical JSON of the head without the signature."""
        return contents({"ledger": FORMAT, "count": str(self.count), "last": self.last})

    def content(self) -> bytes:
        """The head as its file has it."""
        return contents({
            "ledger": FORMAT, "count": str(self.count), "last": self.last, "signature": self.signature,
        })  # fmt: skip


def name_of(number: int) -> str:
    """The name of an entry's file."""
    return f"{number:06}.json"


# -- adding ------------------------------------------------------------------------------------------------------


def append(folder: str | Path, evaluation: Evaluation, key: str | Path | None = None) -> Path:
    """Add an evaluation to a ledger as its last entry.

    Args:
        folder: The ledger; made if it is not there.
        evaluation: What to record.
        key: A PEM file with the private Ed25519 key that signs the head.

    Returns:
        The file of the entry.

    Raises:
        RecordError: The ledger is broken at its end, is signed and no key is given, or another process does not finish.
        PerfrulesError: Nothing can be written, or the key cannot be read.
    """
    folder = Path(folder)
    sign = signing.signer(key) if key else None
    body = made(evaluation)
    with output.refusing(folder):
        folder.mkdir(exist_ok=True)
    patience = time.monotonic() + PATIENCE
    while True:
        head = read_head(folder) or Head()
        if head.signature and sign is None:
            raise _refuse("bad-signature.needed", folder / HEAD)
        _check_last(folder, head)
        entry = sealed({**body, "ledger": {"number": str(head.count + 1), "before": head.last}})
        path = folder / name_of(head.count + 1)
        if output.claim(path, contents(entry)):
            _move(folder, path, Head(head.count + 1, entry["digest"]), sign)
            return path
        if time.monotonic() > patience:
            raise _refuse("ledger-busy", path, number=head.count + 1)
        time.sleep(_PAUSE)


def _move(folder: Path, path: Path, head: Head, sign: Callable[[bytes], str] | None) -> None:
    """Move the head to the entry that was written; without one the entry is taken away again."""
    try:
        signature = sign(head.message()) if sign else None
        output.write(folder / HEAD, head._replace(signature=signature).content())
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise


def _check_last(folder: Path, head: Head) -> None:
    """Refuse to add to a ledger whose last entry is not the one that the head says.

    Raises:
        RecordError: It is missing, changed, or no record.
    """
    if not head.count:
        return
    path = folder / name_of(head.count)
    if not path.exists():
        raise _refuse("ledger-broken.missing", path, first=head.count, last=head.count)
    entry = load_record(path).data
    if sealed(entry)["digest"] != head.last:
        raise _refuse("ledger-broken.head", path, number=head.count)


def read_head(folder: Path) -> Head | None:
    """The head of a ledger; None where there is none.

    Raises:
        RecordError: It is no head.
    """
    path = folder / HEAD
    if not path.exists():
        return None
    file = reading.read(path)
    data = file.data
    for key, pattern in {"ledger": re.compile(FORMAT), "count": _COUNT}.items():
        if not isinstance(data.get(key), str) or not pattern.fullmatch(data[key]):
            raise file.refuse("not-a-record.head", (key,))
    for key in ("last", "signature"):
        if not isinstance(data.get(key), str | None):
            raise file.refuse("not-a-record.head", (key,))
    return Head(int(data["count"]), data.get("last"), data.get("signature"))


def _refuse(key: str, path: Path, **values: object) -> RecordError:
    return RecordError([_broken(key, path, **values)])


def _broken(key: str, path: Path, **values: object) -> Finding:
    return Finding(key.partition(".")[0], "error", str(path), key, values)


# -- verifying ---------------------------------------------------------------------------------------------------


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
            raise _refuse("no-file.ledger", folder)
        found += [] if head else [_broken("ledger-broken.no-head", folder / HEAD)]
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
        raise _refuse("no-file.ledger", folder) from None
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
            yield _broken("ledger-broken.entry", path, number=number)
            yield from error.findings
            self.known = False
            return
        yield from self._linked(path, record, number)
        yield from (finding for finding in examined(record).findings if finding.severity == "error")
        self.digest, self.known = str(record.data["digest"]), True
        if self.head and number == self.head.count and self.digest != self.head.last:
            yield _broken("ledger-broken.head", path, number=number)

    def _gap(self, first: int, last: int) -> Finding:
        self.known = False
        key = "ledger-broken.missing" if first == last else "ledger-broken.several"
        return _broken(key, self.folder / name_of(first), first=first, last=last)

    def _linked(self, path: Path, record: Record, number: int) -> Iterator[Finding]:
        """Whether an entry is the one that its name says, and follows on the one before."""
        said = record.data.get("ledger")
        if not isinstance(said, dict) or not isinstance(said.get("number"), str):
            yield _placed("ledger-broken.alone", path, record.file, number=number)
        elif said["number"] != str(number):
            yield _placed("ledger-broken.order", path, record.file, number=number, said=said["number"])
        elif self.known and said.get("before") != self.digest:
            yield _placed("ledger-broken.chain", path, record.file, number=number, before=number - 1)

    def end(self) -> Iterator[Finding]:
        """What is wrong behind the last entry that is there."""
        if self.head is None:
            return
        if self.number < self.head.count:
            yield self._gap(self.number + 1, self.head.count)
        elif self.number > self.head.count:
            path = self.folder / name_of(self.head.count + 1)
            yield _broken("ledger-broken.behind", path, count=self.head.count, number=self.number)


def _placed(key: str, path: Path, file: Json, **values: object) -> Finding:
    return _broken(key, path, **values)._replace(where=file.where(("ledger",)))


def _signed(
    folder: Path, head: Head | None, check: Callable[[bytes, str], bool] | None
) -> tuple[bool | None, list[Finding]]:
    """Whether the signature of the head holds, and what is wrong with it."""
    if head is None or check is None:
        unchecked = head is not None and head.signature is not None
        note = Finding("bad-signature", "note", str(folder / HEAD), "bad-signature.unchecked")
        return None, [note] if unchecked else []
    if head.signature is None:
        return False, [_broken("bad-signature.none", folder / HEAD)]
    if not check(head.message(), head.signature):
        return False, [_broken("bad-signature", folder / HEAD)]
    return True, []

