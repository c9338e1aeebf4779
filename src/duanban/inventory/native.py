"""Native code in the tree that is for other machines: what it means for a target.

Files are grouped by their path with the names of machines taken out, so that
`prebuilds/linux-x64/a.node` and `prebuilds/linux-arm64/a.node` are one thing for two machines.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from duanban.binaries.interface import Payload
from duanban.binaries.machines import machine_table
from duanban.inventory.interface import Tie
from duanban.inventory.knowledge import Evidence, conventions, listed, make_finding
from duanban.inventory.owners import Owner, distribution_roots, find_owners, is_distribution_file
from duanban.model import Component, Finding, UnknownFact
from duanban.targets.interface import Target

_LIBC = re.compile(r"(?<=linux)musl|[-_](?:musl|glibc|gnu)(?=[-_./]|\Z)")
_ANY = "*"
_RECIPE = "binding.gyp"
"""What node-gyp builds addons from; loaders such as node-gyp-build call it where no prebuilt addon
fits (https://github.com/prebuild/node-gyp-build)."""
_SOURCES = (".c", ".cc", ".cpp", ".cxx", ".C", ".f", ".f90", ".s", ".S", ".asm")
"""Endings of what a compiler or assembler makes a program or an object from."""


@cache
def _machine_words() -> re.Pattern[str]:
    names = {name for names in conventions().machine_names.values() for name in names}
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    choice = "|".join(map(re.escape, longest_first))
    return re.compile(rf"(?<![A-Za-z0-9])(?:{choice})(?![A-Za-z0-9])", re.IGNORECASE)


def machine_of_word(text: str) -> str:
    """Return the machine that a name such as `x86_64-linux-gnu` is of; empty if it names none."""
    match = _machine_words().search(text)
    if match is None:
        return ""
    word = match[0].lower()
    names = conventions().machine_names
    return next(machine for machine, known in names.items() if word in known)


def pattern_of(path: str) -> str:
    """Return `path` with the names of machines and C libraries taken out."""
    return _LIBC.sub("", _machine_words().sub(_ANY, path))


def _stem_key(path: str) -> tuple[str, str]:
    """Return what files in parallel directories (`linux/i64/cbc`, `linux/arm/cbc`) share."""
    directory, _, name = pattern_of(path).rpartition("/")
    return directory.rpartition("/")[0], name


@dataclass(frozen=True, slots=True)
class _Group:
    """Files of one directory pattern that have the same owner."""

    directory: str
    owner: Owner | None
    files: tuple[Payload, ...]
    covered: frozenset[str]
    """Machines that every file of the group is there for."""


@dataclass(frozen=True, slots=True)
class NativeFiles:
    """One group of ELF files."""

    group: _Group
    test_data: bool
    has_recipe: bool
    """Whether the tree holds what npm builds the files with where none fits the machine."""
    is_product: bool = False
    """Whether each file stands beside a source of its name."""

    def judge(self, target: Target) -> Finding | UnknownFact | None:
        """Return a finding if some file of the group is not there for the target's machine."""
        if target.architecture.name in self.group.covered:
            return None
        files = self.group.files
        machines = tuple(sorted({one.machine for one in files}))
        owner = self.group.owner
        rule = "chip.payload.elf"
        match = f"{self.group.directory or '.'}: {_named(files)}"
        if owner is not None and owner.installed:
            rule, match = "library.installed.native", owner.title
        elif self.test_data:
            rule = "chip.payload.test-data"
        elif self.has_recipe:
            rule = "chip.payload.rebuilt"
        elif self.is_product:
            rule = "chip.payload.product"
        return make_finding(
            rule,
            target,
            # What is there for several machines is built once for one more.
            Evidence(
                files[0].path,
                component=owner.purl if owner else "",
                occurrences=len({pattern_of(one.path) for one in files}),
            ),
            match=match,
            detail=listed(machines),
        )


def _named(files: Sequence[Payload]) -> str:
    names = tuple(dict.fromkeys(one.path.rpartition("/")[2] for one in files))
    return listed(names, most=3)


@dataclass(frozen=True, slots=True)
class OtherSystems:
    """PE and Mach-O files in a tree that has no ELF files at all."""

    files: tuple[Payload, ...]

    def judge(self, target: Target) -> Finding | UnknownFact | None:
        """Return a finding: something may be missing on Linux."""
        formats = tuple(sorted({f"{one.format} {one.machine}" for one in self.files}))
        return make_finding(
            "os.payload.foreign",
            target,
            Evidence(self.files[0].path, occurrences=len(self.files)),
            match=_named(self.files),
            detail=listed(formats),
        )


def judge_natives(
    paths: Sequence[str],
    native: Sequence[Payload],
    components: Iterable[Component],
    read: Callable[[str], bytes],
) -> tuple[Tie, ...]:
    """Return the ties that native code makes.

    Args:
        paths: all files of the tree.
        native: the native code found in it.
        components: the parts that the readers found.
        read: gives the bytes of a file of the tree, empty if it cannot be read.
    """
    if not native:
        return ()
    hosts = machine_table().hosts
    ordered = sorted(native, key=lambda one: (one.path, one.machine))
    elf = [one for one in ordered if one.format == "elf" and one.machine in hosts]
    if not elf:
        other = [one for one in ordered if one.format != "elf" and one.kind != "managed"]
        other = [one for one in other if not _is_test_data(one.path)]
        return (OtherSystems(tuple(other)),) if other else ()
    roots = distribution_roots(paths)
    elf = [one for one in elf if not is_distribution_file(one.path, roots)]
    owners = find_owners(paths, [one.path for one in elf], components, read)
    recipes = {path.rpartition("/")[0] for path in paths if path.endswith(_RECIPE)}
    sources = {path.rpartition(".")[0] for path in paths if path.endswith(_SOURCES)}
    return tuple(_ties(elf, owners, recipes, sources))


def _ties(
    elf: Sequence[Payload], owners: dict[str, Owner], recipes: set[str], sources: set[str]
) -> Iterable[Tie]:
    by_pattern: dict[str, set[str]] = defaultdict(set)
    by_stem: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in elf:
        by_pattern[pattern_of(one.path)].add(one.machine)
        by_stem[_stem_key(one.path)].add(one.machine)
    groups: dict[tuple[str, bool], list[Payload]] = defaultdict(list)
    for one in elf:
        owner = owners.get(one.path)
        if owner is not None and owner.judged:
            continue
        if owner is not None and owner.installed:
            groups[owner.purl, False].append(one)
        else:
            groups[_directory(one.path), _is_test_data(one.path)].append(one)
    for (_, test_data), files in groups.items():
        covered = frozenset.intersection(
            *(
                frozenset(by_pattern[pattern_of(one.path)] | by_stem[_stem_key(one.path)])
                for one in files
            )
        )
        directory = _directory(files[0].path)
        group = _Group(directory, owners.get(files[0].path), tuple(files), covered)
        yield NativeFiles(
            group,
            test_data,
            has_recipe=all(_is_rebuilt(one.path, recipes) for one in files),
            is_product=all(one.path.removesuffix(".o") in sources for one in files),
        )


def _is_rebuilt(path: str, recipes: set[str]) -> bool:
    """Return whether `path` is an addon of Node.js in a package that can build it itself."""
    if not path.endswith(".node"):
        return False
    directory = path.rpartition("/")[0]
    while directory not in recipes and directory:
        directory = directory.rpartition("/")[0]
    return directory in recipes


def _directory(path: str) -> str:
    return pattern_of(path).rpartition("/")[0]


def _is_test_data(path: str) -> bool:
    directories = path.lower().split("/")[:-1]
    return not conventions().test_directories.isdisjoint(directories)
