"""What the commands of `compiler.sh` recorded: which files were compiled, and what was said."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCES = (".c", ".cc", ".cpp", ".cxx", ".c++", ".C", ".S", ".s", ".sx", ".m", ".mm")
_ERROR = re.compile(
    r"^(?P<path>[^\s:][^:\n]*):(?P<line>\d+):(?:\d+:)? (?:fatal )?error: (?P<text>.+)$", re.M
)
_ANY_ERROR = re.compile(r"(?:fatal )?[Ee]rror: (?P<text>.+)$", re.M)
_ASSEMBLER = re.compile(r"^(?P<path>[^\s:][^:\n]*):(?P<line>\d+): Error: (?P<text>.+)$", re.M)
_WARNING = re.compile(r"^.*: warning: ", re.M)
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Compiled:
    """One compilation of one source file."""

    path: str
    """Relative to the tree."""
    passed: bool
    arguments: tuple[str, ...]
    directory: str
    place: str = ""
    """File of the first error, relative to the tree; empty if it is not of the tree."""
    line: int = 0
    message: str = ""
    warnings: int = 0


def read_log(log: Path, tree: Path) -> dict[str, Compiled]:
    """Return the sources of `tree` that were compiled, by path.

    Of several compilations of one file the first that failed counts, else the first.
    """
    found: dict[str, Compiled] = {}
    for record in sorted(log.iterdir(), key=_age) if log.is_dir() else ():
        for compiled in _of_record(record, tree):
            known = found.get(compiled.path)
            if known is None or (known.passed and not compiled.passed):
                found[compiled.path] = compiled
    return found


def _age(record: Path) -> tuple[int, str]:
    return record.stat().st_mtime_ns, record.name


def _of_record(record: Path, tree: Path) -> Iterator[Compiled]:
    if record.is_symlink() or record.suffix:
        return
    with record.open("rb") as file:
        head, _, said = file.read(_LARGEST).partition(b"\0\0")
    fields = [field.decode("utf-8", "surrogateescape") for field in head.split(b"\0")]
    if len(fields) < 2 or not fields[1].isdigit():
        return
    directory, code, arguments = fields[0], int(fields[1]), tuple(fields[2:])
    if "-E" in arguments or "-M" in arguments or "-MM" in arguments:
        return
    given = (inside(source, directory, tree) for source in _sources(arguments))
    paths = [path for path in given if path]
    text = said.decode("utf-8", "replace")
    place, line, message = first_error(text, directory, tree)
    if code and len(paths) > 1:  # only the one that the error names is known to have failed
        paths = [path for path in paths if path == place]
    for path in paths:
        if code:
            yield Compiled(path, False, arguments, directory, place, line, message)
        else:
            warnings = len(_WARNING.findall(text))
            yield Compiled(path, True, arguments, directory, warnings=warnings)


def _sources(arguments: tuple[str, ...]) -> Iterator[str]:
    before = ""
    for argument in arguments:
        if (
            argument.endswith(SOURCES)
            and not argument.startswith("-")
            and before not in ("-o", "-MT", "-MF", "-MQ")
        ):
            yield argument
        before = argument


def first_error(text: str, directory: str, tree: Path) -> tuple[str, int, str]:
    """Return file (of the tree, else empty), line and words of a compiler's first error."""
    found = min(
        (m for m in (_ERROR.search(text), _ASSEMBLER.search(text)) if m),
        key=lambda match: match.start(),
        default=None,
    )
    if found is not None:
        path = inside(found["path"], directory, tree)
        return path, int(found["line"]) if path else 0, found["text"][:300]
    other = _ANY_ERROR.search(text)
    lines = text.strip().splitlines()
    return "", 0, (other["text"] if other else lines[-1] if lines else "it said nothing")[:300]


def inside(path: str, directory: str, tree: Path) -> str:
    """Return `path`, given in `directory`, relative to `tree`; empty if it is no file of it."""
    whole = os.path.normpath(os.path.join(directory, path))  # noqa: PTH118 - text, not a file
    relative = os.path.relpath(whole, tree)
    if relative.startswith("..") or not os.path.isfile(whole):  # noqa: PTH113
        return ""
    return relative
