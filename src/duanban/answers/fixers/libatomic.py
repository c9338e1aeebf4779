"""Atomic accesses that the target's compiler makes calls of → `-latomic` where it is built.

Which sizes those are is in `libatomic.toml`, by machine and version of the compiler: 16 bytes
nearly everywhere, one and two bytes for RISC-V before GCC 14. The old `__sync` builtins of 16 bytes
are in no library, so they are left, and named; those of one and two bytes are in RISC-V's libgcc,
which is linked always.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import msgspec

from duanban.answers.build_option import build_files, is_given, link_option, option_edits
from duanban.answers.interface import Change, Edit, Outcome, Refusal
from duanban.answers.work import Work
from duanban.targets.interface import Target

_VERSION = re.compile(r"(\w+) (\d+)")
_SYNC = re.compile(r"__sync_|Interlocked")
SIZES = {"chip.atomics.sixteen-byte": 16, "chip.atomics.small": 1}
"""Rule to the size that it is about."""
OPTION = link_option("atomic")
ASSUMES = "libatomic is there where the target's build is made (it comes with GCC)"


class _Calls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    machines: tuple[str, ...]
    bytes: int
    compiler: str
    source: str
    before: int = 1000


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    calls: tuple[_Calls, ...]


@cache
def _table() -> tuple[_Calls, ...]:
    data = files("duanban.answers").joinpath("libatomic.toml").read_bytes()
    return msgspec.toml.decode(data, type=_Table).calls


def calls_library(target: Target, size: int) -> bool:
    """Return whether the target's compiler calls libatomic for accesses of a size in bytes."""
    match = _VERSION.match(target.platform.compiler)
    compiler, version = (match[1], int(match[2])) if match else ("gcc", 0)
    return any(
        one.bytes == size
        and target.architecture.name in one.machines
        and one.compiler == compiler
        and version < one.before
        for one in _table()
    )


class Libatomic:
    """See the module."""

    name = "libatomic"
    title = "-latomic is given where the target's compiler calls it"
    rules = tuple(SIZES)

    def outcomes(self, work: Work) -> Iterator[Outcome]:
        """Yield one change per build file, and what no library has."""
        edits: dict[str, dict[Edit, None]] = {}
        answered: dict[str, list[str]] = {}
        for finding in work.findings(self.rules, unsure=True):
            reason = ""
            if not calls_library(work.target, SIZES[finding.rule]):
                reason = f"{work.target.platform.compiler} needs no library for it"
            elif _SYNC.search(finding.snippet):
                reason = "no library has this builtin of the old kind; use __atomic_*"
            if reason:
                yield Refusal(self.name, finding.path, finding.line, reason, (finding.id,))
                continue
            found = False
            for text in build_files(work, finding.path):
                made = option_edits(text, work.machine, OPTION)
                edits.setdefault(text.path, {}).update(dict.fromkeys(made))
                answered.setdefault(text.path, []).append(finding.id)
                found = found or bool(made) or is_given(text, OPTION)
            if not found:
                reason = "no build file that names libraries is above it"
                yield Refusal(self.name, finding.path, finding.line, reason, (finding.id,))
        for path, wanted in edits.items():
            if wanted:
                why = f"links libatomic for {work.machine}"
                ids = tuple(answered[path])
                yield Change(self.name, path, tuple(wanted), why, (ASSUMES,), ids)
