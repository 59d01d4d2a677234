"""Tables from files: encodings and separators as spreadsheets export them, folders of Parquet, and what is none of it."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from sheets import number, packed, parts, text

from perfrules.errors import PerfrulesError
from perfrules.frames import sheets
from perfrules.frames.reading import opened

from .village import HEADER, ROWS, csv_of, parquet_of


def rows_of(path: Path | str) -> list[dict[str, Any]]:
    return [row for batch in opened(str(path)).open() for row in batch.to_pylist()]


def refusal(path: Path | str) -> str:
    """The key of the finding that a table is refused with, and its line."""
    with pytest.raises(PerfrulesError) as error:
        rows_of(path)
    (finding,) = error.value.findings
    return f"{finding.key or finding.code} {finding.where.line if finding.where and finding.where.line else ''}".strip()


EXPECTED = [dict(zip(HEADER, row, strict=True)) for row in ROWS]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_is_read_however_it_was_exported(tmp_path: Path, encoding: str, separator: str) -> None:
    table = opened(str(csv_of(tmp_path / "a.csv", encoding=encoding, separator=separator)))
    assert table.texts
    assert [row for batch in table.open() for row in batch.to_pylist()] == EXPECTED


def test_an_encoding_is_known_also_where_the_first_megabyte_is_ascii(tmp_path: Path) -> None:
    rows = [("a" * 50, "b")] * 25_000
    for encoding in ("utf-8", "gb18030"):
        path = csv_of(tmp_path / f"{encoding}.csv", [*rows, ("甲", "乙")], ("x", "y"), encoding)
        assert rows_of(path)[-1] == {"x": "甲", "y": "乙"}


def test_a_title_above_the_header_and_blank_rows_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("2023年汇总表\n\n单位,a,b\n甲,1,2\n,,\n乙,3,4\n,,\n", encoding="utf-8")
    assert rows_of(path) == [{"单位": "甲", "a": "1", "b": "2"}, {"单位": "乙", "a": "3", "b": "4"}]


def test_a_cell_may_hold_line_breaks_separators_and_quotes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('"预算\n(元)",b\r\n"1,086\n元","a ""b"""\r\n', encoding="utf-8", newline="")
    assert rows_of(path) == [{"预算\n(元)": "1,086\n元", "b": 'a "b"'}]


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"a,b\n1,2\n3\n", "not-csv.cells 3"),
        (b'a,b\n"1\n1",2\n3,4,5\n', "not-csv.cells 4"),
        (b"a,b\n", "not-csv.header-only 1"),
        (b"", "not-csv.empty"),
        (b"\n\n,,\n", "not-csv.empty"),
        (b"a,b,a\n1,2,3\n", "duplicate-id.column 1"),
        (b"\x81\xff\xff,b\n1,2\n", "not-utf8.table"),
    ],
)
def test_what_is_no_table_is_a_finding_at_its_line(tmp_path: Path, content: bytes, key: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    assert refusal(tmp_path / "a.csv") == key


@pytest.mark.parametrize("name", ["行 [1]*?.parquet", "a'b\"c.parquet", "-o.parquet", "ü ü.parquet"])
def test_a_file_is_read_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    assert len(rows_of(parquet_of(tmp_path / name))) == 4


def test_a_folder_and_a_glob_are_read_in_the_order_of_names(tmp_path: Path) -> None:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    for name, first in (("b", [3, 4]), ("a", [1, 2]), ("sub/c", [5, 6])):
        parquet_of(tmp_path / "in" / f"{name}.parquet", 2, id=first)
    (tmp_path / "in" / "_old.parquet").write_text("bookkeeping")
    assert [row["id"] for row in rows_of(tmp_path / "in")] == [1, 2, 3, 4, 5, 6]
    assert [row["id"] for row in rows_of(f"{tmp_path}/in/[ab].parquet")] == [1, 2, 3, 4]


def test_files_of_other_columns_do_not_belong_together(tmp_path: Path) -> None:
    parquet_of(tmp_path / "a.parquet")
    parquet_of(tmp_path / "b.parquet", spent=["1", "2", "3", "4"])
    assert refusal(tmp_path) == "not-parquet.schemas"


def test_a_folder_that_keeps_a_column_in_its_names_is_refused(tmp_path: Path) -> None:
    (tmp_path / "year=2023").mkdir()
    parquet_of(tmp_path / "year=2023" / "a.parquet")
    assert refusal(tmp_path) == "not-parquet.partitioned"
    assert len(rows_of(f"{tmp_path}/year=*/*.parquet")) == 4


def test_what_is_no_parquet_is_a_finding(tmp_path: Path) -> None:
    whole = parquet_of(tmp_path / "whole.parquet").read_bytes()
    for name, content in (("text", b"a,b\n1,2\n"), ("cut", whole[:-20]), ("empty", b""), ("head", whole[:100])):
        (tmp_path / f"{name}.parquet").write_bytes(content)
        assert refusal(tmp_path / f"{name}.parquet") == "not-parquet"
    (tmp_path / "bad.parquet").write_bytes(whole[:4] + bytes(300) + whole[304:])
    assert refusal(tmp_path / "bad.parquet") == "not-parquet.damaged"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("absent.parquet", "no-file"), ("absent.csv", "no-file"), ("absent.xlsx", "no-file"), ("absent", "no-file.table"),
        ("a.xls", "no-file.table"), ("*.parquet", "no-file.no-match"), (".", "no-file.no-parquet"), ("a\0b.csv", "no-file"),
        ("x" * 400 + ".parquet", "no-file"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_finding(tmp_path: Path, name: str, key: str) -> None:
    assert refusal(str(tmp_path / name)) == key


# -- workbooks ---------------------------------------------------------------------------------------------------


def book(path: Path, tables: dict[str, dict[str, str]], merged: str = "") -> Path:
    content = parts(tables)
    if merged:
        name = next(part for part in content if part.endswith("sheet1.xml"))
        cells = "".join(f'<mergeCell ref="{ref}"/>' for ref in merged.split())
        content[name] = content[name].replace("</worksheet>", f"<mergeCells>{cells}</mergeCells></worksheet>")
    path.write_bytes(packed(content))
    return path


def test_a_workbook_is_read_as_a_person_sees_it(tmp_path: Path) -> None:
    cells = {
        "A1": text("2023年汇总"), "A2": text("单位"), "B2": text("预算"), "D2": text("满意度"), "B3": text("年初"), "C3": text("全年"),
        "A4": text("甲"), "B4": number(1), "C4": number(2.5), "D4": number(0.95, "percent"), "B5": number(3), "C5": number(4),
    }  # fmt: skip
    path = book(tmp_path / "a.xlsx", {"S": cells}, "A1:D1 A2:A3 B2:C2 D2:D3 A4:A5")
    assert rows_of(path) == [
        {"单位": "甲", "年初": "1", "全年": "2.5", "满意度": "95%"},
        {"单位": "甲", "年初": "3", "全年": "4", "满意度": ""},
    ]


def test_the_sheet_is_the_first_or_the_only_one_that_fits(tmp_path: Path) -> None:
    tables = {
        "说明": {"A1": text("怎样填"), "A2": text("一")},
        "数据": {"A1": text("a"), "B1": text("b"), "A2": text("1"), "B2": text("2")},
    }
    path = book(tmp_path / "a.xlsx", tables)
    assert opened(str(path), lambda columns: "b" in columns).columns == ["a", "b"]
    assert opened(str(path), lambda columns: False).columns == ["怎样填"]


def test_a_workbook_without_rows_or_with_a_column_twice_is_refused(tmp_path: Path) -> None:
    assert refusal(book(tmp_path / "a.xlsx", {"S": {"A1": text("a"), "B1": text("b")}})) == "not-csv.header-only"
    twice = {"A1": text("a"), "B1": text("a"), "A2": text("1")}
    assert refusal(book(tmp_path / "b.xlsx", {"S": twice})) == "duplicate-id.column"


def test_a_workbook_that_unpacks_to_far_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MAX_UNPACKED", 1_000_000)
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as bomb:
        for name, content in parts({"S": {"A1": text("a")}}).items():
            bomb.writestr(name, content if "sheet1" not in name else " " * 5_000_000)
    assert refusal(tmp_path / "a.xlsx") == "too-large.workbook"
