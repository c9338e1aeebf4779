"""Reads every manifest of a tree and joins what the readers say into one inventory."""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from duanban.binaries.interface import Payload
from duanban.inventory.edges import settle
from duanban.inventory.embedded import embedded_parts
from duanban.inventory.interface import Inventory, Manifest, Reader
from duanban.inventory.knowledge import conventions
from duanban.inventory.native import judge_natives
from duanban.inventory.parse import LARGEST_MANIFEST, DamagedError
from duanban.inventory.purls import split_version
from duanban.inventory.registry import RECORDS, SBOM, reader_for
from duanban.inventory.sbom_reader import SUFFIXES
from duanban.inventory.vendored import CopyReader
from duanban.model import Component, ComponentState, Skipped

_STRONGEST = (
    ComponentState.DECLARED,
    ComponentState.LOCKED,
    ComponentState.INSTALLED,
    ComponentState.EMBEDDED,
)

_SAMPLE = "a package list among the samples of tests, no part of the system"
_INSIDE = "a manifest inside an installed package, no part of the system"
_PACKAGE_DIRECTORIES = frozenset({"node_modules", "site-packages", "dist-packages"})
_CARRIED = (".jar", ".whl")
"""Archives that an installed package may carry, whose records count."""
_START = 512
"""Bytes that tell what a file is."""
_OWN_BILLS = ".dist-info/sboms/"
"""Where wheels keep the bills of what was linked into them (PEP 770)."""


def read_inventory(
    root: Path, paths: Sequence[str], *, native: Sequence[Payload] = ()
) -> Inventory:
    """Return the parts of the system at `root`, and its ties.

    Args:
        root: the system's directory, or a single file.
        paths: all regular files of the tree, relative to `root`, with `/`.
        native: the native code that was found in them by content.

    Raises nothing for what stands in the files: what cannot be read is in `skipped`.
    """
    recognised = [(path, reader) for path in paths if (reader := reader_for(path)) is not None]
    if not recognised and len(paths) == 1 and root.is_file() and paths[0].endswith(SUFFIXES):
        recognised = [(paths[0], SBOM)]
    left_out = [
        Skipped(path, why)
        for path, reader in recognised
        if not isinstance(reader, CopyReader) and (why := _why_not(path))
    ]
    chosen = [(path, reader) for path, reader in recognised if not _why_not(path)]
    siblings = _siblings({_directory(path) for path, _ in chosen}, paths)
    other = _other_reader(root, paths) if chosen else _bytes_reader(root)
    parts = []
    for path, reader in chosen:
        parts.append(_read(root, path, reader, siblings[_directory(path)], other))
    parts.append(embedded_parts(root, native))
    every = [component for found in parts for component in found.components]
    ties = judge_natives(paths, native, every, _bytes_reader(root))
    components = merge_components(every)
    return Inventory(
        components=components,
        ties=(*(tie for part in parts for tie in part.ties), *ties),
        skipped=(
            *(one for part in parts for one in part.skipped),
            *left_out,
        ),
        dependencies=settle((one for part in parts for one in part.dependencies), components),
    )


def _why_not(path: str) -> str:
    """Return why a manifest says nothing of this system; empty if it does."""
    *directories, name = path.split("/")
    if not conventions().sample_directories.isdisjoint(directories):
        return _SAMPLE
    if _PACKAGE_DIRECTORIES.isdisjoint(directories) or name in RECORDS:
        return ""
    return "" if name.endswith(_CARRIED) or _OWN_BILLS in path else _INSIDE


def _directory(path: str) -> str:
    return path.rpartition("/")[0]


def _siblings(directories: set[str], paths: Iterable[str]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        directory, _, name = path.rpartition("/")
        if directory in directories:
            names[directory].append(name)
    return names


def _read(
    root: Path,
    path: str,
    reader: Reader,
    siblings: Sequence[str],
    other: Callable[[str], bytes],
) -> Inventory:
    manifest = Manifest(
        path, lambda: read_regular(root, path), other, lambda: _start_of(root, path)
    )
    try:
        return reader.read(manifest, siblings)
    except DamagedError as error:
        return Inventory(skipped=(error.skipped(path),))
    except OSError as error:
        return Inventory(skipped=(Skipped(path, f"cannot be read: {error.strerror or error}"),))


def read_regular(root: Path, path: str) -> bytes:
    """Return the bytes of a regular file of the tree, or of `root` itself if that is the file.

    Raises:
        OSError: it cannot be opened, or is no regular file.
        DamagedError: it is too large.
    """
    with _opened(root, path) as stream:
        data = stream.read(LARGEST_MANIFEST + 1)
    if len(data) > LARGEST_MANIFEST:
        raise DamagedError("too large for a manifest")
    return data


def _start_of(root: Path, path: str) -> bytes:
    with _opened(root, path) as stream:
        return stream.read(_START)


def _opened(root: Path, path: str) -> BinaryIO:
    place = root if root.is_file() else root / path
    handle = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    stream = os.fdopen(handle, "rb")
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        stream.close()
        raise OSError(f"not a regular file: {path}")
    return stream


def _bytes_reader(root: Path) -> Callable[[str], bytes]:
    def read(path: str) -> bytes:
        try:
            return read_regular(root, path)
        except (OSError, DamagedError):
            return b""

    return read


def _other_reader(root: Path, paths: Sequence[str]) -> Callable[[str], bytes]:
    """Return what reads a file of the tree by its path; a path that was not listed has none."""
    listed, read = frozenset(paths), _bytes_reader(root)
    return lambda path: read(path) if path in listed else b""


def merge_components(components: Iterable[Component]) -> tuple[Component, ...]:
    """Return one component per package URL, in the strongest state that any reader saw, sorted.

    A declared part without a version gives way to the same part with one.
    """
    merged: dict[str, Component] = {}
    for component in components:
        known = merged.get(component.purl)
        merged[component.purl] = component if known is None else _joined(known, component)
    pinned = {stem for purl in merged if (parts := split_version(purl))[1] for stem in parts[:1]}
    return tuple(
        merged[purl]
        for purl in sorted(merged)
        if split_version(purl)[1]
        or merged[purl].state is not ComponentState.DECLARED
        or purl not in pinned
    )


def _joined(first: Component, second: Component) -> Component:
    stronger = max(first, second, key=lambda one: _STRONGEST.index(one.state))
    machines = tuple(sorted({*first.architectures, *second.architectures}))
    source = stronger.source or first.source or second.source
    return Component(stronger.purl, stronger.state, machines, stronger.path, source)
