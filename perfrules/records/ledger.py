"""A ledger: a folder of records, each carrying the digest of the one before, and a head that says how many there are.

An entry `000003.json` is a record with its number and the digest of entry 2 in `ledger`. It is written under a name
that must be free, and then the head is moved forward: so the name is the lock between processes, and an entry behind
the head is one whose writer is at work, or was interrupted.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from perfrules import output
from perfrules.errors import Finding, RecordError
from perfrules.evaluation.evaluation import Evaluation
from perfrules.records import reading, signing
from perfrules.records.record import contents, load_record, made, sealed

FORMAT = "1"
HEAD = "head.json"
PATIENCE = 10.0
"""Seconds that an entry of another process may take to get its head; it takes milliseconds."""

_PAUSE = 0.02
_COUNT = re.compile(r"0|[1-9][0-9]{0,8}")


class Head(NamedTuple):
    """What a ledger says of itself.

    Attributes:
        entries: How many there are.
        last: The digest of the last of them; None where there is none.
        signature: The signature of the two in base64; None where nobody signed.
    """

    entries: int = 0
    last: str | None = None
    signature: str | None = None

    def message(self) -> bytes:
        """What is signed: canonical JSON of the head without the signature."""
        return contents({"ledger": FORMAT, "count": str(self.entries), "last": self.last})

    def content(self) -> bytes:
        """The head as its file has it."""
        return contents({
            "ledger": FORMAT, "count": str(self.entries), "last": self.last, "signature": self.signature,
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
            raise refuse("bad-signature.needed", folder / HEAD)
        _check_last(folder, head)
        entry = sealed({**body, "ledger": {"number": str(head.entries + 1), "before": head.last}})
        path = folder / name_of(head.entries + 1)
        if output.claim(path, contents(entry)):
            _move(folder, path, Head(head.entries + 1, entry["digest"]), sign)
            return path
        if time.monotonic() > patience:
            raise refuse("ledger-busy", path, number=head.entries + 1)
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
    if not head.entries:
        return
    path = folder / name_of(head.entries)
    if not path.exists():
        raise refuse("ledger-broken.missing", path, first=head.entries, last=head.entries)
    entry = load_record(path).data
    if sealed(entry)["digest"] != head.last:
        raise refuse("ledger-broken.head", path, number=head.entries)


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


def refuse(key: str, path: Path, **values: object) -> RecordError:
    """The error that something is wrong with a file of a ledger."""
    return RecordError([broken(key, path, **values)])


def broken(key: str, path: Path, **values: object) -> Finding:
    """The finding that something is wrong with a file of a ledger."""
    return Finding(key.partition(".")[0], "error", str(path), key, values)
