"""Lock files beside manifests that change, and the command that brings each up to date."""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from posixpath import dirname

from msgspec import Struct, convert

from duanban.answers.work import Work


class Lock(Struct, frozen=True, forbid_unknown_fields=True):
    """`[[locks]]`."""

    file: str
    kind: str
    """Type of the package URLs that it locks."""
    command: str
    source: str
    holds: str = ""

    def at(self, path: str) -> str:
        """Return the command for the file at `path`, as it is typed at the root of the tree."""
        place = path.removesuffix(self.file).rstrip("/")
        return f"cd {shlex.quote(place)} && {self.command}" if place else self.command


@cache
def known_locks() -> tuple[Lock, ...]:
    """Return the kinds of lock files."""
    data = tomllib.loads(files(__package__).joinpath("locks.toml").read_text("utf-8"))
    return convert(data["locks"], tuple[Lock, ...])


def locks_of(work: Work, manifest: str, kind: str) -> Iterator[tuple[str, Lock]]:
    """Yield the lock files that hold for a manifest: the nearest, in its directory or above."""
    place = dirname(manifest)
    while True:
        found = list(_in_directory(work, place, kind))
        if found or not place:
            yield from found
            return
        place = dirname(place)


def _in_directory(work: Work, place: str, kind: str) -> Iterator[tuple[str, Lock]]:
    taken: set[str] = set()
    for lock in known_locks():
        path = f"{place}/{lock.file}".lstrip("/")
        if lock.kind != kind or path in taken:
            continue
        text = work.text(path)
        if text is not None and lock.holds.encode() in text.data[:512]:
            taken.add(path)
            yield path, lock


def renewals(work: Work, manifest: str, kind: str) -> Iterator[str]:
    """Yield what is to be done about lock files once a manifest has changed."""
    for path, lock in locks_of(work, manifest, kind):
        yield f"`{lock.at(path)}` brings {path} up to date"
