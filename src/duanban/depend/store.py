"""Packages of an index as they were linked before: reading one again takes a tenth of the time.

A stored universe goes by the content of its index, the architecture and this package's own code, so
it never is out of date. What cannot be read back is made again.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import accumulate, pairwise
from pathlib import Path

import msgspec

from duanban.depend.control import read_stanzas
from duanban.depend.universe import BINARY_FIELDS, Builder, Universe
from duanban.locate.keep import keep
from duanban.locate.setting import cache_directory
from duanban.model.errors import UsageError

KEPT = 12
"""Universes that are kept, some 10 MB each; the least recently used go."""

Progress = Callable[[str], None]
"""Called with what is being done."""


class _Stored(msgspec.Struct, array_like=True):
    """A universe with its lists of lists written flat."""

    names: list[bytes]
    versions: list[bytes]
    origins: list[bytes]
    independent: bytes
    allowed: bytes
    essential: list[int]
    provided: dict[bytes, list[tuple[int, bytes]]]
    texts: list[bytes]
    depends: tuple[bytes, bytes]
    """How many clauses each package has, and all of them."""
    provider_sets: tuple[bytes, bytes]
    """How many members each set of providers has, and all of them."""
    providers: bytes
    """Per clause its set of providers."""
    rivals: bytes
    """Pairs, each once."""


def load(packages: Path, architecture: bytes, progress: Progress = lambda _: None) -> Builder:
    """Return a builder with the binary packages of an index linked.

    Args:
        packages: a `Packages` file.
        architecture: Debian's name.
        progress: told what is being done.

    Raises:
        UsageError: the file cannot be read, or holds nothing for the architecture.
    """
    progress("reading packages")
    place = _place(packages, architecture)
    if place is not None:
        known = _stored(place, architecture)
        if known is not None:
            return Builder(known)
    builder = Builder(Universe(architecture))
    builder.read(read_stanzas(packages, BINARY_FIELDS))
    if all(builder.universe.independent) and (builder.foreign or not builder.universe.names):
        name = architecture.decode("utf-8", "replace")
        others = b", ".join(sorted(builder.foreign)[:4]).decode("utf-8", "replace")
        raise UsageError(
            f"{packages}: holds no package for {name}" + (f", but for {others}" if others else "")
        )
    progress("resolving relations")
    universe = builder.link()
    if place is not None:
        keep(place, msgspec.msgpack.encode(_frozen(universe)))
        _prune(place.parent)
    return builder


def _place(packages: Path, architecture: bytes) -> Path | None:
    """Return where the universe of an index is kept; None if the index is no plain file."""
    if not packages.is_file():
        return None
    with suppress(OSError), packages.open("rb") as file:
        key = hashlib.file_digest(file, "sha256")
        key.update(b"\0" + architecture)
        for module in sorted(Path(__file__).parent.glob("*.py")):
            key.update(b"%d\0" % module.stat().st_mtime_ns)
        return cache_directory() / "graphs" / f"{key.hexdigest()[:40]}.msgpack"
    return None


def _stored(place: Path, architecture: bytes) -> Universe | None:
    try:
        stored = msgspec.msgpack.decode(place.read_bytes(), type=_Stored)
        universe = _thawed(stored, architecture)
    except (OSError, msgspec.MsgspecError, IndexError, ValueError):
        return None
    with suppress(OSError):
        place.touch()
    return universe


def _prune(directory: Path) -> None:
    with suppress(OSError):
        kept = sorted(directory.glob("*.msgpack"), key=lambda one: -one.stat().st_mtime_ns)
        for place in kept[KEPT:]:
            place.unlink(missing_ok=True)


def _frozen(universe: Universe) -> _Stored:
    sets = {one: number for number, one in enumerate(dict.fromkeys(universe.providers))}
    pairs = [(one, rival) for one, found in universe.rivals.items() for rival in found]
    return _Stored(
        names=universe.names,
        versions=universe.versions,
        origins=universe.origins,
        independent=bytes(universe.independent),
        allowed=bytes(universe.allowed),
        essential=universe.essential,
        provided=universe.provided,
        texts=universe.texts,
        depends=_flat(universe.depends),
        provider_sets=_flat(list(sets)),
        providers=_packed(sets[one] for one in universe.providers),
        rivals=_packed(index for pair in sorted(pairs) if pair[0] < pair[1] for index in pair),
    )


def _thawed(stored: _Stored, architecture: bytes) -> Universe:
    sets = [tuple(one) for one in _lists(*stored.provider_sets)]
    universe = Universe(
        architecture,
        names=stored.names,
        versions=stored.versions,
        origins=stored.origins,
        independent=bytearray(stored.independent),
        depends=list(_lists(*stored.depends)),
        texts=stored.texts,
        providers=[sets[number] for number in _unpacked(stored.providers)],
        essential=stored.essential,
        provided=stored.provided,
        allowed=bytearray(stored.allowed),
        binaries=len(stored.names),
    )
    numbers = iter(_unpacked(stored.rivals))
    for one, other in zip(numbers, numbers, strict=True):
        universe.rivals[one].add(other)
        universe.rivals[other].add(one)
    return universe


def _packed(numbers: Iterable[int]) -> bytes:
    return array("I", numbers).tobytes()


def _unpacked(data: bytes) -> array[int]:
    return array("I", data)


def _flat(lists: Sequence[Sequence[int]]) -> tuple[bytes, bytes]:
    numbers = array("I")
    for one in lists:
        numbers.extend(one)
    return _packed(map(len, lists)), numbers.tobytes()


def _lists(lengths: bytes, numbers: bytes) -> Iterator[array[int]]:
    everything = _unpacked(numbers)
    for start, end in pairwise(accumulate(_unpacked(lengths), initial=0)):
        yield everything[start:end]
