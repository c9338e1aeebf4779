"""The copies that one run asks: opened when they are needed, each once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from duanban.indexes.answers import shipped
from duanban.indexes.interface import Copy, Index, Progress
from duanban.indexes.registry import KINDS
from duanban.indexes.store import MANIFEST, Store, read_copy
from duanban.model.errors import UsageError
from duanban.targets.interface import Target


@dataclass(frozen=True, slots=True)
class Opened:
    """A copy and what answers for it."""

    copy: Copy
    index: Index


@dataclass
class Library:
    """All copies of a store, and further ones that the user names for this run.

    Args:
        store: where copies are kept.
        extra: names of copies, or directories that hold one, that count for every target.
        progress: told when tables have to be made.
    """

    store: Store
    extra: Sequence[str] = ()
    progress: Progress = lambda *_: None
    _opened: dict[str, Opened | None] = field(default_factory=dict)

    def of(self, target: Target) -> list[Opened]:
        """Return the copies that count for `target`: the user's, the target's, what ships with us.

        A directory that the user names stands for the index of its name.

        Raises:
            UsageError: a copy that the user names is not there, or one is damaged.
        """
        extra = [self.named(one) for one in self.extra]
        names = {one.copy.name for one in extra}
        found = [self._stored(name) for name in target.indexes if name not in names]
        return [*extra, *(one for one in found if one is not None), Opened(*shipped())]

    def named(self, name: str) -> Opened:
        """Return the copy of that name, or the one in that directory.

        Raises:
            UsageError: there is none.
        """
        if (Path(name) / MANIFEST).is_file():
            return self._open(name, Path(name))
        found = self._stored(name)
        if found is None:
            raise UsageError(f"there is no copy of an index {name!r}; `duanban index list`")
        return found

    def _stored(self, name: str) -> Opened | None:
        if name not in self._opened:
            found = self.store.find(name)
            self._opened[name] = None if found is None else self._open(name, found[1])
        return self._opened[name]

    def _open(self, key: str, directory: Path) -> Opened:
        known = self._opened.get(key)
        if known is not None:
            return known
        copy = read_copy(directory)
        kind = KINDS.get(copy.kind)
        if kind is None:
            raise UsageError(f"{directory}: unknown kind of index {copy.kind!r}")
        index = kind.open(copy, directory, self.store.derived(copy), self.progress)
        opened = self._opened[key] = Opened(copy, index)
        return opened
