"""Locators into local trees: `pypi:numpy==2.4.6`, `deb:zlib`, `git+file:///...`, paths, archives.

Nothing of an input is ever executed, and nothing is written outside the cache directory.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from duanban.locate.cache import Cache
from duanban.locate.interface import Located, Locator, Progress
from duanban.locate.registry import KINDS, SCHEMES
from duanban.locate.setting import Setting, cache_directory, cache_size, data_directory, is_offline
from duanban.model.errors import LocatorError

__all__ = ["Located", "Progress", "cache_directory", "data_directory", "is_offline", "open_locator"]


@contextlib.contextmanager
def open_locator(
    text: str,
    *,
    cache: Path | None = None,
    offline: bool = False,
    progress: Progress | None = None,
) -> Iterator[Located]:
    """Make the tree that `text` names readable until the context ends.

    Args:
        text: a locator (docs/locators.md).
        cache: the cache directory; None for `cache_directory()`. Where it cannot be written, a
            temporary one is used.
        offline: ask no registry; DUANBAN_OFFLINE=1 does the same.
        progress: told what is being done.

    Raises:
        LocatorError: it does not exist or is named wrongly.
        FetchError: a registry or its client did not give it; OfflineError, a kind of it: it would
            have to be asked.
        UnpackError: its archive was refused.
    """
    with contextlib.ExitStack() as stack:
        directory = _usable(cache or cache_directory(), stack)
        setting = Setting(Cache(directory, cache_size()), offline or is_offline())
        kind = _kind(text, setting)
        yield stack.enter_context(kind.open(text, progress or _silent))


def _kind(text: str, setting: Setting) -> Locator:
    for make in KINDS:
        kind = make(setting)
        if kind.claims(text):
            return kind
    raise LocatorError(_unknown(text))


def _unknown(text: str) -> str:
    """Return one line that says why no kind takes `text`, with a hint."""
    if not text.strip() or "\0" in text:
        return "an empty locator; give a path, an archive or a package such as pypi:NAME"
    known = ", ".join(SCHEMES)
    if found := re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text):
        scheme = found[0]
        if re.match(r"(https?|ssh|git)://", text):
            return f"{text}: for a git repository write git+{text}; for a file, download it first"
        return f"{text}: unknown kind of locator {scheme} (known: {known}, and paths)"
    if found := re.fullmatch(r"([A-Za-z0-9._-]+)==\S+", text):
        return f"{text}: no such file or directory; for a Python package write pypi:{text}"
    return f"{text}: no such file or directory; for a package put one of {known} before its name"


def _usable(directory: Path, stack: contextlib.ExitStack) -> Path:
    """Return `directory`, or a temporary one where it cannot be written (a read-only home)."""
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=directory):
            return directory
    except OSError:
        return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="duanban-")))


def _silent(_what: str, _done: int, _total: int) -> None:
    """Take progress and show nothing."""
