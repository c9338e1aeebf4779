"""Finds native code in a file, and in the members of zip and ar archives, by content.

Only first bytes are read: of the file, and of each member of an archive (wheels, jars and other zip
files, static libraries). Limits hold for every archive, whatever it claims about itself.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from duanban.binaries.ar import ar_members
from duanban.binaries.header import HEAD_BYTES, identify
from duanban.binaries.interface import Payload
from duanban.binaries.zipsize import directory_size
from duanban.model import Skipped

Note = Callable[[Skipped], None]
"""Called with what was not looked into, and why."""

_ZIP_MAGIC = b"PK\x03\x04"
_AR_MAGIC = b"!<arch>\n"
_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Other methods cannot be unpacked in bounded steps with the standard library."""
_ENCRYPTED = 1
_DAMAGE = (ValueError, NotImplementedError, OverflowError, struct.error, IndexError, RuntimeError)
"""What zipfile raises on damaged input besides its own error."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far archives are looked into."""

    members: int = 100_000
    """Members of one archive."""
    directory_bytes: int = 8 << 20
    """Size of a zip file's central directory."""
    nested_bytes: int = 64 << 20
    """Unpacked size of an archive inside an archive."""
    depth: int = 2
    """Archives inside archives; 1 looks into no inner archive."""


_LIMITS = Limits()


def payloads(
    path: Path, relative: str, *, limits: Limits = _LIMITS, note: Note | None = None
) -> Iterator[Payload]:
    """Yield the native code in the regular file `path`, called `relative` in the result.

    A member of an archive is called `archive!/member`. A file for several machines gives one
    payload for each. What cannot be read or goes beyond `limits` is told to `note`; nothing is
    raised.
    """
    look = _Look(limits, note or _ignore)
    try:
        with _open_regular(path) as stream:
            yield from look.of_stream(stream, relative, limits.depth)
    except OSError as error:
        look.note(Skipped(relative, error.strerror or str(error)))


def payloads_of_head(head: bytes, relative: str) -> tuple[Payload, ...]:
    """Return the native code that a file's first bytes show; archives are not looked into."""
    header = identify(head)
    if header is None:
        return ()
    kind = _kind_by_name(relative, header.kind)
    return tuple(Payload(relative, header.format, machine, kind) for machine in header.machines)


def _ignore(skipped: Skipped) -> None:
    """Take note of nothing."""


def _open_regular(path: Path) -> BinaryIO:
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(f"not a regular file: {path}")
    return os.fdopen(handle, "rb", buffering=0)


@dataclass(frozen=True, slots=True)
class _Look:
    """Looks into one file; `depth` counts down with every archive that is opened."""

    limits: Limits
    note: Note

    def of_stream(self, stream: BinaryIO, name: str, depth: int) -> Iterator[Payload]:
        head = stream.read(HEAD_BYTES)
        if head.startswith(_ZIP_MAGIC) and depth > 0:
            yield from self._of_zip(stream, name, depth)
        elif head.startswith(_AR_MAGIC) and depth > 0:
            yield from self._of_ar(stream, name)
        else:
            yield from payloads_of_head(head, name)

    def _of_zip(self, stream: BinaryIO, name: str, depth: int) -> Iterator[Payload]:
        size = directory_size(stream)
        if size is None:
            self.note(Skipped(name, "zip file without a sound directory"))
            return
        if size.bytes > self.limits.directory_bytes or size.members > self.limits.members:
            self.note(Skipped(name, "zip file with too large a directory"))
            return
        stream.seek(0)
        try:
            with zipfile.ZipFile(stream) as archive:
                for info in archive.infolist()[: self.limits.members]:
                    if not info.is_dir():
                        yield from self._of_member(archive, info, name, depth)
        except (zipfile.BadZipFile, *_DAMAGE) as error:
            self.note(Skipped(name, f"damaged zip file: {error}"))

    def _of_member(
        self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, depth: int
    ) -> Iterator[Payload]:
        inner = f"{name}!/{info.filename}"
        if info.flag_bits & _ENCRYPTED or info.compress_type not in _READABLE:
            self.note(Skipped(inner, "encrypted, or packed with a method that is not read"))
            return
        try:
            with archive.open(info) as member:
                head = member.read(HEAD_BYTES)
                whole = b""
                if head.startswith((_ZIP_MAGIC, _AR_MAGIC)) and depth > 1:
                    whole = head + member.read(self.limits.nested_bytes + 1 - len(head))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, *_DAMAGE) as error:
            self.note(Skipped(inner, f"damaged member: {error}"))
            return
        if len(whole) > self.limits.nested_bytes:
            self.note(Skipped(inner, "too large an archive inside an archive"))
        elif whole:
            yield from self.of_stream(io.BytesIO(whole), inner, depth - 1)
        else:
            yield from payloads_of_head(head, inner)

    def _of_ar(self, stream: BinaryIO, name: str) -> Iterator[Payload]:
        """Yield one payload for each machine that a static library has objects for."""
        seen: set[str] = set()
        for head in ar_members(stream, self.limits.members):
            header = identify(head)
            if header is not None and header.machine not in seen:
                seen.add(header.machine)
                yield Payload(name, header.format, header.machine, "object")


def _kind_by_name(name: str, kind: str) -> str:
    """Return the kind, told more closely where the file's name does."""
    base = name.rpartition("/")[2]
    if base.endswith(".node"):
        return "node-addon"
    if base.endswith(".ko"):
        return "kernel-module"
    if kind in ("shared", "executable"):
        if ".cpython-" in base or base.endswith((".abi3.so", ".pyd")):
            return "python-extension"
        if base.endswith(".so") or ".so." in base:
            return "shared"
    return kind
