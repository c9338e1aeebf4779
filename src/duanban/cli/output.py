"""Where a report goes: files that appear whole or not at all, and standard output."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from duanban.model.errors import DuanbanError, UsageError
from duanban.report import Format, format_for

STANDARD_OUTPUT = "-"


@dataclass(frozen=True, slots=True)
class Output:
    """A file to write, or standard output (`-`), and in which format."""

    path: str
    format: Format

    @property
    def is_file(self) -> bool:
        """Return whether it is a file."""
        return self.path != STANDARD_OUTPUT


def outputs_for(paths: Sequence[str], format_name: str | None) -> list[Output]:
    """Return what `-o` and `--format` ask for: the files, then standard output if it is wanted.

    All that can be known beforehand is looked at here, so that no long work is lost to it.

    Args:
        paths: of `-o`; `-` says that standard output is wanted besides the files.
        format_name: the format of standard output; None is the terminal's.

    Raises:
        UsageError: a format is unknown, or a file is named twice or cannot be written.
    """
    files = [Output(path, format_for(path)) for path in paths if path != STANDARD_OUTPUT]
    seen: set[str] = set()
    for output in files:
        place = os.path.realpath(output.path)
        if place in seen:
            raise UsageError(f"{output.path}: named by more than one -o; the last would win")
        seen.add(place)
        refuse_unwritable(output.path)
    return [*files, Output(STANDARD_OUTPUT, format_for(None, format_name))]


def refuse_unwritable(path: str) -> None:
    """Find out before the work whether its result can be written to `path`.

    Raises:
        UsageError: it cannot.
    """
    if why := _hindrance(Path(os.path.realpath(path))):
        raise UsageError(f"{path}: cannot be written: {why}")


def _hindrance(path: Path) -> str:
    """Return what keeps `path` from being written, or nothing."""
    if path.is_dir():
        return "it is a directory"
    if path.exists():
        return "" if os.access(path, os.W_OK) else "permission denied"
    directory = path.parent
    if not directory.is_dir():
        return f"there is no directory {directory}"
    return "" if os.access(directory, os.W_OK | os.X_OK) else f"{directory} takes no new files"


def write_file(path: str, text: str) -> None:
    """Write `text` so that whoever looks sees the old file or the new one, never half of it.

    Raises:
        DuanbanError: it cannot be written; what stood there before still does.
    """
    place = Path(os.path.realpath(path))
    try:
        if _is_plain(place) and os.access(place.parent, os.W_OK):
            _replace(place, _encoded(text))
        else:  # a pipe, a device, or a file in a directory that takes no new ones
            place.write_bytes(_encoded(text))
    except OSError as error:
        raise DuanbanError(f"{path}: cannot be written: {error.strerror}") from error


def _is_plain(path: Path) -> bool:
    return not path.exists() or path.is_file()


def _replace(path: Path, data: bytes) -> None:
    beside = path.with_name(f".{path.name[:200]}.{os.getpid()}.part")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor
            with suppress(FileNotFoundError):
                os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode))
            file.write(data)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def write_standard_output(text: str) -> None:
    """Write `text` as UTF-8, whatever the locale; a reader who has had enough is no error.

    Raises:
        DuanbanError: it cannot be written.
    """
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(_encoded(text))
        sys.stdout.flush()
    except BrokenPipeError:
        close_standard_output()
    except OSError as error:
        close_standard_output()
        raise DuanbanError(f"standard output cannot be written: {error.strerror}") from error


def close_standard_output() -> None:
    """Let what is still to be written go nowhere, so that Python's own exit does not complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _encoded(text: str) -> bytes:
    # A locator may hold bytes that are not UTF-8; they are written as \udcNN.
    return text.encode("utf-8", "backslashreplace")
