"""Source package lists for a user whose apt has none: apt's own, in a directory of ours.

Most machines have `deb` lines and no `deb-src` ones, and adding them needs root. The repositories
that apt already uses have sources too, so the same lines are written as `deb-src` into our cache,
where apt keeps those lists. Keys, proxies and credentials stay the user's; the machine's apt is
not touched.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

from duanban.locate.client import Watched, run
from duanban.model.errors import FetchError

FRESH = 24 * 3600.0
"""Seconds for which lists are not asked for again."""
_FIELDS = ("CREATED_BY", "REPO_URI", "RELEASE", "COMPONENT", "SIGNED_BY", "TRUSTED")
_FORM = "|".join(f"$({name})" for name in _FIELDS)  # apt-get(8), indextargets


def source_options(directory: Path, watched: Watched) -> list[str]:
    """Return the options that make apt use source lists below `directory`, fetched if need be.

    Args:
        directory: of ours; made if it is not there.
        watched: what to tell while lists are fetched.

    Raises:
        FetchError: apt has no repository, or a list could not be fetched.
    """
    wanted = _source_lines(run(["apt-get", "indextargets", "--format", _FORM], watched).decode())
    if not wanted:
        raise FetchError(f"{watched.what}: apt has no repository; add one to its sources")
    sources, stamp = directory / "sources.list", directory / "updated"
    options = private_options(directory)
    if not _is_fresh(stamp, sources, wanted):
        sources.write_text(wanted, encoding="utf-8")
        run(["apt-get", "-q", *options, "update"], watched)
        stamp.touch()
    return options


def _source_lines(targets: str) -> str:
    """Return the repositories that `apt-get indextargets` told of as `deb-src` lines."""
    lines = set()
    for line in targets.splitlines():
        # A field that the repository does not have stays as it was asked for.
        fields = dict(zip(_FIELDS, line.split("|"), strict=False))
        if fields.get("CREATED_BY") != "Packages" or len(fields) != len(_FIELDS):
            continue
        known = {name: value for name, value in fields.items() if value != f"$({name})"}
        options = [f"signed-by={known['SIGNED_BY']}"] if known.get("SIGNED_BY") else []
        options += ["trusted=yes"] if known.get("TRUSTED") == "yes" else []
        how = f" [{' '.join(options)}]" if options else ""
        where = " ".join(known.get(name, "") for name in ("REPO_URI", "RELEASE", "COMPONENT"))
        lines.add(f"deb-src{how} {where}".rstrip())
    return "".join(f"{line}\n" for line in sorted(lines))


def private_options(directory: Path, more: Mapping[str, object] | None = None) -> list[str]:
    """Return the options that make apt keep to lists and downloads of ours below `directory`.

    Args:
        directory: where `sources.list` is to be written; what apt wants there is made.
        more: further settings of apt.conf(5).
    """
    for place in (directory / "lists/partial", directory / "cache/archives/partial"):
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings: dict[str, object] = {
        "Dir::Etc::SourceList": directory / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": directory / "lists",
        "Dir::Cache": directory / "cache",
        "Acquire::Languages": "none",
        **(more or {}),
    }
    if os.geteuid() == 0:
        settings["APT::Sandbox::User"] = "root"  # apt's own user may not write to our cache
    return [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]


def _is_fresh(stamp: Path, sources: Path, wanted: str) -> bool:
    try:
        young = time.time() - stamp.stat().st_mtime < FRESH
        return young and sources.read_text(encoding="utf-8") == wanted
    except OSError:
        return False
