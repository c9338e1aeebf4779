"""Makes an excerpt of a copy: what it says of some parts, for a place without the whole copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from duanban.indexes import records
from duanban.indexes.distribution import Distribution
from duanban.indexes.interface import Copy, CopyFile, Fetched
from duanban.indexes.library import Library
from duanban.indexes.npm_registry import Package
from duanban.indexes.pypi import Project, files_for
from duanban.indexes.rows import export
from duanban.indexes.store import MANIFEST, Store, write_copy
from duanban.indexes.wanted import wanted_of
from duanban.inventory.purls import pypi_name
from duanban.locate.cache import hash_file
from duanban.model import Component
from duanban.model.errors import UsageError
from duanban.targets.interface import Target


def make_excerpt(
    store: Store,
    name: str,
    components: Sequence[Component],
    targets: Sequence[Target],
    directory: Path,
) -> Copy:
    """Write what the copy `name` says of `components` into `directory`, as a copy of its own.

    Raises:
        UsageError: there is no such copy, excerpts of its kind cannot be made, or the directory
            holds something else.
    """
    opened = Library(store).named(name)
    if directory.exists() and any(directory.iterdir()) and not (directory / MANIFEST).is_file():
        raise UsageError(f"{directory}: holds other files; name an empty or a new directory")
    directory.mkdir(parents=True, exist_ok=True)
    parts = [one for c in components if (one := wanted_of(c)) is not None]
    if isinstance(opened.index, Distribution):
        tables = store.derived(opened.copy)
        fetched = export(opened.index, tables, parts, targets, directory)
    else:
        place = store.place(name)
        fetched = _records(opened.copy, place, components, directory)
    copy = replace(
        opened.copy,
        given=(),
        files=tuple(
            CopyFile(one, role, hash_file(directory / one), (directory / one).stat().st_size)
            for one, role in fetched.files
        ),
    )
    write_copy(copy, directory)
    return copy


def _records(copy: Copy, place: Path, components: Sequence[Component], directory: Path) -> Fetched:
    wanted = [
        one for c in components if (one := wanted_of(c)) is not None and one.type == copy.kind
    ]
    if copy.kind == "npm":
        packages = records.read(copy, place, Package)
        named = {one.full_name for one in wanted}
        return records.write(directory, {n: p for n, p in packages.items() if n in named})
    if copy.kind != "pypi":
        raise UsageError(f"index {copy.name}: an excerpt of a copy of {copy.kind} cannot be made")
    projects = records.read(copy, place, Project)
    kept = {}
    for one in wanted:
        key = pypi_name(one.name)
        if key in projects:
            files = files_for(projects[key], one.version)
            kept[key] = Project(projects[key].asked, files)
    return records.write(directory, kept)
