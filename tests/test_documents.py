"""The runner of the documents, tried on pages made for it and a small program in the place of `perfrules`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from documents import Page, blocks, matches, prepare

PROGRAM = """
import os, pathlib, sys
command, *rest = sys.argv[1:]
if command == "say":
    print(*rest)
elif command == "read":
    print(pathlib.Path(rest[0]).read_text(encoding="utf-8"), end="")
elif command == "language":
    print(os.environ["LANG"], os.environ["COLUMNS"])
else:
    print("working on it")
    sys.exit(f"no command `{command}`")
"""


def run(text: str, tmp_path: Path, name: str = "page.md") -> Page:
    """Run a page of its own, in a project that has one document."""
    project, folder = tmp_path / "project", tmp_path / "folder"
    for place in (project / "docs", folder):
        place.mkdir(parents=True)
    (project / "docs" / "given.txt").write_text("given\n", encoding="utf-8")
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    page = Page(path, folder, prepare(folder, project, [sys.executable, "-c", PROGRAM]))
    page.run()
    return page


def fenced(language: str, *lines: str, mark: str = "") -> str:
    """A block as it stands on a page."""
    return "\n".join([*([f"<!-- {mark} -->"] if mark else []), f"```{language}", *lines, "```", "", ""])


@pytest.mark.parametrize(
    "page",
    [
        fenced("console", "$ perfrules say 总分 98", "总分 98"),
        fenced("console", "$ perfrules say one", "one", "", "$ perfrules say two \\", "  three", "two three"),
        fenced("console", "$ perfrules say 'a   b  '", "a   b"),
        fenced("console", "$ perfrules say sha256:9f86d0", "sha256:..."),
        fenced("console", "$ printf '1\\n2\\n3\\n'", "1", "..."),
        fenced("console", "$ perfrules language", "en_US.UTF-8 80"),
        fenced("console", "$ LANG=zh_CN.UTF-8 perfrules language", "zh_CN.UTF-8 80"),
        fenced("console", "$ perfrules read docs/given.txt", "given"),
        fenced("console", "$ perfrules fly", "working on it", "no command `fly`", "$ echo $?", "1"),
        fenced("console", "$ perfrules fly; echo $?", "working on it", "no command `fly`", "1"),
        fenced("console", "$ perfrules fly", "...", "no command `fly`", mark="exit: 1"),
        fenced("console", "$ perfrules fly", mark="not run: flies only outdoors"),
        fenced("toml", "weight = 5", mark="file: a/b.toml") + fenced("console", "$ cat a/b.toml", "weight = 5"),
        fenced("toml", "weight = ", mark="file: broken.toml"),
        fenced("toml", "x = 1", mark="file: a.toml")
        + fenced("toml", "y = 2", "z = 3", mark="more: a.toml")
        + fenced("diff", " x = 1", "", "-z = 3", "+z = 4", mark="change: a.toml")
        + fenced("console", "$ cat a.toml", "x = 1", "", "y = 2", "z = 4"),
        fenced("toml", "weight = 5") + fenced("json", '{"weight": "5"}') + fenced("text", "anything"),
        fenced("python", "x = 1") + "And so\n\n" + fenced("python", "assert x == 1"),
        fenced("python", "import os", "print(*os.listdir('docs'))") + fenced("text", "given.txt", mark="output"),
        "1. In a list\n\n   ```console\n   $ perfrules say one\n   one\n   ```\n",
        "````markdown\n```console\n$ perfrules fly\n```\n````\n",
    ],
)
def test_a_page_that_shows_what_is_so_passes(page: str, tmp_path: Path) -> None:
    done = run(page, tmp_path)
    assert done.wrong == []
    assert done.changes == []


@pytest.mark.parametrize(
    ("page", "message"),
    [
        (fenced("console", "$ perfrules say one", "two"), "page.md:3: the output differs\n--- on the page\n+++ found"),
        (fenced("console", "$ perfrules say one"), "page.md:3: the output differs"),
        (fenced("console", "$ true", "more"), "page.md:3: the output differs"),
        (fenced("console", "$ perfrules fly", "..."), "page.md:2: `perfrules fly` ended with status 1, not 0"),
        (fenced("console", "$ true", mark="exit: 1"), "page.md:3: `true` ended with status 0, not 1"),
        (fenced("console", "perfrules say one"), "page.md:2: a console block shows commands after `$ `"),
        (fenced("toml", "weight = "), "page.md:2: this toml cannot be read"),
        (fenced("json", "{,}"), "page.md:2: this json cannot be read"),
        (fenced("toml", "x = 1", mark="file: ../x.toml"), "page.md:3: the file `../x.toml` is outside the folder"),
        (fenced("toml", "x = 1", mark="more: x.toml"), "page.md:3: there is no file `x.toml` to change"),
        (
            fenced("toml", "x = 1", "x = 1", mark="file: x.toml")
            + fenced("diff", "-x = 1", "+x = 2", mark="change: x.toml"),
            "page.md:9: this does not stand in exactly one place:\nx = 1",
        ),
        (fenced("python", "x = 1", "1 / 0"), 'page.md", line 3, in <module>'),
        (fenced("python", "print(1)"), "page.md:3: this python prints, and no block marked"),
        (fenced("python", "print(1)") + fenced("text", "2", mark="output"), "page.md:7: the output differs"),
        (fenced("text", "2", mark="output"), "page.md:3: an output block must directly follow"),
    ],
)
def test_a_page_that_shows_what_is_not_so_is_told_where(page: str, message: str, tmp_path: Path) -> None:
    assert message in run(page, tmp_path).wrong[0]


def test_a_page_goes_on_with_the_files_that_earlier_pages_ended_with(tmp_path: Path) -> None:
    first = fenced("toml", "x = 1", mark="file: a.toml") + fenced("console", "$ perfrules fly", mark="exit: 1")
    second = fenced("diff", "-x = 1", "+x = 2", mark="continues: first.md -->\n<!-- change: a.toml")
    (tmp_path / "first.md").write_text(first, encoding="utf-8")
    (tmp_path / "second.md").write_text(second, encoding="utf-8")
    done = run(fenced("console", "$ cat a.toml", "x = 2", mark="continues: second.md"), tmp_path)
    assert done.wrong == []


def test_a_chinese_page_is_run_where_chinese_is_spoken(tmp_path: Path) -> None:
    done = run(fenced("console", "$ perfrules language", "zh_CN.UTF-8 80"), tmp_path, "page.zh.md")
    assert done.wrong == []


def test_a_block_that_is_never_closed_is_refused() -> None:
    with pytest.raises(ValueError, match="a block opened with ``` is never closed"):
        list(blocks("```python\nx = 1\n"))


def test_an_update_makes_the_page_hold_and_touches_nothing_else(tmp_path: Path) -> None:
    page = "# Title\n\n" + fenced("console", "$ perfrules say one", "two", "three", "", "$ perfrules say x", "...")
    page += fenced("python", "print(1)") + "Last words\n"
    done = run(page, tmp_path / "before")
    done.update()
    updated = done.path.read_text(encoding="utf-8")
    expected = "# Title\n\n" + fenced("console", "$ perfrules say one", "one", "", "$ perfrules say x", "...")
    expected += fenced("python", "print(1)") + fenced("text", "1", mark="output") + "Last words\n"
    assert updated == expected
    assert run(updated, tmp_path / "after").wrong == []


@pytest.mark.parametrize(
    ("expected", "found", "holds"),
    [
        (["a", "...", "z"], ["a", "z"], True),
        (["a", "...", "z"], ["a", "b", "c", "z"], True),
        (["a", "...", "z"], ["a", "b"], False),
        (["..."], [], True),
        (["a...z"], ["a, b, z"], True),
        (["a...z"], ["a", "z"], False),
        (["a.b"], ["axb"], False),
        ([], ["a"], False),
    ],
)
def test_three_dots_stand_for_what_is_left_out(expected: list[str], found: list[str], holds: bool) -> None:
    assert matches(expected, found) is holds
