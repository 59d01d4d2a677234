"""Ledgers: entries that carry the digest of the one before; what is changed, removed, cut off or exchanged is named."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from commands import run

import perfrules
from perfrules.errors import PerfrulesError, RecordError
from perfrules.evaluation.evaluation import Evaluation
from perfrules.records import ledger
from perfrules.records.chain import LedgerVerification, verify_ledger
from perfrules.records.ledger import HEAD, append, name_of, read_head
from perfrules.records.record import contents, load_record, sealed

from .kept import GIVEN, forged, station

pytest.importorskip("cryptography")
GOLDEN = Path(__file__).parent / "golden"


def evaluations(folder: Path) -> list[Evaluation]:
    """Three evaluations that differ in a fact."""
    return [station(folder, {**GIVEN, "facts": {**GIVEN["facts"], "staff_posts": posts}}) for posts in (19, 20, 21)]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    folder = tmp_path_factory.mktemp("keys")
    made: dict[str, Any] = {"ours": ed25519.Ed25519PrivateKey.generate(), "theirs": ed25519.Ed25519PrivateKey.generate(), "other": ec.generate_private_key(ec.SECP256R1())}  # fmt: skip
    paths = {}
    for name, key in made.items():
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        for kind, raw in ((name, private), (f"{name}.pub", public)):
            paths[kind] = folder / f"{kind}.pem"
            paths[kind].write_bytes(raw)
    return paths


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory, keys: dict[str, Path]) -> Path:
    """A signed ledger of three entries."""
    folder = tmp_path_factory.mktemp("signed")
    for evaluation in evaluations(folder):
        append(folder / "book", evaluation, keys["ours"])
    return folder / "book"


@pytest.fixture
def book(signed: Path, tmp_path: Path) -> Path:
    """A copy of it, to do as one likes with."""
    return Path(shutil.copytree(signed, tmp_path / "book"))


def said(found: LedgerVerification) -> list[tuple[str, str]]:
    """The keys of the findings, and the files that they are about; of a finding about a record its path."""
    return [(one.key or one.code, one.about.rpartition("/")[2]) for one in found.findings if one.severity == "error"]


# -- entries -------------------------------------------------------------------------------------------------------


def test_each_entry_carries_the_digest_of_the_one_before(book: Path) -> None:
    entries = [json.loads((book / name_of(number)).read_bytes()) for number in (1, 2, 3)]
    assert [entry["ledger"] for entry in entries] == [
        {"number": "1", "before": None},
        {"number": "2", "before": entries[0]["digest"]},
        {"number": "3", "before": entries[1]["digest"]},
    ]
    head = read_head(book)
    assert head is not None
    assert (head.entries, head.last) == (3, entries[2]["digest"])


def test_an_entry_is_a_record(book: Path) -> None:
    assert perfrules.verify(book / "000002.json") == ()
    assert str(load_record(book / "000002.json").evaluation()) == "河西镇文化站: 91.30 / 100"


def test_a_ledger_as_it_was_written_holds(book: Path, keys: dict[str, Path]) -> None:
    found = verify_ledger(book, keys["ours.pub"])
    assert (found.status, found.numbers, found.signed, found.findings) == ("verified", (1, 2, 3), True, ())


def test_without_a_key_a_signature_is_not_checked_and_that_is_said(book: Path) -> None:
    found = verify_ledger(book)
    assert (found.status, found.signed) == ("verified", None)
    assert [(one.severity, one.key) for one in found.findings] == [("note", "bad-signature.unchecked")]


# -- what is done to it --------------------------------------------------------------------------------------------


def change(book: Path, number: int = 2) -> None:
    path = book / name_of(number)
    path.write_bytes(path.read_bytes().replace(b'"score":"40.00"', b'"score":"41.00"'))


def forge(book: Path) -> None:
    """Entry 2 made again of other facts, its digests made to fit."""
    entry = json.loads((book / "000002.json").read_bytes())
    other = json.loads((book / "000001.json").read_bytes())
    (book / "000002.json").write_text(forged({**other, "ledger": entry["ledger"]}), encoding="utf-8")


def swap(book: Path) -> None:
    first, second = ((book / name_of(number)).read_bytes() for number in (2, 3))
    (book / "000002.json").write_bytes(second)
    (book / "000003.json").write_bytes(first)


def cut(book: Path, number: int = 2) -> None:
    path = book / name_of(number)
    path.write_bytes(path.read_bytes()[:1000])


def drop(*numbers: int) -> Callable[[Path], None]:
    def dropped(book: Path) -> None:
        for number in numbers:
            (book / name_of(number)).unlink()

    return dropped


def drop_last_and_mend_the_head(book: Path) -> None:
    (book / "000003.json").unlink()
    last = json.loads((book / "000002.json").read_bytes())["digest"]
    head = json.loads((book / HEAD).read_bytes())
    (book / HEAD).write_bytes(contents({**head, "count": "2", "last": last}))


def replace_by_a_record_alone(book: Path) -> None:
    entry = json.loads((book / "000003.json").read_bytes())
    del entry["ledger"]
    (book / "000003.json").write_bytes(contents(sealed(entry)))


def add_unasked(book: Path) -> None:
    entry = json.loads((book / "000003.json").read_bytes())
    entry["ledger"] = {"number": "4", "before": entry["digest"]}
    (book / "000004.json").write_bytes(contents(sealed(entry)))


DONE: dict[str, tuple[Callable[[Path], object], list[tuple[str, str]]]] = {
    "changed": (change, [("record-differs.of", "indicators[0].score")]),
    "changed-with-its-digests": (forge, [("ledger-broken.chain", "000003.json")]),
    "exchanged": (
        swap,
        [
            ("ledger-broken.order", "000002.json"),
            ("ledger-broken.order", "000003.json"),
            ("ledger-broken.head", "000003.json"),
        ],
    ),
    "cut-off": (cut, [("ledger-broken.entry", "000002.json"), ("not-a-record.json", "000002.json")]),
    "removed": (drop(2), [("ledger-broken.missing", "000002.json")]),
    "first-removed": (drop(1), [("ledger-broken.missing", "000001.json")]),
    "last-removed": (drop(3), [("ledger-broken.missing", "000003.json")]),
    "two-removed": (drop(2, 3), [("ledger-broken.several", "000002.json")]),
    "last-removed-and-head-mended": (drop_last_and_mend_the_head, [("bad-signature", HEAD)]),
    "exchanged-for-a-record": (
        replace_by_a_record_alone,
        [("ledger-broken.alone", "000003.json"), ("ledger-broken.head", "000003.json")],
    ),
    "added": (add_unasked, [("ledger-broken.behind", "000004.json")]),
    "head-removed": (lambda book: (book / HEAD).unlink(), [("ledger-broken.no-head", HEAD)]),
    "head-cut-off": (lambda book: (book / HEAD).write_bytes(b'{"count"'), [("not-a-record.json", HEAD)]),
    "head-of-another-kind": (lambda book: (book / HEAD).write_bytes(b'{"count":"x"}'), [("not-a-record.head", HEAD)]),
    "signature-changed": (
        lambda book: (book / HEAD).write_bytes((book / HEAD).read_bytes().replace(b'"signature":"', b'"signature":"A')),
        [("bad-signature", HEAD)],
    ),
    "signature-no-base64": (
        lambda book: (book / HEAD).write_bytes((book / HEAD).read_bytes().replace(b'"signature":"', b'"signature":"*')),
        [("bad-signature", HEAD)],
    ),
    "another-entry-far-away": (
        lambda book: shutil.copy(book / "000003.json", book / "999999999.json"),
        [
            ("ledger-broken.several", "000004.json"),
            ("ledger-broken.order", "999999999.json"),
            ("ledger-broken.behind", "000004.json"),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DONE)
def test_what_was_done_to_a_ledger_is_found_and_which_entry(name: str, book: Path, keys: dict[str, Path]) -> None:
    done, findings = DONE[name]
    done(book)
    found = verify_ledger(book, keys["ours.pub"])
    assert (said(found), found.status) == (findings, "differs")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_messages_read_as_shown(
    lang: str, signed: Path, keys: dict[str, Path], tmp_path: Path, golden: Callable[[Path, str], None]
) -> None:
    lines = []
    for name, (done, _) in DONE.items():
        book = Path(shutil.copytree(signed, tmp_path / name))
        done(book)
        findings = verify_ledger(book, keys["ours.pub"]).findings
        lines += [f"{name}:", *(f"  {one.message(lang)}  {one.help(lang)}".rstrip() for one in findings), ""]
    golden(GOLDEN / f"ledger.{lang}.txt", "\n".join(lines))


def test_without_a_signature_a_chain_proves_nothing_against_its_author(tmp_path: Path) -> None:
    for evaluation in evaluations(tmp_path):
        append(tmp_path / "book", evaluation)
    drop_last_and_mend_the_head(tmp_path / "book")
    assert verify_ledger(tmp_path / "book").findings == ()


def test_an_older_head_can_be_put_back_by_whoever_kept_it(tmp_path: Path, keys: dict[str, Path]) -> None:
    first, second, _ = evaluations(tmp_path)
    book = tmp_path / "book"
    append(book, first, keys["ours"])
    old = (book / HEAD).read_bytes()
    append(book, second, keys["ours"])
    (book / HEAD).write_bytes(old)
    (book / "000002.json").unlink()
    assert verify_ledger(book, keys["ours.pub"]).status == "verified"  # as docs/records.md says


def test_the_head_must_be_signed_by_the_key_that_is_given(book: Path, keys: dict[str, Path], tmp_path: Path) -> None:
    assert said(verify_ledger(book, keys["theirs.pub"])) == [("bad-signature", HEAD)]
    append(tmp_path / "plain", station(tmp_path))
    assert said(verify_ledger(tmp_path / "plain", keys["ours.pub"])) == [("bad-signature.none", HEAD)]


@pytest.mark.parametrize("folder", ["", "absent", "head.txt"])
def test_a_folder_without_a_ledger_is_said_to_be_none(folder: str, tmp_path: Path) -> None:
    (tmp_path / "head.txt").write_text("x", encoding="utf-8")
    with pytest.raises(RecordError) as refused:
        verify_ledger(tmp_path / folder)
    assert refused.value.findings[0].key == "no-file.ledger"


# -- adding --------------------------------------------------------------------------------------------------------


def test_what_several_add_at_once_is_one_chain(tmp_path: Path) -> None:
    given = evaluations(tmp_path) * 3
    with ThreadPoolExecutor(3) as pool:
        paths = list(pool.map(lambda one: append(tmp_path / "book", one), given))
    assert sorted(path.name for path in paths) == [name_of(number) for number in range(1, 10)]
    found = verify_ledger(tmp_path / "book")
    assert (found.status, len(found.numbers), found.findings) == ("verified", 9, ())


@pytest.mark.parametrize("left", ["whole", "half"])
def test_an_entry_whose_writer_was_interrupted_stops_the_next_and_can_be_moved_away(
    left: str, book: Path, tmp_path: Path, keys: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "PATIENCE", 0.0)
    add_unasked(book)
    if left == "half":
        cut(book, 4)
    evaluation = station(tmp_path)
    with pytest.raises(RecordError) as refused:
        append(book, evaluation, keys["ours"])
    assert [(one.code, one.about) for one in refused.value.findings] == [("ledger-busy", str(book / "000004.json"))]
    (book / "000004.json").unlink()
    append(book, evaluation, keys["ours"])
    assert verify_ledger(book, keys["ours.pub"]).status == "verified"


def test_an_entry_whose_head_cannot_be_written_is_taken_away_again(
    book: Path, tmp_path: Path, keys: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("perfrules.output.os.replace", fail)
        with pytest.raises(PerfrulesError, match="the disk is full"):
            append(book, station(tmp_path), keys["ours"])
    assert sorted(path.name for path in book.iterdir()) == ["000001.json", "000002.json", "000003.json", HEAD]
    assert verify_ledger(book, keys["ours.pub"]).status == "verified"


@pytest.mark.parametrize(
    ("done", "key"),
    [
        (lambda book: (book / "000003.json").unlink(), "ledger-broken.missing"),
        (lambda book: change(book, 3), "ledger-broken.head"),
        (lambda book: cut(book, 3), "not-a-record.json"),
        (lambda book: (book / HEAD).write_bytes(b"[]"), "not-a-record"),
    ],
)
def test_nothing_is_added_to_a_ledger_whose_end_is_broken(
    done: Callable[[Path], object], key: str, book: Path, tmp_path: Path, keys: dict[str, Path]
) -> None:
    done(book)
    before = sorted((path.name, path.read_bytes()) for path in book.iterdir())
    with pytest.raises(RecordError) as refused:
        append(book, station(tmp_path), keys["ours"])
    assert [one.key for one in refused.value.findings] == [key]
    assert sorted((path.name, path.read_bytes()) for path in book.iterdir()) == before


def test_a_signed_ledger_is_not_continued_without_a_signature(book: Path, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"give the private key by --sign"):
        append(book, station(tmp_path))


@pytest.mark.parametrize("key", ["ours.pub", "other", "absent", "junk", "empty"])
def test_a_file_without_a_private_ed25519_key_is_refused_before_anything_is_written(
    key: str, keys: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "junk").write_bytes(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    (tmp_path / "empty").write_bytes(b"")
    with pytest.raises(PerfrulesError) as refused:
        append(tmp_path / "book", station(tmp_path), keys.get(key, tmp_path / key))
    assert refused.value.findings[0].code == ("no-file" if key == "absent" else "bad-value")
    assert not (tmp_path / "book").exists()


@pytest.mark.parametrize("key", ["ours", "other.pub"])
def test_a_file_without_a_public_ed25519_key_is_refused(key: str, book: Path, keys: dict[str, Path]) -> None:
    with pytest.raises(PerfrulesError, match="holds no public Ed25519 key"):
        verify_ledger(book, keys[key])


# -- the command ---------------------------------------------------------------------------------------------------


def test_the_command_adds_every_submission_and_verifies_the_ledger(
    tmp_path: Path, keys: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    station(tmp_path)
    for name, posts in {"a.csv": 19, "b.csv": 20}.items():
        (tmp_path / name).write_text(f"staff_in_post,staff_posts,goal.level\n20,{posts},met\n", encoding="utf-8")
    book = Path("book")
    asked = ("evaluate", "a.csv", "b.csv", "--ruleset", "station.toml")
    ran = run(*asked, "--ledger", book, "--sign", keys["ours"], "--lang", "en")
    assert ran.out.split("\n")[-3:-1] == [f"recorded as {book}/000001.json", f"recorded as {book}/000002.json"]
    ran = run("verify", "--ledger", book, "--key", keys["ours.pub"], "--lang", "zh")
    assert (ran.status, ran.out) == (0, f"复算相符  {book}  共 2 条\n封面签名相符\n")
    data = json.loads(run("verify", "--ledger", book, "--json").out)
    assert (data["status"], data["entries"], data["signed"]) == ("verified", 2, None)
    change(book, 2)
    (book / "000001.json").unlink()
    ran = run("verify", "--ledger", book, "--lang", "en")
    assert (ran.status, "entry 1 is missing" in ran.out) == (1, True)


def test_with_json_nothing_else_is_written(tmp_path: Path) -> None:
    station(tmp_path).save(tmp_path / "record.json")
    ran = run("evaluate", tmp_path / "record.json", "--ledger", tmp_path / "book", "--json")
    assert json.loads(ran.out)["total"]["score"] == "79.30"
    assert (tmp_path / "book" / "000001.json").exists()


def test_sign_without_a_ledger_is_refused(tmp_path: Path, keys: dict[str, Path]) -> None:
    station(tmp_path).save(tmp_path / "record.json")
    ran = run("evaluate", tmp_path / "record.json", "--sign", keys["ours"], "--lang", "en")
    assert (ran.status, ran.err) == (2, "[bad-value] --sign goes with --ledger\n")


def test_without_the_package_for_signatures_one_sentence_says_what_to_install(
    book: Path, keys: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric", None)
    ran = run("verify", "--ledger", book, "--key", keys["ours.pub"], "--lang", "zh")
    assert (ran.status, ran.out) == (2, "")
    assert (
        ran.err == "[needs-extra] `Ed25519` 要用另外的软件包，还没有安装\n怎么办：运行 pip install 'perfrules[sign]'\n"
    )
    assert run("verify", "--ledger", book).status == 0
