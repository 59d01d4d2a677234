"""The picture of README.md shows what the commands write."""

from __future__ import annotations

from picture import PICTURE, draw, words


def test_the_picture_shows_what_the_commands_write() -> None:
    shown = words(PICTURE.read_text(encoding="utf-8"))
    assert shown == words(draw()), "draw it anew with `python tests/picture.py`, and look at it"
    assert any("staffing_control_rate" in line for line in shown)


def test_the_picture_loads_nothing_from_elsewhere() -> None:
    svg = PICTURE.read_text(encoding="utf-8")
    assert "@font-face" not in svg
    assert svg.count("http") == 1, "the name of SVG itself"
