"""Lines in words that are not drawn yet, with what stands below each: what the console and the page both draw."""

from __future__ import annotations

from typing import NamedTuple

from perfrules import words


class Span(NamedTuple):
    """A piece of a line, and how it is meant: `strong`, `faint`, a status, or plainly.

    Attributes:
        text: The text, on one line, safe to show.
        tone: `strong`, `faint`, `note`, `known`, `open`, or a status of a row; else empty.
        code: Whether it is a formula.
        names: Of the words that name a submission, its path, from the folder of the one that is told; else empty.
    """

    text: str
    tone: str = ""
    code: bool = False
    names: str = ""


class Told:
    """One line of a derivation, and what stands below it."""

    def __init__(self, text: str = "", tone: str = "") -> None:
        """Begin a line."""
        self.spans: list[Span] = []
        self.below: list[Told] = []
        self.say(text, tone)

    def say(self, text: str, tone: str = "") -> Told:
        """Go on with the line, in words."""
        if text:
            self.spans.append(Span(text, tone))
        return self

    def quote(self, text: str, tone: str = "") -> Told:
        """Go on with the line, by a formula."""
        if text:
            self.spans.append(Span(text, tone, code=True))
        return self

    def name(self, text: str, path: str, tone: str = "") -> Told:
        """Go on with the line, by words that name the submission at a path."""
        if text:
            self.spans.append(Span(text, tone, names=path))
        return self

    def add(self, line: Told) -> Told:
        """Put a line below, and give it back."""
        self.below.append(line)
        return line


def one_line(text: object) -> str:
    """A text from a file, safe to show, its lines made one."""
    return words.safe(" ".join(str(text).split()), None)
