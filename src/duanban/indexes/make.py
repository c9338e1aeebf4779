"""Makes copies and brings them up to date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from duanban.indexes.interface import Copy, Known, Progress, Request
from duanban.indexes.registry import KINDS
from duanban.indexes.store import Store
from duanban.model import Component
from duanban.model.errors import UsageError


def add_index(store: Store, request: Request, progress: Progress = lambda *_: None) -> Copy:
    """Make a copy of an index, over an earlier one of that name, and open it once.

    Raises:
        UsageError: the kind is unknown, or what was given cannot be used.
        FetchError: a client did not give it.
    """
    kind = KINDS.get(request.known.kind)
    if kind is None:
        raise UsageError(
            f"unknown kind of index {request.known.kind!r}; there are {', '.join(KINDS)}"
        )
    found = store.find(request.name)
    request = replace(
        request,
        given=tuple(_absolute(one) for one in request.given),
        before=found[1] if found else None,
    )
    copy = store.replace(request, lambda directory: kind.fetch(request, directory, progress))
    kind.open(copy, store.place(copy.name), store.derived(copy), progress)
    return copy


def update_index(
    store: Store,
    name: str,
    components: Sequence[Component] = (),
    progress: Progress = lambda *_: None,
) -> Copy:
    """Make the copy of that name anew, from what it was made from.

    Raises:
        UsageError: there is none, or what it was made from is no longer there.
        FetchError: a client did not give it.
    """
    found = store.find(name)
    if found is None:
        raise UsageError(f"there is no copy of {name!r}; `duanban index add {name}` makes one")
    copy, _ = found
    known = Known(name, copy.kind, copy.title, settings=copy.settings)
    return add_index(store, Request(name, known, copy.given, tuple(components)), progress)


def _absolute(given: str) -> str:
    """Return a path made absolute, so that `update` finds it again; a locator as it is."""
    return str(Path(given).absolute()) if Path(given).exists() else given
