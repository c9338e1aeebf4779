"""Where porters worked: Debian's patches, placed in the tree that is judged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_FILE = re.compile(r"^(?:---|\+\+\+) ([^\t\n]+)")


@dataclass(frozen=True, slots=True)
class Hunk:
    """One hunk of a unified diff."""

    path: str
    """Of the old file; of the new one where the patch makes the file. First component dropped."""
    start: int
    """Line of the old file that the hunk says it starts at."""
    lines: tuple[str, ...]
    """With the leading ` `, `-` or `+`."""

    @property
    def old(self) -> list[str]:
        """Return the lines that the old file has there."""
        return [line[1:] for line in self.lines if line[0] != "+"]

    @property
    def changed(self) -> int:
        """Return the number of lines added and removed."""
        return sum(line[0] != " " for line in self.lines)

    def spans(self, start: int) -> list[tuple[int, int]]:
        """Return the spans of old lines changed, if the hunk starts at `start`, both ends in.

        A pure addition is the span of the line before it.
        """
        found: list[tuple[int, int]] = []
        number, begin = start, 0
        removed = 0
        for line in (*self.lines, " "):
            if line[0] == " ":
                if begin:
                    found.append((begin, begin + removed - 1) if removed else (begin - 1, begin))
                number, begin, removed = number + 1, 0, 0
            else:
                begin = begin or number
                if line[0] == "-":
                    removed += 1
                    number += 1
        return found


def parse(text: str) -> list[Hunk]:
    """Return the hunks of a unified diff; what is not one (headers, mail, binary) is passed over."""
    found = []
    lines = text.splitlines()
    old = new = ""
    index = 0
    while index < len(lines):
        line = lines[index]
        index += 1
        if line.startswith("--- ") and (match := _FILE.match(line)):
            old = match[1]
        elif line.startswith("+++ ") and (match := _FILE.match(line)):
            new = match[1]
        elif match := _HUNK.match(line):
            left = [int(match[2] or 1), int(match[3] or 1)]
            body: list[str] = []
            while index < len(lines) and (left[0] > 0 or left[1] > 0):
                part = lines[index] or " "  # some tools strip the space of an empty context line
                if part[0] not in " -+\\":
                    break
                index += 1
                if part[0] == "\\":
                    continue
                left[0] -= part[0] != "+"
                left[1] -= part[0] != "-"
                body.append(part)
            name = new if old == "/dev/null" else old
            found.append(Hunk(name.split("/", 1)[-1].strip(), int(match[1]), tuple(body)))
    return found


def locate(hunk: Hunk, text: Sequence[str]) -> int | None:
    """Return the line where the old side of a hunk stands in a file, the nearest to where it says.

    None if it is nowhere, as when the patch is for another version.
    """
    old = [line.rstrip() for line in hunk.old]
    if not old:
        return None
    lines = [line.rstrip() for line in text]
    places = [
        index + 1
        for index in range(len(lines) - len(old) + 1)
        if lines[index] == old[0] and lines[index : index + len(old)] == old
    ]
    return min(places, key=lambda place: abs(place - hunk.start), default=None)


def read_patch(directory: Path, name: str) -> list[Hunk]:
    """Return the hunks of a patch of a package; nothing if the patch is not there."""
    path = directory / name
    if not path.is_file():
        return []
    return parse(path.read_text(encoding="utf-8", errors="replace"))


def read_lines(path: Path) -> list[str]:
    """Return the lines of a file; nothing if it is not a regular file."""
    if not path.is_file() or path.is_symlink():
        return []
    return path.read_text(encoding="utf-8", errors="replace").splitlines()
