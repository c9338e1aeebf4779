"""What the kinds that ask a registry share: first the cache, then the client, then the tree."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Callable, Iterator
from pathlib import Path

from duanban.locate.cache import Entry
from duanban.locate.interface import Located, Progress
from duanban.locate.local import open_archive
from duanban.locate.setting import Setting
from duanban.locate.writer import remove_tree
from duanban.model.errors import FetchError, OfflineError


@contextlib.contextmanager
def open_fetched(
    setting: Setting,
    locator: str,
    progress: Progress,
    fetch: Callable[[Path], Entry],
    *,
    pinned: bool,
) -> Iterator[Located]:
    """Give the tree of what a registry has under `locator`.

    Args:
        setting: cache and network.
        locator: as the user wrote it.
        progress: told about unpacking.
        fetch: downloads into the directory it gets, which keeps what an earlier, interrupted call
            left there, and moves the files into the cache.
        pinned: the locator names one version, which never changes; what is in the cache will do.

    Raises:
        FetchError: the client failed. OfflineError: it would be needed, and the network is off.
        UnpackError: the archive was refused.
    """
    entry = obtain(setting, locator, fetch, pinned=pinned)
    files = [setting.cache.blob(blob.sha256) for blob in entry.blobs]
    names = [blob.name for blob in entry.blobs]
    with open_archive(setting, files, progress, names) as located:
        yield Located(
            located.root,
            locator,
            entry.facts.get("name", located.name),
            entry.facts.get("version", located.version),
            entry.facts.get("purl", ""),
            located.skipped,
            entry.fetched,
            entry.facts.get("release", ""),
        )


def obtain(
    setting: Setting, locator: str, fetch: Callable[[Path], Entry], *, pinned: bool
) -> Entry:
    """Return what `locator` leads to, from the cache where that is right; see `open_fetched`."""
    known = setting.cache.entry(locator)
    if known is not None and (pinned or setting.offline):
        return known
    if setting.offline:
        raise OfflineError(f"{locator}: not in the cache, and the network is off: not fetched")
    partial = setting.cache.partial(locator)
    with partial.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        partial.mkdir(exist_ok=True)
        try:
            entry = fetch(partial)
        except FetchError as error:
            if known is None:
                raise
            hint = f"what was fetched on {known.fetched[:10]} is there with --offline"
            raise FetchError(f"{error} ({hint})") from error
        setting.cache.add_entry(entry)
        remove_tree(partial)
    return entry


def purl(kind: str, namespace: str, name: str, version: str, **qualifiers: str) -> str:
    """Return a package URL in canonical form."""
    from packageurl import PackageURL  # noqa: PLC0415

    return PackageURL(
        kind, namespace or None, name, version or None, qualifiers or None
    ).to_string()
