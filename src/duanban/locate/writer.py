"""The only code that writes what an archive holds, and therefore the place of every limit.

A format's reader hands over names and bytes as it finds them; this module decides. It writes below
one fresh directory that nothing else writes to, and it never creates a link. So a path that is safe
as text (relative, without `..`) is safe on disk: no component of it can lead elsewhere.
"""

from __future__ import annotations

import errno
import math
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from duanban.model import Skipped
from duanban.model.errors import UnpackError

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
CHUNK = 256 * KIB
_NOT_HERE = {
    errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ,
}  # fmt: skip
"""What a file system answers to a name that it cannot hold; anything else is our own trouble."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may hold before it is refused.

    The largest source trees that Debian ships (browsers, office suites, the kernel) stay below a
    third of each. Names follow Linux: NAME_MAX is 255 bytes, PATH_MAX 4096 with our own prefix.
    """

    total_bytes: int = 32 * GIB
    members: int = 2_000_000
    ratio: int = 250
    """Unpacked to packed bytes. Text packs 20:1 at best; a bomb needs 1000:1 and more."""
    ratio_grace: int = 64 * MIB
    """The ratio is not looked at below this: small files of one repeated byte are common."""
    name_bytes: int = 255
    path_bytes: int = 3072
    depth: int = 100


class Writer:
    """Writes members below `destination`; what it refuses stands in `skipped`.

    Args:
        destination: a directory that exists and is empty.
        packed_bytes: size of the archive, for the compression ratio.
        limits: what to allow.
        keep: maps a member's name to the name to write it under, or None to leave it out unsaid.
    """

    def __init__(
        self,
        destination: Path,
        packed_bytes: int,
        limits: Limits,
        keep: Callable[[str], str | None] | None = None,
    ) -> None:
        self.skipped: list[Skipped] = []
        self.files = 0
        self.bytes = 0
        self.names_root = False
        """The archive has an entry for its own root (`./`), so its root is not left to guess."""
        self._base = os.fspath(destination)
        self._packed = max(packed_bytes, 1)
        self._limits = limits
        self._keep = keep
        self._members = 0
        self._is_directory: dict[str, bool] = {}

    def skip(self, name: str, reason: str) -> None:
        """Record that the member `name` was left out."""
        self._count_member()
        self._refuse(name, reason)

    def directory(self, name: str) -> None:
        """Create a directory."""
        self._count_member()
        path = self._accept(name)
        if path == "":
            self.names_root = True
        elif path is not None and not self._make_directories(path):
            self._refuse(name, "a file of that name is already there")

    def file(self, name: str, chunks: Iterable[bytes], *, executable: bool, mtime: float) -> None:
        """Write a regular file.

        Args:
            name: as the archive has it.
            chunks: its bytes. An exception while reading them removes the half-written file and
                passes through.
            executable: whether the owner may run it (kept, because a build needs it).
            mtime: seconds since 1970 (kept, because make compares times).

        Raises:
            UnpackError: a limit of the whole archive is passed, or the disk is full.
        """
        self._count_member()
        path = self._accept(name)
        descriptor = self._create(name, path, 0o755 if executable else 0o644)
        if path is None or descriptor is None:
            return
        try:
            with open(descriptor, "wb", buffering=0) as out:  # noqa: PTH123 - a descriptor
                for chunk in chunks:
                    self._count_bytes(len(chunk))
                    view = memoryview(chunk)
                    while view:
                        view = view[out.write(view) :]
                os.utime(out.fileno(), (_sane(mtime), _sane(mtime)))
        except BaseException as error:
            os.unlink(self._absolute(path))  # noqa: PTH108 - paths are text here, for speed
            self._is_directory.pop(path, None)
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise UnpackError(f"no space left to unpack into {self._base}") from error
            raise
        self.files += 1

    def copy(self, name: str, original: str) -> None:
        """Write a hard link as a copy of the member `original`, if that was written before."""
        source = _normalise(original)
        if isinstance(source, str) and self._keep is not None:
            kept = self._keep(source)
            source = kept if kept is not None else _Refused("left out")
        if isinstance(source, _Refused) or self._is_directory.get(source, True):
            self.skip(name, f"hard link to {printable(original)}, which was not unpacked")
            return
        path = self._absolute(source)
        status = os.stat(path, follow_symlinks=False)  # noqa: PTH116
        with open(path, "rb") as file:  # noqa: PTH123 - a path of ours, as text for speed
            self.file(
                name,
                iter(lambda: file.read(CHUNK), b""),
                executable=bool(status.st_mode & 0o100),
                mtime=status.st_mtime,
            )

    def top_level(self) -> list[str]:
        """Return the names directly below the destination."""
        return [path for path in self._is_directory if "/" not in path]

    def is_directory(self, name: str) -> bool:
        """Return whether `name` was written as a directory."""
        return self._is_directory.get(name, False)

    def _count_member(self) -> None:
        self._members += 1
        if self._members > self._limits.members:
            raise UnpackError(f"holds more than {self._limits.members:,} members")

    def _count_bytes(self, count: int) -> None:
        self.bytes += count
        if self.bytes > self._limits.total_bytes:
            raise UnpackError(f"unpacks to more than {self._limits.total_bytes:,} bytes")
        check_ratio(self.bytes, self._packed, self._limits)

    def _accept(self, name: str) -> str | None:
        """Return the path to write to, or None where the name was refused (and recorded)."""
        path = _normalise(name)
        if path and isinstance(path, str) and self._keep is not None:
            kept = self._keep(path)
            if kept is None:
                return None
            path = kept
        if isinstance(path, str):
            path = self._too_long(path) or path
        if isinstance(path, _Refused):
            self._refuse(name, path.reason)
            return None
        return path

    def _too_long(self, path: str) -> _Refused | None:
        parts = os.fsencode(path).split(b"/")
        if len(parts) > self._limits.depth:
            return _Refused(f"nested deeper than {self._limits.depth} directories")
        if sum(map(len, parts)) + len(parts) > self._limits.path_bytes:
            return _Refused(f"path longer than {self._limits.path_bytes} bytes")
        if max(map(len, parts)) > self._limits.name_bytes:
            return _Refused(f"name longer than {self._limits.name_bytes} bytes")
        return None

    def _create(self, name: str, path: str | None, mode: int) -> int | None:
        if path is None:
            return None
        if path == "":
            self._refuse(name, "a file without a name")
            return None
        if path in self._is_directory:
            self._refuse(name, "a member of that name is already there")
            return None
        if not self._make_directories(path.rpartition("/")[0]):
            self._refuse(name, "its directory is a file")
            return None
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            descriptor = os.open(self._absolute(path), flags, mode)
        except OSError as error:
            if error.errno not in _NOT_HERE:
                raise
            self._refuse(name, f"the file system refuses the name ({error.strerror})")
            return None
        self._is_directory[path] = False
        return descriptor

    def _make_directories(self, path: str) -> bool:
        """Create `path` and what is above it; False where a file is in the way."""
        if not path:
            return True
        known = self._is_directory.get(path)
        if known is not None:
            return known
        if not self._make_directories(path.rpartition("/")[0]):
            return False
        try:
            os.mkdir(self._absolute(path), 0o755)  # noqa: PTH102
        except OSError as error:
            if error.errno not in _NOT_HERE:
                raise
            return False
        self._is_directory[path] = True
        return True

    def _absolute(self, path: str) -> str:
        return f"{self._base}/{path}"

    def _refuse(self, name: str, reason: str) -> None:
        self.skipped.append(Skipped(printable(name.removeprefix("./")), reason))


@dataclass(frozen=True, slots=True)
class _Refused:
    reason: str


def _normalise(name: str) -> str | _Refused:
    """Return `name` without `.` and empty components, or why it cannot be written."""
    if "\0" in name:
        return _Refused("name contains NUL")
    if name.startswith("/"):
        return _Refused("absolute name")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        return _Refused("name leads out of the archive (..)")
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        return _Refused("name cannot be encoded")
    return "/".join(parts)


def printable(name: str, limit: int = 300) -> str:
    """Return `name` fit for a report: control and undecodable characters escaped, cut in length."""
    shown = "".join(c if c.isprintable() else _escaped(c) for c in name[: limit + 1])
    return shown if len(name) <= limit else f"{shown[:limit]}… ({len(name)} characters)"


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8 (PEP 383)
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")


def _sane(mtime: float) -> float:
    """Return a time that every file system can store: 1970 to 2106."""
    return 0.0 if math.isnan(mtime) else min(max(mtime, 0.0), 2.0**32 - 1)


def check_ratio(unpacked: int, packed: int, limits: Limits) -> None:
    """Refuse what grows out of proportion.

    Raises:
        UnpackError: more than `limits.ratio` bytes came out for each that went in.
    """
    if unpacked > limits.ratio_grace and unpacked > packed * limits.ratio:
        raise UnpackError(
            f"grows more than {limits.ratio} times when unpacked (a decompression bomb?)"
        )


def remove_tree(path: Path) -> None:
    """Delete a tree of ours; what is already gone is no error."""
    shutil.rmtree(path, ignore_errors=True)
