"""Writing files: beside the target first, then moved into its place, so that no file is ever half written."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from perfrules import words
from perfrules.errors import Finding, PerfrulesError


def write(path: Path, content: str | bytes) -> None:
    """Write a file, text in UTF-8; all of it or nothing.

    Raises:
        PerfrulesError: It cannot be written; an older file of that name is as it was.
    """
    with beside(path) as part, refusing(path):
        part.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


@contextlib.contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A file to write into, beside the one that is meant, and moved into its place when all went well.

    Whatever ends the writing, an interruption included, leaves nothing of it.

    Raises:
        PerfrulesError: It cannot be made or moved; an older file of that name is as it was.
    """
    with refusing(path):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        os.close(handle)
    part = Path(name)
    try:
        yield part
        with refusing(path):
            mask = os.umask(0)
            os.umask(mask)
            part.chmod(0o666 & ~mask)
            part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


@contextlib.contextmanager
def folder_beside(path: Path) -> Iterator[Path]:
    """A folder to write into, beside the one that is meant, and moved into its place when all went well.

    Raises:
        PerfrulesError: There is something of that name, or it cannot be made or moved.
    """
    if path.exists():
        raise PerfrulesError([Finding("exists", about=str(path), key="exists.folder")])
    with scratch(path) as part:
        yield part
        with refusing(path):
            part.chmod(0o755)
            part.replace(path)


@contextlib.contextmanager
def scratch(path: Path) -> Iterator[Path]:
    """A folder beside a path, for what is needed while that is written; gone afterwards.

    Raises:
        PerfrulesError: It cannot be made.
    """
    with refusing(path):
        part = tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        yield Path(part)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def claim(path: Path, content: bytes) -> bool:
    """Write a file that must not be there yet, and keep it from being lost with the power.

    Returns:
        Whether it was written; False where there is one of that name, which stays as it is. Of several processes
        that claim one name, one is told True.

    Raises:
        PerfrulesError: It cannot be written, and nothing of it is left.
    """
    with refusing(path):
        try:
            file = path.open("xb")
        except FileExistsError:
            return False
        try:
            with file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            with contextlib.suppress(OSError):
                path.unlink()
            raise
    return True


@contextlib.contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turn what the system says against writing a file into a finding.

    Raises:
        PerfrulesError: It cannot be written.
    """
    try:
        yield
    except OSError as error:
        values = {"reason": words.os_reason(error)}
        raise PerfrulesError([Finding("cannot-write", about=str(path), values=values)]) from None
    except ValueError:  # a name with a NUL
        raise PerfrulesError([Finding("cannot-write", about=str(path), values={"reason": "?"})]) from None
