"""`npm:NAME[@VERSION]`: a package from the user's npm registry, by `npm pack`."""

from __future__ import annotations

import json
import re
from contextlib import AbstractContextManager
from pathlib import Path

from duanban.locate.cache import Entry, now
from duanban.locate.client import Watched, run
from duanban.locate.fetch import open_fetched, purl
from duanban.locate.interface import Located, Progress
from duanban.locate.setting import Setting
from duanban.model.errors import FetchError, LocatorError

SCHEME = "npm:"
_PART = r"[A-Za-z0-9~_][A-Za-z0-9~._-]*"
# A version, a range or a tag; no `/` and no `:`, which npm would take for a path, URL or alias.
_TEXT = re.compile(rf"npm:(?P<name>(?:@{_PART}/)?{_PART})(?:@(?P<wanted>[A-Za-z0-9^~<>=*|. +-]+))?")
_EXACT = re.compile(r"\d+\.\d+\.\d+(?:[-+][A-Za-z0-9.+-]+)?")


class Npm:
    """Packages that npm finds."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    def claims(self, text: str) -> bool:
        """Return whether the text has our scheme."""
        return text.startswith(SCHEME)

    def open(self, text: str, progress: Progress) -> AbstractContextManager[Located]:
        """Give the unpacked package.

        Raises:
            LocatorError: the text is not in our form.
            FetchError: npm is missing, or did not give it.
            UnpackError: the file was refused.
        """
        name, wanted = parse(text)

        def fetch(directory: Path) -> Entry:
            return self._fetch(text, name, wanted, Watched(text, progress, directory))

        pinned = _EXACT.fullmatch(wanted) is not None
        return open_fetched(self._setting, text, progress, fetch, pinned=pinned)

    def _fetch(self, text: str, name: str, wanted: str, watched: Watched) -> Entry:
        # npm keeps its own cache, checks the registry's hash and goes on from what it has. The
        # directory is ours and empty, so that no .npmrc or package.json of an input is read.
        for old in watched.directory.iterdir():
            old.unlink()
        spec = f"{name}@{wanted}" if wanted else name
        output = run(["npm", "pack", "--ignore-scripts", "--json", "--", spec], watched)
        files = sorted(watched.directory.glob("*.tgz"))
        if len(files) != 1:
            raise FetchError(f"{text}: npm pack gave {len(files)} files instead of one")
        version = _version(output)
        namespace, _, short = name.rpartition("/")
        facts = {"name": name, "version": version, "purl": purl("npm", namespace, short, version)}
        return Entry(text, now(), (self._setting.cache.add_blob(files[0]),), facts=facts)


def parse(text: str) -> tuple[str, str]:
    """Return name and version (a range, a tag or empty) of the locator.

    Raises:
        LocatorError: with the form that is expected.
    """
    found = _TEXT.fullmatch(text)
    if found is None or found["name"].startswith("-"):
        raise LocatorError(f"{text}: not an npm package; write npm:NAME or npm:@SCOPE/NAME@VERSION")
    return found["name"], (found["wanted"] or "").strip()


def _version(output: bytes) -> str:
    """Return the version that `npm pack --json` names (a list, or an object by name)."""
    try:
        told = json.loads(output)
        first = next(iter(told.values() if isinstance(told, dict) else told))
        return str(first["version"])
    except (ValueError, StopIteration, TypeError, KeyError):
        return ""
