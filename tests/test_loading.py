"""What is loaded when: importing costs next to nothing, and a service that scores never loads what draws."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def loaded_after(program: str) -> set[str]:
    """The packages that a fresh interpreter has loaded after a program."""
    program += "\nimport sys\nprint(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_importing_perfrules_loads_none_of_its_dependencies() -> None:
    assert not loaded_after("import perfrules") & {"pydantic", "rich", "simpleeval", "tomli"}


def test_scoring_does_not_load_rich(project_root: Path) -> None:
    folder = project_root / "docs" / "examples" / "julu-2022"
    program = f"import perfrules\nperfrules.evaluate(perfrules.load({str(folder / 'ruleset.toml')!r}), {{}}).total"
    assert not loaded_after(program) & {"rich"}


def test_the_public_names_are_the_ones_that_dir_shows() -> None:
    program = "import perfrules\nassert set(dir(perfrules)) == {n for n in perfrules.__all__ if getattr(perfrules, n)}"
    assert loaded_after(program)
