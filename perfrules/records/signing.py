"""Ed25519 signatures (RFC 8032) by the package cryptography, which is asked for here alone."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from pathlib import Path
from typing import Any

from perfrules.errors import Finding, PerfrulesError
from perfrules.ruleset import toml
from perfrules.ruleset.toml import DocumentError

MAX_KEY = 10_000
"""Bytes of a key file; an Ed25519 key in PEM takes 120."""


def signer(path: str | Path) -> Callable[[bytes], str]:
    """What signs by a private key: takes bytes, gives the signature in base64.

    Args:
        path: A PEM file with an Ed25519 key, without a password.

    Raises:
        PerfrulesError: cryptography is not installed, or the file holds no such key.
    """
    serialization, ed25519, broken = _cryptography()
    raw = _content(path)
    try:
        key = serialization.load_pem_private_key(raw, password=None)
    except broken as error:
        raise _refuse(path, "bad-value.private-key") from error
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise _refuse(path, "bad-value.private-key")
    return lambda message: base64.b64encode(key.sign(message)).decode("ascii")


def checker(path: str | Path) -> Callable[[bytes, str], bool]:
    """What checks signatures by a public key: takes bytes and a signature in base64.

    Args:
        path: A PEM file with a public Ed25519 key.

    Raises:
        PerfrulesError: As of `signer`.
    """
    serialization, ed25519, broken = _cryptography()
    raw = _content(path)
    try:
        key = serialization.load_pem_public_key(raw)
    except broken as error:
        raise _refuse(path, "bad-value.public-key") from error
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise _refuse(path, "bad-value.public-key")

    def check(message: bytes, signature: str) -> bool:
        from cryptography.exceptions import InvalidSignature

        try:
            key.verify(base64.b64decode(signature, validate=True), message)
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True

    return check


def _cryptography() -> tuple[Any, Any, Any]:
    """The parts of the package that are used, and what it raises of files that hold no key.

    Raises:
        PerfrulesError: It is not installed.
    """
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError:
        raise PerfrulesError([Finding("needs-extra", about="Ed25519", values={"extra": "sign"})]) from None
    return serialization, ed25519, (ValueError, TypeError, UnsupportedAlgorithm)


def _content(path: str | Path) -> bytes:
    try:
        return toml.read_bytes(Path(path), str(path), MAX_KEY)
    except DocumentError as error:
        raise PerfrulesError([error.finding]) from None


def _refuse(path: str | Path, key: str) -> PerfrulesError:
    return PerfrulesError([Finding("bad-value", "error", str(path), key)])
